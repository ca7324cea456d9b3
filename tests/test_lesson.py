"""The lesson's clues: what is said of a picture is in the picture, where it can be measured."""

import cv2
import numpy as np
import pytest

from ganfake import amplify, lesson

CLUES = {clue.name: clue for clue in lesson.CLUES}
SHOWN = {}


def shown(name: str) -> lesson.Shown:
    if name not in SHOWN:
        SHOWN[name] = lesson.show(CLUES[name])
    return SHOWN[name]


def lab(pixels: np.ndarray) -> np.ndarray:
    """Lightness and the two colours, each in grey levels."""
    return cv2.cvtColor(pixels, cv2.COLOR_RGB2LAB).astype(float)


def test_the_clues_are_those_of_the_issue():
    assert list(CLUES) == ["eyes", "teeth", "ears", "hair", "symmetry", "texture", "light"]


@pytest.mark.parametrize("name", CLUES)
def test_before_and_after_cover_each_other(name):
    pictures = shown(name)
    for plain, strong in (
        (pictures.fake, pictures.fake_amplified),
        (pictures.real, pictures.real_amplified),
    ):
        assert plain.shape == strong.shape
        assert plain.shape[1] == lesson.WIDTH
        assert plain.dtype == strong.dtype == np.uint8
        assert np.abs(plain.astype(int) - strong).mean() > 4, "the slider has something to show"


def test_one_eye_is_paler_and_bluer_than_the_other():
    def difference(pixels: np.ndarray) -> float:
        # The eyes lie at a quarter and at three quarters of the part.
        middle = pixels.shape[1] // 2
        left, right = lab(pixels)[:, :middle], lab(pixels)[:, middle:]
        return abs(np.percentile(left[..., 2], 2) - np.percentile(right[..., 2], 2))

    assert difference(shown("eyes").fake) > 2 * difference(shown("eyes").real)


def test_only_the_eye_on_the_right_has_a_reflection():
    def reflection(pixels: np.ndarray, left: int) -> float:
        """How much the brightest small spot within an eye stands out of what is around it."""
        light = cv2.GaussianBlur(lab(pixels)[60:130, left : left + 100, 0], (0, 0), 2)
        spots = cv2.morphologyEx(light, cv2.MORPH_TOPHAT, np.ones((35, 35)))
        return float(spots[20:50, 25:75].max())

    def share(pixels: np.ndarray) -> float:
        return reflection(pixels, 240) / reflection(pixels, 50)

    assert "The one on the right is dark, has a bright reflection" in CLUES["eyes"].here
    assert share(shown("eyes").fake) > 2 > share(shown("eyes").real)


def test_the_teeth_are_one_bar():
    light = lab(shown("teeth").fake)[..., 0]
    bright = (light > light.max() - 60).astype(np.uint8)
    _, _, boxes, _ = cv2.connectedComponentsWithStats(bright)
    widest = max(boxes[1:], key=lambda box: box[cv2.CC_STAT_AREA])
    assert widest[cv2.CC_STAT_WIDTH] > 0.3 * lesson.WIDTH
    assert widest[cv2.CC_STAT_WIDTH] > 3 * widest[cv2.CC_STAT_HEIGHT]


def test_the_ear_is_a_white_patch_with_a_black_spot_under_it():
    light = lab(shown("ears").fake)[..., 0]
    assert light.max() > 250
    below_the_white = light[np.argmax(light.mean(1)) :]
    assert below_the_white.min() < 40
    assert lab(shown("ears").real)[..., 0].max() < 250


@pytest.mark.parametrize("name", ["hair", "texture"])
def test_dots_repeat_where_a_photograph_has_strands(name):
    def calm(pixels: np.ndarray) -> float:
        """The share of the part where there is hardly any fine detail."""
        return float((np.abs(pixels[..., 0].astype(int) - 128) < 12).mean())

    assert calm(shown(name).real_amplified) > 1.5 * calm(shown(name).fake_amplified)


def test_the_eyes_of_the_mirrored_fake_do_not_match():
    def match(pixels: np.ndarray) -> float:
        """The correlation of one eye and its surroundings with the other one's mirror image."""
        light = lab(cv2.GaussianBlur(pixels, (0, 0), 4))[..., 0]
        height, width = light.shape
        rows = slice(int(0.3 * height), int(0.65 * height))
        left = light[rows, int(0.05 * width) : int(0.4 * width)]
        right = light[:, ::-1][rows, int(0.05 * width) : int(0.4 * width)]
        return float(np.corrcoef(left.ravel(), right.ravel())[0, 1])

    assert match(shown("symmetry").fake) < 0.5 < match(shown("symmetry").real)


def test_one_cheek_is_purple():
    def reddest(pixels: np.ndarray) -> float:
        """How far the reddest blue spot of the skin is from the skin's own colour."""
        skin = lab(cv2.GaussianBlur(pixels, (0, 0), 8))[140:290, 120:260]
        usual = np.median(skin.reshape(-1, 3), 0)
        return float(((skin - usual)[..., 1] - (skin - usual)[..., 2]).max())

    assert reddest(shown("light").fake) > 2 * reddest(shown("light").real)


def test_amplifying_leaves_what_has_nothing_to_amplify():
    flat = np.full((32, 32, 3), 90, np.uint8)
    assert np.abs(amplify.strong_colours(flat).astype(int) - 90).max() <= 1
    assert (amplify.fine_detail(flat) == 128).all()


def test_fine_detail_is_what_blurring_takes_away():
    dots = np.full((32, 32, 3), 100, np.uint8)
    dots[::4, ::4] = 110
    assert np.ptp(amplify.fine_detail(dots)) > 40
    slope = np.repeat(np.linspace(0, 200, 32, dtype=np.uint8)[None, :, None], 32, 0)
    slope = np.repeat(slope, 3, 2)
    assert np.abs(amplify.fine_detail(slope)[4:-4, 4:-4].astype(int) - 128).max() < 8


def test_mirroring_twice_is_the_same_face_again():
    picture = shown("symmetry").fake
    once = amplify.mirrored(picture)
    assert np.corrcoef(once[:, ::-1].ravel(), picture.ravel())[0, 1] > 0.8
