"""The crop of a face that experts judge, cut in the two steps in which they learned it.

Resampling leaves traces of its own: a face cut in one step is not what one cut in two is. So a
small picture that lies on the template already is cut like every other one: most of those that
were not cut in training are photographs, and a fake that is not would pass for one of them.
"""

import numpy as np

from ganfake.experts import SIDE
from ganfake.experts.networks import to_side
from ganfake.faces import TEMPLATE, align

LEAST, MOST = 48, 240  # pixels of the first step


def cut(picture: np.ndarray, points: np.ndarray) -> np.ndarray:
    """The aligned crop (S, S, 3) uint8 at about the size that it has in the picture (H, W, 3).

    points: (5, 2) landmarks; S is four distances of the eyes, within LEAST and MOST. ValueError
    when the points are all the same.
    """
    eyes = float(np.linalg.norm(points[1] - points[0]))
    return align(picture, points, TEMPLATE, int(np.clip(round(4 * eyes), LEAST, MOST)))


def expert_crop(picture: np.ndarray, points: np.ndarray) -> np.ndarray:
    """The aligned crop (240, 240, 3) uint8 as the experts want it; as `cut`."""
    return to_side(cut(picture, points), SIDE)
