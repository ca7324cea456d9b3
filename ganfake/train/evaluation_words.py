"""Numbers and tables of docs/detector.md as Markdown."""

from math import isfinite

COMMAND = "python -m ganfake evaluate detector"


def number(value: float | None, percent: bool = False) -> str:
    """0.912, or 91.2 %; a dash for what was not measured."""
    if value is None or not isfinite(value):
        return "—"
    return f"{100 * value:.1f} %" if percent else f"{value:.3f}"


def interval(entry: dict | None, percent: bool = False) -> str:
    """A figure with its interval: 0.912 (0.900-0.921)."""
    if not entry or entry["value"] is None:
        return "—"
    if entry["low"] is None:
        return number(entry["value"], percent)
    scale, digits = (100, 1) if percent else (1, 3)
    low, high = (f"{scale * entry[key]:.{digits}f}" for key in ("low", "high"))
    return f"{number(entry['value'], percent)} ({low}–{high})"


def table(head: list[str], rows: list[list[str]]) -> str:
    """A table of Markdown, and the command that made it."""
    if not rows:
        return "This was not measured: the table of scores has no such rows."
    lines = [head, ["---", *["---:"] * (len(head) - 1)], *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines) + f"\n\nMade by `{COMMAND}`."
