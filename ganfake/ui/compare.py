"""The Compare tab: models side by side, how they learned, and which of them people prefer."""

import gradio as gr

from ganfake.quiz.table import Table
from ganfake.ui.compare_board import board_functions
from ganfake.ui.theme import asset, scripts


def build(table: Table) -> None:
    """Lay out the tab inside the current gr.Blocks; votes go beside the table's scores."""
    gr.HTML(
        html_template=asset("compare.html"),
        css_template=asset("compare.css"),
        js_on_load=scripts("compare.js", "film_player.js", "compare_films.js", "compare_votes.js"),
        server_functions=board_functions(table),
        elem_id="compare",
        apply_default_css=False,
    )
