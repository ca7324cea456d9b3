"""What files say of themselves, made here for the purpose, and a few hundred damaged ones."""

import hashlib
import io
import json
import re
import threading
import time
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, HTTPServer

import c2pa
import numpy as np
import pytest
from PIL import Image, PngImagePlugin

from ganfake import c2pa_info, file_words, jpeg_traces, provenance
from ganfake.c2pa_info import Credentials, plain, read_credentials, summary
from ganfake.exif import read_exif
from ganfake.fileinfo import FileFacts, file_facts, jpeg_quality
from ganfake.generate import Face, encode_face
from ganfake.images import open_picture
from ganfake.marks import PixelMark
from ganfake.ui.words import translate
from ganfake.video import encode_mp4
from tests.signing import SIGNER, sign


@pytest.fixture(scope="module")
def picture() -> Image.Image:
    """Soft patches of grey and colour, 320 x 240."""
    coarse = np.random.default_rng(0).integers(0, 256, (6, 8, 3), np.uint8)
    return Image.fromarray(coarse).resize((320, 240), Image.Resampling.BICUBIC)


def jpeg(picture: Image.Image, **options) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", **options)
    return buffer.getvalue()


@pytest.fixture(scope="module")
def signed(picture) -> bytes:
    return sign(jpeg(picture, quality=90))


def said(facts: FileFacts, label: str) -> str:
    return dict(facts.lines()).get(label, "")


def all_text(facts: FileFacts) -> str:
    return json.dumps(facts.as_dict()) + " ".join(map(" ".join, facts.lines()))


# -- our mark, and IPTC --------------------------------------------------------------
@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WebP", "MP4"])
def test_our_own_files(picture, kind):
    if kind == "MP4":
        content = encode_mp4([np.asarray(picture)] * 3, 12)
        content = provenance.mark_mp4(content, model="dcgan", seed=7)
    else:
        content = provenance.encode(picture, kind, model="dcgan", seed=7)
    facts = file_facts(content)
    assert facts.sha256 == hashlib.sha256(content).hexdigest() and facts.size == len(content)
    assert (facts.container, facts.width, facts.height) == (kind, 320, 240)
    assert (facts.model, facts.seed) == ("dcgan", 7)
    assert facts.source_type == "trainedAlgorithmicMedia"
    assert "model dcgan with seed 7" in said(facts, "Our mark")
    assert f"{kind}, 320 × 240 pixels, {len(content):,} bytes." == said(facts, "File")
    assert "AI" not in said(facts, "Not there")
    assert (facts.jpeg_quality == 95) == (kind == "JPEG")
    json.dumps(facts.as_dict())


def test_a_swap_of_ours_is_called_one(picture):
    kind = "compositeWithTrainedAlgorithmicMedia"
    facts = file_facts(provenance.encode(picture, "JPEG", kind, model="swap"))
    assert "as one in which it swapped a face. Anyone" in said(facts, "Our mark")


def test_the_mark_in_the_pixels_stands_with_what_the_file_says(picture):
    content, label = jpeg(picture), "Mark in the pixels"
    there = file_facts(content, PixelMark(True, 0.97, 3e-42))
    assert "hidden mark that this program puts" in said(there, label)
    assert "less than once in 10³⁰." in said(there, label)
    assert "AI" not in said(there, "Not there")
    barely = file_facts(content, PixelMark(True, 0.61, 4e-10))
    assert "less than once in 10⁹." in said(barely, label)
    assert there.as_dict()["pixel_mark"] == {"found": True, "score": 0.97, "false_alarm": 3e-42}
    for nothing in (None, PixelMark(False, 0.2, 1.0)):
        facts = file_facts(content, nothing)
        assert said(facts, label) == "" and "No mark of AI" in said(facts, "Not there")


def test_anyones_digital_source_type(picture):
    packet = provenance._packet("compositeWithTrainedAlgorithmicMedia", "x", None, None)
    packet = packet.replace(provenance.OURS, "urn:others")
    facts = file_facts(jpeg(picture, xmp=packet.encode()))
    assert facts.model == "" and facts.source_type == "compositeWithTrainedAlgorithmicMedia"
    assert "with the help of AI" in said(facts, "Origin (IPTC)")
    assert said(facts, "Our mark") == ""
    odd = file_facts(jpeg(picture, xmp=packet.replace("compositeWith", "odd").encode()))
    assert "oddTrainedAlgorithmicMedia" in said(odd, "Origin (IPTC)")


