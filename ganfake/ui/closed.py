"""What Gradio offers every visitor and this page does not: fetching addresses, keeping files.

Gradio fetches whatever address stands in a call, before our functions see it, and answers
`/gradio_api/file=ADDRESS` with what it fetched: an open proxy, however public the address has to
be. Its uploads go to the disk, where they wait for somebody to use them. Our tabs take files into
memory in pieces (`uploads`), and hand them out as data addresses (`addresses`).
"""

import re

import gradio as gr
from gradio import processing_utils
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

_SENTENCE = "No address is fetched and no file is kept here; use the page, or send data in base64."
_CLOSED = re.compile(
    r"/(upload(_progress)?|process_recording|deep_link|stream/|proxy=|file[=/]|vibe-|undo-vibe)"
)


class Closed:
    """Answers 403 where Gradio would fetch, take or hand out files."""

    def __init__(self, app: ASGIApp):
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and _CLOSED.match(_last_part(scope["path"])):
            await JSONResponse({"detail": _SENTENCE}, 403)(scope, receive, send)
            return
        await self.app(scope, receive, send)


def _last_part(path: str) -> str:
    """What stands behind Gradio's prefix, wherever a proxy has put the page."""
    return "/" + path.rpartition("/gradio_api/")[2].lstrip("/") if "/gradio_api/" in path else path


async def _refused(url: str, cache_dir: str) -> str:
    raise gr.Error(_SENTENCE)


def fetch_nothing() -> None:
    """Make Gradio refuse the addresses in its calls, which no option of it does."""
    processing_utils.async_ssrf_protected_download = _refused
