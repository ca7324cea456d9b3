"""The marks of a swap: what the hidden one survives, and that the label is there and readable."""

import hashlib
import io
import json
import time

import av
import cv2
import numpy as np
import pytest
import skimage.data
from PIL import Image, ImageDraw
from skimage.metrics import structural_similarity

from ganfake import marks
from ganfake.images import encode_jpeg
from ganfake.marks import CORNERS, PixelMark, best, embed, find, stamp, visible
from ganfake.video import encode_mp4


def resized(picture: np.ndarray, width: int, height: int, how=Image.Resampling.LANCZOS):
    return np.asarray(Image.fromarray(picture).resize((width, height), how))


def halved(picture: np.ndarray, how=Image.Resampling.LANCZOS) -> np.ndarray:
    return resized(picture, picture.shape[1] // 2, picture.shape[0] // 2, how)


def as_jpeg(picture: np.ndarray, quality: int = 75) -> np.ndarray:
    """Saved as most programs do it, with halved colours, and opened again."""
    buffer = io.BytesIO()
    Image.fromarray(picture).save(buffer, "JPEG", quality=quality)
    return np.asarray(Image.open(buffer))


PICTURES = {
    "astronaut": skimage.data.astronaut(),
    "small": resized(skimage.data.astronaut(), 256, 256),
    "wide": skimage.data.coffee()[:, :401],  # odd sides
    "tall": np.ascontiguousarray(np.rot90(skimage.data.chelsea())),
    "dark": skimage.data.rocket(),
}


@pytest.fixture(params=PICTURES)
def picture(request) -> np.ndarray:
    return PICTURES[request.param]


# -- in the pixels -------------------------------------------------------------------
def test_found_where_it_is_and_only_there(picture):
    marked = embed(picture)
    assert marked.shape == picture.shape and marked.dtype == np.uint8
    there, not_there = find(marked), find(picture)
    assert there.found and there.score > 0.95 and there.false_alarm < 1e-30
    assert not not_there.found and not_there.score < 0.45 and not_there.false_alarm > 1e-3


TREATMENTS = {
    "JPEG 75": as_jpeg,
    "halved": halved,
    "halved by areas": lambda p: halved(p, Image.Resampling.BOX),
    "halved bilinearly": lambda p: halved(p, Image.Resampling.BILINEAR),
    "halved, JPEG 75": lambda p: as_jpeg(halved(p)),
    "JPEG 75, halved": lambda p: halved(as_jpeg(p)),
    "JPEG 75, halved, JPEG 75": lambda p: as_jpeg(halved(as_jpeg(p))),
    "enlarged": lambda p: resized(p, 777, 555, Image.Resampling.BICUBIC),
    "mirrored": lambda p: np.ascontiguousarray(p[:, ::-1]),
    "turned": lambda p: np.ascontiguousarray(np.rot90(p)),
    "brighter": lambda p: np.uint8(np.clip(p * 1.1 + 8, 0, 255)),
    "as WebP": lambda p: np.asarray(
        Image.open(io.BytesIO(_saved(p, "WEBP", quality=80))).convert("RGB")
    ),
}


def _saved(picture: np.ndarray, kind: str, **options) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(picture).save(buffer, kind, **options)
    return buffer.getvalue()


@pytest.mark.parametrize("name", TREATMENTS)
def test_what_it_survives(picture, name):
    assert find(TREATMENTS[name](stamp(picture))).found
    assert not find(TREATMENTS[name](visible(picture))).found


@pytest.mark.parametrize("first", [0, 1])
def test_halving_by_leaving_out_pixels_shifts_it_a_little(first):
    marked = stamp(PICTURES["astronaut"])
    assert find(as_jpeg(np.ascontiguousarray(marked[first::2, first::2]))).found


def test_cropping_it_does_not_survive_as_we_say():
    marked = embed(PICTURES["astronaut"])
    assert not find(np.ascontiguousarray(marked[40:, 40:])).found


@pytest.mark.parametrize(("speed", "kept"), [(0, 12), (2, 1)])
def test_frames_of_a_video_keep_it(speed, kept):
    """All where the camera stands still; where half the picture moves, key frames at least."""
    frames = [stamp(_filmed(number, speed * number)) for number in range(12)]
    with av.open(io.BytesIO(encode_mp4(frames, 24))) as film:  # H.264 at crf 18
        found = [find(frame.to_ndarray(format="rgb24")) for frame in film.decode(video=0)]
    assert found[0].found and sum(mark.found for mark in found) >= kept
    assert best(found).found


def _filmed(number: int, moved: int) -> np.ndarray:
    """A head before a still ground, with a camera's noise."""
    frame = resized(skimage.data.coffee(), 512, 512).astype(float)
    frame[250:510, 60 + moved : 380 + moved] = skimage.data.astronaut()[:260, 80:400]
    noise = np.random.default_rng(number).normal(0, 1.5, frame.shape)
    return np.uint8(np.clip(frame + noise, 0, 255))


def test_it_cannot_be_seen(picture):
    marked = embed(picture)
    error = float(((marked.astype(float) - picture) ** 2).mean())
    assert 10 * np.log10(255**2 / error) > 46
    assert structural_similarity(picture, marked, channel_axis=2) > 0.985
    assert np.abs(marked.astype(int) - picture).max() <= 12


def test_it_is_weaker_where_all_is_smooth():
    picture = np.full((400, 400, 3), 128, np.uint8)
    picture[:, 200:] += np.random.default_rng(0).integers(0, 80, (400, 200, 1), np.uint8)
    change = np.abs(embed(picture).astype(float) - picture)
    assert change[:, 30:170].mean() < 0.5 * change[:, 230:370].mean()


@pytest.mark.parametrize("grey", [0, 1, 128, 255])
def test_plain_pictures_carry_no_mark_until_they_get_one(grey):
    plain = np.full((300, 200, 3), grey, np.uint8)
    assert abs(find(plain).score) < 1e-3  # each grid has its partner
    assert find(embed(plain)).found


def test_pictures_too_small_stay_as_they_are():
    for shape in ((1, 1, 3), (31, 400, 3)):
        tiny = np.random.default_rng(0).integers(0, 256, shape, np.uint8)
        assert np.array_equal(embed(tiny), tiny)
        assert find(tiny) == PixelMark(False, 0.0, 1.0)
    assert find(embed(PICTURES["astronaut"][:32, :32])).found


def test_it_can_be_put_on_twice_and_never_changes_what_it_is_given():
    picture = PICTURES["small"].copy()
    once = embed(picture)
    assert np.array_equal(picture, PICTURES["small"])
    assert find(embed(once)).found
    assert np.abs(embed(once).astype(int) - once).max() <= 3
    assert np.array_equal(embed(picture), once)


def test_the_chance_is_a_bound_of_what_random_phases_do():
    """Against draws: even phases reach a score no oftener than the bound says, nor far less."""
    rng = np.random.default_rng(1)
    scores = np.cos(rng.uniform(0, 2 * np.pi, (200_000, 64))).mean(1)
    for score in (0.1, 0.2, 0.3):
        share, bound = float((scores >= score).mean()), marks._chance(score)
        assert share <= bound <= 20 * share
    assert marks._chance(-0.5) == 1.0 and marks._chance(1.0) < 1e-60


def test_the_best_of_several_frames_pays_for_having_been_chosen():
    poor, good = PixelMark(False, 0.2, 0.9), PixelMark(True, 0.8, 2e-20)
    assert best([poor, good, poor]) == PixelMark(True, 0.8, pytest.approx(6e-20))
    just = PixelMark(True, 0.6, 0.9e-9)
    assert best([just]).found and not best([just, poor]).found
    assert best([]) is None


def test_the_key_never_changes():
    """Pictures that are marked today have to be read by every later version."""
    key = marks._key()
    drawn = [key.members.tolist(), (key.signs > 0).tolist(), key.offsets.round(5).tolist()]
    assert hashlib.sha256(json.dumps(drawn).encode()).hexdigest()[:16] == "fb2f09f842ebb32e"
    assert np.allclose((key.signs**2).sum(1), 1) and key.members.shape[0] == 64


def test_it_is_quick():
    embed(PICTURES["astronaut"])
    begun = time.process_time()
    for _ in range(5):
        embed(PICTURES["astronaut"])
    assert (time.process_time() - begun) / 5 < 0.1  # about 0.01 s on a quiet core


# -- for everybody to see ------------------------------------------------------------
@pytest.mark.parametrize("corner", CORNERS)
@pytest.mark.parametrize("side", [128, 256, 512])
def test_the_label_is_in_its_corner_and_nowhere_else(corner, side):
    plain = np.full((side, side, 3), 128, np.uint8)
    changed = (visible(plain, corner) != plain).any(2)
    rows, columns = np.flatnonzero(changed.any(1)), np.flatnonzero(changed.any(0))
    below, right = rows.mean() > side / 2, columns.mean() > side / 2
    assert (below, right) == (corner.startswith("bottom"), corner.endswith("right"))
    assert changed.mean() < (0.09 if side == 128 else 0.03)
    edge = min(rows.min(), side - 1 - rows.max()), min(columns.min(), side - 1 - columns.max())
    assert min(edge) >= 2 and max(edge) < 0.03 * side + 3


@pytest.mark.parametrize("grey", [0, 128, 255])
def test_the_label_is_readable_on_small_pictures(grey):
    """High enough letters, and white on dark by more than 7 to 1 whatever is behind."""
    label = visible(np.full((256, 256, 3), grey, np.uint8))[230:, 120:]
    darkest, lightest = np.percentile(label[10:22, 60:130, 0], [10, 99.5])
    assert _light(lightest) / _light(darkest) > 7
    letters = label[..., 0] > 200
    if grey < 200:
        assert 7 <= len(np.flatnonzero(letters.any(1))) <= 14


def _light(grey: float) -> float:
    """WCAG's relative luminance, as it stands in a contrast."""
    return ((grey / 255 + 0.055) / 1.055) ** 2.4 + 0.05


def test_the_label_says_what_it_is():
    """The same letters as the words drawn anew, by correlation; other words fit worse."""
    label = marks._label(512, 512)[..., 0]
    fits = {}
    for text in (marks.TEXTS[0], "AI: face painted", "xx: xxxx xxxxxxx"):
        drawn = Image.new("L", label.shape[::-1])
        font = marks.ImageFont.load_default(0.74 * label.shape[0])
        middle = (label.shape[1] / 2, label.shape[0] / 2)
        ImageDraw.Draw(drawn).text(middle, text, 255, font, "mm")
        fits[text] = np.corrcoef(label.ravel(), np.asarray(drawn).ravel())[0, 1]
    assert fits[marks.TEXTS[0]] > 0.99 > 0.9 > max(list(fits.values())[1:])


def test_the_label_grows_with_the_picture_and_fits_into_any():
    heights = [marks._label(side, side).shape[0] for side in (256, 512, 1080, 2160)]
    assert heights == sorted(heights) and heights[-1] > 5 * heights[0]
    for shape in ((1, 1, 3), (3, 5, 3), (3, 500, 3), (500, 20, 3)):
        plain = np.full(shape, 90, np.uint8)
        for corner in CORNERS:
            assert visible(plain, corner).shape == shape
            assert min(shape[:2]) < 3 or (visible(plain, corner) != plain).any()


def test_no_other_corner_and_none_without_a_label():
    with pytest.raises(ValueError, match="corner"):
        stamp(PICTURES["small"], "nowhere")
    for corner in CORNERS:
        marked = stamp(PICTURES["small"], corner)
        assert find(marked).found
        labelled = visible(PICTURES["small"], corner)
        assert np.abs(marked.astype(int) - labelled).max() <= 12


def test_a_jpeg_of_our_own_and_opencv_read_it_too():
    content = encode_jpeg(Image.fromarray(stamp(PICTURES["astronaut"])), 75)
    decoded = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_COLOR)
    assert find(cv2.cvtColor(decoded, cv2.COLOR_BGR2RGB)).found
