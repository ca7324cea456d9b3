"""What the experts with fingerprints share: a calibrated linear classifier.

Features are standardised, a linear SVM or a logistic regression separates them, and Platt's
sigmoid (Platt 1999) turns its scores into probabilities. All numbers have float16's precision,
so that a model read from its file says exactly what it said before. Only training imports
scikit-learn, which takes a second.
"""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
from scipy.special import expit

from ganfake import UserError
from ganfake.weights import load_weights, save_weights

STRENGTHS = (1e-4, 1e-3, 1e-2, 1e-1)  # C: how much a row may weigh against small coefficients
PARTS = 3  # of the training rows, by group: for choosing C, and for the sigmoid
MOST_ROWS = 6000  # for choosing C
_SMALLEST = 1e-3  # spread under which a feature counts as constant
_FARTHEST = 8.0  # standard deviations beyond which a feature says no more


def _half(numbers: np.ndarray | float) -> np.ndarray:
    """float64 numbers that float16 holds exactly."""
    return np.asarray(numbers, np.float64).astype(np.float16).astype(np.float64)


@dataclass(frozen=True, eq=False)
class LinearModel:
    """A linear classifier of D features; arrays are float64 with float16's precision.

    real: (3, D), of every feature among real faces the value that 5 %, half and 95 % stay under.
    """

    mean: np.ndarray
    scale: np.ndarray
    coefficients: np.ndarray
    intercept: np.ndarray
    sigmoid: np.ndarray  # slope and offset
    real: np.ndarray

    def score(self, features: np.ndarray) -> np.ndarray:
        """(N, D) -> (N,): the uncalibrated score, larger for fakes. ValueError for another D."""
        rows = np.asarray(features, np.float64)
        if rows.ndim != 2 or rows.shape[1] != len(self.mean):
            raise ValueError(f"features must be (N, {len(self.mean)}), not {rows.shape}.")
        z = _standard(rows, self.mean, self.scale)
        # Not `@`: for one row BLAS wakes threads that then stand in the way of torch's.
        return np.einsum("nd,d->n", z, self.coefficients) + self.intercept

    def predict_proba(self, features: np.ndarray) -> np.ndarray:
        """(N, D) -> probability of fake (N,) float64."""
        slope, offset = self.sigmoid
        return expit(slope * self.score(features) + offset)

    def save(self, name: str, card: dict, folder: Path | None = None) -> None:
        """Write weights/`name`.safetensors and its card."""
        state = {part: torch.from_numpy(numbers) for part, numbers in asdict(self).items()}
        save_weights(name, state, {**card, "features": len(self.mean)}, folder)


def load_model(name: str, folder: Path | None = None) -> tuple[LinearModel, dict]:
    """A saved model and its card; UserError when it is missing, damaged or another thing."""
    state, card = load_weights(name, folder)
    wanted = set(LinearModel.__dataclass_fields__)
    if set(state) != wanted:
        raise UserError(f"The weights {name!r} hold no linear model; fetch them again.")
    return LinearModel(**{part: numbers.double().numpy() for part, numbers in state.items()}), card


def _standard(features: np.ndarray, mean: np.ndarray, scale: np.ndarray) -> np.ndarray:
    return np.clip((features - mean) / scale, -_FARTHEST, _FARTHEST)


def _classifier(kind: str, strength: float):
    from sklearn.linear_model import LogisticRegression
    from sklearn.svm import LinearSVC

    if kind == "svm":
        return LinearSVC(C=strength, dual=False, tol=1e-3)
    if kind == "logistic":
        return LogisticRegression(C=strength, max_iter=200, tol=1e-3)
    raise ValueError("kind must be 'svm' or 'logistic'.")


def _unseen_scores(kind, strength, rows, fake, groups, weight) -> np.ndarray:
    """Scores (N,) of every row by a classifier that has not met its group."""
    from sklearn.model_selection import GroupKFold

    found = np.empty(len(rows))
    for known, asked in GroupKFold(PARTS).split(rows, fake, groups):
        model = _classifier(kind, strength).fit(rows[known], fake[known], weight[known])
        found[asked] = model.decision_function(rows[asked])
    return found


def _choose(kind, strengths, rows, fake, groups, weight) -> float:
    """The C with the largest area under the ROC curve on unseen groups."""
    from sklearn.metrics import roc_auc_score

    if len(strengths) == 1:
        return strengths[0]
    order = np.random.default_rng(0).permutation(np.unique(groups))
    rank = np.argsort(order)[np.searchsorted(np.sort(order), groups)]
    some = np.argsort(rank, kind="stable")[:MOST_ROWS]
    rows, fake, groups, weight = rows[some], fake[some], groups[some], weight[some]
    areas = [
        roc_auc_score(
            fake, _unseen_scores(kind, c, rows, fake, groups, weight), sample_weight=weight
        )
        for c in strengths
    ]
    return strengths[int(np.argmax(areas))]


