"""LFW is fetched, verified, unpacked, aligned and resumed, from a server of our own."""

import contextlib
import os
import socket
import subprocess
import time

import numpy as np
import pytest
from PIL import Image
from sklearn.datasets import _lfw, get_data_home

from ganfake import UserError
from ganfake.faces import TEMPLATE, align, find_faces
from ganfake.quiz.decks import lfw_prepare, lfw_state
from ganfake.quiz.decks.lfw import LFWDeck, Progress, lfw_progress, prepare_lfw
from tests.lfw_tree import PICTURES, Quiet, cached, unpack, variant, wait_for

pytest_plugins = ["tests.lfw_tree"]


def test_download_verify_unpack_align_play(home, served):
    told = []
    prepare_lfw(home, told.append)
    assert [p.stage for p in told if p.stage == "download"] and told[-1].stage == "done"
    assert told[-1] == Progress("done", PICTURES, PICTURES, PICTURES - 1) == lfw_progress()
    assert not (home / "lfw_home" / lfw_prepare.ARCHIVE).exists()
    assert len(list(lfw_state.faces_dir().glob("*.none"))) == 1

    deck = LFWDeck()
    assert len(deck) == PICTURES - 1 and not deck.ready
    for index in range(len(deck)):
        face = deck.face(index)
        assert face.shape == (64, 64, 3) and face.dtype == np.uint8
        points = find_faces(face)[0].points
        assert np.abs(points / 64 - TEMPLATE).max() < 0.07
    with Image.open(cached()[0]) as picture:
        assert picture.size == (128, 128) and not picture.getexif()


def test_names_and_places_are_as_in_scikit_learn(monkeypatch, tmp_path):
    assert _lfw.FUNNELED_ARCHIVE.filename == lfw_prepare.ARCHIVE
    monkeypatch.setenv("HOME", str(tmp_path))
    assert str(lfw_prepare.data_home_or_default(None)) == get_data_home()
    monkeypatch.setenv("SCIKIT_LEARN_DATA", str(tmp_path / "elsewhere"))
    assert str(lfw_prepare.data_home_or_default(None)) == get_data_home()
    assert lfw_prepare.data_home_or_default(tmp_path) == tmp_path


def test_wrong_checksum(home, served):
    served(checksum="0" * 64)
    with pytest.raises(UserError, match=r"its checksum differs.*the game goes on with the pocket"):
        prepare_lfw(home)
    assert lfw_progress().stage == "failed" and "checksum" in lfw_progress().sentence()
    assert not list((home / "lfw_home").glob("lfw*")), "no bad archive may stay behind"


def test_no_connection_is_said_quickly(home, monkeypatch):
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
    for name in ("HTTPS_PROXY", "https_proxy"):  # as if there were no network
        monkeypatch.setenv(name, f"http://127.0.0.1:{port}")
    start = time.monotonic()
    with pytest.raises(UserError) as caught:
        prepare_lfw(home)
    assert time.monotonic() - start < 60
    assert (
        str(caught.value)
        == lfw_progress().sentence()
        == (
            "Labeled Faces in the Wild could not be downloaded: there is no connection; "
            "the game goes on with the pocket deck."
        )
    )
    assert len(LFWDeck()) == 0 and not LFWDeck().ready


def test_a_server_that_refuses(home, served):
    served(name="gone.tgz")
    with pytest.raises(UserError, match="its server answered with error 404"):
        prepare_lfw(home)


@pytest.mark.parametrize("how", ["terminated", "its caller is gone"])
def test_a_download_ends_with_its_caller(home, served, monkeypatch, how):
    def drip(handler):
        handler.send_response(200)
        handler.end_headers()
        with contextlib.suppress(OSError):
            while handler.wfile.write(bytes(20_000)):
                time.sleep(0.05)

    monkeypatch.setattr(Quiet, "do_GET", drip)
    process = subprocess.Popen([*lfw_prepare.FETCH, str(home)], stdin=subprocess.PIPE)
    try:
        wait_for(lambda: any(p.stat().st_size for p in home.glob("lfw_home/*.part_*")))
        if how == "terminated":
            process.terminate()
        else:
            process.stdin.close()
        assert process.wait(60) == 1
    finally:
        process.kill()
    assert not list((home / "lfw_home").glob("*.part_*")), "no half of a download stays"


