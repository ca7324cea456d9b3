"""The texture expert: a linear classifier on mobilenet's first network of every fold."""

from pathlib import Path

import numpy as np
from tqdm import tqdm

from ganfake.experts import SIDE
from ganfake.experts.linear import LinearModel, fit_linear, load_model
from ganfake.experts.mobilenet import MobileNet
from ganfake.experts.texture import TextureExpert
from ganfake.train.detector import ALL, drawn_for, recipe, run_name
from ganfake.train.forensics import FOLDS, Faces
from ganfake.train.scores import Table, trained_network

DRAWS = 4000  # faces from which each classifier learns
SEED = 3
_STRENGTH = (1e-3,)
_PART = 64


def fit_texture(faces: Faces, network: MobileNet, fold: int, draws: int = DRAWS) -> LinearModel:
    """On faces as `mobilenet`'s networks of that fold met them: without it, and its family."""
    drawn = drawn_for(faces, recipe("mobilenet", fold))
    judge = TextureExpert([network], [])
    rng = np.random.default_rng((SEED, fold))
    features, groups = [], []
    for start in tqdm(range(0, draws, _PART), desc=f"texture {fold}", mininterval=10):
        fakes = np.arange(start, min(start + _PART, draws)) % 2 == 1
        made = [drawn.one(rng, bool(fake), SIDE) for fake in fakes]
        pictures, rows, _ = zip(*made, strict=True)
        features.append(judge.features(np.stack(pictures))[0])
        groups.extend(faces.group[list(rows)])
    fake = np.arange(draws) % 2 == 1
    found = np.concatenate(features)
    return fit_linear(found, fake, np.array(groups), kind="ridge", strengths=_STRENGTH)


def train_textures(faces: Faces, runs: Path) -> None:
    """A classifier for every fold, and the one that ships; finished ones are left alone."""
    for fold in (*range(FOLDS), ALL):
        name = run_name("texture", fold)
        if not (runs / f"{name}.safetensors").exists():
            model = fit_texture(faces, trained_network("mobilenet", fold, 0, runs), fold)
            model.save(name, {}, runs)


def trained(fold: int, runs: Path) -> LinearModel:
    """A classifier as `train_textures` left it; UserError when there is none."""
    return load_model(run_name("texture", fold), runs)[0]


def score_textures(table: Table, runs: Path) -> np.ndarray:
    """Probability of fake (N,) by the classifiers that never saw the row's fold."""
    found = np.full(len(table), np.nan)
    for fold in range(FOLDS):
        network = trained_network("mobilenet", fold, 0, runs)
        judge = TextureExpert([network], [trained(fold, runs)])
        rows = np.flatnonzero(table["network"] == fold)
        for part in tqdm(np.array_split(rows, max(1, len(rows) // 256)), desc=f"texture {fold}"):
            found[part] = judge.predict_proba(table.pixels[part])
    return found
