"""A swapped face back into its picture: colours, a mask, Poisson blending, pasting.

Everything but `paste` works on aligned crops (S, S, 3) uint8, however large the picture is.
"""

import cv2
import numpy as np

from ganfake.faces import TEMPLATE, similarity

MASKS = ("landmarks", "oval", "none")
COLOURS = ("reinhard", "light", "none")
BLENDS = ("alpha", "poisson")
MAX_FEATHER = 0.3  # of the crop's side

# Outline of a face as (across, down): across in half distances of the eyes' centre from each
# eye, down from the eyes (0) to the mouth (1). Brows are inside, hair and neck are not.
_OUTLINE = ((0.0, -0.8), (1.04, -0.77), (1.85, -0.49), (2.16, 0.07),
            (2.0, 0.77), (1.51, 1.36), (0.76, 1.77), (0.0, 1.86))  # fmt: skip
_NARROWEST = 0.45  # half distance of the eyes by the distance from eyes to mouth, in a profile
_OVAL = (0.5, 0.555), (0.25, 0.32)  # centre and half axes, as shares of the crop
_SPREADS = 0.6, 1.6  # by which contrast is changed at most: a decoder's grey face stays calm
_POISSON_MARGIN = 2  # pixels that seamlessClone needs between its mask and the border


def face_mask(points: np.ndarray, size: int, shape: str, feather: float) -> np.ndarray:
    """Where the swapped face is to show, (size, size) float32 from 0 to 1.

    points: (5, 2) landmarks in pixels of the crop. shape: of MASKS; "none" is the whole crop
    without a soft edge. feather: width of the soft edge as a share of the crop's side; the
    edge lies inside the shape, so that hair and background stay.
    """
    if shape == "none":
        return np.ones((size, size), np.float32)
    solid = np.zeros((size, size), np.uint8)
    if shape == "oval":
        centre, axes = (tuple(round(16 * size * v) for v in pair) for pair in _OVAL)
        cv2.ellipse(solid, centre, axes, 0, 0, 360, 255, -1, cv2.LINE_AA, 4)
    else:
        outline = np.round(16 * outline_of(points)).astype(np.int32)
        cv2.fillConvexPoly(solid, outline, 255, cv2.LINE_AA, 4)
    mask = solid.astype(np.float32) / 255
    width = feather * size
    if width < 1:
        return mask
    side = 2 * round(width / 2) + 1
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))
    # Eroded by half the edge first, so that blurring does not carry it over the shape.
    inner = cv2.erode(mask, kernel, borderType=cv2.BORDER_CONSTANT, borderValue=0)
    soft = cv2.GaussianBlur(inner, (0, 0), width / 4, borderType=cv2.BORDER_REPLICATE)
    return np.clip(soft, 0, 1)  # rounding goes beyond


def outline_of(points: np.ndarray) -> np.ndarray:
    """The outline of a face with landmarks (5, 2), as a convex polygon (K, 2).

    Follows the turn of the head: each half is as wide as the eye on its side is far from the
    middle, which moves towards the nose.
    """
    left, right, nose, *mouth = np.asarray(points, np.float64)
    eyes, down = (left + right) / 2, np.mean(mouth, 0) - (left + right) / 2
    across = np.array([down[1], -down[0]]) / max(np.linalg.norm(down), 1e-6)
    if across @ (right - left) < 0:
        across = -across
    tall = np.linalg.norm(down)
    least = _NARROWEST * tall
    turn = np.clip(across @ (nose - eyes), -0.6 * tall, 0.6 * tall)
    # A head turned to one side shows less of that side, so the half there is narrower.
    half = max((right - left) @ across / 2, least)
    ways = {1: max(half - 0.2 * turn, least), -1: max(half + 0.2 * turn, least)}
    middle = eyes + 0.2 * turn * across
    corners = [
        middle + side * x * ways[side] * across + y * down
        for side in (1, -1)
        for x, y in (_OUTLINE if side == 1 else _OUTLINE[::-1])
    ]
    hull = cv2.convexHull(np.array([*corners, nose], np.float32))
    return hull.reshape(-1, 2).astype(np.float64)


