"""Rounds that are dealt and wait for their answer, in memory."""

import time
from dataclasses import dataclass, field

from ganfake import UserError
from ganfake.quiz.cards import Card
from ganfake.quiz.scores import Look, Set

OVER = "This round is over: it was answered, or has waited for too long; take the next one."
_MAX_OPEN = 4_000  # rounds of all players; the oldest go first
_MAX_AGE = 2 * 3600.0  # seconds: longer than lunch


@dataclass(frozen=True)
class Round:
    """A round as the server knows it. `cards` are in the order shown."""

    id: str
    token: str
    set: Set
    number: int
    cards: tuple[Card, ...]
    pictures: tuple[bytes, ...]
    truth: str  # `left` or `right`, the real one; `real` or `fake` for a single picture
    dealt: float = field(default_factory=time.monotonic)

    @property
    def choices(self) -> tuple[str, str]:
        return ("left", "right") if len(self.cards) == 2 else ("real", "fake")


class OpenRounds:
    """Rounds without an answer, at most one for each player, mode and deck.

    Rooms do not matter: else a hard pair could be left behind in one. Whoever calls sees to it
    that only one thread does.
    """

    def __init__(self):
        self._rounds: dict[str, Round] = {}  # by id, the oldest first
        self._waiting: dict[tuple[str, str, str], str] = {}  # (token, mode, deck): id
        self._looks: dict[str, Look] = {}  # by id: what was said before the second look

    def __len__(self) -> int:
        return len(self._rounds)

    def get(self, key: object) -> Round:
        """The round with this id; UserError when there is none that waits."""
        round_ = self._rounds.get(key) if isinstance(key, str) else None
        if round_ is None:
            raise UserError(OVER)
        return round_

    def waiting(self, token: str, mode: str, deck: str) -> Round | None:
        """What the player was dealt in this mode and deck and has not answered."""
        return self._rounds.get(self._waiting.get((token, mode, deck), ""))

    def keep(self, round_: Round) -> None:
        """Let a round wait; one that waits already, under its id, changes its set."""
        self._rounds[round_.id] = round_
        self._waiting[_key(round_)] = round_.id

    def forget(self, round_: Round) -> None:
        """The round is over."""
        self._rounds.pop(round_.id, None)
        self._looks.pop(round_.id, None)
        if self._waiting.get(_key(round_)) == round_.id:
            del self._waiting[_key(round_)]

    def forget_deck(self, token: str, deck: str) -> None:
        """Forget whatever a player was dealt from a deck, with its photographs."""
        for round_ in list(self._rounds.values()):
            if (round_.token, round_.set.deck) == (token, deck):
                self.forget(round_)

    def sweep(self) -> None:
        """Forget the oldest: those that waited for too long, and those that are too many."""
        end = time.monotonic() - _MAX_AGE
        spare = len(self._rounds) - _MAX_OPEN
        for index, round_ in enumerate(list(self._rounds.values())):
            if index >= spare and round_.dealt >= end:
                break
            self.forget(round_)

    # -- the second look -----------------------------------------------------------
    def look(self, round_: Round) -> Look | None:
        """What was said before the second look, None while that is still open."""
        return self._looks.get(round_.id)

    def take_look(self, round_: Round, look: Look) -> Look:
        """Keep what was said first; of two, the one that came first. UserError when it is over."""
        self.get(round_.id)
        return self._looks.setdefault(round_.id, look)


def _key(round_: Round) -> tuple[str, str, str]:
    return round_.token, round_.set.mode, round_.set.deck
