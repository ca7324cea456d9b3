"""Why a face got its verdict: where a network looked, its spectrum, and what would change it."""

import math
from dataclasses import dataclass

import cv2
import numpy as np
import torch
from torch import Tensor

from ganfake.experts import SIDE, ensemble, load
from ganfake.experts.cropping import expert_crop
from ganfake.experts.mobilenet import MobileNet
from ganfake.experts.networks import to_side, to_tensor
from ganfake.experts.surround import cut_to, photograph_box
from ganfake.faces import crop_side
from ganfake.fingerprints import spectrum
from ganfake.weights import read_card

# What a picture may go through on its way, from nothing to a lot: JPEG's quality (0: as it is),
# size in percent, and the sigma of a Gaussian blur in pixels of the picture.
STRENGTHS = {
    "jpeg": (0, 95, 90, 80, 70, 60, 50, 35),
    "resize": (100, 90, 80, 70, 60, 50, 40, 25),
    "blur": (0, 0.5, 1, 1.5, 2, 2.5, 3, 4),
}
_GRID = 16  # pixels of JPEG's blocks where colour has half the resolution
_LAYER = 14  # of MobileNetV2's stages, the last before 320 pixels have become 10 x 10


@dataclass(frozen=True, eq=False)
class Treated:
    """One point of a robustness curve: how strong, what became of the face, and the verdict."""

    strength: float
    crop: np.ndarray  # (240, 240, 3) uint8
    probability_fake: float
    verdict: str
    reason: str


# -- where it looked -----------------------------------------------------------------
def heat_map(face: np.ndarray) -> np.ndarray:
    """Where the network `mobilenet` saw signs of a fake: (240, 240) float32 in [0, 1].

    face: (240, 240, 3) uint8, aligned. Grad-CAM (Selvaraju et al. 2017, arXiv:1610.02391) of
    fake's logit less real's, the mean over the expert's networks, on a grid of 20 x 20. The
    largest value is 1; all are 0 where nothing spoke for fake.
    """
    expert = load("mobilenet")
    picture = to_tensor(to_side(face, expert.side)[None])
    maps = [_grad_cam(network, picture) for network in expert.networks]
    heat = torch.stack(maps).mean(0)
    grid = heat.clamp(min=0).numpy()
    if grid.max() <= 0:
        return np.zeros((SIDE, SIDE), np.float32)
    smooth = cv2.resize(grid, (SIDE, SIDE), interpolation=cv2.INTER_CUBIC)
    return np.clip(smooth / smooth.max(), 0, 1).astype(np.float32)


def heat_colours(heat: np.ndarray) -> np.ndarray:
    """RGB (H, W, 3) uint8 of a heat map (H, W) in [0, 1], to be laid over a face by its heat."""
    return cv2.applyColorMap(np.uint8(255 * (0.5 + 0.5 * heat)), cv2.COLORMAP_INFERNO)[..., ::-1]


def glowing(face: np.ndarray) -> np.ndarray:
    """A face (240, 240, 3) uint8 with its heat map over it."""
    heat = heat_map(face)
    cover = 0.6 * heat[..., None]
    return np.uint8(face * (1 - cover) + heat_colours(heat) * cover + 0.5)


def _grad_cam(network: MobileNet, picture: Tensor) -> Tensor:
    """The class activation map of one network for a picture (1, 3, S, S): (S / 16, S / 16)."""
    picture = picture.to(network.mean.device)
    # In two parts and without hooks: other threads use the same modules.
    with torch.no_grad():
        maps = network.features[:_LAYER]((picture - network.mean) / network.std)
    with torch.enable_grad():
        maps.requires_grad_()
        logits = network.head(network.features[_LAYER:](maps).mean((2, 3)))
        (gradient,) = torch.autograd.grad(logits[0, 1] - logits[0, 0], maps)
    weights = gradient.mean((2, 3), keepdim=True)
    return (weights * maps.detach()).sum(1)[0].cpu()


