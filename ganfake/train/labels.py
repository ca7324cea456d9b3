"""Which labels the generator is asked for while it learns."""

import numpy as np
import torch
from torch import Tensor

UNKNOWN_SHARE = 0.35


class LabelSource:
    """Draws rows of labels: rare ones more often than they occur, with weights that undo it.

    Eyeglasses are in 3 % of the training pictures; asked for as rarely, they would be
    learned late. Among known labels a combination comes up with the square root of its
    frequency, and at most a third of all are unknown. The weight of a row is its true
    frequency over its drawn one, so that the discriminator sees the right mixture.
    """

    def __init__(self, labels: np.ndarray, device: torch.device):
        rows, counts = np.unique(labels, axis=0, return_counts=True)
        share = counts / counts.sum()
        known = (rows > 0).any(1)
        unknown = min(UNKNOWN_SHARE, share[~known].sum())
        drawn = share.copy()
        drawn[known] = np.sqrt(share[known])
        drawn[known] *= (1 - unknown) / max(drawn[known].sum(), 1e-9)
        if not known.all():
            drawn[~known] *= (unknown if known.any() else 1.0) / drawn[~known].sum()
        self.rows, self.counts = torch.from_numpy(rows).to(device), counts
        self.share = torch.from_numpy(share).float().to(device)
        self.drawn = torch.from_numpy(drawn).float().to(device)

    def draw(self, count: int, rng: torch.Generator) -> tuple[Tensor, Tensor]:
        """Labels (count, F) for training and their weights (count,)."""
        chosen = torch.multinomial(self.drawn, count, replacement=True, generator=rng)
        return self.rows[chosen], (self.share / self.drawn)[chosen]

    def usual(self, count: int, rng: torch.Generator) -> Tensor:
        """Labels (count, F) as often as they occur in the training pictures; `rng` on the CPU."""
        chosen = torch.multinomial(self.share.cpu(), count, replacement=True, generator=rng)
        return self.rows[chosen.to(self.rows.device)]
