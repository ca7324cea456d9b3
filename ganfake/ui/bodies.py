"""How much of what visitors send the server takes into its memory at once.

Gradio reads the body of every call, however long, before it looks at it, and keeps it in its queue
until its turn comes.
"""

from collections.abc import Iterable

from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ganfake.containers import MAX_BYTES
from ganfake.ui.uploads import BUSY

MOST = MAX_BYTES * 4 // 3 + 2**20  # bytes of one body: the longest video in base64
TOTAL = 400 * 2**20  # of all that are being read or wait for their turn
_SMALL = 2**16  # which are always taken: rounds of a game
_LONG = f"The call is over {MOST >> 20} MB; send a smaller file."


class Bodies:
    """Answers 413 to a body that is too long, and 503 while those of others fill the memory."""

    def __init__(self, app: ASGIApp):
        self.app, self._read = app, 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        announced = dict(scope["headers"]).get(b"content-length", b"0")
        length = int(announced) if announced.isdigit() else MOST + 1
        if length > MOST:
            await JSONResponse({"detail": _LONG}, 413)(scope, receive, send)
        elif not self._has_room(scope, length):
            await JSONResponse({"detail": BUSY}, 503)(scope, receive, send)
        else:
            await self._pass_on(scope, receive, send, length)

    def _has_room(self, scope: Scope, length: int) -> bool:
        return length <= _SMALL or length + self._read + waiting(scope.get("app")) <= TOTAL

    async def _pass_on(self, scope: Scope, receive: Receive, send: Send, length: int) -> None:
        """To Gradio; a body that turns out longer than it was announced ends there."""
        come = 0

        async def counted() -> Message:
            nonlocal come
            message = await receive()
            come += len(message.get("body", b""))
            return message if come <= max(length, _SMALL) else {"type": "http.disconnect"}

        self._read += length
        try:
            await self.app(scope, counted, send)
        finally:
            self._read -= length


def waiting(app: object) -> int:
    """Bytes of the texts in the calls that wait in Gradio's queue, or are being answered."""
    if not hasattr(app, "get_blocks"):
        return 0
    queue = app.get_blocks()._queue
    events = [
        event for line in queue.event_queue_per_concurrency_id.values() for event in line.queue
    ]
    events += [event for job in queue.active_jobs if job for event in job]
    return sum(_length(event.data.data) for event in events if event.data)


def _length(value: object) -> int:
    """Of all texts in a value of JSON."""
    found, left = 0, [value]
    while left:
        one = left.pop()
        if isinstance(one, str):
            found += len(one)
        elif isinstance(one, dict):
            left += one.values()
        elif isinstance(one, Iterable):
            left += one
    return found
