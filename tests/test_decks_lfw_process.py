"""The process that prepares LFW is started once, watched, stopped; the deck grows meanwhile."""

import os
import sys
import time

import pytest
from PIL import Image

from ganfake import UserError
from ganfake.quiz.decks import lfw, lfw_state
from ganfake.quiz.decks.lfw import LFWDeck, Progress, lfw_progress, prepare_lfw
from tests.lfw_tree import PICTURES, cached, unpack, wait_for

pytest_plugins = ["tests.lfw_tree"]


@pytest.mark.slow
def test_a_killed_process_is_noticed_and_resumed(home, archive):
    unpack(archive, home)
    assert lfw_progress().sentence().endswith("has not been prepared on this machine.")
    lfw.start_lfw(home)
    wait_for(lambda: len(cached()) >= 3)
    assert lfw_progress().stage == "align" and len(LFWDeck()) >= 3
    if hasattr(os, "getpriority"):
        assert os.getpriority(os.PRIO_PROCESS, lfw._child.pid) >= 10
    running = lfw._child
    lfw.start_lfw(home)
    assert lfw._child is running, "there is never a second one"
    with pytest.raises(UserError, match="Another process is preparing"):
        prepare_lfw(home)

    running.kill()
    running.wait()
    assert lfw_progress().stage == "failed" and "broke off" in lfw_progress().sentence()
    (lfw_state.faces_dir() / ".half.jpg.1.tmp").write_bytes(b"half a picture")
    kept = {path: path.stat().st_mtime_ns for path in cached()}
    assert 3 <= len(kept) < PICTURES - 1
    for path in kept:
        Image.open(path).load()

    lfw.start_lfw(home)
    wait_for(lambda: lfw_progress().stage == "done")
    assert len(cached()) == PICTURES - 1
    assert all(path.stat().st_mtime_ns == at for path, at in kept.items())
    assert not list(lfw_state.faces_dir().glob(".*"))
    lfw._child.wait(60)
    finished = lfw._child
    lfw.start_lfw(home)
    assert lfw._child is finished, "what is done is not done again"


def test_stopping(home, archive):
    unpack(archive, home)
    lfw.stop_lfw()  # nothing runs: nothing happens
    lfw.start_lfw(home)
    wait_for(lambda: len(cached()) >= 1)
    lfw.stop_lfw()
    assert lfw._child.poll() is not None and lfw_progress().stage == "stopped"


def test_a_process_that_dies_at_once_has_failed(home, monkeypatch):
    monkeypatch.setattr(lfw, "COMMAND", [sys.executable, "-c", "raise SystemExit(3)"])
    lfw.start_lfw(home)
    wait_for(lambda: lfw_progress().stage == "failed")
    assert "start it again" in lfw_progress().sentence()


def test_another_server_sees_a_start_before_the_lock_is_taken(home):
    lfw_state.write_progress(Progress("download"))
    assert lfw_progress().stage == "download"
    long_ago = time.time() - 60
    os.utime(lfw_state.faces_dir().with_name("lfw.json"), (long_ago, long_ago))
    assert lfw_progress().stage == "failed"


def test_a_cache_that_cannot_be_written(home, tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("GANFAKE_CACHE", str(tmp_path / "file"))
    with pytest.raises(UserError, match="could not be prepared"):
        lfw.start_lfw(home)
    assert lfw_progress().stage == "absent" and len(LFWDeck()) == 0


def test_an_index_stays_valid_while_the_deck_grows(home, monkeypatch):
    folder = lfw_state.faces_dir()
    folder.mkdir(parents=True)
    now = [100.0]
    monkeypatch.setattr(lfw.time, "monotonic", lambda: now[0])
    deck = LFWDeck()
    assert len(deck) == 0
    for name, grey in (("m", 50), ("z", 100)):
        Image.new("RGB", (128, 128), (grey,) * 3).save(folder / f"{name}.jpg")
    assert len(deck) == 0, "the folder is listed at most once a second"
    now[0] += 1
    assert len(deck) == 2 and deck.face(0).mean() == 50
    for index in range(98):
        Image.new("RGB", (128, 128), (200,) * 3).save(folder / f"a{index:02d}.jpg")
    now[0] += 1
    assert len(deck) == 100 and deck.ready
    assert deck.face(0).mean() == 50 and deck.face(1).mean() == 100
    deck.face(0)[:] = 0
    assert deck.face(0).mean() == 50
    with pytest.raises(IndexError):
        deck.face(100)
    (folder / "a05.jpg").write_bytes(b"damaged")
    with pytest.raises(UserError, match="damaged; delete"):
        for index in range(2, 100):
            deck.face(index)


@pytest.mark.parametrize(
    ("progress", "words"),
    [
        (Progress("download", 120_000_000, 243_346_528), "downloaded: 120 of 243 MB."),
        (Progress("download", 9, 9), "has arrived and is being unpacked."),
        (Progress("align", 240, 13233, 231), "240 of 13,233 pictures, 231 faces so far."),
        (Progress("done", 13233, 13233, 13100), "is ready: 13,100 faces."),
        (Progress("failed", reason="The disk is full."), "The disk is full."),
    ],
)
def test_sentences(progress, words):
    assert progress.sentence().endswith(words)
