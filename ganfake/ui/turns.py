"""Taking turns: one after another, in the order of asking, and everyone may ask their place."""

import threading
from collections.abc import Iterable, Iterator

from ganfake import UserError

MOST = 12  # who stand in one line: each holds one of the page's threads
_TELL = 1.0  # seconds from one word of one's place to the next
_FULL = "Too many people are waiting for this already; try again in a few minutes."


class Turns:
    """A line before one place. Whoever stands first works until they leave."""

    def __init__(self, most: int = MOST):
        self._most = most
        self._line: list[object] = []
        self._moved = threading.Condition()

    def __len__(self) -> int:
        return len(self._line)

    def join(self) -> object:
        """Stand at the end; returns who one is there. UserError when the line is full."""
        with self._moved:
            if len(self._line) >= self._most:
                raise UserError(_FULL)
            who = object()
            self._line.append(who)
            return who

    def wait(self, who: object, seconds: float) -> int:
        """How many stand before, after some seconds at most; 0 as soon as it is one's turn."""
        with self._moved:
            self._moved.wait_for(lambda: self._line.index(who) == 0, seconds)
            return self._line.index(who)

    def leave(self, who: object) -> None:
        """Step out of the line, whether one's turn has come or not."""
        with self._moved:
            self._line.remove(who)
            self._moved.notify_all()


def in_turn(turns: Turns, work: Iterable[dict]) -> Iterator[dict]:
    """{"place": how many stand before} about every second, then what `work` says.

    Closing the iterator steps out of the line, at the next word.
    """
    who = turns.join()
    try:
        while ahead := turns.wait(who, _TELL):
            yield {"place": ahead}
        yield from work
    finally:
        turns.leave(who)
