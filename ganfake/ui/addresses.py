"""Pictures as addresses that a page shows by itself, and saves as the very same file."""

import base64

import cv2
import numpy as np
from PIL import Image

from ganfake import provenance
from ganfake.explain import heat_colours
from ganfake.provenance import Mark


def data_address(content: bytes, kind: str) -> str:
    """A file as an address that a browser shows, and saves as the very same file."""
    return f"data:{kind};base64," + base64.b64encode(content).decode()


def picture_address(pixels: np.ndarray, mark: Mark | None, kind: str = "PNG") -> str:
    """(H, W, 3) uint8 as a data address, with the mark that the whole picture carries."""
    return data_address(encoded(pixels, mark, kind), f"image/{kind.lower()}")


def encoded(pixels: np.ndarray, mark: Mark | None, kind: str = "PNG") -> bytes:
    """A picture file of a visitor's own picture or a part of it; its mark stays with it."""
    picture = Image.fromarray(pixels)
    if mark is not None:
        return provenance.encode(picture, kind, mark.source_type, model=mark.model, seed=mark.seed)
    extension = {"PNG": ".png", "WEBP": ".webp", "JPEG": ".jpg"}[kind]
    good, content = cv2.imencode(extension, cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR))
    if not good:
        raise ValueError("this picture cannot be encoded")
    return content.tobytes()


def heat_address(heat: np.ndarray) -> str:
    """A heat map (H, W) in [0, 1] as a PNG to lay over a face: the hotter, the less clear."""
    layer = np.dstack([heat_colours(heat)[..., ::-1], np.uint8(255 * heat)])
    good, content = cv2.imencode(".png", layer)
    if not good:
        raise ValueError("this heat map cannot be encoded")
    return data_address(content.tobytes(), "image/png")
