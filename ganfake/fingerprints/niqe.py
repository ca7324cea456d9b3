"""NIQE: how far a picture's local statistics are from those of photographs.

Luminance less its local mean and over its local deviation follows one family of distributions
in photographs; noise, blur and blocks bend it (Mittal, Soundararajan and Bovik 2013,
doi:10.1109/LSP.2012.2227726; the statistics: Mittal, Moorthy and Bovik 2012, BRISQUE,
doi:10.1109/TIP.2012.2214050). There are no weights from elsewhere: the photographs of a size are
what the Gaussian is fitted on.

Where this differs from the paper: a picture here is smaller than one of its patches (96 pixels),
so each picture is one patch, and none is left out for being soft. A single picture's distance uses
the covariance of the photographs alone, because one patch has none of its own; `distance_of_set` is
the paper's formula over many pictures.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from scipy.special import gamma

from ganfake.fingerprints import planes

SCALES = 2
SIZE = 18 * SCALES  # numbers of a picture
_SIGMA, _WINDOW = 7 / 6, (7, 7)
_SHAPES = np.arange(0.2, 10.001, 0.001)
_RATIOS = gamma(2 / _SHAPES) ** 2 / (gamma(1 / _SHAPES) * gamma(3 / _SHAPES))  # rising
_NEIGHBOURS = ((0, 1), (1, 0), (1, 1), (1, -1))
_FAINT = 1e-6


def features(picture: np.ndarray) -> np.ndarray:
    """(36,) float64: 18 statistics at each of two scales of a picture (H, W, 3) uint8."""
    light = planes(np.ascontiguousarray(picture))[..., 0].astype(np.float64)
    found = []
    for scale in range(SCALES):
        if scale:
            height, width = light.shape
            light = cv2.resize(light, (width // 2, height // 2), interpolation=cv2.INTER_AREA)
        found += _statistics(normalised(light))
    return np.array(found)


def normalised(light: np.ndarray) -> np.ndarray:
    """Luminance (H, W) in 0..255, less its local mean, over its local deviation plus one."""
    mean = cv2.GaussianBlur(light, _WINDOW, _SIGMA, borderType=cv2.BORDER_REPLICATE)
    square = cv2.GaussianBlur(light * light, _WINDOW, _SIGMA, borderType=cv2.BORDER_REPLICATE)
    return (light - mean) / (np.sqrt(np.maximum(square - mean * mean, 0)) + 1)


def _statistics(plane: np.ndarray) -> list[float]:
    """Shape and spread of the values; shape, mean and both variances of four products."""
    shape, left, right = _asymmetric_fit(plane.ravel())
    found = [shape, (left + right) / 2]
    for down, along in _NEIGHBOURS:
        product = plane * np.roll(plane, (down, along), (0, 1))
        shape, left, right = _asymmetric_fit(product.ravel())
        scale = np.sqrt(gamma(1 / shape) / gamma(3 / shape))
        mean = (right - left) * scale * gamma(2 / shape) / gamma(1 / shape)
        found += [shape, mean, left**2, right**2]
    return found


def _asymmetric_fit(values: np.ndarray) -> tuple[float, float, float]:
    """Shape and the spreads left and right of zero, of a generalised Gaussian, by moments.

    Lasmar, Stitou and Berthoumieu 2009, doi:10.1109/ICIP.2009.5414404.
    """
    below, above = values[values < 0], values[values > 0]
    left = np.sqrt((below**2).mean()) if len(below) else 0.0
    right = np.sqrt((above**2).mean()) if len(above) else 0.0
    left, right = left + _FAINT, right + _FAINT
    balance = left / right
    ratio = np.abs(values).mean() ** 2 / ((values**2).mean() + _FAINT**2)
    ratio *= (balance**3 + 1) * (balance + 1) / (balance**2 + 1) ** 2
    place = min(int(np.searchsorted(_RATIOS, ratio)), len(_SHAPES) - 1)
    return float(_SHAPES[place]), float(left), float(right)


@dataclass(frozen=True)
class Natural:
    """A multivariate Gaussian of pictures' statistics: mean (36,) and covariance (36, 36)."""

    mean: np.ndarray
    covariance: np.ndarray

    def distance(self, rows: np.ndarray) -> np.ndarray:
        """(N,) from single pictures, rows (N, 36): 0 is the average one, most are about 6."""
        away = rows - self.mean
        squares = ((away @ np.linalg.pinv(self.covariance)) * away).sum(1)
        return np.sqrt(np.maximum(squares, 0))

    def distance_of_set(self, rows: np.ndarray) -> float:
        """The paper's distance, with all pictures of rows (N, 36) as patches of one."""
        other = fit(rows)
        away = other.mean - self.mean
        shared = np.linalg.pinv((self.covariance + other.covariance) / 2)
        return float(np.sqrt(max(0.0, away @ shared @ away)))


def fit(rows: np.ndarray) -> Natural:
    """The Gaussian of the statistics (N, 36) of pictures; ValueError for too few."""
    if len(rows) <= SIZE:
        raise ValueError(f"The Gaussian of pictures needs more than {SIZE} of them.")
    return Natural(rows.mean(0), np.cov(rows, rowvar=False))
