"""The live GAN lab: a GAN small enough to train on handwritten digits while one looks on.

The digits are the 1,797 of scikit-learn (8x8 pixels, Alpaydin & Kaynak 1998, UCI), enlarged
to 16x16. The players and losses are those of `ganfake.models` and `ganfake.train`; sizes and
rates are chosen so that one processor core shows the first digits within seconds.
"""

import math
import threading
import time
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from torch import Tensor

from ganfake import UserError
from ganfake.models import dcgan, mlp
from ganfake.train.losses import discriminator_loss, generator_loss

SIDE = 16  # pixels of a picture
GRID = 8  # samples in a row and in a column
_LATENT = 32
_BATCH = 64
_MEASURED = 256  # samples by which variety is measured; the grid shows the first 64
_MAX_POINTS = 2000  # of the history; beyond, every second one is dropped
_NEAR = 1.15  # a sample is a digit when it is this near to one, see `recognise`
_APPEARS = 0.01  # the share of samples from which a digit counts as made
_WATCHED = ("loss_d", "loss_g", "d_real", "d_fake")
_BUILDING = threading.Lock()  # torch's own random numbers start the weights

NETWORKS = {
    "mlp": (
        mlp,
        mlp.MLPConfig(
            image_size=SIDE,
            latent_dim=_LATENT,
            generator_widths=(128, 256),
            discriminator_widths=(128, 64),
            pieces=2,
            dropout=0.0,
        ),
    ),
    "dcgan": (
        dcgan,
        dcgan.DCGANConfig(
            image_size=SIDE,
            latent_dim=_LATENT,
            generator_channels=(64, 32),
            discriminator_channels=(32, 64),
        ),
    ),
}


@dataclass(frozen=True)
class Knobs:
    """What a visitor may turn; a round is some steps of each player."""

    rate_d: float = 0.001
    rate_g: float = 0.001
    steps_d: int = 1
    steps_g: int = 1

    def __post_init__(self):
        if not all(1e-6 <= rate <= 1 for rate in (self.rate_d, self.rate_g)):
            raise UserError("A learning rate lies between 0.000001 and 1; choose one there.")
        if not all(
            isinstance(steps, int) and 1 <= steps <= 20 for steps in (self.steps_d, self.steps_g)
        ):
            raise UserError("A player takes 1 to 20 steps a round; choose such a number.")


PRESETS = {
    "Healthy": Knobs(),
    "Learning rate too high": Knobs(rate_d=0.05, rate_g=0.05),
    "Discriminator too strong": Knobs(rate_d=0.005, rate_g=0.0001, steps_d=5),
    "Mode collapse": Knobs(rate_d=0.0005, rate_g=0.005, steps_g=10),
}


@lru_cache(maxsize=1)
def digits() -> tuple[Tensor, Tensor]:
    """Real digits as pictures (1797, 3, 16, 16) in [-1, 1], and their values (1797,) int64."""
    from sklearn.datasets import load_digits

    found = load_digits()
    small = torch.tensor(found.images, dtype=torch.float32)[:, None] / 8 - 1
    large = F.interpolate(small, size=(SIDE, SIDE), mode="bicubic", align_corners=False)
    return large.clamp(-1, 1).expand(-1, 3, -1, -1), torch.tensor(found.target)


def _thumbnails(pictures: Tensor) -> Tensor:
    """Pictures (N, 3, 16, 16) to points (N, 64): what differs there is more than noise."""
    return F.avg_pool2d(pictures.mean(1, keepdim=True), 2).flatten(1)


def _spread(pictures: Tensor) -> float:
    return torch.pdist(_thumbnails(pictures)).mean().item()


@lru_cache(maxsize=1)
def _reference() -> tuple[Tensor, Tensor, float, float]:
    """The digits as points, their values, how near is near, and how far apart they lie."""
    pictures, values = digits()
    points = _thumbnails(pictures)
    nearest = torch.cdist(points, points).fill_diagonal_(float("inf")).amin(1)
    return points, values, nearest.quantile(0.99).item() * _NEAR, _spread(pictures[:1000])


def recognise(pictures: Tensor) -> Tensor:
    """Values (N,) of pictures (N, 3, 16, 16) by their nearest real digit; -1 when none is near.

    Near is what 99 in 100 real digits are to their own nearest neighbour, and a little more.
    """
    points, values, near, _ = _reference()
    distance, index = torch.cdist(_thumbnails(pictures), points).min(1)
    return torch.where(distance <= near, values[index], -1)


@dataclass(frozen=True)
class Measure:
    """How varied the samples are: variety is 1 when they differ as real digits do."""

    variety: float  # mean distance of two samples, over that of two real digits
    kinds: int  # how many of the ten digits appear
    readable: float  # the share of samples that are near to a real digit


def measure(pictures: Tensor) -> Measure:
    """What can be said of pictures (N, 3, 16, 16); N at least 2."""
    pictures = pictures.nan_to_num(0.0)
    found = recognise(pictures)
    counts = torch.bincount(found[found >= 0], minlength=10)
    return Measure(
        _spread(pictures) / _reference()[3],
        int((counts > _APPEARS * len(found)).sum()),
        (found >= 0).float().mean().item(),
    )


