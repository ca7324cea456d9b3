"""Portraits at 128 pixels, grown from a DCGAN that was trained at 64.

Both players keep the small network whole and add a branch of finer detail, whose last
layer starts at zero: at the first step a portrait is the small face enlarged, and from
there it can only learn. Growing is from Karras et al. 2018 (arXiv:1710.10196), pictures as
a sum over resolutions from Karras et al. 2020 (arXiv:1912.04958).
"""

from dataclasses import dataclass

import torch.nn.functional as F
from torch import Tensor, nn

from ganfake.models import dcgan
from ganfake.models.labels import Fields, as_fields


@dataclass(frozen=True)
class PortraitConfig:
    """The channels of the small network, as in DCGANConfig, and those of the detail."""

    image_size: int = 128
    latent_dim: int = 128
    generator_channels: tuple[int, ...] = (256, 128, 64, 32)
    discriminator_channels: tuple[int, ...] = (32, 64, 128, 256)
    generator_detail: int = 32
    discriminator_detail: int = 16
    fields: Fields = ()
    label_dim: int = 64

    def __post_init__(self):
        for name in ("generator_channels", "discriminator_channels"):
            object.__setattr__(self, name, tuple(getattr(self, name)))
        object.__setattr__(self, "fields", as_fields(self.fields))
        for channels in (self.generator_channels, self.discriminator_channels):
            if 2 ** (len(channels) + 3) != self.image_size:
                raise ValueError(f"{len(channels)} stages do not reach {self.image_size} pixels")


def _silent(layer: nn.Module) -> nn.Module:
    """A layer that gives zeros until it has learned something."""
    nn.init.zeros_(layer.weight)
    nn.init.zeros_(layer.bias)
    return layer


class Generator(dcgan.Generator):
    """Latents (N, latent_dim) from N(0, 1) to pictures (N, 3, S, S) in [-1, 1]."""

    def __init__(self, config: PortraitConfig):
        super().__init__(config)
        inputs, width = config.generator_channels[-1], config.generator_detail
        self.detail = nn.Sequential(
            nn.ConvTranspose2d(inputs, width, 4, stride=2, padding=1, bias=False),
            nn.BatchNorm2d(width),
            nn.ReLU(inplace=True),
            nn.ConvTranspose2d(width, 3, 4, stride=2, padding=1),
        )
        self.detail.apply(dcgan.init_normal)
        _silent(self.detail[-1])

    def render(self, codes: Tensor) -> Tensor:
        """Codes (N, C) of `join`, or points between them, to pictures."""
        *trunk, to_rgb, squash = self.layers
        hidden = codes[:, :, None, None]
        for layer in trunk:
            hidden = layer(hidden)
        small = F.interpolate(to_rgb(hidden).float(), scale_factor=2, mode="bilinear")
        return squash(small + self.detail(hidden).float())


class Discriminator(dcgan.Discriminator):
    """Pictures (N, 3, S, S) in [-1, 1], and labels (N, F), to logits (N,)."""

    def __init__(self, config: PortraitConfig):
        super().__init__(config)
        width = config.discriminator_detail
        self.detail = nn.Sequential(
            nn.Conv2d(3, width, 4, stride=2, padding=1),
            nn.LeakyReLU(0.2, inplace=True),
            nn.Conv2d(width, config.discriminator_channels[0], 4, stride=2, padding=1),
        )
        self.detail.apply(dcgan.init_normal)
        _silent(self.detail[-1])

    def features(self, pictures: Tensor) -> Tensor:
        """Pictures (N, 3, S, S) to features (N, C, 4, 4)."""
        hidden = self.layers[0](F.avg_pool2d(pictures, 2)) + self.detail(pictures)
        return self.layers[1:](hidden)


def grow(player: nn.Module, small: dict[str, Tensor]) -> None:
    """Put a trained DCGAN's weights into the part of a player that it consists of."""
    missing, unexpected = player.load_state_dict(small, strict=False)
    if unexpected or any(not name.startswith("detail.") for name in missing):
        raise ValueError("these are not the weights of the small network")
