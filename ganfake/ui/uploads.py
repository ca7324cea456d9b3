"""Files that visitors send to the server's memory: nothing is written to disk, all is freed."""

import base64
import binascii
import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from ganfake import UserError, images, provenance
from ganfake.containers import MAX_BYTES  # of a video; pictures have a smaller limit of their own
from ganfake.swept import Swept
from ganfake.ui.addresses import picture_address
from ganfake.ui.calls import turn

# What the tabs' HTML says of the limits, in megabytes.
LIMITS = {"PICTURE_MB": images.MAX_BYTES >> 20, "VIDEO_MB": MAX_BYTES >> 20}
CHUNK = 3 * 2**20  # bytes that the page sends at once
# Seconds after which what nobody asks about is forgotten; they are looked through every fifth of
# it, so all is gone in 15 minutes.
IDLE = 750.0
_STALLED = 180.0  # seconds after which a file that has stopped coming is forgotten
_FETCHED = 60.0  # seconds after which a result that nobody fetches gives way to others
_MOST = 256  # files of all visitors of a tab
_PREVIEW = 1600  # pixels of the long side
BUSY = "Other visitors' files fill the server's memory; try again in a few minutes."
GONE = "The server has forgotten this file, to protect it; choose it again."


@dataclass
class Upload:
    """One file: its bytes as they come, and what was found in it or made of it."""

    name: str
    size: int
    content: bytearray | bytes = field(default_factory=bytearray)  # bytes once it is whole
    touched: float = field(default_factory=time.monotonic)
    session: str = ""  # of the page that sends it
    found: object = None  # what the tab keeps of the work; `held`, its bytes; `gives_way`, below

    @property
    def held(self) -> int:
        """Bytes of what has come, and of what was made of it."""
        return len(self.content) + getattr(self.found, "held", 0)

    @property
    def is_whole(self) -> bool:
        """Whether all of it has come."""
        return len(self.content) == self.size


class Room:
    """Memory that the files of several tabs share: at most `total` bytes of all visitors together,
    of files and of what was made of them."""

    def __init__(self, total: int):
        self.total, self.lock = total, threading.Lock()
        self._shelves: list[dict[str, Upload]] = []

    def shelf(self) -> dict[str, Upload]:
        """A place for the files of one more tab, by their tokens."""
        self._shelves.append({})
        return self._shelves[-1]

    def files(self) -> list[Upload]:
        """Of all tabs, who was asked about longest ago first; `lock` is held."""
        found = [file for shelf in self._shelves for file in shelf.values()]
        return sorted(found, key=lambda file: file.touched)


SHARED = Room(600 * 2**20)


