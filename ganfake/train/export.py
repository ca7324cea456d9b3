"""From a run's checkpoint to weights with a card, and its training film."""

import json
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from safetensors.torch import load_file
from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm

from ganfake import UserError, provenance
from ganfake.folders import weights_dir
from ganfake.models import find_model
from ganfake.train.checkpoint import load_checkpoint, read_log, read_record
from ganfake.train.data import to_tensor
from ganfake.train.datasets import DATASETS, Dataset
from ganfake.train.options import GANTraining
from ganfake.train.run import Run
from ganfake.weights import save_weights, write_atomically

_LICENCE = (
    "Weights trained on research data with third-party rights ({}): for research"
    " and teaching; the code's licence does not cover them."
)
_COLUMNS = 6
_CURVES = ("images", "loss_d", "loss_g", "d_real", "d_fake")


@torch.no_grad()
def reestimate_batch_norm(run: Run, batches: int = 50) -> None:
    """Give averaged weights batch statistics of their own, over `batches` of 64 latents.

    The running averages belong to the weights of each step, not to the moving average
    of the weights. Labels are drawn as often as they occur.
    """
    norms = [m for m in run.ema.modules() if isinstance(m, _BatchNorm)]
    for norm in norms:
        norm.reset_running_stats()
        norm.momentum = None  # a plain mean over all batches
    rng = torch.Generator().manual_seed(0)
    run.ema.train()
    for _ in range(batches):
        latents = torch.randn(64, run.config.latent_dim, generator=rng)
        run.ema(latents, run.labels.usual(64, rng) if run.labels else None)
    run.ema.eval()


def _card(described: dict, run: Run, images: int, log: list[dict], dataset: Dataset) -> dict:
    model = find_model(run.options.model)
    size = run.config.image_size
    card = {
        "architecture": model.body.__name__.rsplit(".")[-1],
        "model": run.options.model,
        "paper": model.summary,
        "config": described["config"],
        "training": {
            **described["options"],
            "images": images,
            "planned_images": described["options"]["images"],
            "objective": run.objective.paper,
            "augmentation": "mirroring of photographs, shift of both (DiffAugment 2020)"
            if run.options.mirror
            else "shift of both (DiffAugment 2020)",
            "last_log": log[-1] if log else {},
        },
        "data": f"{dataset.name}; {dataset.train.sum():,} pictures,"
        f" {dataset.held_out.sum():,} more held out",
        "preprocessing": f"RGB, {size}x{size}, pixel / 127.5 - 1",
        "licence": _LICENCE.format(dataset.name.partition(",")[0]),
    }
    if run.labels:
        pairs = zip(run.labels.rows.tolist(), run.labels.counts.tolist(), strict=True)
        card["label_counts"] = [[*row, count] for row, count in pairs]
    return card


@torch.no_grad()
def _real_scores(judge: nn.Module, dataset: Dataset) -> list[float]:
    """201 quantiles of the discriminator's scores of photographs that it never saw.

    Of those that it saw where none are held out.
    """
    rows = np.flatnonzero(dataset.held_out if dataset.held_out.any() else dataset.train)[:3000]
    scores = []
    for part in np.array_split(rows, max(1, len(rows) // 100)):
        labels = torch.from_numpy(dataset.labels[part])
        pictures = to_tensor(torch.from_numpy(np.array(dataset.pictures[part])))
        scores.append(judge(pictures, labels).numpy())
    quantiles = np.quantile(np.concatenate(scores), np.linspace(0, 1, 201))
    return [round(float(q), 4) for q in quantiles]


def export_gan(
    folder: Path, name: str = "", at: int = 0, data: Path | None = None, weights: Path | None = None
) -> str:
    """Write `name` (the EMA generator), `name`-discriminator and its film; returns a sentence.

    With `at` (images seen) it is the generator of the nearest snapshot alone. Raises
    UserError when the run has not got so far.
    """
    if not (folder / "checkpoint.safetensors").exists():
        raise UserError(f"There is no checkpoint in {folder}; train first.")
    described = read_record(folder)
    options = GANTraining(**described["options"])
    model = find_model(options.model)
    config = type(model.config)(**described["config"])
    dataset = DATASETS[model.data](data or Path(described["data"]), config.image_size)
    run = Run(options, config, torch.device("cpu"), dataset.training_part()[1])
    images = load_checkpoint(folder / "checkpoint.safetensors", run.parts)["images"]
    name = name or options.model
    if at:
        images = _load_snapshot(folder, run, at)
    reestimate_batch_norm(run)
    log = read_log(folder / "log.jsonl", images)
    card = _card(described, run, images, log, dataset)
    output = {"output": f"(N, 3, {config.image_size}, {config.image_size}) in [-1, 1]"}
    save_weights(name, run.ema.state_dict(), {**card, "part": "generator", **output}, weights)
    if not at:
        judge = run.discriminator.eval()
        own = {"part": "discriminator", "output": "score, larger is more real, (N,)"}
        own |= {"real_scores": _real_scores(judge, dataset)}
        save_weights(f"{name}-discriminator", judge.state_dict(), {**card, **own}, weights)
        export_film(folder, run, name, log, weights)
    return f"Wrote {name} after {images:,} images."


def _load_snapshot(folder: Path, run: Run, at: int) -> int:
    found = sorted((folder / "snapshots").glob("*.safetensors"))
    if not found:
        raise UserError(f"There are no snapshots in {folder}; train further.")
    nearest = min(found, key=lambda path: abs(int(path.stem) - at))
    run.ema.load_state_dict({n: t.float() for n, t in load_file(nearest).items()})
    return int(nearest.stem)


def export_film(folder: Path, run: Run, name: str, log: list[dict], weights: Path | None) -> None:
    """Write films/`name`.webp, all frames of the run in one sprite, and its curves."""
    files = sorted((folder / "film").glob("*.png"))
    if not files:
        return
    frames = [Image.open(file).convert("RGB") for file in files]
    side, rows = frames[0].width, -(-len(frames) // _COLUMNS)
    sprite = Image.new("RGB", (side * _COLUMNS, side * rows))
    for index, frame in enumerate(frames):
        sprite.paste(frame, (index % _COLUMNS * side, index // _COLUMNS * side))
    curves = {key: [entry[key] for entry in _thin(log)] for key in _CURVES}
    described = {
        "images": [int(file.stem) for file in files],
        "columns": _COLUMNS,
        "side": side,
        "curves": curves,
        "probabilities": run.objective.probabilities,
    }
    content = provenance.encode(
        sprite, "WEBP", model=name, seed=run.options.seed, extra={"frames": len(files)}, quality=80
    )
    target = (weights or weights_dir()) / "films"
    write_atomically(target / f"{name}.webp", content)
    write_atomically(target / f"{name}.json", (json.dumps(described) + "\n").encode())


def _thin(log: list[dict], most: int = 120) -> list[dict]:
    """At most `most` entries, each the mean of those it stands for."""
    groups = np.array_split(np.array(log, object), min(most, len(log))) if log else []
    thin = []
    for group in groups:
        means = {key: round(float(np.mean([entry[key] for entry in group])), 4) for key in _CURVES}
        thin.append({**means, "images": group[-1]["images"]})
    return thin
