"""All frames of a clip read and written again: number, times, sound, size, turn."""

import io
from fractions import Fraction

import av
import numpy as np
import pytest

from ganfake.clip_io import Footage
from tests.filming import turned, video
from tests.swapping import EVENTS, again, beeping, beeps, flashes, flat, pictures_of, times_of


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
