"""What the detector learns from: real and fake faces, packed on the template, in five folds.

Folds go by person (faces128), by the benchmark's own folds (ciplab160), and by near-duplicate
group elsewhere, so that no network is asked about a picture whose twin it has learned.
"""

import csv
import hashlib
import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np
from filelock import FileLock
from PIL import Image
from tqdm import tqdm

from ganfake import UserError
from ganfake.experts.cropping import MOST, at_own_size
from ganfake.faces import TEMPLATE, align, find_faces
from ganfake.folders import cache_dir
from ganfake.generate import faces as chosen_faces
from ganfake.generate import render
from ganfake.images import open_picture
from ganfake.persons import SHIPPED, load_person, weights_of
from ganfake.swap import SwapOptions, swap_frames
from ganfake.train.data import _CELEBA_POINTS, _CELEBA_TEMPLATE
from ganfake.train.datasets import _thumbnails
from ganfake.weights import read_card

FOLDS = 5
_ALIKE = 0.975  # correlation of 16x16 thumbnails from which two pictures share a group
_ATTRIBUTES = 3000  # of the 10,000; they are small and much alike CelebA's in faces128
# Family of every source of fakes; the sources of real faces have the family "real".
FAMILY = {
    "ciplab-fake": "composite", "stylegan": "StyleGAN", "progan": "ProGAN", "began": "BEGAN",
    "stargan": "StarGAN", "celeba-dcgan": "DCGAN", "swap": "swap",
}  # fmt: skip
REAL = ("celeba", "lfw", "attributes", "ciplab", "ffhq")
OURS = {"dcgan": 500, "cdcgan": 500, "wgan": 500, "cwgan": 500, "portrait": 500,
        "dcgan-200k": 150, "dcgan-400k": 150}  # fmt: skip
SWAPPED = {"celeba": 200, "lfw": 200, "ciplab": 200, "ffhq": 200}  # photographs of each source


@dataclass(frozen=True)
class Row:
    """One face: where it comes from, and its crop (S, S, 3) uint8 at about its own size."""

    picture: str
    source: str
    group: str
    fold: int  # -1: by the hash of the group
    difficulty: str
    crop: np.ndarray


@dataclass(frozen=True)
class Faces:
    """All of them as columns of length N; crops differ in size."""

    picture: np.ndarray
    source: np.ndarray
    group: np.ndarray
    fold: np.ndarray
    difficulty: np.ndarray
    sides: np.ndarray
    offsets: np.ndarray
    pixels: np.ndarray

    def __len__(self) -> int:
        return len(self.picture)

    def crop(self, row: int) -> np.ndarray:
        """(S, S, 3) uint8."""
        side, start = int(self.sides[row]), int(self.offsets[row])
        return self.pixels[start : start + side * side * 3].reshape(side, side, 3)

    @property
    def family(self) -> np.ndarray:
        """(N,) str: "real", "ours", "StyleGAN", ..."""
        return np.array([family_of(source) for source in self.source])


def family_of(source: str) -> str:
    """The family of a source, "real" for photographs."""
    if source in REAL:
        return "real"
    return "ours" if source.startswith("ours-") else FAMILY[source]


def _hash_fold(group: str) -> int:
    return int(hashlib.sha256(group.encode()).hexdigest()[:8], 16) % FOLDS


def _zip_rows(archive: Path, table: str | None) -> Iterator[tuple[str, dict, np.ndarray]]:
    with zipfile.ZipFile(archive) as file:
        if table:
            known = {r["file"]: r for r in csv.DictReader(io.StringIO(file.read(table).decode()))}
        else:
            known = {n: {} for n in file.namelist() if n.endswith(".jpg")}
        for name in tqdm(sorted(known), desc=f"packing {archive.name}", unit="face"):
            yield name, known[name], np.asarray(open_picture(file.read(name)))


def _on_template(picture: np.ndarray) -> np.ndarray | None:
    """The largest face of a portrait at about its own size; None when there is none."""
    border = picture.shape[0] // 4  # MTCNN misses faces that fill the frame
    padded = cv2.copyMakeBorder(*([picture] + [border] * 4), cv2.BORDER_REPLICATE)
    found = find_faces(padded, min_probability=0.7)
    if not found:
        return None
    middle = np.array(padded.shape[1::-1]) / 2
    face = min(found[:3], key=lambda f: np.linalg.norm(f.centre - middle) - f.eye_distance)
    return at_own_size(picture, face.points - border)


def _aligned_sets(data: Path) -> Iterator[Row]:
    for name, row, picture in _zip_rows(data / "faces128.zip", "index.csv"):
        yield Row(f"faces128/{name}", row["source"], row["identity"], -1, "", picture)
    rng = np.random.default_rng(0)
    with zipfile.ZipFile(data / "faces_attributes.zip") as file:
        names = sorted(n for n in file.namelist() if n.endswith(".jpg"))
        for name in sorted(rng.choice(names, min(_ATTRIBUTES, len(names)), replace=False)):
            picture = np.asarray(open_picture(file.read(name)))
            crop = align(picture, _CELEBA_POINTS, _CELEBA_TEMPLATE, 72)
            yield Row(f"attributes/{name}", "attributes", name, -1, "", crop)


