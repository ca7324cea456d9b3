"""What every visitor has for themselves on the server, and when it is given back."""

import threading
import time
from collections.abc import Callable
from typing import Generic, TypeVar

from ganfake import UserError
from ganfake.swept import Swept


class Visit:
    """What one page has. Hold `lock` while touching it; `run` numbers who works on it."""

    def __init__(self):
        self.lock = threading.Lock()
        self.run = 0  # raised by whatever stops the work
        self.touched = time.monotonic()

    def touch(self) -> None:
        """Say that the visitor is still there."""
        self.touched = time.monotonic()

    def halt(self) -> int:
        """Stop the work that goes on, if any; returns the number of the next one."""
        self.run += 1
        return self.run


Own = TypeVar("Own", bound=Visit)


class Visits(Swept, Generic[Own]):
    """Visits by session; they leave when their page does, or when nobody touches them."""

    def __init__(self, most: int, idle: float):
        super().__init__(idle)
        self._most = most
        self._visits: dict[str, Own] = {}

    def __len__(self) -> int:
        return len(self._visits)

    def get(self, session: str) -> Own | None:
        """A session's visit, or None when there is none or it has been freed."""
        return self._visits.get(session)

    def _entered(self, session: str, new: Callable[[], Own], full: str) -> Own:
        """A session's visit, a new one where there is none. UserError(full) when all are taken."""
        self.sweep()
        with self._lock:
            visit = self._visits.get(session)
            if visit is None:
                if len(self._visits) >= self._most:
                    raise UserError(full)
                visit = self._visits[session] = new()
            self._watch()
        visit.touch()
        return visit

    def close(self, session: str) -> None:
        """Free what a session has, and stop its work; nothing happens where there is none."""
        with self._lock:
            visit = self._visits.pop(session, None)
        if visit is not None:
            visit.halt()

    def sweep(self) -> None:
        """Free what nobody has touched for too long."""
        now = time.monotonic()
        for session, visit in list(self._visits.items()):
            if now - visit.touched > self._idle:
                self.close(session)
