"""The few EXIF fields that tell where a picture comes from (CIPA DC-008, TIFF 6.0).

A reader of our own, because the usual ones decode all that a hostile file claims to hold: this
one looks up a handful of fields by number, so that its work is bounded by the number of entries
and not by what they promise. Of the position only the presence is looked at.
"""

import struct
from dataclasses import dataclass

MAX_FIELD = 8192  # bytes of one text that are read; the rest of it is not
_MAX_ENTRIES = 500  # of one directory; cameras write some dozens
_MAKE, _MODEL, _ORIENTATION, _SOFTWARE, _DESCRIPTION = 0x10F, 0x110, 0x112, 0x131, 0x10E
_THUMBNAIL, _THUMBNAIL_LENGTH = 0x201, 0x202
_DETAILS, _PLACE = 0x8769, 0x8825
_TAKEN, _EXPOSURE, _APERTURE, _ISO, _COMMENT = 0x9003, 0x829A, 0x829D, 0x8827, 0x9286
_LATITUDE, _LATITUDE_SIDE = 2, 1
_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 7: 1, 13: 4}  # bytes of a value, by the type's number


@dataclass(frozen=True)
class Exif:
    """Texts as they stand in the file, cut; "" and False where there is nothing."""

    make: str = ""
    model: str = ""
    taken: str = ""  # "2024:05:01 12:00:00"
    exposure: bool = False  # whether time, aperture or sensitivity is noted
    place: bool = False  # whether it says where it was taken
    software: str = ""
    description: str = ""
    comment: str = ""
    orientation: int = 1
    thumbnail: bytes = b""  # a JPEG file


def read_exif(block: bytes) -> Exif:
    """The fields of an EXIF block, or of a TIFF file; empty where it is damaged."""
    block = block.removeprefix(b"Exif\x00\x00")
    if block[:4] not in (b"II*\x00", b"MM\x00*"):
        return Exif()
    order = "<" if block[:2] == b"II" else ">"
    (start,) = struct.unpack_from(order + "I", block.ljust(8, b"\x00"), 4)
    main, following = _directory(block, order, start)
    details, _ = _directory(block, order, _number(main, _DETAILS))
    place, _ = _directory(block, order, _number(main, _PLACE))
    small, _ = _directory(block, order, following)
    at, length = _number(small, _THUMBNAIL), _number(small, _THUMBNAIL_LENGTH)
    turned = _number(main, _ORIENTATION)
    return Exif(
        make=_text(main, _MAKE),
        model=_text(main, _MODEL),
        taken=_text(details, _TAKEN),
        exposure=any(tag in details for tag in (_EXPOSURE, _APERTURE, _ISO)),
        place=_LATITUDE in place and _LATITUDE_SIDE in place,
        software=_text(main, _SOFTWARE),
        description=_text(main, _DESCRIPTION),
        comment=_comment(details.get(_COMMENT, (0, b""))[1], order),
        orientation=turned if 1 <= turned <= 8 else 1,
        thumbnail=block[at : at + length] if at and length < 2**17 else b"",
    )


def _directory(block: bytes, order: str, start: int) -> tuple[dict[int, tuple], int]:
    """{tag: (type and byte order, bytes)} of one directory, and where the next one starts."""
    if start < 8 or start + 2 > len(block):
        return {}, 0
    (count,) = struct.unpack_from(order + "H", block, start)
    entries: dict[int, tuple] = {}
    for i in range(min(count, _MAX_ENTRIES)):
        at = start + 2 + 12 * i
        if at + 12 > len(block):
            return entries, 0
        tag, kind, number = struct.unpack_from(order + "HHI", block, at)
        length = _SIZES.get(kind, 0) * number
        where = at + 8
        if length > 4:
            (where,) = struct.unpack_from(order + "I", block, at + 8)
        value = block[where : where + min(length, MAX_FIELD)]
        if value:
            entries.setdefault(tag, (order + str(kind), value))
    end = start + 2 + 12 * count
    following = struct.unpack_from(order + "I", block, end)[0] if end + 4 <= len(block) else 0
    return entries, following


def _number(entries: dict[int, tuple], tag: int) -> int:
    kind, value = entries.get(tag, ("", b""))
    form = {"3": "H", "4": "I", "13": "I"}.get(kind[1:])
    if form is None or len(value) < struct.calcsize(form):
        return 0
    return struct.unpack_from(kind[0] + form, value)[0]


def _text(entries: dict[int, tuple], tag: int) -> str:
    kind, value = entries.get(tag, ("", b""))
    return value.split(b"\x00")[0].decode("utf-8", "replace").strip() if kind[1:] == "2" else ""


def _comment(value: bytes, order: str) -> str:
    """A user's comment: 8 bytes name its characters."""
    name, value = value[:8], value[8:]
    if name.startswith(b"UNICODE"):
        # The standard leaves the byte order open; text has zeros where its high bytes are.
        big = value[0::2].count(0) > value[1::2].count(0) if any(value) else order == ">"
        return value.decode("utf-16-be" if big else "utf-16-le", "replace").strip("\x00 ")
    return value.decode("utf-8", "replace").strip("\x00 ")
