"""Train a GAN: one loop to read from top to bottom, with what it leaves in its folder."""

import json
import time
from dataclasses import asdict
from pathlib import Path

import numpy as np
import torch
from filelock import FileLock, Timeout
from safetensors.torch import save
from torch import Tensor
from torchvision.utils import make_grid
from tqdm import tqdm

from ganfake import UserError, provenance
from ganfake.devices import keep_memory, pick_device
from ganfake.images import tensor_to_picture
from ganfake.models import find_model
from ganfake.train.checkpoint import load_checkpoint, read_log, read_record, save_checkpoint
from ganfake.train.data import Batches
from ganfake.train.datasets import DATASETS
from ganfake.train.film import film_times
from ganfake.train.options import GANTraining
from ganfake.train.run import Run
from ganfake.weights import to_half, write_atomically

_UNFINISHED = (
    ".checkpoint.safetensors.*.tmp", ".run.json.*.tmp", ".log.jsonl.*.tmp",
    "samples/.*.tmp", "snapshots/.*.tmp", "film/.*.tmp",
)  # fmt: skip


def _start(
    folder: Path, options: GANTraining, config: object, data: Path, labels: np.ndarray
) -> Run:
    """A new run, or the one in `folder`, which must have the same options but for `images`."""
    for pattern in _UNFINISHED:  # files of a killed process; we hold the folder's lock
        for stale in folder.glob(pattern):
            stale.unlink()
    run = Run(options, config, pick_device(), labels)
    described = {"options": asdict(options), "config": asdict(config), "data": str(data.resolve())}
    record, checkpoint = folder / "run.json", folder / "checkpoint.safetensors"
    if checkpoint.exists():
        before = read_record(folder)
        before["options"]["images"] = options.images
        before.setdefault("data", described["data"])
        if before != json.loads(json.dumps(described)):
            raise UserError(
                f"{folder} holds a run with other options; choose another --run folder."
            )
        run.images_seen = load_checkpoint(checkpoint, run.parts)["images"]
    write_atomically(record, (json.dumps(described, indent=2) + "\n").encode())
    log = read_log(folder / "log.jsonl", run.images_seen)
    write_atomically(folder / "log.jsonl", "".join(json.dumps(e) + "\n" for e in log).encode())
    return run


def train_gan(data: Path, folder: Path, options: GANTraining, config: object | None = None) -> Run:
    """Train until `options.images` real pictures were seen, resuming what is in `folder`.

    Leaves there run.json (options), log.jsonl (losses, mean D(real) and D(fake)),
    checkpoint.safetensors (everything, replaced at once), samples/ (grids of fixed
    latents), film/ (the first 16 of them, often at the start) and snapshots/ (float16 EMA
    generators). Raises UserError when another
    process trains in the folder or the run there has other options.
    """
    folder.mkdir(parents=True, exist_ok=True)
    try:
        held = FileLock(folder / ".lock", timeout=0).acquire()
    except Timeout:
        raise UserError(f"Another process is training in {folder}; wait or stop it.") from None
    with held:
        torch.set_flush_denormal(True)
        keep_memory()
        model = find_model(options.model)
        config = config or model.config
        dataset = DATASETS[model.data](data, config.image_size)
        pictures, labels = dataset.training_part()
        run = _start(folder, options, config, data, labels)
        labels = labels if config.fields else None
        _loop(run, Batches(pictures, options.batch, options.seed, run.device, labels), folder)
        return run


def _grid(run: Run, count: int = 64) -> bytes:
    """A square PNG of samples, marked as AI-made."""
    pictures = make_grid(run.samples(64)[:count], nrow=int(count**0.5), padding=0)
    notes = {"images": run.images_seen}
    return provenance.encode(
        tensor_to_picture(pictures), "PNG",
        model=run.options.model, seed=run.options.seed, extra=notes,
    )  # fmt: skip


def _loop(run: Run, batches: Batches, folder: Path) -> None:
    options = run.options
    sums: dict[str, Tensor] = {}
    steps, since = 0, time.monotonic()
    times = film_times(options.images)

    def due(every: int) -> bool:
        # True when the last batch stepped over a multiple of `every`.
        return run.images_seen % every < options.batch or run.images_seen >= options.images

    def film() -> None:
        if any(run.images_seen - options.batch < t <= run.images_seen for t in times):
            write_atomically(folder / "film" / f"{run.images_seen:09d}.png", _grid(run, 16))

    film()
    bar = tqdm(total=options.images, initial=run.images_seen, unit="img", desc=folder.name)
    with bar, (folder / "log.jsonl").open("a") as log:
        while run.images_seen < options.images:
            now = run.images_seen
            for name, value in run.step(batches.at(now), batches.labels_at(now)).items():
                sums[name] = sums.get(name, 0) + value
            steps += 1
            bar.update(options.batch)
            if due(options.log_every):
                means = {name: round(float(total / steps), 4) for name, total in sums.items()}
                rate = steps * options.batch / (time.monotonic() - since)
                line = {"images": run.images_seen, **means, "images_per_second": round(rate, 1)}
                log.write(json.dumps(line) + "\n")
                log.flush()
                bar.set_postfix(means)
                sums, steps, since = {}, 0, time.monotonic()
            film()
            name = f"{run.images_seen:09d}"
            if due(options.samples_every):
                write_atomically(folder / "samples" / f"{name}.png", _grid(run))
            if due(options.snapshot_every):
                target = folder / "snapshots" / f"{name}.safetensors"
                write_atomically(target, save(to_half(run.ema.state_dict())))
            if due(options.checkpoint_every):
                progress = {"images": run.images_seen}
                save_checkpoint(folder / "checkpoint.safetensors", run.parts, progress)
