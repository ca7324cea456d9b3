"""The Swap tab: a face as somebody else, in a picture or a clip, and people of one's own."""

import gradio as gr

from ganfake.ui.long_work import leave_with_page, long_work
from ganfake.ui.swap_board import board_functions
from ganfake.ui.swap_convert import swap_lines, uploads
from ganfake.ui.swap_own import gather_lines, learn_lines
from ganfake.ui.swap_visitors import visitors
from ganfake.ui.theme import asset, layout, scripts
from ganfake.ui.uploads import LIMITS

SCRIPTS = ("files.js", "swap.js", "swap_file.js", "swap_result.js", "swap_own.js")


def _leave(request: gr.Request) -> None:
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
    for name, lines in (("swap", swap_lines), ("gather", gather_lines), ("learn", learn_lines)):
        # No limit in gradio's queue, where nobody would be told their place: ui/turns.py keeps
        # the lines, one at a time for pictures, for clips and for lessons.
        long_work(board, name, lines, pool=f"swap-{name}", limit=None, halt=f"halt_{name}")
    leave_with_page(board, uploads)
    gr.context.Context.root_block.unload(_leave)
