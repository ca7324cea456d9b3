"""The statistics of preference: a known taste is found, intervals cover, nothing is infinite."""

import numpy as np
import pytest

from ganfake.quiz.preference import agreement, fit, rank, sentence

MODELS = ("a", "b", "c", "d", "e")


def drawn_wins(strengths, votes: int, rng) -> np.ndarray:
    wins = np.zeros((len(strengths),) * 2, int)
    for _ in range(votes):
        i, j = rng.choice(len(strengths), 2, replace=False)
        chance = 1 / (1 + np.exp(strengths[j] - strengths[i]))
        wins[(i, j) if rng.random() < chance else (j, i)] += 1
    return wins


def test_intervals_cover_at_about_their_rate():
    rng = np.random.default_rng(1)
    covered = []
    for _ in range(200):
        true = rng.normal(0, 1, len(MODELS))
        true -= true.mean()
        found = fit(MODELS, drawn_wins(true, 300, rng))
        covered.append(np.abs(found.strengths - true) <= found.margins)
    # 1000 intervals, of which those of one repetition go together: 0.95 give or take 0.02.
    assert 0.93 <= np.mean(covered) <= 0.975


def test_two_models_have_the_odds_of_their_votes():
    found = rank(("a", "b"), [("a", "b")] * 300 + [("b", "a")] * 100 + [("a", "elsewhere")])
    assert found.votes == 400
    # The prior draws a difference of log 3 in by a part in a thousand.
    assert np.diff(found.strengths)[0] == pytest.approx(-np.log(3), abs=0.01)
    # The variance of a log-odds is 1/300 + 1/100; a strength is half the difference.
    assert found.margins[0] == pytest.approx(1.96 * np.sqrt(1 / 300 + 1 / 100) / 2, rel=0.02)


def test_all_won_and_none_played_stay_finite():
    found = rank(MODELS, [("a", name) for name in "bcd"] * 20)
    assert np.isfinite(found.strengths).all() and np.isfinite(found.margins).all()
    assert found.strengths.sum() == pytest.approx(0, abs=1e-9)
    assert found.strengths.argmax() == 0
    assert found.shown(4) == 0
    assert found.margins[4] > found.margins[1]
    nothing = rank(MODELS, [])
    assert np.allclose(nothing.strengths, 0) and np.isfinite(nothing.margins).all()


def test_agreement_with_numbers():
    rng = np.random.default_rng(2)
    true = np.array([2.0, 1, 0, -1, -2])
    found = fit(MODELS, drawn_wins(true, 600, rng))
    same = agreement(found, dict(zip(MODELS, (1, 2, 3, 4, 5), strict=True)))
    assert (same.tau, same.rho) == pytest.approx((1, 1))
    assert 0.5 < same.low <= same.high == 1
    opposite = agreement(found, dict(zip(MODELS, (5, 4, 3, 2, 1), strict=True)))
    assert opposite.tau == pytest.approx(-1) and opposite.high < -0.5
    assert "1.00" in sentence(same) and "-1.00" in sentence(opposite)
    four = agreement(found, dict(zip("abcd", (1, 2, 3, 4), strict=True)))
    assert four.models == 4


def test_too_few_votes_or_numbers_say_so():
    few = rank(MODELS, [("a", "b"), ("c", "d"), ("e", "a")])
    told = agreement(few, dict.fromkeys(MODELS, 1.0) | {"a": 0.5})
    assert not told.enough
    assert "Too few votes" in sentence(told)
    assert agreement(few, {"a": 1.0, "b": 2.0}) is None
    assert "nothing to compare" in sentence(None)
