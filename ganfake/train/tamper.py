"""Fakes made by hand from photographs, and the one random pipeline for real and fake.

A blend puts a changed copy of a face back onto itself (self-blended images: Shiohara &
Yamasaki 2022, arXiv:2204.08376; face-warping artefacts: Li & Lyu 2018, arXiv:1811.00656), or
eyes, nose or mouth of another person onto it, as people do by hand.
"""

import cv2
import numpy as np

from ganfake.experts import SIDE
from ganfake.experts.cropping import cut
from ganfake.experts.networks import to_side
from ganfake.faces import TEMPLATE

_FINDING = 0.012  # error of a landmark along each axis, as a share of the side
# Face parts as ellipses on the template: centre x, y and half-axes, fractions of the crop.
_PARTS = {
    "face": (0.5, 0.55, 0.21, 0.27), "inner": (0.5, 0.56, 0.17, 0.18),
    "eyes": (0.5, 0.465, 0.2, 0.07), "left eye": (0.375, 0.465, 0.085, 0.06),
    "right eye": (0.625, 0.465, 0.085, 0.06), "nose": (0.5, 0.56, 0.075, 0.11),
    "mouth": (0.5, 0.7, 0.14, 0.075),
}  # fmt: skip


def _between(rng: np.random.Generator, low: float, high: float) -> float:
    return float(rng.uniform(low, high))


def mask_of(rng: np.random.Generator, side: int, part: str) -> np.ndarray:
    """A soft, wobbly mask (side, side, 1) float32 in [0, 1] of a part of the face."""
    x, y, a, b = (v * side for v in _PARTS[part])
    angle = np.linspace(0, 2 * np.pi, 24, endpoint=False)
    wobble = 1 + sum(
        _between(rng, 0, 0.09) * np.sin(k * angle + _between(rng, 0, 6.3)) for k in (1, 2, 3)
    )
    grow = _between(rng, 0.85, 1.2)
    points = np.stack(
        [x + a * grow * wobble * np.cos(angle), y + b * grow * wobble * np.sin(angle)], 1
    )
    mask = np.zeros((side, side), np.float32)
    cv2.fillPoly(mask, [points.round().astype(np.int32)], 1.0)
    feather = side * _between(rng, 0.004, 0.035)
    mask = cv2.GaussianBlur(mask, (0, 0), max(feather, 0.4))
    return mask[..., None] * float(rng.choice([0.5, 0.75, 1.0, 1.0, 1.0]))


def _shake_colour(rng: np.random.Generator, picture: np.ndarray) -> np.ndarray:
    """Another brightness, contrast and tint, as a second photograph would have."""
    out = picture.astype(np.float32)
    gain = _between(rng, 0.88, 1.12) * (1 + rng.uniform(-0.06, 0.06, 3))
    return np.clip((out - 128) * gain + 128 + rng.uniform(-12, 12), 0, 255).astype(np.uint8)


def _resample(rng: np.random.Generator, picture: np.ndarray) -> np.ndarray:
    """Softer, sharper, or twice interpolated."""
    side = picture.shape[0]
    kind = rng.integers(4)
    if kind == 0:
        small = max(16, round(side * _between(rng, 0.4, 0.85)))
        picture = cv2.resize(picture, (small, small), interpolation=cv2.INTER_AREA)
        way = [cv2.INTER_LINEAR, cv2.INTER_CUBIC][rng.integers(2)]
        return cv2.resize(picture, (side, side), interpolation=way)
    if kind == 1:
        return cv2.GaussianBlur(picture, (0, 0), _between(rng, 0.4, 1.3) * side / 128)
    if kind == 2:
        soft = cv2.GaussianBlur(picture, (0, 0), 1.0)
        much = _between(rng, 0.4, 1.2)
        return cv2.addWeighted(picture, 1 + much, soft, -much, 0)
    return picture


def _moved(rng: np.random.Generator, picture: np.ndarray, most: float) -> np.ndarray:
    """A little turned, scaled, shifted, about the middle of the face."""
    side = picture.shape[0]
    turn = cv2.getRotationMatrix2D(
        (side / 2, side * 0.56), _between(rng, -120, 120) * most, _between(rng, 1 - most, 1 + most)
    )
    turn[:, 2] += rng.uniform(-most, most, 2) * side * 0.7
    return cv2.warpAffine(picture, turn, (side, side), flags=cv2.INTER_CUBIC,
                          borderMode=cv2.BORDER_REFLECT_101)  # fmt: skip


