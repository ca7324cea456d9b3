"""Each measure of a single picture reacts to what it is for, and little to the rest."""

import cv2
import numpy as np
import pytest

from ganfake.fingerprints import TO_LUMA_CHROMA, niqe, single

RNG = np.random.default_rng(0)


def drawn(seed: int = 0, side: int = 64) -> np.ndarray:
    """A picture (side, side, 3) uint8 with power falling as in photographs, and soft colours."""
    rng = np.random.default_rng(seed)
    radius = np.hypot(*np.meshgrid(*[np.fft.fftfreq(side)] * 2, indexing="ij"))
    radius[0, 0] = 1

    def plane(steepness: float, contrast: float) -> np.ndarray:
        spectrum = np.fft.fft2(rng.standard_normal((side, side))) / radius**steepness
        found = np.fft.ifft2(spectrum).real
        return contrast * (found - found.mean()) / found.std()

    parts = np.stack([128 + plane(1.0, 40), plane(2.0, 10), plane(2.0, 10)], -1)
    return to_rgb(parts)


def to_rgb(parts: np.ndarray) -> np.ndarray:
    return np.clip(np.rint(parts @ np.linalg.inv(TO_LUMA_CHROMA).T), 0, 255).astype(np.uint8)


def measured(picture: np.ndarray) -> dict[str, float]:
    return dict(zip(single.MEASURES, single.features(picture), strict=True))


def added(picture: np.ndarray, parts: np.ndarray) -> np.ndarray:
    """The picture with (H, W, 3) added to its luminance and chrominances."""
    return to_rgb(picture.astype(np.float64) @ TO_LUMA_CHROMA.T + parts)


def test_noise_in_chrominance_raises_colour_noise_and_leaves_sharpness():
    noise = RNG.normal(0, 8, (64, 64, 3)) * [0, 1, 1]
    before, after = measured(drawn()), measured(added(drawn(), noise))
    assert after["colour_noise"] > before["colour_noise"] + 5
    assert after["colour_share"] > 2 * before["colour_share"]
    assert after["sharpness"] == pytest.approx(before["sharpness"], abs=0.02)
    assert after["slope"] == pytest.approx(before["slope"], abs=0.02)


def test_noise_in_luminance_raises_sharpness_and_leaves_colour_noise():
    noise = RNG.normal(0, 25, (64, 64, 3)) * [1, 0, 0]
    before, after = measured(drawn()), measured(added(drawn(), noise))
    assert after["sharpness"] > before["sharpness"] + 0.1
    assert after["slope"] > before["slope"] + 0.3
    assert after["colour_noise"] == pytest.approx(before["colour_noise"], abs=0.4)
    assert after["colour_share"] < before["colour_share"]


def test_blur_lowers_sharpness_and_steepens_the_slope():
    before, after = measured(drawn()), measured(cv2.GaussianBlur(drawn(), (0, 0), 1.0))
    assert after["sharpness"] < before["sharpness"] - 0.5
    assert after["slope"] < before["slope"] - 1


def test_the_slope_is_the_exponent_of_the_power():
    side = 128
    radius = np.hypot(*np.meshgrid(*[np.fft.fftfreq(side)] * 2, indexing="ij"))
    radius[0, 0] = 1
    found = []
    for seed in range(8):
        white = np.random.default_rng(seed).standard_normal((side, side))
        plane = np.fft.ifft2(np.fft.fft2(white) / radius).real  # power falls by frequency squared
        grey = np.clip(np.rint(128 + 30 * (plane - plane.mean()) / plane.std()), 0, 255)
        found.append(measured(np.repeat(grey[..., None], 3, 2).astype(np.uint8))["slope"])
    assert np.mean(found) == pytest.approx(-2, abs=0.1)


@pytest.mark.parametrize("pattern", ["across", "upright", "both"])
def test_a_checkerboard_raises_its_measure_alone(pattern):
    rows, columns = np.indices((64, 64))
    wave = {"across": columns, "upright": rows, "both": rows + columns}[pattern] % 2 * 6.0 - 3
    before = measured(drawn())
    after = measured(added(drawn(), np.stack([wave, 0 * wave, 0 * wave], -1)))
    assert after["checkerboard"] > before["checkerboard"] + 1
    assert after["blockiness"] == pytest.approx(before["blockiness"], abs=0.1)
    assert after["colour_noise"] == pytest.approx(before["colour_noise"], abs=0.3)