def fit_linear(
    features: np.ndarray,
    fake: np.ndarray,
    groups: np.ndarray,
    weight: np.ndarray | None = None,
    kind: str = "logistic",
    strengths: tuple[float, ...] = STRENGTHS,
) -> LinearModel:
    """Fit on features (N, D), fake (N,) bool, groups (N,) and weights (N,).

    groups: rows of one person or one picture share one; C and the sigmoid come from rows whose
    group the classifier has not met. kind: "svm" or "logistic". ValueError when a class is
    missing, when there are fewer than three groups, or when a feature is not finite.
    """
    features = np.asarray(features, np.float64)
    fake, groups = np.asarray(fake, bool), np.asarray(groups)
    weight = np.ones(len(fake)) if weight is None else np.asarray(weight, np.float64)
    weight = weight / weight.mean()
    if fake.all() or not fake.any() or len(np.unique(groups)) < PARTS:
        raise ValueError(f"Training needs real and fake rows in at least {PARTS} groups.")
    if not np.isfinite(features).all():
        raise ValueError("Features must be finite.")
    mean = _half(np.average(features, axis=0, weights=weight))
    scale = _half(np.maximum(features.std(0), _SMALLEST))
    rows = _standard(features, mean, scale)
    strength = _choose(kind, strengths, rows, fake, groups, weight)
    unseen = _unseen_scores(kind, strength, rows, fake, groups, weight)
    sigmoid = _classifier("logistic", 1e3).fit(unseen[:, None], fake, weight)
    model = _classifier(kind, strength).fit(rows, fake, weight)
    return LinearModel(
        mean, scale, _half(np.ravel(model.coef_)), _half(np.ravel(model.intercept_)[0]),
        _half([sigmoid.coef_[0, 0], sigmoid.intercept_[0]]),
        _half(np.percentile(features[~fake], [5, 50, 95], axis=0)),
    )  # fmt: skip


class LinearExpert:
    """A fingerprint and its classifier: faces (N, S, S, 3) uint8 -> probability of fake.

    fingerprint: face (S, S, 3) uint8 -> (D,). readable: name for the page -> feature's number
    and what turns it into a plain quantity.
    """

    def __init__(
        self,
        model: LinearModel,
        fingerprint: Callable[[np.ndarray], np.ndarray],
        readable: dict[str, tuple[int, Callable[[float], float]]],
        card: dict | None = None,
    ):
        self.model, self.fingerprint, self.readable = model, fingerprint, readable
        self.card = card or {}

    def features(self, faces: np.ndarray) -> np.ndarray:
        """(N, S, S, 3) uint8 -> (N, D) float64; ValueError for anything else."""
        if faces.ndim != 4 or faces.shape[3] != 3 or faces.dtype != np.uint8:
            raise ValueError(f"faces must be (N, S, S, 3) uint8, not {faces.shape} {faces.dtype}.")
        rows = [self.fingerprint(face) for face in faces]
        return np.stack(rows) if rows else np.empty((0, len(self.model.mean)))

    def predict_features(self, features: np.ndarray) -> np.ndarray:
        """(N, D) as `features` gives them -> probability of fake (N,) float64."""
        return self.model.predict_proba(features)

    def predict_proba(self, faces: np.ndarray) -> np.ndarray:
        """Probability of fake (N,) float64."""
        return self.predict_features(self.features(faces))

    def evidence(self, face: np.ndarray) -> dict[str, object]:
        """A few quantities of a face (S, S, 3), each beside those of real photographs.

        {name: {"value": v, "real": [low, middle, high]}}, where 90 % of the photographs in
        training lie between low and high.
        """
        values = np.concatenate([self.features(face[None]), self.model.real])
        return {
            name: {"value": plain[0], "real": plain[1:]}
            for name, (number, undo) in self.readable.items()
            if (plain := [round(float(undo(v)), 4) for v in values[:, number]])
        }


def load_expert(name: str, fingerprint: Callable, readable: dict) -> LinearExpert:
    """The expert weights/detector-`name`; UserError when it is missing or damaged."""
    model, card = load_model(f"detector-{name}")
    return LinearExpert(model, fingerprint, readable, card)
