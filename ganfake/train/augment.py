"""Differentiable augmentation (Zhao et al. 2020, arXiv:2006.10738).

The discriminator sees real and made pictures through the same random shift,
so that it cannot learn 24,000 photographs by heart, and the generator does
not learn the shift. Of the paper's
augmentations only the shift is used, the one that leaves colours as they are.
"""

import torch
import torch.nn.functional as F
from torch import Tensor


def random_flip(pictures: Tensor, rng: torch.Generator) -> Tensor:
    """Mirror half of (N, C, H, W) pictures left to right; for real pictures only."""
    coin = torch.rand(len(pictures), generator=rng, device=pictures.device) < 0.5
    return torch.where(coin[:, None, None, None], pictures.flip(3), pictures)


def random_translate(pictures: Tensor, rng: torch.Generator, share: float = 0.125) -> Tensor:
    """Shift each of (N, C, H, W) pictures by up to `share` of its side, zeros moving in.

    The pictures stay channels_last where they are.
    """
    n, _, height, width = pictures.shape
    reach = round(height * share), round(width * share)
    rows, columns = (
        torch.randint(-r, r + 1, (n,), generator=rng, device=pictures.device) for r in reach
    )
    return _Shift.apply(pictures, rows, columns, reach)


class _Shift(torch.autograd.Function):
    """Row y of a picture becomes its row y + `rows`, and so for columns; zeros beyond."""

    @staticmethod
    def forward(ctx, pictures: Tensor, rows: Tensor, columns: Tensor, reach: tuple[int, int]):
        ctx.save_for_backward(rows, columns)
        ctx.reach = reach
        n, channels, height, width = pictures.shape
        if pictures.is_contiguous(memory_format=torch.channels_last):
            shifted = _shift(pictures.permute(0, 2, 3, 1), rows, columns, reach)
            return shifted.permute(0, 3, 1, 2)
        flat = pictures.reshape(n * channels, height, width, 1)
        rows, columns = (by.repeat_interleave(channels) for by in (rows, columns))
        return _shift(flat, rows, columns, reach).view(n, channels, height, width)

    @staticmethod
    def backward(ctx, gradient: Tensor):
        rows, columns = ctx.saved_tensors
        return _Shift.apply(gradient, -rows, -columns, ctx.reach), None, None, None


def _shift(pictures: Tensor, rows: Tensor, columns: Tensor, reach: tuple[int, int]) -> Tensor:
    """The same for (N, H, W, C): of all windows into the padded pictures, one each."""
    (n, height, width, _), (y, x) = pictures.shape, reach
    padded = F.pad(pictures, (0, 0, x, x, y, y))
    windows = padded.unfold(1, height, 1).unfold(2, width, 1).permute(0, 1, 2, 4, 5, 3)
    return windows[torch.arange(n, device=rows.device), rows + y, columns + x]
