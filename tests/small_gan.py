"""A training so small that tests can wait for it."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import load_file

from ganfake.models.dcgan import DCGANConfig
from ganfake.train.gan import train_gan
from ganfake.train.options import GANTraining
from ganfake.train.run import Run

SMALL = DCGANConfig(
    latent_dim=8, generator_channels=(8,) * 4, discriminator_channels=(8,) * 4
)  # fmt: skip
# Checkpoints at 16, 32 and 48 images; R1 in every second step.
CPU = torch.device("cpu")
OPTIONS = GANTraining(
    images=48, batch=4, penalty_every=2, ema_halflife=16,
    log_every=8, checkpoint_every=16, samples_every=24, snapshot_every=24,
)  # fmt: skip


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A folder of ten noisy faces, and a cache of our own."""
    folder = tmp_path_factory.mktemp("training")
    noise = np.random.default_rng(0)
    (folder / "faces").mkdir()
    for index in range(10):
        picture = noise.integers(0, 256, (64, 64, 3), np.uint8)
        Image.fromarray(picture).save(folder / "faces" / f"{index}.png")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GANFAKE_CACHE", str(folder / "cache"))
        yield folder


@pytest.fixture(scope="module")
def whole(place) -> Path:
    """The folder of a run that nothing interrupted."""
    train_gan(place / "faces", place / "whole", OPTIONS, SMALL)
    return place / "whole"


def interrupted(place: Path, folder: Path, after: int) -> None:
    """Start the run in `folder` and break it off after so many steps."""
    taken, step = iter(range(after)), Run.step

    def broken(run, real, labels):
        if next(taken, None) is None:
            raise KeyboardInterrupt
        return step(run, real, labels)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Run, "step", broken)
        with pytest.raises(KeyboardInterrupt):
            train_gan(place / "faces", folder, OPTIONS, SMALL)


def log_of(folder: Path) -> list[dict]:
    lines = (folder / "log.jsonl").read_text().splitlines()
    return [{k: v for k, v in json.loads(x).items() if k != "images_per_second"} for x in lines]


def assert_same(folder: Path, whole: Path) -> None:
    """Every tensor of both players, the average and the optimizers, the log, the pictures."""
    one, other = (load_file(f / "checkpoint.safetensors") for f in (folder, whole))
    assert one.keys() == other.keys()
    parts = {name.split("/")[0] for name in one}
    assert parts == set(Run(OPTIONS, SMALL, torch.device("cpu")).parts)
    for name, tensor in one.items():
        assert torch.equal(tensor, other[name]), name
    assert log_of(folder) == log_of(whole)
    for made in (*whole.glob("samples/*"), *whole.glob("snapshots/*")):
        assert (folder / made.relative_to(whole)).read_bytes() == made.read_bytes()
