"""From a run's checkpoint to weights with a card."""

from pathlib import Path

import torch
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


def export_gan(folder: Path, name: str, weights: Path | None = None) -> str:
    """Write `name` (EMA generator) and `name`-discriminator; returns a sentence."""
    if not (folder / "checkpoint.safetensors").exists():
        raise UserError(f"There is no checkpoint in {folder}; train first.")
    described = read_record(folder)
    options, config = GANTraining(**described["options"]), DCGANConfig(**described["config"])
    run = Run(options, config, torch.device("cpu"))
    progress = load_checkpoint(folder / "checkpoint.safetensors", run.parts)
    reestimate_batch_norm(run.ema, config.latent_dim)
    log = read_log(folder / "log.jsonl", progress["images"])
    card = {
        "architecture": "dcgan",
        "paper": "Radford, Metz & Chintala 2015, arXiv:1511.06434",
        "config": described["config"],
        "training": {
            **described["options"],
            "images": progress["images"],
            "planned_images": options.images,
            "objective": "non-saturating (Goodfellow 2014), R1 (Mescheder 2018)",
            "augmentation": "mirroring of photographs, shift of both (DiffAugment 2020)",
            "last_log": log[-1] if log else {},
        },
        "data": "faces128.zip (LFW, CelebA) and faces_attributes.zip (CelebA), aligned, 64 px",
        "licence": _LICENCE,
    }
    output = {"output": f"(N, 3, {config.image_size}, {config.image_size}) in [-1, 1]"}
    save_weights(name, run.ema.state_dict(), {**card, "part": "generator", **output}, weights)
    judge = {**card, "part": "discriminator", "output": "logit of P(real), (N,)"}
    save_weights(f"{name}-discriminator", run.discriminator.state_dict(), judge, weights)
    return f"Wrote {name} after {progress['images']:,} images."
