"""What files say of themselves, made here for the purpose, and a few hundred damaged ones."""

import hashlib
import io
import json

import numpy as np
import pytest
from PIL import Image, PngImagePlugin

from ganfake import provenance
from ganfake.c2pa_info import plain
from ganfake.fileinfo import file_facts
from ganfake.images import open_picture
from ganfake.jpeg_traces import jpeg_quality
from ganfake.marks import PixelMark
from ganfake.video import encode_mp4
from tests.facts import all_text, exif, jpeg, said


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


def test_texts_are_cut_and_plain(picture):
    evil = "\x1b[31m\u202eevil\x00\n" + "a" * 5000
    assert len(plain(evil)) == 200 and plain(evil).isprintable()
    facts = file_facts(jpeg(picture, exif=exif(t010F=evil.replace("\x00", ""), t0131="b" * 60_000)))
    assert len(facts.make) == 200 and len(facts.software) == 200 and facts.make.isprintable()
    for _, text in facts.lines():
        assert text.isprintable() and len(text) < 700
    assert plain(None) == "" and plain(5) == ""
