"""Pictures at the edges of the program: open them safely, turn them into tensors and back."""

import numpy as np
import torch
from PIL import Image
from torch import Tensor


def tensor_to_picture(tensor: Tensor) -> Image.Image:
    """(3, H, W) float in [-1, 1] to an RGB picture."""
    scaled = (tensor.float().clamp(-1, 1) + 1) * 127.5
    return Image.fromarray(scaled.round().byte().permute(1, 2, 0).cpu().numpy())


def picture_to_tensor(picture: Image.Image) -> Tensor:
    """An RGB picture to (3, H, W) float32 in [-1, 1]."""
    array = torch.from_numpy(np.array(picture.convert("RGB")))
    return array.permute(2, 0, 1).float() / 127.5 - 1.0
