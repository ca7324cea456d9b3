"""Who a face looks like: an embedding that has nothing to do with the networks of the swap.

Histograms of oriented gradients (Dalal & Triggs 2005) and of uniform local binary patterns
(Ojala et al. 2002; for faces Ahonen et al. 2006) of the inner face, without hair and ground,
projected by a linear discriminant analysis that was fitted on the persons of `faces128.zip`.
NumPy and OpenCV alone; the fit is `ganfake.train.swap_identity`.
"""

import functools

import cv2
import numpy as np

from ganfake.weights import load_weights

_LEFT, _TOP, _SIDE = 34, 43, 60  # brows to chin in a crop of 128 pixels: what a swap replaces
_SIZES = (80, 40)  # pixels on a side at which it is looked at
_CELLS = 8  # on a side, at the larger size; half as many at the smaller one
_BINS = 9  # of directions


@functools.cache
def _patterns() -> np.ndarray:
    """The bin (256,) of every local binary pattern: 58 uniform ones, and one for the rest."""
    codes = np.arange(256)
    bits = codes[:, None] >> np.arange(8) & 1
    uniform = np.abs(bits - np.roll(bits, 1, axis=1)).sum(1) <= 2
    return np.where(uniform, np.cumsum(uniform) - 1, 58)


def _histograms(values: np.ndarray, weights: np.ndarray, bins: int, cells: int) -> np.ndarray:
    """Weighted histograms (cells, cells, bins) of values (S, S) below `bins`."""
    side = len(values) // cells * cells
    place = np.arange(side) * cells // side
    cell = place[:, None] * cells + place[None, :]
    index = cell * bins + values[:side, :side]
    counts = np.bincount(index.ravel(), weights[:side, :side].ravel(), cells * cells * bins)
    return counts.reshape(cells, cells, bins)


def _binary_patterns(grey: np.ndarray) -> np.ndarray:
    """Bins (S - 2, S - 2) of the patterns of eight neighbours."""
    centre, side = grey[1:-1, 1:-1], len(grey)
    around = ((0, 0), (0, 1), (0, 2), (1, 2), (2, 2), (2, 1), (2, 0), (1, 0))
    codes = np.zeros(centre.shape, np.int64)
    for bit, (row, column) in enumerate(around):
        neighbour = grey[row : row + side - 2, column : column + side - 2]
        codes |= (neighbour >= centre).astype(np.int64) << bit
    return _patterns()[codes]


def _gradients(grey: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Direction bins, unsigned, and strengths, both (S, S)."""
    x = cv2.Sobel(grey, cv2.CV_32F, 1, 0, ksize=1)
    y = cv2.Sobel(grey, cv2.CV_32F, 0, 1, ksize=1)
    angle = np.arctan2(y, x) % np.pi
    return np.minimum((angle * _BINS / np.pi).astype(np.int64), _BINS - 1), np.hypot(x, y)


def features(crop: np.ndarray) -> np.ndarray:
    """What is known of an aligned face (128, 128, 3) uint8 before the projection: (F,) float32.

    Square roots of normalised histograms, whose distances are Hellinger's.
    """
    inner = crop[_TOP : _TOP + _SIDE, _LEFT : _LEFT + _SIDE]
    grey = cv2.GaussianBlur(cv2.cvtColor(inner, cv2.COLOR_RGB2GRAY).astype(np.float32), (0, 0), 0.8)
    found = []
    for size, cells in zip(_SIZES, (_CELLS, _CELLS // 2), strict=True):
        kind = cv2.INTER_AREA if size < _SIDE else cv2.INTER_CUBIC
        picture = cv2.resize(grey, (size, size), interpolation=kind)
        patterns = _binary_patterns(picture)
        found.append(_histograms(patterns, np.ones(patterns.shape), 59, cells))
        found.append(_histograms(*_gradients(picture), _BINS, 2 * cells))
    rows = [np.sqrt(h / (h.sum(2, keepdims=True) + 1e-6)).ravel() for h in found]
    return np.concatenate(rows).astype(np.float32)


@functools.cache
def load_projection() -> tuple[np.ndarray, np.ndarray]:
    """(F, D) and the mean (F,) before it; UserError when the weights are missing or damaged."""
    state, _ = load_weights("swap-identity")
    return state["projection"].numpy(), state["mean"].numpy()


def describe(crops: np.ndarray) -> np.ndarray:
    """Embeddings (N, D), each of length 1, of aligned faces (N, 128, 128, 3) uint8.

    The likeness of two faces is the inner product of theirs, from -1 to 1.
    """
    projection, mean = load_projection()
    return unit((np.stack([features(crop) for crop in crops]) - mean) @ projection)


def unit(rows: np.ndarray) -> np.ndarray:
    """Rows (N, D) scaled to length 1."""
    return rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)


def likeness(crops: np.ndarray, person: np.ndarray) -> np.ndarray:
    """How much faces (N, 128, 128, 3) look like a person of whom (M, 128, 128, 3) are known.

    (N,): inner products with the person's mean embedding.
    """
    return describe(crops) @ unit(describe(person).mean(0, keepdims=True))[0]