def test_blocks_raise_blockiness():
    picture = drawn()
    blocks = np.kron(RNG.normal(0, 30, (8, 8)), np.ones((8, 8)))
    after = measured(added(picture, np.stack([blocks, 0 * blocks, 0 * blocks], -1)))
    assert after["blockiness"] > measured(picture)["blockiness"] + 0.2
    _, file = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, 10])
    squeezed = cv2.imdecode(file, cv2.IMREAD_COLOR)
    assert measured(squeezed)["blockiness"] > measured(picture)["blockiness"] + 0.2


def test_exposure_is_counted():
    picture = np.full((32, 32, 3), 100, np.uint8)
    picture[:8], picture[8:10] = 255, 0
    found = measured(picture)
    assert found["bright"] == pytest.approx(0.25) and found["dark"] == pytest.approx(2 / 32)
    assert found["brightness"] == pytest.approx(0.25 * 255 + 22 / 32 * 100)


@pytest.mark.parametrize("value", [0, 128, 255])
def test_a_flat_picture_measures_finite_numbers(value):
    picture = np.full((32, 32, 3), value, np.uint8)
    assert np.isfinite(single.features(picture)).all()
    assert np.isfinite(niqe.features(picture)).all()
    assert measured(picture)["blockiness"] == pytest.approx(1)


def test_what_is_no_picture_is_refused():
    for wrong in (np.zeros((32, 32), np.uint8), np.zeros((32, 32, 3)), np.zeros((8, 32, 3), "u1")):
        with pytest.raises(ValueError, match="A picture must be"):
            single.features(wrong)


# -- NIQE --------------------------------------------------------------------------
def statistics(pictures: list[np.ndarray]) -> np.ndarray:
    return np.stack([niqe.features(picture) for picture in pictures])


@pytest.fixture(scope="module")
def natural() -> niqe.Natural:
    return niqe.fit(statistics([drawn(seed) for seed in range(300)]))


def test_others_of_the_same_kind_are_as_far_as_the_dimensions_say(natural):
    found = natural.distance(statistics([drawn(seed) for seed in range(1000, 1060)]))
    assert np.mean(found**2) == pytest.approx(niqe.SIZE, rel=0.35)
    assert natural.distance(natural.mean[None])[0] == 0


@pytest.mark.parametrize(
    "spoil",
    [
        lambda p: cv2.GaussianBlur(p, (0, 0), 1.2),
        lambda p: np.clip(p + np.random.default_rng(5).normal(0, 25, p.shape), 0, 255).astype("u1"),
        lambda p: cv2.resize(p[::8, ::8], (64, 64), interpolation=cv2.INTER_NEAREST),
    ],
    ids=["blur", "noise", "blocks"],
)
def test_spoilt_pictures_are_farther_alone_and_as_a_set(natural, spoil):
    pictures = [drawn(seed) for seed in range(1000, 1060)]
    good, bad = statistics(pictures), statistics([spoil(picture) for picture in pictures])
    assert (natural.distance(bad) > natural.distance(good)).mean() > 0.9
    assert natural.distance_of_set(bad) > 2 * natural.distance_of_set(good)


def test_the_shape_of_known_distributions_is_found():
    for values, shape in ((RNG.standard_normal(200_000), 2), (RNG.laplace(size=200_000), 1)):
        found, left, right = niqe._asymmetric_fit(values)
        assert found == pytest.approx(shape, rel=0.03)
        assert left == pytest.approx(right, rel=0.03)
    values = np.abs(RNG.standard_normal(200_000)) * np.where(RNG.random(200_000) < 1 / 3, -1, 2)
    found, left, right = niqe._asymmetric_fit(values)  # both halves of a normal, one twice as wide
    assert found == pytest.approx(2, rel=0.05) and right / left == pytest.approx(2, rel=0.03)


def test_too_few_pictures_make_no_gaussian():
    with pytest.raises(ValueError, match="more than 36"):
        niqe.fit(np.zeros((36, 36)))
