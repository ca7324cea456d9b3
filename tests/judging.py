"""A judge for tests that need no trained experts: the brighter a face, the more it is fake."""

from types import SimpleNamespace

import numpy as np
import pytest

from ganfake import clips
from ganfake.experts import NAMES, SIDE, ensemble, reasons
from ganfake.experts.band import Band

LOW, HIGH = 0.25, 0.75


def assess(faces: np.ndarray, crop_px, jpeg_quality) -> list[ensemble.Assessment]:
    """As ensemble.assess, by the mean of the middle of each face."""
    assert faces.dtype == np.uint8 and faces.shape[1:] == (SIDE, SIDE, 3)
    assert len(faces) == len(crop_px) == len(jpeg_quality)
    return [_one(face, side) for face, side in zip(faces, crop_px, strict=True)]


def _one(face: np.ndarray, side: float) -> ensemble.Assessment:
    chance = float(face[SIDE // 4 : -SIDE // 4, SIDE // 4 : -SIDE // 4].mean() / 255)
    verdict = "fake" if chance >= HIGH else "real" if chance <= LOW else "uncertain"
    reason = reasons.CLOSE if verdict == "uncertain" else ""
    if side < ensemble.MIN_CROP:
        verdict, reason = "uncertain", reasons.SMALL
    experts = dict.fromkeys(NAMES, chance)
    return ensemble.Assessment(
        chance, verdict, reason, experts, "" if verdict == "real" else "ours", {"ours": 1.0}, HIGH
    )


def loaded() -> SimpleNamespace:
    """As far as clips asks load_ensemble."""
    return SimpleNamespace(band=Band(LOW, HIGH, HIGH, HIGH, -4.0))


@pytest.fixture
def judged(monkeypatch):
    """The experts are replaced by brightness; also without any weights."""
    monkeypatch.setattr(ensemble, "assess", assess)
    monkeypatch.setattr(ensemble, "load_ensemble", loaded)
    monkeypatch.setattr("ganfake.detect.load", lambda name: None)


@pytest.fixture
def patience(monkeypatch):
    """A busy machine must not change what the tests of videos see."""
    monkeypatch.setattr(clips, "_LOOKING", 300.0)
    monkeypatch.setattr(clips, "_JUDGED", 300.0)
