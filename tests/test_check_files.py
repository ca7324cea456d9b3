"""The Check tab's files: they come whole, belong to their page, and leave with it."""

import json
import time

import pytest

from ganfake.ui import check
from ganfake.ui.uploads import GONE
from tests.check_calls import CALLS, checked, clip, lines, send
from tests.endless import Endless


# -- files in memory -----------------------------------------------------------------
def test_a_file_is_checked_only_when_it_is_whole(uploads):
    token = CALLS["begin"]({"name": "x", "size": 4})["token"]
    assert CALLS["put"]({"token": token, "at": 0, "content": "YWI="}) == {"have": 2}
    assert "not arrived" in lines(token)[-1]["error"]


def test_a_page_that_is_left_takes_its_files_along(uploads, photograph):
    mine, other = send(photograph), send(photograph)
    uploads.get(mine).session, uploads.get(other).session = "mine", "other"
    uploads.leave("mine")
    assert CALLS["look"]({"token": mine})["error"] == GONE
    assert uploads.whole(other)
    uploads.leave("")
    assert len(uploads) == 1, "no session is nobody's"


def test_forgotten_when_asked_to(uploads, photograph):
    token = send(photograph)
    assert CALLS["drop"]({"token": token}) == {}
    assert len(uploads) == 0
    assert lines(token)[-1]["error"] == GONE
    assert CALLS["drop"]({"token": ["odd"]}) == {}


@pytest.mark.parametrize("token", [None, 7, ["x"], {"a": 1}, "guess", "../.."])
def test_nobody_guesses_another_visitors_file(uploads, token):
    for call in ("put", "wait", "preview", "look", "treat", "send_back"):
        assert CALLS[call]({"token": token, "kind": "jpeg", "face": 0})["error"] == GONE


def test_a_broken_file_is_one_sentence(uploads):
    for file in (b"\xff\xd8\xff\xe0" + bytes(300), b"hello", b"PK\x03\x04" + bytes(50),
                 clip()[:2000], bytes(12) + b"nothing"):  # fmt: skip
        last = lines(send(file))[-1]
        assert set(last) == {"number", "error"}
        assert last["error"].endswith(".") and "Traceback" not in last["error"]


@pytest.mark.parametrize(
    "wish", ["", "[]", "{}", "null", "[" * 3000, '{"number": -1}', '{"number": true}', None, 7]
)
def test_wishes_that_are_none(uploads, wish):
    [line] = check.check_lines(wish)
    assert json.loads(line)["error"].endswith(".")


def test_a_stopped_check_of_a_video_ends(uploads, monkeypatch):
    """Closing the lines, as the page's Stop does, ends the thread at its next frame."""
    endless = Endless()
    monkeypatch.setattr(check, "check_file", endless)
    told = check.check_lines(json.dumps({"number": 1, "token": send(b"x" * 20)}))
    next(told), next(told)
    told.close()
    assert endless.begun.is_set() and endless.ended.wait(5)


def test_a_check_keeps_its_file_and_ends_when_it_is_gone(uploads, monkeypatch):
    monkeypatch.setattr(check, "_checked", lambda file: [(0.1, None), (0.2, None), (0.3, None)])
    token = send(b"x" * 20)
    told = check.check_lines(json.dumps({"number": 1, "token": token}))
    next(told)
    file = uploads.get(token)
    file.touched -= 700.0  # seconds
    next(told)
    uploads.sweep()
    assert len(uploads) == 1 and file.touched > time.monotonic() - 60.0
    uploads.drop(token)
    assert [json.loads(line) for line in told] == [{"number": 1, "error": GONE}]


def test_nothing_is_written_to_disk(uploads, photograph, tmp_path, monkeypatch):
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    for file in (photograph, clip(4)):
        token, _ = checked(file)
        CALLS["look"]({"token": token, "face": 0})
        CALLS["send_back"]({"token": token, "kind": "zip"})
        # torch makes an empty folder there, the first time.
        assert not [path for path in tmp_path.rglob("*") if not path.is_dir()]
