"""The plots of a check as SVG in the colours of the page around them: spectrum, robustness and
timeline. The Check tab and the report show them."""

from html import escape

from ganfake.experts.reasons import UNJUDGED
from ganfake.explain import STRENGTHS

COLOURS = {"fake": "#dc2626", "real": "#15803d", "uncertain": "#6d5bd0"}
# At the left is room for "100 %" in the larger letters that a phone gets.
_WIDTH, _LEFT, _RIGHT, _TOP, _BOTTOM = 460, 64, 24, 26, 40
_LINE, _FAMILY = "#3b82f6", "#d97706"


class _Frame:
    """A rectangle with axes: values to places, lines and words at the ticks."""

    def __init__(self, height: int, xs: tuple[float, float], ys: tuple[float, float], words: str):
        self.height, self.xs, self.ys = height, xs, ys
        self.parts = [
            f'<svg viewBox="0 0 {_WIDTH} {height}" role="img" aria-label="{escape(words)}"'
            ' font-size="13" fill="currentColor">'
        ]

    def x(self, value: float) -> float:
        low, high = self.xs
        return _LEFT + (value - low) / (high - low) * (_WIDTH - _LEFT - _RIGHT)

    def y(self, value: float) -> float:
        low, high = self.ys
        share = min(1.0, max(0.0, (value - low) / (high - low)))
        return self.height - _BOTTOM - share * (self.height - _TOP - _BOTTOM)

    def add(self, *parts: str) -> None:
        self.parts += parts

    def line(self, points: list[tuple[float, float]]) -> str:
        return " ".join(f"{self.x(a):.1f},{self.y(b):.1f}" for a, b in points)

    def text(self, x: float, y: float, words: str, anchor: str = "middle") -> None:
        self.add(f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(words)}</text>')

    def level(self, value: float, words: str) -> None:
        y = self.y(value)
        self.add(
            f'<line x1="{_LEFT}" x2="{_WIDTH - _RIGHT}" y1="{y:.1f}" y2="{y:.1f}"'
            ' stroke="currentColor" opacity="0.2"/>'
        )
        self.text(_LEFT - 6, y + 4, words, "end")

    def below(self, value: float, words: str) -> None:
        self.text(self.x(value), self.height - _BOTTOM + 17, words)

    def caption(self, words: str) -> None:
        self.text((_LEFT + _WIDTH - _RIGHT) / 2, self.height - 5, words)

    def svg(self) -> str:
        return "".join(self.parts) + "</svg>"


def marker(x: float, y: float, verdict: str, size: float = 6) -> str:
    """A verdict's sign: triangle for fake, circle for real, diamond for uncertain."""
    colour = f'fill="{COLOURS[verdict]}"'
    if verdict == "real":
        return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{size}" {colour}/>'
    if verdict == "fake":
        corners = ((0, -1.15), (1.1, 0.8), (-1.1, 0.8))
    else:
        corners = ((0, -1.25), (1.25, 0), (0, 1.25), (-1.25, 0))
    points = " ".join(f"{x + a * size:.1f},{y + b * size:.1f}" for a, b in corners)
    return f'<polygon points="{points}" {colour}/>'


def spectrum_plot(found: dict[str, list[float]], family: str = "") -> str:
    """The face's power spectrum over the band in which 90 % of real photographs lie.

    family: what the likely family of generators is called, where `found` has its curve.
    """
    frequency = found["frequency"]
    values = [*found["face"], *found["low"], *found["high"], *found.get("family", [])]
    low, high = min(values), max(values)
    words = spectrum_words(found)
    frame = _Frame(
        230, (frequency[0], frequency[-1]), (low, high if high > low else low + 1), words
    )
    forth = list(zip(frequency, found["high"], strict=True))
    back = list(zip(frequency, found["low"], strict=True))[::-1]
    middle = list(zip(frequency, found["middle"], strict=True))
    face = list(zip(frequency, found["face"], strict=True))
    frame.add(
        f'<polygon points="{frame.line(forth + back)}" fill="#64748b" opacity="0.35"/>',
        f'<polyline points="{frame.line(middle)}" fill="none" stroke="currentColor"'
        ' stroke-dasharray="4 4" opacity="0.7"/>',
        f'<polyline points="{frame.line(face)}" fill="none" stroke="{_LINE}" stroke-width="2.5"/>',
        f'<path d="M{_LEFT + 2} 11h26" stroke="{_LINE}" stroke-width="2.5"/>',
        f'<rect x="{_LEFT + 130}" y="4" width="26" height="13" fill="#64748b" opacity="0.35"/>',
        f'<path d="M{_LEFT + 130} 10.5h26" stroke="currentColor" stroke-dasharray="4 4"'
        ' opacity="0.7"/>',
    )
    if "family" in found:
        usual = list(zip(frequency, found["family"], strict=True))
        dashes = f'fill="none" stroke="{_FAMILY}" stroke-width="2" stroke-dasharray="7 4"'
        frame.add(f'<polyline points="{frame.line(usual)}" {dashes}/>')
        frame.add(f'<path d="M{_LEFT + 130} 33h26" {dashes}/>')
        frame.text(_LEFT + 162, 37, f"usual for {family}", "start")
    frame.text(_LEFT + 34, 15, "this face", "start")
    frame.text(_LEFT + 162, 15, "real photos: 90 %, middle", "start")
    frame.add(
        f'<text x="18" y="{230 / 2 - 6}" text-anchor="middle"'
        f' transform="rotate(-90 18 {230 / 2 - 6})">power (log)</text>'
    )
    frame.below(frequency[0], "coarse")
    frame.text(_WIDTH - _RIGHT, 230 - _BOTTOM + 17, "fine", "end")
    frame.caption("fineness of the detail")
    return frame.svg()


