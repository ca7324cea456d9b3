"""What a published study claims, put to the figures: each verdict follows from intervals.

A claim is a list of differences that should be positive. It holds when every one's 95 % interval
lies above 0, does not hold when any one's lies below, and cannot be told from these figures
otherwise. Differences are taken twice: between networks as they were trained, over the
pictures they make; and, where there are runs of several seeds, between methods, over runs.
"""

from itertools import pairwise

import numpy as np
from scipy import stats

from ganfake.study import DISTANCES, ORDER, PHOTOGRAPHS

HOLDS, FAILS, OPEN = "holds", "does not hold", "cannot be told"
NETWORKS, METHODS = "these networks", "the method, over seeds"


def verdict(steps: list[dict]) -> str:
    """HOLDS, FAILS or OPEN for differences {"low", "high"} that are claimed to be positive."""
    if any(step["high"] < 0 for step in steps):
        return FAILS
    if steps and all(step["low"] > 0 for step in steps):
        return HOLDS
    return OPEN


def difference(larger: dict, smaller: dict) -> dict:
    """The first less the second, both {"value", "low", "high"}, with its 95 % interval.

    From the two intervals (Zou and Donner 2008, MOVER, doi:10.1002/sim.3095), as if the two
    were independent. Distances to the same photographs share a part of their chance, so that
    their interval comes out wider than it need be.
    """
    value = larger["value"] - smaller["value"]
    down = np.hypot(larger["value"] - larger["low"], smaller["high"] - smaller["value"])
    up = np.hypot(larger["high"] - larger["value"], smaller["value"] - smaller["low"])
    return {"value": value, "low": float(value - down), "high": float(value + up)}


def difference_of_runs(larger: list[float], smaller: list[float]) -> dict:
    """The mean of some runs less that of others, with Welch's 95 % interval."""
    if min(len(larger), len(smaller)) < 2:
        raise ValueError("an interval over runs needs two of each")
    value = float(np.mean(larger) - np.mean(smaller))
    if np.ptp(larger) == np.ptp(smaller) == 0:
        return {"value": value, "low": value, "high": value}
    found = stats.ttest_ind(larger, smaller, equal_var=False).confidence_interval(0.95)
    return {"value": value, "low": float(found.low), "high": float(found.high)}


def over_runs(values: list[float]) -> dict:
    """The mean of a few runs with Student's 95 % interval; none for a single run."""
    mean = float(np.mean(values))
    if len(values) < 2:
        return {"value": mean, "low": None, "high": None}
    reach = stats.t.ppf(0.975, len(values) - 1) * np.std(values, ddof=1) / np.sqrt(len(values))
    return {"value": mean, "low": mean - float(reach), "high": mean + float(reach)}


# Of each claim: what it says, and the pairs (larger, smaller) by which it is put to a measure.
# DCGAN is the first of a kind's models, WGAN the third.
def _claims(models: tuple[str, ...]) -> list[tuple[str, str, list[tuple[str, str]]]]:
    plain, wasserstein = models[0], models[2]
    rising = list(pairwise(models))
    return [
        *(("order", measure, rising) for measure in DISTANCES),
        ("noise", "colour_noise", [(plain, PHOTOGRAPHS)]),
        ("noise", "colour_share", [(plain, PHOTOGRAPHS)]),
        ("noise beside WGAN", "colour_noise", [(plain, wasserstein)]),
        ("blur", "sharpness", [(PHOTOGRAPHS, plain)]),
        ("blur", "slope", [(PHOTOGRAPHS, plain)]),
        ("blur beside WGAN", "sharpness", [(wasserstein, plain)]),
        ("sharper than real", "sharpness", [(wasserstein, PHOTOGRAPHS)]),
        ("sharper than real", "slope", [(wasserstein, PHOTOGRAPHS)]),
    ]


def judge(kind: str, rows: dict[str, dict], runs: dict[str, list[dict]]) -> list[dict]:
    """Every claim for "cars" or "faces", for the networks and for the methods.

    rows: {model or photographs: {measure: {"value", "low", "high"}}}. runs: {model: the same
    rows of several seeds}, empty where there are none. Photographs do not depend on a seed: the
    methods are compared with their value in `rows`.
    """
    found = []
    for claim, measure, pairs in _claims(ORDER[kind]):
        steps = [_step(a, b, difference(rows[a][measure], rows[b][measure])) for a, b in pairs]
        found.append(_judged(kind, claim, measure, NETWORKS, steps))
        many = {m: [run[measure]["value"] for run in part] for m, part in runs.items()}
        involved = {name for pair in pairs for name in pair} - {PHOTOGRAPHS}
        if all(len(many.get(name, [])) > 1 for name in involved):
            values = {**many, PHOTOGRAPHS: rows[PHOTOGRAPHS][measure]["value"]}
            steps = [_step(a, b, _between(values[a], values[b])) for a, b in pairs]
            found.append(_judged(kind, claim, measure, METHODS, steps))
    return found


def _between(larger: list[float] | float, smaller: list[float] | float) -> dict:
    """The difference of two methods, or of one and the photographs' number."""
    if isinstance(larger, list) and isinstance(smaller, list):
        return difference_of_runs(larger, smaller)
    if isinstance(larger, list):
        return over_runs([value - smaller for value in larger])
    return over_runs([larger - value for value in smaller])


def _step(larger: str, smaller: str, found: dict) -> dict:
    return {"larger": larger, "smaller": smaller, **{k: round(v, 5) for k, v in found.items()}}


def _judged(kind: str, claim: str, measure: str, about: str, steps: list[dict]) -> dict:
    return {"kind": kind, "claim": claim, "measure": measure, "about": about,
            "steps": steps, "verdict": verdict(steps)}  # fmt: skip
