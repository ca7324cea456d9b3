"""Files that visitors send: they come in pieces, stay in memory, and are forgotten."""

import base64
import time

import numpy as np
import pytest

from ganfake import UserError
from ganfake.generate import Face, encode_face, render
from ganfake.provenance import read
from ganfake.ui import check_board
from ganfake.ui.calls import guarded
from ganfake.ui.uploads import CHUNK, GONE, MAX_BYTES, SHARED, Room, Uploads, clean_name, file_acts


@pytest.fixture
def uploads():
    return Uploads(Room(SHARED.total))


@pytest.fixture
def calls(uploads):
    return {act.__name__: guarded(act) for act in file_acts(uploads)}


# -- the calls of the script ---------------------------------------------------------
def send(calls: dict, file: bytes) -> str:
    """A file on its way as the page's script sends it; returns its token."""
    begun = calls["begin"]({"name": "picture.png", "size": len(file)})
    for at in range(0, len(file), begun["chunk"]):
        piece = base64.b64encode(file[at : at + begun["chunk"]]).decode()
        said = calls["put"]({"token": begun["token"], "at": at, "content": piece})
        assert said == {"have": min(len(file), at + begun["chunk"])}
    return begun["token"]


def test_a_file_arrives_in_pieces(uploads, calls):
    file = np.random.default_rng(0).bytes(2 * CHUNK + 17)
    assert bytes(uploads.whole(send(calls, file)).content) == file


@pytest.mark.parametrize(
    ("size", "sentence"),
    [(0, "empty"), (MAX_BYTES + 1, "over 200 MB"), (-1, "not a file"), ("7", "not a file"),
     (True, "not a file"), (None, "not a file"), (1.5, "not a file")],
)  # fmt: skip
def test_sizes_are_checked_before_a_byte_is_sent(uploads, calls, size, sentence):
    assert sentence in calls["begin"]({"name": "x", "size": size})["error"]
    assert len(uploads) == 0


@pytest.mark.parametrize("piece", ["not base64 at all!", "ÿÿÿÿ", 7, None, "A" * (CHUNK * 2), "QQ="])
def test_pieces_that_are_none(calls, piece):
    token = calls["begin"]({"name": "x", "size": 100})["token"]
    said = calls["put"]({"token": token, "at": 0, "content": piece})
    assert set(said) == {"error"} and said["error"].endswith(".")


def test_pieces_come_in_order_and_not_more_than_announced(calls):
    token = calls["begin"]({"name": "x", "size": 4})["token"]
    two = base64.b64encode(b"ab").decode()
    assert calls["put"]({"token": token, "at": 0, "content": two}) == {"have": 2}
    assert "disorder" in calls["put"]({"token": token, "at": 0, "content": two})["error"]
    assert "not arrived" in calls["preview"]({"token": token})["error"]
    assert calls["put"]({"token": token, "at": 2, "content": two}) == {"have": 4}
    assert "disorder" in calls["put"]({"token": token, "at": 4, "content": two})["error"]


def test_a_preview_keeps_the_mark(calls):
    face = Face("portrait", 5)
    token = send(calls, encode_face(face, render([face])[0]))
    address = calls["preview"]({"token": token})["picture"]
    assert address.startswith("data:image/webp;base64,")
    assert read(base64.b64decode(address.split(",")[1])).model == "portrait"


def test_a_file_is_forgotten_when_asked_to(uploads, calls):
    token = send(calls, b"ab")
    assert calls["drop"]({"token": token}) == {} and len(uploads) == 0
    assert calls["preview"]({"token": token})["error"] == GONE


# -- in memory -----------------------------------------------------------------------
def test_memory_for_all_visitors_has_an_end():
    own = Uploads(Room(100), most=3)
    first, second = own.begin("a", 60), own.begin("b", 60)  # a promise takes no room
    own.put(first, 0, base64.b64encode(bytes(60)).decode())
    with pytest.raises(UserError, match="Other visitors"):
        own.put(second, 0, base64.b64encode(bytes(60)).decode())
    with pytest.raises(UserError, match="Other visitors"):
        own.begin("b", 60)
    filled(own, 10), filled(own, 10)
    with pytest.raises(UserError, match="Other visitors"):
        own.begin("d", 1)


def test_tabs_share_their_memory_but_not_their_files():
    room = Room(100)
    check, swap = Uploads(room), Uploads(room)
    token = filled(check, 60)
    with pytest.raises(UserError, match="Other visitors"):
        filled(swap, 60)
    with pytest.raises(UserError, match="forgotten"):
        swap.get(token)
    check.drop(token)
    assert filled(swap, 60)


def test_nobody_is_kept_out_by_files_that_were_only_announced():
    own = Uploads(Room(100), most=3)
    first = filled(own, 10)
    announced = [own.begin("a", 60) for _ in range(20)]
    assert len(own) == 3
    other = filled(own, 20)
    assert own.whole(first) and own.whole(other)
    with pytest.raises(UserError, match="forgotten"):
        own.put(announced[0], 0, base64.b64encode(b"late").decode())


