"""The experts together: one calibrated probability, a verdict, and the likely generator.

The stack over the experts was fitted on faces that none of them had seen. The verdict is
"uncertain" between two thresholds (see band), for a face with too few pixels, and for one unlike
all in training.
"""

import functools
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace

import numpy as np
from scipy.special import log_softmax

from ganfake.experts import NAMES, load, reasons
from ganfake.experts.band import MIN_CROP, Band
from ganfake.experts.flatness import DRAWN, flat_share
from ganfake.experts.stack import LEAST_QUALITY, Stack
from ganfake.experts.surround import is_cut_out
from ganfake.fingerprints import spectrum
from ganfake.stats import wilson
from ganfake.weights import load_weights

FAMILIES = ("ours", "StyleGAN", "ProGAN", "BEGAN", "StarGAN", "DCGAN", "composite", "swap")
UNKNOWN = "unknown"
WORDS = ("real", "uncertain", "fake")
CLASSIC = ("colour", "spectrum", "residual")


@dataclass(frozen=True)
class Assessment:
    """What the experts say of one face. Probabilities are of fake, in [0, 1].

    verdict: "fake", "real" or "uncertain", then with a `reason`; fake_from: the probability from
    which such a face is called fake. generators: how well each family of fakes would explain the
    face, adding up to 1; generator: the likeliest, "unknown" when none stands out, "" for a face
    that is held to be real.
    """

    probability_fake: float
    verdict: str
    reason: str
    experts: dict[str, float]
    generator: str
    generators: dict[str, float]
    fake_from: float

    def cut_off(self) -> "Assessment":
        """The same of a face that the border of its picture cuts off."""
        reason = self.reason if self.reason == reasons.SMALL else reasons.CUT_OFF
        return replace(self, verdict="uncertain", reason=reason)


@dataclass(frozen=True)
class Frequency:
    """Of `of` held-out faces that scored alike, `fake` were fake; Wilson's 95 % interval.

    The faces count by weight, some of them under several treatments; `of` is how many that count
    the same would say as much (Kish 1965), which are fewer.
    """

    fake: int
    of: int
    low: float
    high: float


def novelty(features: np.ndarray, parts: dict[str, np.ndarray], limit: float) -> np.ndarray:
    """Whitened distance (N,) of fingerprints (N, D) from the training's; 1 is the limit."""
    z = (features - parts["novelty_mean"]) / parts["novelty_scale"]
    rows = np.clip(z, -50, 50) @ parts["novelty_axes"]
    return np.sqrt((rows**2).mean(1)) / limit


class Ensemble:
    """The shipped stack, its band of "uncertain", and the second head."""

    def __init__(self, tensors: dict, card: dict):
        self.card = card
        self.parts = {name: t.double().numpy() for name, t in tensors.items()}
        self.band = Band(**card["band"])
        self.stack = Stack(**{f.name: self.parts[f.name] for f in fields(Stack)})

    def novelty(self, features: np.ndarray) -> np.ndarray:
        """How far fingerprints (N, D) lie from the training's: 1 is the limit."""
        return novelty(features, self.parts, self.card["novelty_limit"])

    def families(self, features: np.ndarray) -> np.ndarray:
        """Shares (N, K) of the families in `card["families"]`."""
        z = np.clip((features - self.parts["family_mean"]) / self.parts["family_scale"], -8, 8)
        return np.exp(
            log_softmax(z @ self.parts["family_coef"].T + self.parts["family_intercept"], axis=1)
        )


@functools.cache
def load_ensemble() -> Ensemble:
    """The stack with its card; UserError when the weights are missing or damaged."""
    return Ensemble(*load_weights("detector-ensemble"))


def expert_probabilities(
    faces: np.ndarray,
) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    """Each expert's probability of fake (N,), and the classic ones' fingerprints (N, D)."""
    features = {name: load(name).features(faces) for name in CLASSIC}
    found = {name: load(name).predict_features(features[name]) for name in CLASSIC}
    found |= {n: load(n).predict_proba(faces) for n in NAMES if n not in found}
    return {name: found[name] for name in NAMES}, features


