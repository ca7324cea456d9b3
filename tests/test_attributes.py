"""The classifier that checks what conditional models were asked for."""

import io
import zipfile
from dataclasses import replace

import numpy as np
import pytest
import torch
from PIL import Image
from torch import nn

from ganfake import UserError
from ganfake.models.labels import NO_YES, VEHICLE_FIELDS
from ganfake.train import attributes
from ganfake.train.attributes import RECIPES, load_or_train, vary
from ganfake.train.classifier import (
    Classifier,
    Network,
    Recipe,
    balanced_accuracy,
    calibrate,
    class_weights,
    fit_logits,
)

SMALL = Recipe("vehicles", 32, VEHICLE_FIELDS, epochs=4, widths=(32, 32), batch=16)


@pytest.fixture
def data(tmp_path):
    """A folder with "vehicles" of which each class has a brightness of its own."""
    folder, rng = tmp_path / "given", np.random.default_rng(0)
    folder.mkdir()
    with zipfile.ZipFile(folder / "vehicles32.zip", "w") as archive:
        for number, name in enumerate(VEHICLE_FIELDS[0][1]):
            for index in range(60):
                picture = rng.integers(0, 60, (32, 32, 3)) + 65 * number
                if number % 2:
                    picture[::2] = 0  # stripes, so that light alone does not decide
                file = io.BytesIO()
                Image.fromarray(picture.clip(0, 255).astype(np.uint8)).save(file, "PNG")
                archive.writestr(f"{name}/{index:04d}.png", file.getvalue())
    return folder


# -- pieces ------------------------------------------------------------------------
def test_varied_pictures_stay_pictures_and_depend_on_the_seed_alone():
    picture = np.random.default_rng(0).integers(0, 256, (64, 64, 3), np.uint8)
    first, again, other = (vary(picture, np.random.default_rng(seed)) for seed in (1, 1, 2))
    assert first.shape == picture.shape and first.dtype == np.uint8
    assert (first == again).all() and (first != other).any() and (first != picture).any()


def test_varying_keeps_red_red():
    picture = np.zeros((64, 64, 3), np.uint8)
    picture[..., 0] = 200
    for seed in range(20):
        red, green, blue = vary(picture, np.random.default_rng(seed)).mean((0, 1))
        assert red > green + 80 and red > blue + 80


def test_with_class_weights_every_value_counts_the_same():
    labels = np.array([[1, 1]] * 9 + [[2, 3]] * 1 + [[2, 2]] * 2)
    fields = (("rare", NO_YES), ("three", ("a", "b", "c")))
    for column, weights in enumerate(class_weights(labels, fields)):
        counts = np.bincount(labels[:, column])[1:]
        totals = counts * weights.numpy()
        assert totals == pytest.approx(len(labels) / len(counts))
    (halfway, _) = class_weights(labels, fields, power=0.5)
    assert (halfway[1] / halfway[0]).item() == pytest.approx(np.sqrt(9 / 3))
    assert (halfway * torch.tensor([9.0, 3.0])).sum().item() == pytest.approx(len(labels))


def test_fitted_logits_undo_a_scale_and_a_shift():
    rng = torch.Generator().manual_seed(0)
    right = torch.randn(20_000, generator=rng) * 2  # the true log-odds of yes
    labels = (torch.rand(20_000, generator=rng) < right.sigmoid()).long()
    skewed = torch.stack([torch.zeros(20_000), right / 2 + 1.5], 1)
    scale, shift = fit_logits(skewed, labels, torch.ones(2))
    assert scale.item() == pytest.approx(2, rel=0.1)
    fitted = skewed * scale + shift
    assert (fitted[:, 1] - fitted[:, 0]) == pytest.approx(right, abs=0.35)


