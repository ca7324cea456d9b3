"""Make visible what the eye passes over: pixels (H, W, 3) uint8 in, the same size out."""

import cv2
import numpy as np

_CONTRAST = 4.0  # CLAHE's clip limit
_TILES = 4  # on each side
_FINE = 1.0  # sigma in pixels of the blur whose rest is fine detail
_DETAIL, _CHROMA = 6.0, 3.0  # how many times stronger


def local_contrast(picture: np.ndarray) -> np.ndarray:
    """Contrast-limited adaptive histogram equalisation of lightness (Zuiderveld 1994)."""
    lab = cv2.cvtColor(picture, cv2.COLOR_RGB2LAB)
    equalise = cv2.createCLAHE(_CONTRAST, (_TILES, _TILES))
    lab[..., 0] = equalise.apply(np.ascontiguousarray(lab[..., 0]))
    return cv2.cvtColor(lab, cv2.COLOR_LAB2RGB)


def fine_detail(picture: np.ndarray) -> np.ndarray:
    """What is left when a blurred copy is taken away, six times as strong, on grey."""
    grey = picture.astype(np.float32).mean(2)
    detail = grey - cv2.GaussianBlur(grey, (0, 0), _FINE)
    shown = np.clip(np.rint(128 + _DETAIL * detail), 0, 255).astype(np.uint8)
    return np.repeat(shown[..., None], 3, 2)


def strong_colours(picture: np.ndarray) -> np.ndarray:
    """Colours three times as far from grey, in CIELAB; lightness stays."""
    lab = cv2.cvtColor(picture, cv2.COLOR_RGB2LAB).astype(np.float32)
    lab[..., 1:] = 128 + _CHROMA * (lab[..., 1:] - 128)
    return cv2.cvtColor(np.clip(np.rint(lab), 0, 255).astype(np.uint8), cv2.COLOR_LAB2RGB)


def mirrored(picture: np.ndarray) -> np.ndarray:
    """Left and right exchanged, with more local contrast."""
    return local_contrast(np.ascontiguousarray(picture[:, ::-1]))
