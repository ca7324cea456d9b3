"""Meso-4 (Afchar et al. 2018, arXiv:1809.00888): a small network for middle-sized structure."""

import torch
from torch import Tensor, nn

from ganfake.experts.networks import NetworkExpert, load_networks

MESO_SIDE = 160  # pixels of its pictures


def _block(inside: int, outside: int, kernel: int, pool: int) -> list[nn.Module]:
    return [
        nn.Conv2d(inside, outside, kernel, padding=kernel // 2, bias=False),
        nn.ReLU(), nn.BatchNorm2d(outside), nn.MaxPool2d(pool),
    ]  # fmt: skip


class MesoNet(nn.Module):
    """(N, 3, 160, 160) in [-1, 1] -> logits (N, 2) of real and fake.

    The paper's channels; at 160 pixels its last maps are 5 by 5.
    """

    def __init__(self, width: int = 8):
        super().__init__()
        self.features = nn.Sequential(
            *_block(3, width, 3, 2), *_block(width, width, 5, 2),
            *_block(width, 2 * width, 5, 2), *_block(2 * width, 2 * width, 5, 4),
        )  # fmt: skip
        self.head = nn.Sequential(
            nn.Flatten(), nn.Dropout(0.2), nn.Linear(2 * width * (MESO_SIDE // 32) ** 2, 32),
            nn.LeakyReLU(0.1), nn.Dropout(0.2), nn.Linear(32, 2),
        )  # fmt: skip

    def forward(self, x: Tensor) -> Tensor:
        """Logits (N, 2)."""
        with torch.autocast(x.device.type, enabled=False):  # so few channels gain nothing by it
            return self.head(self.features(x.float()).contiguous())


def load() -> NetworkExpert:
    """The expert with its weights."""
    return load_networks("mesonet", MesoNet, MESO_SIDE)
