"""The expert that never met a fake, and how the stack listens to it."""

import numpy as np
import pytest
import torch
from scipy.special import logit

from ganfake.experts import NAMES, SIDE, load
from ganfake.experts.stack import TAUGHT, Stack
from ganfake.experts.typicality import SHIFT, Features, TypicalityExpert, features_of
from ganfake.generate import generate
from ganfake.train.draws import Draws
from ganfake.train.scores import Table
from ganfake.train.stack import STRAIGHT, fit_stack, judge_rows
from ganfake.train.typicality import fit_space, ready, score_typicality


@pytest.fixture(scope="module")
def photographs() -> np.ndarray:
    """(900, 2, 12) features of two views, of the most different spreads, some of one another."""
    rng = np.random.default_rng(0)
    face, view = rng.normal(size=(900, 1, 12)), rng.normal(size=(900, 2, 12))
    mixed = (0.9 * face + 0.4 * view) @ rng.normal(size=(12, 12))
    return mixed * np.geomspace(0.1, 50, 12) + 7


def test_both_views_count(photographs):
    """A face that is as ordinary from one side as photographs are, and from the other rare."""
    space = fit_space(photographs, np.arange(900))
    one_sided = photographs.copy()
    one_sided[:, 1] += 3 * (one_sided[:, 1] - photographs.mean((0, 1)))
    expert = TypicalityExpert(None, space)
    z, whole = expert.typicality(one_sided), expert.typicality(photographs)
    np.testing.assert_allclose(z, expert.typicality(one_sided[:, ::-1]))
    assert (z < whole - 1).all()


def test_the_mirrored_face_is_as_typical():
    expert = load("typicality")
    face = np.asarray(generate("portrait", 1, 4)[0].resize((SIDE, SIDE)))
    found = expert.features(np.stack([face, face[:, ::-1]]))
    np.testing.assert_allclose(found[0], found[1, ::-1], atol=1e-3)
    assert np.abs(found[0, 0] - found[0, 1]).max() > 0.05, "the views differ"


def test_photographs_lie_around_nought_and_the_middle_is_most_typical(photographs):
    space = fit_space(photographs[:600], np.arange(600))
    expert = TypicalityExpert(None, space)
    z = expert.typicality(photographs[600:])
    assert abs(z.mean()) < 0.2 and 0.8 < z.std() < 1.2
    middle = photographs.mean((0, 1))
    near, far = middle + 0.3 * (photographs - middle), middle + 3 * (photographs - middle)
    p = [expert.predict_features(rows).mean() for rows in (near, photographs, far)]
    assert p[0] > 0.8 > 0.5 > p[1] > p[2], "what is typical speaks for a made face"
    assert np.isfinite(expert.predict_features(np.stack([[middle] * 2, [middle + 1e9] * 2]))).all()


def test_a_face_as_typical_as_half_of_the_shift_says_nothing(photographs):
    expert = TypicalityExpert(None, fit_space(photographs, np.arange(900)))
    z, p = expert.typicality(photographs), expert.predict_features(photographs)
    inside = np.abs(z) < 2.9
    np.testing.assert_allclose(logit(p[inside]), SHIFT * (z[inside] - SHIFT / 2), atol=1e-9)


def test_how_far_photographs_lie_is_measured_on_people_it_has_not_met(photographs):
    """Every face five times, as one person's: as if it were known, it would lie nearer."""
    few = photographs[:60]
    rows, groups = np.repeat(few, 5, 0), np.repeat(np.arange(60), 5)
    unseen = fit_space(rows, groups)["distance"][0]
    as_if_known = fit_space(rows, np.random.default_rng(0).permutation(300))["distance"][0]
    assert unseen > as_if_known + 0.1


def test_a_row_is_judged_by_photographs_of_the_other_folds(photographs):
    """One fold's faces lie elsewhere: they would be typical only for who has met them."""
    fold = np.arange(900) % 5
    moved = photographs + 500.0 * (fold == 3)[:, None, None]

    real, table = np.full(900, "real"), Table([np.empty(0)] * 900, {"network": fold})
    draws = Draws({"typicality": moved}, real, real, fold, np.arange(900))
    found = score_typicality(table, moved, draws)
    assert np.isnan(found).sum() == 0
    assert found[fold == 3].max() < 0.1 < found[fold != 3].mean()


