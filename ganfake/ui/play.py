"""The Play tab: which face is real?"""

import gradio as gr

from ganfake.quiz.table import AnswerView, RoundView, Table
from ganfake.ui import own_photographs
from ganfake.ui.calls import guarded
from ganfake.ui.plot import rounds_plot
from ganfake.ui.second_look import look
from ganfake.ui.standings import build_rooms, build_standings
from ganfake.ui.theme import asset


# -- what people do, as functions ------------------------------------------------
def board_functions(table: Table) -> list:
    """What the board's script may call; each takes one JSON object and returns one."""

    def new_round(said: dict) -> RoundView:
        token = table.token(said.get("player", ""))
        return table.new_round(
            token, str(said.get("mode")), str(said.get("deck")), str(said.get("room") or "")
        )

    def answer(said: dict) -> AnswerView:
        return table.answer(said.get("round"), said.get("choice"), said.get("sure"))

    def result(said: dict) -> dict:
        found = table.result(str(said.get("player")), said.get("set"))
        return {**found, "plot": rounds_plot(found["outcomes"])}

    def decks(said: dict) -> dict:
        return {"decks": table.decks(str(said.get("player") or ""))}

    def second_look(said: dict) -> dict:
        return look(table, said)

    return [guarded(act) for act in (new_round, answer, second_look, result, decks)]


# -- layout and wiring -------------------------------------------------------------
def build(table: Table) -> None:
    """Lay out the tab inside the current gr.Blocks and wire it to `table`."""
    board = gr.HTML(
        html_template=asset("board.html"),
        css_template=asset("board.css") + asset("second.css"),
        js_on_load=asset("board.js") + asset("second.js") + asset("standings.js"),
        server_functions=board_functions(table),
        elem_id="board",
        apply_default_css=False,
    )
    if table.note:
        gr.Markdown(table.note)
    token = gr.Textbox(visible="hidden", elem_id="player")
    room = gr.Textbox(visible="hidden", elem_id="room")
    with gr.Row():
        with gr.Column(min_width=300):
            refresh, scope = build_standings(table, token, room)
        with gr.Column(min_width=300):
            _build_photographs(table)
            build_rooms(table, token, room, refresh, scope)
    refresh(board.submit)


def _build_photographs(table: Table) -> None:
    """Where sharper photographs come from: LFW, or the player's own."""
    with gr.Accordion("Better photographs", open=False, elem_id="photographs"):
        gr.Markdown(
            "The **pocket** deck is 25 × 25 pixels and grey, because it comes with the program."
            " For sharper faces, let the server fetch **Labeled Faces in the Wild** (243 MB,"
            " research use), or play with **your own photographs**: they stay in the server's"
            " memory, for you alone, for an hour at most."
        )
        fetch = gr.Button("Get Labeled Faces in the Wild", elem_id="get-lfw")
        state = gr.Markdown(table.lfw_sentence(), elem_id="lfw-state")
        timer = gr.Timer(2, active=False)
        own_photographs.build(table)

    def fetch_lfw():
        table.start_lfw()
        return table.lfw_sentence(), gr.Timer(active=True)

    def poll():
        return table.lfw_sentence(), gr.Timer(active=table.lfw_busy())

    private = {"api_visibility": "private"}
    renew = "() => { window.ganfake.refreshDecks(); }"
    fetch.click(fetch_lfw, None, [state, timer], **private)
    timer.tick(poll, None, [state, timer], show_progress="hidden", **private).then(
        None, js=renew, **private
    )