# -- its spectrum --------------------------------------------------------------------
def spectrum_against_real(face: np.ndarray, family: str = "") -> dict[str, list[float]]:
    """The azimuthally averaged log power spectrum beside that of real photographs.

    face: (240, 240, 3) uint8, aligned. family: of generators, as the ensemble names it.
    Returns lists of one length: "frequency" (0 to 1, the finest that pixels can hold),
    "face", of real photographs "low" (5 %), "middle" and "high" (95 %), and "family", the
    median of that family's pictures, where it is known. Durall et al. 2019, arXiv:1911.00686.
    """
    card = read_card("detector-spectrum")
    curves = {"face": spectrum.profile(face)}
    curves |= {end: card[f"profile_real_{end}"] for end in ("low", "middle", "high")}
    if family in card.get("profile_of_families", {}):
        curves["family"] = card["profile_of_families"][family]
    curves["frequency"] = np.linspace(0, 1, len(curves["face"]))
    return {name: [round(float(v), 4) for v in values] for name, values in curves.items()}


# -- what would change the verdict ---------------------------------------------------
def robustness(
    picture: np.ndarray,
    points: np.ndarray,
    kind: str,
    jpeg_quality: float | None = None,
    crop_px: float | None = None,
    judged: np.ndarray | None = None,
) -> list[Treated]:
    """The verdict on one face again after treatments of `kind`, from weak to strong.

    picture: (H, W, 3) uint8, or a crop of it around the face. points: (5, 2), the face's
    landmarks in it. kind: a key of STRENGTHS. jpeg_quality: of the file's last saving.
    crop_px: side in source pixels of the aligned crop, measured from `points` unless given
    (a crop that was scaled has other pixels than the source). judged: the crop (240, 240, 3) on
    which the verdict rests, where `picture` is no more than a copy of it. One call of the ensemble.
    """
    window, inside = _window(picture, np.asarray(points, np.float64))
    part = np.array(photograph_box(window, inside)).reshape(2, 2)
    side = crop_px or crop_side(inside)
    crops, sides, qualities = [], [], []
    for strength in STRENGTHS[kind]:
        changed = _treat(window, kind, strength)
        ratio = np.divide(changed.shape[1::-1], window.shape[1::-1])
        kept = judged is not None and changed is window
        crops.append(judged if kept else expert_crop(*_cut(changed, inside * ratio, part * ratio)))
        sides.append(side * float(ratio.mean()))
        if changed is window:
            qualities.append(jpeg_quality)
        else:  # resized or blurred, it would have to be saved anew, as what it is
            qualities.append(float(strength) if kind == "jpeg" else None)
    found = ensemble.assess(np.stack(crops), sides, qualities)
    return [
        Treated(strength, crop, one.probability_fake, one.verdict, one.reason)
        for strength, crop, one in zip(STRENGTHS[kind], crops, found, strict=True)
    ]


def _window(picture: np.ndarray, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The part of a picture that an aligned crop needs, and the points in it.

    It begins on JPEG's grid of blocks, so that saving it does what saving the whole does.
    """
    height, width = picture.shape[:2]
    eyes = float(np.linalg.norm(points[1] - points[0]))
    reach = 4 * eyes * math.sqrt(0.5) + _GRID  # the crop may be turned
    centre = points.mean(0)
    x0, y0 = (max(0, int((c - reach) // _GRID * _GRID)) for c in centre)
    x1, y1 = min(width, math.ceil(centre[0] + reach)), min(height, math.ceil(centre[1] + reach))
    return picture[y0 : max(y1, y0 + 1), x0 : max(x1, x0 + 1)], points - [x0, y0]


def _cut(
    picture: np.ndarray, points: np.ndarray, part: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """As `cut_to`, for a part (2, 2) that need not end between pixels."""
    start, end = np.ceil(part[0] - 1e-6).astype(int), np.floor(part[1] + 1e-6).astype(int)
    return cut_to(picture, points, (*start, *end))


def _treat(picture: np.ndarray, kind: str, strength: float) -> np.ndarray:
    """A picture (H, W, 3) uint8 after one treatment."""
    if kind == "jpeg":
        if not strength:
            return picture
        # As cameras and messengers save: colour at half the resolution.
        quality = [cv2.IMWRITE_JPEG_QUALITY, int(strength)]
        _, saved = cv2.imencode(".jpg", cv2.cvtColor(picture, cv2.COLOR_RGB2BGR), quality)
        return cv2.cvtColor(cv2.imdecode(saved, cv2.IMREAD_COLOR), cv2.COLOR_BGR2RGB)
    if kind == "resize":
        size = [max(16, round(side * strength / 100)) for side in picture.shape[1::-1]]
        if size == list(picture.shape[1::-1]):
            return picture
        return cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
    if kind == "blur":
        return cv2.GaussianBlur(picture, (0, 0), strength) if strength else picture
    raise ValueError(f"kind must be one of: {', '.join(STRENGTHS)}.")
