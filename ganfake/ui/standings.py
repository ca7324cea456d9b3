"""Beside the board of the Play tab: nicknames, the leaderboard, and rooms for a class."""

from collections.abc import Callable
from html import escape

import gradio as gr

from ganfake import UserError
from ganfake.quiz import rooms
from ganfake.quiz.table import Table
from ganfake.ui.api import shown

# What a browser knows of its player, put before the other inputs of an event.
PLAYER = "(_, ...rest) => [window.ganfake?.player() ?? '', ...rest]"
_PLAYER_AND_ROOM = "() => [window.ganfake?.player() ?? '', window.ganfake?.room() ?? '']"
# Shown where the page was opened at a loopback address.
_ONLY_HERE = (
    "Other devices cannot open this link: it leads to this computer alone. To serve a class, start"
    " the page with HOST=0.0.0.0 (see README)."
)
_SCOPES = ["Everybody", "Today's challenge", "My room"]
# A link's room comes before the one of the last visit.
_KNOWN_AT_START = (
    "localStorage.getItem('ganfake.player') ?? '',"
    " new URLSearchParams(location.search).get('room')"
    " ?? localStorage.getItem('ganfake.room') ?? ''"
)


def standings_html(standings: list[rooms.Standing]) -> str:
    """A leaderboard as a table; nicknames are escaped."""
    if not standings:
        return "<p>Nobody is on this board yet. Save a nickname and play.</p>"
    rows = "".join(
        f"<tr><td class='number'>{s.rank}</td>"
        f"<td class='name' data-verbatim>{escape(s.nickname)}</td>"
        f"<td class='number'>{s.correct}/{s.rounds}</td>"
        f"<td class='number'>{s.accuracy:.0%} <small>({s.low:.0%}–{s.high:.0%})</small></td>"
        f"<td class='number'>{s.best_streak}</td></tr>"
        for s in standings[:100]
    )
    return (
        "<div class='scroll'><table class='standings'><thead><tr><th>#</th><th>Name</th>"
        "<th>Correct</th><th>Accuracy</th><th>Best streak</th></tr></thead>"
        f"<tbody>{rows}</tbody></table></div>"
        "<p><small>Ranked by the low end of the 95 % interval, so that a lucky start does not"
        " win. Rounds with a second look and those of the lesson do not count.</small></p>"
    )


def build_standings(table: Table, token, room) -> tuple[Callable, gr.Radio]:
    """Nickname and leaderboard.

    Returns a function that makes an event refresh the board, and the choice of whose it is.
    """
    with gr.Accordion("Leaderboard", open=True):
        with gr.Row():
            nickname = gr.Textbox(label="Nickname", max_length=20, scale=2, elem_id="nickname")
            save = gr.Button("Save", scale=1, min_width=80, elem_id="save-nickname")
        scope = gr.Radio(_SCOPES, value=_SCOPES[0], label="Show", elem_id="scope")
        standings = gr.HTML(elem_id="standings")

    def show(room: str, scope: str) -> str:
        try:
            if scope == "My room":
                room = rooms.clean_code(table.scores, room)
                if not room:
                    return "<p>You are in no room.</p>"
                return standings_html(rooms.leaderboard(table.scores, room))
            if scope == "Today's challenge":
                return standings_html(table.daily_leaderboard())
            return standings_html(rooms.leaderboard(table.scores))
        except UserError as error:
            return f"<p>{escape(str(error))}</p>"

    def start(token: str, room: str, scope: str) -> tuple:
        if rooms.exists(table.scores, room):
            scope = "My room"
        # A visitor without a nickname may be typing one by now.
        return table.nickname(token) or gr.skip(), scope, show(room, scope)

    quiet = {"queue": False, "api_visibility": "private", "show_progress": "hidden"}
    queued = quiet | {"queue": True}  # outside the queue a mistake's sentence is lost
    with_room = "(_, scope) => [window.ganfake?.room() ?? '', scope]"

    def refresh(event) -> None:
        event(show, [room, scope], standings, js=with_room, **quiet)

    saved = save.click(
        lambda t, n: shown(table.rename, t, n), [token, nickname], nickname, js=PLAYER, **queued
    )
    refresh(saved.then)
    refresh(scope.change)
    gr.context.Context.root_block.load(
        start,
        [token, room, scope],
        [nickname, scope, standings],
        js=f"(t, r, s) => [{_KNOWN_AT_START}, s]",
        **quiet,
    )
    return refresh, scope


