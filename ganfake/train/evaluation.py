"""All figures of the detector from its table of held-out scores, as one plain dict.

Every figure with an interval is {"value", "low", "high"}: 95 %, percentiles of a bootstrap over
groups, or Wilson's for shares of pictures. `ganfake.train.evaluation_text` writes them down.
"""

from dataclasses import asdict

import numpy as np

from ganfake.train.detector import LEFT_OUT
from ganfake.train.evaluation_baselines import Extras, ablation, baselines, left_out_thumbnails
from ganfake.train.evaluation_groups import groups
from ganfake.train.evaluation_measures import (
    BINS,
    DRAWS,
    auc,
    auc_and_eer,
    balanced_accuracy,
    calibration,
    call_by_others,
    figure,
    fold_accuracy,
    resample,
)
from ganfake.train.evaluation_naming import naming, novelty
from ganfake.train.evaluation_rows import (
    ENSEMBLE,
    JUDGES,
    SETS,
    Held,
    hold,
    left_out_rows,
    left_out_score,
    rows_of,
    shipped_verdicts,
)
from ganfake.train.evaluation_verdicts import (
    attributes,
    counted_share,
    kinds,
    overall,
    sources,
    treatments,
)
from ganfake.train.stack import subset


def evaluate(
    table: dict[str, np.ndarray], extras: Extras | None = None, draws: int = DRAWS
) -> dict:
    """Every figure of docs/detector.md; without `extras` no baselines and no attributes."""
    held = hold(table)
    extras = extras or Extras.of_table(table)
    found = {
        "rows": len(held),
        "pictures": len(np.unique(table["picture"])),
        "bins": BINS,
        "draws": draws,
        "by": "group" if "group" in table else "picture",
        "bands": [asdict(band) for band in held.bands],
        "sets": {name: _set(held, name, draws) for name in SETS},
        "ciplab160": _ciplab(held, draws),
        "left_out": _left_out(held, draws),
        "overall": overall(held, draws),
        "sources": sources(held),
        "kinds": kinds(held),
        "treatments": treatments(held, draws),
        "attributes": attributes(held, extras),
        "groups": groups(held, 2 * draws),
        "baselines": baselines(held, extras, draws),
        "ablation": ablation(held, draws),
        "naming": naming(held),
        "novelty": novelty(held),
    }
    thumbnails = left_out_thumbnails(held, extras)
    for family, entry in found["left_out"]["families"].items():
        entry["thumbnail"] = thumbnails.get(family)
    found["goals"] = goals(found)
    return _plain(found)


def _plain(value):
    """The same with str keys, and None for nan, as JSON has it."""
    if isinstance(value, dict):
        return {str(key): _plain(entry) for key, entry in value.items()}
    if isinstance(value, list):
        return [_plain(entry) for entry in value]
    return None if isinstance(value, float) and np.isnan(value) else value


def _set(held: Held, name: str, draws: int) -> dict:
    """Counts, and for every judge accuracy, AUC, equal-error rate and calibration error."""
    rows = rows_of(held.table, name)
    fake, fold = held.table["fake"][rows], held.table["fold"][rows]
    found = {"real": int((~fake).sum()), "fake": int(fake.sum()), "judges": {}}
    if not found["real"] or not found["fake"]:
        return found
    weights = resample(held.groups[rows], draws)
    for judge in JUDGES:
        p = held.scores[judge][rows]
        area, equal = auc_and_eer(p, fake, weights)
        called = call_by_others(p, fake, fold)
        entry = {
            "balanced_accuracy": figure(balanced_accuracy(called, fake, weights)),
            "auc": figure(area),
            "eer": figure(equal),
            "ece": figure(calibration(p, fake, weights)),
        }
        if name == "ciplab160":
            plain = call_by_others(p, fake, fold, balanced=False)
            entry["accuracy"] = figure(fold_accuracy(plain, fake, fold, weights))
        found["judges"][judge] = entry
    return found


