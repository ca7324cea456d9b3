"""From trained networks and held-out scores to the detector's weights and cards."""

import json
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from tqdm import tqdm

from ganfake.experts import NAMES
from ganfake.experts.ensemble import CLASSIC as FEATURES
from ganfake.experts.ensemble import FAMILIES
from ganfake.fingerprints import spectrum
from ganfake.folders import cache_dir
from ganfake.train import scores as held_out
from ganfake.train.detector import LEFT_OUT, recipe, train_network, unseen_folds
from ganfake.train.forensics import FOLDS, Faces, load_faces
from ganfake.train.scores import Draws, Table
from ganfake.train.stack import fit_stack, frequencies, stacked, subset, thresholds, weights_of
from ganfake.train.tamper import treat
from ganfake.weights import read_card, save_weights

DATA = (
    "faces128.zip, faces_attributes.zip, ciplab160.zip, stylegan256.zip, gans128.zip, and faces"
    " of our own models"
)
LICENCE = (
    "Weights trained on research data with third-party rights; for research and teaching; the"
    " code's licence does not cover them."
)
NOVELTY_QUANTILE = 0.997
NOVELTY_AXES = 24
FAMILY_LIMIT = 0.5


def runs_folder() -> Path:
    """Where the networks' runs lie."""
    return cache_dir() / "detector"


def train_networks(faces: Faces, runs: Path, imagenet: Path) -> None:
    """Every network of every expert, one after another; finished ones are left alone."""
    for expert, count in held_out.NETWORKS.items():
        for fold in range(count):
            train_network(faces, runs / f"{expert}-{fold}", recipe(expert, fold), imagenet)


def _auc(fake: np.ndarray, p: np.ndarray) -> float:
    return round(float(roc_auc_score(fake, p)), 4)


def export_networks(runs: Path, table: dict[str, np.ndarray]) -> None:
    """Weights and cards of all trained networks, with the figures of their own held-out faces."""
    for expert, count in held_out.NETWORKS.items():
        for fold in range(count):
            folder = runs / f"{expert}-{fold}"
            kept = load_file(folder / "checkpoint.safetensors")
            state = {n.removeprefix("net/"): t for n, t in kept.items() if n.startswith("net/")
                     and not n.endswith("num_batches_tracked")}  # fmt: skip
            rows = subset(table, np.isin(table["network"], unseen_folds(expert, fold))
                          & ~table["left_out"] & (table["treatment"] == "plain"))  # fmt: skip
            card = {
                "architecture": "MesoNet" if expert == "mesonet" else "MobileNet",
                "expert": expert,
                "config": {"width": 8} if expert == "mesonet" else {"hidden": 128},
                "training": {**json.loads((folder / "run.json").read_text()),
                             "images": recipe(expert, fold).pictures},
                "never_saw": {"folds": list(unseen_folds(expert, fold)),
                              "family": None if expert == "warp" else LEFT_OUT[fold]},
                "data": DATA,
                "preprocessing": "RGB face on the template, 160x160, pixel / 127.5 - 1",
                "auc_held_out": _auc(rows["fake"], rows[expert]),
                "licence": LICENCE,
            }  # fmt: skip
            save_weights(f"detector-{expert}-{fold}", state, card)


def export_classic(draws: Draws, faces: Faces, table: dict[str, np.ndarray]) -> None:
    """The classic experts, fitted on everything, with the figures of the cross-fitted ones."""
    rows = subset(table, ~table["left_out"] & (table["treatment"] == "plain"))
    profiles = _profiles(faces)
    for name in FEATURES:
        model = held_out.fit_classic(draws, name, None)
        card = {
            "architecture": "LinearModel", "expert": name, "data": DATA,
            "preprocessing": "RGB face on the template, 160x160",
            "config": {}, "training": {"images": len(draws.fold), "seed": held_out.SEED},
            "auc_held_out": _auc(rows["fake"], rows[name]), "licence": LICENCE,
        }  # fmt: skip
        if name == "spectrum":
            card |= profiles
        model.save(f"detector-{name}", card)


def _profiles(faces: Faces) -> dict[str, list[float]]:
    """The band in which the spectra of photographs lie, and the middle of every family."""
    rng = np.random.default_rng(0)
    family = faces.family

    def some(rows: np.ndarray, count: int = 300) -> np.ndarray:
        chosen = rng.choice(rows, min(count, len(rows)), replace=False)
        return np.stack([spectrum.profile(treat(faces.crop(r), "plain")[0]) for r in chosen])

    real = np.concatenate([some(np.flatnonzero(faces.source == s), 150)
                           for s in ("celeba", "lfw", "ciplab", "ffhq")])  # fmt: skip
    low, middle, high = np.percentile(real, [5, 50, 95], axis=0)
    fakes = {f: np.median(some(np.flatnonzero(family == f)), 0).round(3).tolist()
             for f in np.unique(family) if f != "real"}  # fmt: skip
    return {
        "profile_real_low": low.round(3).tolist(), "profile_real_middle": middle.round(3).tolist(),
        "profile_real_high": high.round(3).tolist(), "profile_of_families": fakes,
    }  # fmt: skip


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


def export_ensemble(table: dict[str, np.ndarray], draws: Draws) -> None:
    """The stack, its thresholds and how often its scores were right, the second head."""
    everyday = np.isin(table["treatment"], ("plain", "random"))
    model = fit_stack(subset(table, everyday))
    p = stacked(subset(table, everyday))
    known = ~table["left_out"][everyday]
    rows = subset(subset(table, everyday), known)
    p, weight = p[known], weights_of(rows)
    families, family_card = fit_families(draws)
    novelty, novelty_card = fit_novelty(draws)
    card = {
        "architecture": "Ensemble", "experts": list(NAMES), "data": DATA, "licence": LICENCE,
        "config": {}, "training": {"images": int(everyday.sum()), "seed": held_out.SEED},
        "thresholds": thresholds(p, rows["fake"], weight),
        "frequency": frequencies(p, rows["fake"], weight),
        "weights_sha256": {n: read_card(n)["sha256"][:12] for n in _members()},
        **family_card, **novelty_card,
    }  # fmt: skip
    tensors = {
        "coef": torch.tensor(model.coef_[0]).float(),
        "intercept": torch.tensor(model.intercept_[0]).float(),
        **families, **novelty,
    }  # fmt: skip
    save_weights("detector-ensemble", tensors, card)


def _members() -> list[str]:
    numbered = [f"detector-{e}-{k}" for e, n in held_out.NETWORKS.items() for k in range(n)]
    return [*(f"detector-{name}" for name in FEATURES), *numbered]


def score_all(faces: Faces, draws: Draws, runs: Path) -> dict[str, np.ndarray]:
    """Judge the held-out table by every expert, and keep it."""
    table: Table = held_out.make_table(faces)
    features = held_out.fingerprints_of(table.pixels)
    found = {n: held_out.score_classic(table, features[n], draws, n) for n in FEATURES}
    found |= {n: held_out.score_networks(table, n, runs) for n in held_out.NETWORKS}
    held_out.save_scores(table, found)
    return held_out.read_scores()


def train_detector(data: Path, imagenet: Path) -> dict[str, np.ndarray]:
    """All of it: networks, held-out scores, classic experts, stack; weights with cards."""
    faces, runs = load_faces(data), runs_folder()
    train_networks(faces, runs, imagenet)
    draws = held_out.draw(faces)
    table = score_all(faces, draws, runs)
    export_networks(runs, table)
    export_classic(draws, faces, table)
    export_ensemble(table, draws)
    return table
