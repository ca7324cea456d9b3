"""A picture that lies is judged as if it stood."""

import io

import cv2
import numpy as np
import pytest
import skimage
from PIL import Image

from ganfake import swap
from ganfake.clips import check_video
from ganfake.extract import extract, extract_file
from ganfake.faces import TEMPLATE, align, search_faces
from ganfake.sideways import Stance, search_any_way_up
from ganfake.swap_video import follow_face
from tests.filming import head, scene, video
from tests.judging import judged, patience

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


@pytest.mark.parametrize("turns", [1, 2, 3])
def test_a_film_that_lies(judged, patience, turns):
    frames = [scene((head(), 6 * n, 40)) for n in range(12)]
    [stands] = check_video(video(frames)).persons
    film = check_video(video(np.ascontiguousarray(np.rot90(frame, turns)) for frame in frames))
    [person] = film.persons
    assert len(person.times) > 0.9 * len(stands.times)
    (_, here), (_, there) = person.telling[0], stands.telling[0]
    assert np.corrcoef(here.ravel(), there.ravel())[0, 1] > 0.97, "upright"
    x0, y0, x1, y1 = person.telling_boxes[0]
    assert 0 <= x0 < x1 <= film.width and 0 <= y0 < y1 <= film.height


@pytest.mark.parametrize(("turns", "face"), [(1, None), (2, 0), (3, 0)])
def test_swap_follows_a_face_through_a_film_that_lies(turns, face):
    frames = [scene((head(), 6 * n, 40)) for n in range(12)]
    stands = follow_face(video(frames), face)
    lies = follow_face(video(np.ascontiguousarray(np.rot90(f, turns)) for f in frames), face)
    assert sum(points is not None for points in lies.landmarks) == 12
    here, there = (
        align(picture, points, TEMPLATE, 64)
        for picture, points in (
            (np.ascontiguousarray(np.rot90(frames[6], turns)), lies.landmarks[6]),
            (frames[6], stands.landmarks[6]),
        )
    )
    alike = np.corrcoef(here.ravel(), there.ravel())[0, 1]
    assert alike > 0.95, "upright, and at the same place"


def test_what_lies_is_extracted_upright():
    lying = [np.ascontiguousarray(np.rot90(scene((head(), 6 * n, 40)))) for n in range(12)]
    [kept] = extract_file(video(lying)).faces.values()
    photograph = io.BytesIO()
    Image.fromarray(lying[0]).save(photograph, "PNG")
    [[one]] = extract([photograph.getvalue()]).faces.values()
    assert len(kept) > 8
    for crop in (kept[0], one):
        left_eye = search_faces(np.asarray(crop))[0].points[0]
        assert left_eye == pytest.approx(128 * TEMPLATE[0], abs=4)


def _asked(turns: int, pictures: list[np.ndarray]) -> list[int]:
    """How many searches each of the pictures costs, turned so."""
    stance, counts = Stance(), []
    for picture in pictures:
        searches = []
        lying = np.ascontiguousarray(np.rot90(picture, turns))
        stance.search(lying, lambda p, told=searches: told.append(p) or search_faces(p))
        counts.append(len(searches))
    return counts


def test_only_the_first_frames_are_searched_in_all_turns():
    empty = np.zeros((90, 120, 3), np.uint8)
    assert _asked(0, [ASTRONAUT] * 3) == [1, 1, 1]
    assert _asked(0, [empty] * 8) == [4] * 6 + [1, 1]
    assert _asked(1, [ASTRONAUT] * 5) == [4, 4, 4, 1, 1]
    assert _asked(1, [ASTRONAUT] * 3 + [empty]) == [4, 4, 4, 2], "it may stand again"
