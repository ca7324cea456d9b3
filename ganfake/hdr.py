"""Frames of high dynamic range as a screen of standard range shows them.

Phones film in HLG, studios in PQ (both ITU-R BT.2100), with the colours of BT.2020. Taken for a
common frame such a one is pale and grey. Here what BT.2408 calls white (203 cd/m2) becomes nearly
the white of the screen, and what is brighter fades into it.
"""

import functools

import cv2
import numpy as np

PQ, HLG = 16, 18  # curves of brightness, ITU-T H.273
BT2020 = 9  # colours, there too
_WHITE = 203.0  # cd/m2 of a sheet of paper, BT.2408
_HLG_PEAK, _HLG_GAMMA = 1000.0, 1.2  # of the screen for which HLG is meant
_BRIGHTEST = 5.0  # times white; about HLG's peak
_KNEE = 0.8  # of white, from where on brightness is compressed
_STEPS = 4096  # of the way back to eight bits
_STRIP = 2**15  # pixels that are worked on at once: a processor's cache holds them, not a frame
_LUMA = np.array([[0.2627, 0.6780, 0.0593]], np.float32)
_TO_BT709 = np.array([[1.6605, -0.5876, -0.0728], [-0.1246, 1.1329, -0.0083],
                      [-0.0182, -0.1006, 1.1187]], np.float32)  # fmt: skip


def to_standard(picture: np.ndarray, curve: int, colours: int = BT2020) -> np.ndarray:
    """(H, W, 3) uint8, RGB under a curve of HDR, to the same in sRGB; curve: PQ or HLG."""
    shown, rows = np.empty_like(picture), max(1, _STRIP // picture.shape[1])
    for top in range(0, len(picture), rows):
        shown[top : top + rows] = _strip(picture[top : top + rows], curve, colours)
    return shown


def _strip(picture: np.ndarray, curve: int, colours: int) -> np.ndarray:
    """As `to_standard`, of some rows."""
    light = cv2.LUT(picture, _decoding(curve))
    if curve == HLG:  # brightness sets the contrast of all three
        light *= cv2.pow(cv2.transform(light, _LUMA), _HLG_GAMMA - 1)[..., None]
        light *= _HLG_PEAK / _WHITE
    if colours == BT2020:
        light = cv2.transform(light, _TO_BT709)
    # By its root, so that dark tones have as many steps as bright ones.
    root = np.sqrt(np.clip(light, 0, _BRIGHTEST, out=light), out=light)
    root *= (_STEPS - 1) / np.sqrt(_BRIGHTEST)
    return _encoding()[(root + 0.5).astype(np.uint16)]


@functools.cache
def _decoding(curve: int) -> np.ndarray:
    """(1, 256) float32: of PQ the light in whites, of HLG the scene's, up to 1."""
    value = np.linspace(0, 1, 256)
    if curve == PQ:
        power = value ** (32 / 2523)
        base = np.maximum(power - 0.8359375, 0) / (18.8515625 - 18.6875 * power)
        light = 10_000 / _WHITE * base ** (8192 / 1305)
    else:
        bright = (np.exp((value - 0.55991073) / 0.17883277) + 0.28466892) / 12
        light = np.where(value <= 0.5, value**2 / 3, bright)
    return light.astype(np.float32)[None]


@functools.cache
def _encoding() -> np.ndarray:
    """(_STEPS,) uint8: light by its root, as sRGB has it, with what is over the knee compressed."""
    light = np.linspace(0, np.sqrt(_BRIGHTEST), _STEPS) ** 2
    room = 1 - _KNEE
    over = _KNEE + room * (1 - np.exp((_KNEE - light) / room))
    light = np.where(light <= _KNEE, light, over)
    coded = np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)
    return (255 * coded).round().astype(np.uint8)
