"""How often the second head names the right generator, and what counts as unlike all training."""

import numpy as np

from ganfake.experts.ensemble import UNKNOWN
from ganfake.train.evaluation_rows import Held
from ganfake.train.evaluation_verdicts import counted_share
from ganfake.train.evaluation_words import interval, table


def naming(held: Held) -> dict:
    """Of every family's untreated fakes: named rightly, left unknown, and what else was said.

    Empty where the table was made without names. Blends count as composites.
    """
    if "named" not in held.table:
        return {}
    rows = (held.table["treatment"] == "plain") & held.table["fake"] & ~held.table["left_out"]
    family = np.where(held.table["family"] == "blend", "composite", held.table["family"])
    found = {}
    for name in np.unique(family[rows]):
        said = held.table["named"][rows & (family == name)]
        others, counts = np.unique(said[(said != name) & (said != UNKNOWN)], return_counts=True)
        found[str(name)] = {
            "right": counted_share((said == name).sum(), len(said)),
            "unknown": counted_share((said == UNKNOWN).sum(), len(said)),
            "otherwise": {str(o): int(c) for o, c in zip(others, counts, strict=True)},
        }
    return found


def novelty(held: Held) -> dict:
    """Of photographs and of fakes, by treatment: which share is unlike all training."""
    if "novelty" not in held.table:
        return {}
    found = {}
    for treatment in dict.fromkeys(held.table["treatment"].tolist()):
        rows = (held.table["treatment"] == treatment) & ~held.table["left_out"]
        found[treatment] = {}
        for kind, fake in (("photographs", False), ("fakes", True)):
            novel = held.table["novelty"][rows & (held.table["fake"] == fake)] > 1
            found[treatment][kind] = counted_share(novel.sum(), len(novel))
    return found


def naming_text(found: dict) -> str:
    """The section on both; empty where neither was measured."""
    if not found.get("naming"):
        return ""
    names = []
    for family, entry in found["naming"].items():
        wrong = sorted(entry["otherwise"].items(), key=lambda row: -row[1])[:2]
        said = ", ".join(f"{other} ({count})" for other, count in wrong) or "—"
        names.append(
            [family, str(entry["right"]["of"]), interval(entry["right"], True),
             interval(entry["unknown"], True), said]
        )  # fmt: skip
    strange = [
        [treatment, *(interval(entry[kind], True) for kind in ("photographs", "fakes"))]
        for treatment, entry in found["novelty"].items()
    ]
    return f"""## Which generator, and what is unlike all training

What the second head says of fakes, by fingerprints alone, fitted on the other folds. Below a share
of one half it says “unknown”. It knows only the families below but “rebuilt”, for which “unknown”
is right; a name for a generator that is not among them is wrong whatever it is. Each family came
here at a size of its own (StyleGAN's faces are the largest), which shows in the spectrum and makes
naming easier than it is elsewhere.

{table(["family", "fakes", "named rightly", "unknown", "named otherwise, most often"], names)}

A face whose fingerprints lie farther out than those of all but 0.3 % of the training's is
“uncertain” for that reason. How often that happens to pictures from the training's own sources:

{table(["treatment", "photographs", "fakes"], strange)}"""
