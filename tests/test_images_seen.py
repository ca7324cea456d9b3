"""A picture looks as a person sees it: turned, in colour, on white."""

import io
import struct

import cv2
import numpy as np
import pytest
import tifffile
from PIL import Image, ImageCms, PngImagePlugin

from ganfake.images import open_picture
from tests.pictures import RAMP, corners, face, file_of

RAMP_8 = np.round(RAMP / 257).astype(int)


def test_max_side_of_a_thin_picture():
    assert open_picture(file_of(Image.new("L", (4000, 20)), "JPEG"), max_side=64).size == (64, 1)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF", "AVIF"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_orientation(kind, orientation):
    exif = Image.Exif()
    exif[0x0112] = orientation
    opened = open_picture(file_of(corners(), kind, exif=exif))
    # Colours of the corners clockwise from the top left, as the EXIF standard has them.
    expected = {1: "rgwb", 2: "grbw", 3: "wbrg", 4: "bwgr", 5: "rbwg", 6: "brgw", 7: "wgrb"}
    expected[8] = "gwbr"
    names = {(True, False, False): "r", (False, True, False): "g", (False, False, True): "b"}
    width, height = opened.size
    seen = ""
    for x, y in ((8, 8), (width - 9, 8), (width - 9, height - 9), (8, height - 9)):
        seen += names.get(tuple(v > 128 for v in opened.getpixel((x, y))), "w")
    assert seen == expected[orientation]
    assert opened.size == ((96, 64) if orientation < 5 else (64, 96))


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF", "AVIF"])
def test_only_exif_turns_a_picture(kind):
    """XMP that outlived a turning of the pixels, which browsers do not follow."""
    packet = (
        b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22'
        b'-rdf-syntax-ns#"><rdf:Description rdf:about="" xmlns:tiff="http://ns.adobe.com/tiff/1.0/"'
        b' tiff:Orientation="6"/></rdf:RDF></x:xmpmeta>'
    )
    options = {"xmp": packet}
    if kind == "PNG":
        options = {"pnginfo": PngImagePlugin.PngInfo()}
        options["pnginfo"].add_itxt("XML:com.adobe.xmp", packet.decode())
    elif kind == "TIFF":
        options = {"tiffinfo": {700: packet}}
    content = file_of(corners(), kind, **options)
    assert b'tiff:Orientation="6"' in content
    assert open_picture(content).size == (96, 64)


def test_a_png_is_not_turned_by_a_text():
    """ImageMagick's way to keep EXIF, which browsers do not follow either."""
    exif = Image.Exif()
    exif[0x0112] = 6
    block, chunks = exif.tobytes(), PngImagePlugin.PngInfo()
    chunks.add_text("Raw profile type exif", f"\nexif\n{len(block):8}\n{block.hex()}\n")
    assert open_picture(file_of(corners(), "PNG", pnginfo=chunks)).size == (96, 64)
    assert open_picture(file_of(corners(), "PNG", exif=exif)).size == (64, 96)


def test_broken_exif_and_profile_are_ignored():
    content = file_of(face(), "JPEG", exif=b"Exif\0\0garbage", icc_profile=b"no profile" * 20)
    assert open_picture(content).size == (128, 128)


def test_cmyk():
    blue = Image.new("CMYK", (32, 32), (255, 255, 0, 0))
    for kind in ("JPEG", "TIFF"):
        assert np.allclose(open_picture(file_of(blue, kind)).getpixel((9, 9)), (0, 0, 255), atol=4)


def test_16_bit_greys():
    png = cv2.imencode(".png", RAMP)[1].tobytes()
    files = [png]
    for order in "<>":
        buffer = io.BytesIO()
        tifffile.imwrite(buffer, RAMP.astype(f"{order}u2"), byteorder=order)
        files.append(buffer.getvalue())
    buffer = io.BytesIO()
    Image.fromarray(RAMP.astype(np.int32)).save(buffer, "TIFF")  # Pillow's mode I
    files.append(buffer.getvalue())
    for content in files:
        opened = np.asarray(open_picture(content), int)
        assert np.abs(opened - RAMP_8[..., None]).max() <= 1


def test_greys_that_count_from_white():
    buffer = io.BytesIO()
    tifffile.imwrite(buffer, RAMP, photometric="miniswhite")
    opened = np.asarray(open_picture(buffer.getvalue()), int)
    assert np.abs(opened - 255 + RAMP_8[..., None]).max() <= 1


def test_12_bit_greys():
    short = (RAMP >> 4).reshape(-1, 2)
    three = [short[:, 0] >> 4, (short[:, 0] & 15) << 4 | short[:, 1] >> 8, short[:, 1] & 255]
    pixels = np.stack(three, 1).astype(np.uint8).tobytes()
    tags = {256: 64, 257: 64, 258: 12, 259: 1, 262: 1, 273: 8 + 2 + 9 * 12 + 4, 277: 1, 278: 64,
            279: len(pixels)}  # fmt: skip
    entries = b"".join(struct.pack("<HHII", tag, 4, 1, value) for tag, value in tags.items())
    content = b"II*\0" + struct.pack("<IH", 8, len(tags)) + entries + bytes(4) + pixels
    opened = np.asarray(open_picture(content), int)
    assert np.abs(opened - RAMP_8[..., None]).max() <= 1


