"""LFW is fetched, verified, unpacked, aligned, resumed and played, from a server of our own."""

import contextlib
import functools
import hashlib
import http.server
import os
import socket
import subprocess
import sys
import tarfile
import threading
import time
from pathlib import Path

import numpy as np
import pytest
import skimage.data
from PIL import Image, ImageEnhance
from sklearn.datasets import _lfw, get_data_home

from ganfake import UserError
from ganfake.faces import TEMPLATE, align, find_faces
from ganfake.quiz.decks import lfw, lfw_prepare, lfw_state
from ganfake.quiz.decks.lfw import LFWDeck, Progress, lfw_progress, prepare_lfw

PICTURES = 12  # one of them without a face
CHILD = """
import time
from ganfake.quiz.decks import lfw_prepare
at_once = lfw_prepare._central_face
lfw_prepare._central_face = lambda path: time.sleep(0.3) or at_once(path)
lfw_prepare.prepare_lfw()
"""
FETCHER = """
from sklearn.datasets import _lfw, get_data_home
from ganfake.quiz.decks import lfw_fetch
*targets, (url, checksum) = {places}
_lfw.TARGETS = tuple(
    old._replace(url=url, checksum=checksum)
    for old, (url, checksum) in zip(_lfw.TARGETS, targets)
)
_lfw.FUNNELED_ARCHIVE = _lfw.FUNNELED_ARCHIVE._replace(url=url, checksum=checksum)
at_once, lfw_fetch.MANY_PICTURES = _lfw._load_imgs, 3
def load(paths, *rest):
    assert len(paths) == 3 and all("Ada_Example" in path for path in paths), paths
    return at_once(paths, *rest)
_lfw._load_imgs = load
raise SystemExit(lfw_fetch.main())
"""


def variant(index: int) -> Image.Image:
    """The astronaut as in LFW: 250 x 250, the face in the middle, each time a little different."""
    person = Image.fromarray(skimage.data.astronaut())
    if index % 2:
        person = person.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    x, y = (287 if index % 2 else 225) + index % 5 - 2, 115 + index % 3
    turned = person.rotate(index - 5, Image.Resampling.BICUBIC, center=(x, y))
    head = turned.crop((x - 110, y - 110, x + 110, y + 110)).resize((250, 250))
    return ImageEnhance.Brightness(head).enhance(0.7 + 0.05 * index)


@pytest.fixture(scope="session")
def archive(tmp_path_factory) -> Path:
    """lfw-funneled.tgz beside the three text files, in a folder to serve."""
    folder = tmp_path_factory.mktemp("served")
    tree = folder / "tree" / "lfw_funneled"
    for index in range(PICTURES):
        person = "Ada_Example" if index < 3 else f"Person_{index:02d}"
        number = index + 1 if index < 3 else 1
        picture = variant(index) if index != 7 else Image.new("RGB", (250, 250), "teal")
        (tree / person).mkdir(parents=True, exist_ok=True)
        picture.save(tree / person / f"{person}_{number:04d}.jpg", quality=92)
    with tarfile.open(folder / "lfw-funneled.tgz", "w:gz") as packed:
        packed.add(tree, "lfw_funneled")
    for target in _lfw.TARGETS:
        (folder / target.filename).write_text("10\n")
    return folder / "lfw-funneled.tgz"


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *args):
        pass


@pytest.fixture
def home(tmp_path, monkeypatch) -> Path:
    """An empty data folder and an empty cache; nothing of this process is slowed down."""
    monkeypatch.setenv("GANFAKE_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(lfw_prepare, "be_polite", lambda: None)
    monkeypatch.setattr(lfw, "COMMAND", [sys.executable, "-c", CHILD])
    monkeypatch.setattr(lfw, "_child", None)
    yield tmp_path / "data"
    lfw.stop_lfw()


@pytest.fixture
def served(archive, monkeypatch):
    """Let scikit-learn look for LFW on 127.0.0.1; returns the function that moves it."""

    def point(port: int, checksum: str = "", name: str = archive.name) -> None:
        def place(remote: str, checksum: str) -> tuple[str, str]:
            content = (archive.parent / remote).read_bytes()
            checksum = checksum or hashlib.sha256(content).hexdigest()
            return f"http://127.0.0.1:{port}/{remote}", checksum

        places = [place(target.filename, "") for target in _lfw.TARGETS]
        url, checksum = place(archive.name, checksum)
        places.append((url.replace(archive.name, name), checksum))
        code = FETCHER.format(places=places, folder=str(Path(lfw_prepare.__file__).parent))
        monkeypatch.setattr(lfw_prepare, "FETCH", [sys.executable, "-c", code])

    handler = functools.partial(Quiet, directory=archive.parent)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        point(server.server_port)
        yield functools.partial(point, server.server_port)
        server.shutdown()


def unpack(archive: Path, home: Path) -> Path:
    with tarfile.open(archive) as packed:
        packed.extractall(home / "lfw_home", filter="data")
    return home / "lfw_home" / "lfw_funneled"


def wait_for(condition, seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, lfw_state.faces_dir().with_name("lfw.log").read_text()
        time.sleep(0.02)


def cached() -> list[Path]:
    return sorted(lfw_state.faces_dir().glob("*.jpg"))


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
    assert time.monotonic() - start < 30
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
        assert process.wait(15) == 1
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
    lfw._child.wait(10)
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
