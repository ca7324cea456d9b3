"""docs/quality.md from the figures of `ganfake.train.study`, in plain words.

Sentences about outcomes are made from verdicts and numbers; none is written in advance.
"""

from ganfake.stats import wilson
from ganfake.study import DISTANCES, ORDER, PHOTOGRAPHS
from ganfake.train.study_claims import FAILS, HOLDS, METHODS, NETWORKS, OPEN
from ganfake.train.study_stability import stability
from ganfake.train.study_words import (
    KINDS,
    MEASURES,
    called,
    cell,
    listed,
    measures_table,
    share,
    table,
)

_CLAIMS = {
    "order": "Quality rises in the order DCGAN, cDCGAN, WGAN, cWGAN",
    "noise": "DCGAN's pictures carry more colour noise than photographs",
    "noise beside WGAN": "DCGAN's pictures carry more colour noise than WGAN's",
    "blur": "DCGAN's pictures are more blurred than photographs",
    "blur beside WGAN": "DCGAN's pictures are more blurred than WGAN's",
    "sharper than real": "WGAN's pictures are sharper than photographs",
}
_SAID = {HOLDS: "holds", FAILS: "**does not hold**", OPEN: "cannot be told"}
_DISTANCES = ("frechet", "kid", "precision", "recall", "spread", "niqe_set")
_SHARP = ("sharpness", "slope", "sharper", "colour_noise", "colour_share")
_GRAIN = ("niqe", "checkerboard", "blockiness", "brightness", "dark", "bright")


def report(found: dict, plots: str = "quality") -> str:
    """The whole page; `plots` is the folder of the plots beside it."""
    sections = [_opening(found), _claims(found)]
    sections += [_kind(kind, entry, plots) for kind, entry in found["kinds"].items()]
    sections += [_check(found, plots), stability(found, plots), _limits(found)]
    return "\n\n".join(sections) + "\n"


def _opening(found: dict) -> str:
    machine = found["machine"]
    return f"""# Which GAN makes the best pictures

A published study trained DCGAN, conditional DCGAN, WGAN and conditional WGAN equally on cars and
found that quality rises in that order, that DCGAN's pictures carry red-green-blue noise and blur,
and that WGAN's can look sharper than the photographs. This page puts that to our four models of
vehicles (32 pixels) and our four of faces (64 pixels), {found["samples"]:,} pictures of each,
beside real photographs that no training saw. The four of a kind share body, data, number of
pictures seen, and seed; nothing but the method differs.

Made by `{found["command"]}` with seed {found["seed"]} for the pictures, on {machine["processor"]},
{machine["threads"]} thread(s), Python {machine["python"]}, torch {machine["torch"]}. The shipped
models were trained with seed 0; the runs of several seeds are named under “Training”. `python -m
ganfake quality --quick` makes the tables of the shipped models again with 500 pictures each, into
build/quality.

In brackets stand 95 % intervals: bootstrap over pictures for distances and means, Wilson's for
shares. A claim **holds** where every difference it needs lies above 0 with its whole interval,
**does not hold** where one lies below, and **cannot be told** otherwise. It is put to *these
networks* as they were trained, with intervals over their pictures, and, where there are runs of
several seeds, to *the method*: the mean over seeds, with Welch's or Student's interval. A claim of
three steps would be refuted by mere chance in up to 7.5 % of cases, one of a single step in
2.5 %."""


# -- the claims ------------------------------------------------------------------------
def _claims(found: dict) -> str:
    sections = ["## What was claimed, and what the figures say"]
    for claim, words in _CLAIMS.items():
        mine = [c for c in found["claims"] if c["claim"] == claim]
        sections.append(f"### {words}")
        sections.append("\n".join(_in_short(kind, mine) for kind in found["kinds"]))
        if claim == "order":
            sections.append("\n".join(_orders(kind, e) for kind, e in found["kinds"].items()))
        if claim == "sharper than real":
            sections.append("\n".join(_sharper(kind, e) for kind, e in found["kinds"].items()))
        sections.append(_steps_table(mine))
    return "\n\n".join(sections)


