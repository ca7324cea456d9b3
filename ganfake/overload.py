"""Pictures whose description alone would take minutes or gigabytes to read, turned away.

Pillow reads all that stands before the pixels, and whatever a hostile file claims there: a JPEG of
3 MB whose EXIF names the same megabytes forty thousand times takes 100 GB, and a comment of a GIF
is copied anew for each bit of it. Here the parts are only counted, before Pillow sees them.
"""

import re
import struct
from collections.abc import Iterator

from PIL import Image

from ganfake import UserError

OVERLOADED = "This file has far more parts or notes than a picture needs; save it anew as a PNG."
PLANAR = "This TIFF keeps 16-bit colours apart, which cannot be read; save it as a PNG or JPEG."

_MOST_SEGMENTS = 2000  # of a JPEG; 40 MB of colour profile are some 600
_MOST_SCANS = 100  # of a JPEG; programs make up to some 20
_MOST_RESOURCES = 10_000  # of Photoshop, in a JPEG
_MOST_JUNK = 2**16  # bytes between the parts of a JPEG or GIF
_MOST_BLOCKS = 500_000  # of up to 255 bytes, in a GIF
_MOST_COMMENTS, _MOST_COMMENT = 1000, 2**18  # of a GIF, and their bytes
_MOST_CHUNKS, _MOST_PROFILES = 200_000, 8  # of a PNG
_MOST_ENTRIES, _MOST_NUMBERS = 10_000, 2**19  # of directories of a TIFF or of EXIF
_MOST_STRIPS = 2**16  # or tiles of a TIFF
_LARGE_TILE = 2**22  # pixels, that may be larger than the picture
_MOST_RUNS = 4 * 2**20  # pixels, or bytes, of a BMP in runs, which Pillow reads one by one
_MARKER = re.compile(rb"\xff[\x01-\xcf\xd8-\xfe]")  # of a JPEG, among its coded pixels
_BARE = (0x01, *range(0xD0, 0xDA))  # markers that have no length
_PROGRESSIVE = (0xC2, 0xC6, 0xCA, 0xCE)
# Bytes of a value by its type, in TIFF 6.0 and BigTIFF; of a text Pillow makes one object.
_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4, 16: 8}
_TEXTS = (1, 2, 7)
_WHOLE = {3: "H", 4: "I", 8: "H", 9: "I", 13: "I", 16: "Q"}  # types of whole numbers
_STRIPS = (0x111, 0x144)  # where strips, or tiles, begin
_POINTERS = (0x8769, 0x8825, 0xA005)  # to the directories of EXIF
_SLACK = 4096  # bytes


def check_parts(content: bytes) -> None:
    """UserError when a picture file has more parts, or claims more data in them, than is sane.

    Says nothing of whether the file is whole; of WebP, HEIC and AVIF nothing at all.
    """
    for start, is_sane in _CHECKS.items():
        if content.startswith(start) and not is_sane(content):
            raise UserError(OVERLOADED)


# -- JPEG ----------------------------------------------------------------------------
def _is_sane_jpeg(content: bytes) -> bool:
    exif, frame, number, end, junk, resources = b"", 0, b"", 2, 0, 0
    for count, (marker, start, after) in enumerate(_segments(content, 2)):
        junk, end = junk + start - 4 - end, after
        if marker == 0xED:
            resources += content.count(b"8BIM", start, end)
        if count > _MOST_SEGMENTS or junk > _MOST_JUNK or resources > _MOST_RESOURCES:
            return False
        if marker == 0xDA:
            one = frame not in _PROGRESSIVE and content[start : start + 1] == number
            return (one or _has_few_scans(content, end)) and _is_sane_directory(exif)
        if marker == 0xE1 and content.startswith(b"Exif\0\0", start):
            exif += content[start + 6 : end]
        several = marker == 0xE2 and content.startswith(b"MPF\0", start)  # pictures in one file
        if several and not _is_sane_directory(content[start + 4 : end]):
            return False
        if 0xC0 <= marker < 0xD0 and marker not in (0xC4, 0xC8, 0xCC):
            frame, number = marker, content[start + 5 : start + 6]  # of its components
    return len(content) - end <= _MOST_JUNK


def _segments(content: bytes, at: int) -> Iterator[tuple[int, int, int]]:
    """(marker, where its content begins, where it ends) of each segment that has a length."""
    while found := _MARKER.search(content, at):
        marker, start = content[found.end() - 1], found.end() + 2
        at = found.end()
        if marker not in _BARE:
            at = start - 2 + int.from_bytes(content[start - 2 : start], "big")
            yield marker, start, at


def _has_few_scans(content: bytes, at: int) -> bool:
    scans = 1
    for count, (marker, *_) in enumerate(_segments(content, at)):
        scans += marker == 0xDA
        if scans > _MOST_SCANS or count > _MOST_SEGMENTS:
            return False
    return True


