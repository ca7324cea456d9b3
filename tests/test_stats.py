"""Wilson's interval and signal detection against values known from elsewhere."""

from statistics import NormalDist

import numpy as np
import pytest
from scipy.stats import binom, binomtest, fisher_exact

from ganfake.quiz.report import make_report
from ganfake.quiz.scores import Answer
from ganfake.stats import change, mcnemar, of_pairs, sensitivity, wilson


def test_wilson_matches_published_values():
    # Newcombe 1998 (Stat. Med. 17:857), table I, method 3: 81 of 263 and 15 of 148.
    assert wilson(81, 263) == pytest.approx((0.2553, 0.3662), abs=5e-5)
    assert wilson(15, 148) == pytest.approx((0.0624, 0.1605), abs=5e-5)
    assert wilson(0, 20) == pytest.approx((0.0, 0.1611), abs=5e-5)


def test_wilson_of_nothing_says_nothing():
    assert wilson(0, 0) == (0.0, 1.0)


def test_wilson_covers_the_truth_about_as_often_as_it_says():
    rng = np.random.default_rng(0)
    covered = [
        low <= 0.7 <= high for low, high in (wilson(k, 50) for k in rng.binomial(50, 0.7, 2000))
    ]
    assert 0.93 <= np.mean(covered) <= 0.97


@pytest.mark.parametrize("d_prime", [0.0, 1.0, 2.0])
@pytest.mark.parametrize("criterion", [-0.5, 0.0, 0.7])
def test_a_simulated_observer_gets_its_own_values_back(d_prime, criterion):
    rng = np.random.default_rng(1)
    trials = 20_000
    hits = (rng.normal(d_prime / 2, 1, trials) > criterion).sum()
    false_alarms = (rng.normal(-d_prime / 2, 1, trials) > criterion).sum()
    found = sensitivity(int(hits), trials, int(false_alarms), trials)
    assert found.d_prime == pytest.approx(d_prime, abs=0.06)
    assert found.criterion == pytest.approx(criterion, abs=0.05)


def test_two_alternatives_are_twice_the_evidence():
    # In two-alternative choice an unbiased observer is right with Phi(d' / sqrt 2).
    d_prime, trials = 1.5, 1_000_000
    right = round(NormalDist().cdf(d_prime / 2**0.5) * trials)
    found = sensitivity(right, trials, trials - right, trials, two_alternatives=True)
    assert found.d_prime == pytest.approx(d_prime, abs=0.01)


def _answers(rows):
    return [
        Answer(i, said == truth, said, truth, sure, 1.0, 0, "", None)
        for i, (said, truth, sure) in enumerate(rows, start=1)
    ]


def test_figures_of_one_face_are_reckoned_for_two():
    assert of_pairs(0.5) == pytest.approx(0.5)
    assert of_pairs(0.59) == pytest.approx(0.626, abs=5e-4)
    answers = _answers([("left", "left", None)] * 6 + [("right", "left", None)] * 4)
    alone, paired = (make_report(answers, two).compared[1] for two in (False, True))
    assert "59.0%, within" in alone
    assert "62.6% (reckoned for two faces), within" in paired


def test_report_counts_sure_and_unsure_apart():
    report = make_report(
        _answers([("left", "left", True), ("right", "left", False), ("left", "left", None)]), True
    )
    assert (report.correct, report.rounds) == (2, 3)
    assert "sure: 1 of 1 right" in report.calibration
    assert "unsure: 0 of 1 right" in report.calibration


def test_report_names_a_leaning():
    rows = [("fake", "real", None)] * 5 + [("fake", "fake", None)] * 5
    assert "“fake”" in make_report(_answers(rows), paired=False).bias
    rows = [("right", "left", None)] * 5 + [("right", "right", None)] * 5
    assert "“right”" in make_report(_answers(rows), paired=True).bias


def test_time_outs_are_wrong_but_are_no_leaning():
    report = make_report(_answers([("", "left", None)] * 4 + [("", "right", None)] * 6), True)
    assert report.correct == 0
    assert report.criterion == pytest.approx(0.0)


def test_mcnemar_matches_the_binomial_test():
    for gained in range(8):
        for lost in range(8):
            expected = binomtest(gained, gained + lost).pvalue if gained + lost else 1.0
            assert mcnemar(gained, lost) == pytest.approx(expected)


def test_a_change_of_nothing_is_nothing():
    for right in range(11):
        found = change(right, right, 10)
        assert (found.difference, found.p, found.found) == (0, 1, False)
        assert found.low == pytest.approx(-found.high)


def test_a_difference_that_is_not_there_is_seldom_found():
    ways = np.array([[change(b, a, 10).found for a in range(11)] for b in range(11)])
    seldom = []
    for right in np.linspace(0, 1, 201):  # whatever the player's share of right answers is
        chance = binom.pmf(range(11), 10, right)
        seldom.append(chance @ ways @ chance)
    assert 0.0415 < max(seldom) < 0.0425


def test_boschloo_is_at_least_as_sharp_as_fisher():
    for before in range(11):
        for after in range(11):
            fisher = fisher_exact([[after, before], [10 - after, 10 - before]]).pvalue
            assert change(before, after, 10).p <= fisher + 1e-9
