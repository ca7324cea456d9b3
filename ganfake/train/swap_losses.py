"""How far a decoded face is from its target: L1 and structure, eyes and mouth weighing more."""

import functools

import torch
import torch.nn.functional as F
from torch import Tensor

# Centre and half axes on the template, as fractions of the side, and weight over the rest.
_PLACES = (
    ((0.5, 0.56), (0.3, 0.4), 1.0),  # the face
    ((0.375, 0.4675), (0.1, 0.06), 3.0),  # eyes
    ((0.625, 0.4675), (0.1, 0.06), 3.0),
    ((0.5, 0.69), (0.15, 0.08), 3.0),  # mouth
)
_WINDOW, _STRIDE = 7, 2
_C1, _C2 = 0.02**2, 0.06**2  # SSIM's constants 0.01 and 0.03 for a range of 2


@functools.cache
def weight_map(side: int, ground: float) -> Tensor:
    """Weights (1, 1, side, side) of mean 1: soft ellipses on the template's face, eyes, mouth.

    ground: the weight of what is around the face, which itself has 1 more.
    """
    steps = (torch.arange(side) + 0.5) / side
    rows, columns = steps[:, None], steps[None, :]
    weights = torch.full((side, side), ground)
    for (x, y), (width, height), weight in _PLACES:
        distance = ((columns - x) / width).square() + ((rows - y) / height).square()
        weights += weight * torch.sigmoid(4 * (1 - distance))
    return (weights / weights.mean())[None, None]


def _means(picture: Tensor) -> Tensor:
    return F.avg_pool2d(picture, _WINDOW, _STRIDE)


def dissimilarity(made: Tensor, target: Tensor) -> Tensor:
    """DSSIM, (1 - SSIM) / 2, (N, 3, h, w) of pictures (N, 3, S, S) in [-1, 1].

    SSIM by Wang et al. 2004, in windows of 7x7 pixels at every second pixel.
    """
    # From 0 up, for SSIM compares means by their ratio; contiguous, which pools faster.
    made, target = (made + 1).contiguous(), (target + 1).contiguous()
    x, y = _means(made), _means(target)
    product, squares = x * y, x * x + y * y
    shared = _means(made * target) - product
    spread = _means(made * made + target * target) - squares
    ssim = (2 * product + _C1) * (2 * shared + _C2) / ((squares + _C1) * (spread + _C2))
    return (1 - ssim) / 2


def face_loss(made: Tensor, target: Tensor, ground: float = 0.5) -> Tensor:
    """Weighted L1 plus weighted DSSIM of faces (N, 3, S, S) in [-1, 1], a scalar."""
    weights = weight_map(made.shape[-1], ground)
    structure = dissimilarity(made, target)
    coarse = F.interpolate(weights, size=structure.shape[-2:], mode="area")
    return ((made - target).abs() * weights).mean() + (structure * coarse).mean()
