"""DCGAN (Radford, Metz & Chintala 2015, arXiv:1511.06434), with labels where there are any.

The generator is a stack of transposed convolutions with batch normalisation,
the discriminator a stack of strided ones. The discriminator goes without
batch normalisation: R1 and WGAN-GP differentiate through it, and gradient penalties
need the score of a picture not to depend on its neighbours in the batch.

With labels the generator gets an embedding beside the latent (Mirza & Osindero 2014,
arXiv:1411.1784), and the discriminator adds the inner product of an embedding with its
features (projection; Miyato & Koyama 2018, arXiv:1802.05637) and guesses the labels
(Odena et al. 2016, arXiv:1610.09585).
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from ganfake.models.labels import Fields, LabelEmbedding, LabelHead, as_fields
from ganfake.models.layers import FromLatent, FromPicture, ToPicture, ToVector


@dataclass(frozen=True)
class DCGANConfig:
    """Sizes of both players; channels run from 4x4 pixels to half the picture and back."""

    image_size: int = 64
    latent_dim: int = 128
    generator_channels: tuple[int, ...] = (256, 128, 64, 32)
    discriminator_channels: tuple[int, ...] = (32, 64, 128, 256)
    fields: Fields = ()  # of the labels; none for an unconditional model
    label_dim: int = 64

    def __post_init__(self):
        object.__setattr__(self, "generator_channels", tuple(self.generator_channels))
        object.__setattr__(self, "discriminator_channels", tuple(self.discriminator_channels))
        object.__setattr__(self, "fields", as_fields(self.fields))
        for channels in (self.generator_channels, self.discriminator_channels):
            if 2 ** (len(channels) + 2) != self.image_size:
                raise ValueError(f"{len(channels)} stages do not reach {self.image_size} pixels")


def init_normal(module: nn.Module) -> None:
    """The paper's initialisation: weights from N(0, 0.02)."""
    if isinstance(module, nn.Conv2d | nn.ConvTranspose2d | nn.Linear):
        nn.init.normal_(module.weight, 0.0, 0.02)
        if module.bias is not None:
            nn.init.zeros_(module.bias)
    elif isinstance(module, nn.BatchNorm2d):
        nn.init.normal_(module.weight, 1.0, 0.02)
        nn.init.zeros_(module.bias)
    elif isinstance(module, nn.Embedding):
        # Small beside the latent: labels that drown it leave one face per label.
        nn.init.normal_(module.weight, 0.0, 0.1)


class Generator(nn.Module):
    """Latents (N, latent_dim) from N(0, 1) to pictures (N, 3, S, S) in [-1, 1].

    A conditional one also takes labels (N, F) int64, see `ganfake.models.labels`.
    """

    def __init__(self, config: DCGANConfig):
        super().__init__()
        self.config = config
        inputs = config.latent_dim
        if config.fields:
            self.embed = LabelEmbedding(config.fields, config.label_dim)
            inputs += config.label_dim
        first, *_, last = channels = config.generator_channels
        layers = [FromLatent(inputs, first)]
        for narrow, wide in zip(channels[1:], channels, strict=False):
            layers += [nn.BatchNorm2d(wide), nn.ReLU(inplace=True)]
            layers += [nn.ConvTranspose2d(wide, narrow, 4, stride=2, padding=1, bias=False)]
        layers += [nn.BatchNorm2d(last), nn.ReLU(inplace=True)]
        layers += [ToPicture(last), nn.Tanh()]
        self.layers = nn.Sequential(*layers)
        self.apply(init_normal)

    def join(self, latents: Tensor, labels: Tensor | None = None) -> Tensor:
        """What the first layer sees, (N, C): latents, then the labels' embedding if any."""
        return torch.cat([latents, self.embed(labels)], 1) if self.config.fields else latents

    def render(self, codes: Tensor) -> Tensor:
        """Codes (N, C) of `join`, or points between them, to pictures."""
        return self.layers(codes[:, :, None, None])

    def forward(self, latents: Tensor, labels: Tensor | None = None) -> Tensor:
        return self.render(self.join(latents, labels))


class Discriminator(nn.Module):
    """Pictures (N, 3, S, S) in [-1, 1], and labels (N, F), to logits (N,).

    Their sigmoid is P(real). `features`, `judge` and `guess` are the steps of it: one pass
    through the convolutions serves the score and the guess of the labels.
    """

    def __init__(self, config: DCGANConfig):
        super().__init__()
        self.config = config
        inputs, *widths = config.discriminator_channels
        layers = [FromPicture(inputs), nn.LeakyReLU(0.2, inplace=True)]
        for width in widths:
            layers += [nn.Conv2d(inputs, width, 4, stride=2, padding=1)]
            layers += [nn.LeakyReLU(0.2, inplace=True)]
            inputs = width
        self.layers = nn.Sequential(*layers)
        self.score = ToVector(inputs, 1)
        if config.fields:
            self.project = ToVector(inputs, config.label_dim)
            self.embed = LabelEmbedding(config.fields, config.label_dim)
            self.head = LabelHead(config.fields, inputs)
        self.apply(init_normal)

    def features(self, pictures: Tensor) -> Tensor:
        """Pictures (N, 3, S, S) to features (N, C, 4, 4)."""
        return self.layers(pictures)

    def judge(self, features: Tensor, labels: Tensor | None = None) -> Tensor:
        """Features (N, C, 4, 4) and labels (N, F) to logits (N,)."""
        score = torch.flatten(self.score(features))
        if self.config.fields:
            projected = torch.flatten(self.project(features), 1)
            score = score + (projected * self.embed(labels)).sum(1)
        return score

    def guess(self, features: Tensor) -> list[Tensor]:
        """Features (N, C, 4, 4) to logits (N, values) for each field."""
        return self.head(features)

    def forward(self, pictures: Tensor, labels: Tensor | None = None) -> Tensor:
        return self.judge(self.features(pictures), labels)
