"""A sheet to draw a plot on, as SVG, for the pages of figures in docs/.

It stands on its own white ground, because GitHub shows it in the dark as well.
"""

from html import escape

WIDTH, LEFT, RIGHT, TOP = 760, 190, 130, 34


class Sheet:
    """A drawing area with words at the left and a horizontal axis from `low` to `high`."""

    def __init__(self, title: str, height: int, low: float, high: float, left: int = LEFT):
        self.height, self.low, self.high, self.left = height, low, high, left
        self.parts = [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}"'
            f' width="{WIDTH}" height="{height}" role="img" aria-label="{escape(title)}"'
            ' font-family="sans-serif" font-size="13" fill="#111827">',
            '<rect width="100%" height="100%" fill="#ffffff"/>',
        ]
        self.text(12, 20, title, weight="bold")

    def x(self, value: float) -> float:
        share = min(1.0, max(0.0, (value - self.low) / (self.high - self.low)))
        return self.left + share * (WIDTH - self.left - RIGHT)

    def text(self, x, y, words, anchor="start", weight="normal", colour="#111827") -> None:
        self.parts.append(
            f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-weight="{weight}"'
            f' fill="{colour}">{escape(words)}</text>'
        )

    def line(self, x0, y0, x1, y1, colour="#d1d5db", width=1.0, dash="") -> None:
        extra = f' stroke-dasharray="{dash}"' if dash else ""
        self.parts.append(
            f'<line x1="{x0:.1f}" y1="{y0:.1f}" x2="{x1:.1f}" y2="{y1:.1f}"'
            f' stroke="{colour}" stroke-width="{width}"{extra}/>'
        )

    def dot(self, x, y, colour, radius=4.0) -> None:
        self.parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius}" fill="{colour}"/>')

    def axis(self, ticks, form, bottom: float, caption: str) -> None:
        for tick in ticks:
            self.line(self.x(tick), TOP, self.x(tick), bottom)
            self.text(self.x(tick), bottom + 16, form.format(tick), "middle")
        self.text((self.left + WIDTH - RIGHT) / 2, bottom + 36, caption, "middle")

    def interval(self, entry: dict, y: float, colour: str, radius=5.0) -> None:
        if entry["value"] is None:
            return
        if entry["low"] is not None:
            self.line(self.x(entry["low"]), y, self.x(entry["high"]), y, colour, 2.5)
        self.dot(self.x(entry["value"]), y, colour, radius)

    def svg(self) -> str:
        return "".join([*self.parts, "</svg>\n"])


def legend(sheet: Sheet, colours: dict[str, str]) -> None:
    for number, (name, colour) in enumerate(colours.items()):
        y = TOP + 12 + 21 * number
        sheet.dot(WIDTH - RIGHT + 22, y - 4, colour, 5)
        sheet.text(WIDTH - RIGHT + 34, y, name)
