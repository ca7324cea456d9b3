"""Which rows of the table answer which question, and what the stack says of them.

The stack of fold k is fitted without the rows of fold k, its band of "uncertain" too; a second,
strict one also without the family that network k never met. Nothing here lets a row be judged
by anything that was fitted on it.
"""

from dataclasses import dataclass

import numpy as np

from ganfake.experts import NAMES
from ganfake.experts.band import Band
from ganfake.train.band import fit_band
from ganfake.train.detector import LEFT_OUT
from ganfake.train.forensics import FOLDS
from ganfake.train.stack import fit_stack, judge_rows, stacked, subset

ENSEMBLE = "ensemble"
JUDGES = (*NAMES, ENSEMBLE)
# Families of fakes, and sources of photographs beside them.
SETS = {
    "ciplab160": (("composite",), ("ciplab",)),
    "stylegan256": (("StyleGAN",), ("ffhq",)),
    "gans128": (("ProGAN", "BEGAN", "StarGAN", "DCGAN"), ("celeba", "lfw")),
    "gans128 ProGAN": (("ProGAN",), ("celeba", "lfw")),
    "gans128 BEGAN": (("BEGAN",), ("celeba", "lfw")),
    "gans128 StarGAN": (("StarGAN",), ("celeba", "lfw")),
    "gans128 DCGAN": (("DCGAN",), ("celeba", "lfw")),
    "ours": (("ours",), ("celeba", "lfw", "attributes")),
    "blends": (("blend",), ("celeba", "lfw", "ciplab", "ffhq")),
    "swaps": (("swap",), ("celeba", "lfw", "ciplab", "ffhq")),
    "rebuilt": (("rebuilt",), ("celeba", "lfw", "ciplab", "ffhq")),
}
# Photographs that a left-out family is compared with.
MATCHED = {
    "ours": ("celeba", "lfw", "attributes"), "StyleGAN": ("ffhq",), "ProGAN": ("celeba",),
    "BEGAN": ("celeba",), "StarGAN": ("celeba",),
}  # fmt: skip


@dataclass(frozen=True)
class Held:
    """The table with every judge's word (M,) and the five stacks' words (FOLDS, M).

    verdict (M,): -1 real, 0 uncertain, 1 fake; strict_verdict the strict stacks' (FOLDS, M).
    kind (M,): number in band.KINDS, by the band that judges the row.
    """

    table: dict[str, np.ndarray]
    scores: dict[str, np.ndarray]
    strict: np.ndarray
    verdict: np.ndarray
    strict_verdict: np.ndarray
    kind: np.ndarray
    bands: list[Band]

    def __len__(self) -> int:
        return len(self.table["fake"])

    @property
    def groups(self) -> np.ndarray:
        """(M,) what is drawn together in a bootstrap: persons or twins if known, else pictures."""
        return self.table["group"] if "group" in self.table else self.table["picture"]


def stacks(table: dict[str, np.ndarray], bands: bool = True):
    """Yields per fold: number, words of the plain and the strict stack (M,), their bands."""
    for fold in range(FOLDS):
        found, found_bands = [], []
        others = table["fold"] != fold
        for rows in (others, others & (table["family"] != LEFT_OUT[fold])):
            known = subset(table, rows)
            said = judge_rows(fit_stack(known), table)
            found.append(said)
            if bands:  # as the one that ships: by scores of stacks that did not see the row
                found_bands.append(fit_band(known, stacked(known)))
        yield fold, *found, found_bands


def hold(table: dict[str, np.ndarray]) -> Held:
    """Fit all stacks, and have every row judged by those that never saw it."""
    count = len(table["fake"])
    joined, strict = np.full(count, np.nan), np.full((FOLDS, count), np.nan)
    verdict, strict_verdict = np.zeros(count, int), np.zeros((FOLDS, count), int)
    seen = table["crop_px"], table["detail"]
    kind, bands = np.zeros(count, int), []
    for fold, plain, without, both in stacks(table):
        own = table["network"] == fold
        asked = own & ~table["left_out"]
        joined[asked] = plain[asked]
        # As the shipped ensemble, but for its checks of novelty, drawings and cut-outs.
        verdict[asked] = both[0].words(plain, *seen)[asked]
        kind[own] = both[0].kinds(*seen)[own]
        met = own & table["left_out"]
        joined[met] = without[met]
        # Only rows that the strict stack never saw get its word; the others stay nan.
        may = own & (table["left_out"] | (~table["fake"] & (table["fold"] == fold)))
        strict[fold, may] = without[may]
        strict_verdict[fold, may] = both[1].words(without, *seen)[may]
        verdict[met] = strict_verdict[fold, met]
        bands.append(both[0])
    scores = {name: table[name].astype(np.float64) for name in NAMES} | {ENSEMBLE: joined}
    return Held(table, scores, strict, verdict, strict_verdict, kind, bands)


def rows_of(table: dict[str, np.ndarray], name: str, treatment: str = "plain") -> np.ndarray:
    """Numbers of a set's rows, all judged by networks that know the family from other pictures.

    Where the set is one family that network k never met, fold k's photographs stay out as well:
    its fakes of that fold can only be asked of a network without the family.
    """
    families, sources = SETS[name]
    rows = (table["treatment"] == treatment) & ~table["left_out"]
    photographs = ~table["fake"] & np.isin(table["source"], sources)
    if len(families) == 1 and families[0] in LEFT_OUT:
        photographs &= table["fold"] != LEFT_OUT.index(families[0])
    return np.flatnonzero(
        rows & (photographs | (table["fake"] & np.isin(table["family"], families)))
    )


def left_out_rows(table: dict[str, np.ndarray], family: str, matched: bool = True) -> np.ndarray:
    """Numbers of the untreated rows of a family nobody met, and of the photographs of that fold."""
    fold = LEFT_OUT.index(family)
    rows = (table["treatment"] == "plain") & (table["network"] == fold)
    photographs = ~table["fake"] & (table["fold"] == fold)
    if matched:
        photographs &= np.isin(table["source"], MATCHED[family])
    fakes = table["left_out"] & (table["family"] == family)
    return np.flatnonzero(rows & (photographs | fakes))


def left_out_score(held: Held, judge: str, family: str) -> np.ndarray:
    """What a judge that never met the family says of the table (M,)."""
    return held.strict[LEFT_OUT.index(family)] if judge == ENSEMBLE else held.scores[judge]


def shipped_verdicts(held: Held) -> np.ndarray:
    """(M,) what the stack and the band that ship say, fitted on the scores of all families.

    For rows of a left-out family: the words of experts that never met it, as Check would join
    those on a new generator.
    """
    table = held.table
    band = fit_band(table, held.scores[ENSEMBLE])
    return band.words(judge_rows(fit_stack(table), table), table["crop_px"], table["detail"])
