"""Exposure and the fine detail of colour.

Cameras clip: parts of most photographs are wholly white or black. Generators end in a smooth
squashing of values and normalise on the way, so they clip rarely (McCloskey and Albright 2018,
arXiv:1812.08247). Cameras also interpolate colours from a mosaic, so that the three channels
share their finest detail; a generator mixes its channels from features as it likes.
Histograms of hue and tint are left out: they know the sources in training, and made the
features worse on generators that were not among them.
"""

import cv2
import numpy as np

from ganfake.fingerprints import TO_LUMA_CHROMA, as_face, planes

DARK = (0, 2, 5, 10, 20, 40)  # values of a pixel, of 255
BRIGHT = (215, 235, 245, 250, 253, 255)
SCALES = 4  # each half as fine as the one before
_EXPOSURES = len(DARK) + len(BRIGHT)
_FAINT = 0.01  # grey levels (squared) under which detail is as good as none
_TO_RGB = np.linalg.inv(TO_LUMA_CHROMA.astype(np.float64))


def features(face: np.ndarray) -> np.ndarray:
    """(124,): 72 of exposure, in [0, 1], and 13 of colour's detail at each of four scales."""
    face = as_face(face)
    return np.concatenate([_exposure(face), _detail(planes(face))])


def _exposure(face: np.ndarray) -> np.ndarray:
    """Square roots of the shares of pixels at most DARK and at least BRIGHT, (72,).

    Of red, green, blue, grey, the brightest of a pixel's channels, and the darkest.
    """
    red, green, blue = cv2.split(face)
    grey = cv2.cvtColor(face, cv2.COLOR_RGB2GRAY)
    brightest, darkest = (f(f(red, green), blue) for f in (cv2.max, cv2.min))
    shares = []
    for plane in (red, green, blue, grey, brightest, darkest):
        counts = cv2.calcHist([plane], [0], None, [256], [0, 256]).ravel().astype(np.float64)
        below = np.concatenate([[0.0], counts.cumsum()]) / plane.size
        shares += [below[value + 1] for value in DARK]
        shares += [1 - below[value] for value in BRIGHT]
    return np.sqrt(np.clip(shares, 0, 1))


def _detail(picture: np.ndarray) -> np.ndarray:
    """Strength, balance, correlation and peakedness of detail at every scale, (52,)."""
    found = []
    for _ in range(SCALES):
        soft = cv2.GaussianBlur(picture, (0, 0), 1.0)
        rest = (picture - soft).reshape(-1, 3)
        square = rest * rest
        # Products of matrices: many times as fast as means and variances along an axis.
        second = (rest.T @ rest).astype(np.float64) / len(rest)
        fourth = np.diag(square.T @ square).astype(np.float64) / len(rest)
        power = np.diag(second)
        strength = np.log(np.sqrt(power) + _FAINT)
        peaked = np.log(fourth / (power + _FAINT) ** 2 + 1)
        shared = _TO_RGB @ second @ _TO_RGB.T + _FAINT * np.eye(3)
        spread = np.sqrt(np.diag(shared))
        alike = shared / np.outer(spread, spread)
        found += [
            *strength, strength[1] - strength[0], strength[2] - strength[0],
            alike[0, 1], alike[0, 2], alike[1, 2],
            np.log(spread[0] / spread[1]), np.log(spread[2] / spread[1]), *peaked,
        ]  # fmt: skip
        height, width = soft.shape[:2]
        picture = cv2.resize(soft, (width // 2, height // 2), interpolation=cv2.INTER_AREA)
    return np.array(found)


# Shares of pixels with a channel of 250 or more, and with one of 5 or less; strength of red
# chrominance's finest detail beside luminance's; correlation of red's and green's.
READABLE = {
    "over_exposed": (4 * _EXPOSURES + len(DARK) + BRIGHT.index(250), np.square),
    "under_exposed": (5 * _EXPOSURES + DARK.index(5), np.square),
    "fine_colour_to_light": (6 * _EXPOSURES + 3, np.exp),
    "red_green_agreement": (6 * _EXPOSURES + 5, float),
}
