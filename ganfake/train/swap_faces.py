"""The faces that the swap is pre-trained on, and who they are."""

import csv
import hashlib
import io
import zipfile
from pathlib import Path

import numpy as np
from tqdm import tqdm

from ganfake.faces import find_faces
from ganfake.folders import cache_dir
from ganfake.train.data import packed
from ganfake.train.datasets import _falls_out
from ganfake.weights import write_atomically

LICENCE = (
    "Weights trained on research data with third-party rights (faces128.zip): for research"
    " and teaching; the code's licence does not cover them."
)


def identified(data: Path) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Faces of `faces128.zip` (N, 128, 128, 3) uint8, persons (N,) int64, held out (N,) bool.

    The persons that are held out are those of `ganfake.train.datasets`.
    """
    archive = data / "faces128.zip"
    pictures, names = packed([archive], 128)
    with zipfile.ZipFile(archive) as file:
        rows = csv.DictReader(io.StringIO(file.read("index.csv").decode()))
        person = {f"{archive.name}/{row['file']}": row["identity"] for row in rows}
    who = [person[name] for name in names]
    _, numbers = np.unique(who, return_inverse=True)
    return pictures, numbers, np.array([_falls_out(name) for name in who])


def crop_landmarks(faces: np.ndarray) -> np.ndarray:
    """MTCNN's five points (N, 5, 2) in aligned faces (N, 128, 128, 3), as shares of the side.

    NaN where it sees no face. Kept in the cache after the first time.
    """
    key = hashlib.sha256(np.ascontiguousarray(faces[:: max(1, len(faces) // 50)])).hexdigest()[:16]
    cached = cache_dir() / "swap" / f"landmarks-{len(faces)}-{key}.npy"
    if not cached.exists():
        points = np.full((len(faces), 5, 2), np.nan)
        for row, face in zip(points, tqdm(faces, desc="landmarks", mininterval=10), strict=True):
            found = find_faces(np.asarray(face), min_face=40)
            if found:
                row[:] = found[0].points / face.shape[1]
        packed_points = io.BytesIO()
        np.save(packed_points, points)
        write_atomically(cached, packed_points.getvalue())
    return np.load(cached)