def build_rooms(table: Table, token, room, refresh: Callable, scope: gr.Radio) -> None:
    """A room code for a class: open, join, tidy up, export."""
    with gr.Accordion("Play with a class", open=False, elem_id="rooms"):
        where = gr.HTML("<p>You are in no room.</p>", elem_id="room-state")
        with gr.Row():
            code = gr.Textbox(label="Room code", max_length=5, scale=2, elem_id="room-code")
            join = gr.Button("Join", scale=1, min_width=80, elem_id="join-room")
            leave = gr.Button("Leave", scale=1, min_width=80)
        opened = gr.Button("Open a room", elem_id="open-room")
        with gr.Column(visible=False) as owner:
            link = gr.Textbox(label="Link to this room", interactive=False, elem_id="room-link")
            gr.HTML(f"<p>{_ONLY_HERE}</p>", elem_classes="only-here", padding=False)
            copy = gr.Button("Copy the link", min_width=100, elem_id="copy-room-link")
            name = gr.Textbox(label="Nickname to remove", max_length=20, elem_id="bad-nickname")
            with gr.Row():
                remove = gr.Button("Remove it", min_width=100, elem_id="remove-nickname")
                reset = gr.Button("Reset all scores", min_width=100, elem_id="reset-room")
                export = gr.Button("Export CSV", min_width=100, elem_id="export-room")
            said = gr.Markdown()
        table_csv = gr.Textbox(visible="hidden")

    def enter(token: str, typed: str) -> tuple:
        found = shown(rooms.clean_code, table.scores, typed)
        return (
            _room_state(table, token, found),
            found,
            gr.Column(visible=rooms.is_owner(table.scores, found, token)),
        )

    def open_room(token: str) -> tuple:
        token = table.token(token)
        return enter(token, rooms.open_room(table.scores, token))

    def do_remove(token: str, room: str, nickname: str) -> str:
        count = shown(rooms.remove_nickname, table.scores, room, token, nickname)
        return "Removed." if count else "Nobody in this room has that nickname."

    def do_reset(token: str, room: str) -> str:
        if not room:
            return ""
        shown(rooms.reset_room, table.scores, room, token)
        return "All scores of this room are deleted."

    quiet = {"api_visibility": "private", "show_progress": "hidden"}
    outputs = [where, code, owner]
    moved = f"""async (where, code) => {{
      await window.ganfake.enterRoom(code);
      return [code ? "My room" : "Everybody", {_LINK}];
    }}"""
    for event in (
        join.click(enter, [token, code], outputs, js=PLAYER, **quiet),
        opened.click(open_room, token, outputs, js=PLAYER, **quiet),
        leave.click(lambda t: enter(t, ""), token, outputs, js=PLAYER, **quiet),
    ):
        refresh(event.success(None, [where, code], [scope, link], js=moved, **quiet).then)
    gr.context.Context.root_block.load(
        # Nothing to say leaves alone what a quick visitor has typed meanwhile.
        lambda t, r: enter(t, r) if rooms.exists(table.scores, r) else [gr.skip()] * 3,
        [token, room], outputs, queue=False, js=f"() => [{_KNOWN_AT_START}]", **quiet,
    ).success(None, code, link, js=f"(code) => {_LINK}", **quiet)  # fmt: skip
    copy.click(None, link, js=_COPY, **quiet)
    in_room = "(_, __, ...rest) => [window.ganfake.player(), window.ganfake.room(), ...rest]"
    refresh(remove.click(do_remove, [token, room, name], said, js=in_room, **quiet).then)
    sure = (
        "() => confirm('Delete every score of this room?')"
        " ? [window.ganfake.player(), window.ganfake.room()] : ['', '']"
    )
    refresh(reset.click(do_reset, [token, room], said, js=sure, **quiet).then)
    export.click(
        lambda t, r: shown(rooms.export_room, table.scores, r, t),
        [token, room], table_csv, js=_PLAYER_AND_ROOM, **quiet,
    ).success(None, table_csv, js=_DOWNLOAD, **quiet)  # fmt: skip


# The table goes from memory to the browser's downloads: no file stays on the server.
_DOWNLOAD = """(text) => {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type: "text/csv" }));
  const day = new Date().toLocaleDateString("sv"); // as ISO 8601 writes it
  link.download = `ganfake-${window.ganfake.room()}-${day}.csv`;
  link.click();
  URL.revokeObjectURL(link.href);
}"""


# Only the browser knows by which address others reach this page.
_LINK = "code ? `${location.origin}${location.pathname}?room=${code}` : ''"
_COPY = """async (link) => {
  let copied = true;
  try {
    await navigator.clipboard.writeText(link);
  } catch { // not on https, or not allowed: the old way
    const box = document.createElement("textarea");
    box.value = link;
    document.querySelector("#room-link").append(box);
    box.select();
    copied = document.execCommand("copy");
    box.remove();
  }
  window.ganfakeTell(copied ? "The link is copied." : "Copy the link by hand.", !copied);
}"""


def _room_state(table: Table, token: str, code: str) -> str:
    if not code:
        return "<p>You are in no room.</p>"
    role = "You opened it." if rooms.is_owner(table.scores, code, token) else ""
    return (
        f"<p>You are in room <span class='room-code' data-verbatim>{escape(code)}</span></p>"
        f"<p>{role} Others join with the code, or at the page's address with"
        f" <code>?room={escape(code)}</code> behind it.</p>"
    )
