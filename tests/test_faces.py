"""Faces are found, named left to right, and aligned to the template at any size."""

import threading

import cv2
import numpy as np
import pytest
import skimage.data

from ganfake import mtcnn
from ganfake.faces import (
    TEMPLATE,
    Face,
    align,
    align_face,
    crop_side,
    find_faces,
    search_faces,
    similarity,
)
from ganfake.generate import generate
from ganfake.models import available


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


# -- our cascade, and the similarity -------------------------------------------------
def test_the_cascade_sees_what_facenet_pytorch_sees(astronaut):
    from facenet_pytorch import MTCNN

    group = np.tile(cv2.resize(astronaut[:256, 100:356], (128, 128)), (2, 3, 1))
    theirs = MTCNN(min_face_size=24, keep_all=True).eval()
    for picture in (astronaut, group):
        boxes, _, points = theirs.detect(picture, landmarks=True)
        found, scores, places = mtcnn.detect(picture, 24)
        assert len(found) == len(boxes) and scores.min() > 0.99
        for box, point in zip(boxes, points, strict=True):
            nearest = np.abs(found - np.asarray(box, float)).max(1).argmin()
            width = box[2] - box[0]
            assert np.abs(found[nearest] - np.asarray(box, float)).max() < 0.1 * width
            assert np.abs(places[nearest] - np.asarray(point, float)).max() < 0.05 * width


def test_candidates_outside_the_picture_are_no_faces(astronaut):
    boxes = np.array([[-90.0, -90, -40, -40], [600, 600, 700, 700], [0, 0, 0, 0]])
    assert (mtcnn.judge(astronaut, boxes)[1] == 0).all()
    assert mtcnn.judge(astronaut, np.empty((0, 4)))[2].shape == (0, 5, 2)


def test_similarity_is_that_of_umeyama():
    from skimage.transform import SimilarityTransform

    rng = np.random.default_rng(0)
    for _ in range(50):
        points = rng.normal(0, 30, (5, 2)) + rng.normal(0, 200, 2)
        theirs = SimilarityTransform.from_estimate(points, TEMPLATE * 160)
        ours, scale = similarity(points, TEMPLATE * 160)
        assert np.allclose(ours, theirs.params) and np.isclose(scale, theirs.scale)


def test_the_side_of_a_crop_is_counted_in_pixels_of_the_picture():
    assert crop_side(TEMPLATE * 96 + [300, 20]) == pytest.approx(96)


# -- further looks -------------------------------------------------------------------
def _made(model: str, count: int) -> list[np.ndarray]:
    if model not in available():
        pytest.skip(f"no weights of {model}")
    return [np.asarray(picture) for picture in generate(model, count, seed=5)]


@pytest.mark.parametrize("model", ["dcgan", "wgan", "portrait"])
def test_generated_faces_are_faces(model):
    """64 and 128 pixels, on the template: the whole picture is the crop."""
    for picture in _made(model, 24):
        first = search_faces(picture)[0]
        assert crop_side(first.points) == pytest.approx(len(picture), rel=0.25)
        assert np.abs(first.points / len(picture) - TEMPLATE).max() < 0.12


@pytest.mark.parametrize("size", [32, 48, 1200])
def test_a_face_that_is_the_picture_is_found_at_any_size(size):
    kind = cv2.INTER_AREA if size < 64 else cv2.INTER_CUBIC
    pictures = [cv2.resize(p, (size, size), interpolation=kind) for p in _made("dcgan", 8)]
    assert all(len(search_faces(picture)) == 1 for picture in pictures)


def test_a_crop_without_surroundings_is_a_face(astronaut, face):
    x0, y0, x1, y1 = map(int, face.box)
    found = search_faces(astronaut[y0 + 8 : y1 - 8, x0 + 6 : x1 - 6])
    assert len(found) == 1
    assert np.abs(found[0].points + np.array([x0 + 6, y0 + 8]) - face.points).max() < 8


@pytest.mark.parametrize("width", [24, 40, 90])
def test_forty_faces_in_a_group_are_found(width):
    """Faces `width` pixels wide (half of the crop) in 1920 x 1080."""
    faces = [cv2.resize(p, (2 * width, 2 * width), interpolation=cv2.INTER_AREA if width < 64
                        else cv2.INTER_CUBIC) for p in _made("portrait", 40)]  # fmt: skip
    picture = np.full((1080, 1920, 3), 120, np.uint8)
    for index, face in enumerate(faces):
        x, y = 20 + index % 10 * 188, 10 + index // 10 * 260
        picture[y : y + 2 * width, x : x + 2 * width] = face
    found = search_faces(picture)
    assert len(found) >= 38
    assert {(int(f.centre[0] - 20) // 188, int(f.centre[1] - 10) // 260) for f in found} <= {
        (column, row) for column in range(10) for row in range(4)
    }
    assert len(found) <= 40


def test_drawings_and_things_are_no_faces():
    rng = np.random.default_rng(0)
    landscape = np.zeros((480, 640, 3), np.uint8)
    landscape[:240], landscape[240:] = (120, 180, 240), (60, 140, 50)
    cv2.circle(landscape, (500, 100), 40, (250, 230, 90), -1)
    cv2.fillPoly(landscape, [np.array([[50, 240], [200, 60], [350, 240]])], (110, 100, 100))
    smiley = np.full((300, 300, 3), 255, np.uint8)
    cv2.circle(smiley, (150, 150), 120, (0, 0, 0), 4)
    for x in (105, 195):
        cv2.circle(smiley, (x, 120), 12, (0, 0, 0), -1)
    cv2.ellipse(smiley, (150, 170), (60, 50), 0, 20, 160, (0, 0, 0), 4)
    text = np.full((200, 400, 3), 255, np.uint8)
    cv2.putText(text, "ganfake 8008", (10, 110), cv2.FONT_HERSHEY_SIMPLEX, 1.6, (0, 0, 0), 3)
    noise = rng.integers(0, 256, (300, 300, 3), np.uint8)
    things = [landscape, smiley, text, noise, skimage.data.coffee(), skimage.data.chelsea(),
              skimage.data.rocket()]  # fmt: skip
    for picture in things:
        assert search_faces(picture) == []
        assert search_faces(cv2.resize(picture, (64, 64), interpolation=cv2.INTER_AREA)) == []


@pytest.mark.parametrize("model", ["dcgan-cars", "cwgan-cars"])
def test_generated_cars_are_no_faces(model):
    found = [search_faces(picture) for picture in _made(model, 60)]
    assert sum(map(bool, found)) <= 1


def test_digits_are_no_faces():
    from sklearn.datasets import load_digits

    for digit in load_digits().images[:100]:
        grey = cv2.resize(np.uint8(digit * 15), (64, 64), interpolation=cv2.INTER_CUBIC)
        assert search_faces(np.dstack([grey] * 3)) == []


@pytest.mark.parametrize("shape", [(0, 0), (1, 1), (15, 15), (16, 16), (20, 900), (900, 20)])
def test_further_looks_at_tiny_or_thin_pictures_find_nothing(shape):
    assert search_faces(np.full((*shape, 3), 128, np.uint8)) == []
