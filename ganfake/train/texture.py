"""The texture expert: a linear classifier on each of mobilenet's networks, fold by fold."""

from pathlib import Path

import numpy as np
from tqdm import tqdm

from ganfake.experts import SIDE
from ganfake.experts.linear import LinearModel, fit_linear, load_model
from ganfake.experts.mobilenet import MobileNet
from ganfake.experts.texture import TextureExpert
from ganfake.train.detector import Drawn, recipe
from ganfake.train.forensics import FOLDS, Faces
from ganfake.train.scores import Table, trained_network

DRAWS = 6000  # faces from which each classifier learns
SEED = 3
_STRENGTH = (1e-3,)
_PART = 64


def fit_texture(faces: Faces, network: MobileNet, fold: int, draws: int = DRAWS) -> LinearModel:
    """On faces as `mobilenet`'s network of that fold met them: without the fold, and its family."""
    drawn = Drawn(faces, recipe("mobilenet", fold))
    judge = TextureExpert([network], [])
    rng = np.random.default_rng((SEED, fold))
    features, groups = [], []
    for start in tqdm(range(0, draws, _PART), desc=f"texture {fold}", mininterval=10):
        fakes = np.arange(start, min(start + _PART, draws)) % 2 == 1
        pictures, rows = zip(*(drawn.one(rng, bool(fake), SIDE) for fake in fakes), strict=True)
        features.append(judge.features(np.stack(pictures))[0])
        groups.extend(faces.group[list(rows)])
    fake = np.arange(draws) % 2 == 1
    found = np.concatenate(features)
    return fit_linear(found, fake, np.array(groups), kind="ridge", strengths=_STRENGTH)


def train_textures(faces: Faces, runs: Path) -> None:
    """The classifiers of all folds into the runs' folder; finished ones are left alone."""
    for fold in range(FOLDS):
        if not (runs / f"detector-texture-{fold}.safetensors").exists():
            model = fit_texture(faces, trained_network("mobilenet", fold, runs), fold)
            model.save(f"detector-texture-{fold}", {}, runs)


def trained(fold: int, runs: Path) -> LinearModel:
    """A classifier as `train_textures` left it; UserError when there is none."""
    return load_model(f"detector-texture-{fold}", runs)[0]


def score_textures(table: Table, runs: Path) -> np.ndarray:
    """Probability of fake (N,) by the classifiers that never saw the row's fold."""
    found = np.full(len(table), np.nan)
    for fold in range(FOLDS):
        judge = TextureExpert([trained_network("mobilenet", fold, runs)], [trained(fold, runs)])
        rows = np.flatnonzero(table["network"] == fold)
        for part in tqdm(np.array_split(rows, max(1, len(rows) // 256)), desc=f"texture {fold}"):
            found[part] = judge.predict_proba(table.pixels[part])
    return found
