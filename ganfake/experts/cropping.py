"""The crop of a face that experts judge, cut in the two steps in which they learned it.

Resampling leaves traces of its own: a face cut in one step is not what one cut in two is. So a
small picture that lies on the template already is cut like every other one: most of those that
were not cut in training are photographs, and a fake that is not would pass for one of them.

A face that is small in its picture is cut at twice its size. In training faces became small after
they had been cut, with all the detail that their pixels can hold; cutting one at its own size
takes the finest of it, and photographs then looked made (benchmarks/small_faces.py).
"""

import numpy as np

from ganfake.experts import SIDE
from ganfake.experts.band import SMALL_SIDE
from ganfake.experts.networks import to_side
from ganfake.experts.surround import without_surround
from ganfake.faces import TEMPLATE, align, crop_side

LEAST, MOST = 48, 240  # pixels of the first step
_FINER = 2  # of small faces


def cut(picture: np.ndarray, points: np.ndarray, finer: float = 1.0) -> np.ndarray:
    """The aligned crop (S, S, 3) uint8 at about the size that it has in the picture (H, W, 3).

    points: (5, 2) landmarks; S is four distances of the eyes times `finer`, within LEAST and
    MOST. ValueError when the points are all the same.
    """
    return align(picture, points, TEMPLATE, int(np.clip(round(finer * _side(points)), LEAST, MOST)))


def expert_crop(picture: np.ndarray, points: np.ndarray) -> np.ndarray:
    """The aligned crop (240, 240, 3) uint8 as the experts want it; as `cut`."""
    finer = _FINER if crop_side(points) < SMALL_SIDE else 1.0
    return to_side(cut(picture, points, finer), SIDE)


def found_crop(picture: np.ndarray, points: np.ndarray) -> tuple[np.ndarray, float]:
    """`expert_crop` of a face as it was found, without a frame around it, and how many pixels of
    the picture its side spans."""
    alone = without_surround(picture, points)
    return expert_crop(*alone), crop_side(alone[1])


def _side(points: np.ndarray) -> float:
    """Four distances of the eyes, in pixels."""
    return 4 * float(np.linalg.norm(points[1] - points[0]))