class LabGAN:
    """Both players, their optimisers, and what happened so far."""

    def __init__(self, network: str = "mlp", knobs: Knobs | None = None, seed: int = 0):
        if network not in NETWORKS:
            raise UserError(f"There is no such network; choose one of: {', '.join(NETWORKS)}.")
        module, config = NETWORKS[network]
        self.network, self.seed = network, seed
        with _BUILDING, torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            self.generator = module.Generator(config)
            self.discriminator = module.Discriminator(config)
        self._optimise_d = torch.optim.Adam(self.discriminator.parameters(), betas=(0.5, 0.99))
        self._optimise_g = torch.optim.Adam(self.generator.parameters(), betas=(0.5, 0.99))
        self.turn(knobs or Knobs())
        self._rng = torch.Generator().manual_seed(seed)
        self._fixed = self._latents(_MEASURED)
        self._every = 1  # rounds from one point of the history to the next
        self.rounds = self.moves_d = self.moves_g = 0
        self.history: dict[str, list[float]] = {name: [] for name in ("moves", *_WATCHED)}
        self.now = dict.fromkeys(_WATCHED, float("nan"))

    def turn(self, knobs: Knobs) -> None:
        """Set the knobs; the next step already uses them."""
        self.knobs = knobs
        for optimiser, rate in (
            (self._optimise_d, knobs.rate_d),
            (self._optimise_g, knobs.rate_g),
        ):
            optimiser.param_groups[0]["lr"] = rate

    def _latents(self, count: int) -> Tensor:
        return torch.randn(count, _LATENT, generator=self._rng)

    def step_discriminator(self) -> None:
        """Show it 64 real digits and 64 made ones, and let it learn to tell them apart."""
        pictures, _ = digits()
        real = pictures[torch.randint(len(pictures), (_BATCH,), generator=self._rng)]
        with torch.no_grad():
            fake = self.generator(self._latents(_BATCH))
        # One pass for both; no layer of a discriminator mixes the pictures of a batch.
        real_scores, fake_scores = self.discriminator(torch.cat([real, fake])).chunk(2)
        loss = discriminator_loss(real_scores, fake_scores)
        self._optimise_d.zero_grad(set_to_none=True)
        loss.backward()
        self._optimise_d.step()
        self.moves_d += 1
        self.now["loss_d"] = loss.item()
        self.now["d_real"] = real_scores.detach().sigmoid().mean().item()
        self.now["d_fake"] = fake_scores.detach().sigmoid().mean().item()

    def step_generator(self) -> None:
        """Make 64 digits, and change so that the discriminator believes them more."""
        self.discriminator.requires_grad_(False)  # its gradients are not needed here
        scores = self.discriminator(self.generator(self._latents(_BATCH)))
        loss = generator_loss(scores)
        self._optimise_g.zero_grad(set_to_none=True)
        loss.backward()
        self.discriminator.requires_grad_(True)
        self._optimise_g.step()
        self.moves_g += 1
        self.now["loss_g"] = loss.item()
        self.now["d_fake"] = scores.detach().sigmoid().mean().item()

    def round(self) -> None:
        """The steps of both players, as many as the knobs say."""
        for _ in range(self.knobs.steps_d):
            self.step_discriminator()
        for _ in range(self.knobs.steps_g):
            self.step_generator()
        self.rounds += 1
        if self.rounds % self._every == 0:
            self.record()

    def record(self) -> None:
        """Note where both players stand; `moves` counts the steps of both."""
        for name, value in {"moves": self.moves_d + self.moves_g, **self.now}.items():
            self.history[name].append(value)
        if len(self.history["moves"]) > _MAX_POINTS:
            self._every *= 2
            self.history = {name: values[::2] for name, values in self.history.items()}

    def train(self, seconds: float) -> int:
        """Play rounds for some seconds, one at least; returns how many."""
        end, before = time.monotonic() + seconds, self.rounds
        while self.rounds == before or time.monotonic() < end:
            self.round()
        return self.rounds - before

    @property
    def broken(self) -> bool:
        """Whether the numbers have run off the scale: no step repairs that."""
        played = (
            self.now["loss_d"] if self.moves_d else 0.0,
            self.now["loss_g"] if self.moves_g else 0.0,
        )
        return not all(map(math.isfinite, played))

    def recent(self, name: str) -> float:
        """The mean of what was watched over the last points: one batch says little."""
        values = self.history[name][-20:] or [self.now[name]]
        known = [value for value in values if value == value]
        return sum(known) / len(known) if known else float("nan")

    @torch.no_grad()
    def samples(self) -> Tensor:
        """What the same 256 latents become now, (256, 3, 16, 16) in [-1, 1]."""
        return self.generator(self._fixed)

    def measure(self) -> Measure:
        """How varied the samples are now."""
        return measure(self.samples())


def picture(samples: Tensor, scale: int = 3) -> Image.Image:
    """The first 64 of samples (N, 3, 16, 16) as a grid of 8 by 8, light on dark, enlarged."""
    grey = samples[: GRID * GRID].mean(1).nan_to_num(0.0).clamp(-1, 1)
    grid = F.pad((grey + 1) * 127.5, (1, 1, 1, 1), value=60.0).view(GRID, GRID, SIDE + 2, SIDE + 2)
    pixels = grid.permute(0, 2, 1, 3).reshape(GRID * (SIDE + 2), GRID * (SIDE + 2))
    shown = Image.fromarray(pixels.round().to(torch.uint8).numpy().astype(np.uint8)).convert("RGB")
    return shown.resize((shown.width * scale, shown.height * scale), Image.Resampling.NEAREST)
