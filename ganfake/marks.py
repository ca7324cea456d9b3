"""Two marks on a swapped picture: a label that everybody sees, and one hidden in the pixels.

The hidden mark is quantisation index modulation with spread projections (Chen and Wornell
2001): 64 sums of low frequencies are each moved onto a grid of their own, by half a step at
most. The frequencies are counted in waves across the picture, so the mark is found again
whatever the picture was resized to, also mirrored, turned by quarters, or a little stronger in
contrast; but not when it is cropped or has got a border. The key is in this file: anybody can
write such a mark, or remove it.
"""

import functools
import hashlib
from dataclasses import dataclass

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

CORNERS = ("bottom right", "bottom left", "top right", "top left")
TEXTS = "AI: face swapped", "AI: swapped", "AI"  # the longest that fits is taken
MAX_FALSE_ALARM = 1e-9  # by which a picture without the mark may be taken for one with it
MIN_SIDE = 32  # pixels; in smaller pictures there is no room for the mark

_COUNT = 64  # of sums
_LOW, _HIGH = 6, 36  # half waves across the picture between which the frequencies are
_STEP = 0.42  # of the grids, as deviation in grey levels: the mark's own is about 1
_GOOD = 0.08  # of a step, by which sums may stay off
_DETAIL = 0.15, 4.0  # of the mean, between which the detail around a place counts
_COARSE = 256  # pixels of the long side in which detail is measured
_PASSES = 4  # for what is lost where the picture is black or white already
_LOOKED_AT = 1024  # pixels of the long side in which the mark is looked for
# All are tried: contrasts, shifts in pixels (by programs that halve by leaving out every
# second pixel) and, further down, the eight ways to turn and mirror a picture.
_GAINS = np.geomspace(0.8, 1.25, 23).astype(np.float32)
_SHIFTS = 0.0, -0.25, 0.25
_TRIED = 8 * len(_GAINS) * len(_SHIFTS)

_HEIGHT = 0.045  # of the label, as a share of the short side
_LOWEST = 13  # pixels of the label
_WIDEST = 0.94  # of the picture's width
_GROUND = 20  # grey of the label, under white letters
_OPACITY = 0.78


@dataclass(frozen=True)
class PixelMark:
    """Whether the hidden mark is in a picture.

    score: in [-1, 1]; 1 is the untouched mark, and a picture without it has about 0.2.
    false_alarm: an upper bound of the probability by which a picture without the mark
    reaches this score by chance.
    """

    found: bool
    score: float
    false_alarm: float


def stamp(picture: np.ndarray, corner: str = CORNERS[0]) -> np.ndarray:
    """Both marks on a picture (H, W, 3) uint8; a new array."""
    return embed(visible(picture, corner))


# -- in the pixels -------------------------------------------------------------------
def embed(picture: np.ndarray) -> np.ndarray:
    """The picture (H, W, 3) uint8 with the hidden mark, always the same one; a new array.

    A picture under 32 pixels on a side comes back as it is.
    """
    height, width = picture.shape[:2]
    if min(height, width) < MIN_SIDE:
        return picture.copy()
    key, marked = _key(), picture
    down, across = _waves(height), _waves(width)
    grey = _grey(picture)
    weights = _weights(grey)
    sums = _sums(_spectrum(grey, down, across))
    wanted = np.round((sums - key.offsets) / _STEP) * _STEP + key.offsets
    change = np.zeros_like(grey)
    for _ in range(_PASSES):
        missing = wanted - sums
        if np.abs(missing).max() < _GOOD * _STEP:
            break
        change += _pattern(missing, down, across) * weights
        marked = _added(picture, change)
        sums = _sums(_spectrum(_grey(marked), down, across))
    return marked


