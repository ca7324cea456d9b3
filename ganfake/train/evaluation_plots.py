"""The plots of docs/detector.md as SVG: points with intervals, bars of verdicts, calibration.

They stand on their own white ground, because GitHub shows them in the dark as well.
"""

from ganfake.train.evaluation_rows import ENSEMBLE, JUDGES
from ganfake.train.sheet import LEFT, RIGHT, TOP, WIDTH, Sheet, legend

COLOURS = dict(zip(JUDGES, ("#c2410c", "#0f766e", "#7c3aed", "#a16207", "#1d4ed8",
                            "#be185d", "#65a30d", "#111827"), strict=True))  # fmt: skip
VERDICTS = {"real": "#15803d", "uncertain": "#9ca3af", "fake": "#dc2626"}
_ROW = 44


def plots(found: dict) -> dict[str, str]:
    """Name and SVG of every plot that the figures allow."""
    sets = {n: e["judges"] for n, e in found["sets"].items() if e["judges"]}
    auc = {n: {j: f["auc"] for j, f in judges.items()} for n, judges in sets.items()}
    left = {n: e["counted"]["judges"] for n, e in found["left_out"]["families"].items()
            if e["counted"]["judges"]}  # fmt: skip
    drawn = {
        "sets": _dots("AUC on every set", auc),
        "left-out": _dots("AUC on a generator that was left out", left),
        "verdicts": verdict_bars(found["sources"]),
        "treatments": _treated(found["treatments"]),
    }
    if "plain" in found["overall"]:
        drawn["calibration"] = _calibration(found["overall"]["plain"]["reliability"])
    if found["attributes"]:
        drawn["attributes"] = _alarms(found["attributes"])
    return drawn


def _dots(title: str, rows: dict[str, dict[str, dict]]) -> str:
    """The ensemble with its interval in every row, the experts as small dots below it."""
    bottom = TOP + _ROW * len(rows)
    values = [f["value"] for row in rows.values() for f in row.values() if f["value"] is not None]
    low = min([0.5, *(int(10 * v) / 10 for v in values)])
    sheet = Sheet(title, bottom + 48, low, 1.0)
    ticks = [low + (1 - low) * i / 5 for i in range(6)]
    sheet.axis(
        ticks, "{:.2f}", bottom, "AUC: 0.5 is guessing, 1 is perfect; bars are 95 % intervals"
    )
    for number, (name, row) in enumerate(rows.items()):
        y = TOP + _ROW * (number + 0.5)
        sheet.text(LEFT - 12, y + 4, name, "end")
        for judge, entry in row.items():
            if judge != ENSEMBLE and entry["value"] is not None:
                sheet.dot(sheet.x(entry["value"]), y + 9, COLOURS[judge], 4)
        if ENSEMBLE in row:
            sheet.interval(row[ENSEMBLE], y - 6, COLOURS[ENSEMBLE])
    legend(sheet, {judge: COLOURS[judge] for judge in JUDGES})
    return sheet.svg()


def verdict_bars(sources: dict) -> str:
    """Of every source, which share was called real, uncertain, fake."""
    row = 26
    bottom = TOP + row * len(sources)
    sheet = Sheet("Verdicts by source", bottom + 48, 0, 1)
    sheet.axis((0, 0.25, 0.5, 0.75, 1), "{:.0%}", bottom, "share of pictures")
    for number, (name, entry) in enumerate(sources.items()):
        y, start = TOP + row * number, 0.0
        kind = "fake" if entry["fake"] else "photo"
        sheet.text(LEFT - 12, y + 17, f"{name} ({kind})", "end")
        for word, colour in VERDICTS.items():
            part = entry["said"][word] / entry["pictures"]
            x0, x1 = sheet.x(start), sheet.x(start + part)
            sheet.parts.append(
                f'<rect x="{x0:.1f}" y="{y + 4}" width="{x1 - x0:.1f}" height="{row - 8}"'
                f' fill="{colour}"/>'
            )
            start += part
    legend(sheet, {f"“{word}”": colour for word, colour in VERDICTS.items()})
    return sheet.svg()


