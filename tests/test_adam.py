"""The fused Adam for weights that lie channels_last against torch's plain one."""

import pytest
import torch

from ganfake.train.adam import FusedAdam

LAYOUTS = (torch.contiguous_format, torch.channels_last)


@pytest.mark.parametrize("of_gradients", LAYOUTS)
@pytest.mark.parametrize("of_weights", LAYOUTS)
def test_weights_move_as_with_the_plain_adam(of_weights, of_gradients):
    torch.manual_seed(0)
    starts = torch.randn(8, 6, 4, 4), torch.randn(7)
    ours = [torch.nn.Parameter(starts[0].contiguous(memory_format=of_weights).clone())]
    ours.append(torch.nn.Parameter(starts[1].clone()))
    theirs = [torch.nn.Parameter(start.clone()) for start in starts]
    options = {"lr": 1e-2, "betas": (0.0, 0.99)}
    optimizers = FusedAdam(ours, **options), torch.optim.Adam(theirs, foreach=False, **options)
    for _ in range(5):
        for a, b in zip(ours, theirs, strict=True):
            b.grad = torch.randn_like(b)
            a.grad = b.grad.clone()
            if a.dim() == 4:
                a.grad = a.grad.contiguous(memory_format=of_gradients)
        for optimizer in optimizers:
            optimizer.step()
    for a, b, start in zip(ours, theirs, starts, strict=True):
        torch.testing.assert_close(a.detach(), b.detach(), atol=1e-6, rtol=1e-5)
        assert (a - start).abs().max() > 0.01
    slots = optimizers[0].state_dict()["state"][0]
    assert slots["exp_avg"].shape == ours[0].shape and slots["step"].item() == 5


def test_a_parameter_without_a_gradient_stays():
    free = torch.nn.Parameter(torch.ones(3))
    still = torch.nn.Parameter(torch.ones(3))
    free.grad = torch.ones(3)
    FusedAdam([free, still], lr=0.1, betas=(0.0, 0.99)).step()
    assert (still == 1).all() and (free < 1).all()
