"""From trained networks and held-out scores to the detector's weights and cards."""

import json
from dataclasses import asdict
from pathlib import Path

import numpy as np
import torch
from sklearn.metrics import roc_auc_score

from ganfake.experts import NAMES, SIDE
from ganfake.experts.ensemble import CLASSIC as FEATURES
from ganfake.experts.stack import UNTAUGHT
from ganfake.experts.typicality import CONTENT, Features
from ganfake.fingerprints import spectrum
from ganfake.folders import cache_dir
from ganfake.train import scores as held_out
from ganfake.train.band import fit_band
from ganfake.train.checkpoint import load_checkpoint
from ganfake.train.detector import (
    ALL,
    EXPERTS,
    left_out,
    members,
    new_network,
    recipe,
    run_name,
    shipped,
    train_network,
    unseen_folds,
)
from ganfake.train.draws import Draws, draw, features_by_expert, fit_classic, score_classic
from ganfake.train.forensics import FOLDS, Faces, load_faces
from ganfake.train.further import RATES, train_further
from ganfake.train.heads import fit_families, fit_novelty, name_and_doubt
from ganfake.train.score_table import read_scores, save_scores
from ganfake.train.scores import Table
from ganfake.train.stack import (
    everyday,
    fit_stack,
    frequencies,
    learned,
    stacked,
    subset,
    weights_of,
)
from ganfake.train.tamper import treat
from ganfake.train.typicality import fit_space, ready, score_typicality, untouched_features
from ganfake.weights import read_card, save_weights

DATA = (
    "faces128.zip, faces_attributes.zip, ciplab160.zip, stylegan256.zip, gans128.zip, and faces"
    " of our own models"
)
WITH_SWAPS = f"{DATA}, and swaps of their photographs by our own pipeline"
LICENCE = (
    "Weights trained on research data with third-party rights; for research and teaching; the"
    " code's licence does not cover them."
)


def runs_folder() -> Path:
    """Where the networks' runs lie."""
    return cache_dir() / "detector"


def train_networks(faces: Faces, runs: Path, imagenet: Path, further: int = 0) -> None:
    """Every network of every expert, one after another; finished ones are left alone.

    further: pictures that those of RATES have after their recipe.
    """
    for expert in EXPERTS:
        for fold, number in members(expert):
            options = recipe(expert, fold, number)
            train_network(faces, runs / options.name, options, imagenet)
            if further and expert in RATES:
                train_further(faces, runs / options.name, options, further)


def _auc(fake: np.ndarray, p: np.ndarray) -> float:
    return round(float(roc_auc_score(fake, p)), 4)


def _judged(table: dict[str, np.ndarray], expert: str, fold: int) -> dict[str, np.ndarray]:
    """Plain rows by which a shipped network's card says how good it is: those that it had not
    seen, or, where it has seen everything, those that its siblings of each fold had not seen."""
    folds = range(FOLDS) if fold == ALL else unseen_folds(expert, fold)
    return subset(table, np.isin(table["network"], tuple(folds)) & ~table["left_out"]
                  & (table["treatment"] == "plain"))  # fmt: skip


def export_networks(runs: Path, table: dict[str, np.ndarray]) -> None:
    """Weights and cards of the networks that ship, with figures of held-out faces."""
    for expert in held_out.NETWORKS:
        for number, (fold, copy) in enumerate(shipped(expert)):
            folder = runs / run_name(expert, fold, copy)
            run = json.loads((folder / "run.json").read_text())
            network = new_network(expert)
            images = load_checkpoint(folder / "checkpoint.safetensors", {"net": network})["images"]
            state = {name: tensor for name, tensor in network.state_dict().items()
                     if not name.endswith("num_batches_tracked")}  # fmt: skip
            rows = _judged(table, expert, fold)
            card = {
                "architecture": "MesoNet" if expert == "mesonet" else "MobileNet",
                "expert": expert,
                "config": {"width": 8} if expert == "mesonet" else {"hidden": 128},
                "training": {**run, "images": images},
                "never_saw": {"folds": list(unseen_folds(expert, fold)),
                              "family": left_out(expert, fold)},
                "data": DATA,
                "preprocessing": f"RGB face on the template, {run['side']}x{run['side']},"
                                 " pixel / 127.5 - 1",
                "auc_held_out": _auc(rows["fake"], rows[expert]),
                "licence": LICENCE,
            }  # fmt: skip
            note = folder / "note.txt"  # by whoever trained it elsewhere, or on less
            card |= {"note": note.read_text().strip()} if note.is_file() else {}
            save_weights(f"detector-{expert}-{number}", state, card)


