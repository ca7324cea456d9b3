"""How good the generators are: `python -m benchmarks.quality MODEL [MODEL ...|all] [--write]`.

2,000 pictures of a model against 2,000 held-out real ones at the model's own size, beside
anchors of the same run: training pictures against held-out ones, two halves of training
pictures, and noise. And how near 64 samples come to any training picture, beside 64
held-out ones, so that copying would show. Needs ../shared; `--write` fills the cards.
"""

import json
from functools import cache
from typing import Annotated

import numpy as np
import torch
import typer
from torch.nn.functional import interpolate

from ganfake import UserError, quality
from ganfake.folders import weights_dir
from ganfake.generate import faces
from ganfake.models import available, find_model, load
from ganfake.train.data import to_tensor
from ganfake.train.distances import (
    COUNT,
    SEED,
    Real,
    compare,
    features,
    made_pictures_of,
    real_pictures,
    to_bytes,
)
from ganfake.weights import read_card, write_atomically

NEAREST = 64  # samples that are compared with all training pictures


@cache
def made_pictures(model: str) -> np.ndarray:
    """2,000 pictures (N, S, S, 3) of a model, its labels drawn as they occur."""
    return made_pictures_of(faces(model, COUNT, SEED))


def enlarged(pictures: np.ndarray, side: int) -> np.ndarray:
    """Pictures (N, S, S, 3) uint8 bicubically to (N, side, side, 3)."""
    parts = torch.from_numpy(pictures).split(500)
    grown = [interpolate(to_tensor(p), (side, side), mode="bicubic") for p in parts]
    return np.concatenate([to_bytes(p) for p in grown])


@cache
def anchors(data: str, size: int) -> dict:
    """What the distances are where the answer is known: real pictures, and noise."""
    real = real_pictures(data, size)
    noise = np.random.default_rng(SEED).integers(0, 256, real.held_out.shape, np.uint8)
    first, second = real.halves()
    return {
        "real_against_real": compare(first, real.held_out_rows),
        "two_real_halves": compare(first, second),
        "noise": compare(features(noise, "noise"), real.held_out_rows),
    }


def nearest(made: np.ndarray, rows: np.ndarray, real: Real) -> dict:
    """How near samples come to training pictures, and held-out real ones as the yardstick."""
    known = quality.thumbnails(real.training)
    mirrored = quality.thumbnails(real.training[:, :, ::-1])  # training shows both
    root = np.sqrt(known.shape[1])

    def pixels(pictures: np.ndarray) -> dict:
        small = quality.thumbnails(pictures[:NEAREST])
        both = np.minimum(quality.nearest(small, known), quality.nearest(small, mirrored))
        return quality.summary(both / root)

    def deep(found: np.ndarray) -> dict:
        return quality.summary(quality.nearest(found[:NEAREST], real.training_rows), 2)

    return {
        "samples": NEAREST,
        "training_pictures": len(real.training),
        "training_pictures_by_features": len(real.training_rows),
        "pixels": "RMS difference at 16x16, of 1; also to the mirrored training pictures",
        "samples_pixels": pixels(made),
        "held_out_pixels": pixels(real.held_out),
        "samples_features": deep(rows),
        "held_out_features": deep(real.held_out_rows),
    }


def measure(model: str) -> dict:
    """Everything about one model, as it goes into its card."""
    data, size = find_model(model).data, load(model).config.image_size
    real, known = real_pictures(data, size), anchors(data, size)
    floor = known["two_real_halves"]["frechet"]

    def against_real(pictures: np.ndarray) -> tuple[dict, np.ndarray]:
        rows = features(pictures, model)
        found = compare(rows, real.held_out_rows)
        return {**found, "ratio": round(found["frechet"] / floor, 2)}, rows

    made = made_pictures(model)
    found, rows = against_real(made)
    found |= {**known, "nearest": nearest(made, rows, real)}
    if size == 128 and "dcgan" in available():
        found["dcgan_enlarged"] = against_real(enlarged(made_pictures("dcgan"), size))[0]
    return {
        **found,
        "samples": len(made),
        "held_out_pictures": len(real.held_out),
        "seed": SEED,
        "input_size": quality.INPUT,
        "features": quality.WHICH,
        "intervals": "Frechet: 1.96 standard deviations over 20 bootstrap resamples of both "
        "sets, around the distance; KID: percentiles of 1,000",
        "command": f"python -m benchmarks.quality {model}",
    }


def lines(model: str, found: dict) -> list[str]:
    """A model and its anchors as rows of a table."""
    parts = {model: found, "dcgan, enlarged": found.get("dcgan_enlarged")}
    parts |= {name.replace("_", " "): found[name] for name in
              ("real_against_real", "two_real_halves", "noise")}  # fmt: skip
    rows = []
    for name, x in parts.items():
        if x:
            low, high = x["frechet_interval_95"]
            kid = [1000 * value for value in (x["kid"], *x["kid_interval_95"])]
            rows.append(
                f"{name:18}{x['frechet']:9.1f} [{low:7.1f},{high:7.1f}]"
                f"{kid[0]:9.2f} [{kid[1]:7.2f},{kid[2]:7.2f}]"
                f"{x['precision']:7.3f}{x['recall']:7.3f}{x.get('ratio', ''):>7}"
            )
    return rows


def write_card(model: str, found: dict) -> None:
    """Put figures into a model's card; all else in it stays."""
    content = json.dumps({**read_card(model), **found}, indent=2) + "\n"
    write_atomically(weights_dir() / f"{model}.json", content.encode())


def main(
    models: Annotated[list[str], typer.Argument(help="Names, or all.")],
    write: Annotated[bool, typer.Option(help="Put the figures into the cards.")] = False,
) -> None:
    names = available() if models == ["all"] else models
    results = {}
    print(f"{'':18}{'Fréchet':>9}  95 %{'':14}{'KID x1000':>9}  95 %{'':12}  prec.  recall  ratio")
    for name in names:
        results[name] = measure(name)
        print("\n".join(lines(name, results[name])), flush=True)
        if write:
            write_card(name, {"metrics": results[name]})
    print(json.dumps(results, indent=2))


if __name__ == "__main__":
    try:
        typer.run(main)
    except UserError as error:
        raise SystemExit(str(error)) from None
