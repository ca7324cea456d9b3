"""Marks that survive a round trip, and marks that are refused."""

import io
import struct
import tracemalloc

import av
import numpy as np
import pytest
from PIL import Image, PngImagePlugin

from ganfake import UserError, provenance
from ganfake.images import open_picture
from ganfake.mp4_boxes import XMP_UUID, is_movie, top_boxes
from ganfake.provenance import Mark, encode, mark_mp4, read
from ganfake.video import encode_mp4

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
        description("", 'e:DigitalSourceType="trainedAlgorithmicMedia"'),  # some leave it out
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
        good.replace(AI.encode(), b"camera"),  # no code of the vocabulary
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


def box(kind: bytes, content: bytes = b"", size: int | None = None) -> bytes:
    declared = 8 + len(content) if size is None else size
    return struct.pack(">I", declared) + kind + content


def long_box(kind: bytes, content: bytes = b"", size: int | None = None) -> bytes:
    declared = 16 + len(content) if size is None else size
    return struct.pack(">I", 1) + kind + struct.pack(">Q", declared) + content


START = box(b"ftyp", b"isom\0\0\2\0isom") + box(b"moov", b"m" * 50)
GOOD = description(f"<e:DigitalSourceType>{AI}</e:DigitalSourceType>")
MARKED = box(b"uuid", XMP_UUID + GOOD)


@pytest.fixture(scope="module")
def movie() -> bytes:
    ramp = np.linspace(0, 255, 64 * 64 * 3).reshape(64, 64, 3).astype(np.uint8)
    return encode_mp4([np.roll(ramp, 5 * shift, 1) for shift in range(8)], 12)


def pixels(content: bytes) -> np.ndarray:
    with av.open(io.BytesIO(content)) as container:
        return np.stack([frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)])


def test_movies_are_marked_and_play_as_before(movie, tmp_path):
    assert read(movie) is None
    content = mark_mp4(movie, model="dcgan", seed=7, extra={"seeds": "7 8"})
    assert read(content) == Mark("trainedAlgorithmicMedia", "dcgan", 7)
    assert b"<ganfake:seeds>7 8</ganfake:seeds>" in content
    assert content.startswith(movie)
    *_, last = top_boxes(io.BytesIO(content))
    assert (last.kind, last.end) == (b"uuid", len(content))
    assert content[last.content :].startswith(XMP_UUID)
    assert np.array_equal(pixels(content), pixels(movie))
    path = tmp_path / "movie.of.any.name"
    path.write_bytes(content)
    assert read(path) == read(content)
    assert content == mark_mp4(movie, model="dcgan", seed=7, extra={"seeds": "7 8"})


def test_a_second_mark_replaces_the_first(movie):
    once = mark_mp4(movie, model="first", seed=1)
    twice = mark_mp4(once, source_type="compositeWithTrainedAlgorithmicMedia", model="second")
    assert read(twice) == Mark("compositeWithTrainedAlgorithmicMedia", "second", None)
    assert np.array_equal(pixels(twice), pixels(movie))


def test_a_last_box_without_end_does_not_swallow_the_mark():
    open_end = START + box(b"mdat", b"frames", size=0)
    content = mark_mp4(open_end, model="a", seed=1)
    assert read(content) == Mark("trainedAlgorithmicMedia", "a", 1)
    kinds = [(found.kind, found.end - found.start) for found in top_boxes(io.BytesIO(content))]
    assert kinds[-2] == (b"mdat", 14)


@pytest.mark.parametrize(
    "content",
    [b"", b"text", START[:30], START[:24], START + b"junk", START + box(b"mdat", b"x", 500)],
)
def test_what_is_no_whole_movie_is_not_marked(content):
    with pytest.raises(UserError, match=r"whole MP4 video.+\.$"):
        mark_mp4(content, model="a")


