"""How far a generator's faces are from photographs: `python -m benchmarks.frechet dcgan`.

Fréchet distance (Heusel et al. 2017) between Gaussians fitted to MobileNetV2 features
(ImageNet weights from ../shared, average-pooled, 1280 numbers, pictures at 96 pixels).
Features differ from Inception's, so the figure compares only with figures of this script.
Photographs against photographs (two halves, no picture in both) are the floor, and the
ratio to it is what travels. Needs ../shared. `--write` puts the figures into the card.
"""

import json
from typing import Annotated

import numpy as np
import torch
import typer
from safetensors.torch import load_file
from torch.nn.functional import interpolate
from torchvision.models import mobilenet_v2

from ganfake import UserError
from ganfake.folders import shared_dir, weights_dir
from ganfake.models import load
from ganfake.train.data import packed_faces
from ganfake.weights import write_atomically

COUNT, SEEDS, INPUT = 2000, 3, 96
_MEAN = torch.tensor([0.485, 0.456, 0.406]).view(1, 3, 1, 1)
_STD = torch.tensor([0.229, 0.224, 0.225]).view(1, 3, 1, 1)


def load_features() -> torch.nn.Module:
    """MobileNetV2 up to its average pooling; UserError without ../shared."""
    path = shared_dir().parent / "weights" / "mobilenet_v2_imagenet.safetensors"
    if not path.is_file():
        raise UserError(f"This needs {path.name} in the shared data's weights folder.")
    network = mobilenet_v2()
    network.load_state_dict({name: t.float() for name, t in load_file(path).items()})
    network.classifier = torch.nn.Identity()
    return network.eval()


@torch.inference_mode()
def features(network: torch.nn.Module, pictures: torch.Tensor) -> np.ndarray:
    """Pictures (N, 3, S, S) in [-1, 1] to features (N, 1280) float64."""
    rows = []
    for part in pictures.split(100):
        part = interpolate(part, (INPUT, INPUT), mode="bilinear", antialias=True)
        rows.append(network(((part + 1) / 2 - _MEAN) / _STD))
    return torch.cat(rows).double().numpy()


def frechet_distance(first: np.ndarray, second: np.ndarray) -> float:
    """Fréchet distance of the Gaussians fitted to rows (N, D) of features."""
    difference = first.mean(0) - second.mean(0)
    one, two = np.cov(first, rowvar=False), np.cov(second, rowvar=False)
    # The trace of the root of a product is the sum of the roots of its eigenvalues, and
    # half @ two @ half has the same ones and is symmetric.
    values, vectors = np.linalg.eigh(one)
    half = (vectors * np.sqrt(np.clip(values, 0, None))) @ vectors.T
    cross = np.sqrt(np.clip(np.linalg.eigvalsh(half @ two @ half), 0, None)).sum()
    return float(difference @ difference + np.trace(one) + np.trace(two) - 2 * cross)


def measure(model: str) -> dict:
    """Distances of `model` and of photographs to the same photographs."""
    generator, network = load(model), load_features()
    faces = packed_faces(shared_dir(), 64)
    chosen = np.random.default_rng(0).permutation(len(faces))[: 2 * COUNT]
    real = torch.from_numpy(faces[np.sort(chosen)]).permute(0, 3, 1, 2).float() / 127.5 - 1
    real = real[torch.from_numpy(np.random.default_rng(1).permutation(2 * COUNT))]
    reference, others = features(network, real[:COUNT]), features(network, real[COUNT:])
    found = []
    for seed in range(SEEDS):
        rng = torch.Generator().manual_seed(seed)
        latents = torch.randn(COUNT, generator.config.latent_dim, generator=rng)
        made = torch.cat([generator.pictures(part) for part in latents.split(100)])
        found.append(frechet_distance(features(network, made), reference))
    floor = frechet_distance(others, reference)
    mean, reach = float(np.mean(found)), float(1.96 * np.std(found, ddof=1) / np.sqrt(SEEDS))
    return {
        "frechet_mobilenet": round(mean, 2),
        "interval_95": [round(mean - reach, 2), round(mean + reach, 2)],
        "photographs_against_photographs": round(floor, 2),
        "ratio": round(mean / floor, 2),
        "samples": COUNT,
        "sample_seeds": SEEDS,
        "command": f"python -m benchmarks.frechet {model}",
    }


def main(
    model: Annotated[str, typer.Argument()] = "dcgan",
    write: Annotated[bool, typer.Option(help="Put the figures into the card.")] = False,
) -> None:
    found = measure(model)
    print(json.dumps(found, indent=2))
    if write:
        path = weights_dir() / f"{model}.json"
        card = {**json.loads(path.read_text()), "metrics": found}
        write_atomically(path, (json.dumps(card, indent=2) + "\n").encode())


if __name__ == "__main__":
    typer.run(main)
