"""Taking turns: one after another, in the order of asking, and everyone may ask their place."""

import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ganfake import UserError

MOST = 12  # who stand in one line: each holds one of the page's threads
_TELL = 1.0  # seconds from one word of one's place to the next
_FULL = "Too many people are waiting for this already; try again in a few minutes."
_TWICE = "Another clip of yours is waiting or in work; wait until it is done, or stop it."
_REPLACED = "A later wish of yours has taken the place of this one."


@dataclass(eq=False)
class Place:
    """Where somebody stands. session: whose it is, "" for nobody's; work: what it is for."""

    session: str = ""
    work: str = ""
    replaced: bool = False  # by a later one of the same session


class Turns:
    """A line before one place. Whoever stands first works until they leave."""

    def __init__(self, most: int = MOST):
        self._most = most
        self._line: list[Place] = []
        self._moved = threading.Condition()

    def __len__(self) -> int:
        return len(self._line)

    def join(self, session: str = "", work: str = "") -> Place:
        """Stand at the end; returns who one is there. UserError when the line is full.

        A session has one place: the same work again gives the old one up, for a page may ask
        anew before what it stopped has ended; UserError for other work.
        """
        with self._moved:
            mine = [p for p in self._line if session and p.session == session and not p.replaced]
            if any(place.work != work for place in mine):
                raise UserError(_TWICE)
            if len(self._line) - len(mine) >= self._most:
                raise UserError(_FULL)
            for place in mine:
                place.replaced = True
                if place is not self._line[0]:  # who works stays until the work has ended
                    self._line.remove(place)
            who = Place(session, work)
            self._line.append(who)
            self._moved.notify_all()
            return who

    def wait(self, who: Place, seconds: float) -> int:
        """How many stand before, after some seconds at most; 0 as soon as it is one's turn."""
        with self._moved:
            self._moved.wait_for(lambda: who.replaced or self._line.index(who) == 0, seconds)
            check_place(who)
            return self._line.index(who)

    def leave(self, who: Place) -> None:
        """Step out of the line, whether one's turn has come or not."""
        with self._moved:
            if who in self._line:  # who was replaced is not
                self._line.remove(who)
            self._moved.notify_all()


def check_place(who: Place) -> None:
    """UserError when a later wish of the same session has taken a place."""
    if who.replaced:
        raise UserError(_REPLACED)


def in_turn(
    turns: Turns, work: Iterable[dict], session: str = "", kind: str = ""
) -> Iterator[dict]:
    """{"place": how many stand before} about every second, then what `work` says.

    Closing the iterator steps out of the line, at the next word. session, kind: whose place it
    is and for which work, of which a session has one in this line; UserError as `Turns.join`.
    """
    who = turns.join(session, kind)
    try:
        while ahead := turns.wait(who, _TELL):
            yield {"place": ahead}
        for word in work:
            check_place(who)
            yield word
    finally:
        if close := getattr(work, "close", None):
            close()  # what was begun ends before the next one's turn
        turns.leave(who)
