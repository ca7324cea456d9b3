"""The GAN lab tab: every visitor trains a small GAN of their own, and may break it."""

import threading
import time
from collections.abc import Iterator

import gradio as gr

from ganfake import UserError
from ganfake.lab import NETWORKS, PRESETS, Knobs
from ganfake.ui.lab_view import board, sentence
from ganfake.ui.lab_visitors import Visit, Visitors
from ganfake.ui.theme import asset

SLICE = 0.7  # seconds of training between two pictures
_AT_ONCE = 2  # slices that run at the same time, so that everybody's turn comes
LONGEST = 300.0  # seconds after which a run pauses by itself: others wait for the processor
_FIRST = next(iter(PRESETS))
_NAMES = {"mlp": "Plain layers (mlp)", "dcgan": "Convolutions (dcgan)"}
_RATES = [0.00005, 0.0001, 0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1]
_STEPS = [1, 2, 3, 5, 10, 20]
_QUIET = {"api_visibility": "private", "show_progress": "hidden"}
_ABOUT = (
    "<h2>Train a GAN yourself</h2><p>The <b>generator</b> turns random numbers into digits. The"
    " <b>discriminator</b> sees 64 real handwritten digits and 64 made ones, and learns to tell"
    " them apart; D(x) is its belief that x is real, from 0 to 1. Each learns only from the"
    " other. Run the healthy one first, then break it.</p>"
)
_WAITING = (
    "<div class='lab-board empty'><p>Press Run: the first digits come within seconds.</p></div>"
)

visitors = Visitors()
_turns = threading.BoundedSemaphore(_AT_ONCE)


# -- what people do, as functions --------------------------------------------------
def shown(visit: Visit) -> tuple[str, str]:
    """The board and the sentence; the visit's lock is held."""
    measure = visit.lab.measure()
    return board(visit.lab, measure), f"<p class='lab-said'>{sentence(visit.lab, measure)}</p>"


def _opened(session: str | None, network: str, knobs: tuple, fresh: bool = False) -> Visit:
    """The visit of a session; knobs are rates and steps of discriminator and generator."""
    if not session:
        raise UserError("The lab needs a page of its own; open it in a browser.")
    rate_d, rate_g, steps_d, steps_g = knobs
    turned = Knobs(float(rate_d), float(rate_g), int(steps_d), int(steps_g))
    return visitors.open(session, network, turned, fresh)


def train(session: str | None, network: str, *knobs) -> Iterator[tuple[str, str]]:
    """Train in slices until it is paused, or the page is left, or five minutes are over."""
    visit = _opened(session, network, knobs)
    number, end = visit.halt(), time.monotonic() + LONGEST
    while True:
        with _turns, visit.lock:
            if visit.run != number:
                return
            visit.lab.train(SLICE)
            visit.touch()
            found, broken = shown(visit), visit.lab.broken
        # A step or a pause meanwhile has shown something newer.
        if visit.run != number:
            return
        if time.monotonic() > end:
            found = (found[0], "<p class='lab-said'>Paused after five minutes; Run goes on.</p>")
        yield found
        if broken or time.monotonic() > end:
            return


def step(session: str | None, player: str, network: str, *knobs) -> tuple[str, str]:
    """Pause, and let one player take one step."""
    visit = _opened(session, network, knobs)
    visit.halt()
    with visit.lock:
        (visit.lab.step_discriminator if player == "d" else visit.lab.step_generator)()
        visit.lab.record()
        return shown(visit)


def restart(session: str | None, network: str, *knobs) -> tuple[str, str]:
    """Begin with new players; training that goes on continues with them."""
    visit = _opened(session, network, knobs, fresh=True)
    with visit.lock:
        return shown(visit)


def pause(session: str | None) -> None:
    """Stop training after the slice that goes on."""
    visit = visitors.get(session or "")
    if visit is not None:
        visit.halt()


def turn(session: str | None, *knobs) -> None:
    """Turn the knobs of a lab that there is; its next step uses them."""
    visit = visitors.get(session or "")
    if visit is not None:
        _opened(session, visit.lab.network, knobs)


