"""The measures of quality against what can be worked out by hand."""

import numpy as np
import pytest
import torch

from ganfake import UserError, quality
from ganfake.folders import shared_dir

RNG = np.random.default_rng(0)


def exact(mean: np.ndarray, covariance: np.ndarray, count: int = 400) -> np.ndarray:
    """Rows whose mean and covariance are exactly the given ones."""
    rows = np.random.default_rng(1).standard_normal((count, len(mean)))
    rows -= rows.mean(0)
    whitened = rows @ np.linalg.inv(np.linalg.cholesky(np.cov(rows, rowvar=False))).T
    return whitened @ np.linalg.cholesky(covariance).T + mean


# -- Fréchet distance --------------------------------------------------------------
def test_frechet_distance_of_two_gaussians_on_the_axes():
    first = exact(np.zeros(3), np.diag([1.0, 4.0, 9.0]))
    second = exact(np.array([1.0, 2.0, 0.0]), np.diag([4.0, 4.0, 1.0]))
    # The means are 1 + 4 apart; the spreads differ by 1, 0 and 2.
    assert quality.frechet_distance(first, second) == pytest.approx(5 + 1 + 0 + 4, rel=1e-4)


def test_frechet_distance_of_covariances_that_do_not_commute():
    one, two = np.array([[2.0, 1.0], [1.0, 1.0]]), np.array([[1.0, 0.0], [0.0, 3.0]])
    # In two dimensions tr (AB)^(1/2) = sqrt(tr AB + 2 sqrt(det AB)).
    cross = np.sqrt(np.trace(one @ two) + 2 * np.sqrt(np.linalg.det(one @ two)))
    expected = np.trace(one) + np.trace(two) - 2 * cross
    found = quality.frechet_distance(exact(np.zeros(2), one), exact(np.zeros(2), two))
    assert found == pytest.approx(expected, rel=1e-4)


def test_frechet_distance_is_symmetric_and_zero_for_the_same():
    first, second = RNG.random((50, 8)), RNG.random((60, 8)) * 2
    assert quality.frechet_distance(first, second) == pytest.approx(
        quality.frechet_distance(second, first), rel=1e-6
    )
    assert quality.frechet_distance(first, first) == pytest.approx(0, abs=1e-4)


def test_frechet_distance_with_fewer_rows_than_features_and_one_that_never_varies():
    first, second = RNG.random((10, 30)), RNG.random((10, 30))
    first[:, 0] = second[:, 0] = 5
    assert 0 < quality.frechet_distance(first, second) < 30


def test_frechet_interval_lies_around_the_distance_and_narrows_with_more_rows():
    def width(count: int) -> float:
        first, second = RNG.standard_normal((count, 4)), RNG.standard_normal((count, 4)) + 1
        low, high = quality.frechet_interval(first, second)
        assert (low + high) / 2 == pytest.approx(quality.frechet_distance(first, second))
        return high - low

    assert 0 < width(2000) < width(100)


def test_frechet_interval_is_as_wide_as_the_distance_spreads():
    found, widths = [], []
    for _ in range(40):  # of fresh samples: what the bootstrap has to guess from one
        first, second = RNG.standard_normal((300, 3)), RNG.standard_normal((300, 3)) + 0.7
        found.append(quality.frechet_distance(first, second))
        low, high = quality.frechet_interval(first, second)
        widths.append(high - low)
    assert np.mean(widths) == pytest.approx(2 * 1.96 * np.std(found), rel=0.4)


# -- KID ---------------------------------------------------------------------------
def test_kernel_distance_is_the_formula():
    x, y = np.array([[1.0], [2.0], [0.0]]), np.array([[1.0], [3.0]])

    def k(a, b):
        return (a * b + 1) ** 3

    within_x = np.mean([k(1, 2), k(1, 0), k(2, 0)])  # no row with itself
    across = np.mean([k(a, b) for a in (1, 2, 0) for b in (1, 3)])
    assert quality.kernel_distance(x, y) == pytest.approx(within_x + k(1, 3) - 2 * across)


