"""How often faces that scored alike were fake: counted in training, read by Check."""

from types import SimpleNamespace

import numpy as np
import pytest

from ganfake.experts import ensemble
from ganfake.train import stack


def test_frequencies_rise_with_the_score():
    low, high = ensemble.frequency(0.01), ensemble.frequency(0.99)
    assert low.fake / low.of < 0.2 < 0.8 < high.fake / high.of
    assert 0 <= low.low < low.high <= 1


def test_between_two_bins_a_score_takes_from_both(monkeypatch):
    bins = [{"up_to": 0.4, "at": 0.2, "fake": 10, "of": 100},
            {"up_to": 1.0, "at": 0.8, "fake": 180, "of": 200}]  # fmt: skip
    monkeypatch.setattr(
        ensemble, "load_ensemble", lambda: SimpleNamespace(card={"frequency": bins})
    )
    counts = {p: (ensemble.frequency(p).fake, ensemble.frequency(p).of) for p in (0, 0.2, 0.5, 1)}
    assert counts == {0: (10, 100), 0.2: (10, 100), 0.5: (75, 150), 1: (180, 200)}


def test_how_often_a_score_is_right_is_counted_by_weight_and_by_group():
    rng = np.random.default_rng(0)
    fake = np.arange(6000) % 2 == 1
    p = np.clip(rng.normal(np.where(fake, 0.6, 0.4), 0.15), 0, 1)
    weight = np.where(rng.random(6000) < 0.1, 8.0, 1.0)
    alone = stack.frequencies(p, fake, weight, np.arange(6000).astype(str))
    assert len(alone) == stack.BINS and alone[-1]["up_to"] == 1.0
    low = -1.0
    for found in alone:
        inside = (p > low) & (p <= found["up_to"])
        share = weight[inside & fake].sum() / weight[inside].sum()
        assert found["fake"] / found["of"] == pytest.approx(share, abs=0.01)
        assert found["of"] < inside.sum()  # some weigh more than others
        low = found["up_to"]
    # Every picture twice says no more than every picture once.
    twice = [np.concatenate([column, column]) for column in (p, fake, weight)]
    again = stack.frequencies(*twice, np.tile(np.arange(6000), 2).astype(str))
    assert [one["of"] for one in again] == [one["of"] for one in alone]
