"""docs/detector.md from the figures of `ganfake.train.evaluation`, in plain words."""

from ganfake.train.evaluation_groups import groups_text
from ganfake.train.evaluation_limits import limits
from ganfake.train.evaluation_naming import naming_text
from ganfake.train.evaluation_rows import ENSEMBLE, JUDGES
from ganfake.train.evaluation_text_more import (
    ablation,
    attributes,
    baselines,
    treatments,
    verdicts,
)
from ganfake.train.evaluation_words import COMMAND, interval, number, table


def report(found: dict, plots: str = "detector") -> str:
    """The whole page; `plots` is the folder of the plots beside it."""
    parts = [
        _opening(found), _goals(found), _sets(found, plots), _ciplab(found),
        _left_out(found, plots), _calibration(found, plots), verdicts(found, plots),
        attributes(found, plots), treatments(found, plots), baselines(found),
        groups_text(found), ablation(found), naming_text(found), limits(),
    ]  # fmt: skip
    return "\n\n".join(part for part in parts if part) + "\n"


def _opening(found: dict) -> str:
    by = {"group": "groups (a person, or pictures that are near-duplicates)",
          "picture": "pictures"}[found["by"]]  # fmt: skip
    return f"""# How good the detector is

All figures are of pictures that the judging network, the stack over the experts and the band of
“uncertain” had not learned from: five folds by person or near-duplicate group, `ciplab160` by the
folds it comes with. {found["pictures"]:,} pictures, some of them under several treatments, gave
{found["rows"]:,} rows of scores.

How to read the figures. *AUC*: how often a random fake gets a higher score than a random
photograph; 0.5 is guessing. *Balanced accuracy*: the mean of the shares of photographs and of fakes
called what they are; its threshold is chosen on the other folds, never on the fold it is used
on. *Equal-error rate*: the error where as many photographs are called fake as fakes real.
*Expected calibration error*: how far the given probability lies from the share that was fake, over
{found["bins"]} bins of equal mass, real and fake counting the same; chance alone makes it a little
larger than it is. In brackets: 95 % intervals from {found["draws"]:,} bootstrap draws of {by}, or
Wilson's for shares of pictures. They hold for the networks as trained; another training would vary
more. Everything here is written by `{COMMAND}`."""


def _goals(found: dict) -> str:
    rows = [
        [g["what"], f"{'at least' if g['at_least'] else 'at most'} {g['bound']:g}",
         number(g["value"]), "yes" if g["reached"] else "**no**"]
        for g in found["goals"]
    ]  # fmt: skip
    missed = sum(not g["reached"] for g in found["goals"])
    said = "All goals are reached." if not missed else f"{missed} of {len(rows)} goals are missed."
    return f"""## What was promised

What the detector was meant to reach before it was built, and what it reaches. {said}
For shares of verdicts the worse of two is shown: weighted as the stack was fitted, and with every
picture once.

{table(["goal", "promised", "measured", "reached"], rows)}"""


def _sets(found: dict, plots: str) -> str:
    keys = ("balanced_accuracy", "auc", "eer", "ece")
    rows = []
    for name, entry in found["sets"].items():
        for judge, figures in entry["judges"].items():
            bold = "**" if judge == ENSEMBLE else ""
            count = f"{name} ({entry['real']} photographs, {entry['fake']} fakes)"
            place = count if judge == JUDGES[0] else ""
            rows.append([place, f"{bold}{judge}{bold}", *(interval(figures[k]) for k in keys)])
    head = ["set", "judge", "balanced accuracy", "AUC", "equal-error rate", "calibration error"]
    return f"""## By set and by expert

Each expert alone, and the ensemble, on fakes whose kind it has met in other pictures. A lone
expert's probability is not calibrated for these faces; the page says so beside it. Where one
network never met the one family of a set, its fold stays out, fakes and photographs alike.

![AUC on every set]({plots}/sets.svg)

{table(head, rows)}"""