class Uploads(Swept):
    """Files by a secret token; they leave with their page, or when nobody asks any more."""

    def __init__(self, room: Room = SHARED, most: int = _MOST, idle: float = IDLE):
        super().__init__(idle)
        self._room, self._most, self._lock = room, most, room.lock
        self._files = room.shelf()

    def __len__(self) -> int:
        return len(self._files)

    def begin(self, name: object, size: object) -> str:
        """Room for a file of `size` bytes; returns its token. UserError when there is none.

        What was announced and has not come takes no room from others: it may never come, and then
        it gives way to what is announced later.
        """
        if isinstance(size, bool) or not isinstance(size, int) or size < 0:
            raise UserError("That is not a file; choose another one.")
        if size == 0:
            raise UserError("The file is empty; choose another one.")
        if size > MAX_BYTES:
            raise UserError(f"The file is over {MAX_BYTES >> 20} MB; use a smaller or shorter one.")
        self.sweep()
        with self._lock:
            if len(self._files) >= self._most:
                empty = next((t for t, f in self._files.items() if not f.content), None)
                self._files.pop(empty, None)
            if not self._fits(size, give_up=False) or len(self._files) >= self._most:
                raise UserError(BUSY)
            token = secrets.token_urlsafe(24)
            self._files[token] = Upload(clean_name(name), size)
            self._watch()
        return token

    def receive(self, name: object, content: bytes) -> str:
        """Keep a file that has come in one piece; returns its token. UserError without room.

        Where there are too many, the one that has waited longest gives way.
        """
        self.sweep()
        with self._lock:
            if len(self._files) >= self._most:
                del self._files[min(self._files, key=lambda token: self._files[token].touched)]
            if not self._fits(len(content)):
                raise UserError(BUSY)
            token = secrets.token_urlsafe(24)
            self._files[token] = Upload(clean_name(name), len(content), content)
            self._watch()
        return token

    def _fits(self, more: int, give_up: bool = True) -> bool:
        """Whether so many bytes more may be kept; `_lock` is held.

        Results that nobody fetches give way where they say so, and go where `give_up` does.
        """
        files, late = self._room.files(), time.monotonic()
        free = self._room.total - sum(file.held for file in files)
        for file in files:
            if free >= more or file.touched > late - _FETCHED:
                break
            made = file.held - len(file.content)
            if made and file.found.gives_way:
                free += made
                file.found = None if give_up else file.found
        return free >= more

    def keep(self, token: object, found: object) -> None:
        """Keep what was made of a file, in the place of what was made before.

        found: has `held`, its bytes. UserError when the file is gone, or there is no room.
        """
        file = self._file(token)
        with self._lock:
            file.found = None
            if not self._fits(found.held):
                raise UserError(BUSY)
            file.found, file.touched = found, time.monotonic()

    def put(self, token: object, at: object, content: object) -> int:
        """Add the next piece, base64 of at most CHUNK bytes; returns how many bytes there are."""
        file = self._file(token)
        if not isinstance(content, str) or len(content) > CHUNK * 4 // 3 + 8:
            raise UserError("The file arrived in another shape than expected; reload the page.")
        try:
            piece = base64.b64decode(content, validate=True)
        except (binascii.Error, ValueError):
            raise UserError("A piece of the file was damaged on its way; try again.") from None
        with self._lock:
            have = len(file.content)
            if at != have or have + len(piece) > file.size:
                raise UserError("The pieces of the file came in disorder; try again.")
            if not self._fits(len(piece)):
                self._files.pop(token, None)
                raise UserError(BUSY)
            file.content += piece
            file.touched = time.monotonic()
            have = len(file.content)
            if have == file.size:
                file.content = bytes(file.content)  # from now on shared, never copied
            return have

    def get(self, token: object) -> Upload:
        """The file of a token, kept for another while; UserError when it is gone."""
        file = self._file(token)
        if file.is_whole:
            file.touched = time.monotonic()
        return file

    def _file(self, token: object) -> Upload:
        file = self._files.get(token) if isinstance(token, str) else None
        if file is None:
            raise UserError(GONE)
        return file

    def whole(self, token: object) -> Upload:
        """The file of a token when all of it has come, else UserError."""
        file = self.get(token)
        if not file.is_whole:
            raise UserError("The file has not arrived completely; try again.")
        return file

    def drop(self, token: object) -> None:
        """Forget a file; nothing happens where there is none."""
        if isinstance(token, str):
            with self._lock:
                self._files.pop(token, None)

    def claim(self, token: object, session: str) -> None:
        """A file belongs to the page of a session; nothing happens where there is none."""
        if file := self._files.get(token) if isinstance(token, str) else None:
            file.session = session

    def leave(self, session: str) -> None:
        """Forget all files of a page."""
        with self._lock:
            for token in [t for t, f in self._files.items() if session and f.session == session]:
                del self._files[token]

    def sweep(self) -> None:
        """Forget what nobody has asked about for too long."""
        now = time.monotonic()
        with self._lock:
            for token, file in list(self._files.items()):
                idle = self._idle if file.is_whole else min(self._idle, _STALLED)
                if file.touched < now - idle:
                    del self._files[token]


def clean_name(given: object) -> str:
    """A file's name to show and to report: its last part, printable and short; never a path."""
    name = str(given or "").replace("\\", "/").rsplit("/", 1)[-1]
    name = "".join(c for c in name if c.isprintable()).strip()
    ending = Path(name).suffix[:10]
    return name if 0 < len(name) <= 120 else name[: 120 - len(ending)] + ending or "picture"


def file_acts(uploads: Uploads) -> list[Callable[[dict], dict]]:
    """What a tab's script may ask about its files; each takes one JSON object and returns one."""

    def begin(said: dict) -> dict:
        """Room for a file: its token, and how many bytes to send at once."""
        return {"token": uploads.begin(said.get("name"), said.get("size")), "chunk": CHUNK}

    def put(said: dict) -> dict:
        """The next piece of a file."""
        return {"have": uploads.put(said.get("token"), said.get("at"), said.get("content"))}

    def drop(said: dict) -> dict:
        """Forget a file and all that was found in it or made of it."""
        uploads.drop(said.get("token"))
        return {}

    def preview(said: dict) -> dict:
        """The picture for browsers that cannot show its format; its mark stays with it."""
        content = uploads.whole(said.get("token")).content
        with turn():
            picture = images.open_picture(content, _PREVIEW)
        mark = provenance.read(content)
        return {"picture": picture_address(np.asarray(picture), mark, "WEBP")}

    return [begin, put, drop, preview]
