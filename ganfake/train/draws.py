"""Random faces of all kinds, and the classic experts that learn from them."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import torch
from tqdm import tqdm

from ganfake.experts import SIDE
from ganfake.experts.linear import LinearModel, fit_linear
from ganfake.experts.stack import UNTAUGHT
from ganfake.experts.typicality import features_of
from ganfake.fingerprints import colour, residual, spectrum
from ganfake.train.detector import LEFT_OUT
from ganfake.train.drawing import FAKE_SHARES, REAL_SHARES
from ganfake.train.forensics import FOLDS, Faces
from ganfake.train.scores import SEED, Table
from ganfake.train.tamper import blend, disguise, light, recut

CLASSIC = {"colour": colour, "spectrum": spectrum, "residual": residual}
DRAWS = 24_000  # faces from which the classic experts learn
HARSH = 0.4  # share of them that lead the hard life of `disguise`


@dataclass(frozen=True)
class Draws:
    """Random faces, for the experts that are no networks: features by expert, (D, F), of
    typicality (D, V, F)."""

    features: dict[str, np.ndarray]
    family: np.ndarray
    source: np.ndarray
    fold: np.ndarray
    group: np.ndarray

    @property
    def fake(self) -> np.ndarray:
        """(D,) bool."""
        return self.family != "real"

    def subset(self, rows: np.ndarray) -> "Draws":
        """Some of them."""
        features = {name: found[rows] for name, found in self.features.items()}
        return Draws(
            features, self.family[rows], self.source[rows], self.fold[rows], self.group[rows]
        )


def features_by_expert(
    pixels: Iterable[np.ndarray], untouched: torch.nn.Module
) -> dict[str, np.ndarray]:
    """Features (N, F) of the classic experts and, by `untouched` (ImageNet's network), those
    (N, V, F) of typicality, of N faces (240, 240, 3) uint8."""
    rows: dict[str, list] = {name: [] for name in (*CLASSIC, UNTAUGHT)}
    for face in tqdm(pixels, desc="fingerprints", unit="face", mininterval=2):
        for name, fingerprint in CLASSIC.items():
            rows[name].append(fingerprint.features(face))
        rows[UNTAUGHT].append(features_of(untouched, face[None])[0])
    return {name: np.stack(found).astype(np.float32) for name, found in rows.items()}


def draw(faces: Faces, untouched: torch.nn.Module, count: int = DRAWS) -> Draws:
    """Random faces of all sources as the networks meet them, and their features."""
    rng = np.random.default_rng((SEED, 2))
    family = faces.family
    rows = {s: np.flatnonzero(faces.source == s) for s in REAL_SHARES}
    rows |= {f: np.flatnonzero(family == f) for f in FAKE_SHARES}
    who, kinds = [], []

    def picture(number: int) -> np.ndarray:
        shares = FAKE_SHARES if number % 2 else REAL_SHARES
        weights = np.array(list(shares.values()))
        kind = list(shares)[rng.choice(len(shares), p=weights / weights.sum())]
        base = kind if kind != "blend" else str(rng.choice(list(REAL_SHARES)))
        row = int(rng.choice(rows[base]))
        crop = faces.crop(row)
        if kind == "blend":
            same = rows[base][faces.fold[rows[base]] == faces.fold[row]]
            crop = blend(rng, crop, faces.crop(int(rng.choice(same))) if number % 4 == 1 else None)
        if faces.aligned[row] and rng.random() < 0.5:
            crop = recut(rng, crop)
        who.append(row)
        kinds.append("blend" if kind == "blend" else family[row])
        return disguise(rng, crop)[0] if rng.random() < HARSH else light(rng, crop, SIDE)

    # One face in memory at a time.
    features = features_by_expert((picture(number) for number in range(count)), untouched)
    who = np.array(who)
    return Draws(features, np.array(kinds), faces.source[who], faces.fold[who], faces.group[who])


def fit_classic(draws: Draws, name: str, fold: int | None) -> LinearModel:
    """A classic expert without fold `fold` and its family; None: on everything, to be shipped."""
    rows = np.ones(len(draws.fold), bool)
    if fold is not None:
        rows = (draws.fold != fold) & (draws.family != LEFT_OUT[fold])
    weight = np.ones(int(rows.sum()))
    fake = draws.fake[rows]
    weight[fake] *= (~fake).sum() / max(1, fake.sum())
    kind = "svm" if name == "colour" else "logistic"
    return fit_linear(draws.features[name][rows], fake, draws.group[rows], weight, kind)


def score_classic(table: Table, features: np.ndarray, draws: Draws, name: str) -> np.ndarray:
    """Probability of fake (N,) by the models that never saw the row's fold."""
    found = np.full(len(table), np.nan)
    for fold in range(FOLDS):
        rows = table["network"] == fold
        found[rows] = fit_classic(draws, name, fold).predict_proba(features[rows])
    return found
