"""Faces are found, named left to right, and aligned to the template at any size."""

import threading

import cv2
import numpy as np
import pytest
import skimage.data

from ganfake.faces import TEMPLATE, Face, align, align_face, find_faces


@pytest.fixture(scope="module")
def astronaut() -> np.ndarray:
    return skimage.data.astronaut()


@pytest.fixture(scope="module")
def face(astronaut) -> Face:
    return find_faces(astronaut)[0]


def test_one_face_where_it_is(astronaut):
    faces = find_faces(astronaut)
    assert len(faces) == 1
    x0, y0, x1, y1 = faces[0].box
    assert 160 < x0 < 200 and 50 < y0 < 80 and 250 < x1 < 280 and 150 < y1 < 190
    assert faces[0].probability > 0.99
    assert faces[0].points.shape == (5, 2) and faces[0].points.dtype == np.float64


def test_landmarks_are_left_eye_right_eye_nose_mouth(face):
    left, right, nose, mouth_left, mouth_right = face.points
    assert left[0] < nose[0] < right[0] and mouth_left[0] < mouth_right[0]
    assert max(left[1], right[1]) < nose[1] < min(mouth_left[1], mouth_right[1])
    assert face.eye_distance == pytest.approx(41.8, abs=4)


def test_mirrored_picture_keeps_the_order(astronaut, face):
    mirrored = find_faces(astronaut[:, ::-1])[0]
    expected = face.points[[1, 0, 2, 4, 3]] * [-1, 1] + [512, 0]
    assert np.abs(mirrored.points - expected).max() < 4


def test_results_are_scaled_back_to_the_picture_given(astronaut, face):
    large = cv2.resize(astronaut, (1536, 1536), interpolation=cv2.INTER_CUBIC)
    found = find_faces(large)[0]
    assert np.abs(found.points / 3 - face.points).max() < 3
    assert np.abs(np.divide(found.box, 3) - face.box).max() < 8


def test_largest_first_and_boxes_inside(astronaut):
    head = astronaut[:260, 80:400]
    pair = np.zeros((300, 520, 3), np.uint8)
    pair[:163, :200] = cv2.resize(head, (200, 163), interpolation=cv2.INTER_AREA)
    pair[40:, 200:] = head
    faces = find_faces(pair)
    assert len(faces) == 2 and faces[0].area > faces[1].area
    assert faces[0].points[:, 0].min() > 200 > faces[1].points[:, 0].max()
    for found in faces:
        x0, y0, x1, y1 = found.box
        assert 0 <= x0 < x1 <= 520 and 0 <= y0 < y1 <= 300


@pytest.mark.parametrize(
    "shape", [(1, 1), (8, 8), (23, 500), (24, 24), (30, 5000), (64, 64), (300, 200), (0, 0)]
)
@pytest.mark.parametrize("kind", ["black", "noise"])
def test_no_face_is_an_empty_list(shape, kind):
    picture = np.zeros((*shape, 3), np.uint8)
    if kind == "noise":
        picture = np.random.default_rng(0).integers(0, 256, picture.shape, dtype=np.uint8)
    assert find_faces(picture) == []


def test_facenet_failure_on_stray_candidates_is_no_face(astronaut, monkeypatch):
    class Broken:
        def detect(self, picture, landmarks):
            raise IndexError("The shape of the mask [3] does not match [4].")

    monkeypatch.setattr("ganfake.faces._detector", lambda min_face: Broken())
    assert find_faces(astronaut) == []


def test_threads_find_the_same(astronaut, face):
    found = [None] * 4

    def look(index):
        found[index] = find_faces(astronaut)

    threads = [threading.Thread(target=look, args=(i,)) for i in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(np.allclose(faces[0].points, face.points, atol=1e-2) for faces in found)


@pytest.mark.parametrize("size", [25, 64, 128, 256])
def test_aligned_face_lies_on_the_template(astronaut, face, size):
    crop = align_face(astronaut, face, size)
    assert crop.shape == (size, size, 3) and crop.dtype == np.uint8
    if size >= 64:
        again = find_faces(crop)[0].points / size
        assert np.abs(again - TEMPLATE).max() < 0.06


def test_framing_is_exact_for_known_points():
    """White discs drawn at turned and shifted landmarks come to lie on the template."""
    turn = np.array([[0.9, -0.3], [0.3, 0.9]])
    points = TEMPLATE @ turn.T * 400 + [120, 40]
    picture = np.zeros((600, 600, 3), np.uint8)
    for x, y in points:
        cv2.circle(picture, (round(x - 0.5), round(y - 0.5)), 12, (255,) * 3, -1)
    crop = align(picture, points, TEMPLATE, 64)
    for x, y in TEMPLATE * 64:
        assert crop[int(y), int(x)].min() > 200
    assert crop.mean() < 60


def test_a_huge_face_needs_no_huge_grid(astronaut, face):
    """Crops agree whether a face has 40 or 1,300 pixels between the eyes."""
    part = astronaut[40:200, 150:300]
    points = face.points - [150, 40]
    large = cv2.resize(part, None, fx=32, fy=32, interpolation=cv2.INTER_NEAREST)
    crop, expected = align(large, points * 32, TEMPLATE, 25), align(part, points, TEMPLATE, 25)
    assert np.abs(crop.astype(int) - expected).mean() < 2


def test_outside_of_the_picture_is_reflected(astronaut, face):
    x0, y0, x1, y1 = map(int, face.box)
    crop = align(astronaut[y0:y1, x0:x1], face.points - [x0, y0], TEMPLATE, 64)
    assert crop[:4, :4].mean() > 20


def test_points_that_are_all_the_same_are_refused(astronaut):
    with pytest.raises(ValueError, match="no similarity"):
        align(astronaut, np.full((5, 2), 7.0), TEMPLATE, 64)
