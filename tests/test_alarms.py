"""The alarms over a run's log, on logs of which the fate is known."""

import math

import pytest

from ganfake.train.alarms import (
    COLLAPSE,
    DECIDED,
    EXPLODED,
    LASTING,
    NOT_FINITE,
    Alarm,
    alarms,
)


def log(**changes) -> list[dict]:
    """100 lines of a healthy run; changes: name=(first line, last line, value)."""
    lines = [
        {"images": 1000 * (i + 1), "loss_d": 1.3, "loss_g": 0.8, "d_real": 0.52, "d_fake": 0.48,
         "grad_d": 1.0, "grad_g": 2.0, "spread": 0.95}
        for i in range(100)
    ]  # fmt: skip
    for name, (first, last, value) in changes.items():
        for line in lines[first : last + 1]:
            line[name] = value
    return lines


def test_a_healthy_run_raises_none():
    assert alarms(log(), True) == []


def test_collapse_is_a_spread_that_stays_low():
    assert alarms(log(spread=(60, 99, 0.1)), True) == [Alarm(COLLAPSE, 61_000)]
    assert alarms(log(spread=(60, 60 + LASTING - 2, 0.1)), True) == []  # a moment


def test_the_beginning_is_no_collapse():
    assert alarms(log(spread=(0, 8, 0.1)), True) == []


def test_a_certain_discriminator_counts_where_it_gives_probabilities():
    lines = log(loss_d=(50, 70, 0.001))
    assert alarms(lines, True) == [Alarm(DECIDED, 51_000)]
    assert alarms(lines, False) == []


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_one_number_that_is_not_finite_is_enough(value):
    assert Alarm(NOT_FINITE, 4_000) in alarms(log(loss_g=(3, 3, value)), False)


def test_exploding_gradients():
    assert alarms(log(grad_g=(80, 90, 500.0)), True) == [Alarm(EXPLODED, 81_000)]


def test_logs_of_older_runs_have_neither_spread_nor_gradients():
    lines = [{k: v for k, v in line.items() if k not in ("spread", "grad_d", "grad_g")}
             for line in log(loss_d=(50, 70, 0.001))]  # fmt: skip
    assert alarms(lines, True) == [Alarm(DECIDED, 51_000)]