def preset(name: str) -> list:
    """The knobs' values of a preset."""
    if name not in PRESETS:
        raise UserError(f"There is no such preset; choose one of: {', '.join(PRESETS)}.")
    chosen = PRESETS[name]
    return [chosen.rate_d, chosen.rate_g, chosen.steps_d, chosen.steps_g]


# -- the page -----------------------------------------------------------------------
def _said(act):
    """Mistakes as gradio shows them; the session is put before the other inputs."""

    def call(request: gr.Request, *given):
        try:
            return act(request.session_hash, *given)
        except UserError as error:
            raise gr.Error(str(error), print_exception=False) from None

    return call


def _train(request: gr.Request, *given):
    try:
        yield from train(request.session_hash, *given)
    except UserError as error:
        raise gr.Error(str(error), print_exception=False) from None


def _leave(request: gr.Request) -> None:
    visitors.close(request.session_hash or "")


def build() -> None:
    """Lay out the tab inside the current gr.Blocks and wire it."""
    gr.HTML(f"<style>{asset('lab.css')}</style>{_ABOUT}", elem_id="lab-about")
    with gr.Row():
        network = gr.Radio(
            [(_NAMES[name], name) for name in NETWORKS], value="mlp", label="Network",
            elem_id="lab-network",
        )  # fmt: skip
        recipe = gr.Radio(list(PRESETS), value=_FIRST, label="What to try", elem_id="lab-preset")
    with gr.Row(elem_id="lab-buttons"):
        run = gr.Button("Run", variant="primary", elem_id="lab-run", min_width=90)
        halt = gr.Button("Pause", elem_id="lab-pause", min_width=90)
        again = gr.Button("Start again", elem_id="lab-again", min_width=120)
    # A live region has to stay in place while its text changes.
    said = gr.HTML(
        elem_id="lab-said",
        js_on_load="element.setAttribute('role', 'status');",
        apply_default_css=False,
    )
    view = gr.HTML(_WAITING, elem_id="lab-view", apply_default_css=False)
    with gr.Row(elem_id="lab-steps"):
        step_d = gr.Button("One step: discriminator", elem_id="lab-step-d", min_width=150)
        step_g = gr.Button("One step: generator", elem_id="lab-step-g", min_width=150)
    knobs = _knobs()
    given, both = [network, *knobs], [view, said]
    # As many as there are labs and more: a run that waited in gradio's queue could not be
    # paused, nor be told that the house is full. The slices take turns instead.
    run.click(_train, given, both, concurrency_id="lab", concurrency_limit=None, **_QUIET)
    halt.click(_said(pause), None, None, queue=False, **_QUIET)
    for button, player in ((step_d, "d"), (step_g, "g")):
        act = _said(lambda session, *rest, player=player: step(session, player, *rest))
        button.click(act, given, both, **_QUIET)
    gr.on([again.click, network.input], _said(restart), given, both, **_QUIET)
    recipe.input(_said(lambda _, name: preset(name)), recipe, knobs, **_QUIET).success(
        _said(restart), given, both, **_QUIET
    )
    for knob in knobs:
        knob.input(_said(turn), knobs, None, **_QUIET)
    gr.context.Context.root_block.unload(_leave)


def _knobs() -> list:
    """Rates and steps of discriminator and generator, in the order of `Knobs`."""
    values = PRESETS[_FIRST]
    choices = [(f"{rate:f}".rstrip("0"), rate) for rate in _RATES]
    with gr.Accordion("Turn the knobs yourself", open=False, elem_id="lab-knobs"):
        with gr.Row():
            rates = [
                gr.Dropdown(
                    choices, value=rate, label=f"Learning rate of the {who}", filterable=False
                )
                for who, rate in (("discriminator", values.rate_d), ("generator", values.rate_g))
            ]
        with gr.Row():
            steps = [
                gr.Dropdown(
                    _STEPS, value=count, label=f"Steps of the {who} a round", filterable=False
                )
                for who, count in (("discriminator", values.steps_d), ("generator", values.steps_g))
            ]
    return [*rates, *steps]
