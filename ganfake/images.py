"""Pictures at the edges of the program: hostile until opened with limits, tensors after that."""

import functools
import io
import os
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image, ImageCms, UnidentifiedImageError

from ganfake import UserError
from ganfake.eight_bits import on_white, to_eight_bits
from ganfake.exif import read_exif
from ganfake.overload import check_parts, check_tiff
from ganfake.png_chunks import text_first

if TYPE_CHECKING:  # torch takes 0.3 GB, which who only opens files can spare
    from torch import Tensor

# AVIF before HEIF: both claim the brand "mif1", and only AVIF's reader notices a mistake.
FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "AVIF", "HEIF")
MAX_BYTES = 40 * 2**20  # of one picture file
MAX_PIXELS = 120_000_000  # of one picture; phones make up to 108 megapixels
# Fewer, by Pillow's format and mode, where decoding holds several copies at once: with these a
# file of any kind takes about 0.8 GB at most, however few bytes it has.
_FEWER_PIXELS = {
    "AVIF": 70_000_000, "HEIF RGBA": 70_000_000, "JPEG CMYK": 80_000_000, "MPO CMYK": 80_000_000,
    "TIFF": 60_000_000, "WEBP": 50_000_000, "WEBP RGBA": 40_000_000,
}  # fmt: skip
# From so many pixels on one picture at a time is decoded, whoever else waits: two take all memory.
_LARGE = 24_000_000
_one_large = threading.Lock()
MIN_SIDE, MAX_SIDE = 16, 4096  # pixels; what is larger is shrunk
# How files begin that are pictures, whether or not they can be read.
_STARTS = (
    b"II*\0", b"MM\0*", b"MM\0+", b"\x89PNG\r\n", b"\xff\xd8\xff", b"GIF8", b"8BPS", b"qoif",
    b"\0\0\1\0", b"\0\0\0\x0cjP  ", b"\0\0\0\x0cJXL ", b"\xff\x0a", b"P5\n", b"P6\n",
)  # fmt: skip
_BRANDS = (b"ftypavif", b"ftypavis", b"ftypheic", b"ftypheix", b"ftypmif1", b"ftypmsf1")
ZIP_STARTS = (b"PK\x03\x04", b"PK\x05\x06")

MISSING = "There is no such file; choose one that exists and that you may read."
NOT_PLAIN = "This is a pipe or a device, not a file; choose a file."
DAMAGED = "The picture is damaged or incomplete; save or download it again."
UNREAD = "This picture is damaged, or of a kind that cannot be read; save it as a JPEG or PNG."
NO_PICTURE = "This is not a picture; use a JPEG, PNG, WebP, GIF, BMP, TIFF, HEIC or AVIF file."


def tensor_to_picture(tensor: "Tensor") -> Image.Image:
    """(3, H, W) float in [-1, 1] to an RGB picture."""
    scaled = (tensor.float().clamp(-1, 1) + 1) * 127.5
    return Image.fromarray(scaled.round().byte().permute(1, 2, 0).cpu().numpy())


def open_picture(source: bytes | Path, max_side: int = MAX_SIDE) -> Image.Image:
    """A picture file as a person sees it: upright, sRGB, 8 bits, no side over `max_side`.

    source: the file's bytes or its path. Returns an RGB picture without metadata; of
    an animation the first frame, of a transparent picture what a white ground shows.
    Raises UserError when the file is missing, no picture, damaged, or over the limits.
    """
    picture = open_header(source)
    check_least(picture.size)
    large = picture.width * picture.height > _LARGE
    with _one_large if large else nullcontext(), plain_errors(DAMAGED):
        if picture.format in ("JPEG", "MPO"):
            _draft(picture, max_side)
        if picture.format == "TIFF":  # Pillow turns it by its own tag, but also by its XMP
            picture.info.pop("xmp", None)
            check_tiff(picture)
        picture.load()
        _check_pixels(picture)  # a HEIC may turn out larger than its header said
        return as_seen(picture, max_side)


def open_header(source: bytes | Path) -> Image.Image:
    """The file with its size and metadata read, its pixels not; errors as open_picture."""
    content = source if isinstance(source, bytes) else read_file(Path(source), MAX_BYTES + 1)
    if not content:
        raise UserError("The file is empty; choose another one.")
    if len(content) > MAX_BYTES:
        raise UserError(f"The file is over {MAX_BYTES >> 20} MB; save a smaller copy of it.")
    if content[:4] in ZIP_STARTS:
        raise UserError("This is an archive, not a picture; unpack it first.")
    _prepare_pillow()
    check_parts(content)
    known = content.startswith(_STARTS) or content[4:12] in _BRANDS
    with plain_errors(DAMAGED, UNREAD if known else NO_PICTURE):
        picture = Image.open(io.BytesIO(text_first(content)), formats=FORMATS)
        _check_pixels(picture)
    return picture


def encode_jpeg(picture: Image.Image, quality: int = 90, pad_to: int | None = None) -> bytes:
    """A JPEG file of an RGB picture, full colour resolution (4:4:4), no metadata.

    With `pad_to` (bytes, at least 1) the length is a multiple of it, so that the length
    tells little about what the picture shows: comments stand before the image, of random
    bytes, because a server's compression would make zeros vanish.
    """
    buffer = io.BytesIO()
    picture = picture.convert("RGB")
    picture.info.clear()  # else Pillow copies an old comment
    picture.save(buffer, "JPEG", quality=quality, subsampling=0)
    content = buffer.getvalue()
    missing = -len(content) % pad_to if pad_to else 0
    while 0 < missing < 4:  # a comment is at least 4 bytes: marker and length
        missing += pad_to
    start = 2  # after the start marker; JFIF wants its own segment, APP0, first
    while content[start] == 0xFF and 0xE0 <= content[start + 1] <= 0xEF:
        start += 2 + int.from_bytes(content[start + 2 : start + 4], "big")
    return content[:start] + _comments(missing) + content[start:]


