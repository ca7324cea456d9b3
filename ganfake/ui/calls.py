"""What the scripts of all tabs share when they call the server."""

import json
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from functools import wraps

from ganfake import UserError
from ganfake.quiz import Gone

_PATIENCE = 30.0  # seconds that a visitor waits for a turn
_MAX_WISH = 4000  # characters
_turns = threading.BoundedSemaphore(2)  # who renders at once, whatever the page's threads
_waiting = threading.BoundedSemaphore(24)  # who waits for that, each in one of the page's threads
_BUSY = "The server is busy with other people's pictures; try again."


def guarded(act):
    """`act` with its mistakes as {"error": one sentence}, and what is "gone" of the game."""

    def call(payload: dict) -> dict:
        try:
            return act(payload if isinstance(payload, dict) else {})
        except Gone as error:
            return {"error": str(error), "gone": error.what}
        except UserError as error:
            return {"error": str(error)}

    call.__name__ = act.__name__
    return call


@contextmanager
def turn() -> Iterator[None]:
    """Wait for one of the few places to render at; UserError when it takes too long, and at once
    where many wait."""
    if not _waiting.acquire(blocking=False):
        raise UserError(_BUSY)
    try:
        if not _turns.acquire(timeout=_PATIENCE):
            raise UserError(_BUSY)
    finally:
        _waiting.release()
    try:
        yield
    finally:
        _turns.release()


def once(most: int) -> Callable:
    """For a function of plain values: what it found is kept for the last `most` of them, and who
    asks while it is being found waits for it. Mistakes are not kept."""

    def keeping(act: Callable) -> Callable:
        kept: dict[tuple, Future] = {}
        lock = threading.Lock()

        @wraps(act)
        def call(*key):
            with lock:
                found, first = kept.get(key), key not in kept
                if first:
                    found = kept[key] = Future()
                    if len(kept) > most:
                        del kept[next(iter(kept))]
            if first:
                try:
                    found.set_result(act(*key))
                except BaseException as error:  # noqa: BLE001 - `result` raises it
                    with lock:
                        kept.pop(key, None)
                    found.set_exception(error)
            return found.result()

        return call

    return keeping


def read_wish(wish: object, most: int = _MAX_WISH) -> tuple[int, dict]:
    """What a script wants of long work, JSON with a "number"; UserError for what is none.

    most: characters.
    """
    try:
        said = json.loads(wish) if isinstance(wish, str) and len(wish) <= most else None
    except (ValueError, RecursionError):
        said = None
    number = said.get("number") if isinstance(said, dict) else None
    if isinstance(number, bool) or not isinstance(number, int) or not 0 <= number < 2**31:
        raise UserError("The page and the server do not understand each other; reload the page.")
    return number, said
