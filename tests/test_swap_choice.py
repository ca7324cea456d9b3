"""Who is offered in a clip is who is swapped, by the page and by a number."""

import time

import numpy as np
import pytest

from ganfake import UserError, swap_choice
from ganfake.swap_choice import NONE_TO_CHOOSE, offered, place_of
from ganfake.swap_video import NOWHERE, follow_face
from ganfake.tracks import Place
from tests.filming import head, scene, video
from tests.swap_calls import CALLS, own_page, send, swapped
from tests.swapping import becoming

BLACK = np.zeros((360, 640, 3), np.uint8)


def late() -> bytes:
    """A black frame, one face alone for a moment, then another one to the left of it."""
    alone, both = (head(), 330, 50), (np.uint8(head()[:, ::-1] * 0.6), 10, 60)
    return video([BLACK] + [scene(alone)] * 4 + [scene(alone, both)] * 35)


def crowd() -> bytes:
    """Two large faces, and at the left of them one that only a close look shows."""
    frame = scene(
        (head(0.28), 30, 200), (head(), 600, 200), (head()[:, ::-1], 1100, 200), size=(1600, 900)
    )
    return video([frame] * 2)


@pytest.mark.parametrize(
    "content",
    [pytest.param(late(), id="late", marks=pytest.mark.slow), pytest.param(crowd(), id="crowd")],
)
def test_who_is_offered_is_followed(content):
    offer = offered(content)
    assert len(offer.faces) > 1
    for number, face in enumerate(offer.faces):
        assert place_of(content, number) == offer.place(number)
        for wanted in (number, offer.place(number)):
            followed = follow_face(content, wanted)
            moment = followed.times.index(pytest.approx(offer.seconds, abs=1e-3))
            assert np.abs(followed.landmarks[moment].mean(0) - face.centre).max() < 25
    with pytest.raises(UserError, match=f"There are {len(offer.faces)} faces"):
        follow_face(content, len(offer.faces))


def test_a_face_is_followed_backwards_too():
    content = late()
    offer = offered(content)
    assert offer.seconds >= 0.2
    right, left = follow_face(content, 1), follow_face(content, 0)
    assert [i for i, at in enumerate(right.landmarks) if at is None] == [0]
    assert [i for i, at in enumerate(left.landmarks) if at is None] == [0, 1, 2, 3, 4]


def test_what_is_nowhere_is_one_sentence():
    content = late()
    for place in (Place(0.0, (0.1, 0.1, 0.4, 0.9)), Place(60.0, (0.1, 0.1, 0.4, 0.9)),
                  Place(1.0, (0.9, 0.0, 0.95, 0.1))):  # fmt: skip
        with pytest.raises(UserError, match=NOWHERE):
            follow_face(content, place)
    empty = video([BLACK] * 3)
    assert offered(empty) is None
    with pytest.raises(UserError, match=NONE_TO_CHOOSE):
        follow_face(empty, 0)


def test_a_short_clip_that_begins_in_black():
    assert offered(video([BLACK] * 2 + [scene((head(), 200, 50))] * 4)).seconds == 0.08


def test_the_page_does_not_wait_for_long(monkeypatch):
    monkeypatch.setattr(swap_choice, "candidates", lambda picture: time.sleep(0.1) or [])
    assert offered(video([BLACK] * 100), patience=0.05) is None


# -- on the page -----------------------------------------------------------------------
def test_the_page_says_where_a_face_of_a_clip_is(monkeypatch):
    content = late()
    look = CALLS["look"]({"token": send(content, "clip.mp4")})
    offer = offered(content)
    assert look["seconds"] == offer.seconds and len(look["faces"]) == 2
    asked = []
    monkeypatch.setattr(
        "ganfake.ui.swap_convert.swap_video", lambda *given, **_: asked.append(given[3]) or 1 / 0
    )
    place = {"seconds": look["seconds"], "box": look["faces"][1]["box"]}
    with pytest.raises(ZeroDivisionError):
        swapped(send(content, "clip.mp4"), options={"place": place})
    assert asked[0].place == offer.place(1) and asked[0].face is None


@pytest.mark.parametrize(
    "place",
    [7, [], {}, {"seconds": 1}, {"seconds": 1, "box": [0, 0, 1]},
     {"seconds": -1, "box": [0, 0, 1, 1]}, {"seconds": "1", "box": [0, 0, 1, 1]},
     {"seconds": True, "box": [0, 0, 1, 1]},
     {"seconds": 1, "box": [0.5, 0, 0.5, 1]}, {"seconds": float("nan"), "box": [0, 0, 1, 1]},
     {"seconds": 1, "box": [0, 0, 2, 1]}],
)  # fmt: skip
def test_places_that_are_none(place):
    assert "a moment and a box" in swapped(send(b"x"), options={"place": place})["error"]
