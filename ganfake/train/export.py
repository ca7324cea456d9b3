"""From a run's checkpoint to weights with a card."""

from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import nn

from ganfake import UserError
from ganfake.models.dcgan import DCGANConfig
from ganfake.train.checkpoint import load_checkpoint, read_log, read_record
from ganfake.train.gan import GANTraining, Run
from ganfake.weights import save_weights

_LICENCE = (
    "Weights trained on research data with third-party rights (LFW, CelebA): for research"
    " and teaching; the code's licence does not cover them."
)


@torch.no_grad()
def reestimate_batch_norm(generator: nn.Module, latent_dim: int, batches: int = 50) -> None:
    """Give averaged weights batch statistics of their own, over `batches` of 64 latents.

    The running averages belong to the weights of each step, not to the moving average
    of the weights.
    """
    norms = [m for m in generator.modules() if isinstance(m, nn.BatchNorm2d)]
    for norm in norms:
        norm.reset_running_stats()
        norm.momentum = None  # a plain mean over all batches
    rng = torch.Generator().manual_seed(0)
    generator.train()
    for _ in range(batches):
        generator(torch.randn(64, latent_dim, generator=rng))
    generator.eval()


def _card(described: dict, images: int, log: list[dict]) -> dict:
    return {
        "architecture": "dcgan",
        "paper": "Radford, Metz & Chintala 2015, arXiv:1511.06434",
        "config": described["config"],
        "training": {
            **described["options"],
            "images": images,
            "planned_images": described["options"]["images"],
            "objective": "non-saturating (Goodfellow 2014), R1 (Mescheder 2018)",
            "augmentation": "mirroring of photographs, shift of both (DiffAugment 2020)",
            "last_log": log[-1] if log else {},
        },
        "data": "faces128.zip (LFW, CelebA) and faces_attributes.zip (CelebA), aligned, 64 px",
        "licence": _LICENCE,
    }


def export_gan(folder: Path, name: str, at: int = 0, weights: Path | None = None) -> str:
    """Write `name` (the EMA generator) and `name`-discriminator; returns a sentence.

    With `at` (images seen) it is the generator of the nearest snapshot alone. Raises
    UserError when the run has not got so far.
    """
    if not (folder / "checkpoint.safetensors").exists():
        raise UserError(f"There is no checkpoint in {folder}; train first.")
    described = read_record(folder)
    options, config = GANTraining(**described["options"]), DCGANConfig(**described["config"])
    run = Run(options, config, torch.device("cpu"))
    images = load_checkpoint(folder / "checkpoint.safetensors", run.parts)["images"]
    if at:
        found = sorted((folder / "snapshots").glob("*.safetensors"))
        if not found:
            raise UserError(f"There are no snapshots in {folder}; train further.")
        nearest = min(found, key=lambda path: abs(int(path.stem) - at))
        images = int(nearest.stem)
        run.ema.load_state_dict({n: t.float() for n, t in load_file(nearest).items()})
    reestimate_batch_norm(run.ema, config.latent_dim)
    card = _card(described, images, read_log(folder / "log.jsonl", images))
    output = {"output": f"(N, 3, {config.image_size}, {config.image_size}) in [-1, 1]"}
    save_weights(name, run.ema.state_dict(), {**card, "part": "generator", **output}, weights)
    if not at:
        judge = {**card, "part": "discriminator", "output": "logit of P(real), (N,)"}
        save_weights(f"{name}-discriminator", run.discriminator.state_dict(), judge, weights)
    return f"Wrote {name} after {images:,} images."