def _found_sets(data: Path) -> Iterator[Row]:
    for name, row, picture in _zip_rows(data / "ciplab160.zip", "index.csv"):
        source = "ciplab-fake" if row["label"] == "fake" else "ciplab"
        crop = _on_template(picture)
        if crop is not None:
            difficulty = row["difficulty"] if source == "ciplab-fake" else ""
            group = f"ciplab-{row['group']}"
            yield Row(f"ciplab160/{name}", source, group, int(row["fold"]), difficulty, crop)
    for archive in ("stylegan256", "gans128"):
        for name, _, picture in _zip_rows(data / f"{archive}.zip", None):
            folder = name.split("/")[-2]
            source = {"real": "ffhq", "fake": "stylegan"}.get(folder, folder)
            crop = _on_template(picture)
            if crop is not None:
                yield Row(f"{archive}/{name}", source, name, -1, "", crop)


def _our_faces() -> Iterator[Row]:
    for model, count in OURS.items():
        made = chosen_faces(model, count=count, seed=77_000)
        for part in range(0, count, 50):
            for face, picture in zip(
                made[part : part + 50], render(made[part : part + 50]), strict=True
            ):
                name = f"{model}/{face.seed}"
                yield Row(f"ours/{name}", f"ours-{model}", name, -1, "", np.asarray(picture))


def _swaps(rows: list[Row]) -> Iterator[Row]:
    """Photographs with the face of a shipped person, in the group and the fold of the photograph.

    Without the marks of a finished swap, which would give them away by themselves.
    """
    rng = np.random.default_rng(0)
    for source, count in SWAPPED.items():
        known = [row for row in rows if row.source == source]
        for number in rng.choice(len(known), min(count, len(known)), replace=False):
            row, name = known[number], str(rng.choice(SHIPPED))
            options = SwapOptions(
                feather=float(rng.uniform(0.03, 0.12)),
                mask=str(rng.choice(["landmarks", "landmarks", "oval"])),
                colour=str(rng.choice(["reinhard", "reinhard", "light", "none"])),
                blend=str(rng.choice(["alpha", "alpha", "poisson"])),
            )
            points = TEMPLATE * row.crop.shape[0]
            (made,) = swap_frames([row.crop], [points], load_person(name), options)
            yield Row(f"swap/{name}/{row.picture}", "swap", row.group, row.fold, "", made)


def _share_groups(rows: list[Row]) -> list[str]:
    """Groups in which near-duplicates of sources without names come together."""
    groups = [row.group for row in rows]
    loose = [i for i, row in enumerate(rows) if row.source not in ("celeba", "lfw", "ciplab")
             and not row.source.startswith(("ours", "ciplab"))]  # fmt: skip
    named = [i for i, row in enumerate(rows) if row.source in ("celeba", "lfw")]
    thumbs = _thumbnails([rows[i].crop for i in loose])
    others = _thumbnails([rows[i].crop for i in named])
    for n, i in enumerate(loose):
        alike = thumbs[: n + 1] @ thumbs[n] >= _ALIKE
        groups[i] = groups[loose[int(alike.argmax())]]
        if rows[i].source == "attributes":
            same = others @ thumbs[n]
            if same.max() >= _ALIKE:
                groups[i] = groups[named[int(same.argmax())]]
    return groups


def load_faces(data: Path) -> Faces:
    """Everything, packed on the first call; UserError when a set is missing from `data`."""
    needed = ("faces128.zip", "faces_attributes.zip", "ciplab160.zip", "stylegan256.zip",
              "gans128.zip")  # fmt: skip
    for name in needed:
        if not (data / name).is_file():
            raise UserError(f"There is no {name} in {data}; name the data folder with --data.")
    stamp = [((data / n).stat().st_size, (data / n).stat().st_mtime_ns) for n in needed]
    stamp += [read_card(model)["sha256"] for model in (*OURS, *map(weights_of, SHIPPED))]
    key = hashlib.sha256(repr((stamp, OURS, SWAPPED, MOST)).encode()).hexdigest()[:16]
    file = cache_dir() / "packed" / f"forensics-{key}.npz"
    file.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(file.with_suffix(".lock")):
        if not file.exists():
            _pack(data, file)
    with np.load(file) as kept:
        return Faces(**{name: kept[name] for name in kept.files})


def _pack(data: Path, file: Path) -> None:
    rows = [*_aligned_sets(data), *_found_sets(data), *_our_faces()]
    groups = _share_groups(rows)
    grouped = [replace(r, group=g) for r, g in zip(rows, groups, strict=True)]
    rows = [*grouped, *_swaps(grouped)]
    groups = [row.group for row in rows]
    folds = [r.fold if r.fold >= 0 else _hash_fold(g) for r, g in zip(rows, groups, strict=True)]
    sides = np.array([row.crop.shape[0] for row in rows])
    sizes = sides.astype(np.int64) ** 2 * 3
    partial = file.with_suffix(".tmp.npz")
    np.savez(
        partial,
        picture=np.array([r.picture for r in rows]), source=np.array([r.source for r in rows]),
        group=np.array(groups), fold=np.array(folds),
        difficulty=np.array([r.difficulty for r in rows]), sides=sides,
        offsets=np.concatenate([[0], np.cumsum(sizes)[:-1]]),
        pixels=np.concatenate([r.crop.reshape(-1) for r in rows]),
    )  # fmt: skip
    partial.replace(file)


def contact_sheet(faces: Faces, rows: np.ndarray, columns: int = 12) -> Image.Image:
    """Crops side by side at 96 pixels, to be looked at; never to be committed."""
    tiles = [cv2.resize(faces.crop(r), (96, 96), interpolation=cv2.INTER_AREA) for r in rows]
    tiles += [np.zeros((96, 96, 3), np.uint8)] * (-len(tiles) % columns)
    lines = [np.concatenate(tiles[i : i + columns], 1) for i in range(0, len(tiles), columns)]
    return Image.fromarray(np.concatenate(lines))
