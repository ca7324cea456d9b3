"""A part of a video that cannot be read is said to be; what is merely odd is not."""

import functools
import io
import tempfile
import time
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from ganfake import clips, damage
from ganfake.clips import ANIMATED, BROKEN, check_video
from ganfake.detect import check_file
from ganfake.frames import Reader
from ganfake.moving import Moving
from tests.filming import head, scene, video
from tests.judging import judged
from tests.swapping import beeping
from tests.test_moving import animation
from tests.test_provenance import box

DARK = np.uint8(head() * 0.3)
KINDS = {"mp4": "libx264", "mov": "mpeg4", "matroska": "libx264", "webm": "libvpx", "avi": "mpeg4",
         "mpegts": "libx264"}  # fmt: skip


def noise(count: int, size: tuple[int, int] = (160, 96)) -> list[np.ndarray]:
    """Frames of which each takes many bytes."""
    rng = np.random.default_rng(0)
    return list(rng.integers(0, 256, (count, size[1], size[0], 3), np.uint8))


@functools.cache
def noisy(kind: str, gop: int = 250) -> bytes:
    """A whole film of noise."""
    film = video(noise(60), kind=kind, codec=KINDS[kind], gop=gop)
    return at_the_front(film, kind) if kind in ("mp4", "mov") else film


def broken(content: bytes) -> bool:
    reader = Reader(content, time.monotonic() + 300)
    assert list(reader.frames())
    return reader.broken


def at_the_front(content: bytes, kind: str = "mp4") -> bytes:
    """The MP4 with its description first, as of a file whose sending may break off."""
    with tempfile.TemporaryDirectory() as folder:
        path, options = Path(folder) / "a.mp4", {"movflags": "faststart"}
        with (
            av.open(io.BytesIO(content)) as given,
            av.open(str(path), "w", format=kind, options=options) as made,
        ):
            stream = made.add_stream_from_template(given.streams.video[0])
            for packet in given.demux(video=0):
                if packet.dts is not None:
                    packet.stream = stream
                    made.mux(packet)
        return path.read_bytes()


def with_damage(content: bytes, how: str, share: float = 0.5) -> bytes:
    """The file from a share of it on cut off, or but for its last bytes lost."""
    at, end = int(len(content) * share), int(len(content) * 0.95)
    lost = {"cut": b"", "zeros": bytes(end - at), "noise": np.random.default_rng(1).bytes(end - at)}
    return content[:at] + lost[how] + (b"" if how == "cut" else content[end:])


# -- damaged -------------------------------------------------------------------------
@pytest.mark.parametrize("how", ["cut", "zeros", "noise"])
@pytest.mark.parametrize("gop", [250, 1])
@pytest.mark.parametrize("kind", KINDS)
def test_half_of_a_file_is_missed(kind, gop, how):
    film = noisy(kind, gop)
    assert not broken(film) and broken(with_damage(film, how))


@pytest.mark.parametrize(("kind", "sound"), [("matroska", "aac"), ("avi", "libmp3lame")])
def test_a_part_in_the_middle_is_missed(kind, sound):
    film = beeping(noise(200), kind=kind, sound=sound)
    at, end = len(film) * 4 // 10, len(film) * 6 // 10
    assert not broken(film) and broken(film[:at] + bytes(end - at) + film[end:])


def test_a_file_cut_between_two_frames_is_missed():
    with av.open(io.BytesIO(film := noisy("matroska"))) as opened:
        places = [packet.pos for packet in opened.demux(video=0) if packet.size]
    assert broken(film[: places[30] - 6])  # before the head of its block


@pytest.mark.parametrize("kind", ["GIF", "PNG"])
def test_a_cut_animation_is_missed(kind):
    content = animation(kind, noise(9))
    for share, said in ((0.6, True), (1, False)):
        reader = Moving(content[: int(len(content) * share)], time.monotonic() + 300)
        assert list(reader.frames()) and reader.broken == said


