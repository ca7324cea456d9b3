"""Fingerprints rise and fall with the traces they are named after."""

import time
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.lib.stride_tricks import sliding_window_view
from scipy.signal import convolve2d
from skimage import data

from ganfake import experts, fingerprints
from ganfake.fingerprints import colour, residual, spectrum

MODULES = {"colour": (colour, 124), "spectrum": (spectrum, 150), "residual": (residual, 540)}


@pytest.fixture(scope="module")
def face() -> np.ndarray:
    """NASA's astronaut, about as the template frames her, (160, 160, 3) uint8."""
    return cv2.resize(data.astronaut()[0:240, 100:340], (160, 160), interpolation=cv2.INTER_AREA)


def read(module, picture: np.ndarray) -> dict[str, float]:
    """The readable quantities of a picture."""
    values = module.features(picture)
    return {name: float(undo(values[n])) for name, (n, undo) in module.READABLE.items()}


def flat(value) -> np.ndarray:
    return np.full((160, 160, 3), value, np.uint8)


def noise(side: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (side, side, 3), np.uint8)


def checkerboard(face: np.ndarray, size: int, height: int = 6) -> np.ndarray:
    """The face with a faint checkerboard of squares of `size` pixels."""
    rows, columns = np.indices((160, 160)) // size
    sign = np.where((rows + columns) % 2, 1, -1)[..., None]
    return np.clip(face.astype(int) + height * sign, 0, 255).astype(np.uint8)


@pytest.mark.parametrize("name", MODULES)
def test_vectors_of_odd_pictures_are_finite_and_of_one_length(name, face):
    module, length = MODULES[name]
    odd = [face, flat(0), flat(255), flat((255, 0, 0)), noise(160), noise(3), noise(300)]
    odd += [np.repeat(face[:, :, :1], 3, axis=2), np.ascontiguousarray(face[:90, :40])]
    for picture in odd:
        values = module.features(picture)
        assert values.shape == (length,) and values.dtype == np.float64
        assert np.isfinite(values).all() and np.abs(values).max() < 1000  # float16 holds it


@pytest.mark.parametrize("name", MODULES)
def test_the_same_picture_gives_the_same_vector_and_stays_as_it_was(name, face):
    module, _ = MODULES[name]
    before = face.copy()
    first = module.features(face)
    assert np.array_equal(first, module.features(face[:, ::-1][:, ::-1]))  # strided memory
    assert np.array_equal(face, before)
    assert not np.allclose(first, module.features(noise(160)))


@pytest.mark.parametrize("name", MODULES)
@pytest.mark.parametrize(
    "wrong", [np.zeros((160, 160), np.uint8), np.zeros((160, 160, 4), np.uint8),
              np.zeros((160, 160, 3), np.float32), np.zeros((0, 160, 3), np.uint8)],
)  # fmt: skip
def test_no_picture_is_an_error(name, wrong):
    with pytest.raises(ValueError, match="uint8"):
        MODULES[name][0].features(wrong)


def test_no_network_is_needed():
    for module in (fingerprints, colour, spectrum, residual):
        assert "import torch" not in Path(module.__file__).read_text()
    assert experts.SIDE >= fingerprints.SIDE, "faces are shrunk for fingerprints, never enlarged"


@pytest.mark.parametrize("name", MODULES)
def test_a_face_takes_a_few_milliseconds(name, face):
    module, _ = MODULES[name]
    taken = []
    for _ in range(30):
        start = time.thread_time()
        module.features(face)
        taken.append(time.thread_time() - start)
    assert min(taken) < 0.006  # 1 ms measured; slower machines are allowed


# -- colour ---------------------------------------------------------------------------
def test_clipped_pictures_are_over_or_under_exposed(face):
    bright = np.clip(face.astype(int) * 2, 0, 255).astype(np.uint8)
    dark = np.clip(face.astype(int) - 90, 0, 255).astype(np.uint8)
    usual = read(colour, face)
    assert read(colour, bright)["over_exposed"] > usual["over_exposed"] + 0.1
    assert read(colour, dark)["under_exposed"] > usual["under_exposed"] + 0.1


def test_exposure_is_a_share_of_pixels():
    picture = flat(128)
    picture[:40] = 250  # a quarter, just at the limit
    picture[40:56] = (128, 128, 5)  # a tenth, in one channel alone
    seen = read(colour, picture)
    assert seen["over_exposed"] == pytest.approx(0.25)
    assert seen["under_exposed"] == pytest.approx(0.1)


def test_detail_of_colour_is_told_from_detail_of_light(face):
    grain = np.random.default_rng(1).normal(0, 8, (160, 160, 3))
    own = np.clip(face + grain, 0, 255).astype(np.uint8)  # each channel its own
    shared = np.clip(face + grain[..., :1], 0, 255).astype(np.uint8)
    assert read(colour, own)["red_green_agreement"] < 0.8
    assert read(colour, shared)["red_green_agreement"] > 0.9
    assert (
        read(colour, own)["fine_colour_to_light"] > 2 * read(colour, shared)["fine_colour_to_light"]
    )


# -- spectrum -------------------------------------------------------------------------
@pytest.mark.parametrize(("size", "name"), [(1, "checkerboard"), (2, "checkerboard_of_four")])
def test_checkerboards_of_upsampling_raise_their_own_peak(face, size, name):
    before, after = read(spectrum, face), read(spectrum, checkerboard(face, size))
    assert after[name] > before[name] + 1.0  # ten times the power
    other = {"checkerboard", "checkerboard_of_four"} - {name}
    assert all(abs(after[o] - before[o]) < 0.5 for o in other)