def test_nothing_is_said_to_prove_nothing(picture):
    facts = file_facts(jpeg(picture))
    assert [label for label, _ in facts.lines()] == ["File", "Last saving", "Not there"]
    words = said(facts, "Not there")
    assert words.startswith("No mark of AI, no content credentials and no camera data.")
    assert words.endswith("proves nothing.")


# -- content credentials -------------------------------------------------------------
def test_an_intact_signature(signed):
    facts = file_facts(signed)
    found = facts.credentials
    assert found.state == "intact" and found.problems == ()
    assert found.signer == f"{SIGNER}, Signer" and found.maker == "Maker 1.5"
    assert found.actions == ("c2pa.created",)
    assert found.source_types == ("trainedAlgorithmicMedia",)
    words = said(facts, "Content credentials (C2PA)")
    assert "signature is intact" in words and "cannot say who stands behind it" in words
    assert said(facts, "What they say").startswith("Written by Maker 1.5; steps: created; made by")
    assert facts.source_type == ""  # that is XMP's
    assert said(facts, "Not there").startswith("No camera data.")


def test_one_changed_byte_of_pixels_shows(signed):
    changed = bytearray(signed)
    changed[-100] ^= 1
    facts = file_facts(bytes(changed))
    assert facts.credentials.state == "changed"
    assert facts.credentials.problems == ("assertion.dataHash.mismatch",)
    words = said(facts, "Content credentials (C2PA)")
    assert "changed after it was signed" in words and "intact" not in words


def test_a_changed_record_is_broken(signed):
    content = signed.replace(b"trainedAlgorithmicMedia", b"drainedAlgorithmicMedia")
    found = read_credentials(content)
    assert found.state == "broken" and "assertion.hashedURI.mismatch" in found.problems


def test_a_record_that_is_cut_off(signed):
    start = signed.index(b"jumb")
    assert read_credentials(signed[: start + 900]) == Credentials("unreadable")
    facts = file_facts(signed[: start + 900])
    assert "cannot be read" in said(facts, "Content credentials (C2PA)")


@pytest.mark.parametrize("kind", ["PNG", "WebP", "MP4"])
def test_other_containers_are_signed_too(picture, kind):
    if kind == "MP4":
        content, mime = encode_mp4([np.asarray(picture)] * 3, 12), "video/mp4"
    else:
        content = provenance.encode(picture, kind, model="dcgan")
        mime = f"image/{kind.lower()}"
    facts = file_facts(sign(content, mime))
    assert (facts.credentials.state, facts.container) == ("intact", kind)


def test_the_word_jumb_is_no_record(picture):
    assert read_credentials(jpeg(picture)) is None
    assert read_credentials(jpeg(picture, comment=b"jumb, jumb, jumb")) is None


class _Asked(BaseHTTPRequestHandler):
    """Counts who asks it."""

    def do_GET(self):
        self.server.asked += 1
        self.send_error(404)

    def log_message(self, *_):
        pass


def test_nothing_is_fetched(picture):
    """The same file makes the library ask the host, when it is used without our settings."""
    with HTTPServer(("127.0.0.1", 0), _Asked) as server:
        server.asked = 0
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_port}/record.c2pa"
        # The word makes us start the library, which a file without a record would not.
        content = sign(jpeg(picture, comment=b"jumb"), remote=address)
        facts = file_facts(content)
        assert server.asked == 0
        assert facts.remote == "127.0.0.1" and facts.credentials is None
        assert "kept at 127.0.0.1. It was not fetched" in said(facts, "Content credentials (C2PA)")
        with pytest.raises(c2pa.C2paError):
            c2pa.Reader("image/jpeg", io.BytesIO(content))
        assert server.asked > 0
        server.shutdown()


def test_the_process_may_open_nothing(tmp_path):
    """Not a socket, nor a file: a limit of the system, besides the settings."""
    resource = pytest.importorskip("resource")
    import subprocess
    import sys

    script = (
        "import socket, sys; sys.path.append(sys.argv[1]);"
        "from ganfake.c2pa_info import _lock_in; socket.socket().close(); _lock_in(5, 0);"
        "socket.socket()"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, "."], capture_output=True, text=True, check=False
    )
    assert resource and "Too many open files" in done.stderr and done.returncode == 1


