"""Why a verdict: heat map, spectrum against real photographs, and curves of robustness."""

import io
import threading

import cv2
import numpy as np
import pytest
import skimage.data
import torch
from PIL import Image

from ganfake import explain
from ganfake.experts import SIDE, ensemble, load
from ganfake.experts.cropping import expert_crop
from ganfake.experts.mobilenet import MobileNet
from ganfake.experts.networks import NetworkExpert, to_side, to_tensor
from ganfake.faces import TEMPLATE, crop_side, find_faces
from ganfake.weights import read_card


@pytest.fixture(scope="module")
def astronaut():
    """A public-domain photograph (512, 512, 3), and the landmarks of its face."""
    picture = skimage.data.astronaut()
    return picture, find_faces(picture)[0].points


@pytest.fixture(scope="module")
def face(astronaut):
    return expert_crop(*astronaut)


@pytest.fixture
def asked(monkeypatch):
    """What the ensemble was asked; it calls a face fake the less detail it has."""
    calls = []

    def assess(faces, crop_px, jpeg_quality):
        calls.append((faces, crop_px, jpeg_quality))
        detail = [np.abs(np.diff(one.astype(float), axis=1)).mean() for one in faces]
        chances = [float(1 / (1 + d)) for d in detail]
        return [
            ensemble.Assessment(p, "fake" if p > 0.5 else "real", "", {}, "", {}, 0.5)
            for p in chances
        ]

    monkeypatch.setattr(ensemble, "assess", assess)
    return calls


# -- heat map ------------------------------------------------------------------------
def small_expert(count: int = 2, side: int = SIDE) -> NetworkExpert:
    torch.manual_seed(5)
    return NetworkExpert([MobileNet(hidden=8).eval() for _ in range(count)], side)


@pytest.mark.parametrize("side", [SIDE, 320])
def test_the_heat_map_is_grad_cam(monkeypatch, face, side):
    """Computed a second way: one pass through the whole network, with hooks."""
    expert = small_expert(1, side)
    monkeypatch.setattr(explain, "load", lambda name: expert)
    network, kept = expert.networks[0], {}
    stage = network.features[13]
    stage.register_forward_hook(lambda _m, _i, out: kept.update(maps=out))
    stage.register_full_backward_hook(lambda _m, _i, out: kept.update(gradient=out[0]))
    logits = network(to_tensor(to_side(face, side)[None]).requires_grad_())
    (logits[0, 1] - logits[0, 0]).backward()
    weights = kept["gradient"].mean((2, 3), keepdim=True)
    cam = (weights * kept["maps"]).sum(1)[0].detach().clamp(min=0).numpy()
    assert cam.max() > 0, "these random weights have something to show"
    expected = cv2.resize(cam, (SIDE, SIDE), interpolation=cv2.INTER_CUBIC)
    expected = np.clip(expected / expected.max(), 0, 1)
    found = explain.heat_map(face)
    assert found.shape == (SIDE, SIDE) and found.dtype == np.float32
    np.testing.assert_allclose(found, expected, atol=1e-3)


def test_an_empty_map_where_nothing_spoke_for_fake(monkeypatch, face):
    monkeypatch.setattr(explain, "load", lambda name: small_expert())
    monkeypatch.setattr(explain, "_grad_cam", lambda network, picture: -torch.ones(10, 10))
    assert not explain.heat_map(face).any()


def test_the_heat_map_of_the_shipped_expert(face):
    found = explain.heat_map(face)
    assert found.shape == (SIDE, SIDE)
    assert found.min() >= 0 and (found.max() == 1 or not found.any())
    assert np.array_equal(found, explain.heat_map(face)), "the same face, the same map"


def test_a_heat_map_leaves_the_expert_as_it_was(face):
    """Threads that score meanwhile use the very same modules."""
    before = load("mobilenet").predict_proba(face[None])
    errors = []

    def score():
        for _ in range(3):
            if not np.allclose(load("mobilenet").predict_proba(face[None]), before, atol=1e-6):
                errors.append("another score")

    other = threading.Thread(target=score)
    other.start()
    explain.heat_map(face)
    other.join()
    assert errors == []
    assert all(p.grad is None for n in load("mobilenet").networks for p in n.parameters())


