"""Fetch Labeled Faces in the Wild, align every face, keep each as a small file.

Runs in a process of its own, `python -m ganfake deck lfw`, so that the page stays fast.
"""

import contextlib
import errno
import hashlib
import os
import signal
import socket
import ssl
import tarfile
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from http.client import HTTPException
from pathlib import Path
from urllib.error import HTTPError, URLError

import filelock
import numpy as np
from PIL import Image

from ganfake import UserError
from ganfake.faces import align_face, find_faces
from ganfake.images import encode_jpeg, open_picture
from ganfake.quiz.decks.lfw_state import NAME, Progress, faces_dir, lock_file, write_progress
from ganfake.weights import write_atomically

CACHED_SIZE = 128  # side in pixels; the eyes of an LFW picture are about 40 pixels apart
MIN_FACE = 50  # pixels of 250; LFW's own face is larger, bystanders may be smaller
ARCHIVE = "lfw-funneled.tgz"
ARCHIVE_BYTES = 243_346_528
# fetch_lfw_people also loads what it fetched, at full size in colour 9.9 GB of floats. One
# person only, George W. Bush with 530 pictures, has as many as this.
MANY_PICTURES = 500


def prepare_lfw(
    data_home: Path | None = None, report: Callable[[Progress], None] = lambda _: None
) -> None:
    """Download, verify and unpack LFW where it is missing, then align what is not yet.

    data_home: scikit-learn's data folder; None means its own default. report: called
    about once a second (in the download from another thread), and at every change of stage.
    What an earlier run has done is kept. Raises UserError when another process is at it,
    when it is interrupted, and when it fails; lfw.json says the same.
    """
    be_polite()
    try:
        held = lock_file().acquire(timeout=2)  # a look whether it is held lasts an instant
    except filelock.Timeout:
        raise UserError(f"Another process is preparing {NAME}; wait for it.") from None
    with held:
        teller = _Teller(report)
        try:
            tree = _fetch(data_home, teller.tell)
            _align(tree, teller.tell)
        except KeyboardInterrupt:
            teller.tell(replace(teller.last, stage="stopped"))
            raise UserError(teller.last.sentence()) from None
        except (UserError, OSError) as error:
            known = isinstance(error, UserError)
            reason = str(error) if known else f"{NAME} could not be prepared: {error}."
            teller.tell(replace(teller.last, stage="failed", reason=reason))
            raise UserError(reason) from error


def be_polite() -> None:
    """One thread at the lowest priority, so that the game stays quick on two cores."""
    import cv2
    import torch

    torch.set_num_threads(1)
    cv2.setNumThreads(1)
    if hasattr(os, "nice"):
        os.nice(max(0, 10 - os.nice(0)))
    if threading.current_thread() is threading.main_thread():
        # Being asked to stop becomes KeyboardInterrupt, upon which scikit-learn removes its
        # half of a download.
        signal.signal(signal.SIGTERM, signal.default_int_handler)


class _Teller:
    """Passes progress on, at most once a second within a stage."""

    def __init__(self, report: Callable[[Progress], None]) -> None:
        self.report, self.last, self.told_at = report, Progress(), 0.0

    def tell(self, progress: Progress) -> None:
        changed = progress.stage != self.last.stage
        self.last = progress
        if changed or time.monotonic() - self.told_at >= 1.0:
            self.told_at = time.monotonic()
            write_progress(progress)
            self.report(progress)


def _fetch(data_home: Path | None, tell: Callable[[Progress], None]) -> Path:
    """The folder of LFW's pictures, complete."""
    from sklearn.datasets import fetch_lfw_people, get_data_home

    home = Path(get_data_home(data_home)) / "lfw_home"
    funneled, archive = home / "lfw_funneled", home / ARCHIVE
    if not archive.exists():
        for tree in (funneled, home / "lfw"):
            if tree.is_dir():
                return tree
    with _watching(home, tell), _plain_errors(archive):
        if funneled.exists():
            # scikit-learn removes the archive after unpacking and takes any folder for a
            # whole one, so here an unpacking was interrupted.
            with tarfile.open(archive, "r:gz") as packed:
                packed.extractall(home, filter="data")
            archive.unlink()
        else:
            fetch_lfw_people(
                data_home=data_home,
                min_faces_per_person=MANY_PICTURES,
                resize=0.1,
                n_retries=1,
                delay=0.5,
            )
    return funneled


