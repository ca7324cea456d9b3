"""The Learn tab: ten rounds, a short lesson, ten rounds, and what the lesson did."""

import json
import math
from collections.abc import Iterator

import gradio as gr

from ganfake import UserError, provenance
from ganfake.lab import PRESETS, LabGAN, picture
from ganfake.quiz.table import Table
from ganfake.ui import lab
from ganfake.ui.addresses import data_address
from ganfake.ui.calls import read_wish
from ganfake.ui.lab_view import sentence
from ganfake.ui.learn_board import board_functions
from ganfake.ui.long_work import long_work
from ganfake.ui.theme import asset, scripts

_DIGITS = 16  # of the grid's first rows
_NETWORK = "mlp"
_RUN_STEPS = 600  # of the generator, after which a run that was begun here pauses


# -- the visitor's own GAN -----------------------------------------------------------
def lab_lines(wish: str, session: str = "") -> Iterator[str]:
    """Where the visitor's GAN of the lab stands, in JSON lines with the wish's number.

    wish: {"number", "act"}; "look" gives one line, {"there": false} without a lab; "run"
    begins one where there is none, trains it on and gives a line for every slice, until it
    has taken 600 steps more. A mistake is {"error"}. The lab is the one of the GAN lab tab.
    """
    number = None
    try:
        number, said = read_wish(wish)
        if said.get("act") == "run":
            yield from _run(number, session)
        else:
            yield _line(number, session, done=True)
    except UserError as error:
        yield json.dumps({"number": number, "error": str(error)})


def _run(number: int, session: str) -> Iterator[str]:
    knobs = next(iter(PRESETS.values()))
    visit = lab.visitors.get(session)
    network = visit.lab.network if visit else _NETWORK
    knobs = visit.lab.knobs if visit else knobs
    goal = (visit.lab.moves_g if visit else 0) + _RUN_STEPS
    given = (knobs.rate_d, knobs.rate_g, knobs.steps_d, knobs.steps_g)
    for _ in lab.train(session, network, *given):
        yield _line(number, session)
        visit = lab.visitors.get(session)
        if visit is None or visit.lab.moves_g >= goal:
            break
    lab.pause(session)
    yield _line(number, session, done=True)


def _line(number: int, session: str, done: bool = False) -> str:
    visit = lab.visitors.get(session)
    if visit is None:
        return json.dumps({"number": number, "there": False, "done": True})
    with visit.lock:
        shown = lab_view(visit.lab)
    return json.dumps({"number": number, "there": True, "done": done, **shown})


def lab_view(gan: LabGAN) -> dict:
    """Sixteen digits as a marked PNG, the steps of both players, their beliefs, a sentence."""
    samples = gan.samples()
    grid = picture(samples)
    quarter = grid.crop((0, 0, grid.width, grid.height * _DIGITS // 64))
    steps = {"steps": gan.moves_d + gan.moves_g}
    content = provenance.encode(
        quarter, "PNG", model=f"lab-{gan.network}", seed=gan.seed, extra=steps
    )
    beliefs = {name: gan.recent(name) for name in ("d_real", "d_fake")}
    return {
        "picture": data_address(content, "image/png"),
        "moves_d": gan.moves_d,
        "moves_g": gan.moves_g,
        **{k: round(v, 2) if math.isfinite(v) else None for k, v in beliefs.items()},
        "sentence": sentence(gan, gan.measure()),
    }


# -- the page ------------------------------------------------------------------------
def build(table: Table) -> None:
    """Lay out the tab inside the current gr.Blocks and wire it."""
    board = gr.HTML(
        html_template=asset("learn.html"),
        css_template=asset("learn.css"),
        js_on_load=scripts("learn.js", "learn_rounds.js", "learn_show.js"),
        server_functions=board_functions(table),
        elem_id="learn",
        apply_default_css=False,
    )
    long_work(board, "lab", lab_lines, pool="lab", limit=None, halt="")
