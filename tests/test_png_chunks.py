"""Metadata that stands behind a PNG's pixels is read like that before them."""

import io
import zlib

import numpy as np
import pytest
from PIL import Image, PngImagePlugin

from ganfake import provenance
from ganfake.fileinfo import file_facts
from ganfake.generate import Face, encode_face
from ganfake.images import open_picture
from ganfake.png_chunks import text_first


def chunks(content: bytes) -> list[tuple[bytes, bytes]]:
    """(name, the whole chunk) in order."""
    at, found = 8, []
    while at < len(content):
        end = at + 12 + int.from_bytes(content[at : at + 4], "big")
        found.append((content[at + 4 : at + 8], content[at:end]))
        at = end
    return found


def late(content: bytes) -> bytes:
    """The same file with its texts just before its end."""
    parts = chunks(content)
    texts = [part for name, part in parts if name in (b"tEXt", b"zTXt", b"iTXt", b"eXIf")]
    others = [part for _, part in parts if part not in texts]
    assert texts
    return content[:8] + b"".join([*others[:-1], *texts, others[-1]])


def picture() -> Image.Image:
    pixels = np.random.default_rng(0).integers(0, 255, (64, 64, 3), np.uint8)
    return Image.fromarray(pixels)


def test_our_mark_is_read_wherever_it_stands():
    content = encode_face(Face("dcgan", 7), picture())
    moved = late(content)
    assert chunks(moved)[-2][0] == b"iTXt" and moved != content
    assert provenance.read(moved) == provenance.read(content) is not None
    assert provenance.notes(moved) == provenance.notes(content)
    assert file_facts(moved).model == "dcgan"
    assert open_picture(moved).tobytes() == open_picture(content).tobytes()


def test_a_generators_settings_are_read_wherever_they_stand():
    buffer, text = io.BytesIO(), PngImagePlugin.PngInfo()
    text.add_text("parameters", "a face\nSteps: 20, Sampler: Euler a, Seed: 1")
    picture().save(buffer, "PNG", pnginfo=text)
    before, after = (file_facts(c).lines() for c in (buffer.getvalue(), late(buffer.getvalue())))
    assert [row for row in before if row[0] != "SHA-256"] == [r for r in after if r[0] != "SHA-256"]
    assert any("Stable Diffusion" in words for _, words in after)


def test_other_files_stay_as_they_are():
    plain = io.BytesIO()
    picture().save(plain, "PNG")
    for content in (plain.getvalue(), encode_face(Face("dcgan", 7), picture()), b"", b"GIF89a"):
        assert text_first(content) == content


@pytest.mark.parametrize("end", [-1, -9, -30, 40, 20, 9])
def test_cut_off_files_are_no_trouble(end):
    cut = late(encode_face(Face("dcgan", 7), picture()))[:end]
    assert len(text_first(cut)) == len(cut)


def test_many_small_chunks_take_no_long_walk():
    empty = b"\0\0\0\0tEXt" + zlib.crc32(b"tEXt").to_bytes(4, "big")
    content = encode_face(Face("dcgan", 7), picture())
    many = content[:-12] + empty * 300_000 + content[-12:]
    assert len(text_first(many)) == len(many)
