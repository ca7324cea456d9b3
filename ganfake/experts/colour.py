"""Over- and under-exposure and the fine detail of colour, into a linear SVM.

McCloskey and Albright 2018, arXiv:1812.08247.
"""

import numpy as np

from ganfake.experts.linear import LinearExpert, LinearModel, fit_linear, load_expert
from ganfake.fingerprints import colour
from ganfake.fingerprints.colour import features

__all__ = ["features", "fit", "load"]
STRENGTHS = (1e-4, 1e-3, 1e-2)


def fit(
    features: np.ndarray, fake: np.ndarray, groups: np.ndarray, weight: np.ndarray | None = None
) -> LinearModel:
    """Learn from features (N, D), fake (N,) bool, groups (N,) and weights (N,)."""
    return fit_linear(features, fake, groups, weight, "svm", STRENGTHS)


def load() -> LinearExpert:
    """The expert with its weights; UserError when they are missing or damaged."""
    return load_expert("colour", colour.features, colour.READABLE)