def _ciplab(found: dict) -> str:
    judges = found["sets"]["ciplab160"]["judges"]
    folds, hard = found["ciplab160"]["folds"], found["ciplab160"]["difficulty"]
    first = table(
        ["judge", "mean", *(f"fold {k}" for k in folds)],
        [
            [j, interval(judges[j]["accuracy"]), *(interval(folds[k][j]) for k in folds)]
            for j in judges
        ],
    )
    second = table(
        ["judge", *(f"{d}: {what}" for d in hard for what in ("caught", "AUC"))],
        [[j, *(c for d in hard for c in (interval(hard[d][j]["caught"], True),
                                         interval(hard[d][j]["auc"])))] for j in judges],
    )  # fmt: skip
    return f"""## Composites by hand (`ciplab160`)

Plain accuracy, averaged over the five given folds. Always saying “real” would reach about 53 %;
the published figure for MobileNetV2 is 75 %, on pictures at their full resolution.

{first}

*Easy*, *mid* and *hard* say how hard the makers held a composite to be. *Caught* is the share of
these fakes called fake; AUC is against all photographs of the set. The easy ones are few.

{second}"""


def _left_out(found: dict, plots: str) -> str:
    rows, means = [], found["left_out"]["judges"]
    for family, entry in found["left_out"]["families"].items():
        counted, judges = entry["counted"], entry["counted"]["judges"]
        rows.append([
            family, f"{counted['real']} / {counted['fake']}",
            interval(judges.get(ENSEMBLE)), interval(judges.get("mobilenet")),
            interval(entry["all"]["judges"].get(ENSEMBLE)),
            number(entry.get("thumbnail")), number(counted.get("uncertain"), True),
            number(counted.get("missed_of_decided"), True), number(counted.get("passes"), True),
        ])  # fmt: skip
    experts = [[j, number(means[j]["mean"]), number(means[j]["least"])] for j in means]
    head = ["family", "photographs / fakes", "ensemble", "mobilenet",
            "ensemble, all photographs", "thumbnail", "uncertain", "missed of decided",
            "passes as real"]  # fmt: skip
    return f"""## A generator nobody has met

How a new kind of fake fares: for each family the networks, the classic experts, the stack and its
band were fitted without it, and without the fold of the photographs beside it (FFHQ for StyleGAN;
CelebA for ProGAN, BEGAN and StarGAN; CelebA and LFW for ours). The first columns are AUC.

Photographs and fakes were cut out of their pictures by the same finder. *Thumbnail* is a logistic
regression on 8x8 pixels that never met the family either. *Uncertain* and *missed of decided* are
of a stack and a band that did not know the family. *Passes as real* is what Check would do with a
new generator: the share of its fakes that the stack and the band that ship call real, by the words
of experts that never met them.

![AUC on a generator that was left out]({plots}/left-out.svg)

{table(head, rows)}

Mean and least of the families, for every judge alone:

{table(["judge", "mean AUC", "least AUC"], experts)}

Leaving “ours” out does not leave out all of its kin: the fakes of a DCGAN trained on CelebA stay
in training. Composites and blends are no generators and are not counted here.

Other generators teach little of StyleGAN, whoever learns: a logistic regression on features of
ImageNet, which no training here has touched, reaches 0.85 where it is fitted on StyleGAN itself and
0.56 where it is fitted on the others (`python -m benchmarks.left_out_signal`). What finds it is
`typicality`, an expert that was shown photographs alone: StyleGAN's faces are nearer to the middle
of all faces than FFHQ's photographs, as people feel too (Miller et al. 2023). That is a weak sign
of any one face, and none of a
generator that draws unusual people."""


def _calibration(found: dict, plots: str) -> str:
    rows = [
        [treatment, judge, interval(entry["auc"][judge]), interval(entry["ece"][judge])]
        for treatment, entry in found["overall"].items()
        for judge in JUDGES
    ]
    return f"""## Can the probability be taken at its word?

All held-out pictures together, weighted as the stack was fitted: half of them real, and each kind
by its share. “Of 100 pictures that score like this” means 100 out of such a mixture; where fakes
are rare, fewer of them will be fake than it says. *Plain*: untreated; *random*: after a random
life of crop, size, blur and JPEG.

![How far the probability can be taken at its word]({plots}/calibration.svg)

{table(["pictures", "judge", "AUC", "calibration error"], rows)}"""