def spectrum_words(found: dict[str, list[float]]) -> str:
    """How much of the spectrum lies outside the band, in a sentence."""
    rows = list(zip(found["face"], found["low"], found["high"], strict=True))
    over = sum(value > high for value, _, high in rows) / len(rows)
    under = sum(value < low for value, low, _ in rows) / len(rows)
    if over + under < 0.1:
        return "The spectrum lies within the band of real photographs."
    parts = []
    if over >= 0.05:
        parts.append(f"more power than real photographs in {over:.0%} of its range")
    if under >= 0.05:
        parts.append(f"less in {under:.0%}" if parts else
                     f"less power than real photographs in {under:.0%} of its range")  # fmt: skip
    sentence = "The spectrum has " + ", and ".join(parts) + "."
    return sentence.replace("%", " %")


# What each treatment is called, and how its strengths are written: at the axis, in a sentence.
TREATMENTS = {
    "jpeg": ("JPEG quality", "{:g}", "JPEG quality {:g}"),
    "resize": ("size", "{:g} %", "size {:g} %"),
    "blur": ("blur, radius in pixels", "{:g}", "a blur of {:g} pixels"),
}


def strength_words(kind: str, strength: float) -> str:
    """A strength in a sentence."""
    if strength == STRENGTHS[kind][0]:
        return "as it is"
    said = TREATMENTS[kind][2].format(strength)
    return said.removesuffix("s") if strength == 1 else said


def survival_words(kind: str, treated: list, on: str = "") -> str:
    """Whether the verdict on the picture as it is survives what it goes through, in a sentence.

    on: which of several verdicts, such as " on this frame".
    """
    first = treated[0].verdict
    other = next((one for one in treated if one.verdict != first), None)
    if other is None:
        return f"The verdict{on} survives all of it."
    at = strength_words(kind, other.strength)
    changed = f"The verdict{on} changes from {first} to {other.verdict} at {at}."
    after = treated[treated.index(other) :]
    if all(one.verdict == other.verdict for one in after):
        return changed
    return f"{changed} It changes again further on; see the curve."


def robustness_plot(kind: str, treated: list) -> str:
    """The probability of fake at every strength, each point with its verdict's sign; none where
    the face cannot be judged any more."""
    caption, form, _ = TREATMENTS[kind]
    verdicts = [one.verdict for one in treated]
    same = len(set(verdicts)) == 1
    words = f"Probability of fake over {caption}; the verdict " + (
        f"stays {verdicts[0]}" if same else "changes: " + ", ".join(verdicts)
    )
    frame = _Frame(220, (0, len(treated) - 1), (0, 1), words)
    for value in (0, 0.5, 1):
        frame.level(value, f"{100 * value:.0f} %")
    judged = [one.reason not in UNJUDGED for one in treated]
    points = [(i, one.probability_fake) for i, one in enumerate(treated) if judged[i]]
    frame.add(
        f'<line class="marker" x1="0" x2="0" y1="{_TOP}" y2="{220 - _BOTTOM}"'
        ' stroke="currentColor" stroke-width="2" opacity="0.6"/>',
        f'<polyline points="{frame.line(points)}" fill="none" stroke="{_LINE}" stroke-width="2"/>',
    )
    for i, one in enumerate(treated):
        if judged[i]:
            frame.add(marker(frame.x(i), frame.y(one.probability_fake), one.verdict))
        frame.below(i, form.format(one.strength) if i or kind != "jpeg" else "as it is")
    frame.text(_LEFT, 15, "probability of fake", "start")
    frame.caption(caption)
    return frame.svg()


def robustness_places(count: int) -> list[float]:
    """Where the marker of the robustness plot stands at each of `count` strengths."""
    frame = _Frame(220, (0, max(1, count - 1)), (0, 1), "")
    return [round(frame.x(i), 1) for i in range(count)]


def timeline_plot(person, duration: float, number: int) -> str:
    """The probability of fake over a video for one person, each frame that can be judged with its
    sign."""
    words = f"Probability of fake of person {number} over {duration:.3g} seconds"
    digits = 1 if duration > 1 else 2  # or the names of several ticks would be the same
    frame = _Frame(190, (0, max(duration, 0.1)), (0, 1), words)
    for value in (0, 0.5, 1):
        frame.level(value, f"{100 * value:.0f} %")
    frames = zip(person.times, person.probabilities, person.verdicts, person.judged, strict=True)
    rows = [row for *row, judged in frames if judged]
    points = [(time, probability) for time, probability, _ in rows]
    frame.add(
        f'<polyline points="{frame.line(points)}" fill="none" stroke="{_LINE}" stroke-width="1.5"/>'
    )
    size = 5 if len(rows) < 60 else 3.5
    for time, probability, verdict in rows:
        frame.add(marker(frame.x(time), frame.y(probability), verdict, size))
    # The first begins at the axis: on a phone, in its middle, it would touch the level of 0 %.
    frame.text(_LEFT, 190 - _BOTTOM + 17, f"{0:.{digits}f} s", "start")
    for share in (0.25, 0.5, 0.75):
        frame.below(share * max(duration, 0.1), f"{share * duration:.{digits}f} s")
    frame.text(_WIDTH - 2, 190 - _BOTTOM + 17, f"{duration:.{digits}f} s", "end")
    frame.text(_LEFT, 15, "probability of fake", "start")
    return frame.svg()
