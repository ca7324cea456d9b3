"""All frames of a clip read and written again: number, times, sound, size, turn."""

import io
import resource
import tracemalloc
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from ganfake import UserError, clip_io, containers, reel
from ganfake.clip_io import LONG, Footage
from ganfake.reel import Reel
from ganfake.writing import FULL, UNWRITABLE
from tests.filming import scene, sound, turned, video
from tests.swapping import beeping, beeps, flashes, pictures_of, times_of

EVENTS = (0.4, 0.8)


def flat(number: int, size: tuple[int, int] = (96, 64)) -> np.ndarray:
    """A frame whose grey tells its number."""
    return np.full((size[1], size[0], 3), 20 + 8 * number, np.uint8)


def again(content: bytes, path: Path) -> tuple[bytes, str]:
    """The clip read and written, unchanged, and what became of its sound."""
    with Footage(content) as first:
        for _ in first.shots():
            pass
    with Footage(content) as footage, Reel(path, footage, first.size, first.aspect) as made:
        for shot in footage.shots(made.hear):
            made.show(shot, shot.picture)
    return path.read_bytes(), made.sound


@pytest.mark.parametrize(
    "times",
    [
        np.arange(20) / 25,
        np.arange(20) * 1.001 / 30,
        np.cumsum([0.0, *np.random.default_rng(0).integers(5, 200, 19) / 1000]),
        [0.0],
        [0.0, 0.5],
    ],
    ids=["25", "29.97", "variable", "one frame", "two frames"],
)
@pytest.mark.parametrize("kind", ["mp4", "matroska"])
def test_number_times_and_pictures_stay(tmp_path, times, kind):
    content = video((flat(number) for number in range(len(times))), times, kind)
    made, _ = again(content, tmp_path / "made.mp4")
    before = np.array(times_of(content))
    assert len(before) == len(times)
    assert times_of(made) == pytest.approx(before - before[0], abs=1e-4)
    for old, new in zip(pictures_of(content), pictures_of(made), strict=True):
        assert np.abs(old.mean((0, 1)) - new.mean((0, 1))).max() < 3


@pytest.mark.parametrize(
    ("kind", "codec", "becomes"),
    [
        ("mp4", "aac", "copied"), ("matroska", "aac", "copied"), ("mpegts", "aac", "copied"),
        ("flv", "aac", "copied"), ("mp4", "libmp3lame", "copied"),
        ("mov", "pcm_s16le", "re-encoded"), ("matroska", "flac", "re-encoded"),
        ("avi", "libmp3lame", "re-encoded"),
    ],
)  # fmt: skip
def test_sound_stays_in_step(tmp_path, kind, codec, becomes):
    content = beeping([flat(i % 9) for i in range(30)], kind=kind, sound=codec, events=EVENTS)
    made, what = again(content, tmp_path / "made.mp4")
    assert what == becomes
    assert len(times_of(made)) == 30
    assert len(beeps(made)) == len(flashes(made)) == len(EVENTS)
    apart = np.subtract(beeps(made), flashes(made))
    if kind != "avi":  # its frames come without times, so PyAV's are no measure
        assert apart == pytest.approx(np.subtract(beeps(content), flashes(content)), abs=0.005)
    assert np.abs(apart).max() < 1 / 25  # a frame


def test_copied_sound_is_the_same_sound(tmp_path):
    content = beeping([flat(0)] * 20, events=EVENTS)
    made, _ = again(content, tmp_path / "made.mp4")

    def packets(clip: bytes) -> list[bytes]:
        with av.open(io.BytesIO(clip)) as opened:
            return [bytes(packet) for packet in opened.demux(audio=0) if packet.size]

    assert packets(made) == packets(content)


