"""Random faces for the detector's trainings: how often which kind is drawn, and in what state."""

import re

import cv2
import numpy as np
import torch
from torch import Tensor

from ganfake.train.forensics import Faces
from ganfake.train.tamper import blend, disguise, light, recut, to_side

# How often each source of real faces, and each family of fakes, is drawn.
REAL_SHARES = {"celeba": 0.22, "lfw": 0.18, "attributes": 0.08, "ciplab": 0.34, "ffhq": 0.18}
FAKE_SHARES = {"composite": 0.34, "StyleGAN": 0.18, "ProGAN": 0.06, "BEGAN": 0.05, "StarGAN": 0.06,
               "DCGAN": 0.05, "ours": 0.12, "blend": 0.14, "swap": 0.08}  # fmt: skip
# What `mobilenet` is shown more often, because it takes longest to learn.
HARD_REAL = {"celeba": 0.08, "lfw": 0.07, "attributes": 0.03, "ciplab": 0.44, "ffhq": 0.38}
HARD_FAKE = {"composite": 0.36, "StyleGAN": 0.31, "ProGAN": 0.03, "BEGAN": 0.02, "StarGAN": 0.025,
             "DCGAN": 0.02, "ours": 0.045, "blend": 0.1, "swap": 0.03, "rebuilt": 0.06}  # fmt: skip
# The photographs that look like a left-out family would otherwise stand for "real" alone.
TWIN = {"StyleGAN": "ffhq"}
# Parts of the face that are known to be changed or not, as boxes on the template: x, y, x, y.
PARTS = {"eyes": (0.26, 0.38, 0.74, 0.55), "nose": (0.4, 0.45, 0.6, 0.65),
         "mouth": (0.34, 0.62, 0.66, 0.8)}  # fmt: skip
UNKNOWN = -1
_COMPOSED = 130  # pixels: composites are made large and shown smaller, which hides their seams
_CHANGED = 3.0  # mean difference of a part from which it counts as changed, of 255


def parts_of_name(picture: str) -> np.ndarray:
    """Which parts (3,) a composite of ciplab160 has from another face, by its file's name.

    The name ends in four digits for the left eye, the right eye, the nose and the mouth.
    """
    found = re.search(r"_([01])([01])([01])([01])\.jpg$", picture)
    if not found:
        return np.full(len(PARTS), UNKNOWN, np.int64)
    left, right, nose, mouth = (int(digit) for digit in found.groups())
    return np.array([left | right, nose, mouth], np.int64)


def parts_that_differ(before: np.ndarray, after: np.ndarray) -> np.ndarray:
    """Which parts (3,) differ between two aligned faces (S, S, 3) uint8."""
    side, change = before.shape[0], np.abs(before.astype(np.int16) - after).mean(2)
    boxes = (tuple(round(v * side) for v in box) for box in PARTS.values())
    return np.array([change[y0:y1, x0:x1].mean() > _CHANGED for x0, y0, x1, y1 in boxes], np.int64)


class Drawn:
    """Batches of real and fake faces without the folds `unseen` and the family `out`.

    side: of the pictures in pixels. harsh: share of them that lead the hard life of `disguise`.
    hard: whether what is hard to learn is drawn more often. blends: no fakes but blends. shares:
    how often each source of photographs and each family is drawn, where the usual is not meant.
    """

    def __init__(
        self, faces: Faces, unseen: tuple[int, ...], out: str | None, seed: tuple[int, ...],
        harsh: float = 1.0, hard: bool = False, blends: bool = False,
        shares: tuple[dict[str, float], dict[str, float]] | None = None,
    ):  # fmt: skip
        self.faces, self.seed, self.harsh, self.hard = faces, seed, harsh, hard
        known = ~np.isin(faces.fold, unseen)
        family = faces.family
        self.rows = {s: np.flatnonzero(known & (faces.source == s)) for s in REAL_SHARES}
        self.rows |= {f: np.flatnonzero(known & (family == f)) for f in HARD_FAKE}
        shares = shares or ((HARD_REAL, HARD_FAKE) if hard else (REAL_SHARES, FAKE_SHARES))
        self.real_shares, self.fake_shares = map(dict, shares)
        if blends:
            self.fake_shares = {"blend": 1.0}
        elif out:
            del self.fake_shares[out]
            if out in TWIN:
                self.real_shares[TWIN[out]] *= 0.3

    def _draw(self, rng: np.random.Generator, shares: dict[str, float]) -> str:
        weights = np.array(list(shares.values()))
        return list(shares)[rng.choice(len(shares), p=weights / weights.sum())]

    def one(self, rng: np.random.Generator, fake: bool, side: int) -> tuple:
        """A face (side, side, 3) uint8 after its random life, the row that it came from, and
        which parts (3,) are changed: 1, 0, or -1 where that is not known."""
        source = self._draw(rng, self.fake_shares if fake else self.real_shares)
        if source != "blend":
            row = int(rng.choice(self.rows[source]))
            face = self.faces.crop(row)
            parts = parts_of_name(self.faces.picture[row]) if fake else np.zeros(3, np.int64)
        else:
            base = self._draw(rng, self.real_shares)
            row = int(rng.choice(self.rows[base]))
            before = self.faces.crop(row)
            donor = self.faces.crop(rng.choice(self.rows[base])) if rng.random() < 0.45 else None
            face = blend(rng, before, donor)
            parts = parts_that_differ(before, face)
            if self.hard and face.shape[0] > _COMPOSED and rng.random() < 0.5:
                face = to_side(face, int(rng.integers(_COMPOSED, face.shape[0])))
        if self.faces.aligned[row] and rng.random() < 0.5:
            face = recut(rng, face)
        if rng.random() < self.harsh:
            return to_side(disguise(rng, face)[0], side), row, parts
        return light(rng, face, side), row, parts

    def batch(self, seen: int, size: int, side: int) -> tuple[Tensor, Tensor, Tensor]:
        """Pictures (N, S, S, 3) uint8, whether they are fake (N,), and their changed parts (N, 3),
        by `seen` alone."""
        rng = np.random.default_rng((*self.seed, seen))
        fakes = np.arange(size) % 2 == 1
        pictures, _, parts = zip(*(self.one(rng, bool(f), side) for f in fakes), strict=True)
        return (torch.from_numpy(np.stack(pictures)), torch.from_numpy(fakes.astype(np.int64)),
                torch.from_numpy(np.stack(parts)))  # fmt: skip


class Batches(torch.utils.data.Dataset):
    """The batches of a run from picture `seen` on, for worker processes to draw."""

    def __init__(self, drawn: Drawn, seen: int, pictures: int, size: int, side: int):
        self.drawn, self.seen, self.size, self.side = drawn, seen, size, side
        self.count = max(0, -(-(pictures - seen) // size))

    def __len__(self) -> int:
        return self.count

    def __getitem__(self, number: int) -> tuple[Tensor, Tensor, Tensor]:
        cv2.setNumThreads(1)
        return self.drawn.batch(self.seen + number * self.size, self.size, self.side)
