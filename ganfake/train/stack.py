"""The stack over the experts: fitted and judged on held-out scores, fold by fold."""

from dataclasses import replace

import numpy as np
from sklearn.linear_model import LogisticRegression

from ganfake.experts.stack import TAUGHT, Stack, log_odds, stack_inputs
from ganfake.train.drawing import FAKE_SHARES, REAL_SHARES

REGULARISATION = 0.05
UNMET = "shrunk"  # a treatment that the stack is measured on alone
BINS = 12  # of scores that count as alike
STRAIGHT = np.array([[0.0, 1.0], [0.0, 1.0]])  # a curve that changes nothing
_RISE = 0.01  # of a curve, where it would be level: equal scores could not be told apart


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


def subset(table: dict[str, np.ndarray], rows: np.ndarray) -> dict[str, np.ndarray]:
    """Some rows of the table."""
    return {name: column[rows] for name, column in table.items()}


def everyday(table: dict[str, np.ndarray]) -> np.ndarray:
    """Rows (N,) as people bring pictures: untreated, and after the random life."""
    return ~table["left_out"] & np.isin(table["treatment"], ("plain", "random"))


def learned(table: dict[str, np.ndarray]) -> np.ndarray:
    """Rows (N,) from which the stack may learn: one treatment stays for measuring alone."""
    return ~table["left_out"] & (table["treatment"] != UNMET)


def _floors(rows: dict[str, np.ndarray], weights: np.ndarray) -> np.ndarray:
    """Log-odds (K,) that the taught experts give the middle untreated photograph."""
    real = ~rows["fake"] & (rows["treatment"] == "plain")
    return np.array([
        np.quantile(log_odds(rows, n)[real], 0.5, weights=weights[real], method="inverted_cdf")
        for n in TAUGHT
    ])  # fmt: skip


def fit_stack(table: dict[str, np.ndarray]) -> Stack:
    """On the rows that may be learned from, every kind weighted by its share."""
    rows = subset(table, learned(table))
    fake, weights = rows["fake"], weights_of(rows)
    floors = _floors(rows, weights)
    inputs = stack_inputs(rows, floors, rows["crop_px"], rows["quality"], rows["detail"])
    known = LogisticRegression(C=REGULARISATION, max_iter=2000).fit(inputs, fake, weights)
    raw = Stack(floors, known.coef_[0], known.intercept_[0], np.array([1.0, 0.0]), STRAIGHT)
    joined = raw.joined(rows, rows["crop_px"], rows["quality"], rows["detail"])
    platt = LogisticRegression(C=1e3).fit(joined[:, None], fake, weights)
    smooth = replace(raw, sigmoid=np.array([platt.coef_[0, 0], platt.intercept_[0]]))
    asked = subset(table, everyday(table))
    return replace(smooth, curve=_curve(judge_rows(smooth, asked), asked))


def _curve(p: np.ndarray, table: dict[str, np.ndarray]) -> np.ndarray:
    """How often faces of a score (N,) are fake, as Stack.curve has it, from bins like those of
    `frequencies`."""
    bins = frequencies(p, table["fake"], weights_of(table), np.arange(len(p)))
    at, fake, of = (np.array([b[name] for b in bins]) for name in ("at", "fake", "of"))
    share = (1 - _RISE) * fake / of + _RISE * at
    return np.array([[0, *at, 1], [0, *share, 1]])


def judge_rows(stack: Stack, table: dict[str, np.ndarray]) -> np.ndarray:
    """Probability of fake (N,) of every row of a table."""
    return stack.predict_proba(table, table["crop_px"], table["quality"], table["detail"])


def stacked(table: dict[str, np.ndarray]) -> np.ndarray:
    """Probability of fake (N,) of every row by a stack that did not see its fold; nan for rows that
    were left out."""
    found = np.full(len(table["fake"]), np.nan)
    for fold in np.unique(table["fold"]):
        own = table["fold"] == fold
        rows = own & ~table["left_out"]
        found[rows] = judge_rows(fit_stack(subset(table, ~own)), subset(table, rows))
    return found


def frequencies(
    p: np.ndarray, fake: np.ndarray, weight: np.ndarray, group: np.ndarray
) -> list[dict]:
    """How often faces that scored alike were fake, of bins that weigh the same; those of which
    the higher one had fewer fakes count as one (pooled adjacent violators).

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
        middle = float(np.average(p[inside], weights=heavy))
        found = {"up_to": float(edge), "at": middle, "fake": round(share * count),
                 "of": round(count)}  # fmt: skip
        while out and out[-1]["fake"] * found["of"] > found["fake"] * out[-1]["of"]:
            found = _pooled(out.pop(), found)
        out.append(found)
        low = edge
    return out


def _pooled(lower: dict, upper: dict) -> dict:
    """Two bins as one."""
    middle = float(np.average([b["at"] for b in (lower, upper)],
                              weights=[b["of"] for b in (lower, upper)]))  # fmt: skip
    counts = {name: lower[name] + upper[name] for name in ("fake", "of")}
    return {"up_to": upper["up_to"], "at": middle, **counts}
