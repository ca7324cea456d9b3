"""Hostile and odd pictures and archives; every fixture is made here."""

import io
import os
import struct
import subprocess
import sys
import threading
import time
import warnings
import zipfile
import zlib
from concurrent.futures import ThreadPoolExecutor

import cv2
import numpy as np
import pytest
import tifffile
import torch
from PIL import Image, ImageCms, ImageFile, JpegImagePlugin, PngImagePlugin
from skimage.data import astronaut

from ganfake import UserError, archives, eight_bits, images
from ganfake.archives import read_pictures
from ganfake.images import encode_jpeg, open_picture, tensor_to_picture

RAMP = np.linspace(0, 65535, 64 * 64).round().astype(np.uint16).reshape(64, 64)
RAMP_8 = np.round(RAMP / 257).astype(int)


def file_of(picture: Image.Image, kind: str, **options) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, kind, **options)
    return buffer.getvalue()


def face(size: int = 128) -> Image.Image:
    return Image.fromarray(astronaut()[:256, 96:352]).resize((size, size))


def corners(width: int = 96, height: int = 64) -> Image.Image:
    """Red top left, green top right, blue bottom left, white bottom right."""
    small = np.array([[[255, 0, 0], [0, 255, 0]], [[0, 0, 255], [255, 255, 255]]], np.uint8)
    return Image.fromarray(small).resize((width, height), Image.Resampling.NEAREST)


def grey_png(width: int, height: int, image_data: bytes) -> bytes:
    def chunk(kind: bytes, body: bytes) -> bytes:
        crc = struct.pack(">I", zlib.crc32(kind + body))
        return struct.pack(">I", len(body)) + kind + body + crc

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    parts = chunk(b"IHDR", header) + chunk(b"IDAT", image_data) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + parts


def zeros(count: int) -> bytes:
    """`count` zeros, a multiple of a MiB, deflated piece by piece."""
    deflate = zlib.compressobj(9)
    block = bytes(2**20)
    return b"".join(deflate.compress(block) for _ in range(count >> 20)) + deflate.flush()


def is_sentence(error: UserError, *, forbidden: str = "/") -> bool:
    text = str(error)
    one = text.endswith(".") and text.count(". ") == 0 and "\n" not in text
    return one and text[0].isupper() and forbidden not in text and "Error" not in text


def refusal(source, **options) -> str:
    with pytest.raises(UserError) as caught:
        open_picture(source, **options)
    assert is_sentence(caught.value), str(caught.value)
    return str(caught.value)


def zip_of(path, members: dict[str, bytes], method=zipfile.ZIP_DEFLATED):
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


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


def test_too_many_bytes(monkeypatch, tmp_path):
    monkeypatch.setattr(images, "MAX_BYTES", 2**20)
    path = tmp_path / "large.jpg"
    path.write_bytes(file_of(face(), "JPEG") + bytes(2**20))
    assert "1 MB" in refusal(path)
    assert "1 MB" in refusal(path.read_bytes())


