"""Which recipe for `portrait`: `python -m benchmarks.portrait_recipe [--images 20000] [--write]`.

Small runs against each other, each from the same start with the same pictures and seed:
grown from `dcgan` with its own loss, grown with the relativistic pairing loss (R1 and R2).
Fréchet distance of 1,000 faces at 128 pixels to 2,000 held-out photographs (MobileNetV2
features, see ganfake.quality), beside `dcgan` enlarged. Needs ../shared; the runs resume.
"""

import json
from typing import Annotated

import numpy as np
import torch
import typer
from torch import Tensor
from torch.nn.functional import interpolate

from ganfake import quality
from ganfake.folders import cache_dir, shared_dir, weights_dir
from ganfake.models import load
from ganfake.train import datasets
from ganfake.train.data import to_tensor
from ganfake.train.export import reestimate_batch_norm
from ganfake.train.gan import train_gan
from ganfake.train.options import GANTraining
from ganfake.weights import read_card, write_atomically

SAMPLES, SEED = 1000, 3
RECIPES = {
    "grown, non-saturating, R1": {},
    "grown, relativistic pairs, R1 and R2": {"objective": "relativistic"},
}


@torch.inference_mode()
def _made(generator, latents: Tensor) -> Tensor:
    return torch.cat([generator(part).float().cpu() for part in latents.split(50)])


def main(
    images: Annotated[int, typer.Option(help="Real pictures that each run sees.")] = 20_000,
    write: Annotated[bool, typer.Option(help="Put the figures into portrait's card.")] = False,
) -> None:
    data = datasets.faces(shared_dir(), 128)
    network = quality.load_features()
    held_out = np.flatnonzero(data.held_out)[:2000]
    real = quality.features(network, to_tensor(torch.from_numpy(data.pictures[held_out])))
    latents = torch.randn(SAMPLES, 128, generator=torch.Generator().manual_seed(SEED))
    small = _made(load("dcgan").pictures, latents)
    large = interpolate(small, scale_factor=2, mode="bicubic").clamp(-1, 1)
    found = {"dcgan, enlarged": quality.frechet_distance(quality.features(network, large), real)}
    for number, (name, options) in enumerate(RECIPES.items()):
        folder = cache_dir() / "runs" / f"portrait-recipe-{number}-{images}"
        run = train_gan(shared_dir(), folder, GANTraining.of("portrait", images=images, **options))
        run.ema.cpu()
        reestimate_batch_norm(run)
        rows = quality.features(network, _made(run.ema, latents))
        found[name] = quality.frechet_distance(rows, real)
    result = {
        "images_each": images,
        "frechet_of_1000": {name: round(value, 1) for name, value in found.items()},
        "features": quality.WHICH,
        "command": f"python -m benchmarks.portrait_recipe --images {images}",
    }
    print(json.dumps(result, indent=2))
    if write:
        card = {**read_card("portrait"), "recipe_comparison": result}
        content = json.dumps(card, indent=2) + "\n"
        write_atomically(weights_dir() / "portrait.json", content.encode())


if __name__ == "__main__":
    typer.run(main)
