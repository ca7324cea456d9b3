"""Pictures of any mode to 8 bits a channel, a strip at a time.

A file of 1 MB may hold 120 megapixels, which Pillow keeps in up to 480 MB. What works on such
a picture as a whole makes several copies of it; in strips there is one, and a small one.
"""

from collections.abc import Iterator

import numpy as np
from PIL import Image

_STRIP = 2**22  # pixels that are converted at once, or one row
_LARGE = 40_000_000  # pixels; cameras' pictures are smaller, or have no transparency


def to_eight_bits(picture: Image.Image, max_side: int) -> Image.Image:
    """Deeper greys scaled to 8 bits, not clipped; palettes and bitmaps to full tones.

    picture: loaded, of any mode. What is transparent comes as RGBA; of over 40 megapixels
    as RGB on white, and at half its size if the longer side then has `max_side` pixels or more.
    Any other picture keeps its size.
    """
    if picture.mode in ("I", "F") or picture.mode.startswith("I;16"):
        grey = Image.fromarray(_scale_greys(picture))
        grey.info = {k: v for k, v in picture.info.items() if k != "transparency"}
        return grey
    if picture.has_transparency_data:
        if picture.width * picture.height > _LARGE:
            return _on_white_in_strips(picture, 2 if max(picture.size) >= 2 * max_side else 1)
        return picture if picture.mode == "RGBA" else picture.convert("RGBA")
    return (
        picture.convert({"P": "RGB", "1": "L"}[picture.mode]) if picture.mode in "P1" else picture
    )


def on_white(picture: Image.Image) -> Image.Image:
    """The RGB picture that shows where one with transparency lies on a white ground."""
    ground = Image.new("RGBA", picture.size, "white")
    return Image.alpha_composite(ground, picture.convert("RGBA")).convert("RGB")


def _on_white_in_strips(picture: Image.Image, factor: int) -> Image.Image:
    """The same with its sides divided by `factor`, rounded up."""
    whole = Image.new("RGB", tuple(-(-side // factor) for side in picture.size))
    for top, strip in _strips(picture, factor):
        strip = strip.convert("RGBA")
        whole.paste(on_white(strip.reduce(factor) if factor > 1 else strip), (0, top // factor))
    whole.info = {k: v for k, v in picture.info.items() if k != "transparency"}
    return whole


def _strips(picture: Image.Image, multiple: int = 1) -> Iterator[tuple[int, Image.Image]]:
    """(top row, rows from there on) from top to bottom; as many rows as `multiple`, or more."""
    rows = max(1, _STRIP // picture.width // multiple) * multiple
    for top in range(0, picture.height, rows):
        yield top, picture.crop((0, top, picture.width, min(picture.height, top + rows)))


def _scale_greys(picture: Image.Image) -> np.ndarray:
    """(H, W) uint8 of greys of any depth: 16 bits by 255/65535, floats in [0, 1] by 255.

    Anything else has no agreed white, so its own range is stretched. TIFF's 12 bits, and its
    greys that count from white, Pillow hands out as they are.
    """
    tags = getattr(picture, "tag_v2", {})
    short, from_white = tags.get(258) == (12,), tags.get(262) == 0
    scaled = np.empty((picture.height, picture.width), np.uint8)
    deep = picture.mode.startswith("I;16")
    low, white = (0.0, 65535.0) if deep else _range(picture)
    for top, strip in _strips(picture):
        values = np.asarray(strip)
        part = scaled[top : top + len(values)]
        if deep:
            values = values.astype(np.uint16)  # native byte order
            values = values << 4 | values >> 8 if short else values
            values = 65535 - values if from_white else values
            part[:] = (values - (values >> 8) + 128) >> 8  # v / 257, rounded
        else:
            part[:] = (_finite(values) - low) * (255.0 / white) + 0.5
    return scaled


def _range(picture: Image.Image) -> tuple[float, float]:
    """(black, distance from there to white) of greys of 32 bits."""
    white = 1.0 if picture.mode == "F" else 65535.0
    low, high = np.inf, -np.inf
    for _, strip in _strips(picture):
        values = _finite(np.asarray(strip))
        low, high = min(low, float(values.min())), max(high, float(values.max()))
    return (low, max(high - low, 1e-6)) if low < 0 or high > white else (0.0, white)


def _finite(values: np.ndarray) -> np.ndarray:
    """As float32, with zeros where there is no number."""
    return np.nan_to_num(values.astype(np.float32), posinf=0.0, neginf=0.0)
