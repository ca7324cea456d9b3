"""Long work in a thread that tells how far it is, and that stops when nobody listens."""

import queue
import threading
import time
from collections.abc import Callable, Iterator
from typing import TypeVar

from ganfake import UserError

_PATIENCE = 120.0  # seconds without progress after which work counts as lost
_MOST = 3600.0  # seconds that it may take in all, for others wait behind it
_ENDING = 5.0  # seconds that who stopped waits for it to end, before the next one's turn
Result = TypeVar("Result")


class _Stopped(Exception):
    """The visitor stopped the work, or left."""


def told(
    act: Callable[[Callable[[float], None]], Result], name: str, late: str
) -> Iterator[tuple[float, Result | None]]:
    """(share done, None) as a thread runs `act(tell)`, then (1, its result).

    What `act` raises is raised here; UserError(`late`) when it says nothing for too long, or
    when it takes more than an hour.
    When the iterator is closed, the next call of `tell` ends the work, and it is waited for.
    """
    heard: queue.Queue = queue.Queue()
    stopped, end = threading.Event(), time.monotonic() + _MOST

    def tell(share: float) -> None:
        if stopped.is_set():
            raise _Stopped
        heard.put((share, None))

    def work() -> None:
        try:
            heard.put((1.0, act(tell)))
        except _Stopped:
            pass
        except Exception as error:  # noqa: BLE001 - it is raised again below
            heard.put((1.0, error))

    thread = threading.Thread(target=work, name=name, daemon=True)
    thread.start()
    try:
        while True:
            share, found = heard.get(timeout=_PATIENCE)
            if isinstance(found, Exception):
                raise found
            yield share, found
            if found is not None:
                return
            if time.monotonic() > end:
                raise UserError(late)
    except queue.Empty:
        raise UserError(late) from None
    finally:
        stopped.set()
        thread.join(_ENDING)
