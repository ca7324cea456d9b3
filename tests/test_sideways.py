"""A picture that lies is judged as if it stood."""

import cv2
import numpy as np
import pytest
import skimage

from ganfake import swap
from ganfake.faces import TEMPLATE, align, search_faces
from ganfake.sideways import search_any_way_up

ASTRONAUT = skimage.data.astronaut()
HEAD = ASTRONAUT[:260, 80:400]


@pytest.mark.parametrize("turns", range(4))
@pytest.mark.parametrize("picture", [ASTRONAUT, HEAD], ids=["whole", "head"])
def test_a_face_is_found_where_it_is_whichever_side_is_up(picture, turns):
    [face] = search_faces(picture)
    lying = np.ascontiguousarray(np.rot90(picture, turns))
    [found], [offered] = search_any_way_up(lying), swap.candidates(lying)
    assert offered.box == found.box, "Swap takes it too"
    x0, y0, x1, y1 = (round(v) for v in found.box)
    stands = np.rot90(lying[y0:y1, x0:x1], -turns)
    a, b, c, d = (round(v) for v in face.box)
    assert stands.shape == (d - b, c - a, 3) and (stands == picture[b:d, a:c]).all()
    there, here = (
        align(where, f.points, TEMPLATE, 160).astype(int)
        for where, f in ((picture, face), (lying, found))
    )
    assert np.abs(there - here).mean() < 0.5, "upright, and cut alike"


def test_a_large_picture_that_lies():
    large = cv2.resize(ASTRONAUT, (2400, 2400), interpolation=cv2.INTER_CUBIC)
    [face], [found] = (
        search_faces(large),
        search_any_way_up(np.ascontiguousarray(large[::-1, ::-1])),
    )
    assert np.abs(2400 - found.points - face.points).max() < 12


def test_what_stands_and_is_sure_is_searched_once(monkeypatch):
    searches = []
    monkeypatch.setattr(
        "ganfake.sideways.search_faces", lambda p: searches.append(p.shape) or search_faces(p)
    )
    assert len(search_any_way_up(ASTRONAUT)) == 1 and len(searches) == 1
    assert search_any_way_up(np.zeros((90, 120, 3), np.uint8)) == [] and len(searches) == 5