# -- spectrum ------------------------------------------------------------------------
def test_a_photograph_lies_mostly_within_the_band_and_noise_does_not(face):
    found = explain.spectrum_against_real(face)
    count = len(found["face"])
    assert count > 20 and {len(values) for values in found.values()} == {count}
    assert found["frequency"][0] == 0 and found["frequency"][-1] == 1
    low, high = np.array(found["low"]), np.array(found["high"])
    assert (low <= found["middle"]).all() and (found["middle"] <= high).all()
    inside = (low <= found["face"]) & (found["face"] <= high)
    assert inside.mean() > 0.6
    noise = np.random.default_rng(0).integers(0, 256, face.shape, np.uint8)
    above = np.array(explain.spectrum_against_real(noise)["face"]) > high
    assert above[count // 2 :].all(), "noise has far more fine detail than any photograph"


def test_the_fingerprint_of_a_family(face):
    usual = read_card("detector-spectrum")["profile_of_families"]
    found = explain.spectrum_against_real(face, "StyleGAN")
    np.testing.assert_allclose(found["family"], usual["StyleGAN"], atol=1e-3)
    for family in ("", "unknown", "nothing"):
        assert "family" not in explain.spectrum_against_real(face, family)


# -- robustness ----------------------------------------------------------------------
@pytest.mark.parametrize("kind", list(explain.STRENGTHS))
def test_a_curve_is_one_call_of_the_ensemble(asked, astronaut, kind):
    curve = explain.robustness(*astronaut, kind, jpeg_quality=90)
    assert len(asked) == 1
    faces, sides, qualities = asked[0]
    assert len(curve) == len(faces) == len(sides) == len(qualities) >= 6
    assert [point.strength for point in curve] == list(explain.STRENGTHS[kind])
    assert all(np.array_equal(p.crop, crop) for p, crop in zip(curve, faces, strict=True))
    assert curve[0].probability_fake < curve[-1].probability_fake, "it loses detail"


def test_untouched_it_is_the_face_that_was_judged(asked, astronaut, face):
    for kind in explain.STRENGTHS:
        first = explain.robustness(*astronaut, kind, jpeg_quality=77)[0]
        assert np.abs(first.crop.astype(int) - face).max() <= 1
        _, sides, qualities = asked[-1]
        assert qualities[0] == 77 and sides[0] == pytest.approx(crop_side(astronaut[1]))
        if kind != "jpeg":
            assert set(qualities[1:]) == {None}, "afterwards it is no file as it was saved"


def test_what_the_ensemble_hears_of_the_file(asked, astronaut):
    explain.robustness(*astronaut, "jpeg", jpeg_quality=77)
    assert asked[-1][2] == [77, *(float(q) for q in explain.STRENGTHS["jpeg"][1:])]
    explain.robustness(*astronaut, "resize")
    sides = asked[-1][1]
    assert np.allclose(np.divide(sides, sides[0]), np.divide(explain.STRENGTHS["resize"], 100),
                       atol=0.02)  # fmt: skip
    explain.robustness(*astronaut, "blur", crop_px=50)
    assert asked[-1][1] == [50] * len(explain.STRENGTHS["blur"])


def test_a_part_of_the_picture_is_enough(asked, astronaut):
    """The same as if the whole picture had been saved, shrunk or blurred."""
    picture, points = astronaut
    for kind in explain.STRENGTHS:
        for point in explain.robustness(picture, points, kind)[1::3]:
            whole = explain._treat(picture, kind, point.strength)
            ratio = np.divide(whole.shape[1::-1], picture.shape[1::-1])
            expected = expert_crop(whole, points * ratio)
            difference = np.abs(point.crop.astype(int) - expected).mean()
            assert difference < 2.5, (kind, point.strength)


def test_a_crop_can_be_treated_too(asked, face):
    curve = explain.robustness(face, TEMPLATE * SIDE, "jpeg")
    saved = io.BytesIO()
    Image.fromarray(face).save(saved, "JPEG", quality=explain.STRENGTHS["jpeg"][-1])
    expected = np.asarray(Image.open(saved)).astype(int)
    assert np.abs(curve[-1].crop - expected).mean() < 2


def test_another_treatment_is_a_programmers_mistake(astronaut):
    with pytest.raises(KeyError):
        explain.robustness(*astronaut, "magic")
