"""The folder deck: faces from any folder, zip or picture; they stay in memory."""

import hashlib
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ganfake import UserError
from ganfake.archives import Contents, read_pictures
from ganfake.faces import align_face, find_faces
from ganfake.images import NO_PICTURE
from ganfake.quiz.decks.base import Deck

SIZE = 64  # side of a face in pixels
MIN_EYE_DISTANCE = 16  # pixels in the photograph: what the eyes of a 64-pixel crop span
MIN_FACES = 2
MAX_FILES = 2000
STOPPED = "Reading was stopped; nothing of the pictures was kept."


@dataclass
class FolderReport:
    """What became of the files of a folder; each is counted once, faces apart."""

    faces: int = 0
    pictures: int = 0  # files that opened as pictures
    no_face: int = 0  # pictures
    too_small: int = 0  # faces
    duplicates: int = 0  # faces
    unreadable: int = 0  # files
    not_pictures: int = 0  # files
    stopped: str = ""  # why not all files were looked at, if so

    def sentence(self) -> str:
        """ "42 faces from 40 pictures; skipped: 3 without a face, 1 unreadable file."."""
        skipped = [
            (self.no_face, f"{self.no_face} without a face"),
            (self.too_small, f"{_count(self.too_small, 'face')} too small or blurred"),
            (self.duplicates, f"{_count(self.duplicates, 'face')} seen before"),
            (self.unreadable, _count(self.unreadable, "unreadable file")),
            (self.not_pictures, f"{_count(self.not_pictures, 'file')} of another kind"),
        ]
        listed = ", ".join(words for number, words in skipped if number)
        text = f"{_count(self.faces, 'face')} from {_count(self.pictures, 'picture')}"
        text += f"; skipped: {listed}" if listed else ""
        return text + (f"; {self.stopped}" if self.stopped else "") + "."


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


class FolderDeck(Deck):
    """Faces of somebody's own photographs, held in memory and never written to the disk."""

    name = "folder"
    title = "Your photographs"
    about = "Faces found in your own pictures; they stay in memory until the game ends."
    size = SIZE

    def __init__(self, faces: np.ndarray, title: str = title) -> None:
        """faces: (N, 64, 64, 3) uint8, aligned to the template."""
        self._faces = faces
        self.title = title

    def __len__(self) -> int:
        return len(self._faces)

    def face(self, index: int) -> np.ndarray:
        return self._faces[index].copy()


def read_folder(
    source: Path | Contents,
    progress: Callable[[int], None] | None = None,
    limit_faces: int = 300,
    cancelled: Callable[[], bool] = lambda: False,
    patience: float = float("inf"),
) -> tuple[FolderDeck, FolderReport]:
    """Find and align the faces of a folder with its subfolders, a zip or one picture, or of
    files in memory.

    progress: called after every file with how many are done; they are not counted
    beforehand. patience: seconds after which no more files are begun. Raises UserError when
    `source` cannot be opened, when fewer than two faces are found, or when `cancelled` answers
    True.
    """
    report, seen = FolderReport(), {}
    files, end = 0, time.monotonic() + patience
    with closing(read_pictures(source, limit=MAX_FILES)) as opened:  # closes a zip at once
        for _, picture in opened:
            if cancelled():
                raise UserError(STOPPED)
            if isinstance(picture, UserError):
                not_one = str(picture) == NO_PICTURE
                report.not_pictures += not_one
                report.unreadable += not not_one
            else:
                _take_faces(np.asarray(picture), seen, report, limit_faces)
            files += 1
            if progress:
                progress(files)
            if len(seen) >= limit_faces:
                report.stopped = f"stopped at {_count(limit_faces, 'face')}"
                break
            if time.monotonic() > end:
                report.stopped = f"stopped after {patience:.0f} seconds"
                break
    if files >= MAX_FILES and not report.stopped:
        report.stopped = f"only the first {MAX_FILES:,} files were looked at"
    report.faces = len(seen)
    if report.faces < MIN_FACES:
        raise UserError(
            f"A game needs at least {MIN_FACES} faces; choose more photographs of people "
            f"({report.sentence().removesuffix('.')})."
        )
    return FolderDeck(np.stack(list(seen.values()))), report


def _take_faces(
    picture: np.ndarray, seen: dict[bytes, np.ndarray], report: FolderReport, limit: int
) -> None:
    """Add a picture's faces to `seen`, under their hash, and count what is left out."""
    report.pictures += 1
    faces = find_faces(picture)
    report.no_face += not faces
    for face in faces:
        if face.eye_distance < MIN_EYE_DISTANCE:
            report.too_small += 1
            continue
        aligned = align_face(picture, face, SIZE)
        key = hashlib.sha256(aligned.tobytes()).digest()
        if key in seen:
            report.duplicates += 1
        elif len(seen) < limit:
            seen[key] = aligned
