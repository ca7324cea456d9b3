"""The texture expert: its statistics, and that one pass says what two would."""

import numpy as np
import pytest
import torch

from ganfake.devices import pick_device, supports_bf16
from ganfake.experts import SIDE, load
from ganfake.experts.linear import fit_linear
from ganfake.experts.mobilenet import MobileNet
from ganfake.experts.texture import statistics
from ganfake.generate import generate


@pytest.fixture(scope="module")
def faces():
    return np.stack([np.asarray(p.resize((SIDE, SIDE))) for p in generate("portrait", 3, 5)])


def test_statistics_are_means_variances_and_correlations():
    maps = torch.rand(2, 3, 5, 7, generator=torch.Generator().manual_seed(0))
    found = statistics(maps).numpy()
    for row, one in zip(found, maps.flatten(2).double().numpy(), strict=True):
        correlations = np.corrcoef(one)[np.triu_indices(3, 1)]
        wanted = np.concatenate([one.mean(1), np.log(one.var(1)), correlations])
        assert np.allclose(row, wanted, atol=1e-3)


def test_statistics_of_a_dead_channel_are_numbers():
    assert torch.isfinite(statistics(torch.zeros(1, 4, 3, 3))).all()


def test_early_and_late_layers_are_the_whole_network():
    network = MobileNet().eval()
    x = torch.rand(2, 3, 64, 64, generator=torch.Generator().manual_seed(1)) * 2 - 1
    with torch.no_grad():
        assert torch.allclose(network.late([*network.early(x)][-1]), network(x), atol=1e-5)


def test_one_pass_says_what_both_experts_say_alone(faces):
    texture, whole = load("texture").predict_both(faces)
    assert np.allclose(texture, load("texture").predict_proba(faces), atol=1e-6)
    # Alone it runs in bfloat16 where that pays, joined with texture always in float32.
    near = 0.02 if supports_bf16(pick_device()) else 1e-4
    assert np.allclose(whole, load("mobilenet").predict_proba(faces), atol=near)


def test_faces_do_not_depend_on_their_neighbours(faces):
    together = load("texture").predict_proba(faces)
    alone = [load("texture").predict_proba(face[None])[0] for face in faces]
    assert np.allclose(together, alone, atol=1e-4)


def test_evidence_is_the_word_of_each_classifier(faces):
    said = load("texture").evidence(faces[0])["networks"]
    odds = np.log(np.array(said) / (1 - np.array(said)))
    assert len(said) == len(load("texture").models) <= len(load("mobilenet").networks)
    assert 1 / (1 + np.exp(-odds.mean())) == pytest.approx(
        load("texture").predict_proba(faces[:1])[0], abs=0.01
    )


def test_ridge_learns_from_more_features_than_rows():
    rng = np.random.default_rng(0)
    fake = np.arange(300) % 2 == 1
    rows = rng.normal(size=(300, 1000))
    rows[:, :50] += 0.8 * fake[:, None]
    known, asked = np.arange(300) < 200, np.arange(300) >= 200
    model = fit_linear(rows[known], fake[known], np.arange(200), kind="ridge", strengths=(1e-3,))
    assert ((model.predict_proba(rows[asked]) > 0.5) == fake[asked]).mean() > 0.85