def test_what_it_looks_at_is_the_content_and_not_the_fine_detail():
    torch.manual_seed(0)
    network = ready(Features().eval())
    faces = np.stack([np.asarray(p.resize((SIDE, SIDE))) for p in generate("portrait", 2, 4)])
    noise = np.random.default_rng(0).choice([-6, 6], faces.shape)
    grained = (faces.astype(int) + noise).clip(0, 255).astype(np.uint8)
    own, other = features_of(network, faces)
    changed = features_of(network, grained)[0]
    assert own.shape == (2, 640) and np.linalg.norm(changed - own) < 0.2 * np.linalg.norm(
        other - own
    )
    assert features_of(network, faces[:0]).shape == (0, 2, 640)


def test_the_shipped_one_finds_noise_untypical_and_counts_photographs():
    expert = load("typicality")
    noise = np.random.default_rng(0).integers(0, 255, (SIDE, SIDE, 3), np.uint8)
    face = np.asarray(generate("portrait", 1, 4)[0].resize((SIDE, SIDE)))
    chance = expert.predict_proba(np.stack([noise, face]))
    assert chance[0] < 0.1 < chance[1] < 0.9
    shares = [expert.evidence(f)["less_typical_photographs"] for f in (noise, face)]
    assert 0 <= shares[0] < 0.01 < shares[1] <= 1


def _said(count: int, **given) -> dict[str, np.ndarray]:
    return {name: np.full(count, 0.5) for name in NAMES} | given


def test_an_expert_without_a_finding_says_no_more_than_the_middle_photograph():
    floors = np.full(len(TAUGHT), -1.0)
    size = len(TAUGHT) + 8
    stack = Stack(floors, np.full(size, 0.5), np.zeros(()), np.array([1.0, 0.0]), STRAIGHT)
    warp = np.array([0.001, 0.1, 0.2689, 0.5, 0.9])
    p = stack.predict_proba(
        _said(5, warp=warp), np.full(5, 128.0), np.full(5, np.nan), np.full(5, -4.0)
    )
    assert p[0] == p[1] == pytest.approx(p[2], abs=1e-4)
    assert p[2] < p[3] < p[4]


def test_typicality_counts_where_nothing_known_is_found():
    size = len(TAUGHT) + 8
    weights = np.zeros(size)
    weights[TAUGHT.index("mobilenet")] = 1.0
    stack = Stack(np.full(len(TAUGHT), -9.0), weights, np.zeros(()), np.array([1.0, 0.0]), STRAIGHT)
    mobilenet = np.array([0.02, 0.02, 0.99, 0.99])
    typical = np.array([0.2, 0.8, 0.2, 0.8])
    given = _said(4, mobilenet=mobilenet, typicality=typical)
    odds = logit(
        stack.predict_proba(given, np.full(4, 128.0), np.full(4, np.nan), np.full(4, -4.0))
    )
    assert odds[1] - odds[0] == pytest.approx(2 * logit(0.8) * 0.98, abs=0.01)
    assert odds[3] - odds[2] == pytest.approx(2 * logit(0.8) * 0.01, abs=0.01)


def _table(fake: np.ndarray, **experts) -> dict[str, np.ndarray]:
    """A table of scores of so many StyleGAN's faces and photographs."""
    count = len(fake)
    return _said(count, **experts) | {
        "fake": fake, "family": np.where(fake, "StyleGAN", "real"),
        "source": np.where(fake, "stylegan", "ffhq"), "left_out": np.zeros(count, bool),
        "crop_px": np.full(count, 128.0), "quality": np.full(count, np.nan),
        "detail": np.full(count, -4.0),
        "treatment": np.full(count, "plain"), "picture": np.arange(count).astype(str),
    }  # fmt: skip


def test_the_weight_of_typicality_is_not_learned_from_fakes():
    """Where it tells known fakes apart perfectly, it still counts by its own word alone."""
    rng = np.random.default_rng(0)
    fake = np.arange(2000) % 2 == 1
    table = _table(fake, mobilenet=np.clip(rng.normal(0.5 + 0.2 * fake, 0.2), 0.01, 0.99))
    weak, strong = (
        fit_stack(table | {"typicality": np.where(fake, high, 1 - high)}) for high in (0.5, 0.8)
    )
    np.testing.assert_allclose(weak.coefficients, strong.coefficients)
    np.testing.assert_allclose(weak.floors, strong.floors)
    assert weak.floors[TAUGHT.index("mobilenet")] == pytest.approx(0.0, abs=0.1)
    p = judge_rows(weak, table)
    assert abs(p.mean() - 0.5) < 0.02 and p[fake].mean() > p[~fake].mean() + 0.1
