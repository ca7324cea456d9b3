"""Videos within limits: time, bytes, pixels; what is cut off, damaged or no video at all."""

from types import SimpleNamespace

import numpy as np
import pytest

from ganfake import UserError, clips, containers, frames
from ganfake.clips import check_video
from ganfake.containers import container
from ganfake.detect import check_file
from ganfake.frames import Reader
from tests.filming import head, scene, sound, video
from tests.judging import judged, patience

pytestmark = pytest.mark.usefixtures("judged", "patience")
DARK = np.uint8(head() * 0.3)


@pytest.fixture(scope="module")
def walk() -> bytes:
    """One second: a dark head that wanders to the right."""
    return video(scene((DARK, 6 * i, 40)) for i in range(25))


def test_time_runs_out_and_is_said(walk, monkeypatch):
    monkeypatch.setattr(clips, "_JUDGED", 0.0)
    clip = check_video(walk)
    assert clip.note == clips.SHORT_OF_TIME
    moments = clip.persons[0].times
    assert len(moments) == 8 and max(moments) - min(moments) > 0.7  # spread, not the first ones


def test_looking_is_thinned_before_time_runs_out(walk, monkeypatch):
    now, moments = [0.0], []
    monkeypatch.setattr(frames, "time", SimpleNamespace(monotonic=lambda: now[0]))
    reader = Reader(walk, 20.0)
    for moment, _ in reader.frames():
        moments.append(moment)
        now[0] += 2.0
    assert 5 <= len(moments) <= 10 and not reader.late
    assert max(moments) > 0.8


def test_only_the_first_two_minutes(monkeypatch):
    monkeypatch.setattr(frames, "MAX_SECONDS", 1.0)
    monkeypatch.setattr(clips, "MAX_SECONDS", 1.0)
    clip = check_video(video([scene((DARK, 100, 40))] * 75))
    assert max(clip.persons[0].times) <= 1.0
    assert clip.note == clips.START_ONLY and clip.duration == pytest.approx(3, abs=0.1)


def refused(content: bytes) -> str:
    with pytest.raises(UserError) as caught:
        check_video(content)
    return str(caught.value)


def test_limits_on_bytes_and_pixels(walk, monkeypatch):
    monkeypatch.setattr(containers, "MAX_SIDE", 600)
    assert "600 pixels" in refused(walk)
    monkeypatch.setattr(containers, "MAX_BYTES", 1000)
    assert "MB" in refused(walk)


@pytest.mark.parametrize(
    ("kind", "codec"),
    [("mp4", "aac"), ("mp3", "libmp3lame"), ("wav", "pcm_s16le"), ("flac", "flac"),
     ("adts", "aac"), ("matroska", "aac")],
)  # fmt: skip
def test_sound_is_no_video(kind, codec):
    assert refused(sound(kind, codec)) == containers.SOUND
    assert check_file(sound(kind, codec), "voice.mp4").error == containers.SOUND


def test_what_is_cut_off_is_judged_as_far_as_it_goes(walk):
    film = video((scene((DARK, 3 * i, 40)) for i in range(50)), kind="matroska")
    clip = check_video(film[: int(len(film) * 0.75)])
    assert 5 < clip.frames < 48 and clip.persons
    for share in (0.02, 0.3, 0.9):
        assert refused(walk[: int(len(walk) * share)]).endswith(".")


def test_noise_in_the_middle_does_no_harm(walk):
    rng = np.random.default_rng(0)
    for start in (40, len(walk) // 4, len(walk) // 2):
        content = bytearray(walk)
        content[start : start + 400] = rng.bytes(400)
        checked = check_file(bytes(content))
        assert checked.error is None or checked.error.endswith(".")


def test_pictures_text_and_playlists_are_no_videos():
    for start in (
        b"", b"\xff\xd8\xff\xe0", b"\x89PNG", b"#EXTM3U\nhttp://example.org/a.ts",
        b"ffconcat version 1.0", b"0000ftypheic", b"0000ftypavif", b"RIFF0000WEBP",
        b"The freedom of the press", b"The moov",
    ):  # fmt: skip
        assert container(start) is None
    assert refused(b"#EXTM3U\n/etc/passwd\n") == containers.DAMAGED
