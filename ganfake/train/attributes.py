"""A small classifier of what a picture shows, to check with what generators were asked for.

A residual network (He et al. 2015, arXiv:1512.03385) trained from scratch on the training
rows that have labels. It is not shipped: it lies in the cache and is trained where it is
missing. All classes weigh the same in its loss, so that an answer is simply the likeliest
class, and no threshold has to be chosen.
"""

import hashlib
import math
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import cv2
import numpy as np
import torch
import torch.nn.functional as F
from filelock import FileLock
from torch import Tensor, nn
from tqdm import tqdm

from ganfake import UserError
from ganfake.devices import autocast, pick_device
from ganfake.folders import cache_dir, shared_dir
from ganfake.models.labels import FACE_FIELDS, NO_YES, VEHICLE_FIELDS, Fields
from ganfake.train import datasets
from ganfake.train.checkpoint import load_checkpoint, save_checkpoint
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
    seed: int = 0

    def file(self) -> Path:
        """Where its weights lie; other options are another file."""
        key = hashlib.sha256(repr(asdict(self)).encode()).hexdigest()[:12]
        return cache_dir() / "attributes" / f"{self.data}-{key}.safetensors"


RECIPES = {
    "faces": Recipe("faces", 64, FACE_FIELDS, epochs=24),
    "vehicles": Recipe("vehicles", 32, VEHICLE_FIELDS, epochs=24),
}


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


