"""What the scripts of all tabs share when they call the server."""

import base64
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from ganfake import UserError

_PATIENCE = 30.0  # seconds that a visitor waits for a turn
_turns = threading.BoundedSemaphore(2)  # who renders at once, whatever the page's threads


def guarded(act):
    """`act` with its mistakes as {"error": one sentence}."""

    def call(payload: dict) -> dict:
        try:
            return act(payload if isinstance(payload, dict) else {})
        except UserError as error:
            return {"error": str(error)}

    call.__name__ = act.__name__
    return call


@contextmanager
def turn() -> Iterator[None]:
    """Wait for one of the few places to render at; UserError when it takes too long."""
    if not _turns.acquire(timeout=_PATIENCE):
        raise UserError("The server is busy with other people's pictures; try again.")
    try:
        yield
    finally:
        _turns.release()


def data_address(content: bytes, kind: str) -> str:
    """A file as an address that a browser shows, and saves as the very same file."""
    return f"data:{kind};base64," + base64.b64encode(content).decode()
