"""Make faces."""

from pathlib import Path

import torch
from PIL import Image
from torch import Tensor

from ganfake import UserError, provenance
from ganfake.images import tensor_to_picture
from ganfake.models import load
from ganfake.weights import write_atomically

MAX_COUNT = 10_000
_BATCH = 64


def generate(
    model: str, count: int = 16, seed: int = 0, truncation: float = 1.0
) -> list[Image.Image]:
    """`count` pictures by a trained model, the same for the same seed and device.

    truncation: the latents are multiplied by it (0 < truncation <= 1); smaller ones give
    more ordinary, cleaner faces. Raises UserError for values out of range.
    """
    if not 1 <= count <= MAX_COUNT:
        raise UserError(f"Ask for 1 to {MAX_COUNT} pictures.")
    if not 0 < truncation <= 1:
        raise UserError("Truncation goes from just above 0 to 1.")
    if not 0 <= seed < 2**63:
        raise UserError("A seed is a whole number from 0 to 9223372036854775807.")
    return _render(model, _latents(model, count, seed), truncation)


def generate_each(model: str, seeds: list[int], truncation: float = 1.0) -> list[Image.Image]:
    """One picture per seed: the first that `generate` makes from it."""
    return _render(model, torch.cat([_latents(model, 1, seed) for seed in seeds]), truncation)


def _latents(model: str, count: int, seed: int) -> Tensor:
    rng = torch.Generator().manual_seed(seed)
    return torch.randn(count, load(model).config.latent_dim, generator=rng)


def _render(model: str, latents: Tensor, truncation: float) -> list[Image.Image]:
    parts = (latents * truncation).split(_BATCH)
    pictures = torch.cat([load(model).pictures(part) for part in parts])
    return [tensor_to_picture(picture) for picture in pictures]


def save_faces(model: str, count: int, seed: int, truncation: float, folder: Path) -> list[Path]:
    """Write `count` PNGs, marked as AI-made, into `folder`; returns their paths."""
    paths = []
    for index, picture in enumerate(generate(model, count, seed, truncation)):
        content = provenance.encode(
            picture, "PNG", model=model, seed=seed, extra={"index": index, "truncation": truncation}
        )
        paths.append(folder / f"{model}-seed{seed}-{index:04d}.png")
        write_atomically(paths[-1], content)
    return paths
