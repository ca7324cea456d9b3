"""Differentiable augmentation (Zhao et al. 2020, arXiv:2006.10738).

The discriminator sees real and made pictures through the same random shift,
so that it cannot learn 24,000 photographs by heart, and the generator does
not learn the shift. Of the paper's
augmentations only the shift is used, the one that leaves colours as they are.
"""

import torch
from torch import Tensor


def random_flip(pictures: Tensor, rng: torch.Generator) -> Tensor:
    """Mirror half of (N, C, H, W) pictures left to right; for real pictures only."""
    coin = torch.rand(len(pictures), generator=rng, device=pictures.device) < 0.5
    return torch.where(coin[:, None, None, None], pictures.flip(3), pictures)


def random_translate(pictures: Tensor, rng: torch.Generator, share: float = 0.125) -> Tensor:
    """Shift each of (N, C, H, W) pictures by up to `share` of its side, zeros moving in."""
    n, _, height, width = pictures.shape
    reach_y, reach_x = round(height * share), round(width * share)

    def draw(reach: int) -> Tensor:
        shape = (n, 1, 1)
        return torch.randint(-reach, reach + 1, shape, generator=rng, device=pictures.device)

    rows = torch.arange(height, device=pictures.device)[None, :, None] + draw(reach_y)
    columns = torch.arange(width, device=pictures.device)[None, None, :] + draw(reach_x)
    inside = ((rows >= 0) & (rows < height)) & ((columns >= 0) & (columns < width))
    flat = rows.clamp(0, height - 1) * width + columns.clamp(0, width - 1)
    flat = flat.reshape(n, 1, height * width).expand(-1, pictures.shape[1], -1)
    shifted = pictures.flatten(2).gather(2, flat).view_as(pictures)
    return shifted * inside[:, None]
