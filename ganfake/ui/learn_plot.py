"""Before and after a lesson as intervals, beside what was published."""

from ganfake.quiz.lesson import Effect
from ganfake.stats import PUBLISHED

# Each row has its name above it, so that there is room for text of 27 units: so large
# learn.css makes it on a phone, where a unit is 0.43 pixels.
_WIDTH, _SIDE, _TOP, _ROW = 640, 40, 12, 66


def effect_plot(effect: Effect) -> str:
    """Shares of right answers with their 95 % intervals as an inline SVG; guessing is dashed."""
    rows = [
        ("Before", effect.before.accuracy, effect.before.low, effect.before.high),
        ("After", effect.after.accuracy, effect.after.low, effect.after.high),
        *((_short(who), share, None, None) for who, share in PUBLISHED.items()),
    ]
    bottom = _TOP + _ROW * len(rows)
    parts = [
        f'<svg viewBox="0 0 {_WIDTH} {bottom + 36}" role="img" font-size="16"'
        ' fill="currentColor" aria-label="Shares of right answers before and after, with 95 %'
        ' intervals, and published ones">'
    ]
    for share in (0.0, 0.5, 1.0):
        dashes = ' stroke-dasharray="4 4"' if share == 0.5 else ""
        parts.append(
            f'<line x1="{_x(share):.1f}" x2="{_x(share):.1f}" y1="{_TOP}" y2="{bottom}"'
            f' stroke="currentColor" opacity="0.4"{dashes}/><text x="{_x(share):.1f}"'
            f' y="{bottom + 28}" text-anchor="middle">{share:.0%}</text>'
        )
    for number, (name, share, low, high) in enumerate(rows):
        y = _TOP + _ROW * number + 48
        parts.append(f'<text x="{_SIDE + 8}" y="{y - 20}">{name}</text>')
        if low is None:
            parts.append(f'<path d="M{_x(share):.1f} {y - 8}l8 8l-8 8l-8 -8z" fill="#d97706"/>')
        else:
            parts.append(
                f'<line x1="{_x(low):.1f}" x2="{_x(high):.1f}" y1="{y}" y2="{y}"'
                ' stroke="#3b82f6" stroke-width="4"/>'
                f'<circle cx="{_x(share):.1f}" cy="{y}" r="8" fill="#3b82f6"/>'
            )
    return "".join(parts) + "</svg>"


def _x(share: float) -> float:
    return _SIDE + share * (_WIDTH - 2 * _SIDE)


def _short(who: str) -> str:
    return "Published, trained" if "feedback" in who else "Published"
