"""Labeled Faces in the Wild (Huang et al. 2007): the large deck, fetched on demand.

`start_lfw` lets another process prepare it (see `lfw_prepare`); the deck grows meanwhile.
"""

import atexit
import os
import subprocess
import sys
import threading
import time
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

import cv2
import filelock
import numpy as np
from PIL import Image

from ganfake import UserError
from ganfake.quiz.decks.base import Deck
from ganfake.quiz.decks.lfw_prepare import prepare_lfw
from ganfake.quiz.decks.lfw_state import (
    ACTIVE,
    NAME,
    Progress,
    faces_dir,
    lock_file,
    read_progress,
    write_progress,
)

__all__ = ["LFWDeck", "Progress", "lfw_progress", "prepare_lfw", "start_lfw", "stop_lfw"]

MIN_FACES = 100  # fewer would come round again too soon
COMMAND = [sys.executable, "-m", "ganfake", "deck", "lfw"]
# Large blocks go back to the system at once: a bound on what glibc would keep. Elsewhere
# these variables mean nothing.
_FRUGAL = {
    "OMP_NUM_THREADS": "1",
    "MALLOC_ARENA_MAX": "1",
    "MALLOC_MMAP_THRESHOLD_": "1048576",
    "MALLOC_TRIM_THRESHOLD_": "1048576",
}
_STARTING = 15.0  # seconds a fresh process of another server has to take the lock
_KEPT = 300  # decoded faces, 12 kB each

_starting = threading.Lock()
_child: subprocess.Popen | None = None


class LFWDeck(Deck):
    """The faces that are prepared so far."""

    name = "lfw"
    title = NAME
    about = "News photographs of well-known people, in colour and as they were found."
    size = 64

    def __init__(self) -> None:
        self._keys: list[str] = []
        self._listed_at = -1.0
        self._listing = threading.Lock()
        self._decode = lru_cache(maxsize=_KEPT)(self._read)

    def __len__(self) -> int:
        with self._listing:
            if self._listed_at < 0 or time.monotonic() - self._listed_at >= 1.0:
                known = set(self._keys)
                found = {path.name for path in faces_dir().glob("[!.]*.jpg")}
                # New ones go to the end, so that an index stays valid.
                self._keys += sorted(found - known)
                self._listed_at = time.monotonic()
            return len(self._keys)

    @property
    def ready(self) -> bool:
        return len(self) >= MIN_FACES

    def face(self, index: int) -> np.ndarray:
        if not 0 <= index < (len(self._keys) or len(self)):
            raise IndexError(f"There is no face {index} in the deck.")
        return self._decode(index).copy()

    def _read(self, index: int) -> np.ndarray:
        path = faces_dir() / self._keys[index]
        try:
            with Image.open(path) as picture:
                face = np.asarray(picture.convert("RGB"))
        except OSError:
            raise UserError(f"{path} is damaged; delete {path.parent} and start again.") from None
        return cv2.resize(face, (self.size, self.size), interpolation=cv2.INTER_AREA)


def start_lfw(data_home: Path | None = None) -> None:
    """Prepare the deck in another process, unless that is done or under way.

    data_home: scikit-learn's data folder; None means its own default (the variable
    SCIKIT_LEARN_DATA, else ~/scikit_learn_data). Returns at once; see `lfw_progress`.
    Raises UserError when the cache folder cannot be written.
    """
    global _child
    with _starting:
        try:
            if _running() or _complete():
                return
            write_progress(Progress("download"))
            with faces_dir().with_name("lfw.log").open("wb") as log:
                _child = subprocess.Popen(
                    COMMAND,
                    env=_environment(data_home),
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                )
        except OSError as error:
            raise UserError(f"{NAME} could not be prepared: {error}.") from error
        atexit.register(stop_lfw)  # nothing goes on unseen when the program ends


def stop_lfw() -> None:
    """End the process that `start_lfw` of this program started; what is done stays."""
    with _starting:
        if _child is None or _child.poll() is not None:
            return
        _child.terminate()
        try:
            _child.wait(5)
        except subprocess.TimeoutExpired:
            _child.kill()
            _child.wait()
        progress = read_progress()
        if progress.stage in ACTIVE and not _running():
            write_progress(replace(progress, stage="stopped"))


def lfw_progress() -> Progress:
    """How far the preparation is; a process that died without a word has failed."""
    progress = read_progress()
    if progress.stage not in ACTIVE or _running():
        return progress
    progress = read_progress()  # it may have ended properly between the two looks
    if progress.stage not in ACTIVE:
        return progress
    log = faces_dir().with_name("lfw.log")
    reason = f"The preparation of {NAME} broke off; start it again to go on (see {log})."
    return replace(progress, stage="failed", reason=reason)


def _running() -> bool:
    """Whether a process of this or another program is preparing the deck."""
    if _child is not None and _child.poll() is None:
        return True
    try:
        lock_file().acquire(timeout=0).lock.release()
    except filelock.Timeout:
        return True
    if _child is not None:
        return False
    try:
        written = faces_dir().with_name("lfw.json").stat().st_mtime
    except OSError:
        return False
    return read_progress() == Progress("download") and time.time() - written < _STARTING


def _complete() -> bool:
    progress = read_progress()
    faces = sum(1 for _ in faces_dir().glob("[!.]*.jpg"))
    return progress.stage == "done" and 0 < progress.faces <= faces


def _environment(data_home: Path | None) -> dict[str, str]:
    """Ours, and what lets the other process find the program and scikit-learn's folder."""
    root = str(Path(__file__).resolve().parents[3])
    paths = [root, *filter(None, [os.environ.get("PYTHONPATH")])]
    environment = {**os.environ, **_FRUGAL, "PYTHONPATH": os.pathsep.join(paths)}
    if data_home is not None:
        environment["SCIKIT_LEARN_DATA"] = str(data_home)
    return environment
