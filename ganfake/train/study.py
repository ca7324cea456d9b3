"""The quality study: every measure of every model, beside real photographs.

What is measured depends on the committed weights, the records of runs and the real pictures
alone; nothing is trained.
"""

import platform
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import torch
from tqdm import tqdm

from ganfake import UserError
from ganfake.fingerprints import niqe, single
from ganfake.folders import shared_dir
from ganfake.generate import faces
from ganfake.models import find_model, load
from ganfake.stats import wilson
from ganfake.study import ORDER, PHOTOGRAPHS
from ganfake.train import study_check
from ganfake.train.distances import (
    SEED,
    Real,
    compare,
    kept_features,
    made_pictures_of,
    real_pictures,
)
from ganfake.train.evaluation_measures import figure, resample

MEASURES = (*single.MEASURES, "niqe")


def study(count: int) -> dict:
    """All figures of both kinds from `count` pictures of each model; UserError without data."""
    if not shared_dir().is_dir():
        raise UserError(
            f"The study compares with real pictures, and there is no {shared_dir()};"
            " name the folder of the research data with GANFAKE_SHARED."
        )
    return {
        "samples": count,
        "seed": SEED,
        "machine": machine(),
        "kinds": {kind: _kind(models, count) for kind, models in ORDER.items()},
    }


def machine() -> dict[str, str | int]:
    """Which processor and which torch."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        name = next(line.partition(":")[2].strip() for line in lines if "model name" in line)
    except (OSError, StopIteration):
        name = platform.processor() or platform.machine()
    return {
        "processor": name,
        "threads": torch.get_num_threads(),
        "python": platform.python_version(),
        "torch": str(torch.__version__),
    }


def _kind(models: tuple[str, ...], count: int) -> dict:
    data, size = find_model(models[0]).data, load(models[0]).config.image_size
    stick = yardstick(data, size, count)
    made = {model: made_pictures_of(faces(model, count, SEED)) for model in models}
    rows = {PHOTOGRAPHS: photographs(stick)}
    for model, pictures in made.items():
        rows[model] = measure(pictures, kept_features(pictures, model), stick)
    looked = study_check.faces if data == "faces" else study_check.others
    return {
        "data": data,
        "size": size,
        "held_out": len(stick.real.held_out),
        "fitted": len(stick.real.training_rows),
        "rows": rows,
        "check": looked({PHOTOGRAPHS: stick.real.held_out, **made}),
    }


@dataclass(frozen=True)
class Singles:
    """What single pictures measure: MEASURES (N, 10), and their local statistics (N, 36)."""

    values: np.ndarray
    local: np.ndarray


def singles(pictures: np.ndarray, known: niqe.Natural, name: str) -> Singles:
    """The measures of every picture (N, S, S, 3) uint8 by itself."""
    bar = tqdm(pictures, desc=f"single pictures of {name}", leave=False)
    rows = [(single.features(p), niqe.features(p)) for p in bar]
    alone, local = (np.stack(part) for part in zip(*rows, strict=True))
    return Singles(np.column_stack([alone, known.distance(local)]), local)


@dataclass(frozen=True)
class Yardstick:
    """Real pictures of one size, the Gaussian of those trained on, and held-out ones by it."""

    real: Real
    known: niqe.Natural
    held_out: Singles


@cache
def yardstick(data: str, size: int, count: int) -> Yardstick:
    """What `count` pictures of `data` at `size` pixels are measured against."""
    real = real_pictures(data, size, count)
    bar = tqdm(real.training[: len(real.training_rows)], desc=f"statistics of {data}", leave=False)
    known = niqe.fit(np.stack([niqe.features(picture) for picture in bar]))
    return Yardstick(real, known, singles(real.held_out, known, PHOTOGRAPHS))


def alone(found: Singles, known: niqe.Natural, draws: int = 1000) -> dict[str, dict]:
    """Means of MEASURES with 95 % bootstrap intervals over the pictures, and NIQE of the set.

    The latter's interval is the value plus and minus 1.96 standard deviations over 100
    resamples, for resampling itself makes a distance larger.
    """
    count = len(found.values)
    drawn = resample(np.arange(count), draws) @ found.values / count
    entries = {n: _rounded(figure(column)) for n, column in zip(MEASURES, drawn.T, strict=True)}
    rng, value = np.random.default_rng(SEED), known.distance_of_set(found.local)
    again = [known.distance_of_set(found.local[rng.integers(0, count, count)]) for _ in range(100)]
    reach = 1.96 * float(np.std(again, ddof=1))
    return {**entries, "niqe_set": _entry(value, value - reach, value + reach)}


def distances(rows: np.ndarray, real: np.ndarray) -> dict[str, dict]:
    """Fréchet, KID, precision and recall of features (N, 1280) against (M, 1280).

    Intervals of the last two are Wilson's: how many pictures lie within the others' reach,
    which itself is taken as it is.
    """
    found = compare(rows, real)
    shares = {"precision": len(rows), "recall": len(real)}
    return {
        name: _entry(found[name], *found[f"{name}_interval_95"]) for name in ("frechet", "kid")
    } | {n: _entry(found[n], *wilson(round(found[n] * of), of)) for n, of in shares.items()}


def measure(pictures: np.ndarray, rows: np.ndarray, stick: Yardstick) -> dict:
    """One row: all measures of made pictures (N, S, S, 3) with features (N, 1280)."""
    found = singles(pictures, stick.known, "a model")
    return {
        **distances(rows, stick.real.held_out_rows),
        **alone(found, stick.known),
        "spread": round(_spread(pictures) / _spread(stick.real.held_out), 4),
        "sharper": _sharper(found, stick.held_out),
    }


def photographs(stick: Yardstick) -> dict:
    """The row of photographs: training ones for the distances, held-out ones for the rest."""
    return {
        **distances(stick.real.halves()[0], stick.real.held_out_rows),
        **alone(stick.held_out, stick.known),
        "spread": 1.0,
        "sharper": _sharper(stick.held_out, stick.held_out),
    }


def _sharper(made: Singles, real: Singles) -> dict:
    """The share of pictures that are sharper than the median photograph."""
    column = MEASURES.index("sharpness")
    count = int((made.values[:, column] > np.median(real.values[:, column])).sum())
    return _entry(count / len(made.values), *wilson(count, len(made.values)))


def _spread(pictures: np.ndarray) -> float:
    """Standard deviation from one picture to another, mean of all pixels."""
    return float(pictures.astype(np.float32).std(0).mean())


def _entry(value: float, low: float, high: float) -> dict:
    return _rounded({"value": float(value), "low": float(low), "high": float(high)})


def _rounded(entry: dict) -> dict:
    return {name: round(value, 5) for name, value in entry.items()}