def _in_short(kind: str, claims: list[dict]) -> str:
    """What comes out for a kind, by measure: one line of a list."""
    said = []
    for about in (NETWORKS, METHODS):
        verdicts = {c["measure"]: c["verdict"] for c in claims
                    if c["kind"] == kind and c["about"] == about}  # fmt: skip
        if verdicts:
            said.append(f"for {about} it {in_words(verdicts)}")
    return f"- {kind.capitalize()}: {'; '.join(said)}."


def in_words(verdicts: dict[str, str]) -> str:
    """Verdicts by measure as half a sentence: "holds by NIQE and does not hold by KID"."""
    if len(set(verdicts.values())) == 1:
        measures = listed([MEASURES[m][0] for m in verdicts])
        return f"{_SAID[next(iter(verdicts.values()))]} (by {measures})"
    groups = []
    for verdict in (HOLDS, FAILS, OPEN):
        if names := [MEASURES[m][0] for m, v in verdicts.items() if v == verdict]:
            groups.append(f"{_SAID[verdict]} by {listed(names)}")
    return listed(groups)


def _orders(kind: str, entry: dict) -> str:
    """In which order the networks come, by each distance."""
    rows, said = entry["rows"], []
    for measure in DISTANCES:
        best = sorted(ORDER[kind], key=lambda model: rows[model][measure]["value"])
        said.append(f"by {MEASURES[measure][0]} {', '.join(map(called, best))}")
        before = [m for m in best if rows[m][measure]["high"] < rows[PHOTOGRAPHS][measure]["low"]]
        if before:
            said[-1] += f" (it puts {listed(list(map(called, before)))} before the photographs)"
    return f"- {kind.capitalize()}, these networks, the best first: {'; '.join(said)}."


def _sharper(kind: str, entry: dict) -> str:
    """How many single pictures are sharper than the median photograph."""
    words = [f"{called(m)} {cell('sharper', entry['rows'][m]['sharper'])} %" for m in ORDER[kind]]
    return (
        f"- {kind.capitalize()}, single pictures that are sharper than the median photograph:"
        f" {listed(words)}."
    )


def _steps_table(claims: list[dict]) -> str:
    rows = [
        [c["kind"], c["about"], MEASURES[c["measure"]][0],
         "<br>".join(_step(c["measure"], step) for step in c["steps"]), _SAID[c["verdict"]]]
        for c in claims
    ]  # fmt: skip
    return table(["of", "put to", "measure", "should be above 0", "verdict"], rows)


def _step(measure: str, step: dict) -> str:
    return f"{called(step['larger'])} − {called(step['smaller'])}: {cell(measure, step)}"


# -- tables of a kind ------------------------------------------------------------------
def _kind(kind: str, entry: dict, plots: str) -> str:
    rows = entry["rows"]
    return f"""## {KINDS[kind]}, {entry["size"]} pixels

{_distance_words(entry)}

{measures_table(rows, _DISTANCES)}

![Fréchet distance of {kind}]({plots}/{kind}-distance.svg)

The single picture, without a reference. Best is not the most but as much as photographs have.
*Sharpness*: log10 of the variance of the Laplacian. *Spectral slope*: of the power of detail
against its fineness, lower for blur. *Sharper than half*: share of pictures above the median
photograph's sharpness. *Colour noise*: fine detail of chrominance, in grey levels (RMS); *colour
share*: the same over luminance's fine detail, which blur leaves alone.

{measures_table(rows, _SHARP)}

*NIQE* of a single picture: how unlike the average photograph its local statistics are, fitted on
{entry["fitted"]:,} training photographs; photographs vary, so that a picture with nothing special
in it scores lower than they do. *Checkerboard*: power at the up-sampling frequencies over that
around them, in powers of ten. *Blockiness*: steps at the borders of 8-pixel blocks over other
steps. *Brightness* of 255; *dark*, *bright*: share of clipped pixels.

{measures_table(rows, _GRAIN)}

{_beyond(rows)}

![Single pictures of {kind} beside photographs]({plots}/{kind}-single.svg)"""


def _distance_words(entry: dict) -> str:
    return f"""Distances to {entry["held_out"]:,} held-out photographs, in MobileNetV2 features (not
Inception's: they compare only with figures made the same way). The row of photographs is that of as
many training ones: what a perfect generator would reach. *Precision*: share of made pictures among
the photographs; *recall*: share of photographs among the made ones. *Spread*: how much pictures
differ from each other, of what photographs do. *NIQE of the set*: distance of the local statistics
of all pictures together to those of training photographs."""


