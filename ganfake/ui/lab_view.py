"""What the GAN lab shows: samples, curves, numbers, and one sentence on what happens."""

import math

from ganfake import provenance
from ganfake.lab import LabGAN, Measure, picture
from ganfake.ui.addresses import data_address

_WIDTH, _HEIGHT, _LEFT, _RIGHT, _TOP, _BOTTOM = 420, 170, 40, 14, 44, 24
_POINTS = 240  # of a curve at most
_BLUE, _ORANGE = ("#3b82f6", ""), ("#d97706", "5 3")
_EARLY = 120  # steps of the generator before which nothing can be said
_WILD = 1.8  # a mean loss of the discriminator; mere guessing costs it 1.39


def board(lab: LabGAN, measure: Measure) -> str:
    """The whole board as HTML: the samples as a marked PNG, the numbers, the curves."""
    content = provenance.encode(
        picture(lab.samples()), "PNG", model=f"lab-{lab.network}", seed=lab.seed,
        extra={"steps": lab.moves_d + lab.moves_g},
    )  # fmt: skip
    moves = f"Steps so far: discriminator {lab.moves_d:,}, generator {lab.moves_g:,}"
    return (
        "<div class='lab-board'><figure>"
        f"<img alt='64 digits that the generator makes now'"
        f" src='{data_address(content, 'image/png')}'><figcaption>{moves}</figcaption></figure>"
        f"<div>{_numbers(lab, measure)}{_curves(lab)}</div></div>"
    )


def _numbers(lab: LabGAN, measure: Measure) -> str:
    variety = f"{measure.variety:.0%}" if lab.moves_g else "–"
    kinds = f"{measure.kinds} of 10" if lab.moves_g else "–"
    cells = (
        ("D(real)", _short(lab.recent("d_real")), "its belief that real digits are real"),
        ("D(fake)", _short(lab.recent("d_fake")), "its belief that made ones are real"),
        ("Variety", variety, "100% is as varied as real digits"),
        ("Digits made", kinds, "that look like real ones"),
    )
    return (
        "<dl class='lab-numbers'>"
        + "".join(
            f"<div><dt>{name}</dt><dd>{value}</dd><dd class='hint'>{hint}</dd></div>"
            for name, value, hint in cells
        )
        + "</dl>"
    )


def _short(value: float) -> str:
    return f"{value:.2f}" if math.isfinite(value) else "–"


def sentence(lab: LabGAN, measure: Measure) -> str:
    """What happens now, in one plain sentence."""
    real, fake = lab.recent("d_real"), lab.recent("d_fake")
    if not (lab.moves_d or lab.moves_g):
        return "Nobody has learned anything yet: the generator makes noise. Press Run."
    if lab.broken:
        return "The numbers have run off the scale. Lower the learning rates and start again."
    if lab.moves_g < _EARLY:
        return "The first steps: look for noise that turns into strokes."
    if lab.recent("loss_d") > _WILD:
        return "The losses swing wildly: the steps are too large to learn anything."
    if real - fake > 0.85:
        return "The discriminator is sure every time: the generator hardly learns from it."
    if measure.variety < 0.5:
        return "The samples look alike: mode collapse."
    if measure.readable < 0.1:
        return "Nothing looks like a digit: the steps are too wild, or it is still early."
    if measure.kinds <= 5:
        return f"Only {measure.kinds} of the ten digits appear: part of the variety is lost."
    if abs(real - 0.5) < 0.07 and abs(fake - 0.5) < 0.07:
        return "The discriminator can no longer tell: 0.5 is a draw."
    if fake > real:
        return "The generator is ahead: its digits are believed more than the real ones."
    return "Both players keep up with each other: digits appear and get better."


def _curves(lab: LabGAN) -> str:
    history = lab.history
    losses = (
        ("discriminator", history["loss_d"], *_BLUE),
        ("generator", history["loss_g"], *_ORANGE),
    )
    beliefs = (
        ("real digits", history["d_real"], *_BLUE),
        ("made ones", history["d_fake"], *_ORANGE),
    )
    return plot("Losses", history["moves"], losses) + plot(
        "D(x), the chance of being real", history["moves"], beliefs, high=1.0
    )


def plot(title: str, moves: list[float], lines: tuple, high: float | None = None) -> str:
    """Curves (name, values, colour, dashes) over steps of both players, as inline SVG.

    high: the top of the axis, whose bottom is 0; the largest value but at most 12 unless given.
    """
    step = max(1, math.ceil(len(moves) / _POINTS))
    seen = [v for _, values, *_ in lines for v in values if math.isfinite(v)]
    high = high or min(max([1.0, *seen]), 12.0)
    last = max([1.0, *moves[-1:]])

    def x(count: float) -> float:
        return _LEFT + count / last * (_WIDTH - _LEFT - _RIGHT)

    def y(value: float) -> float:
        return _TOP + (high - min(max(value, 0.0), high)) / high * (_HEIGHT - _TOP - _BOTTOM)

    parts = [
        f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-label="{title} over steps"'
        ' font-size="12" fill="currentColor">'
        f'<text x="{_LEFT}" y="13" font-weight="600">{title}</text>'
        f'<text x="{_LEFT}" y="{_HEIGHT - 8}">0</text>'
        f'<text x="{_WIDTH - _RIGHT}" y="{_HEIGHT - 8}" text-anchor="end">{last:,.0f} steps</text>'
    ]
    for value in (0.0, high / 2, high):
        parts.append(
            f'<line x1="{_LEFT}" x2="{_WIDTH - _RIGHT}" y1="{y(value):.1f}" y2="{y(value):.1f}"'
            ' stroke="currentColor" opacity="0.2"/>'
            f'<text x="{_LEFT - 6}" y="{y(value) + 4:.1f}" text-anchor="end">{value:.1f}</text>'
        )
    for index, (name, values, colour, dashes) in enumerate(lines):
        points = " ".join(
            f"{x(at):.1f},{y(value):.1f}"
            for at, value in zip(moves[::-step][::-1], values[::-step][::-1], strict=True)
            if math.isfinite(value)
        )
        line = f'fill="none" stroke="{colour}" stroke-width="2" stroke-dasharray="{dashes}"'
        legend = _LEFT + 140 * index
        parts.append(
            f'<polyline points="{points}" {line}/><path d="M{legend} 27h22" {line}/>'
            f'<text x="{legend + 28}" y="31">{name}</text>'
        )
    return "".join(parts) + "</svg>"
