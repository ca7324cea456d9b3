"""Find faces, and align them to the one template of the project."""

import cv2
import numpy as np
from skimage.transform import SimilarityTransform

# Left eye, right eye, nose, mouth corners as fractions of the crop (x right, y down).
TEMPLATE = np.array(
    [[0.375, 0.4675], [0.625, 0.4675], [0.5, 0.59], [0.39, 0.69], [0.61, 0.69]], np.float64
)


def align(picture: np.ndarray, points: np.ndarray, template: np.ndarray, size: int) -> np.ndarray:
    """Crop a face so that `points` lie on `template`.

    picture: (H, W, 3) uint8. points: (K, 2) pixels, template: (K, 2) fractions of
    the crop, the same landmarks in the same order. Returns (size, size, 3) uint8.
    The similarity is the least-squares one (Umeyama 1991); shrinking averages over
    areas; what lies outside the picture is its reflection.
    """
    similarity = SimilarityTransform.from_estimate(points, template * size)
    # Sampling on a grid finer than the source, then averaging, is an area average.
    finer = int(np.ceil(1.0 / min(similarity.scale, 1.0)))
    grid = size * finer
    # Pixel centres: pixel i covers [i, i + 1), OpenCV puts its centre at i.
    half = np.array([[1, 0, 0.5], [0, 1, 0.5], [0, 0, 1]])
    zoom = np.diag([finer, finer, 1.0])
    matrix = np.linalg.inv(half) @ zoom @ similarity.params @ half
    flags = cv2.INTER_LINEAR if finer > 1 else cv2.INTER_CUBIC
    warped = cv2.warpAffine(
        picture, matrix[:2], (grid, grid), flags=flags, borderMode=cv2.BORDER_REFLECT_101
    )
    if finer > 1:
        warped = cv2.resize(warped, (size, size), interpolation=cv2.INTER_AREA)
    return warped
