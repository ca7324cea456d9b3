"""A small classifier of what a picture shows, to check generators by what was asked of them.

A residual network (He et al. 2015, arXiv:1512.03385) trained from scratch on the training
rows that have labels, and calibrated on an eighth of them that it does not learn from
(Platt 1999), with all values as if equally frequent: an answer is the likeliest value. No
held-out row takes part. It is not shipped but lies in the cache, and is trained where it
is missing.
"""

import math
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
from ganfake.folders import shared_dir
from ganfake.models.labels import FACE_FIELDS, VEHICLE_FIELDS
from ganfake.train import datasets
from ganfake.train.checkpoint import load_checkpoint, save_checkpoint
from ganfake.train.classifier import (
    Classifier,
    Network,
    Recipe,
    balanced_accuracy,
    calibrate,
    class_weights,
)
from ganfake.train.data import to_tensor

RECIPES = {
    "faces": Recipe("faces", 64, FACE_FIELDS[:4], epochs=24),  # hair is no clear-cut label
    "vehicles": Recipe("vehicles", 32, VEHICLE_FIELDS, epochs=24),
}


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
    weights = [w.to(device) for w in class_weights(labels, recipe.fields, recipe.rare)]
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
    apart = np.random.default_rng(recipe.seed).random(len(pictures)) < 1 / 8
    adam = {"lr": recipe.learning_rate, "weight_decay": recipe.weight_decay, "fused": True}
    parts = {"network": network, "optimizer": torch.optim.AdamW(network.parameters(), **adam)}
    done = load_checkpoint(unfinished, parts)["epochs"] if unfinished.exists() else 0
    bar = tqdm(range(done, recipe.epochs), desc=f"classifier of {recipe.data}", unit="epoch")
    for epoch in bar:
        loss = _epoch(network, parts["optimizer"], recipe, pictures[~apart], labels[~apart], epoch)
        bar.set_postfix(loss=round(loss, 3))
        save_checkpoint(unfinished, parts, {"epochs": epoch + 1})
    calibrate(network, recipe, pictures[apart], labels[apart])
    return _measure(Classifier(recipe, network, {}), data)


def load_or_train(
    kind: str = "faces", data: Path | None = None, recipe: Recipe | None = None
) -> Classifier:
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
