"""Back into the picture: masks, colours, seams, and pasting that touches nothing else."""

import cv2
import numpy as np
import pytest
import skimage.data

from ganfake import blending
from ganfake.blending import BLENDS, COLOURS, MASKS
from ganfake.faces import TEMPLATE, align

SIZE = 128
FRONT = TEMPLATE * SIZE


def profile() -> np.ndarray:
    """Landmarks of a head turned far to the right of the picture: eyes and mouth corners meet."""
    points = FRONT.copy()
    points[:, 0] = 64 + 0.15 * (points[:, 0] - 64)
    points[2, 0] += 14
    return points


def turned(points: np.ndarray, degrees: float) -> np.ndarray:
    matrix = cv2.getRotationMatrix2D((64, 64), degrees, 1)
    return points @ matrix[:, :2].T + matrix[:, 2]


def lab(picture: np.ndarray) -> np.ndarray:
    return cv2.cvtColor(picture.astype(np.float32) / 255, cv2.COLOR_RGB2LAB).reshape(-1, 3)


@pytest.fixture(scope="module")
def crop() -> np.ndarray:
    return cv2.resize(skimage.data.astronaut()[40:200, 140:300], (SIZE, SIZE))


@pytest.mark.parametrize("shape", MASKS)
@pytest.mark.parametrize("feather", [0, 0.07, blending.MAX_FEATHER])
@pytest.mark.parametrize("points", [FRONT, profile()], ids=["front", "profile"])
def test_masks_are_shares(shape, feather, points):
    mask = blending.face_mask(points, SIZE, shape, feather)
    assert mask.shape == (SIZE, SIZE) and mask.dtype == np.float32
    assert mask.min() >= 0 and mask.max() <= 1
    assert mask[74, 64] > 0.3  # between nose and mouth
    if shape == "none":
        assert (mask == 1).all()
    else:
        border = [mask[0], mask[-1], mask[:, 0], mask[:, -1]]
        assert np.concatenate(border).max() < 1 / 510  # half a grey level
        assert mask[:20].max() < 0.02  # hair


@pytest.mark.parametrize("shape", ["landmarks", "oval"])
def test_the_soft_edge_lies_inside_the_shape(shape):
    solid = blending.face_mask(FRONT, SIZE, shape, 0)
    soft = blending.face_mask(FRONT, SIZE, shape, 0.1)
    assert soft[solid == 0].max() < 0.05
    edge = ((soft > 0.05) & (soft < 0.95)).sum()
    assert edge > 3 * ((solid > 0.05) & (solid < 0.95)).sum()


@pytest.mark.parametrize("degrees", [-60, 0, 35, 180])
@pytest.mark.parametrize("points", [FRONT, profile()], ids=["front", "profile"])
def test_the_outline_turns_with_the_face(points, degrees):
    outline = blending.outline_of(points)
    moved = blending.outline_of(turned(points, degrees)).astype(np.float32)
    area = cv2.contourArea(outline.astype(np.float32))
    assert cv2.contourArea(moved) == pytest.approx(area, rel=0.01)
    for point in turned(points, degrees).astype(np.float32):
        assert cv2.pointPolygonTest(moved, point.tolist(), True) >= -0.01


def test_a_turned_head_shows_less_of_one_side():
    points = FRONT.copy()
    points[2, 0] += 8  # the nose points to the right of the picture
    left, right = (blending.outline_of(points)[:, 0].min(), blending.outline_of(points)[:, 0].max())
    assert 64 - left > right - 64
    points[:, 0] = SIZE - points[:, 0]
    mirrored = blending.outline_of(points[[1, 0, 2, 4, 3]])
    assert SIZE - mirrored[:, 0].max() == pytest.approx(left, abs=0.01)


def test_reinhard_gives_mean_and_spread(crop):
    face = np.clip(0.7 * crop[:, ::-1].astype(float) + [50, 10, 0], 0, 255).astype(np.uint8)
    weight = np.ones((SIZE, SIZE), np.float32)
    matched = blending.match_colour(face, crop, weight, "reinhard")
    assert np.abs(lab(face).mean(0) - lab(crop).mean(0)).max() > 5
    # Clipping at black and white moves them a little.
    assert lab(matched).mean(0) == pytest.approx(lab(crop).mean(0), abs=1.5)
    assert lab(matched).std(0) == pytest.approx(lab(crop).std(0), rel=0.1)


