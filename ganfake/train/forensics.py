"""What the detector learns from: real and fake faces, packed on the template, in five folds.

Folds go by person (faces128), by the benchmark's own folds (ciplab160), and by near-duplicate
group elsewhere, so that no network is asked about a picture whose twin it has learned.
"""

import hashlib
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from filelock import FileLock

from ganfake import UserError
from ganfake.experts.cropping import MOST
from ganfake.folders import cache_dir
from ganfake.persons import SHIPPED, weights_of
from ganfake.train.datasets import _thumbnails
from ganfake.train.forensics_rows import (
    OURS,
    REBUILT,
    SWAPPED,
    Row,
    aligned_sets,
    found_sets,
    our_faces,
    rebuilt,
    swaps,
)
from ganfake.train.rebuild import UPSAMPLING
from ganfake.weights import read_card

FOLDS = 5
_PACKING = 4  # raised when the same files are packed in another way
_ALIKE = 0.975  # correlation of 16x16 thumbnails from which two pictures share a group
# Family of every source of fakes; the sources of real faces have the family "real".
FAMILY = {
    "ciplab-fake": "composite", "stylegan": "StyleGAN", "progan": "ProGAN", "began": "BEGAN",
    "stargan": "StarGAN", "celeba-dcgan": "DCGAN", "swap": "swap",
    "rebuilt": "rebuilt",
}  # fmt: skip
REAL = ("celeba", "lfw", "attributes", "ciplab", "ffhq")


@dataclass(frozen=True)
class Faces:
    """All of them as columns of length N; crops differ in size. aligned: as in Row."""

    picture: np.ndarray
    source: np.ndarray
    group: np.ndarray
    fold: np.ndarray
    difficulty: np.ndarray
    sides: np.ndarray
    offsets: np.ndarray
    pixels: np.ndarray
    aligned: np.ndarray

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
    makers = [f"detector-rebuild-{way}" for way in UPSAMPLING]
    stamp += [read_card(m)["sha256"] for m in (*OURS, *map(weights_of, SHIPPED), *makers)]
    named = repr((_PACKING, stamp, OURS, SWAPPED, REBUILT, MOST))
    key = hashlib.sha256(named.encode()).hexdigest()[:16]
    file = cache_dir() / "packed" / f"forensics-{key}.npz"
    file.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(file.with_suffix(".lock")):
        if not file.exists():
            _pack(data, file)
    with np.load(file) as kept:
        return Faces(**{name: kept[name] for name in kept.files})


def _pack(data: Path, file: Path) -> None:
    rows = [*aligned_sets(data), *found_sets(data), *our_faces()]
    groups = _share_groups(rows)
    grouped = [replace(r, group=g) for r, g in zip(rows, groups, strict=True)]
    rows = [*grouped, *swaps(grouped), *rebuilt(grouped)]
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
        aligned=np.array([r.aligned for r in rows]),
    )  # fmt: skip
    partial.replace(file)
    _forget_older(file.parent)


def _forget_older(folder: Path, kept: int = 2) -> None:
    """Packs are over a gigabyte each, and every change of weights or data makes a new one."""
    packs = [p for p in folder.glob("forensics-*.npz") if not p.name.endswith(".tmp.npz")]
    for old in sorted(packs, key=lambda p: p.stat().st_mtime)[:-kept]:
        old.unlink(missing_ok=True)