def test_marks_are_found_among_all_kinds_of_boxes():
    other = box(b"uuid", b"\1" * 16 + GOOD)
    for content in (
        START + MARKED,
        START + other + box(b"uuid", b"short") + MARKED + box(b"mdat", b"x" * 99),
        START + long_box(b"mdat", b"x" * 99) + MARKED,
        START + long_box(b"uuid", XMP_UUID + GOOD),
        START + box(b"uuid", XMP_UUID + GOOD, size=0),
        START + MARKED + b"rest",
    ):
        assert read(content) == Mark("trainedAlgorithmicMedia"), content[:120]
    assert read(START + other) is None


def test_in_a_mov_the_mark_is_user_data():
    start, mark = box(b"ftyp", b"qt  \0\0\0\0qt  "), box(b"udta", box(b"XMP_", GOOD))
    camera = GOOD.replace(b"trainedAlgorithmicMedia", b"digitalCapture")
    for content in (
        start + box(b"mdat", b"x" * 99) + box(b"moov", box(b"mvhd") + mark),
        start + box(b"moov", box(b"udta", box(b"\xa9swr", b"a")) + mark) + box(b"mdat", b"x"),
        start + box(b"moov", box(b"udta", box(b"XMP_", camera))) + MARKED,  # ours is added last
    ):
        assert read(content) == Mark("trainedAlgorithmicMedia"), content[:120]


@pytest.mark.parametrize(
    "rest",
    [
        box(b"free", size=2) + MARKED,
        box(b"free", size=7) + MARKED,
        long_box(b"free", size=15) + MARKED,
        long_box(b"free", size=0) + MARKED,
        long_box(b"free", size=2**64 - 1) + MARKED,
        box(b"free", size=2**32 - 1) + MARKED,
        box(b"mdat", size=0) + MARKED,
        MARKED[:-1],
        MARKED[:20],
        MARKED[:5],
        struct.pack(">I", 1) + b"uuid" + b"123",
        box(b"free") * 200_000 + MARKED,
        box(b"uuid", XMP_UUID + GOOD + b" " * provenance.MAX_XMP),
        box(b"uuid", XMP_UUID + b"<!DOCTYPE a>" + GOOD),
        box(b"uuid", XMP_UUID),
        box(b"uuid"),
        box(b"udta", box(b"XMP_", GOOD)),
        box(b"moov", box(b"XMP_", GOOD)),
        box(b"moov", box(b"udta", box(b"XMP_", GOOD, size=2**31))),
        box(b"moov", box(b"udta", box(b"XMP_", GOOD + b" " * provenance.MAX_XMP))),
        box(b"moov", box(b"udta") * 200_000 + box(b"udta", box(b"XMP_", GOOD))),
        box(b"moov", box(b"udta", size=9) + box(b"XMP_", GOOD)),
    ],
)
def test_hostile_movies_have_no_mark(rest, tmp_path):
    assert read(START + rest) is None
    path = tmp_path / "movie.mp4"
    path.write_bytes(START + rest)
    assert read(path) is None


@pytest.mark.parametrize(
    ("first", "mark"),
    [(b"mdat", Mark("trainedAlgorithmicMedia")), (b"uuid" + XMP_UUID, None)],
    ids=["frames", "XMP"],
)
def test_a_long_box_is_not_read_into_memory(tmp_path, first, mark):
    path, size = tmp_path / "long.mp4", 5 * 2**30
    with path.open("wb") as file:  # sparse: the disk holds its ends alone
        file.write(START + long_box(first[:4], first[4:], size))
        file.seek(len(START) + size)
        file.write(MARKED)
    tracemalloc.start()
    try:
        assert read(path) == mark
        assert tracemalloc.get_traced_memory()[1] < 2**20
    finally:
        tracemalloc.stop()


def test_heic_and_avif_are_pictures(picture):
    """They are rows of boxes as well, and are not taken for movies."""
    packet = description(f"<e:DigitalSourceType>{AI}</e:DigitalSourceType>")
    for kind in ("AVIF", "HEIF"):
        buffer = io.BytesIO()
        picture.save(buffer, kind, xmp=packet)
        assert not is_movie(buffer.getvalue()[:12])
        assert read(buffer.getvalue()) == Mark("trainedAlgorithmicMedia")


def test_a_missing_movie_is_one_sentence(tmp_path):
    with pytest.raises(UserError, match=r"\.$"):
        read(tmp_path / "none.mp4")