def find(picture: np.ndarray) -> PixelMark:
    """Look for the hidden mark in a picture (H, W, 3) uint8, of any size."""
    height, width = picture.shape[:2]
    if min(height, width) < MIN_SIDE:
        return PixelMark(False, 0.0, 1.0)
    ratio = _LOOKED_AT / max(height, width)
    if ratio < 1:
        size = max(MIN_SIDE, round(width * ratio)), max(MIN_SIDE, round(height * ratio))
        picture = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
    grey = _grey(picture)
    grey -= grey.mean()  # which is in no sum, but would be where places are shifted
    spectra = [_spectrum(grey, *(_waves(side, by) for side in grey.shape)) for by in _SHIFTS]
    score = max(_score(turned) for spectrum in spectra for turned in _turned(spectrum))
    false_alarm = min(1.0, _TRIED * _chance(score))
    return PixelMark(false_alarm <= MAX_FALSE_ALARM, score, false_alarm)


def best(found: list[PixelMark]) -> PixelMark | None:
    """The clearest of the marks looked for in several frames, with the chance that any has it."""
    if not found:
        return None
    first = max(found, key=lambda mark: mark.score)
    false_alarm = min(1.0, len(found) * first.false_alarm)
    return PixelMark(false_alarm <= MAX_FALSE_ALARM, first.score, false_alarm)


@dataclass(frozen=True, eq=False)
class _Key:
    """Which frequencies are summed up, with which sign, and where each sum's grid begins.

    members: (64, M, 2) indices down and across; signs: (64, M), of length 1 in each row.
    """

    members: np.ndarray
    signs: np.ndarray
    offsets: np.ndarray


@functools.cache
def _key() -> _Key:
    """By SHA-256 and not by a random generator, which another version may change."""
    band = [
        (u, v)
        for u in range(1, _HIGH)
        for v in range(1, _HIGH)
        if _LOW**2 <= u * u + v * v < _HIGH**2
    ]
    drawn = sorted((hashlib.sha256(b"ganfake %d %d" % pair).digest(), pair) for pair in band)
    each = len(drawn) // _COUNT
    drawn = drawn[: each * _COUNT]
    members = np.array([pair for _, pair in drawn]).reshape(_COUNT, each, 2)
    bits = np.array([digest[-1] & 1 for digest, _ in drawn]).reshape(_COUNT, each)
    shares = [
        int.from_bytes(hashlib.sha256(b"ganfake grid %d" % number).digest()[:4], "big") / 2**32
        for number in range(_COUNT // 2)
    ]
    # Each grid has a partner half a step beside it: so a plain picture, whose sums are all 0,
    # has the score 0.
    offsets = np.array([*shares, *(share + 0.5 for share in shares)], np.float32) * _STEP
    return _Key(members, ((2 * bits - 1) / np.sqrt(each)).astype(np.float32), offsets)


@functools.lru_cache(maxsize=32)
def _waves(length: int, shift: float = 0.0) -> np.ndarray:
    """The lowest rows of the orthonormal cosine transform, (36, length) float32.

    shift: in pixels, by which places are meant to be further right or down.
    """
    places = (np.arange(length) + 0.5 + shift) / length
    waves = np.cos(np.pi * np.arange(_HIGH)[:, None] * places) * np.sqrt(2 / length)
    waves[0] /= np.sqrt(2)
    waves[length:] = 0  # more half waves than pixels: they would be copies of lower ones
    return waves.astype(np.float32)


def _grey(picture: np.ndarray) -> np.ndarray:
    return cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY).astype(np.float32)


def _spectrum(grey: np.ndarray, down: np.ndarray, across: np.ndarray) -> np.ndarray:
    """(36, 36): the deviation in grey levels that each wave makes, with its sign."""
    return (down @ grey @ across.T) / np.float32(np.sqrt(grey.size))


def _sums(spectrum: np.ndarray) -> np.ndarray:
    key = _key()
    return (spectrum[key.members[..., 0], key.members[..., 1]] * key.signs).sum(1)


def _pattern(sums: np.ndarray, down: np.ndarray, across: np.ndarray) -> np.ndarray:
    """(H, W) grey levels that change the sums of a picture by `sums` (64,)."""
    key = _key()
    spectrum = np.zeros((_HIGH, _HIGH), np.float32)
    spectrum[key.members[..., 0], key.members[..., 1]] = sums[:, None] * key.signs
    size = down.shape[1] * across.shape[1]
    return (down.T @ spectrum @ across) * np.float32(np.sqrt(size))


