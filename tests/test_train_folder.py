"""The folder of a training run: what is refused, what is cleaned up, what is exported from it."""

import subprocess
import sys

import pytest
import torch

from ganfake import UserError
from ganfake.models.dcgan import DCGANConfig, Generator
from ganfake.train import gan
from ganfake.train.export import export_gan
from ganfake.train.gan import train_gan
from ganfake.train.options import GANTraining
from ganfake.weights import load_weights
from tests.small_gan import OPTIONS, SMALL, assert_same, interrupted, place, whole


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