def assess(
    faces: np.ndarray, crop_px: Sequence[float], jpeg_quality: Sequence[float | None]
) -> list[Assessment]:
    """What all experts together say of aligned faces (N, 240, 240, 3) uint8.

    crop_px: side of each aligned crop in pixels of its picture. jpeg_quality: of the file's
    last saving, None where it was no JPEG.
    """
    if len(faces) == 0:
        return []
    ensemble = load_ensemble()
    experts, features = expert_probabilities(faces)
    quality = np.array([np.nan if q is None else q for q in jpeg_quality], float)
    sides, detail = np.asarray(crop_px, float), spectrum.detail(features["spectrum"])
    chance = ensemble.stack.predict_proba(experts, sides, quality, detail)
    words = ensemble.band.words(chance, sides, detail)
    fake_from = ensemble.band.fake_from(sides, detail)
    joined = np.concatenate([features[name] for name in CLASSIC], 1)
    seen = features["colour"], features["spectrum"]
    novelty = ensemble.novelty(np.concatenate(seen, 1))
    shares = ensemble.families(joined)
    found = []
    for i in range(len(faces)):
        said = {name: float(p[i]) for name, p in experts.items()}
        verdict = WORDS[words[i] + 1]
        reason = _unfit(faces[i], sides[i], novelty[i], verdict, quality[i])
        if reason:
            verdict = "uncertain"
        elif verdict == "uncertain":
            reason = _why_undecided(float(chance[i]), ensemble.band.sharp, said)
        named_shares = zip(ensemble.card["families"], shares[i], strict=True)
        generators = {family: round(float(share), 4) for family, share in named_shares}
        named = _named(generators, ensemble.card["family_limit"])
        if verdict == "real":
            named = ""
        elif reason in (reasons.SMALL, reasons.DRAWING, reasons.NOVEL):
            # Fingerprints that no family is known by.
            named = UNKNOWN
        found.append(Assessment(float(chance[i]), verdict, reason, said, named, generators,
                                float(fake_from[i])))  # fmt: skip
    return found


def _unfit(face: np.ndarray, crop_px: float, novelty: float, word: str, quality: float) -> str:
    """Why the band's word on a face does not count; "" where it does."""
    if crop_px < MIN_CROP:
        return reasons.SMALL
    if flat_share(face) >= DRAWN:
        return reasons.DRAWING
    if novelty > 1:
        return reasons.NOVEL
    # These alone make fakes look real.
    if word == "real" and quality < LEAST_QUALITY:
        return reasons.COMPRESSED
    return reasons.CUT_OUT if word == "real" and is_cut_out(face) else ""


def _why_undecided(chance: float, sharp: float, experts: dict[str, float]) -> str:
    """sharp: the probability of fake from which a sharp face is called fake."""
    if chance >= sharp:
        return reasons.SOFT
    divided = max(experts.values()) > 0.9 and min(experts.values()) < 0.1
    return reasons.DIVIDED if divided else undecided(chance)


def undecided(probability_fake: float) -> str:
    """Why a face between the thresholds is not decided; it may well lean to one side."""
    if probability_fake >= 2 / 3:
        return reasons.RATHER_FAKE
    return reasons.RATHER_REAL if probability_fake <= 1 / 3 else reasons.CLOSE


def _named(generators: dict[str, float], limit: float) -> str:
    likeliest = max(generators, key=generators.get)
    return likeliest if generators[likeliest] >= limit else UNKNOWN


def frequency(probability: float) -> Frequency:
    """Of held-out faces, half of them fake, that scored like this: how many were fake.

    They were counted in bins; a score between the middles of two takes from each by nearness.
    """
    bins = load_ensemble().card["frequency"]
    middles = [entry["at"] for entry in bins]
    share = np.interp(probability, middles, [entry["fake"] / entry["of"] for entry in bins])
    count = round(np.interp(probability, middles, [entry["of"] for entry in bins]))
    fake = round(share * count)
    low, high = wilson(fake, count)
    return Frequency(fake, count, low, high)
