"""What the camera wrote into a video; every file is made here, of boxes alone."""

import io
import json
import time

import numpy as np
import pytest

from ganfake.fileinfo import FileFacts, file_facts
from ganfake.movie_info import MovieInfo, read_movie_info
from ganfake.ui.words import translate
from ganfake.video import encode_mp4

APPLE = {
    "com.apple.quicktime.make": "Apple", "com.apple.quicktime.model": "iPhone 15 Pro",
    "com.apple.quicktime.software": "17.4.1",
    "com.apple.quicktime.creationdate": "2024-05-01T12:34:56+0200",
    "com.apple.quicktime.location.ISO6709": "+52.5200+013.4050+034.100/",
}  # fmt: skip
USER = {b"\xa9mak": "Canon", b"\xa9mod": "Canon EOS R5", b"\xa9swr": "Firmware 1.8",
        b"\xa9day": "2024-05-01T12:34:56+0200", b"\xa9xyz": "+52.5200+013.4050/"}  # fmt: skip


def box(kind: bytes, *contents: bytes) -> bytes:
    content = b"".join(contents)
    return (8 + len(content)).to_bytes(4, "big") + kind + content


def number(value: int) -> bytes:
    return value.to_bytes(4, "big")


def meta(values: dict[str, str], before: bytes = b"", encoding: str = "utf-8") -> bytes:
    """Keys and their values; `before` is four zeros in MP4, nothing in MOV."""
    names = b"".join(number(8 + len(key)) + b"mdta" + key.encode() for key in values)
    kind = {"utf-8": 1, "utf-16-be": 2}[encoding]
    items = (
        box(number(at), box(b"data", number(kind), number(0), text.encode(encoding)))
        for at, text in enumerate(values.values(), 1)
    )
    handler = box(b"hdlr", bytes(8), b"mdta", bytes(12))
    keys = box(b"keys", bytes(4), number(len(values)), names)
    return box(b"meta", before, handler, keys, box(b"ilst", *items))


def user_data(values: dict[bytes, str], *more: bytes) -> bytes:
    texts = (
        box(name, len(text.encode()).to_bytes(2, "big"), b"\x15\xc7", text.encode())
        for name, text in values.items()
    )
    return box(b"udta", *texts, *more)


def movie(*description: bytes, brand: bytes = b"qt  ") -> bytes:
    header = bytes(76) + number(320 << 16) + number(240 << 16)
    identity = header[:40] + number(1 << 16) + header[44:]
    track = box(b"trak", box(b"tkhd", identity))
    start = box(b"ftyp", brand, number(0), brand)
    return start + box(b"mdat", bytes(99)) + box(b"moov", track, *description)


def said(facts: FileFacts, label: str) -> str:
    return dict(facts.lines()).get(label, "")


@pytest.mark.parametrize(
    ("content", "camera"),
    [
        (movie(meta(APPLE)), "Apple iPhone 15 Pro"),
        (movie(meta(APPLE, encoding="utf-16-be")), "Apple iPhone 15 Pro"),
        (movie(meta(APPLE, bytes(4)), brand=b"isom"), "Apple iPhone 15 Pro"),
        (movie(user_data({}, meta(APPLE, bytes(4))), brand=b"mp42"), "Apple iPhone 15 Pro"),
        (movie(user_data(USER)), "Canon EOS R5"),
        (movie(user_data(USER), brand=b"mp42"), "Canon EOS R5"),
        (movie(user_data(USER), meta(APPLE)), "Apple iPhone 15 Pro"),
    ],
)
def test_what_took_a_video(content, camera):
    facts = file_facts(content)
    assert f"{facts.make} {facts.camera}".endswith(camera)
    assert (facts.width, facts.height, facts.taken) == (320, 240, "2024-05-01 12:34")
    words = said(facts, "Camera")
    assert words.startswith(f"It says it was taken with {camera} on 2024-05-01 12:34. Cameras")
    assert words.endswith("write it into any video.")
    assert said(facts, "Software").startswith(f"It names {facts.software}.") and facts.software
    assert facts.place and "not shown here" in said(facts, "Place")
    assert "amera" not in said(facts, "Not there")
    shown = json.dumps(facts.as_dict() | {"sha256": ""}) + str(facts.lines())
    assert not any(secret in shown for secret in ("52.52", "13.405", "34.1"))


def test_a_phone_with_android():
    keys = {"com.android.version": "14", "com.android.manufacturer": "Google",
            "com.android.model": "Pixel 8"}  # fmt: skip
    content = movie(meta(keys), user_data({b"\xa9xyz": "+52.5200+013.4050/"}), brand=b"isom")
    facts = file_facts(content)
    assert (facts.make, facts.camera, facts.taken, facts.place) == ("Google", "Pixel 8", "", True)
    assert said(facts, "Camera").startswith("It says it was taken with Google Pixel 8. ")


