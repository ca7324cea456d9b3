"""Beside the stack: which family made a fake, and whether a face is unlike all in training."""

import numpy as np
import torch
from sklearn.linear_model import LogisticRegression
from tqdm import tqdm

from ganfake.experts.ensemble import CLASSIC as FEATURES
from ganfake.experts.ensemble import FAMILIES, UNKNOWN, novelty
from ganfake.train.draws import Draws
from ganfake.train.forensics import FOLDS
from ganfake.train.scores import Table

NOVELTY_QUANTILE = 0.997
NOVELTY_AXES = 24
FAMILY_LIMIT = 0.5


def _standardised(rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return rows.mean(0), np.maximum(rows.std(0), 1e-3)


def _family_head(features: np.ndarray, family: np.ndarray, rows: np.ndarray):
    mean, scale = _standardised(features[rows])
    z = np.clip((features - mean) / scale, -8, 8)
    model = LogisticRegression(C=0.003, max_iter=300, class_weight="balanced")
    return mean, scale, model.fit(z[rows], family[rows]), z


def fit_families(draws: Draws) -> tuple[dict[str, torch.Tensor], dict]:
    """The second head: which family made a fake, from its fingerprints; its held-out figures."""
    features = np.concatenate([draws.features[n] for n in FEATURES], 1)
    family = np.where(draws.family == "blend", "composite", draws.family)
    fakes = draws.fake
    right: dict[str, list] = {f: [] for f in FAMILIES}
    for fold in tqdm(range(FOLDS), desc="families"):
        _, _, model, z = _family_head(features, family, fakes & (draws.fold != fold))
        rows = np.flatnonzero(fakes & (draws.fold == fold))
        for row, said in zip(rows, model.predict(z[rows]), strict=True):
            right[family[row]].append(said == family[row])
    mean, scale, model, _ = _family_head(features, family, fakes)
    tensors = {
        "family_mean": mean, "family_scale": scale, "family_coef": model.coef_,
        "family_intercept": model.intercept_,
    }  # fmt: skip
    recall = {f: round(float(np.mean(r)), 3) for f, r in right.items() if r}
    return (
        {n: torch.as_tensor(np.asarray(t, np.float32)) for n, t in tensors.items()},
        {"families": model.classes_.tolist(), "family_recall_held_out": recall,
         "family_limit": FAMILY_LIMIT},
    )  # fmt: skip


def fit_novelty(draws: Draws) -> tuple[dict[str, torch.Tensor], dict]:
    """How unlike the training a face's fingerprints are: whitened distance, and its limit."""
    features = np.concatenate([draws.features["colour"], draws.features["spectrum"]], 1)
    mean, scale = _standardised(features)
    z = np.clip((features - mean) / scale, -50, 50)
    _, values, axes = np.linalg.svd(z[:: max(1, len(z) // 8000)], full_matrices=False)
    spread = values / np.sqrt(len(z[:: max(1, len(z) // 8000)]))
    keep = min(NOVELTY_AXES, int((spread > 0.05).sum()))
    white = (axes[:keep].T / spread[:keep]).astype(np.float32)
    limit = float(np.quantile(np.sqrt(((z @ white) ** 2).mean(1)), NOVELTY_QUANTILE))
    tensors = {"novelty_mean": mean, "novelty_scale": scale, "novelty_axes": white}
    return (
        {n: torch.as_tensor(np.asarray(t, np.float32)) for n, t in tensors.items()},
        {"novelty_limit": limit, "novelty_quantile": NOVELTY_QUANTILE},
    )


def name_and_doubt(table: Table, features: dict[str, np.ndarray], draws: Draws) -> None:
    """Columns `named` and `novelty` of the table, by heads that did not meet the row's fold."""
    joined = np.concatenate([features[n] for n in FEATURES], 1)
    family = np.where(draws.family == "blend", "composite", draws.family)
    known = np.concatenate([draws.features[n] for n in FEATURES], 1)
    seen = np.concatenate([features["colour"], features["spectrum"]], 1)
    named = np.full(len(table), UNKNOWN, dtype="<U16")
    strange = np.full(len(table), np.nan)
    for fold in range(FOLDS):
        rows = table["fold"] == fold
        others = draws.fold != fold
        mean, scale, model, _ = _family_head(known, family, draws.fake & others)
        shares = model.predict_proba(np.clip((joined[rows] - mean) / scale, -8, 8))
        best = model.classes_[shares.argmax(1)]
        named[rows] = np.where(shares.max(1) >= FAMILY_LIMIT, best, UNKNOWN)
        parts, card = fit_novelty(draws.subset(others))
        arrays = {name: part.double().numpy() for name, part in parts.items()}
        strange[rows] = novelty(seen[rows], arrays, card["novelty_limit"])
    table.columns["named"], table.columns["novelty"] = named, strange
