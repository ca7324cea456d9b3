"""What each player minimises, each from its paper.

Scores are the discriminator's raw outputs (N,). `weights` (N,) of the made pictures have
mean 1 in expectation and undo that rare labels are asked for more often than they occur.
"""

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor

Judge = Callable[[Tensor], Tensor]  # pictures (N, 3, S, S) to scores (N,)


def _mean(losses: Tensor, weights: Tensor | None) -> Tensor:
    return losses.mean() if weights is None else (losses * weights).mean()


def discriminator_loss(real: Tensor, fake: Tensor, weights: Tensor | None = None) -> Tensor:
    """-log D(x) - log(1 - D(G(z))), mean over the batch (Goodfellow et al. 2014)."""
    return F.softplus(-real).mean() + _mean(F.softplus(fake), weights)


def generator_loss(fake: Tensor) -> Tensor:
    """The non-saturating -log D(G(z)), mean over the batch (Goodfellow et al. 2014)."""
    return F.softplus(-fake).mean()


def critic_loss(real: Tensor, fake: Tensor, weights: Tensor | None = None) -> Tensor:
    """E f(G(z)) - E f(x), the negative Wasserstein estimate (Arjovsky et al. 2017)."""
    return _mean(fake, weights) - real.mean()


def paired_loss(first: Tensor, second: Tensor) -> Tensor:
    """-log sigmoid(first - second), mean over pairs (Jolicoeur-Martineau 2018)."""
    return F.softplus(second - first).mean()


def label_loss(guesses: list[Tensor], labels: Tensor) -> Tensor:
    """Cross-entropy of the guessed labels (N, F), mean over those that are known."""
    terms = [
        F.cross_entropy(guess, labels[:, i] - 1, ignore_index=-1, reduction="sum")
        for i, guess in enumerate(guesses)
    ]
    return sum(terms) / (labels > 0).sum().clamp(min=1)


def r1_penalty(scores: Tensor, pictures: Tensor) -> Tensor:
    """Mean squared norm of dD/dx (Mescheder et al. 2018): R1 at real pictures, R2 at made ones.

    `pictures` must require gradients and have produced `scores`.
    """
    (gradient,) = torch.autograd.grad(scores.sum(), pictures, create_graph=True)
    return gradient.square().sum(dim=(1, 2, 3)).mean()


def gradient_penalty(judge: Judge, real: Tensor, fake: Tensor, rng: torch.Generator) -> Tensor:
    """(|df/dx| - 1)^2 at points between real and made pictures (Gulrajani et al. 2017)."""
    share = torch.rand(len(real), 1, 1, 1, generator=rng, device=real.device)
    between = torch.lerp(real, fake, share).requires_grad_()
    (gradient,) = torch.autograd.grad(judge(between).sum(), between, create_graph=True)
    return (gradient.flatten(1).norm(dim=1) - 1).square().mean()
