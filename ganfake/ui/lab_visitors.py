"""Every visitor's own GAN lab, and when it is given back."""

import threading
import time

from ganfake import UserError
from ganfake.lab import Knobs, LabGAN

MOST = 8  # labs at once
IDLE = 300.0  # seconds after which a lab that nobody touches is freed


class Visit:
    """One visitor's lab. Hold `lock` while touching `lab`; `run` numbers who trains it."""

    def __init__(self, lab: LabGAN):
        self.lab = lab
        self.lock = threading.Lock()
        self.run = 0  # raised by whatever stops training
        self.touched = time.monotonic()

    def touch(self) -> None:
        """Say that the visitor is still there."""
        self.touched = time.monotonic()

    def halt(self) -> int:
        """Stop the training that goes on, if any; returns the number of the next one."""
        self.run += 1
        return self.run


class Visitors:
    """Labs by session; they leave when their page does, or when nobody touches them."""

    def __init__(self, most: int = MOST, idle: float = IDLE):
        self._most, self._idle = most, idle
        self._visits: dict[str, Visit] = {}
        self._lock = threading.Lock()
        self._sweeper: threading.Timer | None = None

    def __len__(self) -> int:
        return len(self._visits)

    def get(self, session: str) -> Visit | None:
        """A session's visit, or None when there is none or it has been freed."""
        return self._visits.get(session)

    def open(self, session: str, network: str, knobs: Knobs, fresh: bool = False) -> Visit:
        """A session's visit with this network, new where there is none or `fresh` says so.

        Training that goes on continues with the new lab. UserError when all are taken.
        """
        self.sweep()
        with self._lock:
            visit = self._visits.get(session)
            if visit is None:
                if len(self._visits) >= self._most:
                    raise UserError(
                        f"All {self._most} labs are in use by other visitors; try again in a few"
                        " minutes."
                    )
                visit = self._visits[session] = Visit(LabGAN(network, knobs))
            self._watch()
        with visit.lock:
            if fresh or visit.lab.network != network:
                visit.lab = LabGAN(network, knobs, visit.lab.seed + 1)
            elif visit.lab.knobs != knobs:
                visit.lab.turn(knobs)
        visit.touch()
        return visit

    def close(self, session: str) -> None:
        """Free a session's lab, and stop its training; nothing happens where there is none."""
        with self._lock:
            visit = self._visits.pop(session, None)
        if visit is not None:
            visit.halt()

    def sweep(self) -> None:
        """Free the labs that nobody has touched for too long."""
        now = time.monotonic()
        for session, visit in list(self._visits.items()):
            if now - visit.touched > self._idle:
                self.close(session)

    def _watch(self) -> None:
        """Sweep again by and by, as long as there are labs; `_lock` is held."""
        if self._sweeper is None:
            self._sweeper = threading.Timer(max(self._idle / 5, 0.01), self._swept)
            self._sweeper.daemon = True
            self._sweeper.start()

    def _swept(self) -> None:
        self.sweep()
        with self._lock:
            self._sweeper = None
            if self._visits:
                self._watch()
