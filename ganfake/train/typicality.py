"""Fits `typicality`: where photographs lie among the features of ImageNet's network."""

import copy
from pathlib import Path

import numpy as np
import torch
from sklearn.covariance import LedoitWolf
from sklearn.model_selection import GroupKFold

from ganfake.experts.networks import fold_batch_norm
from ganfake.experts.stack import UNTAUGHT
from ganfake.experts.typicality import Features, TypicalityExpert, log_distance
from ganfake.train.detector import new_network
from ganfake.train.draws import Draws
from ganfake.train.forensics import FOLDS
from ganfake.train.scores import Table

PARTS = 3  # of the photographs, by group: how far unseen ones lie
_SMALLEST = 1e-3  # spread under which a feature counts as constant


def untouched_features(imagenet: Path) -> Features:
    """The network with ImageNet's weights, to be saved; UserError when there are none."""
    features = Features()
    wanted = new_network("mobilenet", imagenet).features[: len(features.layers)]
    features.layers.load_state_dict(wanted.state_dict())
    return features.eval()


def ready(features: Features) -> torch.nn.Module:
    """The same for judging: faster."""
    return fold_batch_norm(copy.deepcopy(features)).to(memory_format=torch.channels_last)


def _space(rows: np.ndarray) -> dict[str, np.ndarray]:
    """Middle and whitener of photographs' features (N, V, D), shrunk as Ledoit and Wolf 2004."""
    rows = rows.reshape(-1, rows.shape[-1])
    middle, spread = rows.mean(0), np.maximum(rows.std(0), _SMALLEST)
    covariance = LedoitWolf(assume_centered=True).fit((rows - middle) / spread).covariance_
    values, axes = np.linalg.eigh(covariance)
    return {"middle": middle, "whitener": axes / np.sqrt(values) / spread[:, None]}


def fit_space(photographs: np.ndarray, groups: np.ndarray) -> dict[str, np.ndarray]:
    """The `space` of a TypicalityExpert from features (N, V, D) of photographs alone.

    groups: rows of one person or picture share one; how far photographs lie from the middle is
    measured on groups that the space has not met.
    """
    unseen = np.empty(len(photographs))
    for known, asked in GroupKFold(PARTS).split(photographs, groups=groups):
        unseen[asked] = log_distance(photographs[asked], _space(photographs[known]))
    return _space(photographs) | {"distance": np.array([unseen.mean(), unseen.std()])}


def score_typicality(table: Table, features: np.ndarray, draws: Draws) -> np.ndarray:
    """Probability of fake (N,) of features (N, V, D), by photographs of all folds but the row's."""
    found = np.full(len(table), np.nan)
    for fold in range(FOLDS):
        rows = table["network"] == fold
        known = ~draws.fake & (draws.fold != fold)
        space = fit_space(draws.features[UNTAUGHT][known].astype(float), draws.group[known])
        found[rows] = TypicalityExpert(None, space).predict_features(features[rows].astype(float))
    return found
