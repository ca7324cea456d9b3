"""The faster convolutions against torch's own with the same weights, and back again twice."""

import pytest
import torch
from torch import nn

from ganfake.models.layers import FromLatent, FromPicture, ToPicture, ToVector

CASES = {
    "from a latent": (lambda: FromLatent(6, 5), nn.ConvTranspose2d, (3, 6, 1, 1)),
    "to a vector": (lambda: ToVector(6, 5), nn.Conv2d, (3, 6, 4, 4)),
    "to a picture": (lambda: ToPicture(6), nn.ConvTranspose2d, (3, 6, 8, 12)),
    "from a picture": (lambda: FromPicture(5), nn.Conv2d, (3, 3, 8, 12)),
}
LAYOUTS = (torch.contiguous_format, torch.channels_last)


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("case", CASES)
def test_same_numbers_and_gradients_as_torchs_own_layer(case, layout):
    make, plain, shape = CASES[case]
    torch.manual_seed(0)
    layer = make().double().to(memory_format=layout)
    inputs = torch.randn(shape, dtype=torch.float64).contiguous(memory_format=layout)
    found = []
    for kind in (type(layer), plain):
        layer.__class__ = kind
        free = inputs.clone(memory_format=torch.preserve_format).requires_grad_()
        outputs = layer(free)
        (slope,) = torch.autograd.grad(outputs.sin().sum(), free, create_graph=True)
        twice = torch.autograd.grad(slope.square().sum(), list(layer.parameters()))
        once = torch.autograd.grad(layer(free).square().sum(), list(layer.parameters()))
        found.append([outputs, slope, *once, *twice, layer(inputs)])
    for ours, theirs in zip(*found, strict=True):
        assert ours.abs().sum() > 0
        torch.testing.assert_close(ours, theirs)


@pytest.mark.parametrize("case", CASES)
def test_weights_fit_torchs_own_layer(case):
    make, plain, _ = CASES[case]
    layer = make()
    assert isinstance(layer, plain)
    assert set(layer.state_dict()) == {"weight", *(["bias"] if layer.bias is not None else [])}


def test_layers_keep_channels_last():
    for make, _, shape in (CASES["to a picture"], CASES["from a picture"]):
        layer = make().to(memory_format=torch.channels_last)
        inputs = torch.randn(shape).contiguous(memory_format=torch.channels_last)
        outputs = layer(inputs.requires_grad_()).tanh()
        assert outputs.is_contiguous(memory_format=torch.channels_last)
