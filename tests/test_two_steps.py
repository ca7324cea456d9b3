"""The benchmark compares like with like: our training step and the plain one do the same."""

import pytest
import torch
from torch import nn

from benchmarks.two_steps import Plain, Trainer, plainly
from ganfake.models.dcgan import DCGANConfig
from ganfake.train.objectives import OBJECTIVES
from ganfake.train.options import GANTraining
from ganfake.train.run import Run

CPU = torch.device("cpu")
SMALL = DCGANConfig(
    latent_dim=8, generator_channels=(8,) * 4, discriminator_channels=(8,) * 4
)  # fmt: skip


@pytest.mark.parametrize("objective", OBJECTIVES)
def test_both_steps_train_alike(objective, monkeypatch):
    monkeypatch.setattr(torch.cpu, "get_capabilities", dict)  # float32 on both sides
    run = Run(GANTraining(batch=4, objective=objective, penalty_every=2), SMALL, CPU)
    plain = Plain(run)
    real = torch.rand(4, 3, 64, 64, generator=torch.Generator().manual_seed(0)) * 2 - 1
    for _ in range(3):
        ours, theirs = run.step(real), plain.step(real)
        for name, loss in theirs.items():
            torch.testing.assert_close(ours[name], loss, rtol=1e-3, atol=1e-4)
    for part in ("generator", "discriminator", "ema"):
        trained = getattr(plain, part).state_dict()
        for name, tensor in getattr(run, part).state_dict().items():
            torch.testing.assert_close(tensor, trained[name], rtol=0.01, atol=1e-3)


def test_the_plain_networks_are_torchs_own_in_torchs_own_layout():
    run = Run(GANTraining(batch=4), SMALL, CPU)
    for network in (run.generator, run.discriminator):
        kinds = {type(m) for m in plainly(network).modules() if hasattr(m, "weight")}
        assert kinds <= {nn.Conv2d, nn.ConvTranspose2d, nn.BatchNorm2d}
        assert all(p.is_contiguous() for p in plainly(network).parameters())
        assert kinds != {type(m) for m in network.modules() if hasattr(m, "weight")}


@pytest.mark.slow
def test_processes_take_the_same_steps():
    with Trainer("dcgan", 1, True) as ours, Trainer("dcgan", 1, False) as plain:
        first, second = [[one.steps(1), one.steps(2)] for one in (ours, plain)]
    assert first == pytest.approx(second, rel=0.03)
    assert first[0] != first[1]
