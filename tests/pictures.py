"""Pictures, files and archives for tests, all made here."""

import base64
import io
import struct
import zipfile
import zlib

import numpy as np
import pytest
from PIL import Image
from skimage.data import astronaut

from ganfake import UserError
from ganfake.images import open_picture

RAMP = np.linspace(0, 65535, 64 * 64).round().astype(np.uint16).reshape(64, 64)


def file_of(picture: Image.Image, kind: str, **options) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, kind, **options)
    return buffer.getvalue()


def face(size: int = 128) -> Image.Image:
    return Image.fromarray(astronaut()[:256, 96:352]).resize((size, size))


def corners(width: int = 96, height: int = 64) -> Image.Image:
    """Red top left, green top right, blue bottom left, white bottom right."""
    small = np.array([[[255, 0, 0], [0, 255, 0]], [[0, 0, 255], [255, 255, 255]]], np.uint8)
    return Image.fromarray(small).resize((width, height), Image.Resampling.NEAREST)


def grey_png(width: int, height: int, image_data: bytes) -> bytes:
    def chunk(kind: bytes, body: bytes) -> bytes:
        crc = struct.pack(">I", zlib.crc32(kind + body))
        return struct.pack(">I", len(body)) + kind + body + crc

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    parts = chunk(b"IHDR", header) + chunk(b"IDAT", image_data) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + parts


def zeros(count: int) -> bytes:
    """`count` zeros, a multiple of a MiB, deflated piece by piece."""
    deflate = zlib.compressobj(9)
    block = bytes(2**20)
    return b"".join(deflate.compress(block) for _ in range(count >> 20)) + deflate.flush()


def is_sentence(error: UserError, *, forbidden: str = "/") -> bool:
    text = str(error)
    one = text.endswith(".") and text.count(". ") == 0 and "\n" not in text
    return one and text[0].isupper() and forbidden not in text and "Error" not in text


def refusal(source, **options) -> str:
    with pytest.raises(UserError) as caught:
        open_picture(source, **options)
    assert is_sentence(caught.value), str(caught.value)
    return str(caught.value)


def zip_of(path, members: dict[str, bytes], method=zipfile.ZIP_DEFLATED):
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def pixels(address: str) -> np.ndarray:
    """Of a PNG in a data address."""
    kind, content = address.split(";base64,")
    assert kind == "data:image/png"
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(content))))
