"""Where the detector's faces come from: the research sets, our own models, and fakes made here.

Made here are swaps by our own pipeline and photographs rebuilt by autoencoders; each belongs to
the group and the fold of its photograph.
"""

import csv
import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from tqdm import tqdm

from ganfake.experts.cropping import LEAST, cut
from ganfake.faces import TEMPLATE, align, find_faces, search_faces
from ganfake.generate import faces as chosen_faces
from ganfake.generate import render
from ganfake.images import open_picture
from ganfake.persons import SHIPPED, load_person
from ganfake.swap import SwapOptions, swap_frames
from ganfake.train.data import _CELEBA_POINTS, _CELEBA_TEMPLATE
from ganfake.train.rebuild import PATCH, UPSAMPLING, load_rebuilders, rebuild

_ALIGNED_SIDE = 160  # pixels up to which a picture on the template is kept as it is
_ALIGNED_WITHIN = 0.03  # of the side: how far landmarks may lie from the template, on average
_ATTRIBUTES = 3000  # of the 10,000; they are small and much alike CelebA's in faces128
OURS = {"dcgan": 500, "cdcgan": 500, "wgan": 500, "cwgan": 500, "portrait": 500,
        "dcgan-200k": 150, "dcgan-400k": 150}  # fmt: skip
# Photographs of each source whose face is swapped, and that are rebuilt.
SWAPPED = {"celeba": 200, "lfw": 200, "ciplab": 200, "ffhq": 200}
REBUILT = {"celeba": 300, "lfw": 150, "ciplab": 300, "ffhq": 450}


@dataclass(frozen=True)
class Row:
    """One face: where it comes from, and its crop (S, S, 3) uint8 at about its own size.

    aligned: the crop is the whole picture, which lay on the template and was not cut.
    """

    picture: str
    source: str
    group: str
    fold: int  # -1: by the hash of the group
    difficulty: str
    crop: np.ndarray
    aligned: bool = False


def is_aligned(picture: np.ndarray, points: np.ndarray) -> bool:
    """Whether a picture (H, W, 3) with landmarks (5, 2) is a small crop on the template."""
    height, width = picture.shape[:2]
    if height != width or not LEAST <= width <= _ALIGNED_SIDE:
        return False
    return bool(np.linalg.norm(points / width - TEMPLATE, axis=1).mean() <= _ALIGNED_WITHIN)


def _zip_rows(archive: Path, table: str | None) -> Iterator[tuple[str, dict, np.ndarray]]:
    with zipfile.ZipFile(archive) as file:
        if table:
            known = {r["file"]: r for r in csv.DictReader(io.StringIO(file.read(table).decode()))}
        else:
            known = {n: {} for n in file.namelist() if n.endswith(".jpg")}
        for name in tqdm(sorted(known), desc=f"packing {archive.name}", unit="face"):
            yield name, known[name], np.asarray(open_picture(file.read(name)))


def _cut(picture: np.ndarray, points: np.ndarray) -> dict:
    """`crop` and `aligned` of a Row, of a picture with landmarks."""
    whole = is_aligned(picture, points)
    return {"crop": picture if whole else cut(picture, points), "aligned": whole}


def _filling(picture: np.ndarray) -> dict | None:
    """Those of a picture that is one face; None where none is found."""
    found = search_faces(picture)
    return _cut(picture, found[0].points) if found else None


def _on_template(picture: np.ndarray) -> dict | None:
    """Those of the largest face of a portrait; None when there is none."""
    border = picture.shape[0] // 4  # MTCNN misses faces that fill the frame
    padded = cv2.copyMakeBorder(*([picture] + [border] * 4), cv2.BORDER_REPLICATE)
    found = find_faces(padded, min_probability=0.7)
    if not found:
        return None
    middle = np.array(padded.shape[1::-1]) / 2
    face = min(found[:3], key=lambda f: np.linalg.norm(f.centre - middle) - f.eye_distance)
    return _cut(picture, face.points - border)


def aligned_sets(data: Path) -> Iterator[Row]:
    """Sets of pictures that are one face each."""
    for name, row, picture in _zip_rows(data / "faces128.zip", "index.csv"):
        if cut := _filling(picture):
            yield Row(f"faces128/{name}", row["source"], row["identity"], -1, "", **cut)
    rng = np.random.default_rng(0)
    with zipfile.ZipFile(data / "faces_attributes.zip") as file:
        names = sorted(n for n in file.namelist() if n.endswith(".jpg"))
        for name in sorted(rng.choice(names, min(_ATTRIBUTES, len(names)), replace=False)):
            picture = np.asarray(open_picture(file.read(name)))
            crop = align(picture, _CELEBA_POINTS, _CELEBA_TEMPLATE, 72)
            yield Row(f"attributes/{name}", "attributes", name, -1, "", crop)


def found_sets(data: Path) -> Iterator[Row]:
    """Sets of portraits in which the face is found first."""
    for name, row, picture in _zip_rows(data / "ciplab160.zip", "index.csv"):
        source = "ciplab-fake" if row["label"] == "fake" else "ciplab"
        if cut := _on_template(picture):
            difficulty = row["difficulty"] if source == "ciplab-fake" else ""
            group = f"ciplab-{row['group']}"
            yield Row(f"ciplab160/{name}", source, group, int(row["fold"]), difficulty, **cut)
    for archive in ("stylegan256", "gans128"):
        for name, _, picture in _zip_rows(data / f"{archive}.zip", None):
            folder = name.split("/")[-2]
            source = {"real": "ffhq", "fake": "stylegan"}.get(folder, folder)
            if cut := _on_template(picture):
                yield Row(f"{archive}/{name}", source, name, -1, "", **cut)


def our_faces() -> Iterator[Row]:
    """Faces made by our own models."""
    for model, count in OURS.items():
        made = chosen_faces(model, count=count, seed=77_000)
        for part in range(0, count, 50):
            for face, picture in zip(
                made[part : part + 50], render(made[part : part + 50]), strict=True
            ):
                # By seed: models that learned from the same photographs, and snapshots of one
                # training, often make the same person of one latent.
                if cut := _filling(np.asarray(picture)):
                    yield Row(f"ours/{model}/{face.seed}", f"ours-{model}", f"ours/{face.seed}",
                              -1, "", **cut)  # fmt: skip


def swaps(rows: list[Row]) -> Iterator[Row]:
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
            yield Row(f"swap/{name}/{row.picture}", "swap", row.group, row.fold, "", made,
                      row.aligned)  # fmt: skip


def rebuilt(rows: list[Row]) -> Iterator[Row]:
    """Photographs painted anew by autoencoders, half of them at twice their size."""
    rng, makers = np.random.default_rng(1), load_rebuilders()
    for source, count in REBUILT.items():
        known = [row for row in rows if row.source == source and row.crop.shape[0] >= PATCH]
        for number in rng.choice(len(known), min(count, len(known)), replace=False):
            row, way = known[number], int(rng.integers(len(UPSAMPLING)))
            crop = rebuild(makers[way], row.crop, larger=bool(rng.random() < 0.5))
            name = f"rebuilt/{UPSAMPLING[way]}/{row.picture}"
            on_template = row.aligned and is_aligned(crop, TEMPLATE * crop.shape[0])
            yield Row(name, "rebuilt", row.group, row.fold, "", crop, on_template)


def photographs(data: Path) -> Iterator[np.ndarray]:
    """Crops (S, S, 3) uint8 of all real faces."""
    for row in (*aligned_sets(data), *found_sets(data)):
        if row.source in ("celeba", "lfw", "attributes", "ciplab", "ffhq"):
            yield row.crop
