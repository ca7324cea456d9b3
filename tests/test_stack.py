"""The stack, its thresholds and its curve on known scores; the shipped ensemble."""

import numpy as np
import pytest

from ganfake.experts import NAMES, SIDE, ensemble, reasons
from ganfake.generate import generate
from ganfake.train import band, stack


def test_thresholds_keep_the_promises_and_calibrated_scores_are_decided():
    rng = np.random.default_rng(0)
    p = rng.beta(0.4, 0.4, 6000)
    fake = rng.random(6000) < p
    found = band.thresholds(p, fake, np.ones(6000))
    called = p >= found["fake"]
    let_go = p <= found["real"]
    assert called[~fake].sum() <= band.MAX_FALSE_ALARMS * (called | let_go)[~fake].sum() + 1
    wrong = called[~fake].sum() + let_go[fake].sum()
    assert wrong <= band.MAX_WRONG * (called | let_go).sum() + 1
    assert (called | let_go).mean() > 0.5
    bins = stack.frequencies(p, fake, np.ones(6000), np.arange(6000))
    assert bins[-1]["up_to"] == 1.0 and bins[0]["fake"] / bins[0]["of"] < 0.1
    assert bins[-1]["fake"] / bins[-1]["of"] > 0.9


def test_scores_that_are_too_sure_of_themselves_become_what_they_mean():
    rng = np.random.default_rng(0)
    chance = rng.beta(0.4, 0.4, 8000)
    fake = rng.random(8000) < chance
    sure = chance**2 / (chance**2 + (1 - chance) ** 2)
    names = np.where(fake, "StyleGAN", "real"), np.where(fake, "stylegan", "ffhq")
    rows = {"fake": fake, "family": names[0], "source": names[1]}
    curve = stack._curve(sure, rows)
    assert (np.diff(curve) > 0).all() and curve[:, 0].max() == 0 and curve[:, -1].min() == 1
    assert np.abs(sure - chance).max() > 0.1
    after = np.interp(sure, *curve)
    for low in np.arange(0.1, 0.9, 0.1):
        alike = (after >= low) & (after < low + 0.1)
        assert fake[alike].mean() == pytest.approx(after[alike].mean(), abs=0.05)


def test_fewer_fakes_at_a_higher_score_are_chance():
    p = np.repeat(np.arange(12) / 12, 100)
    fake = np.arange(1200) % 100 < np.repeat([5, 12, 9, 20, 30, 45, 40, 38, 60, 80, 90, 99], 100)
    bins = stack.frequencies(p, fake, np.ones(1200), np.arange(1200))
    shares = [b["fake"] / b["of"] for b in bins]
    assert shares == sorted(shares) and sum(b["of"] for b in bins) == 1200
    assert (bins[1]["fake"], bins[1]["of"]) == (21, 200)
    assert bins[1]["at"] == pytest.approx(1.5 / 12)


def test_no_generator_is_named_for_what_cannot_be_judged(monkeypatch):
    monkeypatch.setitem(ensemble.load_ensemble().card, "family_limit", 0.0)  # else all are named
    made = np.stack([np.asarray(p.resize((SIDE, SIDE))) for p in generate("dcgan", 1, 90)])
    noise = np.random.default_rng(0).integers(0, 255, (1, SIDE, SIDE, 3), np.uint8)
    cases = ((made, 64.0), (made, 20.0), (noise, 160.0))
    named = [ensemble.assess(face, [side], [None])[0].generator for face, side in cases]
    assert named[0] in ensemble.FAMILIES and named[1:] == [ensemble.UNKNOWN] * 2


def test_the_shipped_ensemble_knows_our_faces_and_says_when_it_cannot():
    made = [np.asarray(p.resize((SIDE, SIDE))) for p in generate("dcgan", 6, 90)]
    found = ensemble.assess(np.stack(made), [64.0] * 6, [None] * 6)
    assert np.mean([a.probability_fake for a in found]) > 0.8
    assert all(set(a.experts) == set(NAMES) for a in found)
    assert all(abs(sum(a.generators.values()) - 1) < 0.01 for a in found)
    (small,) = ensemble.assess(np.stack(made[:1]), [20.0], [None])
    assert small.verdict == "uncertain" and small.reason == reasons.SMALL
    noise = np.random.default_rng(0).integers(0, 255, (1, SIDE, SIDE, 3), np.uint8)
    (odd,) = ensemble.assess(noise, [160.0], [None])
    assert odd.verdict == "uncertain" and odd.reason == reasons.NOVEL
    assert ensemble.assess(np.empty((0, SIDE, SIDE, 3), np.uint8), [], []) == []
