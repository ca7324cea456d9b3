"""The identity check: what it sees, what it does not mind, and who looks like whom."""

import cv2
import numpy as np
import pytest
from skimage.data import astronaut

from ganfake import identity, persons
from ganfake.faces import align_face, find_faces
from ganfake.weights import read_card


@pytest.fixture(scope="module")
def face():
    picture = astronaut()
    return align_face(picture, find_faces(picture)[0], 128)


def likeness(first: np.ndarray, second: np.ndarray) -> float:
    return float(identity.likeness(first[None], second[None])[0])


def test_there_are_58_uniform_patterns_and_a_bin_for_the_rest():
    bins = identity._patterns()
    counts = np.bincount(bins, minlength=59)
    assert (counts[:58] == 1).all()
    assert counts[58] == 256 - 58


def test_embeddings_have_length_one_and_the_same_face_is_the_same(face):
    rows = identity.describe(np.stack([face, face, face[:, ::-1]]))
    assert np.linalg.norm(rows, axis=1) == pytest.approx(1)
    assert np.array_equal(rows[0], rows[1])
    assert likeness(face, face) == pytest.approx(1)


def test_light_compression_and_ground_change_little(face):
    darker = (face * 0.7).astype(np.uint8)
    packed = cv2.imdecode(cv2.imencode(".jpg", face, [cv2.IMWRITE_JPEG_QUALITY, 75])[1], 1)
    ground = face.copy()
    ground[:, :20] = ground[:, -20:] = ground[:25] = 0
    stranger = persons.load_person("man_c").portrait
    for changed in (darker, packed, ground):
        assert likeness(changed, face) > 0.7
    assert likeness(ground, face) == pytest.approx(1)
    assert likeness(stranger, face) < 0.5


def test_a_grey_square_is_not_a_failure():
    grey = np.full((128, 128, 3), 127, np.uint8)
    assert np.isfinite(identity.describe(grey[None])).all()


def test_it_was_measured_on_persons_it_never_saw():
    held_out = read_card("swap-identity")["held_out"]
    assert held_out["persons"] > 500
    assert held_out["auc_interval"][0] > 0.8
    assert held_out["accuracy_interval"][0] > 0.7


def test_portraits_of_persons_are_told_apart():
    portraits = np.stack([persons.load_person(name).portrait for name in persons.SHIPPED])
    rows = identity.describe(portraits)
    assert (rows @ rows.T - np.eye(len(rows))).max() < 0.6
