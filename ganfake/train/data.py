"""Training pictures, packed once into one array of aligned uint8 faces."""

import hashlib
import json
import os
import zipfile
import zlib
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import cv2
import numpy as np
import torch
from filelock import FileLock
from torch import Tensor
from tqdm import tqdm

from ganfake import UserError
from ganfake.faces import TEMPLATE, align
from ganfake.folders import cache_dir
from ganfake.images import open_picture
from ganfake.weights import write_atomically

# CelebA's own alignment at 89x109: eyes and mouth corners, in pixels.
_CELEBA_POINTS = np.array([[34.7, 55.5], [54.2, 55.5], [36.0, 76.0], [52.5, 76.0]])
_CELEBA_TEMPLATE = TEMPLATE[[0, 1, 3, 4]]
_PICTURES = (".jpg", ".jpeg", ".png", ".webp")
_FACE_SETS = ("faces128.zip", "faces_attributes.zip")


def _open(read: Callable[[], bytes]) -> np.ndarray | None:
    try:
        return np.asarray(open_picture(read()))
    except (UserError, OSError, EOFError, RuntimeError, zipfile.BadZipFile, zlib.error):
        return None


def _picture_files(folder: Path) -> list[Path]:
    return sorted(p for p in folder.rglob("*") if p.suffix.lower() in _PICTURES)


def _read_pictures(source: Path) -> Iterator[tuple[str, np.ndarray | None]]:
    """Names and pictures (H, W, 3) uint8 in the order of the names; None for a damaged one."""
    if source.is_dir():
        for path in _picture_files(source):
            yield str(path.relative_to(source)), _open(path.read_bytes)
        return
    try:
        archive = zipfile.ZipFile(source)
    except zipfile.BadZipFile:
        raise UserError(f"{source} is neither a folder nor a zip of pictures.") from None
    with archive:
        for name in sorted(n for n in archive.namelist() if n.lower().endswith(_PICTURES)):
            yield name, _open(partial(archive.read, name))


def _to_template(picture: np.ndarray, size: int, celeba: bool) -> np.ndarray:
    if celeba:
        return align(picture, _CELEBA_POINTS, _CELEBA_TEMPLATE, size)
    if picture.shape[:2] == (size, size):
        return picture
    shrinking = picture.shape[0] > size
    return cv2.resize(
        picture, (size, size), interpolation=cv2.INTER_AREA if shrinking else cv2.INTER_CUBIC
    )


def find_sources(data: Path) -> list[Path]:
    """The two face sets in a data folder; else the folder or zip itself."""
    sets = [data / name for name in _FACE_SETS if (data / name).is_file()]
    sources = sets or ([data] if data.exists() else [])
    if not sources:
        raise UserError(f"There is no training data at {data}; name a folder or zip with --data.")
    return sources


def packed(sources: list[Path], size: int) -> tuple[np.ndarray, list[str]]:
    """Faces (N, size, size, 3) uint8 as a memory map, packed on the first call, and names.

    A name is that of its zip or folder, a slash, and the picture's own.

    `faces_attributes.zip` is moved from CelebA's alignment onto the template; every
    other source must hold aligned square faces already. Pictures that are damaged or not
    square are left out and counted. Raises UserError when none is left.
    """
    # A folder's own time does not tell when a file in it was replaced.
    files = [f for s in sources for f in (_picture_files(s) if s.is_dir() else [s])]
    stamp = [(str(f.resolve()), f.stat().st_size, f.stat().st_mtime_ns) for f in files]
    key = hashlib.sha256(repr((stamp, size)).encode()).hexdigest()[:16]
    folder = cache_dir() / "packed"
    file = folder / f"faces{size}-{key}.npy"
    folder.mkdir(parents=True, exist_ok=True)
    with FileLock(folder / ".lock"):
        for stale in folder.glob("*.tmp"):  # of a killed process; we hold the lock
            stale.unlink()
        if not file.exists():
            _pack(sources, size, file)
    return np.load(file, mmap_mode="r"), json.loads(file.with_suffix(".json").read_text())


def _pack(sources: list[Path], size: int, packed: Path) -> None:
    faces, names, skipped = [], [], 0
    for source in sources:
        celeba = source.name == "faces_attributes.zip"
        pictures = tqdm(_read_pictures(source), desc=f"packing {source.name}", unit="face")
        for name, picture in pictures:
            if picture is None or (not celeba and picture.shape[0] != picture.shape[1]):
                skipped += 1
            else:
                faces.append(_to_template(picture, size, celeba))
                names.append(f"{source.name}/{name}")
    if not faces:
        raise UserError(f"There are no aligned, square pictures in {sources[0]}.")
    if skipped:
        print(f"Left out {skipped} of {skipped + len(faces)} pictures: damaged or not square.")
    write_atomically(packed.with_suffix(".json"), json.dumps(names).encode())
    unfinished = packed.with_suffix(".tmp")
    with unfinished.open("wb") as file:
        np.save(file, np.stack(faces))
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(packed)


class Batches:
    """Real pictures in an order that depends on (seed, images seen) alone.

    Every epoch is one permutation, and a batch may span two epochs, so that a
    resumed run meets the very pictures the uninterrupted run would have met.
    """

    def __init__(
        self, faces: np.ndarray, batch: int, seed: int, device: torch.device,
        labels: np.ndarray | None = None,
    ):  # fmt: skip
        self.batch, self.seed, self.device = batch, seed, device
        # On a GPU the whole set lives there as bytes; no loader then stands in the way.
        self.faces = torch.from_numpy(np.array(faces)).to(device)
        self.labels = None if labels is None else torch.from_numpy(labels).to(device)
        self._epoch, self._order = -1, np.empty(0, np.int64)

    def _index(self, position: int) -> int:
        epoch, offset = divmod(position, len(self.faces))
        if epoch != self._epoch:
            self._epoch = epoch
            self._order = np.random.default_rng((self.seed, epoch)).permutation(len(self.faces))
        return self._order[offset]

    def rows_at(self, images_seen: int) -> Tensor:
        """Which pictures come after `images_seen` pictures: (N,) int64."""
        rows = [self._index(images_seen + i) for i in range(self.batch)]
        return torch.as_tensor(np.array(rows), device=self.device)

    def at(self, images_seen: int) -> Tensor:
        """The batch after `images_seen` pictures: (N, 3, S, S) float32 in [-1, 1]."""
        pictures = to_tensor(self.faces[self.rows_at(images_seen)])
        return pictures.contiguous(memory_format=torch.channels_last)

    def labels_at(self, images_seen: int) -> Tensor | None:
        """The labels (N, F) of that batch, where the pictures have labels."""
        return None if self.labels is None else self.labels[self.rows_at(images_seen)]


def to_tensor(pictures: Tensor) -> Tensor:
    """Bytes (N, S, S, 3) to (N, 3, S, S) float32 in [-1, 1]."""
    return pictures.permute(0, 3, 1, 2).float().div_(127.5).sub_(1.0)
