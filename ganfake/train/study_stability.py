"""The part of docs/quality.md on training: alarms, curves, and how much seeds differ."""

import numpy as np

from ganfake.film import film
from ganfake.study import ORDER
from ganfake.train.alarms import BURST, CERTAIN, LASTING, SPREAD, Alarm, alarms
from ganfake.train.seeds import SEEDS, lines
from ganfake.train.study_claims import over_runs
from ganfake.train.study_words import MEASURES, called, cell, table

_OVER_SEEDS = ("frechet", "kid", "precision", "recall", "niqe_set", "sharpness", "colour_noise")


def missing(runs: dict[str, list[dict]]) -> list[str]:
    """Names of the runs of which there is no record: wgan-cars-2."""
    there = {(model, entry["seed"]) for model, part in runs.items() for entry in part}
    return [f"{m}-{s}" for m in ORDER["cars"] for s in SEEDS if (m, s) not in there]


def film_log(model: str) -> tuple[list[dict], bool]:
    """The log of a shipped model's training, as its film has it, and what D's outputs are."""
    shown = film(model)
    if not shown:
        return [], False
    columns = shown.curves
    log = [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
    return log, shown.probabilities


def stability(found: dict, plots: str) -> str:
    """The section, from the films of the shipped models and the records of runs."""
    runs = found["runs"]
    sections = [
        f"""## Training

An alarm goes off where a log shows, for {LASTING} lines in a row after the first tenth of a run,
that made pictures differ from each other less than {100 * SPREAD:.0f} % as much as photographs do
(collapse), that the discriminator's loss lies under {CERTAIN} (it is certain; only of the models
whose outputs are probabilities), or that a gradient is {BURST:.0f} times its median; and at once
where a number is not finite.""",
        _shipped(),
    ]
    if absent := missing(runs):
        sections.append(f"There is no record of these runs yet: {', '.join(absent)}.")
    if runs:
        sections += [_alarm_table(runs), f"![Losses, gradients and spread]({plots}/runs.svg)",
                     _seeds(runs), f"![The same over seeds]({plots}/seeds.svg)",
                     f"![Quality over time]({plots}/time.svg)"]  # fmt: skip
    return "\n\n".join(sections)


def _shipped() -> str:
    """What the logs of the shipped models say."""
    rows = []
    for models in ORDER.values():
        for model in models:
            log, probabilities = film_log(model)
            if log:
                last, said = log[-1], _said(alarms(log, probabilities))
                rows.append([f"`{model}`", f"{last['images']:,}", said,
                             f"{last['loss_d']:.3f}", f"{last['loss_g']:.3f}"])  # fmt: skip
    return (
        "The shipped models, from the logs that their films keep (they are older than the"
        " logging of gradients and spread, so that collapse shows only in the table of"
        " distances, as *spread*):\n\n"
        + table(["", "images", "alarms", "last loss of D", "last loss of G"], rows)
    )


def _said(found: list[Alarm]) -> str:
    return ", ".join(f"{a.what} from {a.images:,}" for a in found) or "none"


def _alarm_table(runs: dict[str, list[dict]]) -> str:
    rows, alarmed = [], 0
    for model in ORDER["cars"]:
        for run in runs.get(model, []):
            log = lines(run["log"])
            raised = alarms(log, run["probabilities"])
            alarmed += bool(raised)
            late = log[len(log) // 2 :]
            middle = {n: float(np.nanmedian([line[n] for line in late]))
                      for n in ("grad_d", "grad_g", "spread")}  # fmt: skip
            least = float(np.nanmin([line["spread"] for line in log[len(log) // 10 :]]))
            rows.append([f"`{model}`", str(run["seed"]), f"{run['images']:,}",
                         _said(raised), f"{middle['grad_d']:.2f}",
                         f"{middle['grad_g']:.2f}", f"{middle['spread']:.3f}", f"{least:.3f}",
                         run["trained_on"] or "not recorded"])  # fmt: skip
    head = ["", "seed", "images", "alarms", "gradient of D", "of G", "spread", "least spread",
            "trained on"]  # fmt: skip
    return (
        "The four models of vehicles, trained again with several seeds (`python -m ganfake train"
        " gan --model MODEL --seed SEED --images 200000 --run RUN`, then `python -m"
        " ganfake.train.seeds RUN`); medians of the second half, and the least spread after the"
        f" first tenth. An alarm went off in {alarmed} of {len(rows)} runs.\n\n" + table(head, rows)
    )


def _seeds(runs: dict[str, list[dict]]) -> str:
    rows = []
    for model in ORDER["cars"]:
        part = runs.get(model, [])
        for run in part:
            rows.append([f"`{model}`", f"seed {run['seed']}",
                         *(cell(m, run["final"][m]) for m in _OVER_SEEDS)])  # fmt: skip
        if len(part) > 1:
            values = {m: [run["final"][m]["value"] for run in part] for m in _OVER_SEEDS}
            means = [cell(m, over_runs(v)) for m, v in values.items()]
            spreads = [cell(m, float(np.std(v, ddof=1))) for m, v in values.items()]
            rows.append([f"**{called(model)}**", f"mean of {len(part)}", *means])
            rows.append(["", "standard deviation", *spreads])
    some = next(run for part in runs.values() for run in part)
    head = ["", "", *(MEASURES[m][0] for m in _OVER_SEEDS)]
    return (
        f"Their last generators, {some['samples']:,} pictures of each. Brackets of a seed are over"
        " pictures, those of a mean over seeds (Student's). The curve over time is of"
        f" {some['samples_on_the_way']:,} pictures at each snapshot and compares only with"
        f" itself. {_still(runs)}{_apart(runs)}\n\n" + table(head, rows)
    )


def _still(runs: dict[str, list[dict]]) -> str:
    """How much the distance changed at the end: whether the methods had learned all they could."""
    said = []
    for model in ORDER["cars"]:
        ends = [[point["frechet"]["value"] for point in run["curve"][-2:]]
                for run in runs.get(model, []) if len(run["curve"]) > 1]  # fmt: skip
        if ends:
            before, last = np.mean(ends, 0)
            said.append(f"{called(model)} from {before:.1f} to {last:.1f}")
    if not said:
        return ""
    return f"Between the last two snapshots Fréchet distance went: {', '.join(said)}."


def _apart(runs: dict[str, list[dict]]) -> str:
    """How far the seeds of one method lie apart, and how far the methods do."""
    values = [[run["final"]["frechet"]["value"] for run in part] for part in runs.values()]
    values = [part for part in values if len(part) > 1]
    if len(values) < 2:
        return ""
    seeds, methods = max(map(np.ptp, values)), np.ptp([np.mean(part) for part in values])
    return (
        f" The seeds of one method lie up to {seeds:.1f} apart in Fréchet distance, the means of"
        f" {len(values)} methods up to {methods:.1f}."
    )
