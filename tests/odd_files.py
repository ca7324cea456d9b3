"""Two hundred files that should never have been sent, written into a folder.

    python -m tests.odd_files FOLDER    checks them all and tells of it as JSON

Each has one of three fates: "face" (a verdict with at least one face), "none" (no face, or a
verdict), "error" (one sentence); "any" may end either way, but must end.
"""

import gzip
import io
import json
import os
import pickle
import re
import struct
import sys
import tarfile
import time
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import skimage.data
from PIL import Image

from tests.filming import HEAD, head, scene, sound, turned, video

Odd = tuple[str, bytes, str]  # name, content, fate
KINDS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "AVIF", "HEIF")


def all_files() -> Iterator[Odd]:
    """Name, content and fate of every odd file that is a plain file."""
    for group in (_cut, _spoiled, _bombs, _strangers, _modes, _sizes, _scenes, _moving):
        yield from group()


def picture(kind: str = "PNG", pixels=HEAD, **options) -> bytes:
    """A picture file; pixels: an array or a PIL picture."""
    if kind == "HEIF":
        import pillow_heif

        pillow_heif.register_heif_opener()
    buffer = io.BytesIO()
    made = pixels if isinstance(pixels, Image.Image) else Image.fromarray(pixels)
    made.save(buffer, kind, **options)
    return buffer.getvalue()


def _cut() -> Iterator[Odd]:
    for kind in KINDS:
        whole = picture(kind)
        yield f"whole.{kind.lower()}", whole, "face"
        for share in (0.001, 0.02, 0.2, 0.5, 0.8, 0.97):
            yield f"cut-{share}.{kind.lower()}", whole[: int(len(whole) * share)], "any"
    film = video(scene((head(), 5 * i, 30)) for i in range(6))
    for share in (0.01, 0.1, 0.5, 0.9, 0.999):
        yield f"cut-{share}.mp4", film[: int(len(film) * share)], "any"


def _spoiled() -> Iterator[Odd]:
    rng = np.random.default_rng(0)
    for kind in KINDS:
        for turn in range(3):
            content = bytearray(picture(kind))
            for place in rng.integers(10, len(content), 12 * (turn + 1)):
                content[place] = rng.integers(256)
            yield f"spoiled-{turn}.{kind.lower()}", bytes(content), "any"
    film = video(scene((head(), 5 * i, 30)) for i in range(6))
    for turn in range(4):
        content = bytearray(film)
        for place in rng.integers(30, len(content), 25):
            content[place] = rng.integers(256)
        yield f"spoiled-{turn}.mp4", bytes(content), "any"


def _chunk(kind: bytes, content: bytes) -> bytes:
    check = struct.pack(">I", zlib.crc32(kind + content))
    return struct.pack(">I", len(content)) + kind + content + check


def _png(width: int, height: int, rows: bytes, depth: int = 8, colour: int = 2, more=b"") -> bytes:
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    chunks = _chunk(b"IHDR", header) + more + _chunk(b"IDAT", zlib.compress(rows))
    return b"\x89PNG\r\n\x1a\n" + chunks + _chunk(b"IEND", b"")


def _bombs() -> Iterator[Odd]:
    yield "bomb-60000.png", _png(60000, 60000, bytes(1000)), "error"
    yield "bomb-most.png", _png(2**31 - 1, 2**31 - 1, b""), "error"
    yield "bomb-none.png", _png(0, 0, b""), "error"
    yield "bomb-short.png", _png(9000, 9000, bytes(1000)), "error"
    # 64 megapixels of one bit, in 8 kilobytes: allowed, and 200 MB once it is unpacked.
    yield "large-1bit.png", _png(8000, 8000, bytes(1001 * 8000), 1, 0), "none"
    yield "large-2bit.png", _png(9000, 4500, bytes(2251 * 4500), 2, 0), "none"
    note = _chunk(b"zTXt", b"Comment\0\0" + zlib.compress(bytes(80_000_000), 9))
    yield "bomb-text.png", _png(64, 64, bytes(193 * 64), more=note), "any"
    jpeg = bytearray(picture("JPEG"))
    frame = jpeg.index(b"\xff\xc0")
    for width, height in ((65535, 65535), (65535, 1), (0, 0), (10000, 10000)):
        jpeg[frame + 5 : frame + 9] = struct.pack(">HH", height, width)
        yield f"says-{width}x{height}.jpg", bytes(jpeg), "any"
    for kind, place, form in (("GIF", 6, "<HH"), ("BMP", 18, "<ii")):
        content = bytearray(picture(kind))
        for size in ((65535, 65535), (0, 0), (30000, 2)):
            content[place : place + struct.calcsize(form)] = struct.pack(form, *size)
            yield f"says-{size[0]}x{size[1]}.{kind.lower()}", bytes(content), "any"
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("zeros", bytes(50_000_000))
    yield "bomb.zip", packed.getvalue(), "error"
    yield "bomb.gz", gzip.compress(bytes(20_000_000)), "error"


