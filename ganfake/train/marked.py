"""What `mobilenet` learns beside the verdict: which parts of a face were changed."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ganfake.experts.mobilenet import MobileNet
from ganfake.train.drawing import PARTS


class Marked(nn.Module):
    """A MobileNet and, for training alone, what it says of each part of the face.

    Where a face was changed is known of composites; to be asked for it makes a network look
    there. Logits of the parts are means over their boxes of a 1x1 convolution of the last maps.
    """

    def __init__(self, network: MobileNet):
        super().__init__()
        self.network = network
        self.parts = nn.Conv2d(1280, len(PARTS), 1)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Logits (N, 2) of real and fake, and (N, 3) of changed parts."""
        net = self.network
        maps = net.features((x - net.mean) / net.std)
        grid = F.interpolate(self.parts(maps).float(), size=(20, 20), mode="bilinear")
        boxes = (tuple(round(v * 20) for v in box) for box in PARTS.values())
        said = [grid[:, n, y0:y1, x0:x1].mean((1, 2)) for n, (x0, y0, x1, y1) in enumerate(boxes)]
        return net.head(maps.mean((2, 3))), torch.stack(said, 1)
