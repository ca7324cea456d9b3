"""Animated pictures: judged over time by their frames' own times, within the limits of videos."""

import io
import time
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from ganfake import UserError, clips, frames, moving
from ganfake.clips import ANIMATED, SHORT_OF_TIME, START_ONLY, check_video
from ganfake.detect import NO_FACE, SEVERAL, check_file
from ganfake.moving import Moving, frame_at, is_moving
from tests.filming import HEAD, head, scene
from tests.judging import judged
from tests.odd_files import picture

pytestmark = pytest.mark.usefixtures("judged")
KINDS = ("GIF", "WEBP", "PNG", "AVIF")
DARK = np.uint8(head() * 0.3)
WHITE = np.full_like(HEAD, 255)


@pytest.fixture(autouse=True)
def patience(monkeypatch):
    """A busy machine must not change what the tests see."""
    monkeypatch.setattr(clips, "_LOOKING", 300.0)
    monkeypatch.setattr(clips, "_JUDGED", 300.0)


def animation(kind: str, pictures, milliseconds=40) -> bytes:
    first, *others = [Image.fromarray(one) for one in pictures]
    timing = {} if kind == "TIFF" else {"duration": milliseconds}
    return picture(kind, first, save_all=True, append_images=others, **timing)


def moments(content: bytes) -> list[float]:
    return [moment for moment, _ in Moving(content, time.monotonic() + 300).frames()]


@pytest.mark.parametrize("kind", KINDS)
def test_a_face_that_comes_later_is_found_at_its_time(kind):
    content = animation(kind, [WHITE, HEAD, HEAD[:, ::-1]], [500, 1000, 250])
    checked = check_file(content, "photo.png")
    assert (checked.kind, checked.error, checked.clip.frames) == ("video", None, 3)
    assert (checked.width, checked.height) == (320, 260)
    assert ANIMATED in checked.reason
    said = checked.as_dict()
    times = [moment for face in said["faces"] for moment in face["times"]]
    assert sorted(times) == pytest.approx([0.5, 1.5], abs=0.01)
    assert said["duration"] == pytest.approx(1.75, abs=0.01)


def test_one_person_over_time():
    walk = [scene((DARK, 6 * i, 40)) for i in range(12)]
    [person] = check_video(animation("WEBP", walk, 80)).persons
    assert person.times == pytest.approx([0.08 * i for i in range(12)], abs=0.002)
    assert person.verdict == "real" and len(person.telling) >= 3


def test_no_face_says_that_it_moves_too():
    checked = check_file(animation("GIF", [WHITE, WHITE // 2]))
    assert checked.reason == f"{NO_FACE} {ANIMATED}"


@pytest.mark.parametrize("kind", KINDS)
def test_one_frame_is_a_picture(kind):
    content = animation(kind, [HEAD])
    checked = check_file(content)
    assert (is_moving(content), checked.kind, checked.clip) == (False, "image", None)
    assert ANIMATED not in checked.reason and checked.faces


@pytest.mark.parametrize("kind", ["TIFF", "HEIF"])
def test_of_several_pages_the_first_is_judged_and_that_is_said(kind):
    checked = check_file(animation(kind, [HEAD, WHITE]))
    assert checked.kind == "image" and checked.faces and checked.reason.endswith(SEVERAL)
    assert SEVERAL not in check_file(animation(kind, [HEAD])).reason


def test_frames_are_taken_by_their_time_not_by_their_number():
    """200 frames in the first four seconds, then twenty of a second each: all are looked at."""
    rng = np.random.default_rng(0)
    tiny = rng.integers(0, 256, (220, 16, 16, 3), np.uint8)
    taken = moments(animation("PNG", tiny, [20] * 200 + [1000] * 20))
    assert len(taken) <= frames.MAX_FRAMES
    assert len([moment for moment in taken if moment >= 4]) >= 19
    assert taken == sorted(taken) and taken[-1] == pytest.approx(23, abs=0.05)


def test_frames_that_ask_for_no_time_are_shown_as_viewers_do():
    assert moments(animation("GIF", [WHITE, HEAD, WHITE // 2], 0)) == pytest.approx([0, 0.1, 0.2])


def test_only_the_first_two_minutes():
    content = animation("GIF", [HEAD, HEAD[:, ::-1], WHITE], [1000, 200_000, 1000])
    clip = check_video(content)
    assert clip.frames == 2 and clip.note == f"{ANIMATED} {START_ONLY}"


def test_time_runs_out_and_is_said(monkeypatch):
    monkeypatch.setattr(clips, "_LOOKING", 0.0)
    clip = check_video(animation("WEBP", [HEAD, WHITE, WHITE // 2]))
    assert clip.frames == 1 and clip.note == f"{ANIMATED} {SHORT_OF_TIME}" and clip.persons


def test_looking_is_thinned_before_time_runs_out(monkeypatch):
    rng = np.random.default_rng(0)
    content = animation("PNG", rng.integers(0, 256, (30, 16, 16, 3), np.uint8), 100)
    now, taken = [0.0], []
    clock = SimpleNamespace(monotonic=lambda: now[0])
    monkeypatch.setattr(frames, "time", clock)
    monkeypatch.setattr(moving, "time", clock)
    for moment, _ in Moving(content, 20.0).frames():
        taken.append(moment)
        now[0] += 2.0
    assert 5 <= len(taken) <= 10 and max(taken) > 2


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_cut_off_is_judged_as_far_as_it_goes(kind):
    rng = np.random.default_rng(0)
    noise = rng.integers(0, 256, HEAD.shape, np.uint8)
    content = animation(kind, [HEAD, noise, noise[::-1]])
    for share in (0.3, 0.6, 0.9):
        checked = check_file(content[: int(len(content) * share)])
        assert checked.error is None or checked.error.endswith(".")


def test_limits_on_pixels(monkeypatch):
    monkeypatch.setattr(moving, "MAX_SIDE", 300)
    assert check_file(animation("GIF", [HEAD, WHITE])).error == moving.LARGE
    tiny = np.zeros((15, 40, 3), np.uint8)
    assert "under 16 pixels" in check_file(animation("GIF", [tiny, tiny + 255])).error


def test_a_frame_is_shown_upright_on_white_as_it_was_judged():
    clear = np.dstack([HEAD, np.full(HEAD.shape[:2], 255, np.uint8)])
    clear[:, :100, 3] = 0
    solid = np.full_like(clear, 255)
    content = animation("PNG", [solid, clear, solid // 2], 100)
    shown = frame_at(content, 0.1, 160)
    assert shown.shape == (130, 160, 3)
    assert shown[:, :45].min() > 240 and 30 < shown[:, 60:].mean() < 220
    assert frame_at(content, 0.0, 4096).min() > 250
    with pytest.raises(UserError, match="in time"):
        frame_at(content, 99.0, 160)


def test_what_is_no_animation():
    buffer = io.BytesIO()
    Image.fromarray(HEAD).save(buffer, "JPEG")
    for content in (b"", b"GIF89a", buffer.getvalue(), b"\0\0\0\x18ftypisom", bytes(99)):
        assert not is_moving(content)