def _strangers() -> Iterator[Odd]:
    yield "empty.jpg", b"", "error"
    yield "empty.mp4", b"", "error"
    for count in (1, 3, 11, 100, 1_000_000):
        yield f"zeros-{count}.png", bytes(count), "error"
        yield f"ff-{count}.jpg", b"\xff" * count, "error"
    yield "noise.jpg", np.random.default_rng(1).bytes(100_000), "error"
    page = b"<!doctype html><html><body><img src=https://example.org/a.jpg></body></html>"
    drawing = (b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" width="99" '
               b'height="99"><image href="file:///etc/passwd"/><circle r="9"/></svg>')  # fmt: skip
    texts = {
        "text.txt": b"hello", "text.jpg": b"hello" * 999, "page.html": page, "page.png": page,
        "drawing.svg": drawing, "drawing.png": drawing, "list.m3u8": b"#EXTM3U\nfile:///etc/passwd",
        "list.mp4": b"ffconcat version 1.0\nfile /etc/passwd\n", "data.json": b'{"file": 1}',
        "file.pdf": b"%PDF-1.7\n%%EOF", "file.ps": b"%!PS-Adobe-3.0 EPSF-3.0\n",
        "program.exe": b"MZ" + bytes(300), "program.jpg": b"\x7fELF" + bytes(300),
        "old.xbm": b"#define a_width 16\n#define a_height 16\nstatic char a_bits[] = {0};",
        "old.ppm": b"P6 64 64 255\n" + bytes(64 * 64 * 3), "photo.psd": b"8BPS\0\1" + bytes(60),
        "pickled.png": pickle.dumps({"a": 1}), "table.csv": b"a,b\n1,2\n",
        "start.jpg": b"\xff\xd8\xff\xe0", "start.png": b"\x89PNG\r\n\x1a\n", "start.gif": b"GIF89a",
        "start.webp": b"RIFF\xff\xff\xff\xffWEBPVP8 ", "start.mp4": b"\0\0\0\x18ftypisom",
        "start.heic": b"\0\0\0\x18ftypheic", "start.avif": b"\0\0\0\x18ftypavif",
        "start.mkv": b"\x1a\x45\xdf\xa3", "start.avi": b"RIFF\xff\xff\0\0AVI LIST",
        "start.flv": b"FLV\1\5\0\0\0\x09", "start.ts": (b"G" + bytes(187)) * 9,
        "start.mp3": b"ID3\3\0\0\0\0\0\0" + bytes(99), "start.ogg": b"OggS" + bytes(99),
    }  # fmt: skip
    yield from ((name, content, "error") for name, content in texts.items())
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        archive.addfile(tarfile.TarInfo("a"))
    yield "packed.tar", packed.getvalue(), "error"


def _modes() -> Iterator[Odd]:
    photo = Image.fromarray(HEAD)
    for kind in ("JPEG", "TIFF"):
        yield f"cmyk.{kind.lower()}", picture(kind, photo.convert("CMYK")), "face"
    for mode in ("L", "LA", "RGBA", "P", "1", "I;16"):
        made = photo.convert(mode.replace("I;16", "L"))
        if mode == "I;16":
            made = Image.fromarray(np.asarray(made).astype(np.uint16) * 257)
        yield f"mode-{mode.replace(';', '')}.png", picture("PNG", made), "any"
    deep = cv2.imencode(".png", HEAD[..., ::-1].astype(np.uint16) * 257)[1].tobytes()
    yield "rgb16.png", deep, "face"
    grey = np.asarray(photo.convert("L")) / np.float32(255)
    yield "float.tiff", picture("TIFF", Image.fromarray(grey)), "face"
    holes = grey.copy()
    holes[::7], holes[::11] = np.nan, np.inf
    yield "nan.tiff", picture("TIFF", Image.fromarray(holes)), "any"
    for mode in ("LAB", "YCbCr"):
        yield f"mode-{mode}.tiff", picture("TIFF", photo.convert(mode)), "any"
    clear = photo.convert("RGBA")
    clear.putalpha(0)
    yield "invisible.png", picture("PNG", clear), "none"
    yield "see-through.webp", picture("WEBP", photo.convert("RGBA")), "face"
    yield "palette.gif", picture("GIF", photo.convert("P"), transparency=3), "any"
    for orientation in range(10):
        exif = Image.Exif()
        exif[0x0112] = orientation
        stored = photo.transpose({3: Image.Transpose.ROTATE_180, 6: Image.Transpose.ROTATE_90,
                                  8: Image.Transpose.ROTATE_270}.get(orientation, 0) or
                                 Image.Transpose.FLIP_LEFT_RIGHT)  # fmt: skip
        upright = orientation in (0, 1, 2, 3, 6, 8, 9)
        yield f"turned-{orientation}.jpg", picture("JPEG", stored, exif=exif), \
            "face" if upright else "any"  # fmt: skip
    for name, block in (("exif", b"Exif\0\0MM\0*\xff\xff\xff\xff"), ("exif-short", b"Exif\0\0")):
        yield f"broken-{name}.jpg", picture("JPEG", exif=block), "face"
    yield "broken-icc.jpg", picture("JPEG", icc_profile=b"no profile"), "face"
    yield "long-comment.jpg", picture("JPEG", comment=b"x" * 60_000), "face"
    yield "progressive.jpg", picture("JPEG", progressive=True), "face"
    yield "poor.jpg", picture("JPEG", quality=1), "any"
    yield "more-after-it.jpg", picture("JPEG") + bytes(300_000), "face"
    yield "two-in-one.jpg", picture("JPEG") + picture("PNG"), "face"