def test_bytes_on_disk_are_the_progress(home, monkeypatch):
    folder = home / "lfw_home"
    folder.mkdir(parents=True)
    assert lfw_prepare._downloaded(folder).done == 0
    (folder / "lfw-funneled.tgz.part_x1").write_bytes(bytes(5_000_000))
    progress = lfw_prepare._downloaded(folder)
    assert progress.sentence() == "Labeled Faces in the Wild is being downloaded: 5 of 243 MB."
    os.utime(folder / "lfw-funneled.tgz.part_x1", (0, 0))
    with lfw_prepare._watching(folder, lambda _: None):
        assert lfw_prepare._downloaded(folder).done == 0, "old leftovers are removed"


def test_interrupted_unpacking_is_done_again(home, archive):
    tree = unpack(archive, home)
    for path in list(tree.glob("Person_*/*"))[2:]:
        path.unlink()
    (tree.parent / lfw_prepare.ARCHIVE).write_bytes(archive.read_bytes())
    prepare_lfw(home)
    assert lfw_progress() == Progress("done", PICTURES, PICTURES, PICTURES - 1)
    assert not (tree.parent / lfw_prepare.ARCHIVE).exists()


@pytest.mark.parametrize("partly_unpacked", [True, False])
def test_damaged_archive(home, served, archive, partly_unpacked):
    if partly_unpacked:
        unpack(archive, home)
    damaged = home / "lfw_home" / lfw_prepare.ARCHIVE
    damaged.parent.mkdir(parents=True, exist_ok=True)
    damaged.write_bytes(archive.read_bytes()[:20_000])
    with pytest.raises(UserError, match=r"lfw-funneled\.tgz in its folder is damaged"):
        prepare_lfw(home)


def test_interruption_keeps_what_is_done(home, archive, monkeypatch):
    unpack(archive, home)
    whole, calls = lfw_prepare._central_face, []

    def interrupted(path):
        calls.append(path)
        if len(calls) == 5:
            raise KeyboardInterrupt
        return whole(path)

    monkeypatch.setattr(lfw_prepare, "_central_face", interrupted)
    with pytest.raises(UserError, match="goes on when started again"):
        prepare_lfw(home)
    assert lfw_progress().stage == "stopped"
    first = {path: path.stat().st_mtime_ns for path in lfw_state.faces_dir().iterdir()}
    assert len(first) == 4
    prepare_lfw(home)
    assert len(calls) == PICTURES + 1, "nothing is aligned twice"
    assert lfw_progress() == Progress("done", PICTURES, PICTURES, PICTURES - 1)
    assert all(path.stat().st_mtime_ns == at for path, at in first.items())


def test_the_central_face_is_taken_not_the_largest(tmp_path):
    head = variant(0)
    middle = np.asarray(head.resize((200, 200), Image.Resampling.BOX))
    picture = np.zeros((450, 700, 3), np.uint8)
    picture[:250, :250] = np.asarray(head) * np.array([1, 0.6, 0.6])
    picture[125:325, 250:450] = middle
    Image.fromarray(picture).save(tmp_path / "two.png")
    assert len(find_faces(picture)) == 2
    taken = lfw_prepare._central_face(tmp_path / "two.png").astype(int)
    expected = align(middle, find_faces(middle)[0].points, TEMPLATE, 128)
    assert np.abs(taken[32:96, 32:96] - expected[32:96, 32:96]).mean() < 12


def test_order_is_fixed_and_not_the_alphabet(home, archive):
    names = sorted(unpack(archive, home).glob("*/*.jpg"))
    by_key = sorted(names, key=lfw_prepare._key)
    assert by_key != names and lfw_prepare._key(names[0]) == "ec645818c1b2c464"
