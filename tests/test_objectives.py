"""Objectives, labels and the held-out split against what can be worked out by hand."""

import io
import math
import zipfile

import numpy as np
import pytest
import torch
from PIL import Image
from torch import nn

from ganfake.models.dcgan import DCGANConfig
from ganfake.models.labels import FACE_FIELDS
from ganfake.train import datasets
from ganfake.train.film import film_times
from ganfake.train.labels import LabelSource
from ganfake.train.losses import critic_loss, gradient_penalty, label_loss, paired_loss
from ganfake.train.objectives import OBJECTIVES
from ganfake.train.options import GANTraining
from ganfake.train.run import Run

CPU = torch.device("cpu")


def rng(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


# -- losses ------------------------------------------------------------------------
def test_the_critic_wants_photographs_above_made_pictures():
    real, fake = torch.tensor([3.0, 1.0]), torch.tensor([0.0, -1.0])
    assert critic_loss(real, fake).item() == pytest.approx(-0.5 - 2.0)
    weights = torch.tensor([2.0, 0.0])  # only the first made picture counts, twice
    assert critic_loss(real, fake, weights).item() == pytest.approx(0.0 - 2.0)


def test_pairs_that_cannot_be_told_apart_cost_log_two():
    assert paired_loss(torch.ones(4), torch.ones(4)).item() == pytest.approx(math.log(2))
    assert paired_loss(torch.tensor([50.0]), torch.tensor([0.0])).item() < 1e-6


def test_the_gradient_penalty_of_a_linear_critic_is_its_slope_squared_away_from_one():
    weight = torch.full((3 * 4 * 4,), 0.5)
    slope = weight.norm().item()
    real, fake = torch.randn(2, 6, 3, 4, 4, generator=rng())
    penalty = gradient_penalty(lambda x: x.flatten(1) @ weight, real, fake, rng())
    assert penalty.item() == pytest.approx((slope - 1) ** 2, rel=1e-5)


def test_the_gradient_penalty_looks_between_the_two_pictures():
    seen = []

    def judge(pictures):
        seen.append(pictures.detach())
        return pictures.sum(dim=(1, 2, 3))

    gradient_penalty(judge, torch.zeros(64, 1, 1, 1), torch.ones(64, 1, 1, 1), rng())
    assert 0 <= seen[0].min() < 0.2 and 0.8 < seen[0].max() <= 1


def test_unknown_labels_cost_nothing():
    guesses = [torch.zeros(3, 2), torch.zeros(3, 5)]
    labels = torch.tensor([[1, 0], [0, 0], [2, 3]])
    expected = (2 * math.log(2) + math.log(5)) / 3
    assert label_loss(guesses, labels).item() == pytest.approx(expected)
    assert label_loss(guesses, torch.zeros_like(labels)).item() == 0


@pytest.mark.parametrize("name", OBJECTIVES)
def test_every_objective_teaches_both_players(name):
    """A generator that only shifts: it must move towards the photographs' brightness."""
    objective = OBJECTIVES[name]()
    torch.manual_seed(0)
    shift = torch.zeros(1, requires_grad=True)
    judge = nn.Sequential(nn.Flatten(), nn.Linear(12, 16), nn.LeakyReLU(0.2), nn.Linear(16, 1))
    fast = torch.optim.Adam([shift], 0.02)
    other = torch.optim.Adam(judge.parameters(), 0.02)
    for step in range(300):
        noise = rng(step)
        real = 1.0 + 0.1 * torch.randn(32, 3, 2, 2, generator=noise)
        made = shift + 0.1 * torch.randn(32, 3, 2, 2, generator=noise)

        def score(x):
            return judge(x).flatten()

        loss = objective.discriminator(score(real), score(made.detach()), None)
        loss = loss + objective.penalty(score, score, real, made.detach(), 1.0, noise)
        other.zero_grad()
        loss.backward()
        other.step()
        against = score(real).detach() if objective.pairs else None
        fast.zero_grad()
        objective.generator(score(made), against).backward()
        fast.step()
    assert shift.item() == pytest.approx(1.0, abs=0.35)


# -- labels ------------------------------------------------------------------------
def some_labels() -> np.ndarray:
    rows = [[0, 0]] * 600 + [[1, 1]] * 380 + [[2, 1]] * 20
    return np.array(rows, np.int64)


def test_rare_labels_are_asked_for_more_often_with_weights_that_undo_it():
    source = LabelSource(some_labels(), CPU)
    drawn, weights = source.draw(200_000, rng())
    shares = {
        tuple(row): (drawn == torch.tensor(row)).all(1).float().mean().item()
        for row in ([0, 0], [1, 1], [2, 1])
    }
    assert shares[0, 0] == pytest.approx(0.35, abs=0.01)
    assert shares[2, 1] > 5 * 0.02
    for row, true in (((0, 0), 0.6), ((1, 1), 0.38), ((2, 1), 0.02)):
        counted = weights[(drawn == torch.tensor(row)).all(1)].sum().item() / 200_000
        assert counted == pytest.approx(true, rel=0.03)


def test_usual_labels_come_as_often_as_they_occur():
    usual = LabelSource(some_labels(), CPU).usual(50_000, rng())
    assert (usual[:, 0] == 2).float().mean().item() == pytest.approx(0.02, abs=0.004)


@pytest.mark.parametrize("objective", OBJECTIVES)
def test_a_conditional_step_moves_every_embedding_that_was_asked_for(objective):
    config = DCGANConfig(
        latent_dim=8, generator_channels=(8,) * 4, discriminator_channels=(8,) * 4,
        fields=FACE_FIELDS, label_dim=4,
    )  # fmt: skip
    labels = np.array([[1, 2, 1, 2, 3], [2, 1, 1, 1, 5]], np.int64)
    options = GANTraining(model="cdcgan", batch=4, objective=objective, penalty_every=1)
    run = Run(options, config, CPU, labels)
    before = [t.weight.clone() for t in run.generator.embed.tables]
    real = torch.rand(4, 3, 64, 64, generator=rng()) * 2 - 1
    for _ in range(3):
        log = run.step(real, torch.from_numpy(labels[[0, 1, 0, 1]]))
    assert {"label_d", "label_g"} <= set(log)
    assert all(math.isfinite(value) for value in log.values())
    smiling, was = run.generator.embed.tables[0].weight, before[0]
    assert torch.equal(smiling[0], was[0])  # unknown was never asked for
    assert not torch.equal(smiling[1], was[1]) and not torch.equal(smiling[2], was[2])


# -- the split ---------------------------------------------------------------------
def write_zip(path, pictures: dict[str, np.ndarray], tables: dict[str, str]) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        for name, picture in pictures.items():
            buffer = io.BytesIO()
            Image.fromarray(picture).save(buffer, "PNG")
            archive.writestr(name, buffer.getvalue())
        for name, text in tables.items():
            archive.writestr(name, text)


@pytest.fixture
def people(tmp_path, monkeypatch):
    """Forty persons with three pictures each, in the layout of faces128.zip."""
    monkeypatch.setenv("GANFAKE_CACHE", str(tmp_path / "cache"))
    noise = np.random.default_rng(0)
    pictures, lines = {}, ["file,source,identity,face_px,expression"]
    for index in range(120):
        name = f"images/{index:05d}.png"
        pictures[name] = noise.integers(0, 256, (128, 128, 3), np.uint8)
        lines.append(f"{name},lfw,person-{index // 3},100,")
    write_zip(tmp_path / "faces128.zip", pictures, {"index.csv": "\n".join(lines)})
    return tmp_path


def test_a_person_is_held_out_with_all_pictures(people):
    dataset = datasets.faces(people, 64)
    assert dataset.pictures.shape == (120, 64, 64, 3)
    by_person = dataset.held_out.reshape(40, 3)
    assert (by_person.all(1) | ~by_person.any(1)).all()
    assert 1 <= by_person.all(1).sum() <= 16
    assert not (dataset.held_out & dataset.train).any()
    assert (dataset.labels == 0).all()


def test_what_nearly_repeats_a_held_out_picture_is_not_trained_on():
    noise = np.random.default_rng(0)
    pictures = noise.integers(0, 256, (6, 64, 64, 3), np.uint8)
    pictures[4] = np.clip(pictures[0].astype(int) + 3, 0, 255)  # a little brighter
    held_out = np.array([True, False, False, False, False, False])
    kept = datasets.without_repeats(pictures, held_out)
    assert kept.tolist() == [False, True, True, True, False, True]


def test_attributes_become_labels_and_two_hair_colours_are_other():
    row = {"Smiling": "1", "Male": "-1", "Eyeglasses": "-1", "Young": "1"}
    hair = {"Black_Hair": "-1", "Blond_Hair": "1", "Brown_Hair": "-1", "Gray_Hair": "-1"}
    assert datasets._attribute_labels({**row, **hair}) == [2, 1, 1, 2, 2]
    assert datasets._attribute_labels({**row, **hair, "Brown_Hair": "1"})[-1] == 5
    assert datasets._attribute_labels({**row, **hair, "Blond_Hair": "-1"})[-1] == 5


def test_a_film_is_dense_at_the_start_and_ends_with_the_run():
    times = film_times(600_000)
    assert times[:4] == [0, 1000, 1414, 2000]
    assert times[-1] == 600_000
    assert 16 <= len(times) <= 30
    assert film_times(500) == [0, 500]
