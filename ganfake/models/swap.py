"""The face swap's networks: one encoder for everybody, one decoder for each person.

The pair of autoencoders with a shared encoder that made the first deepfakes (2017; compare
Korshunova et al. 2017, arXiv:1611.09577). The encoder ends in a fixed linear filter, set once
after its training by `fit_filter`: it weakens the directions of the code in which persons
differ and keeps those in which one person differs from picture to picture, that is pose,
expression and light.
"""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

_LEFT, _TOP, _WINDOW = 0.125, 0.1875, 0.75  # of the crop's side: where the encoder looks
_VIEW = 64  # pixels on a side of what it sees
_CELLS = 16  # of the coarsest grid, in both networks


@dataclass(frozen=True)
class SwapConfig:
    """Sizes of both networks; image_size is the decoder's."""

    image_size: int = 128
    code_dim: int = 256
    encoder_channels: tuple[int, ...] = (48, 96, 192, 256)  # from 32x32 pixels to 4x4
    decoder_channels: tuple[int, ...] = (192, 128, 96, 64, 32)  # from 4x4 pixels to 64x64

    def __post_init__(self):
        object.__setattr__(self, "encoder_channels", tuple(self.encoder_channels))
        object.__setattr__(self, "decoder_channels", tuple(self.decoder_channels))
        if 2 ** (len(self.decoder_channels) + 2) != self.image_size:
            raise ValueError(f"These channels do not reach {self.image_size} pixels.")
        if 2 ** (len(self.encoder_channels) + 2) != _VIEW or self.code_dim % _CELLS:
            raise ValueError("These channels do not reach a grid of four by four.")


def _init(module: nn.Module) -> None:
    if isinstance(module, nn.Conv2d | nn.Linear):
        nn.init.kaiming_normal_(module.weight, a=0.2)
        nn.init.zeros_(module.bias)


def _stay_in_cells(weight: Tensor) -> None:
    """Cut a linear layer's initial weights (out, in) between different cells of the grid.

    A mouth's code begins as a matter of the mouth's cell alone, and training makes it dense:
    so the pair learns to see expressions many times sooner.
    """
    own = torch.arange(weight.shape[0]) % _CELLS
    other = torch.arange(weight.shape[1]) % _CELLS
    with torch.no_grad():
        weight.mul_((own[:, None] == other[None, :]) * _CELLS**0.5)


class Encoder(nn.Module):
    """Aligned faces (N, 3, S, S) in [-1, 1], S = 128 pixels, to codes (N, C).

    It looks at the face and a little around it, three quarters of the side, at 64 pixels.

    `raw` is what is trained; `forward` filters it: pose, expression and light by units of
    their spread within a person, with what tells persons apart weakened.
    """

    def __init__(self, config: SwapConfig):
        super().__init__()
        self.config = config
        layers, inputs = [], 3
        for width in config.encoder_channels:
            layers += [nn.Conv2d(inputs, width, 4, stride=2, padding=1)]
            layers += [nn.LeakyReLU(0.2, inplace=True)]
            inputs = width
        self.layers = nn.Sequential(*layers)
        self.code = nn.Linear(16 * inputs, config.code_dim)
        self.apply(_init)
        _stay_in_cells(self.code.weight)
        self.register_buffer("filter", torch.eye(config.code_dim))
        self.register_buffer("mean", torch.zeros(config.code_dim))

    def raw(self, faces: Tensor) -> Tensor:
        """Faces (N, 3, S, S) to unfiltered codes (N, C)."""
        side = faces.shape[-1]
        left, top, window = round(side * _LEFT), round(side * _TOP), round(side * _WINDOW)
        inner = faces[:, :, top : top + window, left : left + window]
        view = F.interpolate(inner, size=(_VIEW, _VIEW), mode="area")
        view = view.contiguous(memory_format=torch.channels_last)
        return self.code(self.layers(view).flatten(1))

    def forward(self, faces: Tensor) -> Tensor:
        return (self.raw(faces) - self.mean) @ self.filter.T

    @torch.no_grad()
    def fit_filter(self, codes: Tensor, persons: Tensor, points: Tensor) -> Tensor:
        """Set the filter by raw codes (N, C) of pictures of persons (N,) int64.

        With the covariance W within persons and B between them, W (W + B)^-1 is the Wiener
        filter that best tells a picture's deviation from its person's mean; the result is
        scaled so that codes have about unit spread within a person. points: landmarks (N, P)
        of the pictures. What tells their places is no part of B, so that a swap keeps the
        source's geometry. Returns a factor (C, C) of the covariance of all filtered codes.
        """
        self.mean.copy_(codes.mean(0))
        codes = (codes - self.mean).double()
        within, between = covariances(codes, persons)
        ridge = 1e-3 * within.diagonal().mean() * torch.eye(len(within))
        between = without(between, _readout(codes, points.double()), ridge)
        wiener = torch.linalg.solve((within + between + ridge).T, within.T).T
        wiener /= (wiener @ within @ wiener.T).diagonal().mean().sqrt()
        self.filter.copy_(wiener)
        return factor(torch.cov((codes @ wiener.T).T))


