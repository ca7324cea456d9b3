"""Traces that makers of pictures leave, as vectors: NumPy in, vector out, no network.

Each module has `features(face: (H, W, 3) uint8) -> (D,) float64` for a face on the project's
template, and READABLE: name -> (number of a feature, what turns it into a plain quantity).
"""

import cv2
import numpy as np

SIDE = 160  # pixels at which all traces are measured


def as_face(face: np.ndarray) -> np.ndarray:
    """The face (160, 160, 3) uint8, resized when it has another size; ValueError for no picture."""
    if face.ndim != 3 or face.shape[2] != 3 or face.dtype != np.uint8 or face.size == 0:
        raise ValueError(f"A face must be (H, W, 3) uint8, not {face.shape} {face.dtype}.")
    if face.shape[:2] == (SIDE, SIDE):
        return np.ascontiguousarray(face)
    way = cv2.INTER_AREA if min(face.shape[:2]) > SIDE else cv2.INTER_CUBIC
    return cv2.resize(np.ascontiguousarray(face), (SIDE, SIDE), interpolation=way)


# Rows: luminance, and red and blue less luminance (ITU-R BT.601), of RGB.
TO_LUMA_CHROMA = np.array(
    [[0.299, 0.587, 0.114], [0.5, -0.4187, -0.0813], [-0.1687, -0.3313, 0.5]], np.float32
)


def planes(face: np.ndarray) -> np.ndarray:
    """(H, W, 3) uint8 RGB -> (H, W, 3) float32: luminance in 0..255, and two of chrominance."""
    return cv2.transform(face.astype(np.float32), TO_LUMA_CHROMA)