def _sizes() -> Iterator[Odd]:
    for width, height in ((1, 1), (15, 15), (16, 16), (1, 5000), (5000, 1), (16, 4000),
                          (4000, 17), (24, 24), (33, 31)):  # fmt: skip
        fate = "error" if min(width, height) < 16 else "any"
        yield f"size-{width}x{height}.png", picture(pixels=cv2.resize(HEAD, (width, height))), fate
    yield "huge-face.jpg", picture("JPEG", cv2.resize(HEAD, (4900, 3980))), "face"
    yield "tall.png", picture(pixels=np.full((9000, 20, 3), 90, np.uint8)), "none"


def _scenes() -> Iterator[Odd]:
    rng = np.random.default_rng(2)
    noise = rng.integers(0, 256, (600, 800, 3), np.uint8)
    smiley = np.full((400, 400, 3), 255, np.uint8)
    cv2.circle(smiley, (200, 200), 150, (0, 0, 0), 5)
    for x in (145, 255):
        cv2.circle(smiley, (x, 160), 15, (0, 0, 0), -1)
    cv2.ellipse(smiley, (200, 220), (80, 70), 0, 20, 160, (0, 0, 0), 5)
    scenes = {"coffee": skimage.data.coffee(), "cat": skimage.data.chelsea(), "noise": noise,
              "white": np.full((300, 300, 3), 255, np.uint8), "drawing": smiley,
              "black": np.zeros((300, 300, 3), np.uint8)}  # fmt: skip
    yield from ((f"scene-{name}.png", picture(pixels=p), "none") for name, p in scenes.items())
    tiny = cv2.resize(HEAD, (64, 52), interpolation=cv2.INTER_AREA)
    group = np.tile(cv2.copyMakeBorder(tiny, 40, 40, 60, 60, cv2.BORDER_CONSTANT), (5, 8, 1))
    yield "forty.png", picture(pixels=group), "any"
    lonely = np.full((1080, 1920, 3), 120, np.uint8)
    lonely[500:552, 900:964] = tiny
    yield "tiny-face.png", picture(pixels=lonely), "any"
    x0, y0, x1, y1 = 100, 20, 188, 134
    yield "tight.png", picture(pixels=HEAD[y0:y1, x0:x1]), "face"
    yield "upside-down.png", picture(pixels=np.ascontiguousarray(HEAD[::-1])), "any"


def _repeated(side: int, count: int) -> bytes:
    """A GIF that shows one black frame again and again."""
    whole = picture("GIF", Image.new("P", (side, side)))
    start = whole.index(b"\x2c\0\0\0\0")
    return whole[:start] + whole[start:-1] * count + b";"


