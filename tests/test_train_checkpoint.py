"""A run that is stopped anywhere goes on as if it had never been."""

from dataclasses import replace

import pytest
import torch
from safetensors.torch import load_file
from torch import nn

from benchmarks.kill_training import kill_training
from ganfake.devices import step_rng
from ganfake.models.mlp import MLPConfig
from ganfake.train.checkpoint import load_checkpoint, read_log, save_checkpoint
from ganfake.train.gan import train_gan
from ganfake.train.options import GANTraining
from ganfake.train.run import Run
from tests.small_gan import CPU, OPTIONS, SMALL, assert_same, interrupted, log_of, place, whole


@pytest.mark.parametrize("steps", [1, 4, 6, 9])
def test_an_interrupted_run_ends_bit_for_bit_like_a_whole_one(place, whole, tmp_path, steps):
    # 1: before any checkpoint, 4: right after one, 6 and 9: between two.
    interrupted(place, tmp_path, after=steps)
    train_gan(place / "faces", tmp_path, OPTIONS, SMALL)
    assert_same(tmp_path, whole)


def test_dropout_draws_the_same_whatever_was_drawn_before():
    config, rng = MLPConfig(generator_widths=(16,), discriminator_widths=(16,)), step_rng(0, 0, CPU)
    real = torch.rand(4, 3, config.image_size, config.image_size, generator=rng)
    runs = [Run(replace(OPTIONS, model="mlp"), config, CPU) for _ in range(2)]
    runs[1].discriminator.load_state_dict(runs[0].discriminator.state_dict())
    runs[1].generator.load_state_dict(runs[0].generator.state_dict())
    for run in runs:
        run.discriminator.train()
        torch.rand(run.images_seen + 1 + runs.index(run))  # as another process would have
        run.step(real, None)
    for name, tensor in runs[0].discriminator.state_dict().items():
        assert torch.equal(tensor, runs[1].discriminator.state_dict()[name]), name


def test_a_run_may_go_on_past_its_first_goal(place, whole, tmp_path):
    shorter = GANTraining(**{**OPTIONS.__dict__, "images": 32})
    train_gan(place / "faces", tmp_path, shorter, SMALL)
    train_gan(place / "faces", tmp_path, OPTIONS, SMALL)
    one, other = (load_file(f / "checkpoint.safetensors") for f in (tmp_path, whole))
    assert all(torch.equal(one[name], other[name]) for name in other)


def test_moments_lie_in_memory_like_their_parameters(tmp_path):
    """Fused Adam on a CPU mixes them up silently otherwise."""

    def pair():
        layer = nn.Conv2d(8, 8, 4).to(memory_format=torch.channels_last)
        return layer, torch.optim.Adam(layer.parameters(), fused=True)

    layer, optimizer = pair()
    layer(torch.rand(2, 8, 6, 6)).sum().backward()
    optimizer.step()
    save_checkpoint(tmp_path / "state", {"layer": layer, "optimizer": optimizer}, {"images": 3})
    again, resumed = pair()
    assert load_checkpoint(tmp_path / "state", {"layer": again, "optimizer": resumed}) == {
        "images": 3
    }
    for one, other in zip(layer.parameters(), again.parameters(), strict=True):
        assert torch.equal(one, other)
        for slot, tensor in optimizer.state[one].items():
            assert torch.equal(tensor, resumed.state[other][slot])
            assert tensor.stride() == resumed.state[other][slot].stride(), slot


# -- what a kill leaves behind -----------------------------------------------------------
def test_a_log_ahead_of_the_checkpoint_and_torn_is_mended(place, whole, tmp_path):
    interrupted(place, tmp_path, after=10)
    assert log_of(tmp_path)[-1]["images"] == 40  # the checkpoint is at 32
    with (tmp_path / "log.jsonl").open("a") as log:
        log.write('{"images": 48, "loss_d": 0.7, "lo')
    train_gan(place / "faces", tmp_path, OPTIONS, SMALL)
    assert_same(tmp_path, whole)


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("", []),
        ('{"images": 8}\n{"images": 16}\n{"images": 24}\n', [8, 16]),
        ('{"images": 8}\n{"ima', [8]),
        ('{"images": 8}\n7\n{"images": 16}\n', [8]),
        ('{"images": 8}\n{"loss_d": 1}\n', [8]),
        ('{"images": 8}\n\udcff\udcfe\n', [8]),
    ],
)
def test_reading_a_log(tmp_path, text, kept):
    (tmp_path / "log.jsonl").write_bytes(text.encode(errors="surrogateescape"))
    assert [line["images"] for line in read_log(tmp_path / "log.jsonl", 16)] == kept


def test_no_log_is_an_empty_one(tmp_path):
    assert read_log(tmp_path / "log.jsonl", 16) == []


def test_a_checkpoint_that_cannot_be_written_leaves_the_one_before(tmp_path, monkeypatch):
    layer = nn.Linear(2, 2)
    save_checkpoint(tmp_path / "state", {"layer": layer}, {"images": 1})
    before = (tmp_path / "state").read_bytes()

    def full(descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OSError, match="No space"):
        save_checkpoint(tmp_path / "state", {"layer": nn.Linear(2, 2)}, {"images": 2})
    assert (tmp_path / "state").read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == ["state"]


@pytest.mark.slow
def test_real_processes_killed_with_minus_nine_go_on(tmp_path):
    """Three kills; `python -m benchmarks.kill_training` does ten."""
    moments = ("packing", "training", "writing")
    assert kill_training(tmp_path, moments, images=160, pictures=300) == []
