"""Faces in a picture that may lie on its side, or upside down.

Phones note how they were held in the file, and messengers drop the note. MTCNN knows upright
faces: in what lies it finds none, or sees one where there is none, and is not sure.
"""

from collections.abc import Callable
from dataclasses import replace

import cv2
import numpy as np

from ganfake.faces import Face, search_faces

# Chosen on 540 faces; what they do to others is told by benchmarks/sideways.py.
_SURE = 0.999  # the picture stands
_CLEAR = 0.99  # of a face in a turned picture
_LOOKED_AT = 1920  # pixels of the long side: `search_faces` looks no closer
_CLEARER = 5  # times less doubt than of what is seen without a turn
_ASKED = 6  # frames of a film at most that are searched in all turns
_AGREED = 3  # of them that show the same turn before the others are turned alike


def search_any_way_up(picture: np.ndarray) -> list[Face]:
    """As `search_faces`; where no face is sure, those of the quarter turn that shows one clearly.

    picture: (H, W, 3) uint8. Boxes and points are places in it as it is, so that `align` brings
    a lying face upright.
    """
    return _any_way_up(picture, search_faces)[0]


class Stance:
    """Finds faces in the frames of one film, which may lie as a picture may.

    turns: quarter turns by np.rot90 by which frames stand; 0 until some of the first show faces
    clearly by the same turn.
    """

    def __init__(self):
        self.turns, self._asked, self._shown = 0, 0, [0, 0, 0, 0]

    def search(self, picture: np.ndarray, find: Callable[[np.ndarray], list[Face]]) -> list[Face]:
        """Faces of the next frame (H, W, 3) uint8, as `search_any_way_up`; find: those of one that
        stands."""
        if self.turns:
            return _turned(picture, self.turns, find) or find(picture)
        if self._asked >= _ASKED:
            return find(picture)
        found, turns = _any_way_up(picture, find)
        self._asked = _ASKED if _surest(found) >= _SURE and not turns else self._asked + 1
        self._shown[turns] += 1
        if turns and self._shown[turns] >= _AGREED:
            self.turns = turns
        return found


def _any_way_up(
    picture: np.ndarray, find: Callable[[np.ndarray], list[Face]]
) -> tuple[list[Face], int]:
    """Faces, and the quarter turns that showed them."""
    found, shown = find(picture), 0
    surest = _surest(found)
    if surest >= _SURE:
        return found, shown
    clearest = max(_CLEAR, 1 - (1 - surest) / _CLEARER)
    for turns in (1, 2, 3):
        turned = _turned(picture, turns, find)
        if _surest(turned) > clearest:
            clearest, found, shown = _surest(turned), turned, turns
    return found, shown


def _surest(faces: list[Face]) -> float:
    return max((face.probability for face in faces), default=0.0)


def _turned(
    picture: np.ndarray, turns: int, find: Callable[[np.ndarray], list[Face]]
) -> list[Face]:
    """Faces of the picture after np.rot90(..., turns), as places in it as it is."""
    height, width = picture.shape[:2]
    ratio = min(1.0, _LOOKED_AT / max(height, width))
    size = max(1, round(width * ratio)), max(1, round(height * ratio))
    small = cv2.resize(picture, size, interpolation=cv2.INTER_AREA) if ratio < 1 else picture
    back = np.array([width, height]) / size
    found = find(np.ascontiguousarray(np.rot90(small, turns)))
    return [_turned_back(face, turns, size, back) for face in found]


def _turned_back(face: Face, turns: int, size: tuple[int, int], scale: np.ndarray) -> Face:
    """A face found in a picture of `size` (width, height) turned by np.rot90(..., turns), where it
    is in the picture `scale` (2,) times as large."""
    corners, points = np.reshape(face.box, (2, 2)), face.points
    for turn in range(turns, 0, -1):
        width = size[(turn + 1) % 2]  # before this quarter turn
        corners, points = (np.stack([width - p[:, 1], p[:, 0]], 1) for p in (corners, points))
    low, high = corners.min(0) * scale, corners.max(0) * scale
    return replace(face, box=tuple(map(float, (*low, *high))), points=points * scale)
