"""Long work that a tab's script asks for by an event, and hears of line by line."""

import json
import traceback
from collections.abc import Callable, Iterator
from contextlib import closing

import gradio as gr

from ganfake import UserError
from ganfake.ui.calls import read_wish
from ganfake.ui.uploads import Uploads

_QUIET = {"api_visibility": "private", "show_progress": "hidden"}
_LONGEST = 2**20  # characters of any wish; each kind of work has a limit of its own


def long_work(
    board: gr.HTML,
    name: str,
    lines: Callable[[str, str], Iterator[str]],
    pool: str,
    limit: int | None = 1,
    halt: str = "halt",
) -> None:
    """Wire `lines`, a generator of JSON lines, to the board's event `name`.

    lines: takes the wish and whose session it is; every line has the wish's number. The script's
    `longWork` (assets/common.js) wishes and hears. halt: the event that stops it, if any, before
    its next line. pool, limit: how many of all events of a pool gradio's queue lets work at once;
    "gpu" is that of heavy work that the endpoints do as well.

    Gradio could cancel an event by itself, but its failures do not say of which they are.
    """

    def work(stopped: dict, request: gr.Request, asked: gr.EventData) -> Iterator[str]:
        number = None
        try:
            number, _ = read_wish(asked.wish, _LONGEST)
            with closing(lines(asked.wish, request.session_hash or "")) as told:
                while number > stopped["last"] and (line := next(told, None)):
                    yield line
        except UserError as error:
            yield json.dumps({"number": number, "error": str(error)})
        except Exception:  # noqa: BLE001 - a mistake of ours; the script says so
            traceback.print_exc()
            yield json.dumps({"number": number, "failed": True})

    def stop(stopped: dict, asked: gr.EventData) -> None:
        stopped["last"], _ = read_wish(asked.wish)

    line = gr.Textbox(visible="hidden")
    stopped = gr.State({"last": -1})  # the number of the last work that was; so were those before
    script = f"window.ganfakeWork.{name}"
    # What was stopped may still be ending: more than one at once.
    working = getattr(board, name)(
        work, stopped, line, trigger_mode="multiple",
        concurrency_id=pool, concurrency_limit=limit, **_QUIET,
    )  # fmt: skip
    line.change(
        None, line, None, js=f"(said) => {{ {script}.heard(said); }}", queue=False, **_QUIET
    )
    working.failure(None, js=f"() => {{ {script}.failed(); }}", queue=False, **_QUIET)
    if halt:
        getattr(board, halt)(stop, stopped, None, trigger_mode="multiple", queue=False, **_QUIET)


def leave_with_page(board: gr.HTML, uploads: Uploads) -> None:
    """The files of a board's page are its own from the first byte on, and are forgotten with it."""

    def claim(request: gr.Request, asked: gr.EventData) -> None:
        uploads.claim(getattr(asked, "token", None), request.session_hash or "")

    def leave(request: gr.Request) -> None:
        uploads.leave(request.session_hash or "")

    board.claim(claim, None, None, trigger_mode="multiple", queue=False, **_QUIET)
    gr.context.Context.root_block.unload(leave)