def _weights(grey: np.ndarray) -> np.ndarray:
    """How strong the mark may be at each place, 1 on average: less where all is smooth."""
    height, width = grey.shape
    ratio = min(1.0, _COARSE / max(height, width))  # coarse, for else it takes the most time
    small = cv2.resize(grey, None, fx=ratio, fy=ratio, interpolation=cv2.INTER_AREA)
    detail = cv2.blur(np.abs(small - cv2.blur(small, (5, 5))), (15, 15))
    detail = np.sqrt(np.clip(detail / max(float(detail.mean()), 0.5), *_DETAIL))
    return cv2.resize(detail / detail.mean(), (width, height), interpolation=cv2.INTER_LINEAR)


def _added(picture: np.ndarray, change: np.ndarray) -> np.ndarray:
    """The picture with (H, W) grey levels added to all colours alike, rounded."""
    rounded = np.rint(change).astype(np.int16)
    return cv2.add(picture, cv2.merge([rounded] * 3), dtype=cv2.CV_8U)  # saturates


def _turned(spectrum: np.ndarray) -> list[np.ndarray]:
    """The spectra of the picture turned and mirrored in all eight ways."""
    other = (-1.0) ** np.arange(_HIGH)  # a mirror turns the sign of every other wave
    found = []
    for one in (spectrum, spectrum.T):
        found += [one, one * other, one * other[:, None], one * other * other[:, None]]
    return found


def _score(spectrum: np.ndarray) -> float:
    """How near the sums are to their grids, at the best contrast: the phases' mean cosine."""
    phases = (np.outer(_GAINS, _sums(spectrum)) - _key().offsets) * (2 * np.pi / _STEP)
    return float(np.cos(phases).mean(1).max())


def _chance(score: float) -> float:
    """Chernoff's bound of the probability that 64 even phases have such a mean cosine.

    The mean of exp(t cos x) over even x is Bessel's I0(t).
    """
    if score <= 0:
        return 1.0
    strengths = np.linspace(0, 60, 601)
    bound = np.log(np.i0(strengths)) - strengths * min(score, 1.0)
    return float(np.exp(_COUNT * bound.min()))


# -- for everybody to see ------------------------------------------------------------
def visible(picture: np.ndarray, corner: str = CORNERS[0]) -> np.ndarray:
    """The picture (H, W, 3) uint8 with a label in a corner that says what it is; a new array.

    corner: one of CORNERS; ValueError for another. The label grows with the picture.
    """
    if corner not in CORNERS:
        raise ValueError(f"{corner!r} is not a corner")
    height, width = picture.shape[:2]
    label = _label(height, width)
    tall, wide = label.shape[:2]
    gap = min(max(2, tall // 4), height - tall, width - wide)
    top = gap if corner.startswith("top") else height - gap - tall
    left = gap if corner.endswith("left") else width - gap - wide
    marked = picture.copy()
    part = marked[top : top + tall, left : left + wide]
    share, grey = label[..., 1:], label[..., :1]
    part[:] = np.rint(part * (1 - share) + grey * share)
    return marked


@functools.lru_cache(maxsize=16)
def _label(height: int, width: int) -> np.ndarray:
    """White letters on dark for a picture of this size, (h, w, 2) float32: grey, opacity."""
    tall = min(max(_LOWEST, round(_HEIGHT * min(height, width))), height)
    font = ImageFont.load_default(0.74 * tall)
    pad = max(1, round(0.3 * tall))
    widths = {text: round(font.getlength(text)) + 2 * pad for text in TEXTS}
    text = next((t for t in TEXTS if widths[t] <= _WIDEST * width), TEXTS[-1])
    size = min(widths[text], width), tall
    ground, letters = Image.new("L", size), Image.new("L", size)
    ImageDraw.Draw(ground).rounded_rectangle((0, 0, size[0] - 1, tall - 1), 0.25 * tall, 255)
    ImageDraw.Draw(letters).text((size[0] / 2, tall / 2), text, 255, font, "mm")
    ink = np.asarray(letters, np.float32) / 255
    opacity = np.maximum(_OPACITY * np.asarray(ground, np.float32) / 255, ink)
    return np.stack([_GROUND + (255 - _GROUND) * ink, opacity], -1)
