"""What visitors of the Check tab sent, in memory: nothing is written to disk, all is freed."""

import base64
import binascii
import secrets
import threading
import time
from dataclasses import dataclass, field

from ganfake import UserError
from ganfake.frames import MAX_BYTES  # of a video; pictures have a smaller limit of their own

CHUNK = 3 * 2**20  # bytes that the page sends at once
IDLE = 900.0  # seconds after which what nobody asks about is forgotten
_TOTAL = 400 * 2**20  # bytes of all visitors together
_MOST = 64  # files of all visitors together
_BUSY = "Other visitors' files fill the server's memory; try again in a few minutes."
GONE = "The server has forgotten this file, to protect it; choose it again."


@dataclass
class Upload:
    """One file: its bytes as they come, and what was found in it once it is checked."""

    name: str
    size: int
    content: bytearray | bytes = field(default_factory=bytearray)  # bytes once it is whole
    touched: float = field(default_factory=time.monotonic)
    session: str = ""  # of the page that asked for the check
    found: object = None  # what the tab keeps of the check


class Uploads:
    """Files by a secret token; they leave with their page, or when nobody asks any more."""

    def __init__(self, total: int = _TOTAL, most: int = _MOST, idle: float = IDLE):
        self._total, self._most, self._idle = total, most, idle
        self._files: dict[str, Upload] = {}
        self._lock = threading.Lock()
        self._sweeper: threading.Timer | None = None

    def __len__(self) -> int:
        return len(self._files)

    def begin(self, name: object, size: object) -> str:
        """Room for a file of `size` bytes; returns its token. UserError when there is none."""
        if isinstance(size, bool) or not isinstance(size, int) or size < 0:
            raise UserError("That is not a file; choose another one.")
        if size == 0:
            raise UserError("The file is empty; choose another one.")
        if size > MAX_BYTES:
            raise UserError(f"The file is over {MAX_BYTES >> 20} MB; use a smaller or shorter one.")
        self.sweep()
        with self._lock:
            held = sum(file.size for file in self._files.values())
            if held + size > self._total or len(self._files) >= self._most:
                raise UserError(_BUSY)
            token = secrets.token_urlsafe(24)
            self._files[token] = Upload(clean_name(name), size)
            self._watch()
        return token

    def put(self, token: object, at: object, content: object) -> int:
        """Add the next piece, base64 of at most CHUNK bytes; returns how many bytes there are."""
        file = self.get(token)
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
            file.content += piece
            have = len(file.content)
            if have == file.size:
                file.content = bytes(file.content)  # from now on shared, never copied
            return have

    def get(self, token: object) -> Upload:
        """The file of a token, kept for another while; UserError when it is gone."""
        file = self._files.get(token) if isinstance(token, str) else None
        if file is None:
            raise UserError(GONE)
        file.touched = time.monotonic()
        return file

    def whole(self, token: object) -> Upload:
        """The file of a token when all of it has come, else UserError."""
        file = self.get(token)
        if len(file.content) != file.size:
            raise UserError("The file has not arrived completely; try again.")
        return file

    def drop(self, token: object) -> None:
        """Forget a file; nothing happens where there is none."""
        if isinstance(token, str):
            with self._lock:
                self._files.pop(token, None)

    def leave(self, session: str) -> None:
        """Forget all that a page asked about."""
        with self._lock:
            for token in [t for t, f in self._files.items() if session and f.session == session]:
                del self._files[token]

    def sweep(self) -> None:
        """Forget what nobody has asked about for too long."""
        end = time.monotonic() - self._idle
        with self._lock:
            for token in [t for t, file in self._files.items() if file.touched < end]:
                del self._files[token]

    def _watch(self) -> None:
        """Sweep again by and by, as long as there are files; `_lock` is held."""
        if self._sweeper is None:
            self._sweeper = threading.Timer(max(self._idle / 5, 0.01), self._swept)
            self._sweeper.daemon = True
            self._sweeper.start()

    def _swept(self) -> None:
        self.sweep()
        with self._lock:
            self._sweeper = None
            if self._files:
                self._watch()


def clean_name(given: object) -> str:
    """A file's name to show and to report: its last part, printable and short; never a path."""
    name = str(given or "").replace("\\", "/").rsplit("/", 1)[-1]
    return "".join(c for c in name if c.isprintable())[:120].strip() or "picture"