def test_a_crash_of_the_library_is_survived(signed, monkeypatch, tmp_path):
    for name, body in {
        "crash": "import os; os.abort()",
        "chatter": "print('[' * 10**6)",
        "fail": "print('{}'); raise SystemExit(3)",
    }.items():
        path = tmp_path / f"{name}.py"
        path.write_text(body)
        monkeypatch.setattr(c2pa_info, "__file__", str(path))
        assert read_credentials(signed) == Credentials("unreadable")
    path.write_text("import time; time.sleep(60)")
    monkeypatch.setattr(c2pa_info, "_PATIENCE", 0.5)
    assert read_credentials(signed) == Credentials("unreadable")


def test_what_an_ingredient_says_counts():
    """A picture edited in a program that was made by AI before."""
    ai = provenance.VOCABULARY + "trainedAlgorithmicMedia"

    def manifest(*actions) -> dict:
        return {"assertions": [{"label": "c2pa.actions", "data": {"actions": list(actions)}}]}

    store = {
        "active_manifest": "b",
        "manifests": {
            "a": manifest({"action": "c2pa.created", "digitalSourceType": ai}),
            "b": manifest({"action": "c2pa.edited"}, "no action"),
        },
        "validation_state": "Valid",
    }
    found = summary(store)
    assert found.state == "intact" and found.actions == ("c2pa.edited",)
    assert found.source_types == ("trainedAlgorithmicMedia",)
    assert not found.false_parts
    assert summary({}).state == "broken"
    assert summary({**store, "validation_state": "Invalid"}).state == "broken"


def test_what_a_part_says_that_does_not_fit_its_record_does_not_count():
    def manifest(kind: str, *parts: dict) -> dict:
        action = {"action": "c2pa.created", "digitalSourceType": provenance.VOCABULARY + kind}
        actions = {"label": "c2pa.actions", "data": {"actions": [action]}}
        return {"ingredients": list(parts), "assertions": [actions]}

    def part(name: str, *codes: str) -> dict:
        failure = [{"code": code} for code in ("signingCredential.untrusted", *codes)]
        return {"active_manifest": name, "validation_results": {"activeManifest": {
            "failure": failure}}}  # fmt: skip

    store = {
        "active_manifest": "edited", "validation_state": "Valid",
        "manifests": {
            "edited": manifest("composite", part("changed", "assertion.dataHash.mismatch"),
                               part("whole")),
            "changed": manifest("digitalCapture", part("inner")),
            "inner": manifest("negativeFilm"), "whole": manifest("print"),
        },
    }  # fmt: skip
    found = summary(store)
    assert found.state == "intact" and found.false_parts
    assert found.source_types == ("composite", "print")
    said = [text for _, text in file_words.lines(FileFacts("", 1, credentials=found))]
    (doubt,) = [text for text in said if "does not fit its own record" in text]
    assert not re.search("[a-z]", translate(doubt, "zh"))
    store["manifests"] = {"edited": manifest("composite", part("far", "manifest.inaccessible"))}
    assert not summary(store).false_parts, "its record is kept elsewhere, and was not fetched"


def test_no_mark_of_ai_is_not_said_where_one_may_have_been_left_out():
    for false_parts in (False, True):
        record = Credentials("intact", false_parts=false_parts)
        words = said(FileFacts("", 1, "JPEG", credentials=record), "Not there")
        assert words.startswith("No camera data." if false_parts else "No mark of AI and no camera")


# -- camera and software -------------------------------------------------------------
def exif(**more) -> Image.Exif:
    tags = Image.Exif()
    tags[0x010F], tags[0x0110], tags[0x0131] = "Canon", "Canon EOS R5", "Firmware 1.8"
    tags.get_ifd(0x8769).update({0x9003: "2024:05:01 12:34:56", 0x829A: (1, 250), 0x8827: 100})
    tags.get_ifd(0x8825).update({1: "N", 2: (52.0, 31.0, 12.345), 3: "E", 4: (13.0, 24.0, 17.25)})
    for tag, value in more.items():
        tags[int(tag[1:], 16)] = value
    return tags


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF", "AVIF", "HEIF"])
def test_camera_data(picture, kind):
    file_facts(jpeg(picture))  # so that Pillow knows HEIF
    buffer = io.BytesIO()
    picture.save(buffer, kind, exif=exif().tobytes())
    facts = file_facts(buffer.getvalue())
    assert (facts.make, facts.camera) == ("Canon", "Canon EOS R5")
    assert facts.taken == "2024-05-01 12:34" and facts.exposure and facts.place
    assert facts.software == "Firmware 1.8"
    assert "taken with Canon EOS R5 on 2024-05-01 12:34 with its exp" in said(
        facts, "Camera (EXIF)"
    )
    assert "Firmware 1.8" in said(facts, "Software")
    assert said(facts, "Place (EXIF)").startswith("It says where it was taken.")
    for secret in ("52", "31.0", "12.345", "17.25"):
        assert secret not in all_text(facts).replace(facts.sha256, "").replace(str(facts.size), "")


