"""The crop of a face that experts judge, cut in the two steps in which they learned it.

Resampling leaves traces of its own: a face cut in one step is not what one cut in two is, and a
small picture that lies on the template already loses detail by being cut at all.
"""

import numpy as np

from ganfake.experts import SIDE
from ganfake.experts.networks import to_side
from ganfake.faces import TEMPLATE, align, crop_side

LEAST, MOST = 48, 240  # pixels of the first step
_ALIGNED_SIDE = 160  # pixels up to which a picture on the template is taken as it is
_ALIGNED_WITHIN = 0.03  # of the side: how far landmarks may lie from the template, on average


def is_aligned(picture: np.ndarray, points: np.ndarray) -> bool:
    """Whether a picture (H, W, 3) with landmarks (5, 2) is a small crop on the template."""
    height, width = picture.shape[:2]
    if height != width or not LEAST <= width <= _ALIGNED_SIDE:
        return False
    return bool(np.linalg.norm(points / width - TEMPLATE, axis=1).mean() <= _ALIGNED_WITHIN)


def at_own_size(picture: np.ndarray, points: np.ndarray) -> np.ndarray:
    """The aligned crop (S, S, 3) uint8 at about the size that it has in the picture (H, W, 3).

    points: (5, 2) landmarks; S is four distances of the eyes, within LEAST and MOST, or the
    picture's where it is such a crop. ValueError when the points are all the same.
    """
    return picture if is_aligned(picture, points) else cut(picture, points)


def cut(picture: np.ndarray, points: np.ndarray) -> np.ndarray:
    """As `at_own_size`, also from a picture that lies on the template."""
    eyes = float(np.linalg.norm(points[1] - points[0]))
    return align(picture, points, TEMPLATE, int(np.clip(round(4 * eyes), LEAST, MOST)))


def expert_crop(picture: np.ndarray, points: np.ndarray) -> np.ndarray:
    """The aligned crop (240, 240, 3) uint8 as the experts want it; as `at_own_size`."""
    return to_side(at_own_size(picture, points), SIDE)


def own_side(picture: np.ndarray, points: np.ndarray) -> float:
    """Pixels of the picture that a side of the expert's crop spans."""
    return float(picture.shape[0]) if is_aligned(picture, points) else crop_side(points)