def _comments(total: int) -> bytes:
    """JPEG comment segments that are `total` bytes together (0, or 4 and more)."""
    segments = []
    while total:
        size = min(total, 65537)  # the length field counts itself, not the marker
        if 0 < total - size < 4:
            size -= 4  # leave the last one room for its own marker and length
        segments.append(b"\xff\xfe" + (size - 2).to_bytes(2, "big") + os.urandom(size - 4))
        total -= size
    return b"".join(segments)


@functools.cache
def _prepare_pillow() -> None:
    """Once, on first use: HEIC, and silence on sizes above Pillow's limit but under ours."""
    import pillow_heif  # here, for importing ganfake does no work

    pillow_heif.register_heif_opener()
    # For good: catch_warnings in two threads at once leaves its filters behind in the process.
    warnings.simplefilter("ignore", Image.DecompressionBombWarning)
    warnings.filterwarnings("ignore", category=UserWarning, module=r"PIL\.")


@contextmanager
def plain_errors(sentence: str, unknown: str = NO_PICTURE) -> Iterator[None]:
    """Turn whatever a decoder raises into a UserError, with `sentence` unless more is known.

    unknown: of a file whose kind Pillow does not know.
    """
    try:
        yield
    except UserError:
        raise
    except Image.DecompressionBombError:
        raise _too_many_pixels() from None
    except UnidentifiedImageError:
        raise UserError(unknown) from None
    except MemoryError:
        raise UserError("There is not enough memory for the file; make it smaller.") from None
    except Exception:  # noqa: BLE001 - OSError, SyntaxError, zlib.error, ...: no list is complete
        raise UserError(sentence) from None


def _too_many_pixels(most: int = MAX_PIXELS) -> UserError:
    return UserError(f"The picture has over {most // 10**6} megapixels; make it smaller.")


def check_least(size: tuple[int, int]) -> None:
    """UserError when a picture of this width and height is too small for any face."""
    if min(size) < MIN_SIDE:
        raise UserError(f"The picture is under {MIN_SIDE} pixels on a side; use a larger one.")


def _check_pixels(picture: Image.Image) -> None:
    kinds = picture.format, f"{picture.format} {picture.mode}"
    most = min(_FEWER_PIXELS.get(kind, MAX_PIXELS) for kind in kinds)
    if picture.width * picture.height > most:
        raise _too_many_pixels(most)


def read_file(path: Path, count: int) -> bytes:
    """At most the first `count` bytes of a plain file (a pipe would never end)."""
    try:
        if path.is_dir():
            raise UserError("This is a folder, not a picture; choose a picture file.")
        if not path.is_file():
            raise UserError(NOT_PLAIN if path.exists() else MISSING)
        with open(path, "rb", opener=_unwaiting) as file:
            return file.read(count) or b""
    except (OSError, ValueError):  # no permission; a zero byte in the name
        raise UserError(MISSING) from None


def _unwaiting(path: str, flags: int) -> int:
    """Opens what is plain by its kind alone, as /proc/kmsg is, without waiting for more of it."""
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


def _draft(picture: Image.Image, max_side: int) -> None:
    """Let a JPEG decode at 1/2, 1/4 or 1/8 of its size, down to nine tenths of the wanted one.

    The tenth lets 48 megapixels (8064 wide) decode at half for 4096, a quarter of the work.
    """
    scale = 0.9 * max_side / max(picture.size)
    if scale < 1:
        width, height = (max(1, int(side * scale)) for side in picture.size)
        picture.draft(picture.mode, (width, height))


def as_seen(picture: Image.Image, max_side: int) -> Image.Image:
    """A loaded picture of any mode as open_picture returns it; errors as Pillow's."""
    profile = picture.info.get("icc_profile")
    scale = max_side / max(picture.size)
    size = tuple(max(1, round(side * scale)) for side in picture.size)
    picture = to_eight_bits(picture, max_side)
    if scale < 1:
        picture = picture.resize(size, Image.Resampling.LANCZOS, reducing_gap=3.0)
    picture = _upright(picture)
    if picture.has_transparency_data:
        picture = on_white(picture)
    picture = _to_srgb(picture, profile).convert("RGB")
    picture.info.clear()
    return picture


# What turns a picture upright, by EXIF's orientation.
_EXIF_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT, 3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM, 5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270, 7: Image.Transpose.TRANSVERSE, 8: Image.Transpose.ROTATE_90,
}  # fmt: skip


def _upright(picture: Image.Image) -> Image.Image:
    """Turned as its EXIF says, as browsers do; one that is broken says nothing."""
    # Not by Pillow, which decodes all that a hostile block claims to hold (400 MB of 200 kB), and
    # also believes XMP and texts, which programs leave behind when they turn the pixels.
    block = picture.info.get("exif")
    turn = _EXIF_TURNS.get(read_exif(block).orientation) if isinstance(block, bytes) else None
    return picture if turn is None else picture.transpose(turn)


def _to_srgb(picture: Image.Image, profile: bytes | None) -> Image.Image:
    """Colours by the embedded profile; a profile that is broken or of another mode is ignored, and
    so is one of elements in a row, which may name the same bytes any number of times."""
    if not profile or b"mpet" in profile:
        return picture
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        name = ImageCms.getProfileDescription(source).lower()
        if "srgb" in name and "linear" not in name:  # GIMP has a "Linear sRGB"
            return picture  # converting sRGB to itself would only add rounding
        target = ImageCms.createProfile("sRGB")
        return ImageCms.profileToProfile(picture, source, target, outputMode="RGB")
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return picture
