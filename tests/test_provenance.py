"""Marks that survive a round trip, and marks that are refused."""

import io

import numpy as np
import pytest
from PIL import Image, PngImagePlugin

from ganfake import UserError, provenance
from ganfake.images import open_picture
from ganfake.provenance import Mark, encode, read

AI = "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"


@pytest.fixture
def picture() -> Image.Image:
    ramp = np.linspace(0, 255, 64 * 64 * 3).reshape(64, 64, 3)
    return Image.fromarray(ramp.astype(np.uint8))


def with_xmp(xmp: bytes) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (32, 32)).save(buffer, "WEBP", xmp=xmp)
    return buffer.getvalue()


def description(inside: str, attributes: str = "") -> bytes:
    spaces = f'xmlns:e="{provenance.IPTC}" xmlns:g="{provenance.OURS}"'
    return (
        f'<rdf:RDF xmlns:rdf="{provenance.RDF}"><rdf:Description rdf:about="" {spaces} '
        f"{attributes}>{inside}</rdf:Description></rdf:RDF>"
    ).encode()


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "jpg", "WebP"])
def test_round_trip(picture, kind, tmp_path):
    content = encode(picture, kind, model="dcgan-64", seed=7, extra={"strength": 0.5})
    assert read(content) == Mark("trainedAlgorithmicMedia", "dcgan-64", 7)
    assert read(content).is_ai
    path = tmp_path / "picture"
    path.write_bytes(content)
    assert read(path) == read(content)
    assert AI.encode() in content and b"<ganfake:strength>0.5</ganfake:strength>" in content
    opened = np.asarray(open_picture(content), int)
    assert np.abs(opened - np.asarray(picture, int)).max() <= (0 if kind == "PNG" else 40)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_same_input_gives_same_bytes(picture, kind):
    noisy = picture.copy()
    noisy.info = {"comment": b"hello", "icc_profile": b"x", "dpi": (72, 72)}
    first = encode(picture, kind, model="a", seed=1)
    assert first == encode(noisy, kind, model="a", seed=1)
    assert first != encode(picture, kind, model="a", seed=2)


def test_hostile_values_are_escaped(picture):
    model = "a<b>&amp;\"'</ganfake:model>]]>\r\n日本\x00\ud800😀"
    mark = read(encode(picture, "PNG", "compositeWithTrainedAlgorithmicMedia", model=model))
    assert mark.source_type == "compositeWithTrainedAlgorithmicMedia" and mark.is_ai
    assert mark.model == "a<b>&amp;\"'</ganfake:model>]]>日本\ufffd\ufffd😀"
    assert mark.seed is None


def test_wrong_arguments(picture):
    with pytest.raises(UserError, match=r"PNG, JPEG or WebP; choose one of these\.$"):
        encode(picture, "tiff", model="a")
    for options in ({"source_type": "a b"}, {"extra": {"a><b": 1}}):
        with pytest.raises(ValueError, match="is not a name"):
            encode(picture, "PNG", model="a", **options)


def test_unmarked_and_unreadable(picture):
    buffer = io.BytesIO()
    picture.save(buffer, "PNG")
    assert read(buffer.getvalue()) is None
    with pytest.raises(UserError):
        read(b"text")


def test_marks_of_others():
    element = f"<e:DigitalSourceType>\n {AI} </e:DigitalSourceType>"
    resource = f'<e:DigitalSourceType rdf:resource="{AI}"/>'
    for xmp in (
        description(element),
        description(resource),
        description("", f'e:DigitalSourceType="{AI}"'),
        description("", f'e:DigitalSourceType="{AI.replace("http:", "https:")}"'),
        b"\xef\xbb\xbf" + description(element) + b"\n\0\0",
    ):
        assert read(with_xmp(xmp)) == Mark("trainedAlgorithmicMedia", None, None)
    camera = read(
        with_xmp(description(element.replace("trainedAlgorithmicMedia", "digitalCapture")))
    )
    assert camera == Mark("digitalCapture") and not camera.is_ai


def test_hostile_marks_are_ignored():
    good = description(f"<e:DigitalSourceType>{AI}</e:DigitalSourceType>")
    assert read(with_xmp(good)) is not None
    entity = b'<!DOCTYPE a [<!ENTITY b "bbbb">]>'
    for xmp in (
        entity + good,
        b'<?xml version="1.0" encoding="UTF-16"?>' + (entity + good).decode().encode("utf-16"),
        good[:-9],
        b"\xff\xfe\x00",
        good + b" " * provenance.MAX_XMP,
        good.replace(AI.encode(), b"javascript:alert(1)"),
        good.replace(AI.encode(), b""),
        b"<a>" * 100_000,
        b"<a>" * 100_000 + b"</a>" * 100_000,
    ):
        assert read(with_xmp(xmp)) is None


def test_values_read_are_bounded():
    inside = f"<e:DigitalSourceType>{AI}</e:DigitalSourceType>"
    inside += f"<g:model>{'m' * 5000}\n</g:model><g:seed>{'9' * 5000}</g:seed>"
    assert read(with_xmp(description(inside))) == Mark("trainedAlgorithmicMedia", "m" * 200, None)


def test_png_marks_are_xmp_and_not_plain_text(picture):
    """A PNG text chunk of another name is no mark."""
    info = PngImagePlugin.PngInfo()
    info.add_itxt("Comment", AI)
    buffer = io.BytesIO()
    picture.save(buffer, "PNG", pnginfo=info)
    assert read(buffer.getvalue()) is None