# -- GIF -----------------------------------------------------------------------------
def _is_sane_gif(content: bytes) -> bool:
    at, junk, comments, noted, blocks = 13 + _palette(content, 10), 0, 0, 0, 0
    while at + 2 < len(content) and content[at] != 0x3B:
        kind, label = content[at], content[at + 1]
        if kind == 0x21:
            at += 2
        elif kind == 0x2C:
            at += 11 + _palette(content, at + 9)
        else:
            at, junk = at + 1, junk + 1
            if junk > _MOST_JUNK:
                return False
            continue
        begun = at
        while at < len(content) and content[at]:
            at, blocks = at + 1 + content[at], blocks + 1
        at, blocks = at + 1, blocks + 1
        if kind == 0x21 and label == 0xFE:
            comments, noted = comments + 1, noted + at - begun
        if blocks > _MOST_BLOCKS or comments > _MOST_COMMENTS or noted > _MOST_COMMENT:
            return False
    return True


def _palette(content: bytes, at: int) -> int:
    """Bytes of the palette that the flags at a place announce."""
    flags = content[at] if at < len(content) else 0
    return 6 << (flags & 7) if flags & 128 else 0


# -- PNG, BMP ------------------------------------------------------------------------
def _is_sane_png(content: bytes) -> bool:
    at, profiles = 8, 0
    for _ in range(_MOST_CHUNKS):
        profiles += content[at + 4 : at + 8] == b"iCCP"
        at += 12 + int.from_bytes(content[at : at + 4], "big")
        if at >= len(content) or profiles > _MOST_PROFILES:
            return profiles <= _MOST_PROFILES
    return False


def _is_sane_bmp(content: bytes) -> bool:
    _, size, width, height, _, _, how = struct.unpack_from("<IIiiHHI", content.ljust(34, b"\0"), 10)
    in_runs = size >= 40 and how in (1, 2)
    return not in_runs or max(abs(width * height), len(content)) <= _MOST_RUNS


# -- TIFF and EXIF -------------------------------------------------------------------
def _is_sane_directory(block: bytes) -> bool:
    """Whether the directories of a TIFF, or of EXIF, claim about what the block can hold."""
    order, large = "<" if block[:2] == b"II" else ">", b"+" in block[2:4]
    entry = struct.Struct(order + ("HHQQ" if large else "HHII"))
    at, waiting, held, numbers, entries = (8 if large else 4), [], 0, 0, 0
    waiting += _unpacked(block, order + ("Q" if large else "I"), at)
    for at in waiting:  # it grows
        lengths = _unpacked(block, order + ("Q" if large else "H"), at)
        at += 8 if large else 2
        length = min(*lengths, (len(block) - at) // entry.size) if lengths else 0
        entries += length
        if entries > _MOST_ENTRIES or len(waiting) > 2 * len(_POINTERS):
            return False
        for place in range(at, at + length * entry.size, entry.size):
            tag, kind, count, _ = entry.unpack_from(block, place)
            size = _SIZES.get(kind, 0) * count
            if size > len(block):  # of which Pillow finds too little, and reads none
                continue
            if tag in _STRIPS and count > _MOST_STRIPS:
                return False
            held, numbers = held + size, numbers + (kind not in _TEXTS) * count
            if tag in _POINTERS and kind in _WHOLE:
                waiting += _unpacked(
                    block, order + _WHOLE[kind], place + entry.size - (8 if large else 4)
                )
    return held <= 2 * len(block) + _SLACK and numbers <= _MOST_NUMBERS


def _unpacked(block: bytes, form: str, at: int) -> list[int]:
    """One number at a place, in a list; an empty one beyond the end."""
    inside = 0 <= at <= len(block) - struct.calcsize(form)
    return list(struct.unpack_from(form, block, at)) if inside else []


_CHECKS = {
    b"\xff\xd8\xff": _is_sane_jpeg, b"GIF8": _is_sane_gif, b"\x89PNG\r\n\x1a\n": _is_sane_png,
    b"BM": _is_sane_bmp, b"II": _is_sane_directory, b"MM": _is_sane_directory,
}  # fmt: skip


# -- TIFF, opened --------------------------------------------------------------------
def check_tiff(picture: Image.Image) -> None:
    """UserError for an opened TIFF that is not decoded as what it is, or with far more memory.

    Pillow takes each byte of deep planes for a pixel; a tile is decoded whole, however little of
    it the picture needs.
    """
    tags = picture.tag_v2
    bits, apart = tags.get(258, (1,)), tags.get(284) == 2
    if apart and len(bits) > 1 and max(bits) > 8:
        raise UserError(PLANAR)
    tile = [tags.get(tag, 0) for tag in (322, 323)]  # its width and length
    width, height = (side[0] if isinstance(side, tuple) else side for side in tile)
    if width * height > max(_LARGE_TILE, 4 * picture.width * picture.height):
        raise UserError(OVERLOADED)
