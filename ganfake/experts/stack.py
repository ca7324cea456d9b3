"""The stack: what the experts say, the face's size, detail and file quality as one probability.

A logistic regression over the log-odds of the experts that learned from fakes (stacking: Wolpert
1992) knows the kinds of fakes that they have met. Two things keep it careful about the others.
An expert that finds no trace has not shown that there is none: what it says of the less
suspicious half of photographs counts as one and the same. And where nothing known is found, the
face's typicality is asked, which no kind of fake has to be known for.
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import expit, logit

from ganfake.experts import NAMES

UNTAUGHT = "typicality"  # has never met a fake
TAUGHT = tuple(name for name in NAMES if name != UNTAUGHT)
_MOST = 6.0  # log-odds beyond which an expert is not believed any more
_SMALLEST, _LARGEST = 45, 240  # pixels of crops in training; beyond them size says no more
LEAST_QUALITY = 40  # of a JPEG; under it no more is said of it, for training met none
_DETAIL, _SPREAD = -4.0, 0.4  # of the faces in training


def log_odds(probabilities: dict[str, np.ndarray], name: str) -> np.ndarray:
    """What an expert says as log-odds (N,) float64, within what it is believed."""
    p = np.clip(np.asarray(probabilities[name], np.float64), 1e-6, 1 - 1e-6)
    return np.clip(logit(p), -_MOST, _MOST)


def stack_inputs(
    probabilities: dict[str, np.ndarray], floors: np.ndarray, crop_px: np.ndarray,
    quality: np.ndarray, detail: np.ndarray,
) -> np.ndarray:  # fmt: skip
    """(N, F) inputs of the regression; probabilities (N,) by expert, quality nan for none, detail
    as spectrum.detail has it.

    floors: log-odds (K,) under which the TAUGHT experts say no more.
    """
    odds = {name: np.maximum(log_odds(probabilities, name), floor)
            for name, floor in zip(TAUGHT, floors, strict=True)}  # fmt: skip
    size = np.log2(np.clip(np.asarray(crop_px, np.float64), _SMALLEST, _LARGEST) / 128)
    saved = np.isfinite(quality)
    loss = np.where(
        saved, (95 - np.clip(np.nan_to_num(quality, nan=95), LEAST_QUALITY, 100)) / 25, 0.0
    )
    fine = np.clip((np.asarray(detail, np.float64) - _DETAIL) / _SPREAD, -3, 3)
    return np.stack(
        [*odds.values(), size, saved.astype(float), loss, fine, odds["mobilenet"] * size,
         odds["mobilenet"] * loss, odds["mobilenet"] * fine, odds["residual"] * size], 1,
    )  # fmt: skip


@dataclass(frozen=True, eq=False)
class Stack:
    """Its numbers: floors (K,), coefficients (F,), intercept (), sigmoid (2,) slope and offset;
    curve (2, M), both rows rising from 0 to 1: what of such a score was fake among faces as
    people bring them (isotonic calibration: Zadrozny and Elkan 2002)."""

    floors: np.ndarray
    coefficients: np.ndarray
    intercept: np.ndarray
    sigmoid: np.ndarray
    curve: np.ndarray

    def joined(
        self, probabilities: dict[str, np.ndarray], crop_px: np.ndarray, quality: np.ndarray,
        detail: np.ndarray,
    ) -> np.ndarray:  # fmt: skip
        """Log-odds (N,) of fake before the sigmoid."""
        inputs = stack_inputs(probabilities, self.floors, crop_px, quality, detail)
        known = inputs @ self.coefficients + self.intercept
        return known + expit(-known) * log_odds(probabilities, UNTAUGHT)

    def predict_proba(
        self, probabilities: dict[str, np.ndarray], crop_px: np.ndarray, quality: np.ndarray,
        detail: np.ndarray,
    ) -> np.ndarray:  # fmt: skip
        """Probability of fake (N,) of faces; crop_px (N,) pixels, quality (N,) nan for none."""
        slope, offset = self.sigmoid
        scores = expit(slope * self.joined(probabilities, crop_px, quality, detail) + offset)
        return np.interp(scores, *self.curve)
