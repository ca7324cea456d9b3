"""The second half of docs/detector.md: verdicts, treatments, baselines, ablation."""

from ganfake.experts.band import SMALL_SIDE
from ganfake.train.evaluation_baselines import SIZE
from ganfake.train.evaluation_rows import ENSEMBLE
from ganfake.train.evaluation_words import interval, number, table

# Shown by name in the table; the plot has the rest.
ATTRIBUTES = (
    "Male", "Young", "Eyeglasses", "Smiling", "Pale_Skin", "Wearing_Hat", "Black_Hair",
    "Blond_Hair", "Brown_Hair", "Gray_Hair", "Bald", "Bangs", "Heavy_Makeup", "Wearing_Lipstick",
    "Mustache", "No_Beard", "Chubby", "Blurry",
)  # fmt: skip


def _shares_of(entry: dict) -> list[str]:
    keys = ("uncertain", "wrong_of_decided", "false_alarms", "missed")
    return [interval(entry[key], True) for key in keys]


def verdicts(found: dict, plots: str) -> str:
    rows = []
    for treatment, entry in found["overall"].items():
        rows.append(
            [f"{treatment}, weighted as the stack was fitted", *_shares_of(entry["verdicts"])]
        )
        rows.append([f"{treatment}, every picture once", *_shares_of(entry["verdicts_unweighted"])])
    sources = [
        [name, "fake" if e["fake"] else "photograph", str(e["pictures"]),
         interval(e["uncertain"], True), interval(e["wrong_of_decided"], True)]
        for name, e in found["sources"].items()
    ]  # fmt: skip
    kinds = [
        [name, kind, str(e["real"]["pictures"]),
         *(interval(e["real"][k], True) for k in ("uncertain", "wrong_of_decided")),
         *(interval(e["fake"][k], True) for k in ("uncertain", "wrong_of_decided"))]
        for name, entry in found["kinds"].items()
        for kind, e in entry.items()
    ]  # fmt: skip
    of_kinds = ["pictures", "kind", "photographs", "uncertain", "false alarms of decided",
                "fakes: uncertain", "missed of decided"]  # fmt: skip
    head = ["pictures", "uncertain", "wrong of decided", "false alarms of decided photographs",
            "missed of decided fakes"]  # fmt: skip
    return f"""## Verdicts

What a person gets to read: “real”, “fake”, or “uncertain” when the evidence does not suffice. The
band of “uncertain” was chosen on the other folds each time. Faces with too few pixels count as
uncertain; the checks for pictures unlike anything in training, for drawings and for round cut-outs
are not part of these figures, they can only turn decided ones into uncertain ones.

{table(head, rows)}

Photographs without fine detail look like fakes to the experts more often, so a *small* face (its
crop under {SMALL_SIDE} pixels) or a *soft* one (less fine detail than half of the photographs) is
called fake only on stronger evidence. Every row counts once; the stack has not met *shrunk* ones,
but how much stronger was chosen on those of the other folds, too.

{table(of_kinds, kinds)}

By source; *wrong of decided* is the rate of false alarms for photographs, and of misses for fakes.

![Verdicts by source]({plots}/verdicts.svg)

{table(["source", "kind", "pictures", "uncertain", "wrong of decided"], sources)}"""


def attributes(found: dict, plots: str) -> str:
    title = "## False alarms by who is in the photograph"
    if not found["attributes"]:
        return f"{title}\n\nThis was not measured: the research data is needed for it."
    rows = []
    for name, entry in found["attributes"].items():
        if name not in ATTRIBUTES and not name.startswith("LFW"):
            continue
        sides = [entry.get(key) for key in ("with", "without")]
        rows.append([
            name.replace("_", " "),
            *(interval(s["wrong_of_decided"], True) if s else "—" for s in sides),
            *(interval(s["uncertain"], True) if s else "—" for s in sides),
            " / ".join(str(s["wrong_of_decided"]["of"] if s else 0) for s in sides),
        ])  # fmt: skip
    head = ["attribute", "false alarms with", "without", "uncertain with", "without",
            "decided with / without"]  # fmt: skip
    return f"""{title}

A detector must not suspect some people more than others. The attributes are CelebA's, given by
people, as crude as their names, and of small pictures (72 px); the expressions are machine-made
labels of LFW. Where the intervals overlap, no difference is shown; of about forty attributes hardly
one will differ by chance.

![False alarms by attribute]({plots}/attributes.svg)

{table(head, rows)}"""


def treatments(found: dict, plots: str) -> str:
    rows = [
        [treatment, name, f"{e['real']} / {e['fake']}", interval(e["auc"]), *_shares_of(e)]
        for treatment, row in found["treatments"].items()
        for name, e in row.items()
    ]
    head = ["treatment", "set", "photographs / fakes", "AUC", "uncertain", "wrong of decided",
            "false alarms", "missed"]  # fmt: skip
    return f"""## After JPEG, shrinking, blur and screenshots

What happens to the ensemble when a picture has been passed on: cropped tightly, saved as JPEG 75,
halved, blurred, shown at another size and saved again, or all of it at random. Real and fake go
through the same. Blends are made untreated and at random only. *Shrunk* (to between 48 pixels and
four fifths, half the time saved as JPEG) is what the stack has not met: it was fitted on rows of
all other treatments; the thresholds for soft and small faces were chosen with it.

![AUC after each treatment]({plots}/treatments.svg)

{table(head, rows)}"""


def baselines(found: dict) -> str:
    kinds = ("thumbnail", SIZE, "file size", "majority")
    rows = []
    for name, entry in found["baselines"].items():
        ours = found["sets"][name]["judges"].get(ENSEMBLE, {})
        for kind in kinds:
            e = entry.get(kind)
            figures = [interval(e[k]) for k in ("accuracy", "balanced_accuracy", "auc")] if e else (
                ["not measured"] * 3)  # fmt: skip
            place = name if kind == kinds[0] else ""
            rows.append([place, kind, *figures, interval(ours.get("auc")) if place else ""])
    head = ["set", "baseline", "accuracy", "balanced accuracy", "AUC", "ensemble's AUC"]
    return f"""## Trivial baselines

What can be had without looking at the face: a logistic regression on an 8x8 thumbnail, one on the
size of the original file, and always naming the commoner class. They are fitted on the very set
they are tested on (on its other folds), which the detector is not. A high figure here says that
the set's classes differ in light, framing or container, and that a high figure of the detector on
it proves less. *Size of the face*, with its fine detail, is what the stack sees too: each family
came at a size of its own, so there it proves least. Our experts never see the file's size. Our own
pictures have no file, so there is none to measure; a blend has its source's.

{table(head, rows)}"""


def ablation(found: dict) -> str:
    names = list(found["ablation"]["all"]["sets"])
    rows = [
        [kind, *(number(e["sets"][n]) for n in names), number(e.get("ciplab160_accuracy")),
         interval(e.get("ciplab160_change")), number(e["left_out"]["mean"]),
         number(e["left_out"]["least"])]
        for kind, e in found["ablation"].items()
    ]  # fmt: skip
    rows[0][len(names) + 2] = "—"
    head = ["experts", *(f"{n} AUC" for n in names), "ciplab160 accuracy", "change of its AUC",
            "left out: mean AUC", "least"]  # fmt: skip
    return f"""## What each expert adds

The stack fitted anew with one expert silenced, and with one alone (face size, detail and JPEG
quality stay). An expert whose absence changes nothing adds nothing on these sets. The change of AUC
on `ciplab160` has an interval, over the same draws for both stacks; where it holds 0, the
difference may be chance.

{table(head, rows)}"""
