"""Play with one's own photographs: they go to the server's memory, and nowhere else."""

import json
from collections.abc import Iterator

import gradio as gr

from ganfake import UserError
from ganfake.archives import Contents
from ganfake.quiz.table import Table
from ganfake.ui.calls import guarded, read_wish
from ganfake.ui.long_work import leave_with_page, long_work
from ganfake.ui.progress import told
from ganfake.ui.theme import asset, layout, scripts
from ganfake.ui.uploads import LIMITS, Uploads, clean_name, file_acts

_DAMAGED = "The photographs arrived in another shape than expected; choose them again."
_LONGEST_HEAD = 2**20  # bytes of the list of files in a pack
_LATE = "Reading the photographs took too long; choose fewer of them."

uploads = Uploads()


def unpacked(content: bytes) -> Contents:
    """The files of a pack: a line of JSON, [[name, bytes], ...], and all contents behind it.

    The script packs them, so that they come as one file that is whole or not there.
    """
    end = content.find(b"\n", 0, _LONGEST_HEAD)
    try:
        listed = [(clean_name(name), int(size)) for name, size in json.loads(content[:end])]
    except (ValueError, TypeError, OverflowError, RecursionError):
        raise UserError(_DAMAGED) from None
    files, at = [], end + 1
    for name, size in listed:
        if size < 0:
            raise UserError(_DAMAGED)
        files.append((name, content[at : at + size]))
        at += size
    if at != len(content):
        raise UserError(_DAMAGED)
    return files


def read_lines(table: Table, wish: str) -> Iterator[str]:
    """Make a player's photographs a deck, in JSON lines: {"read"} files, then {"report"}.

    wish: {"number", "token", "player"}; every line has its number. The last line may be
    {"error"}. The pack itself is forgotten at once. When the iterator is closed, reading
    ends with the next file.
    """
    number = None
    try:
        number, said = read_wish(wish)
        player = table.token(said.get("player"))
        file = uploads.whole(said.get("token"))
        uploads.drop(said.get("token"))
        files = unpacked(file.content)
        if not files:
            raise UserError("Choose photographs or a zip first.")
        yield json.dumps({"number": number, "read": 0})
        reading = told(lambda tell: table.add_own(player, files, tell), "photographs", _LATE)
        for count, report in reading:
            word = {"read": count} if report is None else {"report": report, "player": player}
            yield json.dumps({"number": number, **word})
    except UserError as error:
        yield json.dumps({"number": number, "error": str(error)})


def build(table: Table) -> None:
    """Lay out and wire what takes the photographs, inside the current gr.Blocks."""

    def forget(said: dict) -> dict:
        """Stop reading, and forget what was read."""
        table.forget_own(str(said.get("player") or ""))
        return {}

    board = gr.HTML(
        html_template=layout("own.html", **LIMITS),
        css_template=asset("own.css"),
        js_on_load=scripts("files.js", "own.js"),
        server_functions=[guarded(act) for act in (*file_acts(uploads), forget)],
        elem_id="own",
        apply_default_css=False,
    )
    long_work(board, "read", lambda wish, _session: read_lines(table, wish), pool="own")
    leave_with_page(board, uploads)