def vary(picture: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A picture (S, S, 3) uint8 as it might have been: moved, mirrored, lit, blurred, JPEG.

    Blur and JPEG are there because made faces are softer than photographs, and softness
    must say nothing about a smile.
    """
    side = picture.shape[0]
    turn = cv2.getRotationMatrix2D((side / 2, side / 2), rng.uniform(-8, 8), rng.uniform(0.9, 1.1))
    turn[:, 2] += rng.uniform(-0.05, 0.05, 2) * side
    picture = cv2.warpAffine(picture, turn, (side, side), borderMode=cv2.BORDER_REFLECT_101)
    if rng.random() < 0.5:
        picture = picture[:, ::-1]
    light = rng.uniform(0.75, 1.25) * rng.uniform(0.93, 1.07, 3)
    middle = picture.mean()
    moved = (picture - middle) * light + middle + rng.uniform(-20, 20)
    picture = np.clip(moved, 0, 255).astype(np.uint8)
    if rng.random() < 0.5:
        picture = cv2.GaussianBlur(picture, (0, 0), rng.uniform(0.2, 1.2) * side / 64)
    if rng.random() < 0.5:
        quality = [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(35, 96))]
        picture = cv2.imdecode(cv2.imencode(".jpg", picture, quality)[1], cv2.IMREAD_COLOR)
    return picture


def class_weights(labels: np.ndarray, fields: Fields) -> list[Tensor]:
    """Per field (values,): with them every value counts the same in a mean over the rows."""
    weights = []
    for column, (_, values) in enumerate(fields):
        counts = np.bincount(labels[:, column], minlength=len(values) + 1)[1:]
        share = counts / max(counts.sum(), 1)
        weights.append(torch.tensor(1 / np.maximum(share * len(values), 1e-3)).float())
    return weights


def _loss(rows: list[Tensor], labels: Tensor, weights: list[Tensor]) -> Tensor:
    return sum(
        (F.cross_entropy(row.float(), labels[:, i] - 1, reduction="none") * w[labels[:, i] - 1])
        .mean()
        for i, (row, w) in enumerate(zip(rows, weights, strict=True))
    )  # fmt: skip


def _rate(recipe: Recipe, done: float) -> float:
    """The learning rate after a share of the training: up for a tenth of it, then down."""
    return recipe.learning_rate * min(done / 0.1, (1 + math.cos(math.pi * done)) / 2)


def _epoch(network, optimizer, recipe, pictures, labels, epoch: int) -> float:
    """One pass over all pictures (N, S, S, 3) and labels (N, F); returns the mean loss."""
    rng = np.random.default_rng((recipe.seed, epoch))
    device = next(network.parameters()).device
    weights = [w.to(device) for w in class_weights(labels, recipe.fields)]
    order = rng.permutation(len(pictures))
    parts = np.array_split(order, max(1, len(order) // recipe.batch))
    total = 0.0
    network.train()
    for step, part in enumerate(parts):
        optimizer.param_groups[0]["lr"] = _rate(
            recipe, (epoch + (step + 1) / len(parts)) / recipe.epochs
        )
        batch = np.stack([vary(pictures[i], rng) for i in part])
        inputs = to_tensor(torch.from_numpy(batch).to(device))
        asked = torch.from_numpy(labels[part]).to(device)
        with autocast(device):
            rows = network(inputs.contiguous(memory_format=torch.channels_last))
        loss = _loss(rows, asked, weights)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
        total += loss.item() / len(parts)
    return total


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
        parts = [self._rows(part) for part in pictures.split(200)]
        found = {}
        for column, (name, values) in enumerate(self.recipe.fields):
            chances = torch.cat([part[column] for part in parts])
            found[name] = chances[:, 1] if values == NO_YES else chances
        return found

    def answers(self, pictures: Tensor) -> dict[str, np.ndarray]:
        """The likeliest value of each field as a label (N,): 1 is the first value."""
        chances = self(pictures)
        return {
            name: 1 + ((p > 0.5).long() if p.ndim == 1 else p.argmax(1)).numpy()
            for name, p in chances.items()
        }

    def _rows(self, pictures: Tensor) -> list[Tensor]:
        side = self.recipe.size
        if pictures.shape[-1] != side:
            pictures = F.interpolate(pictures, (side, side), mode="bilinear", antialias=True)
        pictures = pictures.to(next(self.network.parameters()).device)
        pictures = pictures.contiguous(memory_format=torch.channels_last)
        pairs = zip(self.network(pictures), self.network(pictures.flip(3)), strict=True)
        return [((a + b) / 2).float().softmax(1).cpu() for a, b in pairs]


def balanced_accuracy(given: np.ndarray, right: np.ndarray) -> float:
    """The mean over the right values of the share that is found; labels (N,) both."""
    return float(np.mean([(given[right == value] == value).mean() for value in np.unique(right)]))


def _measure(classifier: Classifier, data: datasets.Dataset) -> dict[str, float]:
    rows = data.held_out & (data.labels > 0).all(1)
    answers = classifier.answers(to_tensor(torch.from_numpy(data.pictures[rows])))
    return {
        name: round(balanced_accuracy(answers[name], data.labels[rows, column]), 4)
        for column, (name, _) in enumerate(classifier.recipe.fields)
    }


def _train(recipe: Recipe, network: nn.Module, unfinished: Path, folder: Path) -> dict:
    """Train from the last whole epoch in `unfinished`; returns the held-out accuracies."""
    data = datasets.DATASETS[recipe.data](folder, recipe.size)
    rows = data.train & (data.labels > 0).all(1)
    if not rows.any():
        raise UserError(f"None of the pictures in {folder} has labels to learn from.")
    pictures, labels = np.ascontiguousarray(data.pictures[rows]), data.labels[rows]
    adam = {"lr": recipe.learning_rate, "weight_decay": recipe.weight_decay, "fused": True}
    parts = {"network": network, "optimizer": torch.optim.AdamW(network.parameters(), **adam)}
    done = load_checkpoint(unfinished, parts)["epochs"] if unfinished.exists() else 0
    bar = tqdm(range(done, recipe.epochs), desc=f"classifier of {recipe.data}", unit="epoch")
    for epoch in bar:
        loss = _epoch(network, parts["optimizer"], recipe, pictures, labels, epoch)
        bar.set_postfix(loss=round(loss, 3))
        save_checkpoint(unfinished, parts, {"epochs": epoch + 1})
    network.eval()
    return _measure(Classifier(recipe, network, {}), data)


def load_or_train(
    kind: str = "faces", data: Path | None = None, recipe: Recipe | None = None
) -> Callable[[Tensor], dict[str, Tensor]]:
    """The `Classifier` of "faces" or "vehicles", trained first where the cache has none.

    data: the folder with the labelled pictures, else ../shared. Training takes minutes and
    goes on where it was stopped. UserError for another kind or where the data are missing.
    """
    if recipe is None and kind not in RECIPES:
        raise UserError(f"There is no classifier of {kind!r}; there are: {', '.join(RECIPES)}.")
    recipe = recipe or RECIPES[kind]
    torch.manual_seed(recipe.seed)
    network = Network(recipe).to(pick_device(), memory_format=torch.channels_last)
    file = recipe.file()
    unfinished = file.with_suffix(".unfinished")
    file.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(file.with_suffix(".lock")):
        if not file.exists():
            found = _train(recipe, network, unfinished, data or shared_dir())
            save_checkpoint(file, {"network": network}, {"held_out": found})
            unfinished.unlink(missing_ok=True)
    held_out = load_checkpoint(file, {"network": network})["held_out"]
    return Classifier(recipe, network.eval(), held_out)
