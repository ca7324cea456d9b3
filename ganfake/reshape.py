"""Moves the parts of a decoded face to where they are in the face it was decoded from.

A decoder gives eyes, nose and mouth the places they have in its own person. Pose and expression
of a swap are those of the source, so most of the difference between the two faces' landmarks is
undone by a smooth warp: radial basis functions on the landmarks (Arad et al. 1994, "Image
warping by radial basis functions").
"""

import cv2
import numpy as np

from ganfake import mtcnn

# Centres and sides, as shares of the crop, of the boxes in which MTCNN's last network looks at
# an aligned face; the mean of four looks trembles half as much as one.
_LOOKS = ((0.5, 0.533, 0.57), (0.5, 0.533, 0.66), (0.52, 0.553, 0.6), (0.48, 0.513, 0.6))
_SURE = 0.5  # score below which a look counts for nothing
_STRENGTH = 0.9  # of a difference that is undone; all of it makes strangers of B's features
_CALM = 1 / 128  # of the side: differences as small as this are MTCNN's own, and halved
_FARTHEST = 0.08  # of the side
_REACH = 0.19  # of the side: spread of the basis functions
_RIDGE = 1e-2


def points_in(face: np.ndarray) -> np.ndarray | None:
    """Landmarks (5, 2) in pixels of an aligned face (S, S, 3) uint8; None when it seems none."""
    side = len(face)
    boxes = [(x - s / 2, y - s / 2, x + s / 2, y + s / 2) for x, y, s in _LOOKS]
    _, scores, points = mtcnn.judge(face, side * np.array(boxes))
    sure = scores > _SURE
    return points[sure].mean(0) if sure.any() else None


def follow(decoded: np.ndarray, source: np.ndarray) -> np.ndarray:
    """A decoded face warped to the geometry of the source; both aligned, (S, S, 3) uint8.

    As it is where either does not look like a face.
    """
    goal, found = points_in(source), points_in(decoded)
    return decoded if goal is None or found is None else moved(decoded, found, goal)


def moved(face: np.ndarray, points: np.ndarray, goal: np.ndarray) -> np.ndarray:
    """A face (S, S, 3) uint8 with what is at `points` (5, 2) taken most of the way to `goal`."""
    side = len(face)
    shift = _damped(goal - points, side)
    goal = points + shift
    reach = _REACH * side
    kernel = _bell(goal[:, None] - goal[None], reach).prod(2)
    weights = np.linalg.solve(kernel + _RIDGE * np.eye(len(goal)), shift)
    axis = np.arange(side, dtype=np.float32)
    across, down = (_bell(axis[:, None] + 0.5 - goal[:, i], reach) for i in (0, 1))
    field = (down[:, None] * across[None]) @ weights  # a Gaussian is the product of two
    x, y = axis[None, :] - field[..., 0], axis[:, None] - field[..., 1]
    maps = x.astype(np.float32), y.astype(np.float32)
    return cv2.remap(face, *maps, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)


def _bell(offsets: np.ndarray, reach: float) -> np.ndarray:
    return np.exp(-(offsets**2) / (2 * reach**2))


def _damped(shift: np.ndarray, side: int) -> np.ndarray:
    """Shifts (5, 2) without MTCNN's trembling, and none too far."""
    squares = (shift**2).sum(1, keepdims=True)
    lengths = np.sqrt(squares) + 1e-9
    shift = _STRENGTH * shift * squares / (squares + (_CALM * side) ** 2)
    return shift * np.minimum(1.0, _FARTHEST * side / lengths)
