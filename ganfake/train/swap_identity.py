"""Fits the identity check on the training persons of `faces128.zip`, and measures it on others.

python -m ganfake.train.swap_identity
"""

import argparse
from pathlib import Path

import numpy as np
import torch
from sklearn.decomposition import PCA
from sklearn.metrics import roc_auc_score

from ganfake.folders import shared_dir
from ganfake.identity import features, unit
from ganfake.stats import wilson
from ganfake.train.swap_faces import LICENCE, identified
from ganfake.weights import save_weights

COMPONENTS, DIMENSIONS, SHRINKAGE = 400, 160, 0.1
_RESAMPLED = 1000


def fit(rows: np.ndarray, persons: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Projection (F, D) and mean (F,) by PCA, then LDA, of features (N, F) of persons (N,).

    LDA as whitening by the covariance within persons, then the main axes of their means;
    persons with one picture count for the PCA alone.
    """
    pca = PCA(COMPONENTS, svd_solver="randomized", random_state=0).fit(rows)
    known = np.bincount(persons)[persons] > 1
    low = pca.transform(rows[known])
    _, index, counts = np.unique(persons[known], return_inverse=True, return_counts=True)
    means = np.zeros((len(counts), low.shape[1]))
    np.add.at(means, index, low)
    means /= counts[:, None]
    rest = low - means[index]
    within = rest.T @ rest / (len(low) - len(counts))
    # By pictures shrunk towards the diagonal: there are few for so many numbers.
    within = (1 - SHRINKAGE) * within + SHRINKAGE * np.diag(np.diag(within))
    values, vectors = np.linalg.eigh(within)
    whiten = vectors / np.sqrt(values)
    _, _, axes = np.linalg.svd((means - means.mean(0)) @ whiten, full_matrices=False)
    return pca.components_.T @ whiten @ axes[:DIMENSIONS].T, pca.mean_


def pairs(persons: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Pairs (K, 2) of rows of one person, at most 20 each, and as many of two persons."""
    same = []
    for person in np.unique(persons):
        rows = np.flatnonzero(persons == person)
        both = np.stack(np.triu_indices(len(rows), 1), 1)
        same.append(rows[rng.permutation(both)[:20]])
    same = np.concatenate(same)
    other = rng.integers(0, len(persons), (4 * len(same), 2))
    other = other[persons[other[:, 0]] != persons[other[:, 1]]][: len(same)]
    return same, other


def verify(embedded: np.ndarray, persons: np.ndarray) -> dict:
    """AUC and accuracy, with 95 % intervals, of telling pairs of one person from others.

    Persons are resampled for the AUC's interval; the accuracy is at the threshold that is
    best on one half of the pairs, on the other half.
    """
    rng = np.random.default_rng(0)
    same, other = pairs(persons, rng)
    score = [(embedded[p[:, 0]] * embedded[p[:, 1]]).sum(1) for p in (same, other)]
    truth = np.repeat([1, 0], [len(same), len(other)])
    scores = np.concatenate(score)
    owner = np.concatenate([persons[same[:, 0]], persons[other[:, 0]]])
    names = np.unique(owner)
    drawn = []
    for _ in range(_RESAMPLED):
        times = np.bincount(rng.integers(0, len(names), len(names)), minlength=len(names))
        drawn.append(
            roc_auc_score(truth, scores, sample_weight=times[np.searchsorted(names, owner)])
        )
    half = rng.random(len(scores)) < 0.5
    tried = np.quantile(scores[half], np.linspace(0, 1, 201))
    best = max(tried, key=lambda level: ((scores[half] > level) == truth[half]).mean())
    right = (scores[~half] > best) == truth[~half]
    return {
        "persons": len(names), "pairs_of_one": len(same), "pairs_of_two": len(other),
        "auc": round(float(roc_auc_score(truth, scores)), 4),
        "auc_interval": np.quantile(drawn, [0.025, 0.975]).round(4).tolist(),
        "accuracy": round(float(right.mean()), 4),
        "accuracy_interval": np.round(wilson(int(right.sum()), len(right)), 4).tolist(),
        "threshold": round(float(best), 4),
    }  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=shared_dir())
    faces, persons, held_out = identified(parser.parse_args().data)
    rows = np.stack([features(face) for face in faces])
    projection, mean = fit(rows[~held_out], persons[~held_out])
    embedded = unit((rows[held_out] - mean) @ projection)
    metrics = verify(embedded, persons[held_out])
    card = {
        "architecture": "HOG and LBP of the inner face, PCA, LDA",
        "config": {"components": COMPONENTS, "dimensions": DIMENSIONS, "shrinkage": SHRINKAGE},
        "training": {"images": int((~held_out).sum())},
        "data": f"faces128.zip; {(~held_out).sum():,} pictures, {held_out.sum():,} held out",
        "preprocessing": "RGB face on the template, 128x128, bytes",
        "held_out": metrics,
        "licence": LICENCE,
    }
    state = {"projection": torch.from_numpy(projection), "mean": torch.from_numpy(mean)}
    save_weights("swap-identity", state, card)
    print(rows.shape, metrics)


if __name__ == "__main__":
    main()
