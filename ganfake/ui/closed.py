"""What Gradio does for every visitor and this page does not: fetching addresses, keeping files.

Gradio fetches whatever address stands in a call, before our functions see it, and answers
`/gradio_api/file=ADDRESS` with what it fetched: an open proxy, however public the address has to
be. Its uploads go to the disk, where they wait for somebody to use them. Our tabs take files into
memory in pieces (`uploads`), our endpoints at once (`handed`), and hand them out as data addresses
(`addresses`). It remembers what last went into and came out of every component of a visit, until
10,000 others have come. And it writes what a wrong call held, photographs too, into the server's
log.
"""

import inspect
import re

import gradio as gr
from gradio import processing_utils
from gradio.block_function import BlockFunction
from gradio.state_holder import SessionState
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from ganfake.ui.handed import as_text

_SENTENCE = "No address is fetched and no file is kept here; use the page, or send data in base64."
# Behind Gradio's prefix, wherever a proxy has put the page; an address may hold the prefix too.
_CLOSED = re.compile(
    r"(^|/gradio_api)/+"
    r"(upload(_progress)?|process_recording|deep_link|stream/|proxy=|file[=/]|vibe-|undo-vibe)"
)


class Closed:
    """Answers 403 where Gradio would fetch, take or hand out files."""

    def __init__(self, app: ASGIApp):
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and _CLOSED.search(scope["path"]):
            await JSONResponse({"detail": _SENTENCE}, 403)(scope, receive, send)
            return
        await self.app(scope, receive, send)


async def _refused(*_, **__) -> str:
    raise gr.Error(_SENTENCE)


def _forget(state: SessionState, key: int, value: object) -> None:
    """The values that go by, pictures among them, serve Gradio's deep links alone."""


def _complete(blocks: gr.Blocks, call: BlockFunction, inputs: list) -> None:
    """Give a call the values that it may leave out; gr.Error where others are missing.

    What names a file becomes text before Gradio looks for it on the disk.
    """
    rest = list(inspect.signature(call.fn).parameters.values())[len(inputs) : len(call.inputs)]
    values = [parameter.default for parameter in rest]
    if inspect.Parameter.empty in values or len(inputs) + len(values) < len(call.inputs):
        least = len(inputs) + values.count(inspect.Parameter.empty)
        many = f"{least} to {len(call.inputs)}" if least < len(call.inputs) else f"{least}"
        sentence = f"Send {many} values with this call, not {len(inputs)}."
        raise gr.Error(sentence, print_exception=False)
    inputs[:] = [as_text(value) for value in (*inputs, *values)]


def _unfit(blocks: gr.Blocks, call: BlockFunction, index: int, *_, **__) -> str:
    return f"Value {index + 1} of this call is not of the kind that it takes."


def close_gradio() -> None:
    """Make Gradio refuse the addresses in its calls, keep no value and log none.

    It has no option for these; `Closed` does the rest.
    """
    processing_utils.async_ssrf_protected_download = _refused
    gr.routes.secure_url_stream_response = _refused
    SessionState._update_value_in_config = _forget
    gr.Blocks.validate_inputs = _complete
    gr.Blocks._format_processing_error = _unfit