def test_kernel_distance_is_unbiased():
    found = [
        quality.kernel_distance(RNG.standard_normal((50, 5)), RNG.standard_normal((50, 5)))
        for _ in range(200)
    ]
    error = np.std(found) / np.sqrt(len(found))
    assert min(found) < 0 < max(found)
    assert abs(np.mean(found)) < 4 * error


def test_kernel_interval_holds_the_distance_and_tells_different_sets_apart():
    first, second = RNG.standard_normal((300, 5)), RNG.standard_normal((300, 5)) + 0.5
    low, high = quality.kernel_interval(first, second)
    assert 0 < low < quality.kernel_distance(first, second) < high
    low, high = quality.kernel_interval(first, RNG.standard_normal((300, 5)))
    assert low < 0.02 and high > -0.02 and low < high


# -- precision and recall ----------------------------------------------------------
def test_precision_and_recall_of_identical_and_of_disjoint_sets():
    rows = RNG.standard_normal((100, 4))
    assert quality.precision_recall(rows, rows) == (1, 1)
    assert quality.precision_recall(rows, rows + 100) == (0, 0)


def test_collapse_keeps_precision_and_loses_recall():
    real = RNG.standard_normal((400, 4))
    collapsed = RNG.standard_normal((400, 4)) * 0.05
    precision, recall = quality.precision_recall(real, collapsed)
    assert precision > 0.95 and recall < 0.05
    precision, recall = quality.precision_recall(collapsed, real)  # and the other way round
    assert precision < 0.05 and recall > 0.95


def test_the_reach_of_a_row_is_its_kth_neighbour():
    real = np.array([[0.0], [1.0], [2.0], [4.0]])  # reaches with k = 1: 1, 1, 1, 2
    fake = np.array([[-0.9], [-1.1], [5.9], [6.1]])  # in, out, in, out
    assert quality.precision_recall(real, fake, k=1)[0] == 0.5


def test_precision_and_recall_need_enough_rows():
    with pytest.raises(ValueError, match="more than 3 rows"):
        quality.precision_recall(np.zeros((3, 2)), np.zeros((9, 2)))


# -- copying -----------------------------------------------------------------------
def test_nearest_finds_the_copy_in_whichever_part_it_lies():
    training = RNG.random((50, 6))
    samples = np.stack([training[3], training[41], training[49] + [0.5, 0, 0, 0, 0, 0]])
    found = quality.nearest(samples, training, part=7)
    assert found[:2] == pytest.approx(0, abs=1e-6)
    best = np.linalg.norm(training - samples[2], axis=1).min()
    assert found[2] == pytest.approx(best)


def test_thumbnails_average_and_keep_the_scale():
    picture = np.zeros((2, 64, 64, 3), np.uint8)
    picture[1] = 255
    picture[0, ::2] = 255  # half of every block
    rows = quality.thumbnails(picture)
    assert rows.shape == (2, 16 * 16 * 3)
    assert rows[0] == pytest.approx(0.5) and rows[1] == pytest.approx(1)
    distance = quality.distances(rows[:1], rows[1:])[0, 0] / np.sqrt(rows.shape[1])
    assert distance == pytest.approx(0.5)


def test_summary_of_distances():
    found = quality.summary(np.array([3.0, 1.0, 2.0, 10.0]))
    assert found == {"smallest": 1, "median": 2.5, "mean": 4}


# -- features ----------------------------------------------------------------------
def test_features_without_the_shared_weights(tmp_path, monkeypatch):
    monkeypatch.setenv("GANFAKE_SHARED", str(tmp_path / "data"))
    with pytest.raises(UserError, match="mobilenet_v2_imagenet"):
        quality.load_features()


def test_features_do_not_depend_on_company():
    if not (shared_dir().parent / "weights").is_dir():
        pytest.skip("needs ../shared with mobilenet_v2_imagenet.safetensors")
    network = quality.load_features()
    pictures = torch.rand(3, 3, 32, 32) * 2 - 1
    rows = quality.features(network, pictures)
    assert rows.shape == (3, 1280) and np.isfinite(rows).all() and rows.std() > 0
    assert quality.features(network, pictures[1:2])[0] == pytest.approx(rows[1], abs=1e-3)
