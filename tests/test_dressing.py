"""Dressing: a picture takes over how another one looks, and goes on showing what it showed."""

import numpy as np
import pytest
import skimage
from PIL import Image

from ganfake.images import encode_jpeg
from ganfake.quiz.decks.pocket import PocketDeck
from ganfake.quiz.dressing import Wardrobe, look, wear


def _small(picture: np.ndarray, size: int) -> np.ndarray:
    return np.asarray(Image.fromarray(picture).resize((size, size), Image.Resampling.BOX))


@pytest.mark.parametrize("size", [25, 64])
def test_the_dressed_picture_looks_like_its_model(size):
    face = _small(skimage.data.astronaut()[:250, 100:350], size)
    model = _small(skimage.data.coffee()[:400, :400], size)
    dressed = wear(face, model)
    assert (dressed.shape, dressed.dtype) == (face.shape, np.uint8)
    before, after, wanted = look(face)[:5], look(dressed)[:5], look(model)[:5]
    assert np.abs(after - wanted).sum() < 0.35 * np.abs(before - wanted).sum()
    had, has, goal = (len(encode_jpeg(Image.fromarray(p))) for p in (face, dressed, model))
    assert abs(has - goal) < max(0.5 * abs(had - goal), 0.05 * goal)


def test_it_goes_on_showing_what_it_showed():
    face = _small(skimage.data.astronaut()[:250, 100:350], 64)
    dressed = wear(face, _small(skimage.data.coffee()[:400, :400], 64))
    same = np.corrcoef(face.mean(axis=2).ravel(), dressed.mean(axis=2).ravel())[0, 1]
    assert same > 0.8


def test_a_blank_picture_is_no_trouble():
    model = _small(skimage.data.coffee(), 64)
    for blank in (np.zeros((64, 64, 3), np.uint8), np.full((64, 64, 3), 255, np.uint8)):
        assert wear(blank, model).shape == (64, 64, 3)
        assert wear(model, blank).shape == (64, 64, 3)


def test_fakes_are_framed_as_loosely_as_the_pocket_decks_faces():
    deck, rng = PocketDeck(), np.random.default_rng(0)
    frames = np.stack([deck.framing(rng) for _ in range(500)])
    eyes = np.hypot(*(frames[:, 1] - frames[:, 0]).T)
    assert eyes.mean() == pytest.approx(0.25 * 1.536, rel=0.03)
    assert frames[:, 0].std(axis=0).min() > 0.02
    faces = [_small(skimage.data.astronaut()[:250, 100:350], 64)] * 4
    for dressed in Wardrobe.measure(deck, rng).dress(faces, rng):
        assert dressed.shape == (25, 25, 3)