class Made:
    """What was made of a file."""

    def __init__(self, held: int, gives_way: bool = True):
        self.held, self.gives_way = held, gives_way


def filled(own: Uploads, size: int) -> str:
    token = own.begin("a", size)
    own.put(token, 0, base64.b64encode(bytes(size)).decode())
    return token


def test_what_is_made_of_files_counts_as_well(monkeypatch):
    own = Uploads(Room(100))
    first, second = filled(own, 20), filled(own, 20)
    own.keep(first, Made(50))
    for more in (lambda: filled(own, 20), lambda: own.keep(second, Made(20))):
        with pytest.raises(UserError, match="Other visitors"):
            more()
    own.keep(first, Made(60))  # in the place of the one before
    with pytest.raises(UserError, match="forgotten"):
        own.keep("gone", Made(1))


def test_a_result_that_nobody_fetches_gives_way(monkeypatch):
    own = Uploads(Room(100))
    first, second = filled(own, 10), filled(own, 10)
    own.keep(first, Made(60))
    later = time.monotonic() + 61
    monkeypatch.setattr(time, "monotonic", lambda: later)
    own.get(second)
    token = own.begin("c", 50)
    assert own.get(first).found is not None, "what was only announced drives nothing out"
    own.get(first).touched -= 61
    own.put(token, 0, base64.b64encode(bytes(50)).decode())
    assert own.get(first).found is None and own.get(first).is_whole
    own.keep(second, Made(30))
    with pytest.raises(UserError, match="Other visitors"):
        own.keep(first, Made(1))


def test_a_result_that_is_still_asked_about_gives_no_way(monkeypatch):
    own = Uploads(Room(100))
    first = filled(own, 10)
    own.keep(first, Made(60, gives_way=False))
    later = time.monotonic() + 61
    monkeypatch.setattr(time, "monotonic", lambda: later)
    with pytest.raises(UserError, match="Other visitors"):
        own.begin("b", 50)
    assert own.get(first).found.held == 60


def test_a_file_belongs_to_its_page_before_anything_is_done_with_it():
    own = Uploads(Room(100))
    mine, others = own.begin("a", 10), own.begin("b", 10)
    own.claim(mine, "a-page")
    for odd in ("no token", None, 3):
        own.claim(odd, "a-page")
    own.leave("a-page")
    with pytest.raises(UserError, match="forgotten"):
        own.get(mine)
    assert own.get(others)


def test_a_file_that_has_stopped_coming_is_forgotten_sooner(monkeypatch):
    monkeypatch.setattr("ganfake.ui.uploads._STALLED", 5.0)
    own = Uploads(Room(100), idle=900.0)
    whole, part = own.begin("a", 3), own.begin("b", 6)
    for token in (whole, part):
        own.put(token, 0, base64.b64encode(b"abc").decode())
    later = time.monotonic() + 6
    monkeypatch.setattr(time, "monotonic", lambda: later)
    with pytest.raises(UserError, match="not arrived"):
        own.whole(part)  # asking does not keep it
    own.sweep()
    assert own.whole(whole).content == b"abc"
    with pytest.raises(UserError, match="forgotten"):
        own.get(part)


def test_what_nobody_asks_about_is_forgotten():
    own = Uploads(Room(100), idle=0.2)
    token = own.begin("a", 10)
    end = time.monotonic() + 5
    while len(own):
        assert time.monotonic() < end
        time.sleep(0.05)
    with pytest.raises(UserError, match="forgotten"):
        own.get(token)


def test_a_file_that_waits_for_its_turn_is_kept_until_its_page_leaves(monkeypatch):
    own = Uploads(Room(SHARED.total))
    monkeypatch.setattr(check_board, "uploads", own)
    wait = guarded(check_board.wait)
    waits, idle = filled(own, 3), filled(own, 3)
    own.claim(waits, "a-page")
    begun = time.monotonic()
    for minutes in range(0, 40, 2):
        monkeypatch.setattr(time, "monotonic", lambda now=begun + 60 * minutes: now)
        assert wait({"token": waits}) == {}
        own.sweep()
    assert own.whole(waits).content == bytes(3)
    assert wait({"token": idle})["error"] == GONE
    own.leave("a-page")
    assert wait({"token": waits})["error"] == GONE


@pytest.mark.parametrize(
    ("given", "shown"),
    [("../../etc/passwd", "passwd"), ("C:\\Users\\me\\a.png", "a.png"), ("", "picture"),
     (None, "picture"), ("a\x00\n\u202eb.png", "ab.png"), ("x" * 500, "x" * 120), ("/", "picture")],
)  # fmt: skip
def test_names_are_no_paths(given, shown):
    assert clean_name(given) == shown
