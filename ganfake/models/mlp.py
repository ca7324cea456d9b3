"""The first GAN (Goodfellow et al. 2014, arXiv:1406.2661): two multi-layer perceptrons.

As in the paper the generator has rectified units, the discriminator maxout units with
dropout. Pictures are grey; they leave and enter as three equal channels, like all others.
"""

from dataclasses import dataclass

from torch import Tensor, nn


@dataclass(frozen=True)
class MLPConfig:
    """Sizes of both players."""

    image_size: int = 28
    latent_dim: int = 100
    generator_widths: tuple[int, ...] = (512, 1024)
    discriminator_widths: tuple[int, ...] = (240, 240)
    pieces: int = 5  # linear pieces of a maxout unit
    dropout: float = 0.3
    fields: tuple = ()  # no labels

    def __post_init__(self):
        object.__setattr__(self, "generator_widths", tuple(self.generator_widths))
        object.__setattr__(self, "discriminator_widths", tuple(self.discriminator_widths))
        object.__setattr__(self, "fields", tuple(self.fields))


class Generator(nn.Module):
    """Latents (N, latent_dim) from N(0, 1) to pictures (N, 3, S, S) in [-1, 1]."""

    def __init__(self, config: MLPConfig):
        super().__init__()
        self.config = config
        layers: list[nn.Module] = []
        inputs = config.latent_dim
        for width in config.generator_widths:
            layers += [nn.Linear(inputs, width), nn.BatchNorm1d(width), nn.ReLU(inplace=True)]
            inputs = width
        self.layers = nn.Sequential(*layers, nn.Linear(inputs, config.image_size**2), nn.Tanh())

    def join(self, latents: Tensor, labels: Tensor | None = None) -> Tensor:
        """What the first layer sees: the latents."""
        return latents

    def render(self, codes: Tensor) -> Tensor:
        """Codes (N, latent_dim) to pictures."""
        side = self.config.image_size
        return self.layers(codes).view(-1, 1, side, side).expand(-1, 3, -1, -1)

    def forward(self, latents: Tensor, labels: Tensor | None = None) -> Tensor:
        return self.render(latents)


class Maxout(nn.Module):
    """The largest of several linear pieces (Goodfellow et al. 2013, arXiv:1302.4389)."""

    def __init__(self, inputs: int, outputs: int, pieces: int):
        super().__init__()
        self.outputs, self.pieces = outputs, pieces
        self.linear = nn.Linear(inputs, outputs * pieces)

    def forward(self, x: Tensor) -> Tensor:
        return self.linear(x).view(-1, self.outputs, self.pieces).amax(2)


class Discriminator(nn.Module):
    """Pictures (N, 3, S, S) in [-1, 1] to logits (N,); their sigmoid is P(real)."""

    def __init__(self, config: MLPConfig):
        super().__init__()
        self.config = config
        layers: list[nn.Module] = []
        inputs = config.image_size**2
        for width in config.discriminator_widths:
            layers += [Maxout(inputs, width, config.pieces), nn.Dropout(config.dropout)]
            inputs = width
        self.layers = nn.Sequential(*layers)
        self.score = nn.Linear(inputs, 1)

    def features(self, pictures: Tensor) -> Tensor:
        """Pictures (N, 3, S, S) to features (N, W)."""
        return self.layers(pictures.mean(1).flatten(1))

    def judge(self, features: Tensor, labels: Tensor | None = None) -> Tensor:
        """Features (N, W) to logits (N,)."""
        return self.score(features).flatten()

    def forward(self, pictures: Tensor, labels: Tensor | None = None) -> Tensor:
        return self.judge(self.features(pictures))
