"""The network behind `ganfake.train.attributes`: what it is, how it answers, how it is judged."""

import hashlib
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ganfake.folders import cache_dir
from ganfake.models.labels import NO_YES, Fields
from ganfake.train.data import to_tensor


@dataclass(frozen=True)
class Recipe:
    """What is learned from what, and for how long."""

    data: str  # a name of train.datasets
    size: int
    fields: Fields
    epochs: int
    widths: tuple[int, ...] = (32, 64, 128, 256)
    batch: int = 64
    learning_rate: float = 2e-3
    weight_decay: float = 0.05
    rare: float = 0.5  # values weigh as 1 / frequency to this power while it learns
    seed: int = 0

    def file(self) -> Path:
        """Where its weights lie; other options are another file."""
        key = hashlib.sha256(repr(asdict(self)).encode()).hexdigest()[:12]
        return cache_dir() / "attributes" / f"{self.data}-{key}.safetensors"


class Block(nn.Module):
    """Two 3x3 convolutions beside a shortcut."""

    def __init__(self, inputs: int, outputs: int, stride: int):
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False),
            nn.BatchNorm2d(outputs),
            nn.ReLU(inplace=True),
            nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False),
            nn.BatchNorm2d(outputs),
        )
        self.shortcut = nn.Identity()
        if stride > 1 or inputs != outputs:
            self.shortcut = nn.Conv2d(inputs, outputs, 1, stride, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        return F.relu(self.body(x) + self.shortcut(x))


class Network(nn.Module):
    """Pictures (N, 3, S, S) in [-1, 1] to a row of logits (N, values) for each field."""

    def __init__(self, recipe: Recipe):
        super().__init__()
        first = recipe.widths[0]
        stem = nn.Conv2d(3, first, 3, recipe.size // 32, 1, bias=False)
        layers: list[nn.Module] = [stem, nn.BatchNorm2d(first), nn.ReLU(inplace=True)]
        inputs = first
        for number, width in enumerate(recipe.widths):
            layers.append(Block(inputs, width, 2 if number else 1))
            inputs = width
        self.layers = nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Dropout(0.3))
        self.sizes = [len(values) for _, values in recipe.fields]
        self.score = nn.Linear(inputs, sum(self.sizes))

    def forward(self, pictures: Tensor) -> list[Tensor]:
        return list(self.score(self.layers(pictures)).split(self.sizes, dim=1))


def class_weights(labels: np.ndarray, fields: Fields, power: float = 1.0) -> list[Tensor]:
    """Per field (values,): 1 / frequency to a power, of mean 1 over the rows (N, F).

    With 1 every value counts the same; the few rows of a rare one are then soon learned by
    heart.
    """
    weights = []
    for column, (_, values) in enumerate(fields):
        counts = np.bincount(labels[:, column], minlength=len(values) + 1)[1:]
        share = np.maximum(counts / max(counts.sum(), 1), 1e-3)
        raised = share**-power
        weights.append(torch.tensor(raised / (raised * share).sum()).float())
    return weights


def fit_logits(logits: Tensor, labels: Tensor, weights: Tensor) -> tuple[Tensor, Tensor]:
    """A scale () and a shift (V,) with which logits (N, V) fit labels (N,) that count from 0."""
    scale, shift = torch.zeros(()), torch.zeros(logits.shape[1])  # of the scale the logarithm
    both = [scale.requires_grad_(), shift.requires_grad_()]
    solver = torch.optim.LBFGS(both, max_iter=100, line_search_fn="strong_wolfe")

    def loss() -> Tensor:
        solver.zero_grad()
        value = F.cross_entropy(logits * scale.exp() + shift, labels, weights)
        value = value + 1e-3 * (scale.square() + shift.square().sum())  # for a perfect fit
        value.backward()
        return value

    solver.step(loss)
    return scale.detach().exp(), shift.detach()


@torch.no_grad()
def calibrate(network: Network, recipe: Recipe, pictures: np.ndarray, labels: np.ndarray) -> None:
    """Fit the logits to rows that were not learned from, all values counting the same."""
    seen = Classifier(recipe, network.eval(), {}).logits(to_tensor(torch.from_numpy(pictures)))
    rows = zip(seen, class_weights(labels, recipe.fields), strict=True)
    start = 0
    for column, (logits, weights) in enumerate(rows):
        with torch.enable_grad():
            right = torch.from_numpy(labels[:, column] - 1)
            scale, shift = fit_logits(logits.clone(), right, weights)
        part = slice(start, start + logits.shape[1])
        # Into the last layer, so that nothing else has to know.
        network.score.weight[part] *= scale.to(network.score.weight.device)
        network.score.bias[part] *= scale.to(network.score.bias.device)
        network.score.bias[part] += shift.to(network.score.bias.device)
        start = part.stop


@dataclass(frozen=True)
class Classifier:
    """A trained network with what it learned and how well it does on held-out pictures."""

    recipe: Recipe
    network: nn.Module
    held_out: dict[str, float]  # balanced accuracy by field

    @torch.inference_mode()
    def __call__(self, pictures: Tensor) -> dict[str, Tensor]:
        """Pictures (N, 3, S, S) in [-1, 1] of any size to probabilities by field.

        (N,) of yes for a yes-or-no field, else (N, values). All values count as equally
        frequent beforehand.
        """
        found = {}
        pairs = zip(self.recipe.fields, self.logits(pictures), strict=True)
        for (name, values), logits in pairs:
            chances = logits.softmax(1)
            found[name] = chances[:, 1] if values == NO_YES else chances
        return found

    def answers(self, pictures: Tensor) -> dict[str, np.ndarray]:
        """The likeliest value of each field as a label (N,): 1 is the first value."""
        chances = self(pictures)
        return {
            name: 1 + ((p > 0.5).long() if p.ndim == 1 else p.argmax(1)).numpy()
            for name, p in chances.items()
        }

    @torch.inference_mode()
    def logits(self, pictures: Tensor) -> list[Tensor]:
        """Logits (N, values) by field: the mean of a picture's and its mirror image's."""
        device, parts = next(self.network.parameters()).device, []
        side = self.recipe.size
        for part in pictures.split(200):
            if part.shape[-1] != side:
                part = F.interpolate(part, (side, side), mode="bilinear", antialias=True)
            part = part.to(device).contiguous(memory_format=torch.channels_last)
            pairs = zip(self.network(part), self.network(part.flip(3)), strict=True)
            parts.append([((a + b) / 2).float().cpu() for a, b in pairs])
        return [torch.cat(rows) for rows in zip(*parts, strict=True)]


def balanced_accuracy(given: np.ndarray, right: np.ndarray) -> float:
    """The mean over the right values of the share that is found; labels (N,) both."""
    return float(np.mean([(given[right == value] == value).mean() for value in np.unique(right)]))