def _ciplab(held: Held, draws: int) -> dict:
    """The hand composites by the given folds, and by how hard their makers held them to be."""
    rows = rows_of(held.table, "ciplab160")
    table = subset(held.table, rows)
    fake, fold = table["fake"], table["fold"]
    found = {"folds": {}, "difficulty": {}}
    called = {j: call_by_others(held.scores[j][rows], fake, fold, balanced=False) for j in JUDGES}
    for number in np.unique(fold):
        own = fold == number
        found["folds"][int(number)] = {
            judge: counted_share((called[judge] == fake)[own].sum(), own.sum())
            | {"auc": auc(held.scores[judge][rows][own], fake[own])}
            for judge in JUDGES
        }
    for difficulty in ("easy", "mid", "hard"):
        picked = ~fake | (table["difficulty"] == difficulty)
        if not (picked & fake).any():
            continue
        weights = resample(held.groups[rows][picked], draws)
        found["difficulty"][difficulty] = {
            judge: {
                "caught": counted_share(called[judge][picked & fake].sum(), (picked & fake).sum()),
                "auc": figure(
                    auc_and_eer(held.scores[judge][rows][picked], fake[picked], weights)[0]
                ),
            }
            for judge in JUDGES
        }
    return found


def _left_out(held: Held, draws: int) -> dict:
    """AUC on each family by judges that never met it, against photographs of their own fold."""
    found, shipped = {"families": {}, "judges": {}}, shipped_verdicts(held)
    for fold, family in enumerate(LEFT_OUT):
        entry = {}
        for key, matched in (("counted", True), ("all", False)):
            rows = left_out_rows(held.table, family, matched)
            fake = held.table["fake"][rows]
            entry[key] = {"real": int((~fake).sum()), "fake": int(fake.sum()), "judges": {}}
            if fake.all() or not fake.any():
                continue
            weights = resample(held.groups[rows], draws)
            for judge in JUDGES:
                p = left_out_score(held, judge, family)[rows]
                entry[key]["judges"][judge] = figure(auc_and_eer(p, fake, weights)[0])
            said = held.strict_verdict[fold][rows[fake]]
            entry[key] |= {"uncertain": float((said == 0).mean()), "missed_of_decided":
                           float((said < 0).sum() / max(1, (said != 0).sum())),
                           "passes": float((shipped[rows[fake]] < 0).mean())}  # fmt: skip
        found["families"][family] = entry
    for judge in JUDGES:
        areas = [e["counted"]["judges"].get(judge) for e in found["families"].values()]
        areas = [a["value"] for a in areas if a]
        if len(areas) == len(LEFT_OUT):
            found["judges"][judge] = {"mean": float(np.mean(areas)), "least": float(min(areas))}
    return found


def goals(found: dict) -> list[dict]:
    """What issue 4 promises, what was measured, and whether it was reached."""
    sets, out = found["sets"], []

    def goal(what, at_least, get):
        try:
            value = get()
        except KeyError:
            value = float("nan")
        bound, above = abs(at_least), at_least > 0
        reached = bool(value >= bound if above else value <= bound)
        out.append({"what": what, "bound": bound, "at_least": above, "value": float(value),
                    "reached": reached})  # fmt: skip

    def of(name, judge, key):
        return sets[name]["judges"][judge][key]["value"]

    plain = found["overall"]["plain"]
    both = [plain[key] for key in ("verdicts", "verdicts_unweighted")]
    goal("ciplab160, mobilenet alone, mean accuracy over the folds", 0.75,
         lambda: of("ciplab160", "mobilenet", "accuracy"))  # fmt: skip
    goal("ciplab160, ensemble, mean accuracy over the folds", 0.80,
         lambda: of("ciplab160", ENSEMBLE, "accuracy"))  # fmt: skip
    goal("stylegan256, ensemble, AUC", 0.98, lambda: of("stylegan256", ENSEMBLE, "auc"))
    goal("our own generators, ensemble, AUC", 0.99, lambda: of("ours", ENSEMBLE, "auc"))
    goal("a generator left out, ensemble, mean AUC", 0.85,
         lambda: found["left_out"]["judges"][ENSEMBLE]["mean"])  # fmt: skip
    goal("a generator left out, ensemble, least AUC", 0.70,
         lambda: found["left_out"]["judges"][ENSEMBLE]["least"])  # fmt: skip
    goal("expected calibration error of the ensemble", -0.05,
         lambda: plain["ece"][ENSEMBLE]["value"])  # fmt: skip
    goal("false alarms of decided photographs", -0.05,
         lambda: max(b["false_alarms"]["value"] for b in both))  # fmt: skip
    goal("wrong of all that is decided", -0.10,
         lambda: max(b["wrong_of_decided"]["value"] for b in both))  # fmt: skip
    goal("uncertain", -0.30, lambda: max(b["uncertain"]["value"] for b in both))
    return out
