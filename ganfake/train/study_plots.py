"""The plots of docs/quality.md as SVG: intervals beside photographs, logs, quality over time."""

import numpy as np

from ganfake.study import ORDER, PHOTOGRAPHS
from ganfake.train.evaluation_plots import verdict_bars
from ganfake.train.seeds import lines
from ganfake.train.sheet import LEFT, RIGHT, TOP, WIDTH, Sheet, legend
from ganfake.train.study_claims import over_runs
from ganfake.train.study_words import MEASURES, called

COLOURS = {PHOTOGRAPHS: "#111827", "DCGAN": "#c2410c", "cDCGAN": "#a16207", "WGAN": "#1d4ed8",
           "cWGAN": "#0f766e"}  # fmt: skip
_SINGLE = ("sharpness", "slope", "colour_noise", "colour_share", "checkerboard", "blockiness",
           "brightness", "niqe")  # fmt: skip
_LOGGED = {"loss_d": "loss of D", "loss_g": "loss of G", "grad_d": "gradient of D",
           "grad_g": "gradient of G", "spread": "spread"}  # fmt: skip
_SEEDS = ("#1d4ed8", "#c2410c", "#0f766e", "#7c3aed", "#a16207")
_ROW = 40


def plots(found: dict) -> dict[str, str]:
    """Name and SVG of every plot that the figures allow."""
    drawn = {}
    for kind, entry in found["kinds"].items():
        drawn[f"{kind}-distance"] = _distance(kind, entry["rows"])
        drawn[f"{kind}-single"] = _single(kind, entry)
    if said := found["kinds"]["faces"]["check"]:
        drawn["check"] = verdict_bars({
            name: {"fake": name != PHOTOGRAPHS, "pictures": e["of"], "said": e}
            for name, e in said.items()
        })  # fmt: skip
    if found["runs"]:
        drawn |= {"runs": _logs(found["runs"]), "seeds": _seeds(found["runs"]),
                  "time": _time(found["runs"])}  # fmt: skip
    return drawn


def _ticks(low: float, high: float, count: int = 5) -> tuple[list[float], str]:
    """Round numbers that span `low` to `high`, and how to write them."""
    rough = (high - low) / count
    unit = 10.0 ** np.floor(np.log10(rough))
    step = float(next(unit * m for m in (1, 2, 5, 10) if unit * m >= rough))
    first, last = np.floor(low / step), np.ceil(high / step)
    digits = max(0, -int(np.floor(np.log10(step))))
    return [float(step * i) for i in np.arange(first, last + 1)], f"{{:.{digits}f}}"


def _distance(kind: str, rows: dict[str, dict]) -> str:
    entries = {name: row["frechet"] for name, row in rows.items()}
    ticks, form = _ticks(0, max(e["high"] for e in entries.values()))
    bottom = TOP + _ROW * len(entries)
    title = f"Fréchet distance of {kind} to held-out photographs"
    sheet = Sheet(title, bottom + 48, ticks[0], ticks[-1])
    sheet.axis(ticks, form, bottom, "less is nearer; bars are 95 % intervals over pictures")
    for number, (name, entry) in enumerate(entries.items()):
        y = TOP + _ROW * (number + 0.5)
        sheet.text(LEFT - 12, y + 4, called(name), "end")
        sheet.interval(entry, y, COLOURS[called(name)])
    return sheet.svg()


def _single(kind: str, entry: dict) -> str:
    """How far each model's mean is from the photographs', in deviations between photographs."""
    rows, count = entry["rows"], entry["held_out"]
    found = {
        measure: {n: _standard(row[measure], rows[PHOTOGRAPHS][measure], count)
                  for n, row in rows.items() if n != PHOTOGRAPHS}
        for measure in _SINGLE
    }  # fmt: skip
    ends = [e[key] for row in found.values() for e in row.values() for key in ("low", "high")]
    ticks, form = _ticks(min(0, *ends), max(0, *ends), 6)
    bottom = TOP + 56 * len(found)
    sheet = Sheet(f"Single pictures of {kind} beside photographs", bottom + 48, ticks[0], ticks[-1])
    sheet.axis(ticks, form, bottom, "0: mean of photographs; unit: deviation between photographs")
    sheet.line(sheet.x(0), TOP, sheet.x(0), bottom, "#111827", 1.5)
    for number, (measure, row) in enumerate(found.items()):
        y = TOP + 56 * number
        sheet.text(LEFT - 12, y + 32, MEASURES[measure][0], "end")
        sheet.line(12, y + 56, WIDTH - RIGHT, y + 56, "#e5e7eb")
        for place, (name, value) in enumerate(row.items()):
            sheet.interval(value, y + 10 + 12 * place, COLOURS[called(name)], 4)
    legend(sheet, {called(name): COLOURS[called(name)] for name in ORDER[kind]})
    return sheet.svg()


def _standard(made: dict, real: dict, count: int) -> dict:
    """A mean's interval less the photographs' mean, over the deviation of single photographs."""
    deviation = max((real["high"] - real["low"]) / 3.92 * np.sqrt(count), 1e-9)
    return {key: (made[key] - real["value"]) / deviation for key in ("value", "low", "high")}


