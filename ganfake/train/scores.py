"""The table of held-out scores: what every expert says of faces that its networks never saw.

One row is one face under one treatment. A network is asked about its own fold alone, and, for
leaving one generator out, about the whole family that it has never met (`left_out`).
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from tqdm import tqdm

from ganfake import UserError
from ganfake.devices import pick_device
from ganfake.experts.cropping import cut
from ganfake.experts.networks import NetworkExpert, fold_batch_norm
from ganfake.faces import search_faces
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
from ganfake.train.drawing import REAL_SHARES
from ganfake.train.forensics import Faces
from ganfake.train.tamper import TREATMENTS, blend, disguise, shrink, to_side, treat

SEED = 1
# At most so many faces of a source, and of them so many under every other treatment.
MOST = {"celeba": 800, "lfw": 800, "attributes": 500, "celeba-dcgan": 300}
MOST_OF_OURS = 150
TREATED = 80
SHRUNK_FROM = 96  # pixels of a face that can be shrunk
TIGHT_CELEBA = 500  # beside BEGAN's tight crops
BLENDS = 600
NETWORKS = ("mobilenet", "mesonet", "warp")


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


def cut_out(crop: np.ndarray) -> np.ndarray | None:
    """A face that lies on the template (S, S, 3) uint8, found and cut; None if it is not found."""
    found = search_faces(crop)
    return cut(crop, found[0].points) if found else None


class _Rows:
    """The rows of the table as they come. rng draws all but how a face is shrunk."""

    def __init__(self, faces: Faces):
        self.faces, self.family = faces, faces.family
        self.rng, self.beside = np.random.default_rng(SEED), np.random.default_rng((SEED, 3))
        self.pixels: list[np.ndarray] = []
        self.entries: list[tuple] = []

    def add(self, row: int, crop: np.ndarray | None, treatment: str, blended: bool = False) -> None:
        """One face under a treatment, if there is one; blended: made of the face `row`."""
        if crop is None:
            return
        if treatment == "random":
            picture, side, quality = disguise(self.rng, crop)
        elif treatment == "shrunk":
            picture, side, quality = shrink(self.beside, crop)
        else:
            picture, side, quality = treat(crop, treatment)
        faces = self.faces
        kinds = ("blend", "blend") if blended else (faces.source[row], self.family[row])
        self.pixels.append(picture)
        self.entries.append((
            faces.picture[row], *kinds, kinds[1] != "real", str(faces.difficulty[row]),
            int(faces.fold[row]), treatment, float(side), float(quality), faces.group[row],
            to_side(picture, 8),
        ))  # fmt: skip

    def table(self) -> Table:
        """All of them."""
        names = ("picture", "source", "family", "fake", "difficulty", "fold", "treatment",
                 "crop_px", "quality", "group", "thumb")  # fmt: skip
        columns = {n: np.array([e[i] for e in self.entries]) for i, n in enumerate(names)}
        return Table(self.pixels, columns)


def make_table(faces: Faces) -> Table:
    """The faces to be judged, the same ones every time."""
    rows = _Rows(faces)
    plain, treated = _chosen(faces, rows.rng)
    # Pictures on the template are packed whole; Check cuts them like all others.
    on_template = plain[faces.aligned[plain]]
    cuts = {row: cut_out(faces.crop(row)) for row in on_template}
    _add_treated(rows, plain, treated, cuts)
    _add_blends(rows, plain)
    return _with_left_out(rows.table())


def _add_treated(rows: _Rows, plain: np.ndarray, treated: np.ndarray, cuts: dict) -> None:
    """The faces `plain` as they are, at random and shrunk, and `treated` under all else."""
    faces = rows.faces
    for treatment in (*TREATMENTS, "random"):
        some = plain if treatment in ("plain", "random") else treated
        if treatment == "tight":
            some = np.union1d(some, plain[faces.source[plain] == "celeba"][:TIGHT_CELEBA])
        for row in some[:: 2 if treatment == "random" else 1]:
            rows.add(row, cuts[row] if row in cuts else faces.crop(row), treatment)
    for row in plain[1::2]:
        if faces.sides[row] >= SHRUNK_FROM:
            rows.add(row, cuts[row] if row in cuts else faces.crop(row), "shrunk")


def _add_blends(rows: _Rows, plain: np.ndarray) -> None:
    """Blends of every source, half of them with another face of the same fold."""
    faces, rng = rows.faces, rows.rng
    sources = [s for s in REAL_SHARES if s != "attributes"]
    for number in range(BLENDS):
        source = sources[number % len(sources)]
        row = int(rng.choice(plain[faces.source[plain] == source]))
        same = (faces.source == source) & (faces.fold == faces.fold[row])
        donor = faces.crop(int(rng.choice(np.flatnonzero(same)))) if number % 2 else None
        crop = blend(rng, faces.crop(row), donor)
        made = cut_out(crop) if faces.aligned[row] else crop
        for treatment in ("plain", "random"):
            rows.add(row, made, treatment, blended=True)


def _with_left_out(table: Table) -> Table:
    """Rows of the five families once more, if little treated, for networks that never met them.

    Rows of a family in the fold of the network that never met it are left out already.
    """
    number = np.array([LEFT_OUT.index(f) if f in LEFT_OUT else -1 for f in table["family"]])
    own = (number >= 0) & (number == table["fold"])
    table.columns["left_out"] = own.copy()
    asked = np.isin(table["treatment"], ("plain", "tight"))
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