def _beyond(rows: dict[str, dict]) -> str:
    """Where a model's interval lies beyond the photographs' on the side that is called better."""
    real, said = rows[PHOTOGRAPHS], []
    for measure, sign in (("sharpness", 1), ("slope", 1), ("niqe", -1), ("colour_noise", -1),
                          ("checkerboard", -1)):  # fmt: skip
        worse, better = ("low", "high") if sign > 0 else ("high", "low")
        names = [called(m) for m, row in rows.items() if m != PHOTOGRAPHS
                 and sign * (row[measure][worse] - real[measure][better]) > 0]  # fmt: skip
        if names:
            said.append(f"{MEASURES[measure][0]} ({listed(names)})")
    if not said:
        return "In none of these does a model come out “better than real”."
    return (
        f"“Better than real”, with intervals that do not touch the photographs': {'; '.join(said)}."
        " It tells what the measure misses, not that these pictures are better."
    )


# -- Check -----------------------------------------------------------------------------
def _check(found: dict, plots: str) -> str:
    sections = ["## How often Check catches them"]
    if said := found["kinds"]["faces"]["check"]:
        sections.append(
            f"The first {said[PHOTOGRAPHS]['of']:,} of the same pictures went through Check as PNG"
            " files. Where it finds no face it says *uncertain*. Mind that Check's experts have met"
            " these four generators in training (other seeds, so other pictures), and some of these"
            " photographs:"
            " [detector.md](detector.md) has its figures on faces and generators it never met."
            " AUC: of its probability, against the photographs."
        )
        sections.append(_verdict_table(said))
        sections.append(f"![Check's verdicts on faces]({plots}/check.svg)")
    else:
        sections.append("Faces were not put to Check in this run.")
    if said := found["kinds"]["cars"]["check"]:
        faces = {n: e["of"] - e["no_face"] for n, e in said.items()}
        pictures = sum(e["of"] for e in said.values())
        sections.append(
            f"Check judges faces, and cars are none: of {pictures:,} pictures of vehicles it took"
            f" {sum(faces.values())} for one and found none in the others. What can be said is how"
            " far the three hand-made experts, which look at traces of making and not at"
            " a face, tell these pictures from photographs with the whole picture as their crop:"
            " as AUC, 0.5 is guessing. They learned from faces only; this is not what Check"
            " promises."
        )
        sections.append(_expert_table(said))
    return "\n\n".join(sections)


def _verdict_table(said: dict[str, dict]) -> str:
    rows = []
    for name, e in said.items():
        shares = [
            share(e[v], e["of"], wilson(e[v], e["of"])) for v in ("fake", "uncertain", "real")
        ]
        rows.append([f"`{name}`" if name != PHOTOGRAPHS else "**photographs**", *shares,
                     str(e["no_face"]), cell("precision", e["auc"])])  # fmt: skip
    return table(["", "fake", "uncertain", "real", "without a face", "AUC"], rows)


def _expert_table(said: dict[str, dict]) -> str:
    experts = ("colour", "spectrum", "residual")
    rows = [[f"`{n}`", *(cell("precision", e[x]) for x in experts)]
            for n, e in said.items() if n != PHOTOGRAPHS]  # fmt: skip
    return table(["", *experts], rows)


def _limits(found: dict) -> str:
    return f"""## What this does not show

- The photographs were saved as JPEG and shrunk before anything learned from them, which takes fine
  colour from them. The generators learned from the same files, so that one that had learned
  everything would have as little.
- Fréchet distances are larger for fewer pictures, KID is not; so the figures of
  {found["samples"]:,} pictures compare only with each other.
- Our bodies are small and our conditional models guess labels beside the game; a claim that fails
  here may hold for other bodies, data and lengths of training. What is compared is after the same
  number of photographs seen, not after the same time.
- Our WGANs take one step of the critic for each of the generator, like the other two; Gulrajani et
  al. (2017) took five. At the same number of photographs seen they may be less far than they could.
- A person may rank them otherwise: that is what the Compare tab's votes are for."""
