"""Damaged files, and what is no picture: what is said of them all the same."""

import io
import json
import time

import numpy as np
import pytest
from PIL import Image, PngImagePlugin

from ganfake import provenance
from ganfake.exif import read_exif
from ganfake.fileinfo import file_facts
from ganfake.generate import Face, encode_face
from ganfake.video import encode_mp4
from tests.facts import exif, said, with_thumbnail


def test_an_exif_block_that_promises_much():
    """65,535 entries, each of gigabytes, and directories that point at themselves."""
    entry = b"\x0f\x01\x02\x00" + b"\xff\xff\xff\xff" + b"\x08\x00\x00\x00"
    pointer = b"\x69\x87\x04\x00\x01\x00\x00\x00\x08\x00\x00\x00"
    block = b"II*\x00\x08\x00\x00\x00\xff\xff" + pointer + entry * 65_534
    begun = time.process_time()
    found = read_exif(block)
    assert time.process_time() - begun < 0.2
    assert len(found.make) <= 8192
    # Behind 40 MB, and every directory full of long fields: as a TIFF may have it.
    field = b"\x01\x10\x07\x00\xff\xff\xff\x7f" + (2**25).to_bytes(4, "little")
    directory = b"\xff\xff" + pointer[:8] + (2**24).to_bytes(4, "little") + field * 65_534
    block = (b"II*\x00\x08\x00\x00\x00" + directory).ljust(2**24, b"\x00") + directory
    begun = time.process_time()
    assert read_exif(block.ljust(40 * 2**20, b"\x00")) == read_exif(b"")
    assert time.process_time() - begun < 0.2
    for damaged in (b"", b"II*\x00", b"MM\x00*\xff\xff\xff\xff", b"Exif\x00\x00II*\x00\x08\x00"):
        assert read_exif(damaged) == read_exif(b"")


def mutants(content: bytes, count: int, rng: np.random.Generator):
    for _ in range(count):
        changed = bytearray(content)
        # The front holds the metadata.
        front = int(min(len(content), rng.choice([64, 400, 4000, len(content)])))
        for at in rng.integers(0, front, rng.integers(1, 12)):
            changed[at] = rng.integers(256)
        yield bytes(changed[: rng.integers(len(changed) // 2, len(changed) + 1)])


def test_damaged_files_never_raise(picture, signed, monkeypatch):
    small = picture.resize((80, 60))
    png = io.BytesIO()
    chunks = PngImagePlugin.PngInfo()
    chunks.add_text("parameters", "Steps: 20, Sampler", zip=True)
    small.save(png, "PNG", pnginfo=chunks, exif=exif())
    tiff, webp = io.BytesIO(), io.BytesIO()
    small.save(tiff, "TIFF", exif=exif())
    small.save(webp, "WEBP", exif=exif())
    movie = provenance.mark_mp4(encode_mp4([np.asarray(small)] * 2, 12), model="x", seed=1)
    whole = [with_thumbnail(small, small), png.getvalue(), tiff.getvalue(), webp.getvalue(), movie]
    # A process for every mutant would take minutes; the next test starts it for some.
    monkeypatch.setattr("ganfake.fileinfo.read_credentials", lambda content: None)
    rng = np.random.default_rng(5)
    opened, slowest = 0, 0.0
    for content in (*whole, provenance.encode(small, "JPEG", model="x", seed=1)):
        for mutant in mutants(content, 100, rng):
            begun = time.process_time()
            facts = file_facts(mutant)
            slowest = max(slowest, time.process_time() - begun)
            opened += facts.width is not None
            assert facts.size == len(mutant)
            assert all(text.isprintable() for line in facts.lines() for text in line)
            json.dumps(facts.as_dict())
    assert opened > 100  # the damage is not such that all are refused at the door
    assert slowest < 1


def test_what_is_no_picture_has_facts_too():
    for content, kind in (
        (b"", "unknown"),
        (b"hello", "unknown"),
        (b"RIFF\x00\x00\x00\x00AVI LIST", "AVI"),
        (b"\x1a\x45\xdf\xa3webm", "Matroska or WebM"),
        (b"\x00\x00\x00\x14ftypqt  \x00\x00\x00\x00qt  ", "MOV"),
    ):
        facts = file_facts(content)
        assert (facts.container, facts.width, facts.size) == (kind, None, len(content))
        assert said(facts, "File").endswith(f"{len(content):,} bytes.")


@pytest.mark.parametrize(
    "change",
    [{"truncation": 0.7}, {"push": {"Smiling": 2.0}}, {"mix_seed": 5, "mix_share": 0.3}, {}],
)
def test_a_seed_that_makes_another_picture_alone_is_not_given_alone(change):
    face = Face("dcgan", 7, **change)
    facts = file_facts(encode_face(face, Image.new("RGB", (64, 64))))
    assert facts.seed == 7 and facts.further == bool(change)
    assert ("with seed 7 and further settings" in said(facts, "Our mark")) == bool(change)
