"""MobileNetV2 (Sandler et al. 2018, arXiv:1801.04381), fine-tuned to tell real from fake."""

import torch
from torch import Tensor, nn

from ganfake.experts.networks import NetworkExpert, load_networks

MOBILE_SIDE = 320  # pixels of its pictures; its first layer halves them


class MobileNet(nn.Module):
    """(N, 3, S, S) in [-1, 1] -> logits (N, 2) of real and fake."""

    def __init__(self, hidden: int = 128, dropout: float = 0.3):
        from torchvision.models import mobilenet_v2  # 1.4 s, which the page's start need not wait

        super().__init__()
        self.features = mobilenet_v2().features
        self.head = nn.Sequential(
            nn.Linear(1280, hidden), nn.ReLU(), nn.BatchNorm1d(hidden),
            nn.Dropout(dropout), nn.Linear(hidden, 2),
        )  # fmt: skip
        # ImageNet's normalisation, for pictures in [-1, 1].
        self.register_buffer("mean", torch.tensor([-0.030, -0.088, -0.188]).view(1, 3, 1, 1), False)
        self.register_buffer("std", torch.tensor([0.458, 0.448, 0.450]).view(1, 3, 1, 1), False)

    def embed(self, x: Tensor) -> Tensor:
        """(N, 1280): the averaged features."""
        return self.features((x - self.mean) / self.std).mean((2, 3))

    def forward(self, x: Tensor) -> Tensor:
        """Logits (N, 2)."""
        return self.head(self.embed(x))


def load() -> NetworkExpert:
    """The expert with its weights."""
    return load_networks("mobilenet", MobileNet, MOBILE_SIDE, mirror=True)
