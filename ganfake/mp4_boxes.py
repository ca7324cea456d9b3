"""The boxes that an MP4 or MOV file is made of, as far as a mark needs them.

A file is a row of boxes: 4 bytes of size, 4 of type, then the content (ISO/IEC 14496-12,
4.2). XMP is the content of one `uuid` box of the top row in MP4, and of `moov/udta/XMP_` in
QuickTime's MOV (XMP specification part 3, "MPEG-4" and "MOV (QuickTime)").
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import BinaryIO

from ganfake import UserError

XMP_UUID = bytes.fromhex("BE7ACFCB97A942E89C71999491E3AFAC")
_MAX_BOXES = 100_000  # an hour in fragments has some thousands; a hostile file has millions
_MAX_UDTA = 8  # a movie has one, programs that add to it now and then a second
# HEIC and AVIF are boxes too, but pictures.
_PICTURES = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs",
             b"mif1", b"mif2", b"msf1", b"miaf", b"avif", b"avis"}  # fmt: skip


@dataclass(frozen=True)
class Box:
    """One box of the top row: where it starts, where its content starts, where it ends."""

    kind: bytes
    start: int
    content: int
    end: int
    declared: int  # the size its header says; 0 means to the end of the file


def is_movie(start: bytes) -> bool:
    """Whether a file that starts with these bytes (12 are enough) is an MP4 or MOV."""
    return start[4:8] == b"ftyp" and len(start) >= 12 and start[8:12] not in _PICTURES


def top_boxes(file: BinaryIO, within: Box | None = None) -> Iterator[Box]:
    """The boxes of the top row, in order; ends at the first that is cut off or impossible.

    Reads the headers alone, however long the file is. within: a box whose row it is instead.
    """
    length = within.end if within else file.seek(0, 2)
    position = within.content if within else 0
    for _ in range(_MAX_BOXES):
        file.seek(position)
        header = file.read(min(16, length - position))
        if len(header) < 8:
            return
        declared, kind = struct.unpack(">I4s", header[:8])
        size, content = declared, position + 8
        if declared == 1:  # the size follows in 64 bits
            if len(header) < 16:
                return
            (size,), content = struct.unpack(">Q", header[8:]), position + 16
        elif declared == 0:
            size = length - position
        if size < content - position or position + size > length:
            return
        yield Box(kind, position, content, position + size, declared)
        position += size


def _is_xmp(file: BinaryIO, box: Box) -> bool:
    if box.kind != b"uuid":
        return False
    file.seek(box.content)
    return file.read(min(16, box.end - box.content)) == XMP_UUID


def read_xmp(file: BinaryIO, limit: int) -> bytes | None:
    """The XMP packet of a movie; None when there is none, or one of over `limit` bytes."""
    moov = None
    for box in top_boxes(file):
        if _is_xmp(file, box):
            return _content(file, box.content + 16, box.end, limit)
        if box.kind == b"moov" and not moov:
            moov = box
    for data in islice(_of_kind(file, moov, b"udta") if moov else (), _MAX_UDTA):
        for box in _of_kind(file, data, b"XMP_"):
            return _content(file, box.content, box.end, limit)
    return None


def _of_kind(file: BinaryIO, within: Box, kind: bytes) -> Iterator[Box]:
    return (box for box in top_boxes(file, within) if box.kind == kind)


def _content(file: BinaryIO, start: int, end: int, limit: int) -> bytes | None:
    if end - start > limit:
        return None
    file.seek(start)
    return file.read(end - start)


def append_xmp(file: BinaryIO, packet: bytes) -> None:
    """Add a packet at the end of a movie open for reading and writing, instead of any older.

    Nothing else moves, so the movie's own tables of offsets stay right. Raises UserError
    when the file is no whole movie.
    """
    file.seek(0)
    boxes = list(top_boxes(file)) if is_movie(file.read(12)) else []
    length = file.seek(0, 2)
    if b"moov" not in {box.kind for box in boxes} or boxes[-1].end != length:
        raise UserError("This is no whole MP4 video; make or download it again.")
    for box in boxes:
        if _is_xmp(file, box):  # its bytes become free space
            file.seek(box.start + 4)
            file.write(b"free")
    last = boxes[-1]
    if last.declared == 0:  # it reached to the end, and would swallow the new box
        size = length - last.start
        if size >= 2**32:
            raise UserError("The video is over 4 GB; make a shorter one.")
        file.seek(last.start)
        file.write(struct.pack(">I", size))
    file.seek(length)
    file.write(struct.pack(">I", 24 + len(packet)) + b"uuid" + XMP_UUID + packet)
