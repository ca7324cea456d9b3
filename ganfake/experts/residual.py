"""Co-occurrences of high-pass residuals of each colour channel, into a logistic regression.

Nataraj et al. 2019, arXiv:1903.06836; Fridrich and Kodovsky 2012.
"""

import numpy as np

from ganfake.experts.linear import LinearExpert, LinearModel, fit_linear, load_expert
from ganfake.fingerprints import residual
from ganfake.fingerprints.residual import features

__all__ = ["features", "fit", "load"]
STRENGTHS = (1e-4, 1e-3, 1e-2)


def fit(
    features: np.ndarray, fake: np.ndarray, groups: np.ndarray, weight: np.ndarray | None = None
) -> LinearModel:
    """Learn from features (N, D), fake (N,) bool, groups (N,) and weights (N,)."""
    return fit_linear(features, fake, groups, weight, "logistic", STRENGTHS)


def load() -> LinearExpert:
    """The expert with its weights; UserError when they are missing or damaged."""
    return load_expert("residual", residual.features, residual.READABLE)
