"""The stack over the experts: fitted and judged on held-out scores, fold by fold."""

import numpy as np
from sklearn.linear_model import LogisticRegression

from ganfake.experts import NAMES
from ganfake.experts.ensemble import stack_inputs
from ganfake.train.detector import LEFT_OUT
from ganfake.train.drawing import FAKE_SHARES, REAL_SHARES
from ganfake.train.forensics import FOLDS

REGULARISATION = 0.05
MAX_FALSE_ALARMS = 0.045  # of decided photographs; the promise is 0.05
MAX_WRONG = 0.09  # of all that is decided; the promise is 0.10
BINS = 12  # of scores that count as alike


def weights_of(table: dict[str, np.ndarray]) -> np.ndarray:
    """Row weights (N,) by which real and fake count the same, and each kind by its share."""
    weights = np.zeros(len(table["fake"]))
    for shares, column, fake in ((REAL_SHARES, "source", False), (FAKE_SHARES, "family", True)):
        for name, share in shares.items():
            rows = (table[column] == name) & (table["fake"] == fake)
            if rows.any():
                weights[rows] = share / rows.sum()
    for fake in (False, True):
        rows = table["fake"] == fake
        weights[rows] /= max(weights[rows].sum(), 1e-9)
    return weights * len(weights) / 2


def inputs_of(table: dict[str, np.ndarray]) -> np.ndarray:
    """(N, F)."""
    return stack_inputs({n: table[n] for n in NAMES}, table["crop_px"], table["quality"])


def subset(table: dict[str, np.ndarray], rows: np.ndarray) -> dict[str, np.ndarray]:
    """Some rows of the table."""
    return {name: column[rows] for name, column in table.items()}


def fit_stack(table: dict[str, np.ndarray]) -> LogisticRegression:
    """On rows that were not left out, every kind weighted by its share."""
    rows = subset(table, ~table["left_out"])
    model = LogisticRegression(C=REGULARISATION, max_iter=2000)
    return model.fit(inputs_of(rows), rows["fake"], sample_weight=weights_of(rows))


def stacked(table: dict[str, np.ndarray]) -> np.ndarray:
    """Probability of fake (N,) of every row by a stack that saw neither its fold nor, where the
    row was left out, its family."""
    found = np.full(len(table["fake"]), np.nan)
    inputs = inputs_of(table)
    for fold in range(FOLDS):
        others = table["fold"] != fold
        model = fit_stack(subset(table, others))
        rows = (table["network"] == fold) & ~table["left_out"]
        found[rows] = model.predict_proba(inputs[rows])[:, 1]
        strict = fit_stack(subset(table, others & (table["family"] != LEFT_OUT[fold])))
        rows = (table["network"] == fold) & table["left_out"]
        found[rows] = strict.predict_proba(inputs[rows])[:, 1]
    return found


def thresholds(p: np.ndarray, fake: np.ndarray, weight: np.ndarray) -> dict[str, float]:
    """Where "real" ends and "fake" begins: as few uncertain as the promises allow."""
    grid = np.unique(np.quantile(p, np.linspace(0, 1, 201)))
    real_w, fake_w = weight * ~fake, weight * fake
    order = np.argsort(p)
    cum = lambda w: np.concatenate([[0], np.cumsum(w[order])])  # noqa: E731
    real_up, fake_up = cum(real_w), cum(fake_w)
    at = np.searchsorted(p[order], grid, side="right")
    before = np.searchsorted(p[order], grid, side="left")
    best = (np.inf, 0.05, 0.95)
    for i, low in enumerate(grid):
        good_real, missed = real_up[at[i]], fake_up[at[i]]
        for j in range(i + 1, len(grid)):
            alarms = real_up[-1] - real_up[before[j]]
            caught = fake_up[-1] - fake_up[before[j]]
            decided = good_real + missed + alarms + caught
            if decided <= 0 or alarms > MAX_FALSE_ALARMS * (good_real + alarms):
                continue
            if alarms + missed > MAX_WRONG * decided or missed > 0.10 * (missed + good_real):
                continue
            uncertain = 1 - decided / (real_up[-1] + fake_up[-1])
            if uncertain < best[0]:
                best = (uncertain, float(low), float(grid[j]))
    return {"real": best[1], "fake": best[2]}


def frequencies(
    p: np.ndarray, fake: np.ndarray, weight: np.ndarray, group: np.ndarray
) -> list[dict]:
    """How often faces that scored alike were fake, of bins that weigh the same.

    "of" is the effective number of groups in a bin (Kish 1965): one picture under several
    treatments, or some that weigh much, say less than as many that weigh the same.
    """
    order = np.argsort(p, kind="stable")
    total = np.cumsum(weight[order])
    at = np.searchsorted(total, total[-1] * np.arange(1, BINS + 1) / BINS).clip(max=len(p) - 1)
    edges = [*np.unique(p[order][at])[:-1], 1.0]
    out, low = [], -1.0
    for edge in edges:
        inside = (p > low) & (p <= edge)
        heavy = weight[inside]
        of_groups = np.bincount(np.unique(group[inside], return_inverse=True)[1], heavy)
        count = heavy.sum() ** 2 / (of_groups**2).sum()
        share = heavy[fake[inside]].sum() / heavy.sum()
        out.append({"up_to": float(edge), "fake": round(share * count), "of": round(count)})
        low = edge
    return out