def _treated(treatments: dict) -> str:
    """The ensemble's AUC per set after each treatment."""
    names = sorted({name for row in treatments.values() for name in row})
    palette = dict(
        zip(names, ("#be185d", "#c2410c", "#1d4ed8", "#0f766e", "#7c3aed", "#65a30d"), strict=False)
    )
    rows = {t: row for t, row in treatments.items() if row}
    bottom = TOP + 64 * len(rows)
    sheet = Sheet("AUC of the ensemble after each treatment", bottom + 48, 0.5, 1)
    sheet.axis((0.5, 0.6, 0.7, 0.8, 0.9, 1), "{:.1f}", bottom, "AUC, with 95 % intervals")
    for number, (name, row) in enumerate(rows.items()):
        y = TOP + 64 * number
        sheet.text(LEFT - 12, y + 36, name, "end")
        sheet.line(12, y + 64, WIDTH - RIGHT, y + 64, "#e5e7eb")
        for place, kind in enumerate(names):
            if kind in row:
                sheet.interval(row[kind]["auc"], y + 10 + 10 * place, palette[kind], 4)
    legend(sheet, palette)
    return sheet.svg()


def _calibration(bins: list[dict]) -> str:
    """Of faces that scored alike, which share was fake; the diagonal is a kept word."""
    side, left = 400, 80
    sheet = Sheet("How far the probability can be taken at its word", side + 90, 0, 1, left)
    bottom = TOP + side

    def x(value):
        return left + value * side

    def y(value):
        return bottom - value * side

    for tick in (0, 0.25, 0.5, 0.75, 1):
        sheet.line(x(tick), TOP, x(tick), bottom)
        sheet.line(left, y(tick), left + side, y(tick))
        sheet.text(x(tick), bottom + 16, f"{tick:.2f}", "middle")
        sheet.text(left - 8, y(tick) + 4, f"{tick:.0%}", "end")
    sheet.line(x(0), y(0), x(1), y(1), "#6b7280", 1.5, "5 4")
    points = " ".join(f"{x(b['mean']):.1f},{y(b['fake']):.1f}" for b in bins)
    sheet.parts.append(
        f'<polyline points="{points}" fill="none" stroke="#111827" stroke-width="2"/>'
    )
    for entry in bins:
        sheet.dot(x(entry["mean"]), y(entry["fake"]), "#111827", 5)
    sheet.text(left + side / 2, bottom + 36, "probability of fake that was given", "middle")
    for number, words in enumerate(("Upright: share that was fake.", "Every dot: one fifteenth of",
                                    "all held-out pictures, as", "many fake as real.",
                                    "Dashed: words that hold.")):  # fmt: skip
        sheet.text(left + side + 24, TOP + 20 + 19 * number, words)
    return sheet.svg()


def _alarms(attributes: dict) -> str:
    """False alarms with and without each attribute, with Wilson's intervals."""
    row = 24
    bottom = TOP + row * len(attributes)
    alarms = [e["with"]["wrong_of_decided"] for e in attributes.values()]
    most = max([0.1, *(a["value"] for a in alarms if a["of"] > 20)])
    high = min(1.0, max(0.2, 2 * most))
    sheet = Sheet("False alarms of decided photographs", bottom + 48, 0, high)
    sheet.axis([high * i / 4 for i in range(5)], "{:.0%}", bottom, "with 95 % intervals")
    sheet.line(sheet.x(0.05), TOP, sheet.x(0.05), bottom, "#dc2626", 1, "4 4")
    for number, (name, entry) in enumerate(attributes.items()):
        y = TOP + row * (number + 0.5)
        sheet.text(LEFT - 12, y + 4, name.replace("_", " "), "end")
        for key, shift, colour in (("with", -4, "#1d4ed8"), ("without", 4, "#9ca3af")):
            if key in entry:
                sheet.interval(entry[key]["wrong_of_decided"], y + shift, colour, 3.5)
    legend(sheet, {"with it": "#1d4ed8", "without it": "#9ca3af", "goal: 5 %": "#dc2626"})
    return sheet.svg()
