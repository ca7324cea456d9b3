"""The objectives a GAN can be trained with, by name: losses of both players and a penalty."""

from collections.abc import Callable

import torch
from torch import Tensor

from ganfake.train.losses import (
    Judge,
    critic_loss,
    discriminator_loss,
    generator_loss,
    gradient_penalty,
    paired_loss,
    r1_penalty,
)


class NonSaturating:
    """The original game (Goodfellow 2014) with lazy R1 (Mescheder 2018; Karras 2020)."""

    paper = "non-saturating loss (Goodfellow et al. 2014), R1 (Mescheder et al. 2018)"
    pairs = False  # whether the generator's loss compares with real pictures
    probabilities = True  # whether the sigmoid of a score is the probability of real

    def discriminator(self, real: Tensor, fake: Tensor, weights: Tensor | None) -> Tensor:
        return discriminator_loss(real, fake, weights)

    def generator(self, fake: Tensor, real: Tensor | None) -> Tensor:
        return generator_loss(fake)

    def penalty(
        self, judge: Judge, judge_made: Judge, real: Tensor, made: Tensor,
        gamma: float, rng: torch.Generator,
    ) -> Tensor:  # fmt: skip
        """`judge` scores beside the first real pictures' labels, `judge_made` the made ones'."""
        inputs = real.detach().float().requires_grad_()
        return gamma / 2 * r1_penalty(judge(inputs), inputs)


class Relativistic(NonSaturating):
    """Relativistic pairing with R1 and R2 (Huang et al. 2024, arXiv:2501.05441)."""

    paper = "relativistic pairing loss with R1 and R2 (Huang et al. 2024)"
    pairs = True
    probabilities = False

    def discriminator(self, real: Tensor, fake: Tensor, weights: Tensor | None) -> Tensor:
        return paired_loss(real, fake)

    def generator(self, fake: Tensor, real: Tensor | None) -> Tensor:
        return paired_loss(fake, real)

    def penalty(self, judge, judge_made, real, made, gamma, rng) -> Tensor:
        inputs = made.float().requires_grad_()
        return super().penalty(judge, judge_made, real, made, gamma, rng) + gamma / 2 * r1_penalty(
            judge_made(inputs), inputs
        )


class Wasserstein(NonSaturating):
    """WGAN with gradient penalty (Gulrajani et al. 2017, arXiv:1704.00028).

    One critic step per generator step and a small pull of the scores to zero, both from
    Karras et al. 2018 (arXiv:1710.10196). The penalty looks at half of the batch.
    """

    paper = "Wasserstein loss with gradient penalty (Gulrajani et al. 2017)"
    probabilities = False
    drift = 1e-3

    def discriminator(self, real: Tensor, fake: Tensor, weights: Tensor | None) -> Tensor:
        return critic_loss(real, fake, weights) + self.drift * real.square().mean()

    def generator(self, fake: Tensor, real: Tensor | None) -> Tensor:
        return -fake.mean()

    def penalty(self, judge, judge_made, real, made, gamma, rng) -> Tensor:
        half = max(1, len(real) // 2)
        return gamma * gradient_penalty(judge, real[:half].float(), made[:half].float(), rng)


OBJECTIVES: dict[str, Callable[[], NonSaturating]] = {
    "non-saturating": NonSaturating,
    "relativistic": Relativistic,
    "wasserstein": Wasserstein,
}
