"""Visitors' own photographs as decks: in memory only, each for its visitor alone."""

import threading
import time
from collections.abc import Callable
from pathlib import Path

from ganfake import UserError
from ganfake.archives import Contents
from ganfake.quiz.cards import Pack, Supply
from ganfake.quiz.decks.folder import STOPPED, read_folder
from ganfake.swept import Swept

OWN = "own"
_MOST = 20  # decks held at once
_PATIENCE = 90.0  # seconds that reading one may take, for others wait behind it
_IDLE = 3000.0  # seconds; they are looked through every fifth of it, so all are gone in an hour


class OwnDecks(Swept):
    """The decks that visitors brought, among the packs of a game, until their time is over."""

    def __init__(
        self,
        packs: dict[str, Pack],
        supply: Supply,
        dropped: Callable[[str, str], None],
        idle: float = _IDLE,
    ):
        """dropped: told of the token and the deck's name whenever a deck is gone."""
        super().__init__(idle)
        self._packs, self._supply, self._dropped = packs, supply, dropped
        self._since: dict[str, float] = {}  # token: when it was read, oldest first
        self._reading: dict[str, threading.Event] = {}  # token: set to stop

    def __len__(self) -> int:
        return len(self._since)

    def pack(self, token: str) -> Pack | None:
        """A visitor's deck, None where there is none."""
        return self._packs.get(_name(token))

    def read(
        self,
        token: str,
        source: Path | Contents,
        progress: Callable[[int], None] | None = None,
    ) -> str:
        """Make photographs the visitor's deck; returns what became of the files.

        It takes the place of an earlier one, and of one that is being read. Raises as
        `read_folder`, also when it is stopped.
        """
        stop = threading.Event()
        with self._lock:
            self._stop(token)
            self._reading[token] = stop
        try:
            deck, report = read_folder(source, progress, cancelled=stop.is_set, patience=_PATIENCE)
            pack = Pack(deck, self._supply)
            pack.fill()
            self._keep(token, pack, stop)
        finally:
            with self._lock:
                if self._reading.get(token) is stop:
                    del self._reading[token]
        self.sweep()
        return report.sentence()

    def _keep(self, token: str, pack: Pack, stop: threading.Event) -> None:
        with self._lock:
            if stop.is_set():
                raise UserError(STOPPED)
            self._drop(token)
            self._since[token] = time.monotonic()  # the newest stands last
            self._packs[_name(token)] = pack
            self._watch()

    def forget(self, token: str) -> None:
        """Stop reading a visitor's photographs, and forget what was read."""
        with self._lock:
            self._stop(token)
            self._drop(token)

    def sweep(self) -> None:
        """Forget the decks whose time is over, and the oldest of too many."""
        with self._lock:
            end, spare = time.monotonic() - self._idle, len(self._since) - _MOST
            for index, (token, since) in enumerate(list(self._since.items())):
                if index < spare or since < end:
                    self._drop(token)

    def _stop(self, token: str) -> None:
        reading = self._reading.pop(token, None)
        if reading is not None:
            reading.set()

    def _drop(self, token: str) -> None:
        if self._since.pop(token, None) is not None:
            self._packs.pop(_name(token), None)
            self._dropped(token, OWN)  # what was dealt from it shows its photographs


def _name(token: str) -> str:
    return f"{OWN}:{token}"