def _seeds(runs: dict[str, list[dict]]) -> str:
    """Fréchet distance of the last generator of every seed, and of their mean."""
    ends = [run["final"]["frechet"] for part in runs.values() for run in part]
    means = {m: over_runs([r["final"]["frechet"]["value"] for r in part])
             for m, part in runs.items()}  # fmt: skip
    bounds = [(e["low"], e["high"]) for e in (*ends, *means.values()) if e["low"] is not None]
    ticks, form = _ticks(min(low for low, _ in bounds), max(high for _, high in bounds))
    row = 70
    bottom = TOP + row * len(ORDER["cars"])
    title = "Fréchet distance of vehicles by seed, and their mean"
    sheet = Sheet(title, bottom + 48, ticks[0], ticks[-1])
    sheet.axis(
        ticks, form, bottom, "95 % intervals: of a seed over pictures, of the mean over seeds"
    )
    for number, model in enumerate(ORDER["cars"]):
        y = TOP + row * number
        sheet.text(LEFT - 12, y + row / 2, called(model), "end")
        sheet.line(12, y + row, WIDTH - RIGHT, y + row, "#e5e7eb")
        for place, run in enumerate(runs.get(model, [])):
            sheet.interval(run["final"]["frechet"], y + 14 + 12 * place, "#9ca3af", 3.5)
        if model in means:
            sheet.interval(means[model], y + row - 14, COLOURS[called(model)], 6)
    legend(sheet, {"one seed": "#9ca3af"})
    return sheet.svg()


class _Panel:
    """A small plot of lines in a box of a sheet, with the ends of its upright axis written."""

    def __init__(self, sheet: Sheet, box: tuple[float, float, float, float], xs, ys):
        self.sheet, self.box = sheet, box
        finite = [y for y in ys if np.isfinite(y)]
        self.x_range, self.y_range = (min(xs), max(xs)), (min(finite), max(finite))
        x0, y0, x1, y1 = box
        for a, b, c, d in ((x0, y0, x1, y0), (x0, y1, x1, y1), (x0, y0, x0, y1), (x1, y0, x1, y1)):
            sheet.line(a, b, c, d)

    def ends(self) -> None:
        """Write the ends of the upright axis, over the lines."""
        x0, y0, _, y1 = self.box
        for y, value in ((y0 + 12, self.y_range[1]), (y1 - 4, self.y_range[0])):
            self.sheet.parts.append(
                f'<text x="{x0 + 3:.1f}" y="{y:.1f}" font-size="11" stroke="#ffffff"'
                f' stroke-width="3" paint-order="stroke">{value:.3g}</text>'
            )

    def _point(self, x: float, y: float) -> str:
        x0, y0, x1, y1 = self.box
        across = (x - self.x_range[0]) / max(self.x_range[1] - self.x_range[0], 1e-9)
        up = (y - self.y_range[0]) / max(self.y_range[1] - self.y_range[0], 1e-9)
        return f"{x0 + across * (x1 - x0):.1f},{y1 - 3 - up * (y1 - y0 - 6):.1f}"

    def draw(self, xs, ys, colour: str, width: float = 1.5) -> None:
        """A line through the points that are finite."""
        there = [self._point(x, y) for x, y in zip(xs, ys, strict=True) if np.isfinite(y)]
        self.sheet.parts.append(
            f'<polyline points="{" ".join(there)}" fill="none" stroke="{colour}"'
            f' stroke-width="{width}" stroke-linejoin="round"/>'
        )


def _logs(runs: dict[str, list[dict]]) -> str:
    """Losses, gradients and spread of every run: a column for each model, a line for each seed."""
    left, width, height = 110, 132, 92
    bottom = TOP + 18 + height * len(_LOGGED)
    sheet = Sheet("Logs of the runs, by images seen", bottom + 28, 0, 1)
    seeds = sorted({run["seed"] for part in runs.values() for run in part})
    for column, model in enumerate(ORDER["cars"]):
        x = left + (width + 8) * column
        sheet.text(x + width / 2, TOP + 10, called(model), "middle")
        logs = {run["seed"]: lines(run["log"]) for run in runs.get(model, [])}
        for row, name in enumerate(_LOGGED if logs else ()):
            y = TOP + 18 + height * row
            xs = [line["images"] for log in logs.values() for line in log]
            ys = [line[name] for log in logs.values() for line in log]
            panel = _Panel(sheet, (x, y, x + width, y + height - 8), xs, ys)
            for seed, log in logs.items():
                colour = _SEEDS[seeds.index(seed) % len(_SEEDS)]
                panel.draw([e["images"] for e in log], [e[name] for e in log], colour, 1.2)
            panel.ends()
    for row, name in enumerate(_LOGGED.values()):
        sheet.text(left - 10, TOP + 18 + height * (row + 0.5), name, "end")
    for number, seed in enumerate(seeds):
        x = left + 90 * number
        sheet.dot(x + 5, bottom + 12, _SEEDS[number % len(_SEEDS)], 4)
        sheet.text(x + 15, bottom + 16, f"seed {seed}")
    return sheet.svg()


def _time(runs: dict[str, list[dict]]) -> str:
    """Fréchet distance at every snapshot, a line for each run in the colour of its model."""
    bottom = TOP + 300
    sheet = Sheet("Fréchet distance of vehicles while they learn", bottom + 48, 0, 1, 60)
    curves = [(m, run["curve"]) for m, part in runs.items() for run in part]
    xs = [point["images"] for _, curve in curves for point in curve]
    ys = [point["frechet"]["value"] for _, curve in curves for point in curve]
    panel = _Panel(sheet, (60, TOP, WIDTH - RIGHT, bottom), xs, ys)
    for model, curve in curves:
        values = [point["frechet"]["value"] for point in curve]
        panel.draw([point["images"] for point in curve], values, COLOURS[called(model)], 2)
    panel.ends()
    sheet.text(60, bottom + 16, f"{min(xs):,}")
    sheet.text(WIDTH - RIGHT, bottom + 16, f"{max(xs):,}", "end")
    sheet.text((60 + WIDTH - RIGHT) / 2, bottom + 36, "photographs seen", "middle")
    legend(sheet, {called(m): COLOURS[called(m)] for m in ORDER["cars"] if m in runs})
    return sheet.svg()
