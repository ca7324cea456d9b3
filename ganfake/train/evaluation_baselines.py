"""What the detector's figures stand beside: trivial baselines, and stacks with fewer experts.

A baseline that does well shows that real and fake differ in something that is not the face.
"""

import csv
import io
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from ganfake import UserError
from ganfake.experts import NAMES
from ganfake.train.detector import LEFT_OUT
from ganfake.train.evaluation_measures import (
    auc,
    auc_and_eer,
    balanced_accuracy,
    call_by_others,
    figure,
    fold_accuracy,
    resample,
)
from ganfake.train.evaluation_rows import (
    SETS,
    Held,
    left_out_rows,
    rows_of,
    stacks,
)
from ganfake.train.forensics import Faces
from ganfake.train.scores import cut_out
from ganfake.train.tamper import treat

ARCHIVES = {"faces128": "faces128.zip", "attributes": "faces_attributes.zip",
            "ciplab160": "ciplab160.zip", "stylegan256": "stylegan256.zip",
            "gans128": "gans128.zip"}  # fmt: skip
ABLATED_SETS = ("ciplab160", "stylegan256", "gans128", "ours", "blends", "swaps")
SIZE = "size of the face"


@dataclass(frozen=True)
class Extras:
    """What is known of the table's rows besides their scores; nan where it is not known.

    thumbnails (M, 192) floats in [0, 1]; bytes (M,) size of the original file; attributes: by
    name (M,) int, 1 with it, -1 without it, 0 unknown.
    """

    thumbnails: np.ndarray | None = None
    bytes: np.ndarray | None = None
    attributes: dict[str, np.ndarray] = field(default_factory=dict)

    @classmethod
    def of_table(cls, table: dict[str, np.ndarray]) -> "Extras":
        """What the table itself holds: thumbnails, when it was saved with them."""
        thumb = table.get("thumb")
        return cls(None if thumb is None else _flat(thumb))


def _flat(thumbs: np.ndarray) -> np.ndarray:
    return np.asarray(thumbs).reshape(len(thumbs), -1).astype(np.float32) / 255


def read_extras(table: dict[str, np.ndarray], data: Path, faces: Callable[[], Faces]) -> Extras:
    """From the research data; UserError when an archive is missing.

    The thumbnails are the table's own where it has them; else they are made again from what
    `faces()` gives (a crop under the treatment "plain" is always the same), all but the blends.
    """
    for name in ARCHIVES.values():
        if not (data / name).is_file():
            raise UserError(f"There is no {name} in {data}; name the data folder with --data.")
    known = Extras.of_table(table)
    thumbnails = known.thumbnails
    if thumbnails is None:
        thumbnails = plain_thumbnails(table, faces())
    return Extras(thumbnails, _file_sizes(table, data), _labels(table, data))


def plain_thumbnails(table: dict[str, np.ndarray], faces: Faces) -> np.ndarray:
    """(M, 192), nan for treated rows and for blends, whose pixels are not kept."""
    at = {str(name): row for row, name in enumerate(faces.picture)}
    found = np.full((len(table["fake"]), 192), np.nan, np.float32)
    rows = np.flatnonzero((table["treatment"] == "plain") & (table["source"] != "blend"))
    for row in rows:
        source = at.get(str(table["picture"][row]))
        if source is None or int(faces.fold[source]) != int(table["fold"][row]):
            raise UserError("The scores are of other faces; run python -m ganfake train detector.")
        crop = faces.crop(source)
        picture = treat(cut_out(crop) if faces.aligned[source] else crop, "plain")[0]
        small = cv2.resize(picture, (8, 8), interpolation=cv2.INTER_AREA)
        found[row] = small.reshape(-1).astype(np.float32) / 255
    return found


def _file_sizes(table: dict[str, np.ndarray], data: Path) -> np.ndarray:
    sizes = {}
    for folder, archive in ARCHIVES.items():
        with zipfile.ZipFile(data / archive) as file:
            sizes |= {f"{folder}/{entry.filename}": entry.file_size for entry in file.infolist()}
    return np.array([sizes.get(str(name), np.nan) for name in table["picture"]], float)


def _labels(table: dict[str, np.ndarray], data: Path) -> dict[str, np.ndarray]:
    """CelebA's 40 attributes, and LFW's expressions (machine-made labels)."""
    pictures = table["picture"]
    with zipfile.ZipFile(data / ARCHIVES["attributes"]) as file:
        text = io.StringIO(file.read("attributes.csv").decode())
    rows = {f"attributes/{row.pop('file')}": row for row in csv.DictReader(text)}
    names = list(next(iter(rows.values())))
    found = {
        name: np.array([int(rows.get(str(p), {}).get(name, 0)) for p in pictures]) for name in names
    }
    with zipfile.ZipFile(data / ARCHIVES["faces128"]) as file:
        text = io.StringIO(file.read("index.csv").decode())
    said = {f"faces128/{row['file']}": row["expression"] for row in csv.DictReader(text)}
    expression = np.array([said.get(str(p), "") for p in pictures])
    for name in sorted(set(expression) - {""}):
        found[f"LFW: {name}"] = np.where(expression == "", 0, np.where(expression == name, 1, -1))
    return found


