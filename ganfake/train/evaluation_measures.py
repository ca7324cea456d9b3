"""Figures of a detector with bootstrap intervals, all draws of the bootstrap at once.

Scores p (N,) are probabilities of fake, `fake` (N,) is bool, `weights` (B, N) says how often
each row counts in each draw. Draw 0 is the sample itself; a figure is (B,) values.
"""

import numpy as np

BINS = 15  # of the calibration error, of equal mass
DRAWS = 1000


def resample(groups: np.ndarray, draws: int = DRAWS, seed: int = 0) -> np.ndarray:
    """(draws + 1, N) float32: row 0 counts everything once, the others draw whole groups."""
    _, who = np.unique(groups, return_inverse=True)
    count = int(who.max()) + 1
    rng = np.random.default_rng(seed)
    drawn = rng.integers(0, count, (draws, count)) + np.arange(draws)[:, None] * count
    counts = np.bincount(drawn.ravel(), minlength=draws * count).reshape(draws, count)
    return np.concatenate([np.ones((1, count)), counts]).astype(np.float32)[:, who]


def figure(values: np.ndarray) -> dict[str, float]:
    """Value and 95 % percentile interval; nan where the sample has only one class."""
    spread = values[1:][np.isfinite(values[1:])]
    low, high = np.quantile(spread, [0.025, 0.975]) if len(spread) else (np.nan, np.nan)
    return {"value": float(values[0]), "low": float(low), "high": float(high)}


def _below(p: np.ndarray, fake: np.ndarray, weights: np.ndarray):
    """Shares (B, T) of the real and of the fake rows at or below each distinct score."""
    order = np.argsort(p, kind="stable")
    ends = np.flatnonzero(np.diff(p[order], append=np.inf) > 0)
    for part in np.array_split(weights, max(1, weights.size // 2_000_000)):
        drawn = part[:, order]
        real = np.cumsum(drawn * ~fake[order], 1, dtype=np.float64)[:, ends]
        false = np.cumsum(drawn * fake[order], 1, dtype=np.float64)[:, ends]
        with np.errstate(invalid="ignore", divide="ignore"):
            yield real / real[:, -1:], false / false[:, -1:]


def auc_and_eer(p: np.ndarray, fake: np.ndarray, weights: np.ndarray):
    """Area under the ROC curve (ties count half) and equal-error rate, (B,) each."""
    areas, equals = [], []
    for real, false in _below(p, fake, weights):
        before = np.concatenate([np.zeros((len(real), 1)), real[:, :-1]], 1)
        step = np.diff(false, axis=1, prepend=0)
        areas.append((step * (before + real) / 2).sum(1))
        # Threshold after each score: false alarms 1 - real, misses false.
        gap = np.abs(1 - real - false)
        at = np.where(np.isnan(gap), np.inf, gap).argmin(1)[:, None]
        pair = (1 - np.take_along_axis(real, at, 1) + np.take_along_axis(false, at, 1)) / 2
        equals.append(pair[:, 0])
    return np.concatenate(areas), np.concatenate(equals)


def auc(p: np.ndarray, fake: np.ndarray) -> float:
    """Area under the ROC curve of the sample; nan when a class is missing."""
    if fake.all() or not fake.any():
        return float("nan")
    return float(auc_and_eer(p, fake, np.ones((1, len(p)), np.float32))[0][0])


def mass_bins(p: np.ndarray, base: np.ndarray) -> np.ndarray:
    """Bin (N,) of each score, BINS bins of about equal mass; equal scores share a bin."""
    order = np.argsort(p, kind="stable")
    share = (np.cumsum(base[order]) - base[order] / 2) / base.sum()
    bins = np.empty(len(p), int)
    bins[order] = np.minimum((share * BINS).astype(int), BINS - 1)
    _, tie = np.unique(p, return_inverse=True)
    first = np.full(tie.max() + 1, BINS)
    np.minimum.at(first, tie, bins)
    return first[tie]


def _halves(fake: np.ndarray, base: np.ndarray) -> np.ndarray:
    """The weights `base`, scaled so that real and fake add up to one half each."""
    real_sum, fake_sum = base[~fake].sum(), base[fake].sum()
    return np.where(fake, base / max(fake_sum, 1e-12), base / max(real_sum, 1e-12)) / 2


def calibration(p, fake, weights, base=None) -> np.ndarray:
    """Expected calibration error (B,), real and fake counting the same."""
    base = _halves(fake, np.ones(len(p)) if base is None else base)
    bins = mass_bins(p, base)
    one_hot = (bins[:, None] == np.arange(BINS)) * base[:, None]
    off = one_hot * (p - fake)[:, None]
    total = np.zeros((len(weights), BINS))
    for of_class in (fake, ~fake):
        # Scaled to a mean of one: single precision is four times as fast and enough.
        each = np.concatenate([off, base[:, None]], 1)[of_class] * len(p)
        sums = (weights[:, of_class] @ each.astype(np.float32)).astype(np.float64)
        with np.errstate(invalid="ignore", divide="ignore"):
            total += sums[:, :-1] / (2 * sums[:, -1:])
    return np.abs(total).sum(1)


def reliability(p, fake, base=None) -> list[dict[str, float]]:
    """For every bin the mean probability, the share that was fake, and its mass."""
    base = _halves(fake, np.ones(len(p)) if base is None else base)
    bins = mass_bins(p, base)
    out = []
    for number in np.unique(bins):
        rows = bins == number
        mass = base[rows].sum()
        out.append({"mean": float((p * base)[rows].sum() / mass),
                    "fake": float((fake * base)[rows].sum() / mass), "mass": float(mass),
                    "rows": int(rows.sum())})  # fmt: skip
    return out


def share(good: np.ndarray, among: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Share (B,) of the rows `among` that are `good`."""
    with np.errstate(invalid="ignore", divide="ignore"):
        return weights @ (good & among).astype(np.float32) / (weights @ among.astype(np.float32))


def balanced_accuracy(called: np.ndarray, fake: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Mean (B,) of the shares of real and of fake rows that were called what they are."""
    return (share(~called, ~fake, weights) + share(called, fake, weights)) / 2


def fold_accuracy(called, fake, fold: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Plain accuracy (B,) of every fold, averaged over the folds."""
    right = called == fake
    return np.mean([share(right, fold == k, weights) for k in np.unique(fold)], 0)


def best_threshold(p: np.ndarray, fake: np.ndarray, balanced: bool = True) -> float:
    """From which score on to say fake for the best (balanced) accuracy on these rows."""
    if fake.all() or not fake.any():
        return 0.5
    scores, at = np.unique(p, return_inverse=True)
    real = np.bincount(at, ~fake, len(scores))
    false = np.bincount(at, fake, len(scores))
    if balanced:
        real, false = real / real.sum(), false / false.sum()
    right = np.concatenate([[0], np.cumsum(real)]) + np.concatenate(
        [[false.sum()], false.sum() - np.cumsum(false)]
    )
    best = np.flatnonzero(right >= right.max() - 1e-12)
    cut = int(best[len(best) // 2])
    edges = np.concatenate(
        [[scores[0] - 1e-9], (scores[1:] + scores[:-1]) / 2, [scores[-1] + 1e-9]]
    )
    return float(edges[cut])


def call_by_others(p, fake, fold: np.ndarray, balanced: bool = True) -> np.ndarray:
    """Whether each row is called fake (N,), by a threshold from the other folds only."""
    called = np.zeros(len(p), bool)
    for number in np.unique(fold):
        own = fold == number
        called[own] = (
            p[own] > best_threshold(p[~own], fake[~own], balanced) if not own.all() else False
        )
    return called