def test_stripes_raise_the_peak_of_their_direction(face):
    striped = face.copy()
    striped[:, ::2] = np.clip(striped[:, ::2].astype(int) + 12, 0, 255)
    risen = (spectrum.features(striped) - spectrum.features(face))[-len(spectrum.PEAKS) :]
    assert spectrum.PEAKS[int(risen.argmax())] == (0, 0.5)


def test_profile_of_white_noise_is_level_and_blur_takes_its_fine_end():
    rows = noise(160)
    profile = spectrum.profile(rows)
    assert profile.shape == (spectrum.RINGS,)
    assert np.ptp(profile[8:]) < 0.5
    weights = fingerprints.TO_LUMA_CHROMA[0]
    expected = np.log10((weights**2).sum() * (256**2 - 1) / 12)  # variance of the luminance
    assert profile[8:].mean() == pytest.approx(expected, abs=0.05)
    blurred = spectrum.profile(cv2.GaussianBlur(rows, (0, 0), 1.5))
    assert abs(blurred[4] - profile[4]) < 0.5 and blurred[70] < profile[70] - 2


def test_a_wave_stands_in_its_own_ring():
    wave = 128 + 50 * np.sin(2 * np.pi * 0.2 * np.arange(160))
    picture = np.repeat(np.tile(wave, (160, 1))[..., None], 3, axis=2).astype(np.uint8)
    assert spectrum.profile(picture).argmax() == round(0.2 * 2 * spectrum.RINGS)


def test_borders_do_not_leak():
    ramp = np.tile(np.linspace(0, 255, 160), (160, 1))  # a jump where left meets right
    picture = np.repeat(ramp[..., None], 3, axis=2).astype(np.uint8)
    assert spectrum.profile(picture)[40] < 0  # without the window it is over 1


# -- residual -------------------------------------------------------------------------
def test_shares_of_each_block_add_up_to_one(face):
    shares = residual.features(face) ** 2
    per_kernel = shares.reshape(len(residual.KERNELS), -1)
    blocks = [b for kernel in per_kernel for b in np.split(kernel, [39, 78, 117])]
    assert np.allclose([block.sum() for block in blocks], 1)


def test_a_flat_picture_has_no_residuals_and_noise_has(face):
    assert read(residual, flat(90))["without_change"] == pytest.approx(1)
    assert read(residual, noise(160))["without_change"] < 0.001
    smooth = read(residual, cv2.GaussianBlur(face, (0, 0), 2))["without_change"]
    assert smooth > read(residual, face)["without_change"] + 0.05


@pytest.mark.parametrize("kernel", residual.KERNELS)
def test_counts_agree_with_counting_one_by_one(face, kernel):
    x = face[..., 2].astype(float)  # blue
    if kernel == "first":
        whole = {1: np.diff(x, axis=1), 0: np.diff(x, axis=0)}
    elif kernel == "second":
        whole = {axis: np.diff(x, 2, axis=axis) / 2 for axis in (0, 1)}
    else:
        mask = np.array([[-1, 2, -1], [2, -4, 2], [-1, 2, -1]]) / 4
        whole = dict.fromkeys((0, 1), convolve2d(x, mask, "valid"))
    expected = np.zeros(540)
    for axis, values in whole.items():
        cut = np.clip(np.rint(values if axis else values.T), -2, 2).astype(int)
        triples, counts = np.unique(
            sliding_window_view(cut, 3, axis=1).reshape(-1, 3), axis=0, return_counts=True
        )
        for triple, count in zip(triples, counts, strict=True):
            expected[residual.number_of(kernel, 2, tuple(triple))] += count / counts.sum() / 2
    first = residual.number_of(kernel, 2, (-2, -2, -2))
    block = slice(first, first + 39)
    assert np.allclose(residual.features(face)[block] ** 2, expected[block], atol=1e-6)


def test_stripes_go_up_and_down():
    picture = flat(100)
    picture[:, ::2] = 110  # along rows by turns, along columns not at all
    assert read(residual, picture)["up_and_down"] == pytest.approx(0.5)
    assert read(residual, picture)["without_change"] == pytest.approx(0.5)


def test_a_triple_shares_its_count_with_its_negative_and_its_mirror_image():
    number = residual.number_of
    assert number("first", 0, (1, 0, -2)) == number("first", 0, (-1, 0, 2))
    assert number("first", 0, (1, 0, -2)) == number("first", 0, (-2, 0, 1))
    assert number("first", 0, (1, 0, -2)) != number("first", 0, (1, 0, 2))
    assert number("first", 3, (1, 0, -2)) != number("first", 3, (-2, 0, 1))  # red is not blue


def test_turned_and_inverted_pictures_count_alike(face):
    values = residual.features(face)
    for same in (255 - face, face[:, ::-1], face[::-1], face.transpose(1, 0, 2)):
        assert np.allclose(residual.features(np.ascontiguousarray(same)), values, atol=0.01)
    swapped = residual.features(np.ascontiguousarray(face[..., ::-1]))
    assert not np.allclose(swapped, values, atol=0.01)


def test_channels_are_counted_together(face):
    grain = np.random.default_rng(2).normal(0, 9, (160, 160, 3))
    shared = np.clip(128 + grain[..., :1] + 0 * grain, 0, 255).astype(np.uint8)
    own = np.clip(128 + grain, 0, 255).astype(np.uint8)
    assert read(residual, shared)["detail_in_all_colours"] > 0.5
    assert read(residual, own)["detail_in_all_colours"] < 0.35
    red = np.dstack([own[..., 0], flat(128)[..., :2]])
    assert read(residual, red)["detail_in_red_alone"] > 0.5
