"""What the two halves of the LFW deck share: its files, and how far it is prepared.

`lfw_prepare` works in a process of its own, `lfw` plays. They meet in the cache folder:
the faces, one JSON file with the progress, and one file lock.
"""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

import filelock

from ganfake.folders import cache_dir
from ganfake.weights import write_atomically

NAME = "Labeled Faces in the Wild"
ACTIVE = ("download", "align")


@dataclass(frozen=True)
class Progress:
    """How far the preparation is; `done` of `total` are bytes, then pictures."""

    stage: str = "absent"  # absent, download, align, done, stopped, failed
    done: int = 0
    total: int = 0
    faces: int = 0  # that can be played
    reason: str = ""  # of a failure, a sentence

    def sentence(self) -> str:
        """What to tell a person."""
        if self.stage == "download" and self.done >= self.total > 0:
            return f"{NAME} has arrived and is being unpacked."
        pictures = f"{self.done:,} of {self.total:,} pictures"
        return {
            "absent": f"{NAME} has not been prepared on this machine.",
            "download": f"{NAME} is being downloaded: "
            f"{self.done / 1e6:.0f} of {self.total / 1e6:.0f} MB.",
            "align": f"{NAME} is being prepared: {pictures}, {self.faces:,} faces so far.",
            "done": f"{NAME} is ready: {self.faces:,} faces.",
            "stopped": f"The preparation of {NAME} was stopped; it goes on when started again.",
            "failed": self.reason,
        }[self.stage]


def faces_dir() -> Path:
    """Where the aligned faces lie: KEY.jpg, or an empty KEY.none for a picture without one."""
    return cache_dir() / "decks" / "lfw"


def lock_file() -> filelock.FileLock:
    """Held by whoever prepares, and let go by the system should that process die."""
    faces_dir().parent.mkdir(parents=True, exist_ok=True)
    return filelock.FileLock(faces_dir().with_name("lfw.lock"))


def read_progress() -> Progress:
    """As last written by the process that prepares, which may have died since."""
    try:
        return Progress(**json.loads(faces_dir().with_name("lfw.json").read_text()))
    except (OSError, ValueError, TypeError):
        return Progress()


def write_progress(progress: Progress) -> None:
    """Keep `progress` for all other processes."""
    path = faces_dir().with_name("lfw.json")
    write_atomically(path, (json.dumps(asdict(progress)) + "\n").encode())
