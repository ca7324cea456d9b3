"""The classic experts: fitted on drawn faces, calibrated, the same after a trip to disk."""

import json

import numpy as np
import pytest
from skimage import data
from skimage.transform import resize
from sklearn.metrics import roc_auc_score

from ganfake import UserError
from ganfake.experts import colour, linear, residual, spectrum

MODULES = {"colour": colour, "spectrum": spectrum, "residual": residual}


@pytest.fixture
def weights(tmp_path, monkeypatch):
    """An empty folder in place of the project's weights."""
    monkeypatch.setattr("ganfake.weights.weights_dir", lambda: tmp_path)
    return tmp_path


def rows(count: int = 1200, features: int = 30, apart: float = 1.0, seed: int = 0):
    """Two clouds (N, D) on very unlike scales, fake (N,), groups of three (N,)."""
    rng = np.random.default_rng(seed)
    fake = rng.random(count) < 0.5
    cloud = rng.normal(0, 1, (count, features))
    cloud[fake, :8] += apart
    scale = np.geomspace(0.01, 100, features)
    return cloud * scale + 5 * scale, fake, np.arange(count) // 3


def real_and_fake(count: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Pieces of photographs (N, 160, 160, 3), and some of them enlarged and squashed: fakes."""
    rng = np.random.default_rng(seed)
    sources = [data.astronaut(), data.chelsea(), data.coffee()]
    faces, fakes = [], np.arange(count) % 2 == 1
    for fake in fakes:
        source = sources[rng.integers(len(sources))]
        side = 60 if fake else 160
        y, x = (rng.integers(0, s - side) for s in source.shape[:2])
        piece = resize(source[y : y + side, x : x + side] / 255, (160, 160))
        piece = np.clip(piece * rng.uniform(0.8, 1.3), 0, 1)
        faces.append((255 * (0.05 + 0.9 * piece if fake else piece)).astype(np.uint8))
    return np.stack(faces), fakes


@pytest.mark.parametrize("kind", ["svm", "logistic"])
def test_separable_rows_are_told_apart_and_probabilities_are_honest(kind):
    features, fake, groups = rows()
    model = linear.fit_linear(features, fake, groups, kind=kind)
    new, truth, _ = rows(3000, seed=1)
    p = model.predict_proba(new)
    assert p.shape == (3000,) and p.dtype == np.float64 and p.min() >= 0 and p.max() <= 1
    assert roc_auc_score(truth, p) > 0.95
    for low in (0.05, 0.3, 0.5, 0.7):
        some = (p >= low) & (p < low + 0.25)
        assert abs(truth[some].mean() - p[some].mean()) < 0.1, low


def test_noise_is_not_told_apart():
    features, fake, groups = rows(apart=0.0)
    p = linear.fit_linear(features, fake, groups).predict_proba(rows(apart=0.0, seed=1)[0])
    assert np.abs(p - 0.5).max() < 0.25  # what is not known is not claimed


def test_twins_in_one_group_do_not_make_it_bold():
    """Rows repeated within their group: without groups the sigmoid would trust what it learned."""
    rng = np.random.default_rng(0)
    fake = np.repeat(rng.random(60) < 0.5, 5)
    features = np.repeat(rng.normal(0, 1, (60, 40)), 5, axis=0)
    by_group = linear.fit_linear(features, fake, np.repeat(np.arange(60), 5), strengths=(1.0,))
    loose = linear.fit_linear(features, fake, np.arange(300), strengths=(1.0,))
    new = rng.normal(0, 1, (500, 40))
    unsure, bold = (np.abs(m.predict_proba(new) - 0.5).mean() for m in (by_group, loose))
    assert unsure < 0.2 < bold


def test_weight_moves_the_balance():
    features, fake, groups = rows(apart=0.3)
    plain = linear.fit_linear(features, fake, groups, strengths=(0.01,))
    heavy = linear.fit_linear(features, fake, groups, np.where(fake, 9.0, 1.0), strengths=(0.01,))
    assert heavy.predict_proba(features).mean() > plain.predict_proba(features).mean() + 0.2


def test_odd_training_rows_are_an_error():
    features, fake, groups = rows(60)
    with pytest.raises(ValueError, match="real and fake"):
        linear.fit_linear(features, np.ones(60, bool), groups)
    with pytest.raises(ValueError, match="groups"):
        linear.fit_linear(features, fake, np.zeros(60))
    with pytest.raises(ValueError, match="kind"):
        linear.fit_linear(features, fake, groups, kind="forest")
    features[3, 3] = np.nan
    with pytest.raises(ValueError, match="finite"):
        linear.fit_linear(features, fake, groups)


def test_a_model_comes_back_from_its_file_as_it_was(weights):
    features, fake, groups = rows()
    features[:, 3] = 7.0  # constant: no information, no division by nothing
    model = linear.fit_linear(features, fake, groups)
    model.save("detector-drawn", {"expert": "drawn"})
    again, card = linear.load_model("detector-drawn")
    assert np.array_equal(again.predict_proba(features), model.predict_proba(features))
    assert card["expert"] == "drawn" and card["features"] == 30
    assert json.loads((weights / "detector-drawn.json").read_text()) == card
    with pytest.raises(ValueError, match="30"):
        again.predict_proba(features[:, :29])
    with pytest.raises(ValueError, match="30"):
        again.predict_proba(features[0])


def test_one_wild_feature_does_not_decide_alone():
    features, fake, groups = rows()
    model = linear.fit_linear(features, fake, groups)
    wild = features[:2].copy()
    wild[0, 0], wild[1, 0] = 1e4, 1e12
    assert np.array_equal(*np.split(model.score(np.stack([wild[0]] * 2)), 2))
    wild[1, 1:] = wild[0, 1:]
    assert model.score(wild)[0] == model.score(wild)[1]


def test_missing_and_foreign_weights_are_one_sentence(weights):
    for module in MODULES.values():
        with pytest.raises(UserError, match="weights"):
            module.load()
    from torch import zeros

    from ganfake.weights import save_weights

    save_weights("detector-colour", {"mean": zeros(3)}, {})
    with pytest.raises(UserError, match="no linear model"):
        colour.load()


@pytest.mark.parametrize("name", MODULES)
def test_an_expert_learns_says_what_it_saw_and_survives_its_file(name, weights):
    module = MODULES[name]
    faces, fake = real_and_fake(90)
    features = np.stack([module.features(face) for face in faces]).astype(np.float32)
    model = module.fit(features, fake, np.arange(90), np.ones(90))
    model.save(f"detector-{name}", {"expert": name})
    expert = module.load()
    assert expert.card["expert"] == name
    new, truth = real_and_fake(40, seed=1)
    p = expert.predict_proba(new)
    assert p.dtype == np.float64 and p.shape == (40,) and ((p >= 0) & (p <= 1)).all()
    assert roc_auc_score(truth, p) > 0.95
    assert np.array_equal(p, expert.predict_features(expert.features(new)))
    assert np.allclose(p[3:4], expert.predict_proba(new[3:4]), atol=1e-9)  # alone as among others
    assert expert.predict_proba(new[:0]).shape == (0,)
    with pytest.raises(ValueError, match="uint8"):
        expert.predict_proba(new / 255.0)
    evidence = json.loads(json.dumps(expert.evidence(new[0])))
    assert len(evidence) >= 4
    for seen in evidence.values():
        low, middle, high = seen["real"]
        assert low <= middle <= high and isinstance(seen["value"], float)


def test_evidence_compares_with_real_photographs(weights):
    faces, fake = real_and_fake(90)
    features = np.stack([colour.features(face) for face in faces])
    colour.fit(features, fake, np.arange(90)).save("detector-colour", {})
    white = np.full((160, 160, 3), 255, np.uint8)
    seen = colour.load().evidence(white)["over_exposed"]
    assert seen["value"] == 1 and seen["real"][2] < 1
    shares = [(face.max(2) >= 250).mean() for face in faces[~fake]]
    assert seen["real"][1] == pytest.approx(np.median(shares), abs=0.005)
