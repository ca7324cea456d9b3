"""The Swap tab: a face as somebody else, in a picture or a clip, and people of one's own."""

from collections.abc import Iterator

import gradio as gr

from ganfake.ui.swap_board import board_functions
from ganfake.ui.swap_convert import swap_lines, uploads
from ganfake.ui.swap_own import gather_lines, learn_lines
from ganfake.ui.swap_visitors import visitors
from ganfake.ui.theme import asset, layout, scripts
from ganfake.ui.uploads import LIMITS

SCRIPTS = ("files.js", "swap.js", "swap_file.js", "swap_result.js", "swap_own.js")
_QUIET = {"api_visibility": "private", "show_progress": "hidden"}


def _swap(wish: str, request: gr.Request) -> Iterator[str]:
    yield from swap_lines(wish, request.session_hash or "")


def _gather(wish: str, request: gr.Request) -> Iterator[str]:
    yield from gather_lines(wish, request.session_hash or "")


def _learn(wish: str, request: gr.Request) -> Iterator[str]:
    yield from learn_lines(wish, request.session_hash or "")


def _leave(request: gr.Request) -> None:
    uploads.leave(request.session_hash or "")
    visitors.close(request.session_hash or "")


def build() -> None:
    """Lay out the tab inside the current gr.Blocks and wire it."""
    board = gr.HTML(
        html_template=layout("swap.html", **LIMITS),
        css_template=asset("swap.css"),
        js_on_load=scripts(*SCRIPTS),
        server_functions=board_functions(),
        elem_id="swap",
        apply_default_css=False,
    )
    for name, lines in (("swap", _swap), ("gather", _gather), ("learn", _learn)):
        _wire(board, name, lines)
    gr.context.Context.root_block.unload(_leave)


def _wire(board: gr.HTML, name: str, lines) -> None:
    """Long work that the script asks for by an event `name` and hears of line by line."""
    line = gr.Textbox(visible="hidden", elem_id=f"{name}-line")
    # No limit in gradio's queue, where nobody would be told their place: ui/turns.py keeps
    # the lines, one at a time for pictures, for clips and for lessons.
    working = getattr(board, name)(
        lines, line, line, js=f"() => [window.ganfakeSwap.{name}.wish()]",
        concurrency_id=f"swap-{name}", concurrency_limit=None, **_QUIET,
    )  # fmt: skip
    line.change(
        None, line, None, js=f"(said) => {{ window.ganfakeSwap.{name}.heard(said); }}",
        queue=False, **_QUIET,
    )  # fmt: skip
    working.failure(
        None, js=f"() => {{ window.ganfakeSwap.{name}.failed(); }}", queue=False, **_QUIET
    )
    getattr(board, f"halt_{name}")(None, cancels=[working], queue=False, **_QUIET)