def test_size_as_a_person_sees_it(picture):
    facts = file_facts(jpeg(picture, exif=exif(t0112=6)))
    assert (facts.width, facts.height) == (240, 320)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF", "AVIF", "HEIF"])
@pytest.mark.parametrize("orientation", [1, 3, 5, 6, 7, 8])
def test_every_container_has_the_size_at_which_it_opens(picture, kind, orientation):
    buffer = io.BytesIO()
    picture.save(buffer, kind, exif=exif(t0112=orientation).tobytes())
    facts = file_facts(buffer.getvalue())
    assert (facts.width, facts.height) == open_picture(buffer.getvalue()).size
    assert (facts.width > facts.height) == (orientation < 5)


def test_a_tiff_whose_directory_stands_behind_its_pixels():
    noise = np.random.default_rng(0).integers(0, 256, (1300, 1300, 3), np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(noise).save(buffer, "TIFF", compression="tiff_lzw", exif=exif())
    content = buffer.getvalue()
    assert int.from_bytes(content[4:8], "little") > 5 * 2**20
    facts = file_facts(content)
    assert (facts.camera, facts.software) == ("Canon EOS R5", "Firmware 1.8")


def test_the_programs_that_saved_it(picture):
    packet = (
        f'<rdf:RDF xmlns:rdf="{provenance.RDF}"><rdf:Description rdf:about="" '
        'xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmp:CreatorTool="Adobe Photoshop 25.0"/>'
        "</rdf:RDF>"
    )
    facts = file_facts(jpeg(picture, exif=exif(), xmp=packet.encode()))
    assert facts.tool == "Adobe Photoshop 25.0"
    assert "Firmware 1.8 and Adobe Photoshop 25.0" in said(facts, "Software")


@pytest.mark.parametrize(
    ("name", "key", "text"),
    [
        ("Stable Diffusion", "parameters", "a face\nSteps: 20, Sampler: Euler a, Seed: 5"),
        ("ComfyUI", "prompt", '{"3": {"class_type": "KSampler", "inputs": {}}}'),
        ("NovelAI", "Software", "NovelAI"),
        ("Midjourney", "Description", "face Job ID: 123e4567-e89b-12d3-a456-426614174000"),
        ("InvokeAI", "invokeai_metadata", "{}"),
        ("", "parameters", "of the camera"),
        ("", "Comment", "Steps: two"),
    ],
)
def test_settings_of_image_generators(picture, name, key, text):
    chunks = PngImagePlugin.PngInfo()
    chunks.add_text(key, text)
    buffer = io.BytesIO()
    picture.save(buffer, "PNG", pnginfo=chunks)
    facts = file_facts(buffer.getvalue())
    assert facts.generator == name
    assert bool(said(facts, "Image generator")) == bool(name)
    assert facts.settings == (" ".join(text.split()) if name else "")


def test_settings_in_a_jpeg(picture):
    tags = Image.Exif()
    comment = "a face\nSteps: 20, Sampler: Euler".encode("utf-16-be")
    tags.get_ifd(0x8769)[0x9286] = b"UNICODE\x00" + comment
    assert file_facts(jpeg(picture, exif=tags)).generator == "Stable Diffusion"
    tags = Image.Exif()
    tags[0x0110] = 'prompt:{"1": {"class_type": "KSampler"}}'
    facts = file_facts(jpeg(picture, exif=tags))
    assert facts.generator == "ComfyUI" and facts.camera == ""


# -- traces of JPEG ------------------------------------------------------------------
@pytest.mark.parametrize("mode", ["RGB", "L", "CMYK"])
def test_jpeg_quality_is_found_again(picture, mode):
    for quality in range(1, 101):
        content = jpeg(picture.convert(mode).resize((16, 16)), quality=quality)
        assert jpeg_quality(content) == quality


def test_jpeg_quality_of_other_tables(picture):
    """Tables that are not libjpeg's: near a quality whose mean strength they share."""
    odd = [[max(1, round(q * 0.3) + i % 3) for i, q in enumerate(range(12, 76))]] * 2
    assert 80 <= jpeg_quality(jpeg(picture, qtables=odd)) <= 95
    assert jpeg_quality(provenance.encode(picture, "PNG", model="x")) is None
    assert jpeg_quality(b"no picture") is None and jpeg_quality(b"") is None


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


def test_a_thumbnail_that_shows_something_else(picture):
    small = picture.resize((160, 120))
    turned = picture.transpose(Image.Transpose.ROTATE_90)
    letterboxed = Image.new("RGB", (160, 160))
    letterboxed.paste(small, (0, 20))
    same = {
        "same": (picture, small),
        "turned": (turned, small),
        "letterboxed": (picture, letterboxed),
        "brighter": (picture.point(lambda v: min(255, 20 + int(v * 0.9))), small),
    }
    for name, pair in same.items():
        facts = file_facts(with_thumbnail(*pair))
        assert facts.thumbnail_differs is False, name
        assert said(facts, "Thumbnail") == ""
    pasted = picture.copy()
    pasted.paste("white" if picture.convert("L").getpixel((130, 90)) < 128 else "black",
                 (110, 60, 190, 150))  # fmt: skip
    other = {
        "pasted": (pasted, small),
        "cropped": (picture.crop((140, 80, 320, 240)), small),
        "another": (picture.transpose(Image.Transpose.FLIP_LEFT_RIGHT), small),
    }
    for name, pair in other.items():
        facts = file_facts(with_thumbnail(*pair))
        assert facts.thumbnail_differs is True, name
        assert "probably edited" in said(facts, "Thumbnail")
    assert file_facts(jpeg(picture)).thumbnail_differs is None


@pytest.mark.parametrize("upright", [False, True])
def test_a_thumbnail_whose_edges_are_not_whole_numbers(picture, upright):
    """1200 x 900 pixels are decoded at 150 x 113, so rounding has its say where the edges lie."""
    large, small = picture.resize((1200, 900)), picture.resize((160, 120))
    if upright:
        large = large.transpose(Image.Transpose.ROTATE_90)
    facts = file_facts(with_thumbnail(large, small))
    assert facts.thumbnail_differs is False
    assert (facts.container, facts.make) == ("JPEG", "Canon") and facts.width == large.width


def test_a_thumbnail_that_cannot_be_compared_costs_nothing_else(picture, monkeypatch):
    def fail(*_):
        raise ValueError("box offset can't be negative")

    monkeypatch.setattr(jpeg_traces, "_compare", fail)
    facts = file_facts(with_thumbnail(picture, picture.resize((160, 120))))
    assert facts.thumbnail_differs is None
    assert (facts.container, facts.make, facts.width) == ("JPEG", "Canon", 320)


# -- hostile files -------------------------------------------------------------------
def test_texts_are_cut_and_plain(picture):
    evil = "\x1b[31m\u202eevil\x00\n" + "a" * 5000
    assert len(plain(evil)) == 200 and plain(evil).isprintable()
    facts = file_facts(jpeg(picture, exif=exif(t010F=evil.replace("\x00", ""), t0131="b" * 60_000)))
    assert len(facts.make) == 200 and len(facts.software) == 200 and facts.make.isprintable()
    for _, text in facts.lines():
        assert text.isprintable() and len(text) < 700
    assert plain(None) == "" and plain(5) == ""


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


def test_damaged_records_never_raise(signed):
    """The library may refuse them with its own error; what it reads has a summary."""
    start, end = signed.index(b"jumb") - 8, signed.index(b"\xff\xdb")
    rng = np.random.default_rng(6)
    read = 0
    with c2pa.Context.from_dict(c2pa_info.OFFLINE) as context:
        for number in range(200):
            changed = bytearray(signed)
            for at in rng.integers(start, end, rng.integers(1, 4)):
                changed[at] = rng.integers(256)
            content = bytes(changed)
            if number < 3:
                found = read_credentials(content)
                assert found is None or found.state in c2pa_info.STATES
            with suppress(c2pa.C2paError):
                reader = c2pa.Reader.try_create(None, io.BytesIO(content), context=context)
                read += reader is not None
                assert reader is None or summary(json.loads(reader.json())).state
    assert read > 5


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
