"""Small plots as SVG in the page's own colours, for light and dark alike."""

from ganfake.stats import PUBLISHED

_WIDTH, _HEIGHT, _LEFT, _BOTTOM, _TOP = 640, 240, 44, 30, 12


def rounds_plot(outcomes: list[bool]) -> str:
    """Right and wrong over rounds, with the running accuracy and the published levels."""
    count = max(len(outcomes), 1)
    step = (_WIDTH - _LEFT - 150) / count

    def x(number: float) -> float:
        return _LEFT + step * (number - 0.5)

    def y(share: float) -> float:
        return _TOP + (1 - share) * (_HEIGHT - _TOP - _BOTTOM)

    parts = [
        f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-label="'
        f'Running accuracy over {len(outcomes)} rounds" font-size="12" fill="currentColor">'
    ]
    for share in (0.0, 0.5, 1.0):
        parts.append(
            f'<line x1="{_LEFT}" x2="{_WIDTH - 146}" y1="{y(share)}" y2="{y(share)}"'
            f' stroke="currentColor" opacity="0.25"/>'
            f'<text x="{_LEFT - 6}" y="{y(share) + 4}" text-anchor="end">{share:.0%}</text>'
        )
    for who, share in PUBLISHED.items():
        label = who.replace("people", "").replace("with feedback", "").strip()
        drop = 12 if share < 0.5 else 0
        parts.append(
            f'<line x1="{_LEFT}" x2="{_WIDTH - 146}" y1="{y(share)}" y2="{y(share)}"'
            f' stroke="currentColor" stroke-dasharray="3 4" opacity="0.7"/>'
            f'<text x="{_WIDTH - 140}" y="{y(share) + 4 + drop}">{label} {share:.1%}</text>'
        )
    right, line = 0, []
    for number, good in enumerate(outcomes, start=1):
        right += good
        line.append(f"{x(number):.1f},{y(right / number):.1f}")
        shape = (
            f'<circle cx="{x(number):.1f}" cy="{y(right / number):.1f}" r="6" fill="#16a34a"/>'
            if good
            else f'<rect x="{x(number) - 5:.1f}" y="{y(right / number) - 5:.1f}" width="10"'
            f' height="10" fill="#dc2626"/>'
        )
        parts.append(shape)
        parts.append(
            f'<text x="{x(number):.1f}" y="{_HEIGHT - 8}" text-anchor="middle">{number}</text>'
        )
    parts.insert(
        1,
        f'<polyline points="{" ".join(line)}" fill="none" stroke="#3b82f6" stroke-width="2"/>',
    )
    return "".join(parts) + "</svg>"
