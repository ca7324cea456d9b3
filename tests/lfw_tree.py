"""A small LFW of one face in twelve variants, and a server for it; see test_decks_lfw.

Imported for its functions before pytest loads its fixtures, hence PYTEST_DONT_REWRITE.
"""

import functools
import hashlib
import http.server
import sys
import tarfile
import threading
import time
from pathlib import Path

import pytest
import skimage.data
from PIL import Image, ImageEnhance
from sklearn.datasets import _lfw

from ganfake.quiz.decks import lfw, lfw_prepare, lfw_state
from ganfake.quiz.decks.lfw_fetch import SAFELY

PICTURES = 12  # one of them without a face
CHILD = """
import time
from ganfake.quiz.decks import lfw_prepare
at_once = lfw_prepare._central_face
lfw_prepare._central_face = lambda path: time.sleep(0.3) or at_once(path)
lfw_prepare.prepare_lfw()
"""
FETCHER = """
import sys
from sklearn.datasets import _lfw
sys.path.append({folder!r})
import lfw_fetch
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
        packed.extractall(home / "lfw_home", **SAFELY)
    return home / "lfw_home" / "lfw_funneled"


def wait_for(condition, seconds: float = 180) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, lfw_state.faces_dir().with_name("lfw.log").read_text()
        time.sleep(0.02)


def cached() -> list[Path]:
    return sorted(lfw_state.faces_dir().glob("*.jpg"))
