"""The verdicts on the study's claims, on tables of which the answer is known."""

import numpy as np
import pytest

from ganfake.study import DISTANCES, ORDER, PHOTOGRAPHS
from ganfake.train import study_claims as claims
from ganfake.train.study import MEASURES

CARS = ORDER["cars"]


def entry(value: float, reach: float = 1.0) -> dict:
    return {"value": value, "low": value - reach, "high": value + reach}


def table(**columns: list[float]) -> dict[str, dict]:
    """Rows of photographs and the four models; what is not given is 0 everywhere."""
    names = (PHOTOGRAPHS, *CARS)
    return {
        name: {m: entry(columns.get(m, [0.0] * 5)[i]) for m in (*MEASURES, *DISTANCES)}
        for i, name in enumerate(names)
    }


def verdicts(rows: dict, runs: dict | None = None, about: str = claims.NETWORKS) -> dict:
    found = claims.judge("cars", rows, runs or {})
    return {(c["claim"], c["measure"]): c["verdict"] for c in found if c["about"] == about}


def test_the_order_holds_where_every_distance_falls():
    rows = table(frechet=[0, 90, 80, 70, 60], kid=[0, 60, 70, 80, 90], niqe=[0, 90, 80, 70, 69.5])
    found = verdicts(rows)
    assert found["order", "frechet"] == claims.HOLDS
    assert found["order", "kid"] == claims.FAILS
    assert found["order", "niqe"] == claims.OPEN


def test_one_step_backwards_refutes_the_order():
    assert verdicts(table(frechet=[0, 90, 80, 85, 60]))["order", "frechet"] == claims.FAILS


def test_noise_and_blur_are_told_against_the_photographs():
    rows = table(colour_noise=[10, 20, 0, 5, 0], sharpness=[10, 20, 0, 20.5, 0])
    found = verdicts(rows)
    assert found["noise", "colour_noise"] == found["noise beside WGAN", "colour_noise"]
    assert found["noise", "colour_noise"] == claims.HOLDS
    assert found["blur", "sharpness"] == claims.FAILS
    assert found["blur beside WGAN", "sharpness"] == claims.OPEN
    assert found["sharper than real", "sharpness"] == claims.HOLDS
    assert found["sharper than real", "slope"] == claims.OPEN


def runs_of(values: dict[str, list[float]]) -> dict[str, list[dict]]:
    zeros = {m: entry(0.0) for m in (*MEASURES, *DISTANCES)}
    return {m: [{**zeros, "frechet": entry(v)} for v in part] for m, part in values.items()}


def test_methods_are_judged_by_how_runs_differ():
    rows = table(frechet=[0, 90, 80, 70, 60])
    steady = {m: [v - 1, v, v + 1] for m, v in zip(CARS, (90, 80, 70, 60), strict=True)}
    found = verdicts(rows, runs_of(steady), claims.METHODS)
    assert found["order", "frechet"] == claims.HOLDS
    shaky = {m: [v - 20, v, v + 20] for m, v in steady_means(steady).items()}
    found = verdicts(rows, runs_of(shaky), claims.METHODS)
    assert found["order", "frechet"] == claims.OPEN


def steady_means(runs: dict[str, list[float]]) -> dict[str, float]:
    return {model: float(np.mean(values)) for model, values in runs.items()}


def test_without_two_seeds_of_each_nothing_is_said_of_methods():
    values = {m: [90.0, 80.0] for m in CARS[:3]} | {CARS[3]: [70.0]}
    found = verdicts(table(), runs_of(values), claims.METHODS)
    assert ("order", "frechet") not in found  # the fourth has one run
    assert ("noise", "colour_noise") in found  # which concerns the first alone


def test_a_difference_widens_by_both_intervals():
    found = claims.difference(entry(10, 3), entry(4, 4))
    assert found == {"value": 6, "low": pytest.approx(1), "high": pytest.approx(11)}


def test_an_interval_of_two_equal_samples_covers_zero_nineteen_times_of_twenty():
    rng, missed = np.random.default_rng(0), 0
    for _ in range(400):
        found = claims.difference_of_runs(list(rng.normal(size=3)), list(rng.normal(size=3)))
        missed += not found["low"] <= 0 <= found["high"]
    assert missed / 400 < 0.08


def test_runs_that_do_not_differ_at_all_and_single_ones():
    same = claims.difference_of_runs([2.0, 2.0], [1.0, 1.0])
    assert same == {"value": 1, "low": 1, "high": 1}
    with pytest.raises(ValueError, match="two of each"):
        claims.difference_of_runs([2.0], [1.0, 1.0])
    assert claims.over_runs([5.0]) == {"value": 5, "low": None, "high": None}


def test_no_difference_is_no_evidence():
    assert claims.verdict([]) == claims.OPEN
    assert claims.verdict([{"low": 0.0, "high": 1.0}]) == claims.OPEN
