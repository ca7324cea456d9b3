"""Videos that cannot be read or written to their end: one sentence, and nothing half-written."""

import tracemalloc

import numpy as np
import pytest

from ganfake import UserError, clip_io, containers, reel
from ganfake.clip_io import LONG, Footage
from ganfake.reel import Reel
from ganfake.writing import FULL, UNWRITABLE
from tests.filming import scene, sound, video
from tests.swapping import EVENTS, again, beeping, flat, little_space, times_of


@pytest.mark.parametrize("share", [0.02, 0.3, 0.6, 0.9, 0.99])
@pytest.mark.parametrize("kind", ["mp4", "matroska", "mpegts"])
def test_cut_off_files_give_what_they_hold_or_one_sentence(tmp_path, share, kind):
    whole = beeping([flat(i % 9) for i in range(50)], kind=kind, events=EVENTS)
    try:
        made, _ = again(whole[: int(share * len(whole))], tmp_path / "made.mp4")
    except UserError as error:
        assert str(error).endswith(".")
    else:
        assert 1 <= len(times_of(made)) <= 50


@pytest.mark.parametrize("seed", range(6))
def test_damaged_files(tmp_path, seed):
    rng = np.random.default_rng(seed)
    content = bytearray(beeping([flat(i % 9) for i in range(20)], events=EVENTS))
    for place in rng.integers(0, len(content), 40):
        content[place] = rng.integers(0, 256)
    try:
        made, _ = again(bytes(content), tmp_path / "made.mp4")
    except UserError as error:
        assert str(error).endswith(".")
    else:
        assert times_of(made)


@pytest.mark.parametrize("content", [b"", b"no video", sound("mp3", "libmp3lame")])
def test_files_that_are_no_video(content):
    with pytest.raises(UserError):
        Footage(content)


def test_sound_alone_in_a_container_of_videos():
    with pytest.raises(UserError, match="no moving picture"):
        Footage(sound())


def test_ten_minutes_are_refused_before_any_frame_is_read():
    content = video([flat(0)] * 3, [0, 300, 600])
    with pytest.raises(UserError, match="at most 120 seconds"):
        Footage(content)


def test_length_that_a_file_hides(monkeypatch):
    monkeypatch.setattr(clip_io, "MAX_SECONDS", 1.0)
    content = video([flat(0)] * 40)  # 1.6 seconds, just within what a header may say
    with Footage(content) as footage, pytest.raises(UserError, match="too long"):
        list(footage.shots())
    monkeypatch.setattr(clip_io, "MAX_FRAMES", 10)
    with Footage(video([flat(0)] * 12)) as footage, pytest.raises(UserError) as error:
        list(footage.shots())
    assert str(error.value) == LONG


def test_too_many_bytes_or_pixels(monkeypatch):
    content = video([flat(0)] * 3)
    with monkeypatch.context() as changed, pytest.raises(UserError, match="MB"):
        changed.setattr(containers, "MAX_BYTES", 500)
        Footage(content)
    monkeypatch.setattr(containers, "MAX_SIDE", 90)
    with pytest.raises(UserError, match="90 pixels on a side"):
        Footage(content)


@pytest.mark.parametrize("count", [0, 20_000])
def test_a_full_disk_is_one_sentence(tmp_path, count):
    rng = np.random.default_rng(0)
    noise = [rng.integers(0, 256, (64, 96, 3), np.uint8) for _ in range(20)]
    content = video(noise)
    with little_space(count), pytest.raises(UserError) as error:
        again(content, tmp_path / "made.mp4")
    assert str(error.value) == FULL


def test_a_folder_that_is_not_there_and_a_result_that_is_too_large(tmp_path, monkeypatch):
    content = video([flat(0)] * 20)
    with pytest.raises(UserError) as error:
        again(content, tmp_path / "none" / "made.mp4")
    assert str(error.value) == UNWRITABLE
    monkeypatch.setattr(reel, "MAX_RESULT", 100)
    with pytest.raises(UserError, match="The result would be over"):
        again(content, tmp_path / "made.mp4")


def test_errors_of_the_one_who_shows_stay_their_own(tmp_path):
    class Stopped(Exception):
        pass

    with (
        pytest.raises(Stopped),
        Footage(video([flat(0)] * 3)) as footage,
        Reel(tmp_path / "made.mp4", footage, footage.size, footage.aspect) as made,
    ):
        for shot in footage.shots(made.hear):
            made.show(shot, shot.picture)
            raise Stopped


def test_frames_are_held_one_at_a_time():
    content = video(scene(size=(640, 360)) for _ in range(60))
    with Footage(content) as footage:
        shots = footage.shots()
        next(shots)
        tracemalloc.start()
        for _ in shots:
            pass
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert most < 8 * 640 * 360 * 3  # of 60 frames
