"""A frame, a page or another picture around a photograph does not count as part of it."""

import copy
from dataclasses import replace

import cv2
import numpy as np
import pytest
import skimage.data

from ganfake.detect import check_picture
from ganfake.experts import SIDE, ensemble, reasons
from ganfake.experts.cropping import expert_crop
from ganfake.experts.surround import photograph_box, without_surround
from ganfake.explain import robustness
from ganfake.faces import TEMPLATE, find_faces, search_faces
from ganfake.generate import generate

AROUND = {"frame": (40, 40, 40, 40), "letterbox": (40, 40, 0, 0), "page": (90, 60, 70, 110)}


@pytest.fixture(scope="module")
def made() -> np.ndarray:
    """A made face that is called fake: its crop reaches to the picture's ends."""
    return cv2.resize(np.asarray(generate("dcgan", 6, 90)[2]), (160, 160))


def _put(picture: np.ndarray, margin: tuple, ground: np.ndarray | int) -> np.ndarray:
    """A picture on a ground: of one colour, or another picture."""
    top, bottom, left, right = margin
    height, width = picture.shape[:2]
    size = width + left + right, height + top + bottom
    whole = np.full((*size[::-1], 3), ground, np.uint8) if np.isscalar(ground) else None
    whole = cv2.resize(ground, size) if whole is None else whole
    whole[top : top + height, left : left + width] = picture
    return whole


@pytest.mark.parametrize("around", AROUND)
@pytest.mark.parametrize("ground", [255, 0, 128, "picture"])
def test_what_is_around_a_photograph_is_left_out(made, around, ground):
    ground = skimage.data.coffee() if ground == "picture" else ground
    top, _, left, _ = AROUND[around]
    close = np.ascontiguousarray(made[16:144, 16:144])  # so that the crop reaches its ends
    points = search_faces(made)[0].points - 16
    whole, within = _put(close, AROUND[around], ground), points + np.array([left, top])
    alone = expert_crop(close, points).astype(int)

    def differing(picture: np.ndarray, points: np.ndarray) -> float:
        return (np.abs(expert_crop(picture, points) - alone).max(2) > 50).mean()

    assert differing(*without_surround(whole, within)) < 0.04
    assert differing(whole, within) > 0.09


def test_the_verdict_is_that_of_the_photograph_alone(made):
    [face] = check_picture(made).faces
    assert face.verdict == "fake"
    for margin in AROUND.values():
        [framed] = check_picture(_put(made, margin, 128)).faces
        assert framed.probability_fake == pytest.approx(face.probability_fake, abs=0.06)


def test_the_treatments_leave_it_out_too(made):
    whole = _put(made, AROUND["page"], 250)
    [face] = check_picture(whole).faces
    kept = robustness(whole, face.points, "resize", None, face.crop_px)
    assert kept[0].probability_fake == pytest.approx(face.probability_fake, abs=0.01)
    assert np.abs(kept[0].crop.astype(int) - face.crop).mean() < 1
    small = kept[-1].crop.astype(int)
    assert np.abs(small - face.crop)[:, :20].mean() < 25, "no page comes in from the side"


def test_a_photograph_alone_stays_whole():
    for picture in (skimage.data.astronaut(), *map(np.asarray, generate("portrait", 3, 7))):
        [face, *_] = find_faces(picture) or search_faces(picture)
        part, points = without_surround(picture, face.points)
        assert part.shape == picture.shape and np.array_equal(points, face.points)


def test_what_makes_fakes_look_real_is_not_called_so(monkeypatch):
    astronaut = skimage.data.astronaut()
    [face] = find_faces(astronaut)
    crop = expert_crop(astronaut, face.points)
    shipped = copy.copy(ensemble.load_ensemble())
    shipped.band = replace(shipped.band, real=0.97, sharp=0.98, soft=0.98, small=0.99)
    monkeypatch.setattr(ensemble, "load_ensemble", lambda: shipped)
    y, x = np.mgrid[:SIDE, :SIDE] - (SIDE - 1) / 2
    outside = np.hypot(x, y) > SIDE / 2
    for colour in (255, 128, 0):
        round_one = np.where(outside[..., None], colour, crop).astype(np.uint8)
        whole, cut = ensemble.assess(np.stack([crop, round_one]), [200.0] * 2, [None] * 2)
        assert whole.verdict == "real"
        assert (cut.verdict, cut.reason) == ("uncertain", reasons.CUT_OUT)
    spoilt, good = ensemble.assess(np.stack([crop] * 2), [200.0] * 2, [39.0, 41.0])
    assert (spoilt.verdict, spoilt.reason) == ("uncertain", reasons.COMPRESSED)
    assert good.verdict == "real"


def test_a_face_that_is_all_beyond_the_border_is_no_mistake():
    black = np.zeros((288, 435, 3), np.uint8)
    assert photograph_box(black, TEMPLATE * 600 + [20, 96]) == (0, 0, 435, 288)


def test_a_tiny_face_in_a_corner_is_no_mistake(made):
    tiny = cv2.resize(made, (20, 20), interpolation=cv2.INTER_AREA)
    [face] = search_faces(made)
    assert photograph_box(tiny, face.points / 8) == (0, 0, 20, 20)