def _matched(donor: np.ndarray, face: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """The donor with the face's mean and spread of colour under the mask (Reinhard 2001)."""
    inside = mask[..., 0] > 0.2
    if inside.sum() < 20:
        return donor
    lab_d = cv2.cvtColor(donor, cv2.COLOR_RGB2LAB).astype(np.float32)
    lab_f = cv2.cvtColor(face, cv2.COLOR_RGB2LAB).astype(np.float32)
    mean_d, std_d = lab_d[inside].mean(0), lab_d[inside].std(0) + 1
    mean_f, std_f = lab_f[inside].mean(0), lab_f[inside].std(0) + 1
    lab = (lab_d - mean_d) * np.clip(std_f / std_d, 0.6, 1.7) + mean_f
    return cv2.cvtColor(np.clip(lab, 0, 255).astype(np.uint8), cv2.COLOR_LAB2RGB)


def blend(rng: np.random.Generator, face: np.ndarray, donor: np.ndarray | None) -> np.ndarray:
    """A tampered face (S, S, 3) uint8: of itself, or with parts of `donor`; both aligned."""
    side = face.shape[0]
    if donor is None:
        parts = [str(rng.choice(["face", "face", "inner", "mouth", "eyes"]))]
        changed = _moved(rng, _resample(rng, _shake_colour(rng, face)), _between(rng, 0.01, 0.04))
        if rng.random() < 0.25:  # the surroundings are the changed ones
            face, changed = changed, face
    else:
        sets = (
            ["face"], ["inner"], ["eyes"], ["mouth"], ["nose"], ["left eye", "right eye"],
            ["eyes", "mouth"], ["eyes", "nose", "mouth"], ["left eye"], ["nose", "mouth"],
        )  # fmt: skip
        parts = sets[rng.integers(len(sets))]
        way = cv2.INTER_AREA if donor.shape[0] > side else cv2.INTER_CUBIC
        changed = cv2.resize(donor, (side, side), interpolation=way)
        changed = _moved(rng, changed, 0.02)
        if rng.random() < 0.3:
            changed = _resample(rng, changed)
    out = face
    for part in parts:
        mask = mask_of(rng, side, part)
        source = _matched(changed, face, mask) if donor is not None else changed
        out = (out * (1 - mask) + source * mask).round().astype(np.uint8)
    return out


def jpeg(picture: np.ndarray, quality: int) -> np.ndarray:
    """Saved and opened again."""
    _, content = cv2.imencode(".jpg", picture[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, quality])
    return cv2.imdecode(content, cv2.IMREAD_COLOR)[..., ::-1]


def framed(rng: np.random.Generator, face: np.ndarray, side: int) -> np.ndarray:
    """The crop as a landmark finder with its errors would have cut it, at `side` pixels."""
    own = face.shape[0]
    if rng.random() < 0.2:  # a picture that was cropped tightly: what is missing is reflected
        kept = round(own * _between(rng, 0.66, 0.95))
        x = round((own - kept) * _between(rng, 0.3, 0.7))
        y = round((own - kept) * _between(rng, 0.3, 0.9))
        inner = face[y : y + kept, x : x + kept]
        rest = own - kept
        face = cv2.copyMakeBorder(inner, y, rest - y, x, rest - x, cv2.BORDER_REFLECT_101)
    zoom = _between(rng, 0.72, 1.04) if rng.random() < 0.5 else _between(rng, 0.94, 1.03)
    grid = round(side * max(1.0, own / side)) if own > side else side
    turn = cv2.getRotationMatrix2D((own / 2, own * 0.53), rng.normal(0, 3), grid / own / zoom)
    turn[:, 2] += (grid / 2 - own / 2) + rng.normal(0, 0.012, 2) * grid
    turn[1, 2] += (grid - own) * 0.03
    out = cv2.warpAffine(face, turn, (grid, grid), flags=cv2.INTER_CUBIC,
                         borderMode=cv2.BORDER_REFLECT_101)  # fmt: skip
    return to_side(out, side)


def recut(rng: np.random.Generator, face: np.ndarray) -> np.ndarray:
    """A face that lies on the template (S, S, 3) uint8, as if found in a larger picture: cut out
    by landmarks with a finder's errors. What was cut must not be told from what was not."""
    side = face.shape[0]
    return cut(face, side * (TEMPLATE + rng.normal(0, _FINDING, TEMPLATE.shape)))


def _tinted(picture: np.ndarray, colours: np.ndarray, lighter: float) -> np.ndarray:
    """Colours times a (3, 3) matrix, plus a constant; (S, S, 3) uint8."""
    return cv2.transform(picture, np.column_stack([colours, np.full(3, lighter)]))


def disguise(
    rng: np.random.Generator, face: np.ndarray, strength: float = 1.0
) -> tuple[np.ndarray, int, float]:
    """One random life of a picture file: framing, size, blur, JPEG; the same for both classes.

    face: a crop (S, S, 3) uint8. Returns (240, 240, 3) uint8, the side it had, and the JPEG
    quality (nan when it met no JPEG).
    """
    own = face.shape[0]
    side = own if rng.random() > 0.5 * strength else round(_between(rng, 64, max(own, 66)))
    if own < 100 and rng.random() < 0.3:
        side = round(_between(rng, 64, 160))  # small pictures are also shown enlarged
    face = framed(rng, face, side)
    if rng.random() < 0.15 * strength:
        face = cv2.GaussianBlur(face, (0, 0), _between(rng, 0.3, 1.4))
    quality = np.nan
    if rng.random() < 0.75:
        quality = float(rng.integers(50, 99)) if rng.random() < strength else 90.0
        face = jpeg(face, int(quality))
    if rng.random() < 0.5:
        face = face[:, ::-1]
    if rng.random() < 0.5:
        face = _tinted(face, _between(rng, 0.85, 1.15) * np.eye(3), _between(rng, -12, 12))
    return to_side(np.ascontiguousarray(face), SIDE), side, quality


def light(rng: np.random.Generator, face: np.ndarray, side: int) -> np.ndarray:
    """The everyday life of a picture (S, S, 3) uint8 at `side` pixels: it keeps its detail.

    The landmark finder's small errors, sometimes another saving, another light; the same for
    both classes. Much of what gives a fake away does not survive `disguise`.
    """
    own = face.shape[0]
    if own > 1.15 * side:
        face = cv2.GaussianBlur(face, (0, 0), 0.35 * own / side)
    turn = cv2.getRotationMatrix2D(
        (own / 2, own * 0.53), rng.normal(0, 2.5), side / own / _between(rng, 0.93, 1.05)
    )
    turn[:, 2] += (side - own) / 2 + rng.normal(0, 0.012, 2) * side
    out = cv2.warpAffine(face, turn, (side, side), flags=cv2.INTER_CUBIC,
                         borderMode=cv2.BORDER_REFLECT_101)  # fmt: skip
    if rng.random() < 0.3:
        out = jpeg(out, int(rng.integers(70, 98)))
    if rng.random() < 0.5:
        out = out[:, ::-1]
    mean = float(np.mean(cv2.mean(out)[:3]))
    contrast, brightness = _between(rng, 0.85, 1.15), _between(rng, 0.88, 1.12)
    saturation = _between(rng, 0.7, 1.3)
    colours = contrast * (saturation * np.eye(3) + (1 - saturation) / 3)
    return _tinted(out, colours, mean * (brightness - contrast))


def shrink(rng: np.random.Generator, face: np.ndarray) -> tuple[np.ndarray, int, float]:
    """As a preview or in a group: a crop (S, S, 3) uint8 with fewer pixels, half the time saved
    as JPEG; returns what `disguise` does."""
    side = round(float(np.exp(rng.uniform(np.log(48), np.log(0.8 * face.shape[0])))))
    face, quality = to_side(face, side), np.nan
    if rng.random() < 0.5:
        quality = float(rng.integers(75, 97))
        face = jpeg(face, int(quality))
    return to_side(np.ascontiguousarray(face), SIDE), side, quality


TREATMENTS = ("plain", "tight", "jpeg75", "half", "blur", "screenshot")


def treat(face: np.ndarray, treatment: str) -> tuple[np.ndarray, int, float]:
    """What a picture meets on its way, for measuring; as `disguise`, but not at random."""
    side, quality = face.shape[0], np.nan
    if treatment == "tight":
        cut = round(side * 0.14)
        face = face[cut : side - cut, cut : side - cut]
    elif treatment == "jpeg75":
        face, quality = jpeg(face, 75), 75.0
    elif treatment == "half":
        side = side // 2
        face = to_side(face, side)
    elif treatment == "blur":
        face = cv2.GaussianBlur(face, (0, 0), 1.0 * side / 128)
    elif treatment == "screenshot":  # shown at another size, then saved by a messenger
        side = round(side * 1.17)
        face = cv2.resize(face, (side, side), interpolation=cv2.INTER_LINEAR)
        face, quality = jpeg(face, 80), 80.0
    elif treatment != "plain":
        raise ValueError(f"treatment must be one of: {', '.join(TREATMENTS)}.")
    return to_side(np.ascontiguousarray(face), SIDE), side, quality
