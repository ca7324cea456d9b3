"""What a single picture tells of its quality by itself, with no other to compare it with.

Measured at the picture's own size, which sets the scale: figures compare only between pictures
of one size. What counts as good is what photographs of that size measure, not more of it.
"""

import functools

import cv2
import numpy as np

from ganfake.fingerprints import planes

DARK, BRIGHT = 5, 250  # of 255: luminance that counts as clipped
BLOCK = 8  # pixels: JPEG's blocks, and the grid a generator has three doublings before its end
_FAINT = 1e-3  # grey levels (or squared ones) under which there is as good as nothing
_FIRST_RING = 3  # the window blurs what is coarser

# In the order of `features`.
MEASURES = (
    "sharpness", "slope", "colour_noise", "colour_share", "checkerboard", "blockiness",
    "brightness", "dark", "bright",
)  # fmt: skip


def features(picture: np.ndarray) -> np.ndarray:
    """(9,) float64: MEASURES of a picture (H, W, 3) uint8; ValueError for one under 16 pixels.

    sharpness: log10 of the variance of luminance's Laplacian, in grey levels squared
    (Pech-Pacheco et al. 2000, doi:10.1109/ICPR.2000.903548).
    slope: of log10 power against log10 frequency, averaged over directions; about -2 for
    photographs (Field 1987, doi:10.1364/JOSAA.4.002379), lower for blurred ones.
    colour_noise: root mean square of the fine detail of chrominance, in grey levels.
    colour_share: the same over that of luminance, which blur leaves alone.
    checkerboard: log10 of the power where every second pixel differs (across, upright, both:
    the largest) over that of its surroundings (Odena et al. 2016, doi:10.23915/distill.00003;
    Frank et al. 2020, arXiv:2003.08685).
    blockiness: steps of luminance at the borders of 8-pixel blocks over those elsewhere, 1 for
    none (Wang, Sheikh and Bovik 2002, doi:10.1109/ICIP.2002.1038064).
    brightness: mean luminance in [0, 255]; dark, bright: shares of clipped pixels in [0, 1].
    """
    if picture.ndim != 3 or picture.shape[2] != 3 or picture.dtype != np.uint8:
        raise ValueError(f"A picture must be (H, W, 3) uint8, not {picture.shape} {picture.dtype}.")
    if min(picture.shape[:2]) < 2 * BLOCK:
        raise ValueError(f"A picture must be {2 * BLOCK} pixels wide and high, or more.")
    parts = planes(np.ascontiguousarray(picture))
    light = parts[..., 0]
    noise, share = _fine_colour(parts)
    power = _power(light)
    return np.array([
        np.log10(cv2.Laplacian(light, cv2.CV_32F).var() + _FAINT), _slope(power), noise, share,
        _checkerboard(power), (_blockiness(light) + _blockiness(light.T)) / 2,
        light.mean(), (light <= DARK).mean(), (light >= BRIGHT).mean(),
    ], np.float64)  # fmt: skip


def _fine_colour(parts: np.ndarray) -> tuple[float, float]:
    """RMS of what a blur takes from both chrominances, and that over luminance's."""
    rest = parts - cv2.GaussianBlur(parts, (0, 0), 1.0)
    light, red, blue = (rest.astype(np.float64) ** 2).mean((0, 1))
    noise = np.sqrt((red + blue) / 2)
    return float(noise), float((noise + _FAINT) / (np.sqrt(light) + _FAINT))


@functools.cache
def _grid(height: int, width: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Hann's window of mean square 1, the frequency in cycles per pixel, and its ring."""
    window = np.outer(np.hanning(height + 2)[1:-1], np.hanning(width + 2)[1:-1])
    frequency = np.hypot(*np.meshgrid(np.fft.fftfreq(height), np.fft.fftfreq(width), indexing="ij"))
    rings = np.rint(frequency * min(height, width)).astype(np.intp)
    return window / np.sqrt((window**2).mean()), frequency, rings


def _power(light: np.ndarray) -> np.ndarray:
    """(H, W): the power spectrum of luminance, in grey levels squared."""
    window = _grid(*light.shape)[0]
    return np.abs(np.fft.fft2((light - light.mean()) * window)) ** 2 / light.size + _FAINT


def _slope(power: np.ndarray) -> float:
    rings = _grid(*power.shape)[2].ravel()
    total, size = np.bincount(rings, power.ravel()), np.bincount(rings)
    chosen = slice(_FIRST_RING, min(power.shape) // 2 + 1)
    ring = np.arange(len(size))[chosen]
    return float(np.polyfit(np.log10(ring), np.log10(total[chosen] / size[chosen]), 1)[0])


def _checkerboard(power: np.ndarray) -> float:
    height, width = power.shape
    reach = max(3, min(height, width) // 12)
    near = np.arange(-reach, reach + 1)
    inner = slice(reach - 1, reach + 2)
    found = []
    for row, column in ((0, width // 2), (height // 2, 0), (height // 2, width // 2)):
        patch = power[np.ix_((row + near) % height, (column + near) % width)]
        around = np.log10(patch)
        around[inner, inner] = np.nan
        found.append(np.log10(patch[inner, inner].mean()) - np.nanmean(around))
    return max(found)


def _blockiness(light: np.ndarray) -> float:
    """Mean step across upright borders of blocks over the mean of all other steps."""
    steps = np.abs(np.diff(light, axis=1)).mean(0)
    border = np.arange(1, light.shape[1]) % BLOCK == 0
    return float((steps[border].mean() + _FAINT) / (steps[~border].mean() + _FAINT))


READABLE = {name: (number, float) for number, name in enumerate(MEASURES)}
