"""What the networks learn from: pictures, labels, and which pictures no training may see.

The split is by person where persons are known: everyone whose name falls into the held-out
share, by a hash, is held out with all pictures. Pictures that a held-out one nearly repeats
are left out of training too.
"""

import csv
import hashlib
import io
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from ganfake import UserError
from ganfake.models.labels import FACE_FIELDS, VEHICLE_FIELDS, Fields
from ganfake.train.data import find_sources, packed

HELD_OUT = 0.17
_HAIR = {"Black_Hair": 1, "Blond_Hair": 2, "Brown_Hair": 3, "Gray_Hair": 4}
_ALIKE = 0.985  # correlation of 16x16 thumbnails from which two pictures count as one


@dataclass(frozen=True)
class Dataset:
    """Pictures (N, S, S, 3) uint8, labels (N, F) int64 with 0 for unknown, and the split."""

    pictures: np.ndarray
    labels: np.ndarray
    held_out: np.ndarray  # (N,) bool: for measuring
    train: np.ndarray  # (N,) bool: for training; the rest nearly repeats a held-out picture
    fields: Fields
    name: str  # for the card

    def training_part(self) -> tuple[np.ndarray, np.ndarray]:
        """Pictures and labels to train on."""
        return self.pictures[self.train], self.labels[self.train]


def _falls_out(key: str) -> bool:
    return int(hashlib.sha256(key.encode()).hexdigest()[:8], 16) / 16**8 < HELD_OUT


def _thumbnails(pictures: np.ndarray) -> np.ndarray:
    """Pictures (N, S, S, 3) to grey thumbnails (N, 256) of mean 0 and norm 1."""
    small = [
        cv2.resize(cv2.cvtColor(p, cv2.COLOR_RGB2GRAY), (16, 16), interpolation=cv2.INTER_AREA)
        for p in pictures
    ]
    rows = np.stack(small).reshape(len(small), -1).astype(np.float32)
    rows -= rows.mean(1, keepdims=True)
    return rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-6)


def without_repeats(pictures: np.ndarray, held_out: np.ndarray) -> np.ndarray:
    """Which pictures (N,) bool are neither held out nor nearly the same as one that is."""
    rows = _thumbnails(pictures)
    kept = ~held_out
    if held_out.any():
        for part in np.array_split(np.flatnonzero(kept), max(1, len(rows) // 2000)):
            kept[part] &= (rows[part] @ rows[held_out].T).max(1) < _ALIKE
    return kept


def _table(archive: Path, name: str) -> list[dict]:
    with zipfile.ZipFile(archive) as file:
        return list(csv.DictReader(io.StringIO(file.read(name).decode())))


def _hair(row: dict) -> int:
    found = [value for name, value in _HAIR.items() if row[name] == "1"]
    return found[0] if len(found) == 1 else 5  # none of them, two of them, bald or under a hat


def _attribute_labels(row: dict) -> list[int]:
    """A row of CelebA's attributes to our fields: 1 is no, 2 is yes."""
    yes_no = [1 + (row[name] == "1") for name, _ in FACE_FIELDS[:-1]]
    return [*yes_no, _hair(row)]


def faces(data: Path, size: int) -> Dataset:
    """Both face sets of the data folder (at 128 pixels the first), or other aligned faces.

    CelebA's attribute pictures name no persons, so those are split one by one. Of other
    faces none are held out.
    """
    sources = find_sources(data)
    if size > 109 and len(sources) > 1:
        sources = sources[:1]  # the second set has not so many pixels
    pictures, names = packed(sources, size)
    labels: dict[str, list[int]] = {}
    person: dict[str, str] = {}
    for source in sources:
        if source.name == "faces_attributes.zip":
            for row in _table(source, "attributes.csv"):
                labels[f"{source.name}/{row['file']}"] = _attribute_labels(row)
        elif source.name == "faces128.zip":
            for row in _table(source, "index.csv"):
                person[f"{source.name}/{row['file']}"] = row["identity"]
    ours = bool(labels or person)
    held_out = np.array([ours and _falls_out(person.get(name, name)) for name in names])
    unknown = [0] * len(FACE_FIELDS)
    rows = np.array([labels.get(name, unknown) for name in names], np.int64)
    where = ", ".join(source.name for source in sources)
    train = without_repeats(pictures, held_out)
    return Dataset(pictures, rows, held_out, train, FACE_FIELDS, f"{where}, aligned, {size} px")


def vehicles(data: Path, size: int) -> Dataset:
    """CIFAR-10's cars, planes, ships and trucks at 32 pixels, the class as label."""
    archive = data / "vehicles32.zip"
    if not archive.is_file():
        raise UserError(f"There is no vehicles32.zip in {data}; name its folder with --data.")
    pictures, names = packed([archive], size)
    ((_, classes),) = VEHICLE_FIELDS
    rows = np.array([[1 + classes.index(name.split("/")[1])] for name in names], np.int64)
    held_out = np.array([_falls_out(name) for name in names])
    train = without_repeats(pictures, held_out)
    return Dataset(pictures, rows, held_out, train, VEHICLE_FIELDS, "vehicles32.zip (CIFAR-10)")


def digits(data: Path, size: int) -> Dataset:
    """MNIST's digits at 28 pixels, its own test set held out; in three equal channels."""
    archive = data / "digits28.npz"
    if not archive.is_file():
        raise UserError(f"There is no digits28.npz in {data}; name its folder with --data.")
    with np.load(archive) as file:
        parts = [file["train_images"], file["test_images"]]
    pictures = np.repeat(np.concatenate(parts)[..., None], 3, axis=3)
    if pictures.shape[1] != size:
        pictures = np.stack([np.asarray(Image.fromarray(p).resize((size, size))) for p in pictures])
    held_out = np.arange(len(pictures)) >= len(parts[0])
    labels = np.empty((len(pictures), 0), np.int64)
    return Dataset(pictures, labels, held_out, ~held_out, (), "digits28.npz (MNIST)")


DATASETS: dict[str, Callable[[Path, int], Dataset]] = {
    "faces": faces,
    "vehicles": vehicles,
    "digits": digits,
}
