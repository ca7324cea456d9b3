"""What the description of an MP4 or MOV file, its `moov` box, says: its size and its origin.

Apple's and Google's programs keep the camera as keys and values in `moov/meta`, others as user
data in `moov/udta` under names that begin with © (QuickTime File Format Specification,
"Metadata" and "User data"). No frame is decoded, and of the position only the presence is
looked at. What a hostile file promises is bounded by the sizes and numbers below.
"""

import io
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import islice
from typing import BinaryIO

from ganfake.mp4_boxes import top_boxes
from ganfake.upright import shown_size

_MOST_MOOV = 64 * 2**20  # bytes of a movie's description
_MOST_BOXES = 1000  # that are looked at in one row
_MOST_DATA = 2**20  # bytes of the boxes with the origin; cameras write some hundred
_MOST_TEXT = 8192  # bytes of one value that are read
_MOST_KEYS = 200
# Which fact stands under which key of `meta`, or name in `udta`.
_FACTS = {
    b"com.apple.quicktime.make": "make", b"com.android.manufacturer": "make", b"\xa9mak": "make",
    b"com.apple.quicktime.model": "model", b"com.android.model": "model", b"\xa9mod": "model",
    b"com.apple.quicktime.software": "software", b"\xa9swr": "software",
    b"com.apple.quicktime.creationdate": "taken", b"\xa9day": "taken",
    b"com.apple.quicktime.location.ISO6709": "place", b"\xa9xyz": "place",
}  # fmt: skip


@dataclass(frozen=True)
class MovieInfo:
    """Texts as they stand in the file, cut; "", False and None where there is nothing."""

    size: tuple[int, int] | None = None  # width, height in pixels, as a person sees it
    make: str = ""
    model: str = ""
    taken: str = ""  # "2024-05-01T12:00:00+0200"
    place: bool = False  # whether it says where it was taken
    software: str = ""


def read_movie_info(file: BinaryIO) -> MovieInfo:
    """What the first `moov` of a movie says; empty where there is none or it is damaged."""
    for moov in _inside(file, b"moov", 1, _MOST_MOOV):
        found = _origin(moov)
        place = bool(found.pop("place", ""))
        return MovieInfo(size=_size(moov), place=place, **found)
    return MovieInfo()


def _size(moov: bytes) -> tuple[int, int] | None:
    """(width, height) of the first track that has some (ISO/IEC 14496-12, 8.3.2)."""
    for track in _inside(io.BytesIO(moov), b"trak", 8, _MOST_MOOV):
        for header in _inside(io.BytesIO(track), b"tkhd", 1, _MOST_DATA):
            # Matrix and size end the box; the size is in 1/65536 pixels.
            width, _, height, _ = struct.unpack(">4H", header[-8:].rjust(8, b"\x00"))
            if len(header) >= 84 and width and height:
                # Programs differ in whether it is as stored or as shown; where the shape of a
                # pixel is said, players go by that.
                width, height = _by_pixels(track) or (width, height)
                turned = header[-44:-40] == bytes(4)  # the matrix swaps the sides
                return (height, width) if turned else (width, height)
    return None


def _by_pixels(track: bytes) -> tuple[int, int] | None:
    """(width, height) by the stored size and the shape of a pixel (8.5.2, 12.1.4)."""
    rows = [track]
    for kind in (b"mdia", b"minf", b"stbl", b"stsd"):
        rows = [found for row in rows for found in _inside(io.BytesIO(row), kind, 1, _MOST_MOOV)]
    for _, entry in islice(_row(rows[0][8:]), 1) if rows else ():
        for shape in _inside(io.BytesIO(entry[78:]), b"pasp", 1, 8):
            across, down = struct.unpack(">2I", shape.rjust(8, b"\x00"))
            width, height = struct.unpack(">2H", entry[24:28])
            if across and down and width and height:
                return shown_size(width, height, Fraction(across, down))
    return None


def _origin(moov: bytes) -> dict[str, str]:
    """{fact: text} of the description; where two places state a fact, the first counts."""
    found: dict[str, str] = {}
    for name, text in _statements(moov):
        if name in _FACTS and text:
            found.setdefault(_FACTS[name], text)
    return found


def _statements(moov: bytes) -> Iterator[tuple[bytes, str]]:
    """(key or name, text) from `meta` and `udta`, and from a `meta` in `udta`."""
    for meta in _inside(io.BytesIO(moov), b"meta", 1, _MOST_DATA):
        yield from _values(meta)
    for data in _inside(io.BytesIO(moov), b"udta", 1, _MOST_DATA):
        for name, content in _row(data):
            if name[:1] == b"\xa9":
                # Of two bytes each: how long the text is, and its language.
                length = int.from_bytes(content[:2], "big")
                yield name, _text(content[4 : 4 + length])
            elif name == b"meta":
                yield from _values(content)


def _values(meta: bytes) -> Iterator[tuple[bytes, str]]:
    """(key, text) of a `meta` box: `ilst` holds the values, by the numbers of the `keys`.

    Without `keys` it is iTunes' kind, in which a date is that of publishing.
    """
    # In MP4 four zeros stand before the first box, in MOV they do not.
    row = meta[4:] if meta[:4] == bytes(4) else meta
    keys = [key for content in _inside(io.BytesIO(row), b"keys", 1, _MOST_DATA)
            for key in _keys(content)]  # fmt: skip
    for values in _inside(io.BytesIO(row), b"ilst", 1, _MOST_DATA):
        for name, content in _row(values):
            number = int.from_bytes(name, "big")
            if not 0 < number <= len(keys):
                continue
            for data in _inside(io.BytesIO(content), b"data", 1, _MOST_DATA):
                kind = int.from_bytes(data[:4], "big")
                if kind in (1, 2):  # text, in UTF-8 or UTF-16
                    yield keys[number - 1], _text(data[8:], "utf-8" if kind == 1 else "utf-16-be")


def _keys(content: bytes) -> list[bytes]:
    """The names in a `keys` box: after 8 bytes, each with its length and a kind before it."""
    keys, at = [], 8
    while at + 8 <= len(content) and len(keys) < _MOST_KEYS:
        length = int.from_bytes(content[at : at + 4], "big")
        if length < 8:
            break
        keys.append(content[at + 8 : at + min(length, _MOST_TEXT)])
        at += length
    return keys


def _text(value: bytes, encoding: str = "utf-8") -> str:
    return value[:_MOST_TEXT].decode(encoding, "replace").strip("\x00 ")


def _row(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    """(kind, content) of each box of a row."""
    for box in islice(top_boxes(io.BytesIO(content)), _MOST_BOXES):
        yield box.kind, content[box.content : box.end]


def _inside(file: BinaryIO, kind: bytes, most: int, limit: int) -> list[bytes]:
    """The contents of the first `most` boxes of one kind that have no more than `limit` bytes."""
    found = []
    for box in islice(top_boxes(file), _MOST_BOXES):
        if box.kind == kind and box.end - box.content <= limit:
            file.seek(box.content)
            found.append(file.read(box.end - box.content))
            if len(found) == most:
                break
    return found