def test_too_many_pixels_are_refused_before_decoding(monkeypatch):
    def fail(self):
        raise AssertionError("decoded")

    good = file_of(face(), "PNG")
    monkeypatch.setattr(ImageFile.ImageFile, "load", fail)
    images._prepare_pillow.cache_clear()  # its filter went with an earlier test's
    content = grey_png(30_000, 30_000, zeros(900 * 2**20 // 8))
    assert "120 megapixels" in refusal(content)
    assert "120 megapixels" in refusal(grey_png(13_000, 10_000, b""))  # Pillow only warns
    assert "damaged" in refusal(good)  # the trap works


def test_large_pictures_under_our_limit_open_in_silence():
    width, height = 15_000, 6_000  # 90 megapixels: Pillow warns
    rows = zeros(2**20 * (height * (width + 1) // 2**20 + 1))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        images._prepare_pillow.cache_clear()  # its filter went with an earlier test's
        assert open_picture(grey_png(width, height, rows), max_side=512).size == (512, 205)


def test_decoders_that_hold_several_copies_may_have_fewer_pixels():
    flat = {"WEBP": Image.new("RGB", (10_000, 5_001)), "TIFF": Image.new("1", (10_000, 6_001))}
    options = {"WEBP": {"lossless": True, "method": 0}, "TIFF": {"compression": "group4"}}
    for kind, most in (("WEBP", "50"), ("TIFF", "60")):
        assert f"{most} megapixels" in refusal(file_of(flat[kind], kind, **options[kind]))
    assert open_picture(file_of(flat["WEBP"], "PNG", compress_level=1)).size == (4096, 2048)


# In a process of its own, for what it takes at most would hide behind what the tests took before.
MEASURED = """
import sys
from pathlib import Path
from ganfake import eight_bits, images

def most():
    status = Path("/proc/self/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) * 1024

eight_bits._LARGE = eight_bits._STRIP = 10**6  # so that the test's pictures are large ones
images.open_picture(Path(sys.argv[1]))  # a small one first: what is loaded once is no part of it
before = most()
for path in sys.argv[2:]:
    images.open_picture(Path(path))
    print(most() - before)
"""


@pytest.mark.skipif(not os.path.exists("/proc/self/status"), reason="it tells what is taken")
def test_no_more_than_some_copies_of_a_large_picture_are_held(tmp_path):
    modes = {"I;16": "PNG", "F": "TIFF", "I": "TIFF", "RGBA": "PNG", "LA": "PNG"}
    paths = [tmp_path / "small.png", *(tmp_path / f"{mode}.file" for mode in modes)]
    paths[0].write_bytes(file_of(face(), "PNG"))
    for path, (mode, kind) in zip(paths[1:], modes.items(), strict=True):
        how = {"compression": "tiff_adobe_deflate"} if kind == "TIFF" else {"compress_level": 1}
        path.write_bytes(file_of(Image.new(mode, (12_000, 1_000)), kind, **how))
    command = [sys.executable, "-c", MEASURED, *paths]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    for mode, taken in zip(modes, done.stdout.split(), strict=True):
        # Pillow holds 4 bytes a pixel (of I;16 two); one copy of one byte, or of a quarter of
        # the pixels; and what it is shrunk to.
        assert int(taken) / 12e6 < 8, mode


@pytest.mark.parametrize(("from_pixels", "most"), [(1000, 1), (10**6, 4)])
def test_one_large_picture_is_decoded_at_a_time(monkeypatch, from_pixels, most):
    inside, seen = [], []
    together = threading.Barrier(most)  # nobody leaves before so many are in

    def as_seen(picture: Image.Image, max_side: int) -> Image.Image:
        inside.append(picture)
        seen.append(len(inside))
        together.wait(20)
        time.sleep(0.02)  # so that another one comes in where it can
        inside.pop()
        return picture

    monkeypatch.setattr(images, "as_seen", as_seen)
    monkeypatch.setattr(images, "_LARGE", from_pixels)
    content = file_of(face(), "PNG")
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(open_picture, [content] * 4))
    assert max(seen) == most


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P", "RGB", "L"])
def test_large_pictures_with_transparency_look_as_small_ones_do(monkeypatch, mode):
    shown = face(200).convert(mode)
    if "A" in mode:
        shown.putalpha(corners(200, 200).convert("L"))
    key = {} if "A" in mode else {"transparency": shown.getpixel((100, 100))}
    content = file_of(shown, "PNG", **key)
    for max_side in (64, 99, 150, 200):
        expected = np.asarray(open_picture(content, max_side), int)
        with monkeypatch.context() as patch:
            patch.setattr(eight_bits, "_LARGE", 1000)
            patch.setattr(eight_bits, "_STRIP", 1500)  # strips of a few rows
            opened = np.asarray(open_picture(content, max_side), int)
        assert opened.shape == expected.shape
        difference = np.abs(opened - expected)
        # Halving averages four pixels, which is a little less fine than shrinking at once.
        assert difference.max() == 0 if max_side == 200 else difference.mean() < 6


def test_greys_do_not_show_the_strips_they_were_scaled_in(monkeypatch):
    rng = np.random.default_rng(0)
    floats = rng.normal(0, 3, (70, 50)).astype(np.float32)
    floats[3, 4], floats[60, 7], floats[69, 49] = np.nan, np.inf, -np.inf
    depths = [floats, np.abs(floats) / 20, RAMP, RAMP.astype(np.int32) * 9 - 70_000]
    for values in depths:
        buffer = io.BytesIO()
        tifffile.imwrite(buffer, values)
        whole = np.asarray(open_picture(buffer.getvalue()))
        with monkeypatch.context() as patch:
            patch.setattr(eight_bits, "_STRIP", 100)
            assert np.array_equal(np.asarray(open_picture(buffer.getvalue())), whole)
        finite = np.nan_to_num(values.astype(np.float64), posinf=0, neginf=0)
        if finite.min() < 0:
            stretched = (finite - finite.min()) / (finite.max() - finite.min()) * 255
            assert np.abs(whole[..., 0] - stretched).max() <= 0.51


def test_threads_leave_no_filters_behind():
    files = [file_of(face(32), kind) for kind in ("JPEG", "PNG", "WEBP", "TIFF")] * 20
    open_picture(files[0])
    before = list(warnings.filters)
    with ThreadPoolExecutor(8) as pool:
        assert {opened.size for opened in pool.map(open_picture, files)} == {(32, 32)}
    assert list(warnings.filters) == before


def test_48_megapixel_photo(monkeypatch):
    exif = Image.Exif()
    exif[0x0112] = 6  # shot upright: turn a quarter clockwise
    content = file_of(corners(8064, 6048), "JPEG", exif=exif)
    decoded = []
    load = JpegImagePlugin.JpegImageFile.load

    def spy(self):
        decoded.append(self.size)
        return load(self)

    monkeypatch.setattr(JpegImagePlugin.JpegImageFile, "load", spy)
    opened = open_picture(content)
    assert decoded[0] == (4032, 3024)
    assert opened.size == (3024, 4032)
    assert opened.getpixel((3000, 20))[0] > 240  # the red corner went to the top right
    assert open_picture(content, max_side=640).size == (480, 640)


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


def test_folder(tmp_path):
    jpeg = file_of(face(32), "JPEG")
    root = tmp_path / "pictures"
    (root / "sub" / "__MACOSX").mkdir(parents=True)
    (root / ".git").mkdir()
    for name in ("b.jpg", "sub/a.jpg", ".hidden.jpg", ".git/c.jpg", "sub/__MACOSX/d.jpg"):
        (root / name).write_bytes(jpeg)
    (root / ".DS_Store").write_bytes(b"x")
    (root / "notes.txt").write_text("text")
    zip_of(root / "more.zip", {"a.jpg": jpeg})
    (tmp_path / "outside.jpg").write_bytes(jpeg)
    (root / "link_in.jpg").symlink_to(root / "b.jpg")
    (root / "link_out.jpg").symlink_to(tmp_path / "outside.jpg")
    (root / "loop").symlink_to(root)
    entries = list(read_pictures(root))
    kinds = [(name, isinstance(entry, Image.Image)) for name, entry in entries if name != "loop"]
    assert kinds == [
        ("b.jpg", True),
        ("link_in.jpg", True),
        ("more.zip", False),
        ("notes.txt", False),
        ("a.jpg", True),
    ]
    for _, entry in entries:
        assert isinstance(entry, Image.Image) or is_sentence(entry)
    assert len(list(read_pictures(root, limit=2))) == 2


def test_single_file_and_missing(tmp_path):
    path = tmp_path / "a.png"
    path.write_bytes(file_of(face(32), "PNG"))
    [(name, picture)] = read_pictures(path)
    assert (name, picture.size) == ("a.png", (32, 32))
    with pytest.raises(UserError, match="no such file") as caught:
        list(read_pictures(tmp_path / "missing"))
    assert is_sentence(caught.value)


def test_zip_names_lead_nowhere(tmp_path):
    png = file_of(face(32), "PNG")
    names = ["../../up.png", "/etc/root.png", "..\\back.png", "in/new\nline.png"]
    junk = ["__MACOSX/a.png", ".DS_Store", "a/.b.png", "folder/", ".."]
    path = zip_of(tmp_path / "a.zip", dict.fromkeys(names + junk, png))
    before = sorted(tmp_path.rglob("*"))
    entries = list(read_pictures(path))
    assert sorted(name for name, _ in entries) == [
        "back.png",
        "new_line.png",
        "root.png",
        "up.png",
    ]
    assert all(isinstance(entry, Image.Image) for _, entry in entries)
    assert sorted(tmp_path.rglob("*")) == before


def test_zip_bombs(tmp_path, monkeypatch):
    monkeypatch.setattr(images, "MAX_BYTES", 2**20)
    png = file_of(face(32), "PNG")
    path = zip_of(tmp_path / "bomb.zip", {"a.png": bytes(2**20 + 1), "b.png": png})
    [(_, bomb), (_, picture)] = read_pictures(path)
    assert is_sentence(bomb) and "1 MB" in str(bomb)
    assert picture.size == (32, 32)

    # Both directories claim 100 bytes: no more than these are inflated.
    lying = path.read_bytes().replace(struct.pack("<I", 2**20 + 1), struct.pack("<I", 100))
    path.write_bytes(lying)
    [(_, bomb), _] = read_pictures(path)
    assert is_sentence(bomb)

    monkeypatch.setattr(archives, "MAX_UNPACKED", 3 * 2**20)
    path = zip_of(tmp_path / "many.zip", {f"{i}.png": bytes(2**20) for i in range(9)})
    entries = [entry for _, entry in read_pictures(path)]
    assert len(entries) == 4 and "unpacks" in str(entries[-1]) and is_sentence(entries[-1])


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_zip_methods_without_a_brake_are_refused(tmp_path, method):
    [(_, entry)] = read_pictures(zip_of(tmp_path / "a.zip", {"a.png": bytes(99)}, method))
    assert is_sentence(entry) and "plain zip" in str(entry)


def test_zip_with_too_many_members(tmp_path, monkeypatch):
    path = zip_of(tmp_path / "a.zip", {f"{i}.txt": b"" for i in range(30)})
    monkeypatch.setattr(archives, "MAX_MEMBERS", 20)
    for longest in (2**20, 1000):  # counted, or not even read
        monkeypatch.setattr(archives._ShortReads, "longest", longest)
        with pytest.raises(UserError, match="over 20 files") as caught:
            list(read_pictures(path))
        assert is_sentence(caught.value)


def test_broken_zips(tmp_path):
    png = file_of(face(32), "PNG")
    content = zip_of(tmp_path / "a.zip", {"a.png": png, "b.zip": b"PK\3\4"}).read_bytes()
    flagged = bytearray(content)
    flagged[content.index(b"PK\x01\x02") + 8] |= 1  # encrypted
    wrong = {
        "locked.zip": (bytes(flagged), "password"),
        "cut.zip": (content[: len(content) // 2], "damaged"),
        "text.zip": (b"not an archive", "damaged"),
        "empty.zip": (b"", "damaged"),
    }
    for name, (broken, word) in wrong.items():
        (tmp_path / name).write_bytes(broken)
        with pytest.raises(UserError, match=word) as caught:
            list(read_pictures(tmp_path / name))
        assert is_sentence(caught.value)
    hurt = bytearray(content)
    hurt[200:210] = bytes(10)
    (tmp_path / "hurt").write_bytes(hurt)  # an archive by what it holds, not by name
    [(_, damaged), (_, nested)] = read_pictures(tmp_path / "hurt")
    assert is_sentence(damaged) and "damaged" in str(damaged)
    assert is_sentence(nested) and "archive" in str(nested)


def test_errors_hold_no_picture(tmp_path):
    path = zip_of(tmp_path / "a.zip", {"a.txt": b"text"})
    [(_, error)] = read_pictures(path)
    assert error.__traceback__ is None and error.__context__ is None


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
