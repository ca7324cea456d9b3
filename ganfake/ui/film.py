"""The training film on the page: one sprite of all frames, and curves that move along."""

import math
from bisect import bisect_right

import gradio as gr

from ganfake.film import Film, film
from ganfake.ui.addresses import data_address
from ganfake.ui.calls import guarded
from ganfake.ui.payload import read_model
from ganfake.ui.theme import asset, scripts

_WIDTH, _HEIGHT, _LEFT, _RIGHT, _TOP, _BOTTOM = 420, 180, 40, 14, 44, 24
_POINTS = 300  # of a curve at most
_FIRST = 1000  # images seen where the logarithmic axis begins
# A line's key, name, colour and dashes: nobody has to tell them apart by colour alone.
_LOSSES = (
    ("loss_d", "discriminator", "#3b82f6", ""),
    ("loss_g", "generator", "#d97706", "5 3"),
)
_OPINIONS = (("d_real", "of photographs", "#3b82f6", ""), ("d_fake", "of fakes", "#d97706", "5 3"))


def build() -> None:
    """Lay out the film inside the current gr.Blocks; it follows the Make tab's model."""
    gr.HTML(
        html_template=asset("film.html"),
        css_template=asset("film.css"),
        js_on_load=scripts("film_player.js", "film.js"),
        server_functions=[guarded(show_film)],
        elem_id="film",
        apply_default_css=False,
    )


def show_film(said: dict) -> dict:
    """The film of a model as its script draws it; {"none": True} where there is none."""
    found = film(read_model(said.get("model")))
    if found is None:
        return {"none": True}
    axis = _Axis(found)
    opinions = "D(x), the chance of being real" if found.probabilities else "The critic's scores"
    return {
        "sprite": data_address(found.file.read_bytes(), "image/webp"),
        "columns": found.columns,
        "rows": math.ceil(len(found.images) / found.columns),
        "frames": [_frame(found, axis, images) for images in found.images],
        "plots": [
            plot(found, axis, "Losses", _LOSSES),
            plot(found, axis, opinions, _OPINIONS, found.probabilities),
        ],
    }


class _Axis:
    """Images seen to x in pixels, logarithmic: most happens at the beginning."""

    def __init__(self, found: Film):
        self.last = max(found.images[-1], found.curves["images"][-1], 10 * _FIRST)

    def x(self, images: int) -> float:
        span = math.log(self.last / _FIRST)
        share = math.log(max(images, _FIRST) / _FIRST) / span
        return _LEFT + share * (_WIDTH - _LEFT - _RIGHT)

    def ticks(self) -> list[int]:
        return [t for t in (1000, 10_000, 100_000, 1_000_000, 10_000_000) if t <= self.last]


def _frame(found: Film, axis: _Axis, images: int) -> dict:
    """Where a frame's marker stands, and what the curves say there."""
    at = bisect_right(found.curves["images"], images) - 1  # the last that was measured by then
    names = ("loss_d", "loss_g", "d_real", "d_fake")
    values = {n: round(found.curves[n][at], 3) if at >= 0 else None for n in names}
    return {"images": images, "x": round(axis.x(images), 1), **values}


def plot(found: Film, axis: _Axis, title: str, lines: tuple, between_0_and_1: bool = False) -> str:
    """Curves over images seen as an inline SVG with a marker that the script moves."""
    step = max(1, len(found.curves["images"]) // _POINTS)
    seen = found.curves["images"][::step]
    drawn = {key: found.curves[key][::step] for key, *_ in lines}
    values = [v for curve in drawn.values() for v in curve if math.isfinite(v)]
    low, high = (0.0, 1.0) if between_0_and_1 or not values else (min(values), max(values))
    high = high if high > low else low + 1

    def y(value: float) -> float:
        return _TOP + (high - value) / (high - low) * (_HEIGHT - _TOP - _BOTTOM)

    parts = [
        f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-label="{title} over images seen"'
        ' font-size="12" fill="currentColor">',
        f'<text x="{_LEFT}" y="13" font-weight="600">{title}</text>',
    ]
    for value in (low, (low + high) / 2, high):
        parts.append(
            f'<line x1="{_LEFT}" x2="{_WIDTH - _RIGHT}" y1="{y(value):.1f}" y2="{y(value):.1f}"'
            ' stroke="currentColor" opacity="0.2"/>'
            f'<text x="{_LEFT - 6}" y="{y(value) + 4:.1f}" text-anchor="end">{value:.2f}</text>'
        )
    for images in axis.ticks():
        parts.append(
            f'<text x="{axis.x(images):.1f}" y="{_HEIGHT - 8}" text-anchor="middle">'
            f"{_short(images)}</text>"
        )
    for index, (key, name, colour, dashes) in enumerate(lines):
        points = " ".join(
            f"{axis.x(i):.1f},{y(v):.1f}"
            for i, v in zip(seen, drawn[key], strict=True)
            if math.isfinite(v)
        )
        line = f'fill="none" stroke="{colour}" stroke-width="2" stroke-dasharray="{dashes}"'
        legend = _LEFT + 140 * index
        parts.append(
            f'<polyline points="{points}" {line}/><path d="M{legend} 27h22" {line}/>'
            f'<text x="{legend + 28}" y="31">{name}</text>'
        )
    parts.append(
        f'<line class="marker" x1="0" x2="0" y1="{_TOP}" y2="{_HEIGHT - _BOTTOM}"'
        ' stroke="currentColor" stroke-width="2"/></svg>'
    )
    return "".join(parts)


def _short(images: int) -> str:
    return f"{images // 1_000_000}M" if images >= 1_000_000 else f"{images // 1000}k"
