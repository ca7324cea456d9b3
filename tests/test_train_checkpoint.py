"""A run that is stopped anywhere goes on as if it had never been."""

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import load_file
from torch import nn

from benchmarks.kill_training import kill_training
from ganfake import UserError
from ganfake.devices import step_rng
from ganfake.models.dcgan import DCGANConfig, Generator
from ganfake.models.mlp import MLPConfig
from ganfake.train import gan
from ganfake.train.checkpoint import load_checkpoint, read_log, save_checkpoint
from ganfake.train.export import export_gan
from ganfake.train.gan import train_gan
from ganfake.train.options import GANTraining
from ganfake.train.run import Run
from ganfake.weights import load_weights

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


def test_half_written_files_of_a_killed_process_go_and_do_no_harm(place, whole, tmp_path):
    interrupted(place, tmp_path, after=5)
    half = (tmp_path / "checkpoint.safetensors").read_bytes()[:1000]
    stale = [
        tmp_path / ".checkpoint.safetensors.4711.tmp",
        tmp_path / ".log.jsonl.0a1b2c3d.tmp",
        tmp_path / "snapshots" / ".000000024.safetensors.4711.tmp",
    ]
    ours = tmp_path / ".notes.tmp"  # somebody else's, and none of our business
    for path in (*stale, ours):
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(half)
    train_gan(place / "faces", tmp_path, OPTIONS, SMALL)
    assert not any(path.exists() for path in stale)
    assert ours.exists()
    assert_same(tmp_path, whole)


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


# -- refusals ------------------------------------------------------------------------------
@pytest.mark.parametrize("other", [{"batch": 8}, {"seed": 1}, {"penalty_gamma": 1.0}])
def test_other_options_are_refused_and_nothing_is_touched(place, whole, other):
    before = {p: p.read_bytes() for p in whole.rglob("*") if p.is_file()}
    with pytest.raises(UserError, match="other options"):
        train_gan(place / "faces", whole, GANTraining(**{**OPTIONS.__dict__, **other}), SMALL)
    assert {p: p.read_bytes() for p in whole.rglob("*") if p.is_file()} == before


def test_another_network_is_refused(place, whole):
    with pytest.raises(UserError, match="other options"):
        train_gan(place / "faces", whole, OPTIONS, DCGANConfig())


def test_options_may_change_while_nothing_was_trained(place, tmp_path):
    with pytest.raises(UserError, match="no training data"):
        train_gan(
            place / "nowhere", tmp_path, GANTraining(**{**OPTIONS.__dict__, "batch": 8}), SMALL
        )
    shorter = GANTraining(**{**OPTIONS.__dict__, "images": 4})
    assert train_gan(place / "faces", tmp_path, shorter, SMALL).images_seen == 4


@pytest.mark.parametrize("content", [b"", b"no tensors", None])
def test_a_damaged_checkpoint_ends_in_a_sentence(place, whole, tmp_path, content):
    (tmp_path / "run.json").write_bytes((whole / "run.json").read_bytes())
    if content is None:
        content = (whole / "checkpoint.safetensors").read_bytes()[:-100]
    (tmp_path / "checkpoint.safetensors").write_bytes(content)
    with pytest.raises(UserError, match="is damaged"):
        train_gan(place / "faces", tmp_path, OPTIONS, SMALL)


@pytest.mark.parametrize("record", [None, "{torn"])
def test_a_checkpoint_without_its_options_is_refused(place, whole, tmp_path, record):
    (tmp_path / "checkpoint.safetensors").write_bytes(
        (whole / "checkpoint.safetensors").read_bytes()
    )
    if record:
        (tmp_path / "run.json").write_text(record)
    with pytest.raises(UserError, match=r"no readable run\.json"):
        train_gan(place / "faces", tmp_path, OPTIONS, SMALL)


def test_a_second_process_in_the_same_folder_is_refused(place, tmp_path):
    hold = (
        "import sys, filelock\n"
        "with filelock.FileLock(sys.argv[1]):\n"
        "    print('held', flush=True)\n"
        "    sys.stdin.read()\n"
    )
    command = [sys.executable, "-c", hold, str(tmp_path / ".lock")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        try:
            assert other.stdout.readline() == b"held\n"
            with pytest.raises(UserError, match="Another process is training") as refused:
                train_gan(place / "faces", tmp_path, OPTIONS, SMALL)
            assert "\n" not in str(refused.value)
            assert [p.name for p in tmp_path.iterdir()] == [".lock"]
        finally:
            other.stdin.close()
    # A lock ends with its holder, however that ended.
    assert train_gan(place / "faces", tmp_path, OPTIONS, SMALL).images_seen == 48


def test_a_failed_run_lets_go_of_its_folder(place, tmp_path):
    with pytest.raises(UserError) as first:
        train_gan(place / "nowhere", tmp_path, OPTIONS, SMALL)
    with pytest.raises(UserError) as second:
        train_gan(place / "nowhere", tmp_path, OPTIONS, SMALL)
    assert str(first.value) == str(second.value)


# -- export --------------------------------------------------------------------------------
def test_export_makes_weights_with_a_card(whole, tmp_path):
    said = export_gan(whole, "small", weights=tmp_path)
    assert said == "Wrote small after 48 images."
    state, card = load_weights("small", tmp_path)
    generator = Generator(DCGANConfig(**card["config"]))
    generator.load_state_dict(state)
    pictures = generator.eval()(torch.randn(2, 8, generator=torch.Generator().manual_seed(0)))
    assert pictures.shape == (2, 3, 64, 64) and pictures.isfinite().all()
    assert (card["architecture"], card["part"]) == ("dcgan", "generator")
    training = card["training"]
    assert (training["images"], training["planned_images"], training["seed"]) == (48, 48, 0)
    assert training["last_log"]["images"] == 48
    judge, judge_card = load_weights("small-discriminator", tmp_path)
    assert judge_card["part"] == "discriminator" and "score.weight" in judge


def test_export_reads_a_run_that_is_still_being_written(whole, tmp_path):
    for name in ("run.json", "checkpoint.safetensors"):
        (tmp_path / name).write_bytes((whole / name).read_bytes())
    ahead = (whole / "log.jsonl").read_text() + '{"images": 56}\n{"ima'
    (tmp_path / "log.jsonl").write_text(ahead)
    export_gan(tmp_path, "small", weights=tmp_path / "weights")
    _, card = load_weights("small", tmp_path / "weights")
    assert card["training"]["last_log"]["images"] == 48


def test_export_of_a_snapshot_is_the_generator_alone(whole, tmp_path):
    snapshots = sorted((whole / "snapshots").glob("*.safetensors"))
    first = int(snapshots[0].stem)
    assert export_gan(whole, "early", at=first, weights=tmp_path).endswith(f"{first:,} images.")
    assert load_weights("early", tmp_path)[1]["training"]["images"] == first
    assert not (tmp_path / "early-discriminator.json").exists()


def test_export_before_training_ends_in_a_sentence(tmp_path):
    with pytest.raises(UserError, match="train first"):
        export_gan(tmp_path, "small", weights=tmp_path)


def test_every_file_a_run_writes_through_is_cleaned_up():
    """The patterns of unfinished files know every name the run writes."""
    written = ("checkpoint.safetensors", "run.json", "log.jsonl")
    for name in written:
        assert f".{name}.*.tmp" in gan._UNFINISHED
