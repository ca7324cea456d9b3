"""Large pictures: what is refused, and what those that are not may cost."""

import io
import os
import subprocess
import sys
import threading
import time
import warnings
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import tifffile
from PIL import Image, ImageFile, JpegImagePlugin

from ganfake import eight_bits, images
from ganfake.images import open_picture
from tests.pictures import RAMP, corners, face, file_of, grey_png, refusal, zeros


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
