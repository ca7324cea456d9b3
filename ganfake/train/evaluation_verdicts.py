"""What the verdicts come to: overall, by source, by attribute, and after each treatment."""

import numpy as np

from ganfake.experts.band import KINDS
from ganfake.stats import wilson
from ganfake.train.drawing import REAL_SHARES
from ganfake.train.evaluation_baselines import Extras
from ganfake.train.evaluation_measures import (
    auc_and_eer,
    calibration,
    figure,
    reliability,
    resample,
    share,
)
from ganfake.train.evaluation_rows import ENSEMBLE, Held, rows_of
from ganfake.train.stack import UNMET, subset, weights_of
from ganfake.train.tamper import TREATMENTS


def counted_share(good: int, among: int) -> dict[str, float]:
    """A share of pictures with Wilson's interval."""
    low, high = wilson(int(good), int(among))
    value = good / among if among else float("nan")
    return {"value": float(value), "low": low, "high": high, "of": int(among)}


def _shares(held: Held, rows: np.ndarray, weights: np.ndarray) -> dict:
    """What the verdicts on some rows come to, each a figure over the draws `weights` (B, N)."""
    said, fake = held.verdict[rows], held.table["fake"][rows]
    decided = said != 0
    wrong = (said > 0) != fake
    return {
        "uncertain": figure(share(~decided, np.ones(len(rows), bool), weights)),
        "wrong_of_decided": figure(share(wrong, decided, weights)),
        "false_alarms": figure(share(wrong, decided & ~fake, weights)),
        "missed": figure(share(wrong, decided & fake, weights)),
    }


def overall(held: Held, draws: int) -> dict:
    """All held-out pictures together, weighted as the stack was fitted, and unweighted beside."""
    found = {}
    for treatment in ("plain", "random", "shrunk"):
        inside = held.table["treatment"] == treatment
        inside &= ~held.table["left_out"] & (held.table["family"] != "rebuilt")
        rows = np.flatnonzero(inside)
        if not len(rows):
            continue
        part = subset(held.table, rows)
        fake, base = part["fake"], weights_of(part)
        drawn = resample(held.groups[rows], draws)
        weighted = drawn * base.astype(np.float32)
        p, judges = held.scores[ENSEMBLE][rows], held.scores.items()
        found[treatment] = {
            "real": int((~fake).sum()), "fake": int(fake.sum()),
            "auc": {j: figure(auc_and_eer(s[rows], fake, weighted)[0]) for j, s in judges},
            "ece": {j: figure(calibration(s[rows], fake, drawn, base)) for j, s in judges},
            "reliability": reliability(p, fake, base),
            "verdicts": _shares(held, rows, weighted),
            "verdicts_unweighted": _shares(held, rows, drawn),
        }  # fmt: skip
    return found


def _of_rows(held: Held, rows: np.ndarray) -> dict:
    """Verdicts on rows of one class: shares uncertain, and wrong of the decided, with counts."""
    said, fake = held.verdict[rows], held.table["fake"][rows]
    decided = said != 0
    return {
        "pictures": len(rows),
        "said": {"real": int((said < 0).sum()), "uncertain": int((~decided).sum()),
                 "fake": int((said > 0).sum())},
        "uncertain": counted_share((~decided).sum(), len(rows)),
        "wrong_of_decided": counted_share((((said > 0) != fake) & decided).sum(), decided.sum()),
    }  # fmt: skip


def sources(held: Held) -> dict:
    """Verdicts by source; of the photographs, wrong of decided is the rate of false alarms."""
    found = {}
    table = held.table
    plain = (table["treatment"] == "plain") & ~table["left_out"]
    kinds = [(s, plain & ~table["fake"] & (table["source"] == s)) for s in REAL_SHARES]
    kinds += [
        (str(s), plain & table["fake"] & (table["source"] == s))
        for s in np.unique(table["source"][table["fake"]])
    ]
    for source, rows in kinds:
        if rows.any():
            found[source] = {"fake": bool(table["fake"][rows][0])}
            found[source] |= _of_rows(held, np.flatnonzero(rows))
    return found


def kinds(held: Held) -> dict:
    """Verdicts on photographs and on fakes that are sharp, soft or small."""
    table, found = held.table, {}
    for name, treated in (("plain and random", ("plain", "random")), ("shrunk", ("shrunk",))):
        rows = np.isin(table["treatment"], treated) & ~table["left_out"]
        rows &= table["family"] != "rebuilt"
        found[name] = {
            kind: {key: _of_rows(held, np.flatnonzero(rows & (held.kind == number) & which))
                   for key, which in (("real", ~table["fake"]), ("fake", table["fake"]))}
            for number, kind in enumerate(KINDS)
        }  # fmt: skip
    return found


def treatments(held: Held, draws: int) -> dict:
    """After each treatment: AUC per set, and the verdicts' shares."""
    found, table = {}, held.table
    for treatment in (*TREATMENTS, "random", UNMET):
        entry = {}
        for name in ("ciplab160", "stylegan256", "gans128", "ours", "blends", "swaps"):
            rows = rows_of(table, name, treatment)
            fake = table["fake"][rows]
            if fake.all() or not fake.any():
                continue
            weights = resample(held.groups[rows], draws)
            area = figure(auc_and_eer(held.scores[ENSEMBLE][rows], fake, weights)[0])
            entry[name] = {"real": int((~fake).sum()), "fake": int(fake.sum()), "auc": area}
            entry[name] |= _shares(held, rows, weights)
        found[treatment] = entry
    return found


def attributes(held: Held, extras: Extras) -> dict:
    """False alarms on photographs with and without an attribute that people gave them."""
    table = held.table
    rows = (table["treatment"] == "plain") & ~table["fake"] & ~table["left_out"]
    found = {}
    for name, column in extras.attributes.items():
        found[name] = {}
        for key, value in (("with", 1), ("without", -1)):
            picked = np.flatnonzero(rows & (column == value))
            if len(picked):
                found[name][key] = _of_rows(held, picked)
    return {name: entry for name, entry in found.items() if "with" in entry}
