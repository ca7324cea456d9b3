"""The pieces of GAN training against what can be worked out by hand, and one small run."""

import io
import json
import zipfile
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from ganfake import UserError, __main__, provenance
from ganfake.devices import step_rng
from ganfake.faces import TEMPLATE
from ganfake.models.dcgan import DCGANConfig
from ganfake.train import data
from ganfake.train.data import Batches, find_sources, packed
from ganfake.train.gan import train_gan
from ganfake.train.options import GANTraining
from ganfake.train.run import Run

CPU = torch.device("cpu")
SMALL = DCGANConfig(
    latent_dim=8, generator_channels=(8,) * 4, discriminator_channels=(8,) * 4
)  # fmt: skip


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("GANFAKE_CACHE", str(tmp_path / "cache"))


@pytest.fixture
def faces(tmp_path) -> Path:
    """Twelve aligned faces, each of one colour with a frame."""
    folder = tmp_path / "faces"
    folder.mkdir()
    for index in range(12):
        picture = np.full((64, 64, 3), 20 * index, np.uint8)
        picture[:4] = 255 - 20 * index
        Image.fromarray(picture).save(folder / f"{index:02d}.png")
    return folder


def rng(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


# -- training pictures -----------------------------------------------------------------
def test_batches_go_through_every_picture_once_an_epoch():
    faces = np.arange(10, dtype=np.uint8).repeat(64 * 64 * 3).reshape(10, 64, 64, 3)
    batches = Batches(faces, 4, 7, CPU)
    seen = [
        round((value + 1) * 127.5)
        for start in range(0, 40, 4)
        for value in batches.at(start)[:, 0, 0, 0].tolist()
    ]
    epochs = [seen[i : i + 10] for i in range(0, 40, 10)]
    assert [sorted(epoch) for epoch in epochs] == [list(range(10))] * 4
    assert len({tuple(epoch) for epoch in epochs}) == 4
    # What comes after so many pictures does not depend on what was asked before.
    assert torch.equal(Batches(faces, 4, 7, CPU).at(16), batches.at(16))
    assert not torch.equal(Batches(faces, 4, 8, CPU).at(16), batches.at(16))


def test_batches_run_from_minus_one_to_one():
    faces = np.zeros((2, 64, 64, 3), np.uint8)
    faces[1] = 255
    batch = Batches(faces, 2, 0, CPU).at(0)
    assert batch.shape == (2, 3, 64, 64)
    assert (batch.dtype, batch.min().item(), batch.max().item()) == (torch.float32, -1.0, 1.0)


def packed_faces(data: Path, size: int) -> np.ndarray:
    return packed(find_sources(data), size)[0]


def test_packed_faces_are_the_pictures_and_are_packed_once(faces, monkeypatch):
    packed = packed_faces(faces, 64)
    assert packed.shape == (12, 64, 64, 3)
    expected = np.stack([np.asarray(Image.open(p)) for p in sorted(faces.iterdir())])
    np.testing.assert_array_equal(packed, expected)
    monkeypatch.setattr(data, "_pack", None)
    np.testing.assert_array_equal(packed_faces(faces, 64), packed)


def test_a_picture_replaced_in_place_is_packed_again(faces):
    packed_faces(faces, 64)
    Image.new("RGB", (64, 64), (1, 2, 3)).save(faces / "00.png")
    assert packed_faces(faces, 64)[0, 0, 0].tolist() == [1, 2, 3]


def test_damaged_and_oblong_pictures_are_left_out_and_counted(faces, capsys):
    whole = io.BytesIO()
    Image.new("RGB", (64, 64)).save(whole, "JPEG")
    (faces / "half.jpg").write_bytes(whole.getvalue()[: len(whole.getvalue()) // 2])
    (faces / "empty.jpg").write_bytes(b"")
    (faces / "text.png").write_text("no picture")
    Image.new("RGB", (64, 80)).save(faces / "oblong.png")
    (faces / "notes.txt").write_text("not looked at")
    assert len(packed_faces(faces, 64)) == 12
    assert "Left out 4 of 16 pictures" in capsys.readouterr().out


def test_a_zip_is_read_like_a_folder_and_a_damaged_member_is_left_out(faces, tmp_path, capsys):
    archive = tmp_path / "faces.zip"
    with zipfile.ZipFile(archive, "w") as file:
        for path in sorted(faces.iterdir()):
            file.write(path, f"images/{path.name}")
    content = bytearray(archive.read_bytes())
    content[content.index(b"IDAT") + 8] ^= 0xFF  # the member's checksum is now wrong
    archive.write_bytes(content)
    np.testing.assert_array_equal(packed_faces(archive, 64), packed_faces(faces, 64)[1:])
    assert "Left out 1 of 12 pictures" in capsys.readouterr().out


def test_sources_without_pictures_end_in_a_sentence(tmp_path):
    (tmp_path / "empty").mkdir()
    (tmp_path / "text.zip").write_text("no archive")
    for name, words in (
        ("missing", "no training data"),
        ("empty", "no aligned, square pictures"),
        ("text.zip", "neither a folder nor a zip"),
    ):
        with pytest.raises(UserError, match=words):
            packed_faces(tmp_path / name, 64)


def test_celeba_is_moved_onto_the_template(tmp_path):
    """The eyes and mouth corners of CelebA's alignment land where every other face has them."""
    picture = np.zeros((109, 89, 3), np.float32)
    rows, columns = np.mgrid[:109, :89] + 0.5
    for x, y in data._CELEBA_POINTS:
        picture += 255 * np.exp(-((columns - x) ** 2 + (rows - y) ** 2) / 8)[..., None]
    png = io.BytesIO()
    Image.fromarray(picture.clip(0, 255).astype(np.uint8)).save(png, "PNG")
    with zipfile.ZipFile(tmp_path / "faces_attributes.zip", "w") as archive:
        archive.writestr("images/000001.png", png.getvalue())
    face = packed_faces(tmp_path, 64)[0, :, :, 0].astype(float)
    rows, columns = np.mgrid[:64, :64] + 0.5
    for x, y in TEMPLATE[[0, 1, 3, 4]] * 64:
        near = np.hypot(columns - x, rows - y) < 5
        centre = [np.average(axis[near], weights=face[near]) for axis in (columns, rows)]
        assert np.hypot(centre[0] - x, centre[1] - y) < 1


def test_packing_that_was_cut_off_leaves_no_broken_cache(faces, tmp_path, monkeypatch):
    def torn(file, array):
        file.write(b"\x93NUMPY half of it")
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(data.np, "save", torn)
        with pytest.raises(KeyboardInterrupt):
            packed_faces(faces, 64)
    folder = tmp_path / "cache" / "packed"
    assert list(folder.glob("*.tmp")) and not list(folder.glob("*.npy"))
    (folder / "faces64-of-other-pictures.tmp").write_bytes(b"half")
    assert len(packed_faces(faces, 64)) == 12
    assert not list(folder.glob("*.tmp"))


# -- the run ---------------------------------------------------------------------------
def test_the_moving_average_forgets_half_in_its_halflife():
    run = Run(GANTraining(batch=10, ema_halflife=200), SMALL, CPU)
    with torch.no_grad():
        for average, current in zip(run.ema.parameters(), run.generator.parameters(), strict=True):
            average.zero_()
            current.fill_(1.0)
    run.images_seen = 1_000_000
    for _ in range(20):  # of 10 images each: one halflife
        run._update_ema()
    for average in run.ema.parameters():
        torch.testing.assert_close(average, torch.full_like(average, 0.5), atol=1e-5, rtol=0)


def test_the_moving_average_follows_the_generator_step_by_step():
    run = Run(GANTraining(batch=4, ema_halflife=16), SMALL, CPU)
    expected = {name: t.clone() for name, t in run.ema.state_dict().items()}
    real = torch.rand(4, 3, 64, 64, generator=rng()) * 2 - 1
    for step in range(1, 4):
        run.step(real)
        keep = 0.5 ** (4 / min(16, 0.05 * 4 * step))
        for name, now in run.generator.state_dict().items():
            mixed = keep * expected[name] + (1 - keep) * now
            expected[name] = mixed if now.is_floating_point() else now.clone()
    for name, average in run.ema.state_dict().items():
        torch.testing.assert_close(average, expected[name], atol=1e-6, rtol=1e-4)
    assert not any(p.requires_grad for p in run.ema.parameters())


def test_a_step_moves_both_players_and_both_learn_from_it():
    run = Run(GANTraining(batch=4), SMALL, CPU)
    before = {
        part: [p.clone() for p in getattr(run, part).parameters()]
        for part in ("generator", "discriminator")
    }
    logged = run.step(torch.rand(4, 3, 64, 64, generator=rng()) * 2 - 1)
    assert set(logged) == {
        "loss_d", "loss_g", "d_real", "d_fake", "grad_d", "grad_g", "spread",
    }  # fmt: skip
    assert all(0 < value < 10 for value in logged.values())
    for part, old in before.items():
        # All but the biases before batch normalisation, of which there are none here.
        for was, now in zip(old, getattr(run, part).parameters(), strict=True):
            # The last bias stays where real and made score alike, as they do at first.
            assert was.numel() == 1 or not torch.equal(was, now), part
    assert run.images_seen == 4


def test_random_numbers_of_a_step_depend_on_seed_and_step_alone():
    draws = {
        (seed, step): torch.rand(4, generator=step_rng(seed, step, CPU)).tolist()
        for seed in (0, 1)
        for step in (0, 1, 2)
    }
    assert len({tuple(d) for d in draws.values()}) == 6
    assert torch.rand(4, generator=step_rng(1, 2, CPU)).tolist() == draws[1, 2]


def test_a_small_run_leaves_its_log_samples_snapshots_and_options(faces, tmp_path):
    options = GANTraining(
        images=48, batch=4, log_every=8, checkpoint_every=16, samples_every=24, snapshot_every=32
    )
    run = train_gan(faces, tmp_path / "run", options, SMALL)
    assert run.images_seen == 48
    log = [json.loads(line) for line in (tmp_path / "run/log.jsonl").read_text().splitlines()]
    assert [line["images"] for line in log] == [8, 16, 24, 32, 40, 48]
    for line in log:
        assert line["loss_d"] > 0 and line["loss_g"] > 0 and line["images_per_second"] > 0
        assert 0 < line["d_real"] < 1 and 0 < line["d_fake"] < 1
    grids = sorted(p.name for p in (tmp_path / "run/samples").iterdir())
    assert grids == ["000000024.png", "000000048.png"]
    with Image.open(tmp_path / "run/samples/000000048.png") as grid:
        assert grid.size == (8 * 64, 8 * 64)
        assert provenance.read(tmp_path / "run/samples/000000048.png").model == "dcgan"
    frames = sorted(p.name for p in (tmp_path / "run/film").iterdir())
    assert frames == ["000000000.png", "000000048.png"]
    snapshots = sorted(p.name for p in (tmp_path / "run/snapshots").iterdir())
    assert snapshots == ["000000032.safetensors", "000000048.safetensors"]
    described = json.loads((tmp_path / "run/run.json").read_text())
    assert GANTraining(**described["options"]) == options
    assert DCGANConfig(**described["config"]) == SMALL


@pytest.mark.parametrize(
    "wrong",
    [
        {"batch": 0},
        {"images": -1},
        {"checkpoint_every": 0},
        {"penalty_every": 0},
        {"seed": -1},
        {"objective": "least squares"},
    ],
)
def test_options_that_cannot_be_are_refused(wrong):
    with pytest.raises(UserError, match=f"{next(iter(wrong))} must be"):
        GANTraining(**wrong)


def test_the_command_line_says_a_mistake_in_one_line(tmp_path, monkeypatch, capsys):
    arguments = ["train", "gan", "--run", str(tmp_path / "run"), "--data", str(tmp_path / "none")]
    monkeypatch.setattr("sys.argv", ["ganfake", *arguments])
    with pytest.raises(SystemExit) as stopped:
        __main__.main()
    assert stopped.value.code == 1
    said = capsys.readouterr().err.strip()
    assert said.startswith("There is no training data at") and "\n" not in said
