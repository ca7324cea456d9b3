"""Decoded faces follow the geometry of their source; what is no face stays as it is."""

import cv2
import numpy as np
import pytest
from skimage.data import astronaut

from ganfake.faces import TEMPLATE, align_face, find_faces
from ganfake.reshape import follow, moved, points_in


@pytest.fixture(scope="module")
def face():
    picture = astronaut()
    return align_face(picture, find_faces(picture)[0], 128)


def stretched(face: np.ndarray) -> np.ndarray:
    """The face with everything below the eyes a tenth longer, about three pixels at the mouth."""
    y, x = np.mgrid[0:128, 0:128].astype(np.float32)
    y = np.where(y > 60, 60 + (y - 60) / 1.12, y).astype(np.float32)
    return cv2.remap(face, x, y, cv2.INTER_CUBIC)


def test_landmarks_are_near_the_template(face):
    assert np.abs(points_in(face) - 128 * TEMPLATE).max() < 4


def test_a_face_follows_its_source(face):
    source = stretched(face)
    before = np.linalg.norm(points_in(face) - points_in(source), axis=1)
    after = np.linalg.norm(points_in(follow(face, source)) - points_in(source), axis=1)
    assert before[3:].min() > 2
    assert after[3:].max() < 0.6 * before[3:].max()


def test_a_face_that_fits_is_hardly_touched(face):
    again = follow(face, face)
    assert np.abs(again.astype(int) - face).max() <= 2


@pytest.mark.parametrize(("asked", "least", "most"), [(60, 8, 11), (4, 3, 4), (0.4, 0, 0.15)])
def test_shifts_are_made_bounded_or_damped_and_the_border_stays(asked, least, most):
    points = 128 * TEMPLATE
    drawn = np.zeros((128, 128, 3), np.uint8)
    cv2.circle(drawn, (64, 76), 4, (255, 255, 255), -1, cv2.LINE_AA)  # the nose
    drawn[:, :2] = drawn[:, -2:] = 90
    made = moved(drawn, points, points + np.array([asked, 0]))
    inner = made[50:100, 30:110, 0].astype(float)
    before = drawn[50:100, 30:110, 0].astype(float)
    places = np.arange(80)
    shift = inner.sum(0) @ places / inner.sum() - before.sum(0) @ places / before.sum()
    assert least <= shift <= most
    assert np.abs(made[:3].astype(int) - drawn[:3]).mean() < 10


def test_what_is_no_face_stays(face):
    grey = np.full((128, 128, 3), 127, np.uint8)
    assert points_in(grey) is None
    assert follow(face, grey) is face
    assert follow(grey, face) is grey