@contextlib.contextmanager
def _watching(home: Path, tell: Callable[[Progress], None]) -> Iterator[None]:
    """Tell every second how many bytes of the archive are here."""
    for part in home.glob(f"{ARCHIVE}.part_*"):
        if time.time() - part.stat().st_mtime > 600:  # else somebody may be writing it
            part.unlink()
    finished = threading.Event()

    def look() -> None:
        while not finished.wait(1.0):
            tell(_downloaded(home))

    tell(_downloaded(home))
    watcher = threading.Thread(target=look, daemon=True)
    watcher.start()
    try:
        yield
    finally:
        finished.set()
        watcher.join()


def _downloaded(home: Path) -> Progress:
    here = ARCHIVE_BYTES if (home / "lfw_funneled").exists() else 0
    for path in home.glob(f"{ARCHIVE}*"):
        with contextlib.suppress(OSError):  # renamed or removed since it was listed
            here = max(here, path.stat().st_size)
    return Progress("download", min(here, ARCHIVE_BYTES), ARCHIVE_BYTES)


@contextlib.contextmanager
def _plain_errors(archive: Path) -> Iterator[None]:
    """Whatever a download and an archive can raise, as a UserError."""
    timeout = socket.getdefaulttimeout()
    socket.setdefaulttimeout(20)  # scikit-learn sets none and would wait for minutes
    try:
        yield
    except (tarfile.TarError, EOFError, zlib.error):
        raise UserError(f"{archive} is damaged; delete it and start again.") from None
    except (OSError, HTTPException) as error:
        raise UserError(
            f"{NAME} could not be downloaded: {_why(error)}; the game goes on with the pocket deck."
        ) from error
    finally:
        socket.setdefaulttimeout(timeout)


def _why(error: Exception) -> str:
    if isinstance(error, HTTPError):
        return f"its server answered with error {error.code}"
    if isinstance(getattr(error, "reason", error), ssl.SSLError):
        return "no secure connection could be made"
    if isinstance(error, (URLError, TimeoutError, ConnectionError, HTTPException)):
        return "there is no connection"
    if "SHA256" in str(error):
        return "what arrived is not the expected file (its checksum differs)"
    return "the disk is full" if error.errno == errno.ENOSPC else str(error)


def _align(tree: Path, tell: Callable[[Progress], None]) -> None:
    folder = faces_dir()
    folder.mkdir(parents=True, exist_ok=True)
    for partial in folder.glob(".*.tmp"):  # of a killed process; we hold the lock
        partial.unlink()
    # The hash is the order, so that the first hundred are as diverse as all of them, and
    # the name, so that what an earlier run did is known by listing the folder.
    pictures = sorted((_key(path), path) for path in tree.glob("*/*.jpg"))
    if not pictures:
        raise UserError(f"There are no pictures in {tree}; delete it and start again.")
    tried = {path.stem for path in folder.iterdir()}
    faces = sum(1 for _ in folder.glob("*.jpg"))
    done = sum(key in tried for key, _ in pictures)
    for key, path in pictures:
        tell(Progress("align", done, len(pictures), faces))
        if key in tried:
            continue
        face = _central_face(path)
        if face is None:
            write_atomically(folder / f"{key}.none", b"")
        else:
            write_atomically(folder / f"{key}.jpg", encode_jpeg(Image.fromarray(face), 95))
            faces += 1
        done += 1
    tell(Progress("done", done, len(pictures), faces))


def _key(path: Path) -> str:
    return hashlib.sha256(f"{path.parent.name}/{path.name}".encode()).hexdigest()[:16]


def _central_face(path: Path) -> np.ndarray | None:
    """The face nearest to the centre, which is the one LFW means, aligned; or None."""
    try:
        picture = np.asarray(open_picture(path))
    except UserError:
        return None
    middle = np.divide(picture.shape[1::-1], 2)
    faces = find_faces(picture, min_face=MIN_FACE)
    if not faces:
        return None
    nearest = min(faces, key=lambda face: np.linalg.norm(face.centre - middle))
    return align_face(picture, nearest, CACHED_SIZE)
