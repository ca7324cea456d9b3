"""A movie of a few kilobytes whose tables stand for gigabytes is turned away; movies are not."""

import io
import struct
import time

import av
import pytest

from ganfake import UserError
from ganfake.clip_io import Footage
from ganfake.containers import DAMAGED
from ganfake.detect import check_file
from ganfake.frames import Reader
from ganfake.mp4_tables import are_sane
from tests.filming import head, scene, sound, video

HOLDERS = (b"moov", b"trak", b"mdia", b"minf", b"stbl", b"edts", b"moof", b"traf")


@pytest.fixture(scope="module")
def film() -> bytes:
    return video(scene((head(), 5 * i, 30)) for i in range(6))


def _with(film: bytes, kind: bytes, *numbers: int) -> bytes:
    """The film with other content in one box, and its holders as long as they then are."""
    at = film.index(kind) - 4
    size = int.from_bytes(film[at : at + 4], "big")
    content = struct.pack(f">{len(numbers)}I", *numbers)
    made = bytearray(film[:at] + struct.pack(">I", 8 + len(content)) + kind + content)
    made += film[at + size :]
    for holder in HOLDERS:
        place = film.find(holder) - 4
        if (
            place < 0
            or kind not in film[place : place + int.from_bytes(film[place : place + 4], "big")]
        ):
            continue
        length = int.from_bytes(film[place : place + 4], "big") + 8 + len(content) - size
        made[place : place + 4] = struct.pack(">I", length)
    return bytes(made)


def _refused(content: bytes) -> None:
    assert len(content) < 2_000_000
    assert not are_sane(content)
    with pytest.raises(UserError, match=DAMAGED):
        Reader(content, time.monotonic() + 1)
    with pytest.raises(UserError, match=DAMAGED):
        Footage(content)
    assert check_file(content).error == DAMAGED


def test_many_samples_of_one_size(film):
    many = 80_000_000
    bomb = _with(film, b"stsz", 0, 1, many)
    _refused(_with(_with(bomb, b"stsc", 0, 1, 1, many, 1), b"stts", 0, 1, many, 40))


def test_many_times(film):
    _refused(_with(film, b"stts", 0, 2, 60_000_000, 1, 60_000_000, 1))


def test_many_edits(film):
    _refused(_with(film, b"elst", 0, 50_000, *(240, 0, 65536) * 50_000))


def test_many_samples_of_a_fragment():
    buffer = io.BytesIO()
    options = {"movflags": "frag_keyframe+empty_moov+default_base_moof"}
    with av.open(buffer, "w", format="mp4", options=options) as file:
        stream = file.add_stream("libx264", rate=25)
        stream.width, stream.height, stream.pix_fmt = 640, 360, "yuv420p"
        for _ in range(3):
            file.mux(stream.encode(av.VideoFrame.from_ndarray(scene((head(), 9, 30)), "rgb24")))
        file.mux(stream.encode())
    whole = buffer.getvalue()
    assert are_sane(whole)
    _refused(_with(whole, b"trun", 1, 80_000_000, 0))


def test_movies_are_sane(film):
    assert are_sane(film)
    assert are_sane(film[: len(film) // 2])
    assert are_sane(sound("mov", "pcm_s16le", 60.0))  # 2.6 million samples, kept by chunks
