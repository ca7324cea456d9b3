"""Pictures of more faces than anybody counts are searched in bounded time."""

import time

import cv2
import numpy as np
import pytest

from ganfake import mtcnn
from ganfake.faces import TEMPLATE, Face, _outermost, overlap
from ganfake.generate import generate
from ganfake.models import available


def _strewn(count: int, spread: float) -> list[Face]:
    corners = np.random.default_rng(0).uniform(0, spread, (count, 2))
    sides = np.random.default_rng(1).uniform(10, 60, (count, 1))
    boxes = np.concatenate([corners, corners + sides], 1)
    return [Face(tuple(map(float, box)), TEMPLATE, 1.0) for box in boxes]


def test_doubles_among_thousands_of_faces_are_soon_found():
    """It took half a minute of Python for 3,000 faces of one picture."""
    few, kept = _strewn(120, 300), []
    for face in few:
        if all(overlap(face, other) <= 0.5 for other in kept):
            kept.append(face)
    assert _outermost(few) == sorted(kept, key=lambda face: -face.area) and 20 < len(kept) < 120
    started = time.process_time()
    assert len(_outermost(_strewn(3000, 1e5))) > 2900 and _outermost([]) == []
    assert time.process_time() - started < 5


def test_a_dense_crowd_has_bounded_work_and_keeps_its_largest_faces(monkeypatch):
    if "portrait" not in available():
        pytest.skip("no weights of portrait")
    made = [np.asarray(face) for face in generate("portrait", 8, seed=5)]
    sizes = [96, 84, 76, 68, 60, 40, 38, 36]
    picture = np.full((96, sum(sizes), 3), 120, np.uint8)
    for index, (face, size) in enumerate(zip(made, sizes, strict=True)):
        left = sum(sizes[:index])
        small = cv2.resize(face, (size, size), interpolation=cv2.INTER_AREA)
        picture[:size, left : left + size] = small
    whole = mtcnn.detect(picture, 20)[0]
    assert len(whole) == 8
    looked, look, suppressed, suppress = {}, mtcnn._look, [], mtcnn._suppress

    def noted_look(picture, boxes, side, network):
        looked[side] = len(boxes)
        return look(picture, boxes, side, network)

    def noted_suppress(boxes, scores, limit):
        suppressed.append(len(boxes))
        return suppress(boxes, scores, limit)

    monkeypatch.setattr(mtcnn, "_look", noted_look)
    monkeypatch.setattr(mtcnn, "_suppress", noted_suppress)
    for name, most in {"OF_A_SIZE": 60, "PROPOSED": 100, "REFINED": 5}.items():
        monkeypatch.setattr(mtcnn, f"_MOST_{name}", most)
    monkeypatch.setattr(mtcnn, "_MANY", 20)
    found = mtcnn.detect(picture, 20)[0]
    assert looked[24] <= 100 and looked[48] == 5 and max(suppressed) <= 100
    lefts = np.cumsum([0, *sizes])
    placed = sorted(int(np.searchsorted(lefts, box[[0, 2]].mean())) - 1 for box in found)
    assert placed == [0, 1, 2, 3, 4]
