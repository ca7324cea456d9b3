"""Where "real" ends and "fake" begins.

Photographs that are small or soft look like fakes to the experts more often than sharp ones: what
is fine and natural is gone from them. Before such a picture is called fake, the evidence has to
be stronger.
"""

from dataclasses import dataclass

import numpy as np

SMALL_SIDE = 100  # source pixels of the aligned crop under which a face counts as small
MIN_CROP = 40  # under which it is not judged; about 10 between the eyes
KINDS = ("sharp", "soft", "small")
_SUREST = 1e-3  # from 0 or 1, beyond which a probability does not count for more


def any_fake(p: np.ndarray) -> float:
    """Probability that a picture holds a fake face, by those (N,) of its faces.

    Each was found as if half of all faces were fake. Here half of all pictures are, and of those
    half hold one fake face, the others any number from two on, of whichever faces. So the odds are
    the mean over that of the product of the fake faces' odds (Bayes).
    """
    if len(p) == 1:
        return float(p[0])
    p = np.clip(p, _SUREST, 1 - _SUREST)
    means = np.eye(1, len(p) + 1)[0]  # at k: of the products over all choices of k faces
    for among, odds in enumerate(p / (1 - p), 1):
        share = np.arange(1, among + 1) / among  # of the choices, those with this face
        means[1 : among + 1] = means[1 : among + 1] * (1 - share) + means[:among] * share * odds
    odds = float(means[1] + means[2:].mean()) / 2
    return odds / (1 + odds)


@dataclass(frozen=True)
class Band:
    """Probabilities: up to `real` a face is held to be real; from `sharp`, `soft` or `small` on,
    by what it is, fake. soft_under: detail (see spectrum.detail) under which it is soft."""

    real: float
    sharp: float
    soft: float
    small: float
    soft_under: float

    def kinds(self, crop_px: np.ndarray, detail: np.ndarray) -> np.ndarray:
        """Numbers (N,) of the kinds of faces, in KINDS."""
        return np.where(crop_px < SMALL_SIDE, 2, np.where(detail < self.soft_under, 1, 0))

    def fake_from(self, crop_px: np.ndarray, detail: np.ndarray) -> np.ndarray:
        """Probabilities (N,) from which faces are called fake."""
        return np.array([self.sharp, self.soft, self.small])[self.kinds(crop_px, detail)]

    def words(self, p: np.ndarray, crop_px: np.ndarray, detail: np.ndarray) -> np.ndarray:
        """Verdicts (N,): -1 real, 0 uncertain, 1 fake; p (N,) probabilities of fake."""
        said = np.where(p >= self.fake_from(crop_px, detail), 1, np.where(p <= self.real, -1, 0))
        return np.where(crop_px < MIN_CROP, 0, said)

    def whole(self, p: np.ndarray, words: np.ndarray) -> int:
        """Verdict (-1, 0, 1) on a picture by the probabilities and verdicts (N,) of its faces.

        It is fake when a face is and `any_fake` says so too; real, whatever single faces are but
        fake, where `any_fake` does.
        """
        if len(p) == 1:
            return int(words[0])
        chance = any_fake(p)
        if (words > 0).any():
            return int(chance >= self.sharp)
        return -int(chance <= self.real)