@pytest.mark.usefixtures("judged")
def test_the_verdict_says_so(monkeypatch):
    monkeypatch.setattr(clips, "_LOOKING", 300.0)
    film = at_the_front(video(scene((DARK, 3 * i, 40)) for i in range(40)))
    checked = check_file(with_damage(film, "zeros"))
    assert checked.faces and checked.clip.note == BROKEN and BROKEN in checked.as_dict()["reason"]
    pictures = [scene((DARK, 9 * i, 40)) for i in range(6)]
    content = animation("GIF", pictures)
    assert check_video(content[: len(content) // 2]).note == f"{ANIMATED} {BROKEN}"


# -- odd, but whole ------------------------------------------------------------------
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "times",
    [[0], [0, 9], [*np.arange(0, 1, 0.04), 20], [0, 0.5, 0.6, 7, 7.1, 30, 31], [5, 5.04, 5.08]],
    ids=["one", "two", "the last late", "any distance", "a late start"],
)
def test_frames_at_any_time_are_no_damage(kind, times):
    assert not broken(video(noise(len(times)), times, kind, KINDS[kind]))


@pytest.mark.parametrize("kind", ["mp4", "mov", "matroska", "flv", "mpegts", "avi"])
@pytest.mark.parametrize("seconds", [0.5, 6])
def test_sound_of_another_length_is_no_damage(kind, seconds):
    sound = "libmp3lame" if kind == "avi" else "aac"
    assert not broken(beeping(noise(30), seconds=seconds, kind=kind, sound=sound))


def still_at_the_end(kind: str, seconds: float) -> bytes:
    """A video of which the last frame is shown for long, as its packet says."""
    buffer = io.BytesIO()
    with av.open(buffer, "w", format=kind) as container:
        stream = container.add_stream("libx264", rate=25)
        stream.width, stream.height, stream.pix_fmt = 160, 96, "yuv420p"
        stream.codec_context.max_b_frames = 0
        packets = []
        for number, pixels in enumerate(noise(20)):
            frame = av.VideoFrame.from_ndarray(pixels, "rgb24")
            frame.pts, frame.time_base = number, Fraction(1, 25)
            packets += stream.encode(frame)
        packets += stream.encode()
        packets[-1].duration = round(seconds / packets[-1].time_base)
        container.mux(packets)
    return buffer.getvalue()


@pytest.mark.parametrize("kind", ["mp4", "matroska", "flv"])
def test_a_last_frame_that_stays_is_no_damage(kind):
    assert not broken(still_at_the_end(kind, 60))


@pytest.mark.parametrize("media", [0, 5 * 512])
def test_an_edit_list_is_no_damage(media):
    """Phones cut a video by an edit list: all frames are in the file, some are not shown."""
    film = video(noise(60))
    place = film.index(b"elst") + 4 + 4 + 4  # after version and number
    shown, begun = 1000, (media, film[place + 4 : place + 8])
    edit = shown.to_bytes(4, "big") + (begun[0].to_bytes(4, "big") if media else begun[1])
    assert not broken(film[:place] + edit + film[place + 8 :])


def test_two_recordings_joined_are_no_damage():
    one, other = (video(noise(30)[::step], kind="mpegts") for step in (1, -1))
    assert not broken(one + other)
    assert not broken(video(noise(90), kind="mpegts", gop=30)[188 * 400 :])  # begun in the middle


@pytest.mark.parametrize(
    "junk", [b"", bytes(4000), b"\0\0\xff\xffjunk" * 9, box(b"free", bytes(9))]
)
def test_what_stands_after_the_end_is_no_damage(junk):
    films = [noisy(kind) for kind in ("mp4", "matroska", "avi", "webm")]
    for film in (*films, video(noise(9))):  # an MP4 with its description first, and last
        assert not broken(film + junk)


def test_a_size_that_nobody_knew_is_no_damage():
    film = bytearray(video(noise(30), kind="matroska"))
    place = film.index(b"\x18\x53\x80\x67") + 4
    film[place : place + 8] = b"\x01" + b"\xff" * 7
    assert not broken(bytes(film))
    film = bytearray(video(noise(30), kind="avi", codec="mpeg4"))
    for size in (bytes(4), b"\xff" * 4):
        film[4:8] = size
        assert not broken(bytes(film))


def test_of_many_packets_few_places_are_kept():
    film = beeping(noise(100), kind="matroska")
    with av.open(io.BytesIO(film)) as opened:
        heard = damage.Damage(film, "matroska", opened)
        for packet in opened.demux():
            heard.hear(packet)
    assert len(heard._spans) == 1 and not heard.found(to_the_end=True)


@pytest.mark.parametrize("kind", ["mov", "matroska", "avi"])
def test_what_a_hostile_file_states_is_bounded(kind):
    rng = np.random.default_rng(3)
    for size in (0, 1, 5, 12, 40, 4000):
        content = rng.bytes(size)
        for start in (b"", b"\x1a\x45\xdf\xa3", b"\x1a\x45\xdf\xa3\x80\x18\x53\x80\x67", b"RIFF",
                      box(b"ftyp", b"isom") + b"\0\0\0\1mdat"):  # fmt: skip
            assert damage._is_cut(start + content, kind) in (True, False)
