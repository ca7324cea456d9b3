"""Hostile and odd pictures; every fixture is made here."""

import io
import os

import cv2
import numpy as np
import pytest
import tifffile
import torch
from PIL import Image, ImageFile, JpegImagePlugin

from ganfake import UserError
from ganfake.images import encode_jpeg, open_picture, tensor_to_picture
from tests.pictures import face, file_of, is_sentence, refusal, zip_of


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "AVIF"])
def test_formats(kind):
    opened = open_picture(file_of(face(), kind))
    assert type(opened) is Image.Image
    assert (opened.mode, opened.size, opened.info) == ("RGB", (128, 128), {})
    difference = np.abs(np.asarray(opened, int) - np.asarray(face(), int)).mean()
    assert difference < (12 if kind == "GIF" else 5)


def test_heic():
    pillow_heif = pytest.importorskip("pillow_heif")
    pillow_heif.register_heif_opener()
    try:
        content = file_of(face(), "HEIF", quality=90)
    except (KeyError, RuntimeError, OSError):
        pytest.skip("this build of pillow-heif cannot encode")
    difference = np.asarray(open_picture(content), int) - np.asarray(face(), int)
    assert np.abs(difference).mean() < 5
    other_brand = content[:8] + b"mif1" + content[12:]  # which AVIF claims as well
    assert open_picture(other_brand).size == (128, 128)


def test_broken_files(tmp_path):
    text = tmp_path / "text.jpg"
    text.write_text("This is not a picture, whatever its name says.")
    assert "not a picture" in refusal(text)
    assert "empty" in refusal(b"")
    assert "no such file" in refusal(tmp_path / "missing.jpg")
    assert "no such file" in refusal(tmp_path / ("x" * 5000))
    assert "no such file" in refusal(tmp_path / "zero\0.jpg")
    assert "folder" in refusal(tmp_path)
    assert "archive" in refusal(zip_of(tmp_path / "a.zip", {"a.txt": b"a"}))
    assert "16 pixels" in refusal(file_of(face(15), "PNG"))
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "pipe.jpg")
        assert "a pipe" in refusal(tmp_path / "pipe.jpg")  # and does not wait for ever


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "AVIF"])
@pytest.mark.parametrize("share", [0.05, 0.5, 0.9])
def test_truncated(kind, share):
    content = file_of(face(), kind)
    refusal(content[: int(len(content) * share)])
    assert not ImageFile.LOAD_TRUNCATED_IMAGES


@pytest.mark.filterwarnings("ignore::UserWarning")  # Pillow's, on damaged metadata
@pytest.mark.parametrize(("kind", "readable"), [(np.uint8, True), (np.uint16, False)])
def test_deep_planes_are_refused(kind, readable):
    planes = np.zeros((3, 32, 32), kind)
    planes[0] = np.iinfo(kind).max
    content = io.BytesIO()
    tifffile.imwrite(content, planes, photometric="rgb", planarconfig="separate")
    if readable:
        assert open_picture(content.getvalue()).getpixel((3, 3)) == (255, 0, 0)
    else:
        with pytest.raises(UserError, match="keeps 16-bit colours apart"):
            open_picture(content.getvalue())


def test_a_picture_that_cannot_be_read_is_called_one():
    colours = io.BytesIO()
    tifffile.imwrite(colours, np.zeros((32, 32, 3), np.float32), photometric="rgb")
    for content in (colours.getvalue(), file_of(face(), "AVIF")[:40], b"\x89PNG\r\n\x1a\nno more"):
        with pytest.raises(UserError, match="damaged, or of a kind that cannot be read"):
            open_picture(content)
    with pytest.raises(UserError, match="not a picture"):
        open_picture(b"II or MM, but no more")


def test_random_damage_never_escapes():
    rng = np.random.default_rng(0)
    for kind in ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "AVIF"):
        whole = np.frombuffer(file_of(face(32), kind), np.uint8)
        for _ in range(30):
            broken = whole.copy()
            places = rng.integers(0, min(len(broken), 400), 8)
            broken[places] = rng.integers(0, 256, 8)
            try:
                assert open_picture(broken.tobytes()).mode == "RGB"
            except UserError as error:
                assert is_sentence(error)


def test_padded_jpegs_have_one_length():
    flat = Image.new("RGB", (128, 128), "grey")
    files = [encode_jpeg(picture, pad_to=65536) for picture in (flat, face())]
    assert [len(content) for content in files] == [65536, 65536]
    for content, picture in zip(files, (flat, face()), strict=True):
        opened = np.asarray(open_picture(content), int)
        assert np.abs(opened - np.asarray(picture, int)).mean() < 4
        decoded = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_COLOR)
        assert np.abs(decoded[..., ::-1].astype(int) - opened).max() <= 3


def test_padding_is_exact_for_every_remainder():
    plain = encode_jpeg(face(32))
    for pad_to in (*range(1, 9), *(len(plain) + i for i in range(9)), 1000):
        assert len(encode_jpeg(face(32), pad_to=pad_to)) % pad_to == 0
    for extra in (0, 1, 3, 4, 5, 65535, 65536, 65537, 65538, 65540, 65541, 131075, 300_000):
        content = encode_jpeg(face(32), pad_to=len(plain) + extra)
        assert len(content) % (len(plain) + extra) == 0
        assert content[2:4] == b"\xff\xe0"  # JFIF's segment stays first
        assert np.array_equal(np.asarray(open_picture(content)), np.asarray(open_picture(plain)))


def test_jpeg_has_no_metadata():
    exif = Image.Exif()
    exif[0x010F] = "camera"
    picture = Image.open(io.BytesIO(file_of(face(), "JPEG", exif=exif, comment=b"hello")))
    picture.load()
    encoded = Image.open(io.BytesIO(encode_jpeg(picture)))
    assert not {"exif", "comment", "icc_profile", "xmp"} & set(encoded.info)
    assert JpegImagePlugin.get_sampling(encoded) == 0


def test_a_tensor_becomes_the_same_picture():
    pixels = np.asarray(face())
    tensor = torch.from_numpy(pixels / 127.5 - 1).permute(2, 0, 1)
    assert np.array_equal(np.asarray(tensor_to_picture(tensor)), pixels)
