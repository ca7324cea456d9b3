"""Photographs painted anew by autoencoders: fakes for the detector's training."""

import numpy as np
import pytest
import torch

from ganfake.generate import generate
from ganfake.train.rebuild import (
    UPSAMPLING,
    Rebuilder,
    load_rebuilders,
    rebuild,
    save_rebuilder,
    train_rebuilder,
)


@pytest.fixture(scope="module")
def faces():
    return [np.asarray(p) for p in generate("portrait", 4, 11)]


@pytest.mark.parametrize("way", UPSAMPLING)
def test_any_side_comes_back_at_its_size(way):
    maker = Rebuilder(way, width=4, middle=2).eval()
    picture = np.random.default_rng(0).integers(0, 255, (101, 101, 3), np.uint8)
    for larger in (False, True):
        made = rebuild(maker, picture, larger)
        assert made.shape == picture.shape and made.dtype == np.uint8


def test_training_brings_the_picture_nearer(faces):
    torch.manual_seed(0)
    before = Rebuilder("nearest").eval()
    after = train_rebuilder(faces, "nearest", steps=12, batch=4)
    far, near = (
        np.mean([np.abs(rebuild(m, f).astype(int) - f).mean() for f in faces])
        for m in (before, after)
    )
    assert near < 0.9 * far


def test_the_shipped_ones_keep_the_face_but_not_its_pixels(faces):
    for maker in load_rebuilders():
        for face in faces:
            change = np.abs(rebuild(maker, face).astype(int) - face).mean()
            assert 0.3 < change < 16


def test_weights_come_back_as_they_were(tmp_path, faces):
    for way in UPSAMPLING:
        save_rebuilder(Rebuilder(way), way, {}, tmp_path)
    first = load_rebuilders(tmp_path)
    again = load_rebuilders(tmp_path)
    for one, other in zip(first, again, strict=True):
        assert np.array_equal(rebuild(one, faces[0]), rebuild(other, faces[0]))