def _regression():
    return make_pipeline(StandardScaler(), LogisticRegression(C=0.1, max_iter=1000))


def cross_fitted(features: np.ndarray, fake: np.ndarray, fold: np.ndarray) -> np.ndarray:
    """Probability of fake (N,) by a logistic regression fitted on the other folds only."""
    found = np.full(len(fake), 0.5)
    for number in np.unique(fold):
        own = fold == number
        if 0 < fake[~own].sum() < (~own).sum():
            found[own] = (
                _regression().fit(features[~own], fake[~own]).predict_proba(features[own])[:, 1]
            )
    return found


def _majority(fake: np.ndarray, fold: np.ndarray) -> np.ndarray:
    """The commoner class of the other folds, as a score."""
    found = np.zeros(len(fake))
    for number in np.unique(fold):
        own = fold == number
        found[own] = float(fake[~own].mean() > 0.5)
    return found


def baselines(held: Held, extras: Extras, draws: int) -> dict:
    """Per set the figures of the thumbnail, of the file's size, and of always saying the same."""
    found = {}
    for name in SETS:
        rows = rows_of(held.table, name)
        fake, fold = held.table["fake"][rows], held.table["fold"][rows]
        if fake.all() or not fake.any():
            continue
        scores = {"majority": _majority(fake, fold)}
        if extras.thumbnails is not None and np.isfinite(extras.thumbnails[rows]).all():
            scores["thumbnail"] = cross_fitted(extras.thumbnails[rows], fake, fold)
        if extras.bytes is not None and np.isfinite(extras.bytes[rows]).all():
            size = np.log2(extras.bytes[rows])
            scores["file size"] = cross_fitted(np.stack([size, size**2], 1), fake, fold)
        side = np.log2(held.table["crop_px"][rows])
        seen = np.stack([side, side**2, held.table["detail"][rows]], 1)
        scores[SIZE] = cross_fitted(seen, fake, fold)
        weights = resample(held.groups[rows], draws)
        found[name] = {}
        for kind, p in scores.items():
            called = p > 0.5 if kind == "majority" else call_by_others(p, fake, fold, False)
            even = called if kind == "majority" else call_by_others(p, fake, fold)
            found[name][kind] = {
                "auc": figure(auc_and_eer(p, fake, weights)[0]),
                "accuracy": figure(fold_accuracy(called, fake, fold, weights)),
                "balanced_accuracy": figure(balanced_accuracy(even, fake, weights)),
            }
    return found


def left_out_thumbnails(held: Held, extras: Extras) -> dict[str, float]:
    """AUC on each left-out family by a thumbnail regression that never met it."""
    if extras.thumbnails is None:
        return {}
    table, found = held.table, {}
    for fold, family in enumerate(LEFT_OUT):
        there = np.isfinite(extras.thumbnails).all(1)
        rows = left_out_rows(table, family)
        learn = (table["treatment"] == "plain") & ~table["left_out"] & there
        learn &= (table["fold"] != fold) & (table["family"] != family)
        fake = table["fake"]
        if not there[rows].all() or not (fake[learn].any() and (~fake[learn]).any()):
            continue
        fitted = _regression().fit(extras.thumbnails[learn], fake[learn])
        found[family] = auc(fitted.predict_proba(extras.thumbnails[rows])[:, 1], fake[rows])
    return found


def ablation(held: Held, draws: int) -> dict:
    """AUC of stacks without one expert, and with one alone, fitted anew (its word set to 0.5)."""
    found = {}
    sets = {name: rows_of(held.table, name) for name in ABLATED_SETS}
    weights = resample(held.groups[sets["ciplab160"]], draws)
    full = None
    choices = {"all": NAMES} | {f"without {n}": tuple(m for m in NAMES if m != n) for n in NAMES}
    for name, kept in (choices | {f"only {n}": (n,) for n in NAMES}).items():
        mute = {n: np.full(len(held), 0.5) for n in NAMES if n not in kept}
        p, strict = _refitted(held.table | mute)
        entry = {"sets": {s: auc(p[r], held.table["fake"][r]) for s, r in sets.items()}}
        rows = sets["ciplab160"]
        fake, fold = held.table["fake"][rows], held.table["fold"][rows]
        if len(rows):
            drawn = auc_and_eer(p[rows], fake, weights)[0]
            full = drawn if full is None else full
            entry["ciplab160_change"] = figure(drawn - full)
            called = call_by_others(p[rows], fake, fold, balanced=False)
            entry["ciplab160_accuracy"] = float(fold_accuracy(called, fake, fold, weights[:1])[0])
        areas = []
        for number, family in enumerate(LEFT_OUT):
            rows = left_out_rows(held.table, family)
            areas.append(auc(strict[number][rows], held.table["fake"][rows]))
        entry["left_out"] = {"mean": float(np.mean(areas)), "least": float(np.min(areas))}
        found[name] = entry
    return found


def _refitted(table: dict[str, np.ndarray]) -> tuple[np.ndarray, dict[int, np.ndarray]]:
    joined, strict = np.full(len(table["fake"]), np.nan), {}
    for fold, plain, without, _ in stacks(table, bands=False):
        own = (table["network"] == fold) & ~table["left_out"]
        joined[own], strict[fold] = plain[own], without
    return joined, strict
