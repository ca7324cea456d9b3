"""Real and made pictures of one kind as the distances of `ganfake.quality` want them.

Real pictures are split into those that a training saw and those that none did, in an order
that is always the same. Features are kept in the cache under what the pictures are.
"""

import hashlib
from dataclasses import dataclass
from functools import cache

import numpy as np
import torch
from torch import Tensor
from tqdm import tqdm

from ganfake import quality
from ganfake.folders import cache_dir, shared_dir
from ganfake.generate import Face, codes, render_codes
from ganfake.train.data import to_tensor
from ganfake.train.datasets import DATASETS

COUNT, SEED = 2000, 0


@cache
def network() -> torch.nn.Module:
    """The features' network, loaded once."""
    return quality.load_features()


def features(pictures: np.ndarray, name: str) -> np.ndarray:
    """Features (N, 1280) of pictures (N, S, S, 3) uint8."""
    parts = np.array_split(pictures, max(1, len(pictures) // 200))
    bar = tqdm(parts, desc=f"features of {name}", leave=False)
    return np.concatenate([quality.features(network(), to_tensor(torch.tensor(p))) for p in bar])


def kept_features(pictures: np.ndarray, name: str) -> np.ndarray:
    """`features`, kept in the cache under what the pictures are."""
    key = hashlib.sha256(pictures.tobytes() + quality.WHICH.encode()).hexdigest()[:16]
    file = cache_dir() / "features" / f"{name}-{key}.npy"
    if not file.exists():
        found = features(pictures, name)
        file.parent.mkdir(parents=True, exist_ok=True)
        unfinished = file.with_suffix(".tmp.npy")
        np.save(unfinished, found)
        unfinished.replace(file)
    return np.load(file)


@dataclass(frozen=True)
class Real:
    """Real pictures of one data set and size: held-out ones and all that are trained on."""

    held_out: np.ndarray  # (N, S, S, 3) uint8 in random order, as many as asked for
    training: np.ndarray  # in random order
    held_out_rows: np.ndarray  # their features
    training_rows: np.ndarray  # of the first, twice as many as asked for

    def halves(self) -> tuple[np.ndarray, np.ndarray]:
        """Features of two sets of training pictures of which none is in both."""
        count = len(self.training_rows) // 2
        return self.training_rows[:count], self.training_rows[count : 2 * count]


@cache
def real_pictures(data: str, size: int, count: int = COUNT) -> Real:
    """The real pictures of `data` at `size` pixels, `count` held-out ones, with features."""
    dataset = DATASETS[data](shared_dir(), size)
    rng = np.random.default_rng(SEED)
    held_out, training = (
        dataset.pictures[rng.permutation(np.flatnonzero(chosen))]
        for chosen in (dataset.held_out, dataset.train)
    )
    held_out = held_out[:count]
    return Real(
        held_out, training,
        kept_features(held_out, f"{data}{size}-held-out"),
        kept_features(training[: 2 * count], f"{data}{size}-training"),
    )  # fmt: skip


def to_bytes(pictures: Tensor) -> np.ndarray:
    """(N, 3, S, S) in [-1, 1] to (N, S, S, 3) uint8, rounded as in a picture file."""
    scaled = (pictures.clamp(-1, 1) + 1) * 127.5
    return scaled.round().byte().permute(0, 2, 3, 1).contiguous().numpy()


def made_pictures_of(made: list[Face]) -> np.ndarray:
    """Pictures (N, S, S, 3) uint8 of faces of one model."""
    return to_bytes(render_codes(made[0].model, codes(made)))


def compare(rows: np.ndarray, real: np.ndarray) -> dict:
    """All distances of two sets of features, with their intervals."""
    precision, recall = quality.precision_recall(real, rows)
    return {
        "frechet": round(quality.frechet_distance(rows, real), 2),
        "frechet_interval_95": [round(x, 2) for x in quality.frechet_interval(rows, real)],
        "kid": round(quality.kernel_distance(rows, real), 5),
        "kid_interval_95": [round(x, 5) for x in quality.kernel_interval(rows, real)],
        "precision": round(precision, 3),
        "recall": round(recall, 3),
    }
