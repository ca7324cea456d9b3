"""Files handed in ahead of a call, as Gradio's own clients do: kept in memory, taken once.

With a server: test_closed.
"""

import time

import pytest
from starlette.testclient import TestClient

from ganfake import UserError
from ganfake.ui.handed import HANDED, Handed, as_text, decoded, name_of
from ganfake.ui.uploads import IDLE


def test_files_of_which_one_has_no_room_are_not_kept(monkeypatch):
    monkeypatch.setattr(HANDED._room, "total", 10)
    both = [("files", ("a", b"123456")), ("files", ("b", b"123456"))]
    answer = TestClient(Handed(None)).post("/gradio_api/upload", files=both)
    assert answer.status_code == 503 and "Other visitors" in answer.json()["detail"]
    assert not len(HANDED)


def test_who_sends_many_files_does_not_lock_others_out(monkeypatch):
    monkeypatch.setattr(HANDED, "_most", 3)
    first, *others = [HANDED.receive("a", b"abc") for _ in range(4)]
    assert name_of(f"handed:{first}") == "" and len(HANDED) == 3
    for token in others:
        HANDED.drop(token)


def test_a_file_is_taken_once():
    token = HANDED.receive("C:\\me\\a.jpg", b"abc")
    assert name_of(f"handed:{token}") == "a.jpg" and name_of("handed:x") == name_of("eHg=") == ""
    assert decoded(f"handed:{token}", 3) == b"abc"
    with pytest.raises(UserError, match="forgotten"):
        decoded(f"handed:{token}", 3)
    with pytest.raises(UserError, match="over 0 MB"):
        decoded(f"handed:{HANDED.receive('b', b'abcd')}", 3)
    assert not len(HANDED)


def test_what_no_call_takes_is_forgotten(monkeypatch):
    token = HANDED.receive("a.jpg", b"abc")
    later = time.monotonic() + IDLE + 1
    monkeypatch.setattr(time, "monotonic", lambda: later)
    HANDED.sweep()
    with pytest.raises(UserError, match="forgotten"):
        decoded(f"handed:{token}", 3)


def test_only_what_names_a_file_becomes_text():
    meta = {"_type": "gradio.FileData"}
    assert as_text({"path": "handed:x", "url": "y", "meta": meta}) == "handed:x"
    assert (
        as_text({"url": "http://a", "meta": meta}) == "http://a" and as_text({"meta": meta}) == ""
    )
    for other in ({"path": "a"}, {"meta": "x", "path": "a"}, "a", 3, None, [meta]):
        assert as_text(other) is other


def test_no_more_is_kept_than_there_is_room_for(monkeypatch):
    monkeypatch.setattr(HANDED._room, "total", 10)
    token = HANDED.receive("a", b"123456")
    with pytest.raises(UserError, match="Other visitors"):
        HANDED.receive("b", b"12345")
    HANDED.drop(token)
