"""Long work that a tab's script asks for by an event, and hears of line by line."""

from collections.abc import Callable

import gradio as gr

_QUIET = {"api_visibility": "private", "show_progress": "hidden"}


def long_work(
    board: gr.HTML,
    name: str,
    lines: Callable,
    script: str,
    halt: str = "halt",
    pool: str = "gpu",
    limit: int | None = 1,
) -> None:
    """Wire `lines`, a generator of JSON lines, to the board's event `name`.

    script: the object in the browser that says what is wished for (`wish`), hears each line
    (`heard`), and is told when the work broke off (`failed`). halt: the event that stops it, if
    any. pool, limit: how many of its kind gradio's queue lets work at once.
    """
    line = gr.Textbox(visible="hidden")
    working = getattr(board, name)(
        lines, line, line, js=f"() => [{script}.wish()]",
        concurrency_id=pool, concurrency_limit=limit, **_QUIET,
    )  # fmt: skip
    line.change(
        None, line, None, js=f"(said) => {{ {script}.heard(said); }}", queue=False, **_QUIET
    )
    working.failure(None, js=f"() => {{ {script}.failed(); }}", queue=False, **_QUIET)
    if halt:
        getattr(board, halt)(None, cancels=[working], queue=False, **_QUIET)
