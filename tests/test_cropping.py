"""The crop that experts judge: a small picture on the template is not cut anew."""

import numpy as np
import pytest

from ganfake.detect import check_picture
from ganfake.experts import SIDE, cropping
from ganfake.experts.networks import to_side
from ganfake.faces import TEMPLATE, crop_side
from ganfake.generate import generate
from tests.judging import judged  # noqa: F401


@pytest.fixture
def made() -> np.ndarray:
    return np.asarray(generate("dcgan", 1, 3)[0])


def test_a_small_picture_on_the_template_is_taken_as_it_is(made):
    points = TEMPLATE * 64 + 0.8  # as exact as landmarks are
    assert cropping.is_aligned(made, points)
    assert cropping.at_own_size(made, points) is made
    assert np.array_equal(cropping.expert_crop(made, points), to_side(made, SIDE))
    assert cropping.own_side(made, points) == 64
    assert not np.array_equal(cropping.cut(made, points), made)


@pytest.mark.parametrize("other", ["off", "large", "tiny", "wide"])
def test_everything_else_is_cut_out(made, other):
    picture, points = made, TEMPLATE * 64
    if other == "off":
        points = points + np.array([0, 4])
    elif other == "wide":
        picture = np.pad(made, ((0, 0), (0, 3), (0, 0)), mode="edge")
    else:
        side = {"large": 256, "tiny": 40}[other]
        picture, points = to_side(made, side), TEMPLATE * side
    assert not cropping.is_aligned(picture, points)
    assert np.array_equal(cropping.at_own_size(picture, points), cropping.cut(picture, points))
    assert cropping.own_side(picture, points) == pytest.approx(crop_side(points))


def test_check_takes_our_own_faces_as_they_are(judged):  # noqa: F811
    faces = [np.asarray(picture) for picture in generate("portrait", 8, 5)]
    found = [check_picture(face).faces[0] for face in faces]
    whole = [one.crop_px == 128 and np.array_equal(one.crop, to_side(face, SIDE))
             for one, face in zip(found, faces, strict=True)]  # fmt: skip
    assert sum(whole) >= 6
