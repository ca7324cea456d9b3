"""What a JPEG file tells of its own past: how hard it was compressed, and an older thumbnail."""

import functools
import io

import numpy as np
from PIL import Image

from ganfake import UserError
from ganfake.images import open_header, plain_errors
from ganfake.overload import check_parts

# The tables of ITU-T T.81, annex K, row by row, which libjpeg scales by its quality.
_LUMA = (
    16, 11, 10, 16, 24, 40, 51, 61, 12, 12, 14, 19, 26, 58, 60, 55,
    14, 13, 16, 24, 40, 57, 69, 56, 14, 17, 22, 29, 51, 87, 80, 62,
    18, 22, 37, 56, 68, 109, 103, 77, 24, 35, 55, 64, 81, 104, 113, 92,
    49, 64, 78, 87, 103, 121, 120, 101, 72, 92, 95, 98, 112, 100, 103, 99,
)  # fmt: skip
_CHROMA = (
    17, 18, 24, 47, 99, 99, 99, 99, 18, 21, 26, 66, 99, 99, 99, 99,
    24, 26, 56, 99, 99, 99, 99, 99, 47, 66, 99, 99, 99, 99, 99, 99,
) + (99,) * 32  # fmt: skip
_SIDE = 32  # pixels at which a thumbnail and its picture are compared
_ALIKE = 0.9  # correlation under which they show different things
_BLOCK = 40.0  # grey levels by which an eighth of a side may differ
_MAX_DECODED = 40_000_000  # pixels; larger ones would take too long


def jpeg_quality(source: bytes | Image.Image) -> float | None:
    """Quality (1 to 100) of the last saving of a JPEG; None when the file is none.

    source: a file, or a picture that open_header opened. It is the quality at which libjpeg's
    quantisation tables are nearest to the file's; other programs use tables and scales of
    their own, for which it is an equivalent.
    """
    try:
        picture = open_header(source) if isinstance(source, bytes) else source
    except UserError:
        return None
    tables = getattr(picture, "quantization", None)
    if picture.format not in ("JPEG", "MPO") or not tables:
        return None
    found = [np.asarray(tables[key], np.float64) for key in sorted(tables)[:2]]
    if any(table.size != 64 for table in found):
        return None
    distance = sum(
        np.abs(standard - table).sum(1) for standard, table in zip(_standard(), found, strict=False)
    )
    return float(np.argmin(distance) + 1)


@functools.cache
def _standard() -> tuple[np.ndarray, np.ndarray]:
    """libjpeg's tables for luma and chroma at the qualities 1 to 100: (100, 64) each."""
    quality = np.arange(1, 101)[:, None]
    scale = np.where(quality < 50, 5000 // quality, 200 - 2 * quality)
    luma, chroma = (
        np.clip((np.array(table) * scale + 50) // 100, 1, 255) for table in (_LUMA, _CHROMA)
    )
    return luma, chroma


def thumbnail_differs(picture: Image.Image, thumbnail: bytes) -> bool | None:
    """Whether the thumbnail in a JPEG's EXIF shows something else than the JPEG itself.

    picture: as open_header opened it; it is decoded here, small. Turned or letterboxed is not
    different. None when there is no thumbnail, or it cannot be told.
    """
    if not thumbnail or picture.format not in ("JPEG", "MPO"):
        return None
    if picture.width * picture.height > _MAX_DECODED:
        return None
    try:
        check_parts(thumbnail)
        with plain_errors("damaged"):
            small = Image.open(io.BytesIO(thumbnail), formats=["JPEG"])
            if max(small.size) > 1024 or min(small.size) < 16:
                return None
            small = small.convert("L")
            picture.draft("L", (2 * _SIDE, 2 * _SIDE))
            large = picture.convert("L")
            correlation, off = max(s for turns in range(4) for s in _compare(large, small, turns))
    except UserError:
        return None
    return correlation < _ALIKE or off > _BLOCK


def _compare(large: Image.Image, small: Image.Image, turns: int) -> list[tuple[float, float]]:
    """(correlation, largest difference of a block) with the thumbnail whole, and without bars."""
    turned = large.rotate(90 * turns, expand=True) if turns else large
    whole = _grey(turned)
    width, height = small.size
    scale = min(width / turned.width, height / turned.height)
    inner = max(2.0, turned.width * scale), max(2.0, turned.height * scale)
    left, top = (width - inner[0]) / 2, (height - inner[1]) / 2
    # Rounding may put an edge just outside the thumbnail, which Pillow refuses.
    right, bottom = min(width, left + inner[0]), min(height, top + inner[1])
    boxes = {(0.0, 0.0, width, height), (max(0.0, left), max(0.0, top), right, bottom)}
    return [_likeness(whole, _grey(small, box)) for box in boxes]


def _grey(picture: Image.Image, box: tuple | None = None) -> np.ndarray:
    small = picture.resize((_SIDE, _SIDE), Image.Resampling.BOX, box=box)
    return np.asarray(small, np.float64)


def _likeness(one: np.ndarray, other: np.ndarray) -> tuple[float, float]:
    a, b = one - one.mean(), other - other.mean()
    spread = np.sqrt((a**2).sum() * (b**2).sum())
    if spread < _SIDE**2 * 4:  # plain areas: nothing to compare
        return 1.0, abs(float(one.mean() - other.mean()))
    gain = (a * b).sum() / (b**2).sum()  # brightness and contrast may have been corrected
    off = np.abs((a - gain * b).reshape(8, 4, 8, 4).mean((1, 3))).max()
    return float((a * b).sum() / spread), float(off)