def test_calibration_finds_the_threshold_that_balances():
    recipe = replace(SMALL, fields=(("bright", NO_YES),))
    network = Network(recipe)
    network.layers = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten())  # the mean colour
    network.score = nn.Linear(3, 2)
    with torch.no_grad():  # logits that rise with brightness, and say "no" to all
        network.score.weight.copy_(torch.tensor([[0.0] * 3, [1.0] * 3]))
        network.score.bias.copy_(torch.tensor([0.0, -4.0]))
    rng = np.random.default_rng(0)
    light = np.r_[rng.normal(100, 25, 540), rng.normal(170, 25, 60)].clip(0, 255)
    pictures = np.tile(light.astype(np.uint8)[:, None, None, None], (1, 32, 32, 3))
    labels = np.r_[np.full(540, 1), np.full(60, 2)][:, None]
    tensor = torch.from_numpy(pictures).permute(0, 3, 1, 2) / 127.5 - 1
    classifier = Classifier(recipe, network, {})
    assert balanced_accuracy(classifier.answers(tensor)["bright"], labels[:, 0]) == 0.5
    calibrate(network, recipe, pictures, labels)
    assert balanced_accuracy(classifier.answers(tensor)["bright"], labels[:, 0]) > 0.85


def test_balanced_accuracy_is_the_mean_over_the_values():
    right = np.array([1] * 8 + [2] * 2)
    assert balanced_accuracy(np.full(10, 1), right) == 0.5  # though 80 % are right
    given = np.array([1] * 6 + [2] * 2 + [2, 1])
    assert balanced_accuracy(given, right) == pytest.approx((6 / 8 + 1 / 2) / 2)


def test_yes_or_no_is_one_probability_and_a_choice_is_several():
    recipe = replace(SMALL, fields=(("Smiling", NO_YES), *VEHICLE_FIELDS))
    torch.manual_seed(0)
    classifier = Classifier(recipe, Network(recipe).eval(), {})
    pictures = torch.rand(5, 3, 48, 48) * 2 - 1  # of another size
    found, answers = classifier(pictures), classifier.answers(pictures)
    assert found["Smiling"].shape == (5,) and found["class"].shape == (5, 4)
    assert found["class"].sum(1) == pytest.approx(1, abs=1e-5)
    assert set(answers["Smiling"]) <= {1, 2}
    assert (answers["Smiling"] == 1 + (found["Smiling"] > 0.5).numpy()).all()
    assert (answers["class"] == 1 + found["class"].argmax(1).numpy()).all()
    mirrored = classifier(pictures.flip(3))
    assert mirrored["Smiling"] == pytest.approx(found["Smiling"], abs=1e-5)


def test_every_parameter_gets_a_gradient():
    for recipe in RECIPES.values():
        network = Network(recipe)
        sum(row.sum() for row in network(torch.rand(4, 3, recipe.size, recipe.size))).backward()
        assert all(p.grad is not None and p.grad.any() for p in network.parameters())


# -- training ----------------------------------------------------------------------
def test_it_learns_is_kept_and_comes_back_the_same(data, monkeypatch):
    made = load_or_train(data=data, recipe=SMALL)
    assert made.held_out["class"] > 0.6  # chance is 0.25
    pictures = torch.rand(4, 3, 32, 32) * 2 - 1
    monkeypatch.setattr(attributes, "_train", None)  # a second training would be an error
    kept = load_or_train(data=data, recipe=SMALL)
    assert kept.held_out == made.held_out
    assert torch.equal(kept(pictures)["class"], made(pictures)["class"])


def test_an_interrupted_training_goes_on(data, monkeypatch):
    whole, epochs = attributes._epoch, []

    def counted(*given):
        epochs.append(given[-1])
        if epochs == [0, 1, 2]:
            raise KeyboardInterrupt
        return whole(*given)

    monkeypatch.setattr(attributes, "_epoch", counted)
    with pytest.raises(KeyboardInterrupt):
        load_or_train(data=data, recipe=SMALL)
    assert not SMALL.file().exists()
    load_or_train(data=data, recipe=SMALL)
    assert epochs == [0, 1, 2, 2, 3]
    assert [p.name for p in SMALL.file().parent.glob("*.unfinished")] == []


def test_what_a_person_can_get_wrong(tmp_path):
    with pytest.raises(UserError, match="faces, vehicles"):
        load_or_train("dogs")
    with pytest.raises(UserError, match=r"no vehicles32\.zip"):
        load_or_train("vehicles", data=tmp_path)
