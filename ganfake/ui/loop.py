"""What joins the tabs: a picture goes from any to any other, and the address names the open one."""

import gradio as gr

from ganfake.quiz.table import Table
from ganfake.quiz.tomorrow import MAX_BYTES
from ganfake.ui.calls import guarded, turn
from ganfake.ui.handed import decoded
from ganfake.ui.theme import asset, scripts

_QUIET = {"queue": False, "api_visibility": "private", "show_progress": "hidden"}


def put_in(table: Table, said: dict) -> dict:
    """Put a picture file among tomorrow's fakes: what came of it, and who the player is."""
    content = decoded(said.get("file"), MAX_BYTES)
    token = table.token(said.get("player", ""))
    with turn():
        return {"player": token, "said": table.game.put_in(token, content)}


def build(tabs: gr.Tabs, table: Table) -> None:
    """Stand outside `tabs`, whose scripts come only when a tab is first opened."""
    names = [tab.id for tab in tabs.children]

    def put(said: dict) -> dict:
        return put_in(table, said)

    door = gr.HTML(
        html_template=asset("loop.html").replace("TABS", " ".join(names)),
        css_template=asset("loop.css"),
        js_on_load=scripts("loop.js"),
        server_functions=[guarded(put)],
        elem_id="loop",
        apply_default_css=False,
        padding=False,
    )
    wanted = gr.Textbox(visible="hidden", elem_id="wanted-tab")
    door.visit(
        lambda name: gr.Tabs(selected=name) if name in names else gr.skip(), wanted, tabs,
        js="() => [window.ganfakeLoop.wanted()]", **_QUIET,
    )  # fmt: skip
    for tab in tabs.children:
        opened = f"() => {{ window.ganfakeLoop?.opened({tab.id!r}); }}"
        tab.select(None, None, None, js=opened, **_QUIET)