@pytest.mark.parametrize("codec", ["aac", "pcm_s16le"])
@pytest.mark.parametrize("late", [0.3, 0.0])
def test_sound_that_begins_late(tmp_path, codec, late):
    """Sound of a file whose picture begins first keeps its distance from it."""
    buffer = io.BytesIO()
    with av.open(buffer, "w", format="mov") as container:
        picture = container.add_stream("libx264", rate=25)
        picture.width, picture.height, picture.pix_fmt = 96, 64, "yuv420p"
        audio = container.add_stream(codec, rate=44100, layout="mono")
        for number in range(25):
            pixels = flat(0) if number != 15 else np.full((64, 96, 3), 255, np.uint8)
            frame = av.VideoFrame.from_ndarray(pixels, "rgb24")
            frame.pts, frame.time_base = number, Fraction(1, 25)
            container.mux(picture.encode(frame))
        container.mux(picture.encode())
        time = np.arange(30000) / 44100 + late
        wave = np.int16(2e4 * np.sin(6000 * time) * (np.abs(time - 0.65) < 0.05))
        for start in range(0, len(wave), 1000):
            part = av.AudioFrame.from_ndarray(wave[None, start : start + 1000], "s16", "mono")
            part.sample_rate, part.time_base = 44100, Fraction(1, 44100)
            part.pts = start + round(44100 * late)
            container.mux(audio.encode(part))
        container.mux(audio.encode())
    made, _ = again(buffer.getvalue(), tmp_path / "made.mp4")
    assert flashes(made) == pytest.approx([0.6], abs=1e-3)
    assert beeps(made) == pytest.approx([0.6], abs=0.005)


def test_no_sound_and_odd_sides(tmp_path):
    content = video([flat(0, (64, 48))] * 5)
    with Footage(content) as footage:
        assert footage.sound is None
    made, what = again(content, tmp_path / "made.mp4")
    assert what == "none" and pictures_of(made)[0].shape == (48, 64, 3)
    # yuv420p has even sides alone; PNG in a MOV has others.
    odd = io.BytesIO()
    with av.open(odd, "w", format="mov") as container:
        stream = container.add_stream("png", rate=25)
        stream.width, stream.height, stream.pix_fmt = 65, 47, "rgb24"
        for number in range(5):
            frame = av.VideoFrame.from_ndarray(flat(number, (65, 47)), "rgb24")
            frame.pts, frame.time_base = number, Fraction(1, 25)
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    made, _ = again(odd.getvalue(), tmp_path / "odd.mp4")
    assert [p.shape for p in pictures_of(made)] == [(48, 66, 3)] * 5


@pytest.mark.parametrize("mirrored", [False, True])
@pytest.mark.parametrize("degrees", [0, 90, 180, 270])
def test_turned_clips_are_written_upright(tmp_path, degrees, mirrored):
    frame = flat(0)
    frame[:20, :30] = (250, 20, 20)  # a red corner, top left
    content = turned(video([frame] * 4), degrees, mirrored)
    made, _ = again(content, tmp_path / "made.mp4")
    with av.open(io.BytesIO(made)) as opened:
        shown = next(opened.decode(video=0))
        assert not shown.rotation
        picture = shown.to_ndarray(format="rgb24")
    wanted = np.rot90(frame[:, ::-1] if mirrored else frame, -degrees // 90)
    assert picture.shape == wanted.shape
    assert np.abs(picture.astype(int) - wanted).mean() < 4


def test_pixels_that_are_not_square_stay_so(tmp_path):
    buffer = io.BytesIO()
    with av.open(buffer, "w", format="mp4") as container:
        stream = container.add_stream("libx264", rate=25)
        stream.width, stream.height, stream.pix_fmt = 96, 64, "yuv420p"
        stream.codec_context.sample_aspect_ratio = Fraction(4, 3)
        container.mux(stream.encode(av.VideoFrame.from_ndarray(flat(0), "rgb24")))
        container.mux(stream.encode())
    made, _ = again(buffer.getvalue(), tmp_path / "made.mp4")
    with av.open(io.BytesIO(made)) as opened:
        assert opened.streams.video[0].sample_aspect_ratio == Fraction(4, 3)
    with Footage(turned(buffer.getvalue(), 90)) as footage:
        next(footage.shots())
        assert footage.aspect == Fraction(3, 4)


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


@contextmanager
def little_space(count: int):
    """No file of this process may grow beyond `count` bytes: a disk that is full."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (count, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


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