def export_classic(draws: Draws, faces: Faces, table: dict[str, np.ndarray]) -> None:
    """The classic experts, fitted on everything, with the figures of the cross-fitted ones."""
    rows = subset(table, ~table["left_out"] & (table["treatment"] == "plain"))
    profiles = _profiles(faces)
    for name in FEATURES:
        model = fit_classic(draws, name, None)
        card = {
            "architecture": "LinearModel", "expert": name, "data": WITH_SWAPS,
            "preprocessing": f"RGB face on the template, {SIDE}x{SIDE}",
            "config": {}, "training": {"images": len(draws.fold), "seed": held_out.SEED},
            "auc_held_out": _auc(rows["fake"], rows[name]), "licence": LICENCE,
        }  # fmt: skip
        if name == "spectrum":
            card |= profiles
        model.save(f"detector-{name}", card)


def export_typicality(untouched: Features, draws: Draws, table: dict[str, np.ndarray]) -> None:
    """ImageNet's network and where photographs lie among its features; no fake was asked."""
    space = fit_space(draws.features[UNTAUGHT][~draws.fake].astype(float),
                      draws.group[~draws.fake])  # fmt: skip
    rows = subset(table, ~table["left_out"] & (table["treatment"] == "plain"))
    card = {
        "architecture": "Typicality", "expert": UNTAUGHT,
        "data": f"the photographs of {DATA}; the network: ImageNet",
        "preprocessing": f"RGB face on the template, shrunk to {CONTENT} pixels",
        "config": {}, "training": {"images": int((~draws.fake).sum()), "seed": held_out.SEED},
        "auc_held_out": _auc(rows["fake"], rows[UNTAUGHT]), "licence": LICENCE,
    }  # fmt: skip
    tensors = {name: torch.tensor(numbers) for name, numbers in space.items()}
    save_weights("detector-typicality", {**untouched.state_dict(), **tensors}, card)


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


def export_ensemble(table: dict[str, np.ndarray], draws: Draws) -> None:
    """The stack, its thresholds and how often its scores were right, the second head."""
    model, p = fit_stack(table), stacked(table)
    often = everyday(table)
    rows = subset(table, often)
    families, family_card = fit_families(draws)
    axes, novelty_card = fit_novelty(draws)
    card = {
        "architecture": "Ensemble", "experts": list(NAMES), "data": WITH_SWAPS, "licence": LICENCE,
        "config": {}, "training": {"images": int(learned(table).sum()), "seed": held_out.SEED},
        "band": asdict(fit_band(table, p)),
        "frequency": frequencies(p[often], rows["fake"], weights_of(rows), rows["group"]),
        "weights_sha256": {n: read_card(n)["sha256"][:12] for n in _members()},
        **family_card, **novelty_card,
    }  # fmt: skip
    numbers = {name: torch.tensor(part).float() for name, part in asdict(model).items()}
    tensors = {**numbers, **families, **axes}
    save_weights("detector-ensemble", tensors, card)


def _members() -> list[str]:
    numbered = [f"detector-{e}-{k}" for e in held_out.NETWORKS for k in range(len(shipped(e)))]
    return [*(f"detector-{name}" for name in (*FEATURES, UNTAUGHT)), *numbered]


def score_all(faces: Faces, draws: Draws, runs: Path, untouched: Features) -> dict[str, np.ndarray]:
    """Judge the held-out table by every expert, and keep it."""
    table: Table = held_out.make_table(faces)
    features = features_by_expert(table.pixels, ready(untouched))
    table.columns["detail"] = spectrum.detail(features["spectrum"])
    name_and_doubt(table, features, draws)
    found = {n: score_classic(table, features[n], draws, n) for n in FEATURES}
    found |= {n: held_out.score_networks(table, n, runs) for n in held_out.NETWORKS}
    found[UNTAUGHT] = score_typicality(table, features[UNTAUGHT], draws)
    save_scores(table, found)
    return read_scores()


def train_detector(data: Path, imagenet: Path, further: int = 0) -> dict[str, np.ndarray]:
    """All of it: networks, held-out scores, classic experts, stack; weights with cards."""
    faces, runs = load_faces(data), runs_folder()
    train_networks(faces, runs, imagenet, further)
    untouched = untouched_features(imagenet)
    draws = draw(faces, ready(untouched))
    table = score_all(faces, draws, runs, untouched)
    export_networks(runs, table)
    export_classic(draws, faces, table)
    export_typicality(untouched, draws, table)
    export_ensemble(table, draws)
    return table
