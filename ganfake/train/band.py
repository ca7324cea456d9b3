"""Fits the band of "uncertain": as narrow as the promises about wrong verdicts allow."""

from dataclasses import replace

import numpy as np

from ganfake.experts.band import KINDS, Band
from ganfake.train.stack import everyday, subset, weights_of

MAX_FALSE_ALARMS = 0.045  # of decided photographs, of each kind; the promise is 0.05
MAX_WRONG = 0.0975  # of all that is decided; the promise is 0.10
MAX_MISSED = 0.14  # of all that is called real; no promise
_GRID = 1001  # probabilities that are tried, by their quantiles
_STEPS = 200  # between the common threshold and certainty


def thresholds(p: np.ndarray, fake: np.ndarray, weight: np.ndarray) -> dict[str, float]:
    """Where "real" ends and "fake" begins: as few uncertain as the promises allow."""
    grid = np.unique(np.quantile(p, np.linspace(0, 1, _GRID)))
    real_w, fake_w = weight * ~fake, weight * fake
    order = np.argsort(p)
    cum = lambda w: np.concatenate([[0], np.cumsum(w[order])])  # noqa: E731
    real_up, fake_up = cum(real_w), cum(fake_w)
    at = np.searchsorted(p[order], grid, side="right")
    before = np.searchsorted(p[order], grid, side="left")
    alarms, caught = real_up[-1] - real_up[before], fake_up[-1] - fake_up[before]
    best = (0.0, 0.05, 0.95)  # of the weight that is decided, and where
    for i, low in enumerate(grid[:-1]):
        good_real, missed = real_up[at[i]], fake_up[at[i]]
        if missed > MAX_MISSED * (missed + good_real):
            continue
        decided = good_real + missed + alarms + caught
        kept = (alarms <= MAX_FALSE_ALARMS * (good_real + alarms)) & (
            alarms + missed <= MAX_WRONG * decided)  # fmt: skip
        kept[: i + 1] = False
        j = int(np.argmax(np.where(kept, decided, 0.0)))
        if kept[j] and decided[j] > best[0]:
            best = (float(decided[j]), float(low), float(grid[j]))
    return {"real": best[1], "fake": best[2]}


def fit_band(table: dict[str, np.ndarray], p: np.ndarray) -> Band:
    """By probabilities of fake (N,) of the table's everyday rows.

    The common thresholds hold for all faces together. Where too many photographs of a kind would
    still be called fake once they have been passed on, that kind's is raised: untreated ones, of
    which most are from a few sources, must not make up for them.
    """
    rows = everyday(table)
    known, weights = subset(table, rows), weights_of(subset(table, rows))
    common = thresholds(p[rows], known["fake"], weights)
    real = ~known["fake"] & (known["treatment"] != "random")
    soft_under = float(np.quantile(
        known["detail"][real], 0.5, weights=weights[real], method="inverted_cdf"
    ))  # fmt: skip
    band = Band(common["real"], *(common["fake"],) * 3, soft_under)
    kinds = band.kinds(table["crop_px"], table["detail"])
    passed_on = ~table["left_out"] & ~table["fake"]
    passed_on &= table["treatment"] != "plain"
    raised = {}
    for number, name in enumerate(KINDS):
        rows = passed_on & (kinds == number)
        raised[name] = _raised(p[rows], weights_of(subset(table, rows)), common)
    return replace(band, **raised)


def _raised(p: np.ndarray, weights: np.ndarray, common: dict[str, float]) -> float:
    """From where on photographs of one kind may be called fake; p, weights (M,) of them."""
    let_go = weights[p <= common["real"]].sum()
    for limit in np.linspace(common["fake"], 1.0, _STEPS):
        alarms = weights[p >= limit].sum()
        if alarms <= MAX_FALSE_ALARMS * (alarms + let_go):
            break
    return float(limit)
