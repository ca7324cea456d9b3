"""The table of held-out scores: what every expert says of faces that its networks never saw.

One row is one face under one treatment. A network is asked about its own fold alone, and, for
leaving one generator out, about the whole family that it has never met (`left_out`).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from tqdm import tqdm

from ganfake import UserError
from ganfake.devices import pick_device
from ganfake.experts import SIDE
from ganfake.experts.cropping import cut
from ganfake.experts.linear import LinearModel, fit_linear
from ganfake.experts.networks import NetworkExpert, fold_batch_norm
from ganfake.experts.stack import UNTAUGHT
from ganfake.experts.typicality import features_of
from ganfake.faces import crop_side, search_faces
from ganfake.fingerprints import colour, residual, spectrum
from ganfake.train.checkpoint import load_checkpoint
from ganfake.train.detector import (
    COPIES,
    LEFT_OUT,
    folds_of,
    new_network,
    recipe,
    run_name,
    unseen_folds,
)
from ganfake.train.drawing import FAKE_SHARES, REAL_SHARES
from ganfake.train.forensics import FOLDS, Faces
from ganfake.train.tamper import TREATMENTS, blend, disguise, light, recut, shrink, to_side, treat

SEED = 1
# At most so many faces of a source, and of them so many under every other treatment.
MOST = {"celeba": 800, "lfw": 800, "attributes": 500, "celeba-dcgan": 300}
MOST_OF_OURS = 150
TREATED = 80
SHRUNK_FROM = 96  # pixels of a face that can be shrunk
TIGHT_CELEBA = 500  # beside BEGAN's tight crops
BLENDS = 600
CLASSIC = {"colour": colour, "spectrum": spectrum, "residual": residual}
NETWORKS = ("mobilenet", "mesonet", "warp")
DRAWS = 24_000  # faces from which the classic experts learn
HARSH = 0.4  # share of them that lead the hard life of `disguise`


@dataclass
class Table:
    """N faces (240, 240, 3) uint8, some of them twice, and what is known of them, each of length N.

    A list, because thousands of faces should lie in memory once only.
    """

    pixels: list[np.ndarray]
    columns: dict[str, np.ndarray]

    def __getitem__(self, name: str) -> np.ndarray:
        return self.columns[name]

    def __len__(self) -> int:
        return len(self.pixels)


def _chosen(faces: Faces, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Rows for "plain", and those for all other treatments."""
    plain, treated = [], []
    for source in np.unique(faces.source):
        rows = rng.permutation(np.flatnonzero(faces.source == source))
        most = MOST_OF_OURS if source.startswith("ours-") else MOST.get(source, len(rows))
        plain.append(rows[:most])
        treated.append(rows[:TREATED])
    return np.concatenate(plain), np.concatenate(treated)


def make_table(faces: Faces) -> Table:
    """The faces to be judged, the same ones every time."""
    rng = np.random.default_rng(SEED)
    plain, treated = _chosen(faces, rng)
    entries, pixels = [], []

    beside = np.random.default_rng((SEED, 3))

    def add(row, crop, treatment, source, family):
        if treatment == "recut":
            if not (found := search_faces(crop)):
                return
            side, quality = crop_side(found[0].points), np.nan
            picture = to_side(cut(crop, found[0].points), SIDE)
        elif treatment == "random":
            picture, side, quality = disguise(rng, crop)
        elif treatment == "shrunk":
            picture, side, quality = shrink(beside, crop)
        else:
            picture, side, quality = treat(crop, treatment)
        pixels.append(picture)
        entries.append((
            faces.picture[row], source, family, family != "real", str(faces.difficulty[row]),
            int(faces.fold[row]), treatment, float(side), float(quality), faces.group[row],
            to_side(picture, 8),
        ))  # fmt: skip

    family = faces.family
    for treatment in (*TREATMENTS, "random"):
        rows = plain if treatment in ("plain", "random") else treated
        if treatment == "tight":
            rows = np.union1d(rows, plain[faces.source[plain] == "celeba"][:TIGHT_CELEBA])
        for row in rows[:: 2 if treatment == "random" else 1]:
            add(row, faces.crop(row), treatment, faces.source[row], family[row])
    for row in plain[1::2]:
        if faces.sides[row] >= SHRUNK_FROM:
            add(row, faces.crop(row), "shrunk", faces.source[row], family[row])
    for row in plain[faces.aligned[plain]]:  # as if it had been found in a larger picture
        add(row, faces.crop(row), "recut", faces.source[row], family[row])
    sources = [s for s in REAL_SHARES if s != "attributes"]
    for number in range(BLENDS):
        source = sources[number % len(sources)]
        row = int(rng.choice(plain[faces.source[plain] == source]))
        same = (faces.source == source) & (faces.fold == faces.fold[row])
        donor = faces.crop(int(rng.choice(np.flatnonzero(same)))) if number % 2 else None
        crop = blend(rng, faces.crop(row), donor)
        for treatment in ("plain", "random"):
            add(row, crop, treatment, "blend", "blend")
    names = ("picture", "source", "family", "fake", "difficulty", "fold", "treatment", "crop_px",
             "quality", "group", "thumb")  # fmt: skip
    columns = {n: np.array([e[i] for e in entries]) for i, n in enumerate(names)}
    return _with_left_out(Table(pixels, columns))


def _with_left_out(table: Table) -> Table:
    """Rows of the five families once more, if little treated, for networks that never met them.

    Rows of a family in the fold of the network that never met it are left out already.
    """
    number = np.array([LEFT_OUT.index(f) if f in LEFT_OUT else -1 for f in table["family"]])
    own = (number >= 0) & (number == table["fold"])
    table.columns["left_out"] = own.copy()
    asked = np.isin(table["treatment"], ("plain", "tight", "recut"))
    again = np.flatnonzero((number >= 0) & ~own & asked)
    columns = {n: np.concatenate([c, c[again]]) for n, c in table.columns.items()}
    columns["left_out"][len(table) :] = True
    columns["network"] = np.concatenate([table["fold"], number[again]])
    return Table(table.pixels + [table.pixels[row] for row in again], columns)


def trained_network(expert: str, fold: int, number: int, runs: Path) -> torch.nn.Module:
    """A network as its run left it; UserError when there is none."""
    name = run_name(expert, fold, number)
    checkpoint = runs / name / "checkpoint.safetensors"
    if not checkpoint.is_file():
        raise UserError(f"The network {name} is not trained; run train detector first.")
    network = new_network(expert, None)
    load_checkpoint(checkpoint, {"net": network})
    network = fold_batch_norm(network.eval())
    return network.to(pick_device(), memory_format=torch.channels_last)


def score_networks(table: Table, expert: str, runs: Path) -> np.ndarray:
    """Probability of fake (N,) by the networks that never saw the row's fold."""
    found = np.full(len(table), np.nan)
    for fold in range(folds_of(expert)):
        rows = np.flatnonzero(np.isin(table["network"], unseen_folds(expert, fold)))
        copies = [trained_network(expert, fold, n, runs) for n in range(COPIES[expert])]
        judge = NetworkExpert(copies, recipe(expert, fold).side, expert == "mobilenet")
        for part in tqdm(np.array_split(rows, max(1, len(rows) // 256)), desc=f"{expert} {fold}"):
            found[part] = judge.predict_proba(np.stack([table.pixels[row] for row in part]))
    return found


@dataclass(frozen=True)
class Draws:
    """Random faces, for the experts that are no networks: features by expert, (D, F)."""

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
    """Features (N, F) of the classic experts and, by `untouched` (ImageNet's network), of
    typicality, of N faces (240, 240, 3) uint8."""
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
