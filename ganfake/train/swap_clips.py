"""The clips of the persons that ship: every frame's face, aligned by landmarks smoothed in time."""

import hashlib
import io
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np
from tqdm import tqdm

from ganfake import UserError
from ganfake.faces import TEMPLATE, align, find_faces
from ganfake.folders import cache_dir
from ganfake.weights import write_atomically

HELD_OUT = 5  # the last of so many equal parts of a clip
_SMOOTH = 1.5  # frames: spread of the Gaussian over the landmarks


@dataclass(frozen=True, eq=False)
class Clip:
    """Aligned faces (N, 128, 128, 3) uint8 of one clip in order, and its frames per second."""

    faces: np.ndarray
    rate: float

    @property
    def training(self) -> np.ndarray:
        """All but the last fifth."""
        return self.faces[: self._border]

    @property
    def held_out(self) -> np.ndarray:
        """The last fifth, for measuring."""
        return self.faces[self._border :]

    @property
    def _border(self) -> int:
        return len(self.faces) * (HELD_OUT - 1) // HELD_OUT


def smoothed(points: np.ndarray, spread: float = _SMOOTH) -> np.ndarray:
    """Landmarks (N, 5, 2) of N frames, averaged over their neighbours in time."""
    reach = np.arange(-int(3 * spread), int(3 * spread) + 1)
    weights = np.exp(-0.5 * (reach / spread) ** 2)
    places = np.clip(np.arange(len(points))[:, None] + reach, 0, len(points) - 1)
    return np.einsum("nkpc,k->npc", points[places], weights / weights.sum())


def read_clip(path: Path) -> Clip:
    """A clip with one face in every frame; kept in the cache after the first reading.

    Raises UserError when a frame shows no face.
    """
    content = path.read_bytes()
    key = hashlib.sha256(content).hexdigest()[:16]
    cached = cache_dir() / "swap" / f"{path.stem}-{key}.npz"
    if not cached.exists():
        faces, rate = _read(content, path)
        packed = io.BytesIO()
        np.savez(packed, faces=faces, rate=rate)
        write_atomically(cached, packed.getvalue())
    with np.load(cached) as file:
        return Clip(file["faces"], float(file["rate"]))


def _read(content: bytes, path: Path) -> tuple[np.ndarray, float]:
    frames, points = [], []
    with av.open(io.BytesIO(content)) as container:
        rate = float(container.streams.video[0].average_rate)
        for frame in tqdm(container.decode(video=0), desc=path.name, unit="frame"):
            picture = frame.to_ndarray(format="rgb24")
            found = find_faces(picture)
            if not found:
                raise UserError(f"A frame of {path} shows no face; choose another clip.")
            frames.append(picture)
            points.append(found[0].points)
    pairs = zip(frames, smoothed(np.stack(points)), strict=True)
    return np.stack([align(frame, place, TEMPLATE, 128) for frame, place in pairs]), rate