def _moving() -> Iterator[Odd]:
    photo, dark = Image.fromarray(HEAD), Image.fromarray(HEAD // 3)
    for kind in ("GIF", "WEBP", "PNG", "TIFF", "AVIF"):
        many = {"save_all": True, "append_images": [dark, photo] * 2}
        timing = {} if kind == "TIFF" else {"duration": 40}
        yield f"moving.{kind.lower()}", picture(kind, photo, **many, **timing), "face"
    white = Image.new("RGB", photo.size, "white")
    for kind in ("GIF", "WEBP", "PNG", "AVIF"):
        late = {"save_all": True, "append_images": [photo, dark], "duration": [40, 900, 900]}
        whole = picture(kind, white, **late)
        yield f"late-face.{kind.lower()}", whole, "face"
        yield f"late-face-cut.{kind.lower()}", whole[: int(len(whole) * 0.9)], "any"
    # Frames of one colour: of four megapixels each in 20 kB, tiny ones by the hundred thousand.
    yield "many-large.gif", _repeated(2048, 600), "none"
    yield "many-tiny.gif", _repeated(16, 200_000), "none"
    yield "over-4096.gif", _repeated(4200, 2), "error"
    yield "one-frame.gif", picture("GIF", photo, save_all=True), "face"
    frame = scene((head(), 100, 40))
    yield "one-frame.mp4", video([frame]), "face"
    yield "uneven.mp4", video([frame] * 8, [0, 0.01, 0.02, 1, 1.001, 5, 9, 60]), "face"
    yield "turned.mp4", turned(video([np.ascontiguousarray(np.rot90(frame))] * 2), 90), "face"
    yield "no-face.mp4", video([scene()] * 3), "none"
    yield "film.jpg", video([frame] * 2), "face"
    yield "film", video([frame] * 2, kind="matroska"), "face"
    yield (
        "minutes.mp4",
        video((scene((head(), 20 * i, 40)) for i in range(13)), range(0, 130, 10)),
        "face",
    )
    for kind, codec, name in (("mp4", "aac", "voice.mp4"), ("mp3", "libmp3lame", "song.mp4"),
                              ("wav", "pcm_s16le", "voice.mov"), ("flac", "flac", "song.jpg"),
                              ("adts", "aac", "voice.aac")):  # fmt: skip
        yield name, sound(kind, codec), "error"
    wide = bytearray(video([frame]))
    place = wide.index(b"avc1") + 28  # width and height of the sample description
    wide[place : place + 4] = struct.pack(">HH", 65535, 65535)
    yield "says-65535.mp4", bytes(wide), "any"
    yield "large.mp4", video([np.zeros((16, 4200, 3), np.uint8)] * 2), "error"


def links(folder: Path) -> list[tuple[str, str]]:
    """Add what is no plain file to a folder that has whole.png; names and fates."""
    good = (folder / "whole.png").read_bytes()
    names = ["sp ace.png", "q'uo\"te.png", "-dash.png", "ünï.png", "\u202egnp.png", "new\nline.png",
             "%s%n.png", "$(id).png", "a" * 240 + ".png", os.fsdecode(b"byte\xff.png")]  # fmt: skip
    for name in names:
        (folder / name).write_bytes(good)
    (folder / "link.png").symlink_to("whole.png")
    (folder / "broken-link.png").symlink_to("nowhere")
    (folder / "circle.png").symlink_to("circle.png")
    (folder / "folder.png").mkdir()
    (folder / "device.png").symlink_to("/dev/zero")
    os.mkfifo(folder / "pipe.png")
    errors = ["broken-link.png", "circle.png", "folder.png", "device.png", "pipe.png",
              "missing.png", "zero\0byte.png", "b" * 300]  # fmt: skip
    return [(n, "face") for n in (*names, "link.png")] + [(n, "error") for n in errors]


def check_all(folder: Path) -> dict:
    """Check every name in folder/names.json: seconds, faces, verdict, error; and the peak."""
    from ganfake import detect_files
    from ganfake.experts import ensemble
    from ganfake.weights import list_weights
    from tests import judging

    real = "detector-ensemble" in list_weights()
    if not real:  # before the experts are trained
        ensemble.assess, ensemble.load_ensemble = judging.assess, judging.loaded
    found = {}
    for name in json.loads((folder / "names.json").read_text()):
        started = time.monotonic()
        said = detect_files.check_path(os.path.join(folder, name)).as_dict()
        json.dumps(said)
        found[name] = {
            "seconds": time.monotonic() - started, "faces": len(said["faces"]),
            "verdict": said["verdict"], "error": said["error"], "reason": said["reason"],
        }  # fmt: skip
    return {"found": found, "peak": _peak(), "real": real}


def _peak() -> int:
    """Bytes of memory that this program held at most.

    Linux hands a parent's `ru_maxrss` on to the program it starts, here that of a whole test run;
    VmHWM begins with the program.
    """
    status = Path("/proc/self/status")
    if status.exists():
        return int(re.search(r"VmHWM:\s+(\d+) kB", status.read_text())[1]) * 1024
    import resource

    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


if __name__ == "__main__":
    print(json.dumps(check_all(Path(sys.argv[1]))))
