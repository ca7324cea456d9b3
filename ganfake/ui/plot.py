"""Small plots as SVG in the page's own colours, for light and dark alike."""

from ganfake.stats import PUBLISHED

# Room for text of 27 units, which board.css sets on a phone, where a unit is 0.43 pixels.
_WIDTH, _HEIGHT, _LEFT, _RIGHT, _TOP, _BOTTOM = 640, 330, 92, 16, 80, 38
_DASHES = ("2 5", "9 5")  # one kind for each published level, as the legend shows


def rounds_plot(outcomes: list[bool]) -> str:
    """Right and wrong over rounds, with the running accuracy and the published levels."""
    step = (_WIDTH - _LEFT - _RIGHT) / max(len(outcomes), 1)

    def x(number: float) -> float:
        return _LEFT + step * (number - 0.5)

    parts = [
        f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-label="'
        f'Running accuracy over {len(outcomes)} rounds" font-size="16" fill="currentColor">'
    ]
    for share in (0.0, 0.5, 1.0):
        parts.append(
            _level(share, 'opacity="0.25"')
            + f'<text x="{_LEFT - 6}" y="{_y(share) + 6:.1f}" text-anchor="end">{share:.0%}</text>'
        )
    parts += [_published(*row, dashes) for row, dashes in zip(_rows(), _DASHES, strict=True)]
    right, line, shapes = 0, [], []
    for number, good in enumerate(outcomes, start=1):
        right += good
        at, height = x(number), _y(right / number)
        line.append(f"{at:.1f},{height:.1f}")
        shapes.append(
            f'<circle cx="{at:.1f}" cy="{height:.1f}" r="6" fill="#16a34a"/>'
            if good
            else f'<rect x="{at - 5:.1f}" y="{height - 5:.1f}" width="10" height="10"'
            f' fill="#dc2626"/>'
        )
        shapes.append(f'<text x="{at:.1f}" y="{_HEIGHT - 8}" text-anchor="middle">{number}</text>')
    parts.append(
        f'<polyline points="{" ".join(line)}" fill="none" stroke="#3b82f6" stroke-width="2"/>'
    )
    return "".join(parts + shapes) + "</svg>"


def _rows() -> list[tuple[int, str, float]]:
    """The published levels: number, label, share."""
    labels = [who.replace("people", "").replace("with feedback", "").strip() for who in PUBLISHED]
    return list(zip(range(len(labels)), labels, PUBLISHED.values(), strict=True))


def _published(number: int, label: str, share: float, dashes: str) -> str:
    """A published level as a dashed line, and its row of the legend above the plot."""
    dashed, y = f'stroke-dasharray="{dashes}"', 26 + 30 * number
    return (
        _level(share, f'{dashed} opacity="0.8"')
        + f'<path d="M{_LEFT} {y - 6}h44" stroke="currentColor" {dashed}/>'
        + f'<text x="{_LEFT + 54}" y="{y}">{label} {share:.1%}</text>'
    )


def _level(share: float, look: str) -> str:
    y = _y(share)
    return (
        f'<line x1="{_LEFT}" x2="{_WIDTH - _RIGHT}" y1="{y:.1f}" y2="{y:.1f}"'
        f' stroke="currentColor" {look}/>'
    )


def _y(share: float) -> float:
    return _TOP + (1 - share) * (_HEIGHT - _TOP - _BOTTOM)
