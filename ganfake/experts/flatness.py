"""Is it drawn? Photographs have texture nearly everywhere, drawings have areas of one colour."""

import cv2
import numpy as np

DRAWN = 0.45  # share of flat places from which a face is no photograph; those had at most 0.37
_FACE = slice(0.2, 0.85), slice(0.15, 0.85)  # of the aligned crop: rows, columns
_PATCH = np.ones((9, 9), np.uint8)  # of a crop of 240
_TEXTURE = 0.06  # of the face's contrast, that a patch has from its darkest to its brightest


def flat_share(face: np.ndarray) -> float:
    """The share of places in an aligned face (240, 240, 3) uint8 around which all is one colour."""
    side = len(face)
    rows, columns = (slice(round(p.start * side), round(p.stop * side)) for p in _FACE)
    inner = np.ascontiguousarray(face[rows, columns])
    spread = cv2.subtract(cv2.dilate(inner, _PATCH), cv2.erode(inner, _PATCH)).max(2)
    return float((spread <= _TEXTURE * inner.std((0, 1)).max()).mean())
