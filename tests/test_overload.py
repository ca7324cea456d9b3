"""Small files whose description would cost minutes or gigabytes: one sentence, at once."""

import io
import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from ganfake import UserError
from ganfake.fileinfo import file_facts
from ganfake.images import open_picture
from ganfake.overload import OVERLOADED, check_parts
from tests import odd_files
from tests.filming import HEAD

SIZE = HEAD.shape[1::-1]
JPEG, GIF, PNG = (odd_files.picture(kind) for kind in ("JPEG", "GIF", "PNG"))
BARE = JPEG[:2] + JPEG[20:]  # without JFIF's resolution, which Pillow then looks for in the EXIF
GIF_AT, PNG_AT = GIF.index(b"\x2c\0\0\0\0"), PNG.index(b"IDAT") - 4


def _segment(marker: int, content: bytes) -> bytes:
    return struct.pack(">BBH", 255, marker, len(content) + 2) + content


def _directory(count: int, size: int, kind: int = 7, unit: int = 1, first=(), order="<") -> bytes:
    """A TIFF's one directory: entries that all claim the same `size` bytes."""
    entries = [*first, *((1000 + i, kind, size // unit, 0) for i in range(count))]
    rows = b"".join(struct.pack(order + "HHII", *entry) for entry in entries)
    start = b"II*\0" if order == "<" else b"MM\0*"
    return start + struct.pack(order + "IH", 8, len(entries)) + rows + bytes(4)


def _exif(block: bytes) -> bytes:
    parts = [block[i : i + 65_000] for i in range(0, len(block), 65_000)]
    return BARE[:2] + b"".join(_segment(0xE1, b"Exif\0\0" + p) for p in parts) + BARE[2:]


def _nested(order: str) -> bytes:
    """A block whose main directory leads to one that claims too much."""
    inner = _directory(500, 20_000, order=order)[8:]
    return _directory(0, 0, first=[(0x8769, 4, 1, 26)], order=order) + inner + bytes(20_000)


def _scans(count: int) -> bytes:
    """A progressive JPEG in which one scan comes again and again."""
    whole = odd_files.picture("JPEG", progressive=True)
    begin = whole.rindex(b"\xff\xda")
    return whole[:begin] + whole[begin:-2] * count + whole[-2:]


def _strips(count: int) -> bytes:
    """A TIFF of one row in each strip, all in the same place."""
    rows = [(256, 4, 1, 16), (257, 4, 1, count), (258, 3, 1, 8), (259, 3, 1, 1), (262, 3, 1, 1),
            (273, 4, count, 122), (277, 3, 1, 1), (278, 4, 1, 1),
            (279, 4, count, 122 + 4 * count)]  # fmt: skip
    places = np.full(count, 122 + 8 * count, "<u4").tobytes()
    return _directory(0, 0, first=rows) + places + np.full(count, 16, "<u4").tobytes() + bytes(16)


def _runs(width: int, height: int, body: bytes) -> bytes:
    palette = bytes(1024)
    header = struct.pack("<IiiHHIIiiII", 40, width, height, 1, 8, 1, len(body), 0, 0, 256, 0)
    return b"BM" + struct.pack("<IHHI", 1078 + len(body), 0, 0, 1078) + header + palette + body


def _chunks(kind: bytes, content: bytes, count: int) -> bytes:
    return PNG[:PNG_AT] + odd_files._chunk(kind, content) * count + PNG[PNG_AT:]


def _noted(extension: bytes, count: int = 1) -> bytes:
    return GIF[:GIF_AT] + extension * count + GIF[GIF_AT:]


RESOURCES = _segment(0xED, b"Photoshop 3.0\0" + (b"8BIM\4\4" + bytes(6)) * 5000)
HOSTILE = {
    "exif that claims 100 GB": lambda: _exif(_directory(5000, 150_000).ljust(150_000, b"\1")),
    "exif within exif": lambda: _exif(_nested("<")),
    "exif within exif, big order": lambda: _exif(_nested(">")),
    "pictures in one file": lambda: (
        JPEG[:2] + _segment(0xE2, b"MPF\0" + _directory(5000, 60_000, 3, 2)) + JPEG[2:]
    ),
    "scans": lambda: _scans(300),
    "segments": lambda: JPEG[:2] + _segment(0xFE, b"a") * 5000 + JPEG[2:],
    "resources": lambda: JPEG[:2] + RESOURCES * 3 + JPEG[2:],
    "junk in a jpeg": lambda: JPEG[:20] + b"\7" * 100_000 + JPEG[20:],
    "tags": lambda: _directory(5000, 100_000).ljust(100_000),
    "numbers": lambda: _directory(3, 600_000, 3, 2).ljust(2_000_000),
    "strips": lambda: _strips(100_000),
    "a long comment": lambda: _noted(b"!\xfe" + (b"\xff" + b"a" * 255) * 5000 + b"\0"),
    "comments": lambda: _noted(b"!\xfe\1a\0", 5000),
    "extensions": lambda: _noted(b"!\xf9\4\0\0\0\0\0", 300_000),
    "junk in a gif": lambda: _noted(b"\7", 100_000),
    "chunks": lambda: _chunks(b"prVt", b"", 210_000),
    "profiles": lambda: _chunks(b"iCCP", b"a\0\0" + zlib.compress(bytes(900_000), 9), 50),
    "runs": lambda: _runs(7_500_000, 16, b"\1\5\0\2\xff\xff" * 30 + b"\0\1"),
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_what_is_overloaded_is_turned_away(name):
    content = HOSTILE[name]()
    assert len(content) < 3_000_000
    with pytest.raises(UserError, match=OVERLOADED):
        open_picture(content)
    assert file_facts(content).container == "unknown"  # nothing else opens it either


def _small(kind: str, **options) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(HEAD).save(buffer, kind, **options)
    return buffer.getvalue()


def test_what_cameras_and_programs_write_is_opened():
    exif = Image.Exif()
    exif[271], exif[272] = "Maker", "Model"
    exif.get_ifd(0x8769)[0x927C] = bytes(40_000)  # a maker's own notes
    photo = Image.fromarray(HEAD)
    several = io.BytesIO()
    photo.save(several, "MPO", save_all=True, append_images=[photo])
    whole = {
        "exif": _small("JPEG", exif=exif, icc_profile=bytes(3_000_000)),
        "several": several.getvalue(),
        "progressive": _small("JPEG", progressive=True), "tiff": _small("TIFF", exif=exif),
        "strips": _small("TIFF", compression="tiff_deflate", tiffinfo={278: 1}),
        "comment": _small("GIF", comment=b"a" * 100_000), "runs": _runs(
            *SIZE, (b"\xff\5\x41\5\0\0") * SIZE[1] + b"\0\1"),
    }  # fmt: skip
    for name, content in whole.items():
        assert open_picture(content).size == SIZE, name
