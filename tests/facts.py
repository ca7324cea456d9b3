"""What a test asks of the facts of a file, and a picture for one."""

import io
import json

import numpy as np
from PIL import Image

from ganfake.exif import read_exif
from ganfake.fileinfo import FileFacts


def soft_patches() -> Image.Image:
    """Soft patches of grey and colour, 320 x 240."""
    coarse = np.random.default_rng(0).integers(0, 256, (6, 8, 3), np.uint8)
    return Image.fromarray(coarse).resize((320, 240), Image.Resampling.BICUBIC)


def jpeg(picture: Image.Image, **options) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", **options)
    return buffer.getvalue()


def said(facts: FileFacts, label: str) -> str:
    return dict(facts.lines()).get(label, "")


def all_text(facts: FileFacts) -> str:
    return json.dumps(facts.as_dict()) + " ".join(map(" ".join, facts.lines()))


def exif(**more) -> Image.Exif:
    tags = Image.Exif()
    tags[0x010F], tags[0x0110], tags[0x0131] = "Canon", "Canon EOS R5", "Firmware 1.8"
    tags.get_ifd(0x8769).update({0x9003: "2024:05:01 12:34:56", 0x829A: (1, 250), 0x8827: 100})
    tags.get_ifd(0x8825).update({1: "N", 2: (52.0, 31.0, 12.345), 3: "E", 4: (13.0, 24.0, 17.25)})
    for tag, value in more.items():
        tags[int(tag[1:], 16)] = value
    return tags


def with_thumbnail(picture: Image.Image, small: Image.Image) -> bytes:
    tags = exif()
    block = tags.tobytes()[6:]
    order = {b"II": "little", b"MM": "big"}[block[:2]]
    number = lambda value, size: value.to_bytes(size, order)  # noqa: E731
    thumbnail = jpeg(small, quality=80)
    start = int.from_bytes(block[4:8], order)
    link = start + 2 + 12 * int.from_bytes(block[start : start + 2], order)
    end = len(block)  # the second directory, then its JPEG
    fields = ((0x201, end + 2 + 24 + 4), (0x202, len(thumbnail)))
    second = number(2, 2) + b"".join(
        number(tag, 2) + number(4, 2) + number(1, 4) + number(value, 4) for tag, value in fields
    )
    block = block[:link] + number(end, 4) + block[link + 4 :] + second + bytes(4) + thumbnail
    content = jpeg(picture, quality=92, exif=b"Exif\x00\x00" + block)
    assert read_exif(block).thumbnail == thumbnail
    return content
