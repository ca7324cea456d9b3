"""Where the photograph ends that shows a face: at a frame, a page, or the next picture.

A screenshot, a collage or a letterboxed film holds more than the photograph. Experts that were
taught on photographs alone take what is around one for a sign that it is real.
"""

import math
from typing import NamedTuple

import cv2
import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from ganfake.faces import TEMPLATE, similarity

# Of the crop on the template, as fractions: the face itself, through which no border goes.
_FACE = np.array([[0.25, 0.33], [0.75, 0.80]])
_WORK = 240  # pixels of a larger crop's side when borders are looked for: blurred ones are sharp
_LEAST = 24  # pixels of the part that is looked at
# A border between two pictures: steps of at least _STEP of 255 along at least `long` of it, and
# along `alone` more than where one looks a few pixels to either side.
_STEP = 12
_BESIDE = np.array([-7, -6, -5, -4, -3, 3, 4, 5, 6, 7])
# A border of an even surround: of its last line this share has its colour, give or take
# _TOLERANCE, and two pixels on less by `drop`.
_EVEN, _TOLERANCE = 0.95, 10
_FEW = 96  # pixels of a side under which chance alone makes many lines
_CORNER, _SAME = 1 / 12, 8  # of the crop's side; grey values by which one colour may vary


class _Rule(NamedTuple):
    long: float
    alone: float
    drop: float


_ENOUGH, _FEW_PIXELS = _Rule(0.85, 0.45, 0.35), _Rule(0.92, 0.5, 0.5)


def without_surround(picture: np.ndarray, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The photograph around a face, and the landmarks in it; the picture itself where it is one.

    picture: (H, W, 3) uint8. points: (5, 2) landmarks. Borders are looked for along the picture's
    sides, between the face and the end of its aligned crop.
    """
    return cut_to(picture, points, photograph_box(picture, points))


def cut_to(
    picture: np.ndarray, points: np.ndarray, box: tuple[int, int, int, int]
) -> tuple[np.ndarray, np.ndarray]:
    """A part of a picture, and the landmarks in it."""
    x0, y0, x1, y1 = box
    return picture[y0:y1, x0:x1], points - [x0, y0]


def photograph_box(picture: np.ndarray, points: np.ndarray) -> tuple[int, int, int, int]:
    """As `without_surround`: where that photograph lies in the picture, (x0, y0, x1, y1)."""
    height, width = picture.shape[:2]
    onto, scale = similarity(points, TEMPLATE)
    crop, face = (_extent(np.linalg.inv(onto), box) for box in (np.array([[0, 0], [1, 1]]), _FACE))
    start = np.maximum(np.floor(crop[0]) - 1, 0).astype(int)
    end = np.minimum(np.ceil(crop[1]) + 1, [width, height]).astype(int)
    if (end - start).min() < _LEAST:
        return 0, 0, width, height
    near = picture[start[1] : end[1], start[0] : end[0]]
    if _WORK * scale < 1:
        size = [max(_LEAST, round(side * _WORK * scale)) for side in end - start]
        near = cv2.resize(near, size, interpolation=cv2.INTER_AREA)
    size = np.array(near.shape[1::-1])
    ratio = size / (end - start)
    low, high = (np.clip((corner - start) * ratio, 0, size).astype(int) for corner in face)
    if (high <= low).any():  # all of the face is beyond the border
        return 0, 0, width, height
    # At first between the face's own ends, for the photograph may be smaller than the crop; then
    # as far as what was found.
    box = *low, *high
    for _ in range(2):
        box = _borders(near, box, (*low, *high), _FEW_PIXELS if size.min() < _FEW else _ENOUGH)
    back = [(start[i % 2] + v / ratio[i % 2]) for i, v in enumerate(box)]
    return (
        math.ceil(back[0]) if box[0] else 0,
        math.ceil(back[1]) if box[1] else 0,
        int(back[2]) if box[2] < size[0] else width,
        int(back[3]) if box[3] < size[1] else height,
    )


def is_cut_out(face: np.ndarray) -> bool:
    """Whether an aligned crop (S, S, 3) has one colour in all four corners, as a round cut-out."""
    side = round(len(face) * _CORNER)
    corners = np.stack([face[rows, columns] for rows in (slice(side), slice(-side, None))
                        for columns in (slice(side), slice(-side, None))])  # fmt: skip
    colours = corners.reshape(-1, 3).astype(int)
    return bool((np.abs(colours - np.median(colours, 0)).max(1) <= _SAME).mean() > _EVEN)


def _extent(matrix: np.ndarray, box: np.ndarray) -> np.ndarray:
    """The upright box (2, 2) around a box under a similarity (3, 3)."""
    corners = np.array([[x, y, 1] for x in box[:, 0] for y in box[:, 1]])
    moved = (corners @ matrix.T)[:, :2]
    return np.stack([moved.min(0), moved.max(0)])


def _borders(near: np.ndarray, along: tuple, face: tuple, rule: _Rule) -> tuple[int, int, int, int]:
    """The box of the photograph in `near`, looking at borders only between the ends of `along`."""
    height, width = near.shape[:2]
    x0, y0, x1, y1 = along
    rows, columns = near[y0:y1], cv2.transpose(near[:, x0:x1])
    return (
        _begins(rows, face[0], rule),
        _begins(columns, face[1], rule),
        width - _begins(cv2.flip(rows, 1), width - face[2], rule),
        height - _begins(cv2.flip(columns, 1), height - face[3], rule),
    )


def _begins(strip: np.ndarray, face: int, rule: _Rule) -> int:
    """How many columns of (along, across, 3) lie outside the photograph, before the face's."""
    face = min(face, strip.shape[1] - 4)
    if face < 2 or len(strip) < _LEAST // 2:
        return 0
    strip = np.ascontiguousarray(strip[:, : face + 10])
    steps = (_apart(strip[:, 1:], strip[:, :-1]) >= _STEP).mean(0)
    wide = np.pad(steps, _BESIDE.max(), mode="reflect")
    beside = sliding_window_view(wide, 2 * _BESIDE.max() + 1)[:, _BESIDE.max() + _BESIDE]
    alone = steps - np.median(beside, 1)
    lines = np.flatnonzero((steps[:face] >= rule.long) & (alone[:face] >= rule.alone))
    found = int(lines[-1]) + 1 if len(lines) else 0
    colour = np.median(strip[:, :2].reshape(-1, 3), 0).astype(np.uint8)
    even = (_apart(strip, np.broadcast_to(colour, strip.shape)) <= _TOLERANCE).mean(0)
    first = int(np.argmax(even < _EVEN))
    if 0 < first <= face and even[:first].min() - even[first + 2] >= rule.drop:
        found = max(found, first)
    return found + 1 if found else 0  # what is next to a border is often a mixture


def _apart(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """The largest difference (H, W) of any channel."""
    red, green, blue = cv2.split(cv2.absdiff(first, second))
    return cv2.max(cv2.max(red, green), blue)
