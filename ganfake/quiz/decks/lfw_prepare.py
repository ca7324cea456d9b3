"""Fetch Labeled Faces in the Wild, align every face, keep each as a small file.

Runs in a process of its own, `python -m ganfake deck lfw`, so that the page stays fast.
"""

import contextlib
import hashlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import filelock
import numpy as np
from PIL import Image

from ganfake import UserError
from ganfake.faces import align_face, find_faces
from ganfake.images import encode_jpeg, open_picture
from ganfake.quiz.decks.lfw_state import NAME, Progress, faces_dir, lock_file, write_progress
from ganfake.weights import write_atomically

CACHED_SIZE = 128  # side in pixels; the eyes of an LFW picture are about 40 pixels apart
MIN_FACE = 60  # pixels of 250; the face LFW means has about 90, bystanders may have fewer
ARCHIVE = "lfw-funneled.tgz"
ARCHIVE_BYTES = 243_346_528
FETCH = [sys.executable, "-P", str(Path(__file__).with_name("lfw_fetch.py"))]


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
            tree = _fetch(data_home_or_default(data_home), teller.tell)
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
    # Not slower for pictures this small, and spares 40 MB of compiled kernels.
    torch.backends.mkldnn.set_flags(False)
    cv2.setNumThreads(1)
    if hasattr(os, "nice"):
        os.nice(max(0, 10 - os.nice(0)))
    if threading.current_thread() is threading.main_thread():
        # Being asked to stop is an interruption, so that the progress says so.
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


def data_home_or_default(data_home: Path | None) -> Path:
    """As sklearn.datasets.get_data_home, without importing it."""
    chosen = data_home or os.environ.get("SCIKIT_LEARN_DATA") or "~/scikit_learn_data"
    return Path(chosen).expanduser().absolute()


def _fetch(data_home: Path, tell: Callable[[Progress], None]) -> Path:
    """The folder of LFW's pictures, complete."""
    home = data_home / "lfw_home"
    funneled = home / "lfw_funneled"
    if not (home / ARCHIVE).exists():
        for tree in (funneled, home / "lfw"):
            if tree.is_dir():
                return tree
    with _watching(home, tell):
        process = subprocess.Popen(
            [*FETCH, str(data_home)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        try:
            reason = process.stdout.read().strip()
            process.wait()
        finally:  # when we are interrupted, it must not go on
            process.stdin.close()
            process.terminate()
            process.wait()
    if process.returncode:
        reason = reason or "scikit-learn broke off"
        raise UserError(
            f"{NAME} could not be downloaded: {reason}; the game goes on with the pocket deck."
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
