"""The crop that experts judge: every face is cut alike, whatever its picture is."""

import io

import numpy as np
import pytest
from PIL import Image

from ganfake.detect import check_picture
from ganfake.experts import SIDE, cropping
from ganfake.experts.band import SMALL_SIDE
from ganfake.experts.networks import to_side
from ganfake.faces import TEMPLATE, crop_side, find_faces
from ganfake.generate import generate


@pytest.mark.parametrize("side", [40, 64, 128, 256, 700])
def test_the_first_step_has_the_size_of_the_face(side):
    picture, points = np.zeros((side, side, 3), np.uint8), TEMPLATE * side
    assert cropping.cut(picture, points).shape[0] == np.clip(side, cropping.LEAST, cropping.MOST)
    assert cropping.expert_crop(picture, points).shape == (SIDE, SIDE, 3)


@pytest.mark.parametrize("side", [64, 96, 112, 200])
def test_a_small_face_keeps_its_finest_detail(side):
    """Cut at its own size, it would lose some; a larger one is cut as the networks know it."""
    sharp = np.random.default_rng(0).integers(0, 256, (side, side, 3), np.uint8)
    points = side * (TEMPLATE + 0.4 / side)  # between the pixels
    crop = cropping.expert_crop(sharp, points).astype(int)
    own = to_side(cropping.cut(sharp, points), SIDE).astype(int)
    if side < SMALL_SIDE:
        assert crop.std() > 1.2 * own.std()
    else:
        assert np.array_equal(crop, own)


def test_a_small_picture_on_the_template_is_cut_like_every_other_one():
    face = np.asarray(generate("portrait", 1, 5)[0])
    around = np.pad(face, ((32, 32), (32, 32), (0, 0)), mode="reflect")
    alone, framed = find_faces(face)[0].points, find_faces(around)[0].points
    crops = [cropping.expert_crop(face, alone), cropping.expert_crop(around, alone + 32)]
    assert np.abs(crops[0].astype(int) - crops[1]).mean() < 0.5
    assert np.linalg.norm(framed - alone - 32, axis=1).mean() < 2
    assert not np.array_equal(crops[0], to_side(face, SIDE))
    assert check_picture(face).faces[0].crop_px == pytest.approx(crop_side(alone))


@pytest.mark.parametrize("model", [pytest.param("portrait", marks=pytest.mark.slow), "dcgan"])
def test_our_own_faces_do_not_pass_for_real_once_they_are_saved_as_jpeg(model):
    """Taken as they were, seven of portrait's 24 did."""
    real = 0
    for face in generate(model, 12, 5):
        for quality in (90, 75):
            buffer = io.BytesIO()
            face.save(buffer, "JPEG", quality=quality)
            real += check_picture(np.asarray(Image.open(buffer)), quality).verdict == "real"
    assert real == 0
