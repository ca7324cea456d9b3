"""Areas, errors and intervals against what can be worked out by hand."""

from math import sqrt
from statistics import NormalDist

import numpy as np
import pytest
from scipy.special import expit, logit

from ganfake.train.evaluation_measures import (
    auc,
    auc_and_eer,
    balanced_accuracy,
    best_threshold,
    calibration,
    call_by_others,
    figure,
    fold_accuracy,
    resample,
)

PHI = NormalDist().cdf


def binormal(rng, fake, distance):
    """Scores of which the AUC is PHI(distance / sqrt(2)), and which are calibrated 50:50."""
    return expit(distance * (rng.normal(size=len(fake)) + np.where(fake, 0.5, -0.5) * distance))


def test_auc_and_equal_error_rate_are_those_of_two_bells():
    rng = np.random.default_rng(1)
    fake = np.arange(40_000) % 2 == 1
    p = binormal(rng, fake, 1.5)
    area, equal = auc_and_eer(p, fake, np.ones((1, len(p)), np.float32))
    assert area[0] == pytest.approx(PHI(1.5 / sqrt(2)), abs=0.005)
    assert equal[0] == pytest.approx(PHI(-0.75), abs=0.006)


def test_ties_count_half():
    fake = np.array([False, False, True, True])
    assert auc(np.array([0.2, 0.5, 0.5, 0.9]), fake) == pytest.approx(0.875)
    assert auc(np.full(4, 0.5), fake) == 0.5
    assert auc(np.array([0.9, 0.8, 0.1, 0.2]), fake) == 0.0
    assert np.isnan(auc(np.array([0.1, 0.2]), np.array([True, True])))


def test_auc_agrees_with_scikit_learn_on_weights():
    from sklearn.metrics import roc_auc_score

    rng = np.random.default_rng(2)
    fake = rng.random(300) < 0.3
    p = np.round(rng.random(300) + 0.2 * fake, 2)
    weights = resample(np.arange(300), 5)
    area, _ = auc_and_eer(p, fake, weights)
    for row, value in zip(weights, area, strict=True):
        assert value == pytest.approx(roc_auc_score(fake, p, sample_weight=row), abs=1e-6)


def test_intervals_cover_the_truth_about_as_often_as_they_say():
    truth, covered = PHI(1 / sqrt(2)), 0
    for seed in range(60):
        fake = np.arange(300) % 2 == 1
        p = binormal(np.random.default_rng(seed), fake, 1.0)
        one = figure(auc_and_eer(p, fake, resample(np.arange(300), 200, seed))[0])
        covered += one["low"] <= truth <= one["high"]
    assert covered >= 52  # 57 expected


def test_groups_are_drawn_whole_and_widen_the_interval():
    rng = np.random.default_rng(3)
    fake = np.repeat(np.arange(60) % 2 == 1, 10)
    p = np.repeat(binormal(rng, fake[::10], 1.0), 10)
    groups = np.repeat(np.arange(60), 10)
    weights = resample(groups, 300)
    assert (weights[:, ::10] == weights[:, 5::10]).all()
    whole = figure(auc_and_eer(p, fake, weights)[0])
    alone = figure(auc_and_eer(p, fake, resample(np.arange(600), 300))[0])
    assert whole["high"] - whole["low"] > 2 * (alone["high"] - alone["low"])


def test_calibration_error_is_none_for_calibrated_and_known_for_boastful_scores():
    rng = np.random.default_rng(4)
    fake = np.arange(60_000) % 2 == 1
    p = binormal(rng, fake, 1.5)
    one = np.ones((1, len(p)), np.float32)
    assert calibration(p, fake, one)[0] < 0.01
    boast = expit(3 * logit(p))
    assert calibration(boast, fake, one)[0] == pytest.approx(np.abs(boast - p).mean(), abs=0.01)
    # The classes count the same, however many there are of each.
    keep = ~fake | (rng.random(len(p)) < 0.2)
    assert calibration(p[keep], fake[keep], one[:, keep])[0] < 0.02


def test_thresholds_come_from_the_other_folds():
    """Fold 2's own best threshold would be perfect; the others' is useless there."""
    fold = np.repeat(np.arange(5), 40)
    fake = np.tile(np.arange(40) % 2 == 1, 5)
    p = np.where(fake, 0.3, 0.1) + np.where(fold == 2, 0.6, 0.0)
    called = call_by_others(p, fake, fold)
    assert called[fold == 2].all()
    one = np.ones((1, 200), np.float32)
    assert fold_accuracy(called, fake, fold, one)[0] == pytest.approx((4 + 0.5) / 5)
    assert balanced_accuracy(called[fold == 2], fake[fold == 2], one[:, :40])[0] == 0.5
    assert p[(fold == 0) & ~fake].max() < best_threshold(p, fake) < p[(fold == 2) & fake].min()
