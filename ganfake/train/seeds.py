"""Small records of finished runs: `python -m ganfake.train.seeds RUN [RUN ...]`.

The runs of several seeds are too large to commit; docs/quality/runs/MODEL-SEED.json keeps of
each its log, thinned, and the measures of the generator at every snapshot.
"""

import json
from pathlib import Path
from typing import Annotated

import numpy as np
import torch
import typer
from safetensors.torch import load_file

from ganfake import UserError
from ganfake.models import find_model
from ganfake.study import study_dir
from ganfake.train.checkpoint import read_log, read_record
from ganfake.train.datasets import DATASETS
from ganfake.train.distances import COUNT, features, to_bytes
from ganfake.train.export import reestimate_batch_norm
from ganfake.train.options import GANTraining
from ganfake.train.run import Run
from ganfake.train.study import distances, machine, measure, yardstick
from ganfake.weights import write_atomically

SEEDS = (0, 1, 2)
LINES = 100  # of a log that are kept
ON_THE_WAY = 1000  # samples at each snapshot


def records_dir() -> Path:
    """Where the committed records are."""
    return study_dir() / "runs"


def record(folder: Path, trained_on: str = "") -> dict:
    """What is kept of the finished run in `folder`; UserError for one that has not ended.

    "final": all measures of the last generator. "curve": its distances at every snapshot, from
    fewer samples, which alone makes a Fréchet distance larger: it compares within itself only.
    """
    described = read_record(folder)
    options = GANTraining(**described["options"])
    snapshots = sorted((folder / "snapshots").glob("*.safetensors"))
    if not snapshots or int(snapshots[-1].stem) < options.images:
        raise UserError(f"The run in {folder} has not ended; train it further.")
    model = find_model(options.model)
    config = type(model.config)(**described["config"])
    dataset = DATASETS[model.data](Path(described["data"]), config.image_size)
    run = Run(options, config, torch.device("cpu"), dataset.training_part()[1])
    stick = yardstick(model.data, config.image_size, COUNT)
    curve = []
    for snapshot in snapshots:
        pictures = _pictures(run, snapshot)
        rows = features(pictures, f"{folder.name} {snapshot.stem}")
        found = distances(rows[:ON_THE_WAY], stick.real.held_out_rows)
        curve.append({"images": int(snapshot.stem), **found})
    return {
        "model": options.model,
        "seed": options.seed,
        "images": curve[-1]["images"],
        "samples": COUNT,
        "samples_on_the_way": ON_THE_WAY,
        "probabilities": run.objective.probabilities,
        "trained_on": trained_on,
        "measured_on": machine(),
        "log": thinned(read_log(folder / "log.jsonl", curve[-1]["images"])),
        "curve": curve,
        "final": measure(pictures, rows, stick),
    }


@torch.no_grad()
def _pictures(run: Run, snapshot: Path) -> np.ndarray:
    """Pictures (N, S, S, 3) uint8 by the averaged generator of a snapshot, as it would ship."""
    last = int(snapshot.stem) >= run.options.images
    count = COUNT if last else ON_THE_WAY
    run.ema.load_state_dict({name: t.float() for name, t in load_file(snapshot).items()})
    reestimate_batch_norm(run)
    rng = torch.Generator().manual_seed(0)
    latents = torch.randn(count, run.config.latent_dim, generator=rng)
    labels = run.labels.usual(count, rng) if run.labels else None
    parts = [slice(start, start + 100) for start in range(0, count, 100)]
    return np.concatenate(
        [to_bytes(run.ema(latents[p], None if labels is None else labels[p])) for p in parts]
    )


def thinned(log: list[dict], most: int = LINES) -> dict[str, list[float]]:
    """Columns of at most `most` lines, each the mean of those it stands for.

    A line with a number that is not finite stays one: None, as JSON has no NaN.
    """
    columns: dict[str, list] = {}
    for group in np.array_split(np.array(log, object), min(most, len(log))) if log else []:
        for name in log[-1]:
            mean = float(np.mean([line[name] for line in group]))
            value = round(mean, 4) if np.isfinite(mean) else None
            columns.setdefault(name, []).append(group[-1]["images"] if name == "images" else value)
    return columns


def lines(columns: dict[str, list]) -> list[dict]:
    """A thinned log as lines again; what was not finite is NaN."""
    return [
        {name: np.nan if value is None else value for name, value in zip(columns, row, strict=True)}
        for row in zip(*columns.values(), strict=True)
    ]


def read_records(folder: Path | None = None) -> dict[str, list[dict]]:
    """The committed records by model, in order of their seeds; UserError for a damaged one."""
    found: dict[str, list[dict]] = {}
    for file in sorted((folder or records_dir()).glob("*.json")):
        try:
            entry = json.loads(file.read_text())
            found.setdefault(entry["model"], []).append(entry)
        except (ValueError, KeyError, TypeError):
            raise UserError(f"{file} is damaged; fetch the project again.") from None
    return {model: sorted(part, key=lambda entry: entry["seed"]) for model, part in found.items()}


def main(
    runs: Annotated[list[Path], typer.Argument(help="Folders of finished runs.")],
    trained_on: Annotated[str, typer.Option(help="The machine that trained them.")] = "",
) -> None:
    """Write a record of every run."""
    for folder in runs:
        found = record(folder, trained_on)
        target = records_dir() / f"{found['model']}-{found['seed']}.json"
        write_atomically(target, (json.dumps(found, indent=1) + "\n").encode())
        print(f"Wrote {target}.", flush=True)


if __name__ == "__main__":
    try:
        typer.run(main)
    except UserError as error:
        raise SystemExit(str(error)) from None
