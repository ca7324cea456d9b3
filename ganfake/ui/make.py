"""The Make tab: turn a GAN's knobs, look at what it makes, and walk through its latents."""

import base64
import json
from collections.abc import Iterator

import gradio as gr

from ganfake import UserError
from ganfake.generate import Face
from ganfake.ui import film
from ganfake.ui.calls import read_wish
from ganfake.ui.long_work import long_work
from ganfake.ui.make_board import board_functions
from ganfake.ui.payload import read_faces, read_number
from ganfake.ui.progress import told
from ganfake.ui.theme import asset, scripts
from ganfake.walk import walk

_FPS = 24
_MAX_STOPS = 8
_MAX_WISH = 20_000  # characters


def walk_lines(wish: str, _session: str = "") -> Iterator[str]:
    """Render a walk and tell of it in JSON lines: {"done", "of"}, then {"name", "content"}.

    wish: {"number", "stops": [face, ...], "seconds": of each way}; every line has its number.
    A mistake is {"error"}. When the iterator is closed, rendering stops at its next step.
    """
    number = None
    try:
        number, said = read_wish(wish, _MAX_WISH)
        stops = read_faces(said.get("stops"), _MAX_STOPS)
        seconds = read_number(said.get("seconds"), "The number of seconds")
        frames = max(1, round(seconds * _FPS)) * len(stops)
        for share, content in _rendered(stops, seconds):
            if content is None:
                yield json.dumps({"number": number, "done": round(share * frames), "of": frames})
            else:
                seeds = "-".join(str(face.seed) for face in stops)
                name = f"{stops[0].model}-walk-{seeds}.mp4"
                video = base64.b64encode(content).decode()
                yield json.dumps({"number": number, "name": name, "content": video})
    except UserError as error:
        yield json.dumps({"number": number, "error": str(error)})


def _rendered(stops: list[Face], seconds: float) -> Iterator[tuple[float, bytes | None]]:
    """(share done, None) as a thread renders the walk, then (1, the MP4's bytes)."""
    return told(
        lambda tell: walk(stops, seconds, _FPS, loop=True, progress=tell),
        "walk",
        "The walk took too long; try a shorter one.",
    )


def build() -> None:
    """Lay out the tab inside the current gr.Blocks and wire it."""
    board = gr.HTML(
        html_template=asset("make.html"),
        css_template=asset("make.css"),
        js_on_load=scripts("make.js", "make_detail.js", "make_walk.js"),
        server_functions=board_functions(),
        elem_id="make",
        apply_default_css=False,
    )
    long_work(board, "walk", walk_lines, pool="gpu")
    film.build()