def test_16_bit_colours():
    colours = np.stack([RAMP, RAMP.T, RAMP[::-1]], axis=-1)
    buffer = io.BytesIO()
    tifffile.imwrite(buffer, colours)
    for content in (cv2.imencode(".png", colours[..., ::-1])[1].tobytes(), buffer.getvalue()):
        opened = np.asarray(open_picture(content), int)
        assert np.abs(opened - np.round(colours / 257)).max() <= 1


def test_float_greys():
    content = file_of(Image.fromarray((RAMP / 65535).astype(np.float32)), "TIFF")
    assert np.abs(np.asarray(open_picture(content), int)[..., 0] - RAMP_8).max() <= 1


def test_transparency_lies_on_white():
    rgba = Image.new("RGBA", (32, 32), (255, 0, 0, 0))
    half = Image.new("LA", (32, 32), (0, 128))
    palette = Image.new("P", (32, 32), 0)
    palette.putpalette([255, 0, 0, 0, 255, 0])
    plain = Image.new("RGB", (32, 32), (9, 9, 9))
    grey = Image.new("L", (32, 32), 7)
    for kind in ("PNG", "WEBP"):
        assert open_picture(file_of(rgba, kind)).getpixel((9, 9)) == (255, 255, 255)
    assert open_picture(file_of(half, "PNG")).getpixel((9, 9)) == (127, 127, 127)
    for picture, key in ((palette, 0), (plain, (9, 9, 9)), (grey, 7)):
        content = file_of(picture, "PNG", transparency=key)
        assert open_picture(content).getpixel((9, 9)) == (255, 255, 255)
    assert open_picture(file_of(palette, "PNG")).getpixel((9, 9)) == (255, 0, 0)


def test_one_bit():
    opened = open_picture(file_of(corners().convert("1"), "PNG"))
    assert set(np.unique(np.asarray(opened))) <= {0, 255}
    assert opened.getpixel((90, 60)) == (255, 255, 255)


def test_animation_gives_the_first_frame():
    frames = [Image.new("RGB", (32, 32), colour) for colour in ("red", "lime", "blue")]
    for kind in ("GIF", "WEBP", "PNG", "AVIF"):
        content = file_of(frames[0], kind, save_all=True, append_images=frames[1:])
        assert np.allclose(open_picture(content).getpixel((9, 9)), (255, 0, 0), atol=4)


def test_profile_is_turned_to_srgb():
    swapped = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    # An sRGB profile whose red and blue primaries changed places, under another name.
    swapped = swapped.replace(b"rXYZ", b"tmp!").replace(b"bXYZ", b"rXYZ").replace(b"tmp!", b"bXYZ")
    swapped = swapped.replace("sRGB".encode("utf-16-be"), "test".encode("utf-16-be"))
    content = file_of(Image.new("RGB", (32, 32), (255, 0, 0)), "PNG", icc_profile=swapped)
    assert np.allclose(open_picture(content).getpixel((9, 9)), (0, 0, 255), atol=3)
    plain = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    content = file_of(face(), "PNG", icc_profile=plain)
    assert np.array_equal(np.asarray(open_picture(content)), np.asarray(face()))
    grey = file_of(face().convert("L"), "PNG", icc_profile=swapped)  # profile of another mode
    assert open_picture(grey).mode == "RGB"


def test_linear_srgb_is_turned_to_srgb():
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    count = int.from_bytes(profile[128:132], "big")
    rows = [struct.unpack_from(">4sII", profile, 132 + 12 * i) for i in range(count)]
    tags = {kind: profile[start : start + size] for kind, start, size in rows}
    name = "GIMP built-in Linear sRGB".encode("utf-16-be")
    tags[b"desc"] = struct.pack(">4s4xII4sII", b"mluc", 1, 12, b"enUS", len(name), 28) + name
    for channel in b"rgb":
        tags[bytes([channel]) + b"TRC"] = b"curv" + bytes(8)  # no points: light itself
    table, body = b"", b""
    for kind, content in tags.items():
        table += struct.pack(">4sII", kind, 132 + 12 * count + len(body), len(content))
        body += content + bytes(-len(content) % 4)
    linear = profile[4:128] + profile[128:132] + table + body
    linear = struct.pack(">I", len(linear) + 4) + linear
    light = np.asarray(face()) / 255.0
    light = np.where(light <= 0.04045, light / 12.92, ((light + 0.055) / 1.055) ** 2.4)
    stored = Image.fromarray((light * 255 + 0.5).astype(np.uint8))
    opened = np.asarray(open_picture(file_of(stored, "PNG", icc_profile=linear)), int)
    # 8 bits of light are coarse in the dark: one step is 13 levels of sRGB there.
    assert np.abs(opened - np.asarray(face(), int)).max() <= 8
    assert abs(opened.mean() - np.asarray(face()).mean()) < 0.5