def match_colour(face: np.ndarray, goal: np.ndarray, weight: np.ndarray, how: str) -> np.ndarray:
    """`face` in the colours of `goal`, both (S, S, 3) uint8, as seen where weight (S, S) is.

    how: of COLOURS. "reinhard" gives each channel of CIE Lab the mean and the spread of the
    goal (Reinhard et al. 2001, "Color transfer between images"); "light" only lightness, so
    that the skin keeps the decoder's tone.
    """
    if how == "none" or weight.sum() < 1:
        return face
    ours, theirs = (
        cv2.cvtColor(picture.astype(np.float32) / 255, cv2.COLOR_RGB2LAB)
        for picture in (face, goal)
    )
    (mean, spread), (wanted, wanted_spread) = _moments(ours, weight), _moments(theirs, weight)
    ratio = np.clip(wanted_spread / np.maximum(spread, 1e-3), *_SPREADS)
    matched = ((ours - mean) * ratio + wanted).astype(np.float32)
    if how == "light":
        matched[..., 1:] = ours[..., 1:]
    return _bytes(255 * cv2.cvtColor(matched, cv2.COLOR_LAB2RGB))


def _moments(picture: np.ndarray, weight: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Weighted mean and standard deviation of each channel, (3,) each."""
    flat, w = picture.reshape(-1, 3), weight.reshape(-1) / weight.sum()
    mean = w @ flat
    return mean, np.sqrt(np.maximum(w @ (flat - mean) ** 2, 0))


def clone(face: np.ndarray, ground: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """`face` shaded so that it meets `ground` without a seam along the edge of the mask.

    Poisson image editing (Perez et al. 2003) by OpenCV's seamlessClone, on crops: what it
    adds to a face is smooth, so 128 pixels hold it. Both (S, S, 3) uint8, mask (S, S).
    """
    inside = np.zeros(mask.shape, np.uint8)
    inner = slice(_POISSON_MARGIN, -_POISSON_MARGIN)
    inside[inner, inner] = 255 * (mask[inner, inner] > 0.5)
    if not inside.any():
        return face
    x, y, width, height = cv2.boundingRect(inside)
    centre = x + width // 2, y + height // 2
    return cv2.seamlessClone(face, ground, inside, centre, cv2.NORMAL_CLONE)


def placement(points: np.ndarray, size: int) -> np.ndarray:
    """The (3, 3) matrix that takes pixels of the aligned crop back to the picture's.

    The inverse of what `faces.align` does with landmarks (5, 2); OpenCV's pixel centres.
    ValueError when the points are all the same.
    """
    onto, _ = similarity(np.asarray(points, np.float64), TEMPLATE * size)
    half = np.array([[1, 0, 0.5], [0, 1, 0.5], [0, 0, 1]])
    return np.linalg.inv(half) @ np.linalg.inv(onto) @ half


def paste(picture: np.ndarray, face: np.ndarray, mask: np.ndarray, place: np.ndarray) -> np.ndarray:
    """A copy of `picture` (H, W, 3) uint8 with an aligned face over it, at full resolution.

    face: (S, S, 3) uint8, mask: (S, S) from 0 to 1, place: (3, 3) from crop to picture.
    """
    size, scale = len(face), float(np.hypot(*place[:2, 0]))
    region = _region(picture, place, size)
    result = picture.copy()
    if region is None:
        return result
    x0, y0, x1, y1 = region
    if scale < 1:  # averaged first, else shrinking leaves out pixels
        small = max(2, round(size * scale))
        face, mask = (
            cv2.resize(part, (small, small), interpolation=cv2.INTER_AREA) for part in (face, mask)
        )
        ratio = size / small
        place = place @ np.array(
            [[ratio, 0, ratio / 2 - 0.5], [0, ratio, ratio / 2 - 0.5], [0, 0, 1]]
        )
    matrix = (np.array([[1, 0, -x0], [0, 1, -y0], [0, 0, 1]]) @ place)[:2]
    box = (x1 - x0, y1 - y0)
    over = cv2.warpAffine(face, matrix, box, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    share = cv2.warpAffine(mask, matrix, box, flags=cv2.INTER_LINEAR)
    under = np.ascontiguousarray(picture[y0:y1, x0:x1])
    result[y0:y1, x0:x1] = cv2.blendLinear(over, under, share, 1 - share)
    return result


def _region(picture: np.ndarray, place: np.ndarray, size: int) -> tuple[int, ...] | None:
    """The box (x0, y0, x1, y1) of the picture that the crop covers; None outside of it."""
    corners = np.array([[-1, -1], [size, -1], [-1, size], [size, size]], np.float64)
    reached = corners @ place[:2, :2].T + place[:2, 2]
    low = np.clip(np.floor(reached.min(0)), 0, picture.shape[1::-1]).astype(int)
    high = np.clip(np.ceil(reached.max(0)) + 1, 0, picture.shape[1::-1]).astype(int)
    return (*low.tolist(), *high.tolist()) if (high > low).all() else None


def _bytes(values: np.ndarray) -> np.ndarray:
    return np.clip(values + 0.5, 0, 255).astype(np.uint8)