def test_colours_are_those_where_the_weight_is(crop):
    goal, weight = crop.copy(), np.zeros((SIZE, SIZE), np.float32)
    goal[:64], weight[64:] = (0, 255, 0), 1
    matched = blending.match_colour(crop, goal, weight, "reinhard")
    assert np.abs(matched[64:].astype(int) - crop[64:]).mean() < 1


def test_light_keeps_the_tone_and_none_everything(crop):
    face = np.clip(crop[:, ::-1] * [1.0, 0.7, 0.7], 0, 255).astype(np.uint8) // 2 + 20
    weight = np.ones((SIZE, SIZE), np.float32)
    assert blending.match_colour(face, crop, weight, "none") is face
    matched = blending.match_colour(face, crop, weight, "light")
    assert lab(matched).mean(0)[0] == pytest.approx(lab(crop).mean(0)[0], abs=2)
    inside = (matched > 0).all(2) & (matched < 255).all(2)  # what clipping left alone
    change = np.abs(lab(matched) - lab(face)).reshape(SIZE, SIZE, 3)[inside]
    assert change[:, 1:].mean() < 1 < change[:, 0].mean()


def test_colour_needs_some_face(crop):
    nothing = np.zeros((SIZE, SIZE), np.float32)
    assert (blending.match_colour(crop, 255 - crop, nothing, COLOURS[0]) == crop).all()


@pytest.mark.parametrize("shape", MASKS)
def test_poisson_leaves_no_seam(crop, shape):
    darker = np.uint8(0.5 * crop)
    mask = blending.face_mask(FRONT, SIZE, shape, 0)
    cloned = blending.clone(darker, crop, mask)
    inside = np.zeros((SIZE, SIZE), bool)
    inside[3:-3, 3:-3] = mask[3:-3, 3:-3] > 0.5
    rim = inside & ~cv2.erode(inside.astype(np.uint8), np.ones((3, 3), np.uint8)).astype(bool)
    before = np.abs(darker.astype(int) - crop)[rim].mean()
    assert np.abs(cloned.astype(int) - crop)[rim].mean() < 0.35 * before


def test_poisson_without_a_mask_changes_nothing(crop):
    assert (blending.clone(crop, 255 - crop, np.zeros((SIZE, SIZE))) == crop).all()
    assert BLENDS == ("alpha", "poisson")


@pytest.mark.parametrize("scale", [0.4, 1.0, 2.7])
@pytest.mark.parametrize("degrees", [0, 25])
def test_what_is_cut_out_goes_back_where_it_was(scale, degrees):
    picture = cv2.GaussianBlur(skimage.data.astronaut(), (0, 0), 6)  # without what a crop loses
    points = (turned(FRONT, degrees) - 64) * scale + (230.3, 240.7)
    face = align(picture, points, TEMPLATE, SIZE)
    mask = blending.face_mask(FRONT, SIZE, "oval", 0.05)
    place = blending.placement(points, SIZE)
    back = blending.paste(picture, face, mask, place)
    assert np.abs(back.astype(int) - picture).mean() < 0.2
    shifted = blending.paste(picture, face, mask, place + np.array([[0, 0, 2], [0] * 3, [0] * 3]))
    changed = np.abs(back.astype(int) - picture).sum()
    assert changed < 0.5 * np.abs(shifted.astype(int) - picture).sum()  # half a pixel would show


def test_nothing_else_is_touched():
    every = np.arange(256, dtype=np.uint8).repeat(3).reshape(1, 256, 3).repeat(256, 0)
    mask = np.zeros((SIZE, SIZE), np.float32)
    mask[50:70, 50:70] = 1
    place = blending.placement(FRONT + 40, SIZE)
    result = blending.paste(every, np.full((SIZE, SIZE, 3), 9, np.uint8), mask, place)
    assert (result[92:108, 92:108] == 9).all()
    result[89:112, 89:112] = every[89:112, 89:112]
    assert (result == every).all()


@pytest.mark.parametrize("move", [(-90, 0), (200, 180), (-500, 0), (0, 9000)])
def test_faces_at_the_edge_and_outside(move):
    picture = skimage.data.astronaut()[:200, :220]
    face, mask = np.full((SIZE, SIZE, 3), 255, np.uint8), np.ones((SIZE, SIZE), np.float32)
    result = blending.paste(picture, face, mask, blending.placement(FRONT + move, SIZE))
    assert result.shape == picture.shape
    inside = -SIZE < move[0] < 220 and -SIZE < move[1] < 200
    assert (result == 255).all(2).sum() > 300 if inside else (result == picture).all()


def test_points_that_are_all_the_same():
    with pytest.raises(ValueError, match="similarity"):
        blending.placement(np.ones((5, 2)), SIZE)
