"""Adam (Kingma & Ba 2015, arXiv:1412.6980), fused, for weights that lie channels_last."""

import torch
from torch import Tensor


def _in_order(tensor: Tensor) -> Tensor:
    """A view of the same numbers with its axes in the order in which they lie in memory."""
    if tensor.dim() == 4 and tensor.is_contiguous(memory_format=torch.channels_last):
        return tensor.permute(0, 2, 3, 1)
    return tensor


class FusedAdam(torch.optim.Adam):
    """torch's fused Adam, which copies every tensor that is not contiguous to no purpose.

    It also walks a parameter, its gradient and its moments through memory side by side
    without comparing their strides, so a gradient that lies otherwise is laid out anew.
    """

    def __init__(self, parameters, **options):
        super().__init__(parameters, fused=True, **options)

    def _init_group(self, group, parameters, gradients, *others):
        complex_ones = super()._init_group(group, parameters, gradients, *others)
        gradients[:] = [
            g if g.stride() == p.stride() else torch.empty_like(p).copy_(g)
            for p, g in zip(parameters, gradients, strict=True)
        ]
        for tensors in (parameters, gradients, *others[:2]):  # the two moments
            tensors[:] = [_in_order(tensor) for tensor in tensors]
        return complex_ones