def _readout(codes: Tensor, points: Tensor) -> Tensor:
    """Rows (P, C) that best tell centred landmarks (N, P) from centred codes (N, C)."""
    ridge = 1e-2 * len(codes) * codes.var(0).mean() * torch.eye(codes.shape[1])
    return torch.linalg.solve(codes.T @ codes + ridge, codes.T @ (points - points.mean(0))).T


def without(covariance: Tensor, readout: Tensor, ridge: Tensor) -> Tensor:
    """The covariance (C, C) that is left where what rows (P, C) read is known to be zero."""
    # Landmarks on the template depend on each other, so only directions that vary count.
    _, strengths, rows = torch.linalg.svd(readout, full_matrices=False)
    rows = rows[strengths > 1e-2 * strengths[0]]
    read = covariance @ rows.T
    return covariance - read @ torch.linalg.solve(rows @ (covariance + ridge) @ rows.T, read.T)


def factor(covariance: Tensor) -> Tensor:
    """What turns standard normal numbers into ones of a covariance (C, C): (C, C) float32."""
    values, vectors = torch.linalg.eigh(covariance)
    return (vectors * values.clamp(min=0).sqrt()).float()


def covariances(codes: Tensor, persons: Tensor) -> tuple[Tensor, Tensor]:
    """Covariances (C, C) of codes (N, C) within persons and between their true means.

    Persons of one picture tell nothing about the first and are left out of both; the
    scatter of the means is freed of what the few pictures of a person leave in it.
    """
    _, index, counts = persons.unique(return_inverse=True, return_counts=True)
    keep = counts[index] > 1
    codes, index = codes[keep], index[keep].unique(return_inverse=True)[1]
    counts = index.bincount().to(codes.dtype)
    means = torch.zeros(len(counts), codes.shape[1], dtype=codes.dtype)
    means = means.index_add(0, index, codes) / counts[:, None]
    rest = codes - means[index]
    within = rest.T @ rest / (len(codes) - len(counts))
    between = torch.cov(means.T) - within * (1 / counts).mean()
    values, vectors = torch.linalg.eigh(between)
    return within, (vectors * values.clamp(min=0)) @ vectors.T


class Decoder(nn.Module):
    """Codes (N, C) to faces (N, 3, S, S) in [-1, 1] of the one person it was trained for.

    Resolution doubles by sub-pixel convolution (Shi et al. 2016, arXiv:1609.05158): at the
    lower one, where a processor is better used than with few channels at the higher one.
    """

    def __init__(self, config: SwapConfig):
        super().__init__()
        self.config = config
        first, *_ = channels = config.decoder_channels
        self.start = nn.Linear(config.code_dim, first * 16)
        layers: list[nn.Module] = []
        for wide, narrow in zip(channels, [*channels[1:], 3], strict=True):
            layers += [nn.LeakyReLU(0.2, inplace=True)]
            layers += [nn.Conv2d(wide, 4 * narrow, 3, padding=1), nn.PixelShuffle(2)]
        self.layers = nn.Sequential(*layers)
        self.apply(_init)
        _stay_in_cells(self.start.weight)
        with torch.no_grad():  # the four pixels of one start alike, so no checkerboard does
            for layer in self.layers:
                if isinstance(layer, nn.Conv2d):
                    layer.weight.copy_(layer.weight[::4].repeat_interleave(4, 0))
            self.layers[-2].weight.mul_(0.3)

    def forward(self, codes: Tensor) -> Tensor:
        grid = self.start(codes).unflatten(1, (-1, 4, 4))
        return torch.tanh(self.layers(grid.contiguous(memory_format=torch.channels_last)))