def test_what_a_shop_wrote_is_no_camera_data():
    """iTunes' kind of `meta`, without keys: a day in it is that of publishing."""
    day = box(b"data", number(1), number(0), b"2019-05-01T07:00:00Z")
    values = box(b"meta", bytes(4), box(b"ilst", box(b"\xa9day", day)))
    facts = file_facts(movie(box(b"udta", values)))
    assert facts.taken == "" and "no camera data" in said(facts, "Not there")


def test_our_own_videos_have_no_camera_data():
    facts = file_facts(encode_mp4([np.zeros((64, 64, 3), np.uint8)] * 2, 12))
    words = said(facts, "Not there")
    assert words.startswith("No mark of AI, no content credentials and no camera data. Most videos")


@pytest.mark.parametrize(
    "content", [b"\x1a\x45\xdf\xa3webm", b"RIFF\x00\x00\x00\x00AVI LIST", b"\x30\x26\xb2\x75wmv"]
)
def test_nothing_is_said_of_data_that_nobody_looked_for(content):
    words = said(file_facts(content), "Not there")
    assert words.startswith("No content credentials. Most")
    assert "camera" not in words and "AI" not in words


def test_the_sentences_are_in_the_table():
    for content in (movie(meta(APPLE)), movie(), b"\x1a\x45\xdf\xa3webm"):
        for label, text in file_facts(content).lines()[1:]:
            assert translate(label, "zh") != label
            assert translate(text, "zh") != text and "video" not in translate(text, "zh")


# -- hostile files -------------------------------------------------------------------
def test_texts_are_cut_and_counted():
    many = {f"key.{at}": "x" for at in range(5000)} | APPLE
    assert read_movie_info(io.BytesIO(movie(meta(many)))).model == ""  # beyond the last that counts
    long = APPLE | {"com.apple.quicktime.model": "\x1b[31mm" * 5000}
    facts = file_facts(movie(meta(long)))
    assert len(facts.camera) == 200 and facts.camera.isprintable() and facts.make == "Apple"


def test_boxes_that_promise_much_take_little_time():
    empty = box(b"free") * 100_000
    nested = b"".join(box(number(1), box(b"data", number(1), number(0))) for _ in range(20_000))
    keys = box(b"keys", bytes(4), number(2**32 - 1), (number(8) + b"mdta") * 60_000)
    long_one = box(b"keys", bytes(4), number(9), number(2**32 - 1) + b"mdta" + bytes(9999))
    hostile = [
        movie(empty),
        movie(box(b"meta", empty)),
        movie(box(b"meta", keys, box(b"ilst", nested))),
        movie(box(b"meta", long_one, box(b"ilst", nested))),
        movie(box(b"udta", *[box(b"meta", keys, box(b"ilst", nested[:2000]))] * 2)),
        movie(box(b"udta", *[box(b"meta", box(b"keys"), box(b"ilst", nested[:400]))] * 1500)),
        movie(box(b"udta", box(b"\xa9mak", b"\xff\xff\x00\x00", bytes(2**19)))),
        movie(b"\x00\x00\x00\x01meta" + b"\xff" * 8),
        movie(b"\x00\x00\x00\x00meta\x00\x00\x00\x00ilst\x00\x00\x00\x00\x00\x00\x00\x01"),
        movie(box(b"meta", bytes(2**20 + 1))),
    ]
    for content in hostile:
        begun = time.process_time()
        found = read_movie_info(io.BytesIO(content))
        assert time.process_time() - begun < 0.5
        assert not (found.make or found.model or found.taken or found.software or found.place)
    assert read_movie_info(io.BytesIO(b"")) == MovieInfo()


def test_damaged_videos_never_raise():
    rng = np.random.default_rng(7)
    whole = movie(meta(APPLE), user_data(USER, meta(APPLE, bytes(4))))
    start, told = whole.index(b"moov"), 0
    for _ in range(500):
        changed = bytearray(whole)
        for at in rng.integers(start, len(changed), rng.integers(1, 8)):
            changed[at] = rng.integers(256)
        facts = file_facts(bytes(changed[: rng.integers(start, len(changed) + 200)]))
        told += bool(facts.make or facts.camera)
        assert all(text.isprintable() for line in facts.lines() for text in line)
        json.dumps(facts.as_dict())
    assert told > 50  # the damage leaves something to read
