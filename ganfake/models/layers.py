"""Convolutions that a processor computes in a faster way than torch's own, by the same numbers.

Each has the parameters of the torch layer that it is a kind of, so that weights fit both.
"""

import torch.nn.functional as F
from torch import Tensor, nn


def _rows(tensor: Tensor) -> Tensor:
    """(N, C, H, W) to (N, H * W * C), without a copy where it lies channels_last."""
    return tensor.permute(0, 2, 3, 1).flatten(1)


def _phases(weight: Tensor) -> Tensor:
    """Weights (A, B, 4, 4) as (A, B, rows, phases, columns, phases), two of each."""
    return weight.unflatten(3, (2, 2)).unflatten(2, (2, 2))


class FromLatent(nn.ConvTranspose2d):
    """The transposed convolution of one pixel to four by four, as a matrix product."""

    def __init__(self, inputs: int, outputs: int):
        super().__init__(inputs, outputs, 4, bias=False)

    def forward(self, latents: Tensor) -> Tensor:
        """(N, inputs, 1, 1) to (N, outputs, 4, 4)."""
        rows = latents.flatten(1) @ _rows(self.weight)
        return rows.unflatten(1, (4, 4, -1)).permute(0, 3, 1, 2)


class ToVector(nn.Conv2d):
    """The convolution of four by four pixels to one, as a matrix product."""

    def __init__(self, inputs: int, outputs: int):
        super().__init__(inputs, outputs, 4)

    def forward(self, features: Tensor) -> Tensor:
        """(N, inputs, 4, 4) to (N, outputs, 1, 1)."""
        product = F.linear(_rows(features), _rows(self.weight), self.bias)
        return product[:, :, None, None]


class ToPicture(nn.ConvTranspose2d):
    """The transposed convolution to three channels that doubles the side, as a plain one.

    Its four phases of two by two weights are twelve channels of one small convolution, put
    into their places afterwards: with only three channels most of a processor idles.
    """

    def __init__(self, inputs: int):
        super().__init__(inputs, 3, 4, stride=2, padding=1)

    def forward(self, hidden: Tensor) -> Tensor:
        """(N, inputs, S, S) to (N, 3, 2S, 2S)."""
        # Row 2y + p - 1 of the picture has row p from row y, and row p + 2 from the one above.
        taps = _phases(self.weight).flip(2, 4).permute(3, 5, 1, 0, 2, 4).flatten(0, 2)
        small = F.conv2d(hidden, taps, self.bias.repeat(4), padding=1).permute(0, 2, 3, 1)
        rows = small.unflatten(3, (2, 6)).transpose(2, 3).flatten(1, 2)
        pixels = rows.unflatten(3, (2, 3)).flatten(2, 3)
        return pixels[:, 1:-1, 1:-1].permute(0, 3, 1, 2)


class FromPicture(nn.Conv2d):
    """The convolution of three channels that halves the side; its way back like `ToPicture`."""

    def __init__(self, outputs: int):
        super().__init__(3, outputs, 4, stride=2, padding=1)

    def forward(self, pictures: Tensor) -> Tensor:
        """(N, 3, 2S, 2S) to (N, outputs, S, S)."""
        if not pictures.requires_grad:  # nobody will ask for the way back
            return super().forward(pictures)
        padded = F.pad(pictures, (1, 1, 1, 1)).permute(0, 2, 3, 1)
        pairs = padded.unflatten(1, (-1, 2)).unflatten(3, (-1, 2)).transpose(2, 3)
        small = pairs.flatten(3).permute(0, 3, 1, 2)
        taps = _phases(self.weight).permute(0, 3, 5, 1, 2, 4).flatten(1, 3)
        return F.conv2d(small, taps, self.bias)
