"""Find faces, and align them to the one template of the project."""

import functools
from dataclasses import dataclass

import cv2
import numpy as np
from skimage.transform import SimilarityTransform

# Left eye, right eye, nose, mouth corners as fractions of the crop (x right, y down).
TEMPLATE = np.array(
    [[0.375, 0.4675], [0.625, 0.4675], [0.5, 0.59], [0.39, 0.69], [0.61, 0.69]], np.float64
)
MIN_PROBABILITY = 0.9
MIN_FACE = 24  # pixels of the shrunken picture; smaller ones make poor crops and slow PNet down
_FINEST = 8  # sampling grids at most this many times finer than the crop


@dataclass(frozen=True, eq=False)
class Face:
    """A face as found in a picture, in pixels of that picture.

    box: (x0, y0, x1, y1), clipped to the picture. points: (5, 2) float64: the eye on the
    left of the picture, the eye on the right, nose, mouth corner left, mouth corner right.
    probability: that this is a face, in [0, 1].
    """

    box: tuple[float, float, float, float]
    points: np.ndarray
    probability: float

    @property
    def area(self) -> float:
        """Of the box, in square pixels."""
        x0, y0, x1, y1 = self.box
        return (x1 - x0) * (y1 - y0)

    @property
    def centre(self) -> np.ndarray:
        """Of the box, (2,): x, y."""
        x0, y0, x1, y1 = self.box
        return np.array([(x0 + x1) / 2, (y0 + y1) / 2])

    @property
    def eye_distance(self) -> float:
        """Pixels between the eyes: how much detail an aligned crop can have."""
        return float(np.linalg.norm(self.points[1] - self.points[0]))


def find_faces(
    picture: np.ndarray,
    max_side: int = 640,
    min_face: int = MIN_FACE,
    min_probability: float = MIN_PROBABILITY,
) -> list[Face]:
    """Faces by MTCNN (Zhang et al. 2016) on the CPU, largest first; none is an empty list.

    picture: (H, W, 3) uint8. Its long side is shrunk to `max_side` before the search, and
    faces narrower than about `min_face` pixels there are not looked for.
    """
    height, width = picture.shape[:2]
    ratio = min(1.0, max_side / max(height, width, 1))
    small = (max(1, round(width * ratio)), max(1, round(height * ratio)))
    if min(small) < min_face:
        return []  # MTCNN fails on a picture that is smaller than any face
    if ratio < 1.0:
        shrunk = cv2.resize(picture, small, interpolation=cv2.INTER_AREA)
    else:
        shrunk = np.ascontiguousarray(picture)
    boxes, probabilities, points = _detect(shrunk, min_face)
    back = np.array([width / small[0], height / small[1]])
    corners = np.clip(boxes.reshape(-1, 2, 2) * back, 0, [width, height]).reshape(-1, 4)
    faces = [
        Face(tuple(map(float, box)), landmarks * back, float(probability))
        for box, landmarks, probability in zip(corners, points, probabilities, strict=True)
        if probability >= min_probability
    ]
    return sorted(faces, key=lambda face: -face.area)


@functools.cache
def _detector(min_face: int):
    # The import takes a second and the networks some memory, so only who looks for faces
    # pays. Nothing is written in `detect`, so threads share the object without a lock; two
    # that come first together make two, and one is thrown away.
    from facenet_pytorch import MTCNN

    return MTCNN(min_face_size=min_face, keep_all=True).eval()


def _detect(picture: np.ndarray, min_face: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Boxes (N, 4), probabilities (N,) and points (N, 5, 2) in float64; N may be 0."""
    nothing = np.empty((0, 4)), np.empty(0), np.empty((0, 5, 2))
    try:
        # One picture at a time: batches become ragged arrays, which NumPy 2 refuses.
        boxes, probabilities, points = _detector(min_face).detect(picture, landmarks=True)
    except IndexError:
        # Candidates wholly outside the picture are dropped from the batch but not from the
        # list of boxes, whose lengths then differ (facenet-pytorch 2.5.3, detect_face.py).
        return nothing
    if boxes is None:
        return nothing
    # facenet-pytorch hands out arrays of dtype object.
    return (
        np.asarray(boxes, np.float64).reshape(-1, 4),
        np.asarray(probabilities, np.float64).reshape(-1),
        np.asarray(points, np.float64).reshape(-1, 5, 2),
    )


def align_face(picture: np.ndarray, face: Face, size: int) -> np.ndarray:
    """A found face on the template of the project, (size, size, 3) uint8."""
    return align(picture, face.points, TEMPLATE, size)


def align(picture: np.ndarray, points: np.ndarray, template: np.ndarray, size: int) -> np.ndarray:
    """Crop a face so that `points` lie on `template`.

    picture: (H, W, 3) uint8. points: (K, 2) pixels, template: (K, 2) fractions of
    the crop, the same landmarks in the same order. Returns (size, size, 3) uint8.
    The similarity is the least-squares one (Umeyama 1991); shrinking averages over
    areas; what lies outside the picture is its reflection. ValueError when the points
    are all the same.
    """
    similarity = SimilarityTransform.from_estimate(points, template * size)
    if not similarity:
        raise ValueError("These points fix no similarity transform.")
    # Sampling on a grid finer than the source, then averaging, is an area average.
    finer = int(np.ceil(1.0 / min(similarity.scale, 1.0)))
    if finer > _FINEST:
        # A face of thousands of pixels would need a grid as large: halve the picture first.
        height, width = picture.shape[:2]
        half_size = (max(1, width // 2), max(1, height // 2))
        halved = cv2.resize(picture, half_size, interpolation=cv2.INTER_AREA)
        ratio = np.divide(half_size, (width, height))
        return align(halved, points * ratio, template, size)
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
