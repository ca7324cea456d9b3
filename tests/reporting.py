"""What was found in a picture, made up, for tests of the report."""

import json
from datetime import datetime, timedelta, timezone
from html.parser import HTMLParser

import numpy as np
import pytest
from PIL import Image

from ganfake import explain, weights
from ganfake.checked import Checked, CheckedFace
from ganfake.experts import NAMES, ensemble, reasons
from ganfake.experts.ensemble import Frequency
from ganfake.images import encode_jpeg
from ganfake.stats import wilson

WHEN = datetime(2026, 11, 21, 12, 0, 5, tzinfo=timezone(timedelta(hours=2)))


@pytest.fixture(autouse=True)
def frequency(monkeypatch):
    """Of 200 held-out pictures with a score, as many were fake as it says."""

    def one(probability: float) -> Frequency:
        fake = round(200 * probability)
        return Frequency(fake, 200, *wilson(fake, 200))

    monkeypatch.setattr(ensemble, "frequency", one)


@pytest.fixture(autouse=True)
def cards(tmp_path, monkeypatch):
    """Three detector weights, one that was for training alone, and another one."""
    folder = tmp_path / "weights"
    folder.mkdir()
    for name in ("detector-warp", "detector-colour", "detector-rebuild-nearest", "dcgan"):
        (folder / f"{name}.json").write_text(json.dumps({"sha256": name[-4:] * 16}))
    card = {"sha256": "trum" * 16, "profile_of_families": {"StyleGAN": [3.0] * 80}}
    card |= {f"profile_real_{end}": [level] * 80 for end, level in
             (("low", 1.0), ("middle", 2.0), ("high", 30.0))}  # fmt: skip
    (folder / "detector-spectrum.json").write_text(json.dumps(card))
    monkeypatch.setattr(weights, "weights_dir", lambda: folder)


@pytest.fixture(autouse=True)
def heat(monkeypatch):
    """All of a face is hot; there are no networks here."""
    monkeypatch.setattr(explain, "heat_map", lambda face: np.ones(face.shape[:2], np.float32))


def face(verdict: str, probability: float, box=(200.0, 100.0, 600.0, 500.0)) -> CheckedFace:
    reason = reasons.CLOSE if verdict == "uncertain" else ""
    crop = np.full((160, 160, 3), round(255 * probability), np.uint8)
    experts = dict(zip(NAMES, np.linspace(0.01, 0.99, len(NAMES)), strict=True))
    generator = "" if verdict == "real" else "StyleGAN"
    shares = {"StyleGAN": 0.7, "ours": 0.3}
    return CheckedFace(
        box, np.zeros((5, 2)), verdict, probability, reason, experts, generator, shares, crop, 333.3
    )


def checked(*faces: CheckedFace, name: str = "photo.jpg", **more) -> Checked:
    whole = max(faces, key=lambda f: f.probability_fake, default=None)
    verdict = whole.verdict if whole else "uncertain"
    given = {"file": name, "kind": "image", "verdict": verdict, "faces": list(faces)}
    given |= {"probability_fake": whole.probability_fake if whole else None}
    return Checked(**{**given, "width": 2000, "height": 1000, **more})


@pytest.fixture(scope="module")
def photo() -> bytes:
    coarse = np.random.default_rng(1).integers(0, 256, (5, 10, 3), np.uint8)
    return encode_jpeg(Image.fromarray(coarse).resize((2000, 1000)), 80)


class Page(HTMLParser):
    """What a browser would see: elements, and text."""

    def __init__(self, content: bytes):
        super().__init__()
        self.elements, self.words = [], []
        self.feed(content.decode("utf-8"))
        self.text = " ".join(" ".join(self.words).split())

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.words.append(data)

    def all(self, tag: str) -> list[dict]:
        return [attributes for name, attributes in self.elements if name == tag]
