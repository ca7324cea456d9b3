"""The power spectrum of luminance: how much detail of which fineness and direction.

Photographs lose power steadily towards fine detail; what a generator's upsampling adds or
fails to make shows at the fine end (Durall et al. 2019, arXiv:1911.00686; Frank et al. 2020,
arXiv:2003.08685). Frequencies are in cycles per pixel of the 160-pixel face, 0.5 at most along
an axis. Chrominance's spectrum added nothing on generators that were not in training.
"""

import functools

import numpy as np
import scipy.fft

from ganfake.fingerprints import SIDE, as_face, planes

RINGS = 80  # of equal width from 0 to 0.5
COARSE_RINGS, DIRECTIONS = 16, 4  # from 0 to the corner; from across to upright
# Where upsampling by 2 and by 4 leaves peaks, as (rows, columns) in cycles per pixel.
PEAKS = ((0, 0.5), (0.5, 0), (0.5, 0.5), (0, 0.25), (0.25, 0), (0.25, 0.25))
COARSE, FINEST = slice(6, 12), slice(64, 80)  # rings
_FAINT = 1e-4  # power under which there is as good as none, in grey levels squared


@functools.cache
def _window() -> np.ndarray:
    """Hann's window, (160, 160) float32 of mean square 1: without it the borders leak."""
    line = np.hanning(SIDE + 2)[1:-1]
    window = np.outer(line, line)
    return (window / np.sqrt((window**2).mean())).astype(np.float32)


@functools.cache
def _bins() -> dict[str, np.ndarray]:
    """Which ring, and which ring and direction, each number of the half spectrum belongs to."""
    rows, columns = np.meshgrid(
        np.fft.fftfreq(SIDE), np.fft.rfftfreq(SIDE), indexing="ij", sparse=True
    )
    radius = np.hypot(rows, columns)
    angle = np.arctan2(np.abs(rows), columns) / (np.pi / 2)
    coarse = np.minimum(radius / np.sqrt(0.5) * COARSE_RINGS, COARSE_RINGS - 1).astype(np.intp)
    direction = np.minimum(angle * DIRECTIONS, DIRECTIONS - 1).astype(np.intp)
    # All columns but the first and the last stand for their mirror images too.
    twice = np.full(radius.shape, 2.0)
    twice[:, [0, -1]] = 1.0
    return {
        "ring": np.minimum(radius * 2 * RINGS, RINGS).astype(np.intp).ravel(),  # RINGS: corners
        "sector": (coarse * DIRECTIONS + direction).ravel(),
        "twice": twice.ravel(),
    }


def _power(face: np.ndarray) -> np.ndarray:
    """(160, 81) float32: the power spectrum of luminance, in grey levels squared."""
    light = planes(as_face(face))[..., 0]
    spectrum = scipy.fft.rfft2((light - light.mean()) * _window())
    return (spectrum.real**2 + spectrum.imag**2) / SIDE**2


def _mean_log(power: np.ndarray, bins: np.ndarray, count: int) -> np.ndarray:
    """log10 of the mean power in each of `count` bins."""
    twice = _bins()["twice"]
    total = np.bincount(bins, power.ravel() * twice, minlength=count)
    size = np.bincount(bins, twice, minlength=count)
    return np.log10(total[:count] / np.maximum(size[:count], 1) + _FAINT)


def _peaks(power: np.ndarray) -> np.ndarray:
    """log10 of the power at PEAKS over the median of its surroundings, (6,)."""
    log = np.log10(power + _FAINT)
    found = []
    for row, column in PEAKS:
        rows = np.arange(round(row * SIDE) - 6, round(row * SIDE) + 7) % SIDE
        middle = round(column * SIDE)
        near = log[rows][:, max(0, middle - 6) : middle + 7]
        own = log[rows[5:8]][:, max(0, middle - 1) : middle + 2]
        found.append(own.max() - np.median(near))
    return np.array(found)


def profile(face: np.ndarray) -> np.ndarray:
    """(80,): log10 of the power averaged over all directions, from coarse to the finest."""
    return _mean_log(_power(face), _bins()["ring"], RINGS)


def features(face: np.ndarray) -> np.ndarray:
    """(150,): the profile, 16 rings by 4 directions, and 6 peaks; see PEAKS."""
    power = _power(face)
    sectors = _mean_log(power, _bins()["sector"], COARSE_RINGS * DIRECTIONS)
    return np.concatenate([_mean_log(power, _bins()["ring"], RINGS), sectors, _peaks(power)])


def detail(features: np.ndarray) -> np.ndarray:
    """How far the power of the finest detail of faces lies over that of the coarse, in powers of
    ten (N,), from features (N, 150); about -4, lower where a picture is small or blurred."""
    rings = np.asarray(features, np.float64)[:, :RINGS]
    return rings[:, FINEST].mean(1) - rings[:, COARSE].mean(1)


_FIRST_PEAK = RINGS + COARSE_RINGS * DIRECTIONS
# log10 of power at half the finest frequency and just under it; a peak where every second
# pixel differs, and where every second pair does, in factors of ten over its surroundings.
READABLE = {
    "power_middle": (RINGS // 2, float),
    "power_finest": (RINGS - 3, float),
    "checkerboard": (_FIRST_PEAK + 2, float),
    "checkerboard_of_four": (_FIRST_PEAK + 5, float),
}
