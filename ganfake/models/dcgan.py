"""DCGAN (Radford, Metz & Chintala 2015, arXiv:1511.06434) at 64 pixels.

The generator is a stack of transposed convolutions with batch normalisation,
the discriminator a stack of strided ones. The discriminator goes without
batch normalisation: R1 differentiates through it, and gradient penalties need
the score of a picture not to depend on its neighbours in the batch.
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn


@dataclass(frozen=True)
class DCGANConfig:
    """Sizes of both players; channels run from 4x4 to 32x32 pixels and back."""

    image_size: int = 64
    latent_dim: int = 128
    generator_channels: tuple[int, ...] = (256, 160, 96, 48)
    discriminator_channels: tuple[int, ...] = (32, 64, 128, 256)

    def __post_init__(self):
        object.__setattr__(self, "generator_channels", tuple(self.generator_channels))
        object.__setattr__(self, "discriminator_channels", tuple(self.discriminator_channels))
        for channels in (self.generator_channels, self.discriminator_channels):
            if 2 ** (len(channels) + 2) != self.image_size:
                raise ValueError(f"{len(channels)} stages do not reach {self.image_size} pixels")


def _init_normal(module: nn.Module) -> None:
    """The paper's initialisation: weights from N(0, 0.02)."""
    if isinstance(module, nn.Conv2d | nn.ConvTranspose2d | nn.Linear):
        nn.init.normal_(module.weight, 0.0, 0.02)
        if module.bias is not None:
            nn.init.zeros_(module.bias)
    elif isinstance(module, nn.BatchNorm2d):
        nn.init.normal_(module.weight, 1.0, 0.02)
        nn.init.zeros_(module.bias)


class Generator(nn.Module):
    """Latents (N, latent_dim) from N(0, 1) to pictures (N, 3, S, S) in [-1, 1]."""

    def __init__(self, config: DCGANConfig):
        super().__init__()
        self.config = config
        first, *_, last = channels = config.generator_channels
        layers = [nn.ConvTranspose2d(config.latent_dim, first, 4, bias=False)]
        for narrow, wide in zip(channels[1:], channels, strict=False):
            layers += [nn.BatchNorm2d(wide), nn.ReLU(inplace=True)]
            layers += [nn.ConvTranspose2d(wide, narrow, 4, stride=2, padding=1, bias=False)]
        layers += [nn.BatchNorm2d(last), nn.ReLU(inplace=True)]
        layers += [nn.ConvTranspose2d(last, 3, 4, stride=2, padding=1), nn.Tanh()]
        self.layers = nn.Sequential(*layers)
        self.apply(_init_normal)

    def forward(self, latents: Tensor) -> Tensor:
        return self.layers(latents[:, :, None, None])


class Discriminator(nn.Module):
    """Pictures (N, 3, S, S) in [-1, 1] to logits (N,); their sigmoid is P(real)."""

    def __init__(self, config: DCGANConfig):
        super().__init__()
        self.config = config
        layers: list[nn.Module] = []
        inputs = 3
        for width in config.discriminator_channels:
            layers += [nn.Conv2d(inputs, width, 4, stride=2, padding=1)]
            layers += [nn.LeakyReLU(0.2, inplace=True)]
            inputs = width
        self.layers = nn.Sequential(*layers)
        self.score = nn.Conv2d(inputs, 1, 4)
        self.apply(_init_normal)

    def forward(self, pictures: Tensor) -> Tensor:
        return torch.flatten(self.score(self.layers(pictures)))
