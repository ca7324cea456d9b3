"""What the swap's networks see in training: warped faces in, unwarped faces out."""

import functools

import torch
import torch.nn.functional as F
from torch import Tensor

_TURN, _ZOOM, _SHIFT = 0.14, 0.06, 0.05  # at most, of both: radians, share, share of half a side
_BEND = 0.006  # of half a side, 0.4 pixels: spread of the input's own warp; more blurs the result
_SHAPE = 0.035  # of half a side, 2.2 pixels: spread of the warp of both, from one face to another
_FACE = (0.5, 0.58), (0.27, 0.34), 6.0  # where that warp is: centre, half axes, sharpness
_KNOTS, _SHAPE_KNOTS = 5, 4  # on a side, between which that warp is smooth
_GAIN, _LIGHT, _TINT = 0.15, 0.1, 0.06


def _uniform(rng: torch.Generator, count: int, reach: float) -> Tensor:
    return (torch.rand(count, generator=rng) * 2 - 1) * reach


def _affine(count: int, mirrored: float, reach: float, rng: torch.Generator) -> Tensor:
    """Small random similarity transforms, a share of them mirrored: (N, 2, 3)."""
    turn, zoom = _uniform(rng, count, reach * _TURN), 1 + _uniform(rng, count, reach * _ZOOM)
    mirror = torch.where(torch.rand(count, generator=rng) < mirrored, -1.0, 1.0)
    cosine, sine = turn.cos() * zoom, turn.sin() * zoom
    rows = [cosine * mirror, -sine, _uniform(rng, count, reach * _SHIFT)]
    rows += [sine * mirror, cosine, _uniform(rng, count, reach * _SHIFT)]
    return torch.stack(rows, 1).view(count, 2, 3)


def _recolour(count: int, reach: float, rng: torch.Generator) -> tuple[Tensor, Tensor]:
    """Gain and offset (N, 3, 1, 1) of a random contrast, brightness and tint."""
    tint = _uniform(rng, count * 3, reach * _TINT).view(-1, 3)
    gain = 1 + _uniform(rng, count, reach * _GAIN)[:, None] + tint
    light = _uniform(rng, count, reach * _LIGHT)[:, None].expand(-1, 3)
    return gain[:, :, None, None], light[:, :, None, None]


def warped_pairs(
    faces: Tensor,
    rng: torch.Generator,
    mirrored: float = 0.5,
    shaped: float = 0.0,
    reach: float = 1.0,
) -> tuple[Tensor, Tensor]:
    """Faces (N, S, S, 3) uint8 to inputs and targets, both (N, 3, S, S) in [-1, 1].

    Both share a random turn, zoom, shift and colour, and a share of them is `mirrored`; the
    input is bent by a smooth random field of its own, so that the networks cannot copy it and
    have to learn how a face is built. A share is `shaped`: in both, the face's parts are moved
    as between persons, so that what is decoded follows the geometry of what was encoded.
    reach: of turn, zoom, shift and colour, as a share of what is usual.
    """
    count, side = len(faces), faces.shape[1]
    pictures = faces.permute(0, 3, 1, 2).float().div_(127.5).sub_(1.0)
    gain, light = _recolour(count, reach, rng)
    pictures = (pictures * gain + light).clamp_(-1, 1)
    affine = _affine(count, mirrored, reach, rng)
    grid = F.affine_grid(affine, [count, 3, side, side], align_corners=False)
    if shaped:
        chosen = torch.rand(count, 1, 1, 1, generator=rng) < shaped
        grid = grid + chosen * _field(count, side, _SHAPE_KNOTS, _SHAPE, rng) * _face_window(side)
    bend = _field(count, side, _KNOTS, _BEND, rng)
    # The targets bicubically, else the decoder learns the softness of bilinear sampling.
    return _sample(pictures, grid + bend, "bilinear"), _sample(pictures, grid, "bicubic")


def _field(count: int, side: int, knots: int, spread: float, rng: torch.Generator) -> Tensor:
    """Smooth random displacements (N, S, S, 2) with so many knots on a side."""
    coarse = torch.randn(count, 2, knots, knots, generator=rng) * spread
    field = F.interpolate(coarse, size=(side, side), mode="bicubic", align_corners=True)
    return field.permute(0, 2, 3, 1)


@functools.cache
def _face_window(side: int) -> Tensor:
    """About 1 on the template's face, falling to 0 around it: (S, S, 1)."""
    (x, y), (width, height), sharpness = _FACE
    steps = (torch.arange(side) + 0.5) / side
    distance = ((steps[None, :] - x) / width).square() + ((steps[:, None] - y) / height).square()
    return torch.sigmoid(sharpness * (1 - distance))[..., None]


def _sample(pictures: Tensor, grid: Tensor, mode: str) -> Tensor:
    sampled = F.grid_sample(pictures, grid, mode, padding_mode="reflection", align_corners=False)
    return sampled.clamp_(-1, 1).contiguous(memory_format=torch.channels_last)
