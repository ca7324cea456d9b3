"""Videos that ask for more than there is: tracks, frames that are never shown, sizes, angles."""

import io
import re
import time
from fractions import Fraction
from types import SimpleNamespace

import av
import cv2
import numpy as np
import pytest
from PIL import Image

from ganfake import UserError, clip_io
from ganfake.clip_io import Footage
from ganfake.clips import check_video
from ganfake.containers import MANY_TRACKS
from ganfake.detect import check_file
from ganfake.frames import Reader
from ganfake.moving import LARGE
from tests.filming import head, scene, turned, video
from tests.judging import judged, patience

pytestmark = pytest.mark.usefixtures("judged", "patience")
DARK = np.uint8(head() * 0.3)


def tracks(count: int, kind: str) -> bytes:
    """A video of so many tracks of pictures, each a still."""
    codec, colours = ("mjpeg", "yuvj420p") if kind == "matroska" else ("png", "rgb24")
    buffer = io.BytesIO()
    with av.open(buffer, "w", format=kind) as file:
        streams = [file.add_stream(codec, rate=10) for _ in range(count)]
        for stream in streams:
            stream.width, stream.height, stream.pix_fmt = 64, 64, colours
        for number in range(3):
            for stream in streams:
                frame = av.VideoFrame.from_ndarray(np.full((64, 64, 3), 40 * number, np.uint8))
                frame.pts = number
                file.mux(stream.encode(frame))
        for stream in streams:
            file.mux(stream.encode())
    return buffer.getvalue()


@pytest.mark.parametrize("kind", ["mov", "avi", "matroska"])
def test_opening_decodes_a_frame_of_every_track_so_they_are_counted(kind):
    """Eight tracks, said to be of 64 pixels and in truth of 8,000, took five gigabytes."""
    assert check_file(tracks(4, kind)).error is None, "more than a phone's video has"
    assert check_file(tracks(5, kind)).error == MANY_TRACKS
    assert check_file(tracks(40, kind)).error == MANY_TRACKS


def test_frames_that_are_never_shown_are_not_decoded_for_ever():
    reader, asked = Reader(video([scene()]), time.monotonic() + 300), []

    def decode():
        asked.append(1)
        if len(asked) == 5:
            reader._deadline = time.monotonic() - 1
        return []

    endless = iter(lambda: SimpleNamespace(decode=decode), None)
    assert list(reader._steady(SimpleNamespace(demux=lambda stream: endless), None)) == []
    assert len(asked) == 5 and reader.late


def test_a_swap_does_not_wait_for_them_either():
    asked = []
    with Footage(video([scene()])) as footage:
        opened, stream = footage._opened, footage._stream
        packet = SimpleNamespace(decode=lambda: asked.append(1) or [], stream=stream)
        footage._opened = SimpleNamespace(demux=lambda wanted: iter(lambda: packet, None))
        assert list(footage._frames(None)) == [] and len(asked) < 1000
        footage._opened = opened


def test_a_gif_that_grows_is_refused_before_it_is_large():
    parts = []
    for size in ((64, 64), (5000, 8)):
        buffer = io.BytesIO()
        Image.new("L", size).save(buffer, "GIF")
        parts.append(buffer.getvalue())
    block = re.search(rb"\x2c\0\0\0\0" + re.escape(np.uint16((5000, 8)).tobytes()), parts[1])
    with pytest.raises(UserError, match=LARGE):
        check_video(parts[0][:-1] + parts[1][block.start() :])


def calls(*sizes: tuple[int, int]) -> bytes:
    """A recorded call: the same scene in frames of one size after the other."""
    buffer, at = io.BytesIO(), 0
    with av.open(buffer, "w", format="webm") as file:
        stream = file.add_stream("libvpx", rate=10)
        stream.width, stream.height = sizes[0]
        for width, height in sizes:
            encoder = av.CodecContext.create("libvpx", "w")
            encoder.width, encoder.height, encoder.pix_fmt = width, height, "yuv420p"
            encoder.time_base, encoder.framerate = Fraction(1, 10), Fraction(10)
            shown = cv2.resize(scene((DARK, 100, 40)), (width, height))
            packets = []
            for number in range(4):
                frame = av.VideoFrame.from_ndarray(shown).reformat(format="yuv420p")
                frame.pts, frame.time_base = number, Fraction(1, 10)
                packets += encoder.encode(frame)
            for packet in [*packets, *encoder.encode(None)]:
                packet.stream, packet.time_base = stream, Fraction(1, 10)
                packet.pts = packet.dts = at
                at += 1
                file.mux(packet)
    return buffer.getvalue()


def test_frames_larger_than_was_said_have_a_budget(monkeypatch):
    content = calls((320, 180), (640, 360))
    with Footage(content) as footage:
        assert footage.pixels() == 8 * 320 * 180
    monkeypatch.setattr(clip_io, "_MOST_GROWN", 4 * (640 * 360 - 320 * 180))
    with Footage(content) as footage:
        assert len(list(footage.shots())) == 8
    monkeypatch.setattr(clip_io, "_MOST_GROWN", 4 * (640 * 360 - 320 * 180) - 1)
    with Footage(content) as footage, pytest.raises(UserError, match="one size"):
        list(footage.shots())


@pytest.mark.parametrize("sizes", [((320, 180), (640, 360)), ((640, 360), (320, 180))])
def test_boxes_are_in_the_frame_that_is_named_where_frames_change_their_size(sizes):
    width, height = sizes[0]
    clip = check_video(calls(*sizes))
    assert (clip.width, clip.height) == (width, height)
    [person] = clip.persons
    assert len(person.times) == 8, "it is one person all the time"
    x0, y0, x1, y1 = np.divide(person.box, [width, height] * 2)
    centre = (100 + 100) / 640, (40 + 100) / 360
    assert np.abs(np.subtract([(x0 + x1) / 2, (y0 + y1) / 2], centre)).max() < 0.15
    assert all(0 <= edge <= 1 for edge in (x0, y0, x1, y1))


def test_a_matrix_that_states_no_angle_turns_nothing():
    content = bytearray(turned(video([scene((DARK, 100, 40))] * 3), 90))
    place = content.index(b"tkhd") + 4 + 40
    content[place : place + 36] = bytes(36)
    clip = check_video(bytes(content))
    assert (clip.width, clip.height) == (640, 360) and len(clip.persons) == 1
