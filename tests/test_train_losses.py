"""Losses, penalties and augmentation of the GANs, each against its formula."""

import itertools
import math

import pytest
import torch
from torch import nn

from ganfake.train.augment import random_flip, random_translate
from ganfake.train.losses import discriminator_loss, generator_loss, r1_penalty


def rng(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


# -- losses ------------------------------------------------------------------------
def test_losses_where_the_discriminator_cannot_tell():
    undecided = torch.zeros(5)  # D = 0.5 everywhere: the equilibrium of the paper
    assert discriminator_loss(undecided, undecided).item() == pytest.approx(2 * math.log(2))
    assert generator_loss(undecided).item() == pytest.approx(math.log(2))


def test_losses_are_the_papers_formulas():
    real, fake = torch.tensor([2.0, -1.0]), torch.tensor([0.5, -3.0])
    d_real, d_fake = real.sigmoid(), fake.sigmoid()
    expected = -(d_real.log().mean() + (1 - d_fake).log().mean())
    torch.testing.assert_close(discriminator_loss(real, fake), expected)
    torch.testing.assert_close(generator_loss(fake), -d_fake.log().mean())


def test_r1_of_a_linear_discriminator_is_the_squared_norm_of_its_weights():
    linear = nn.Linear(3 * 4 * 4, 1)
    real = torch.randn(5, 3, 4, 4, generator=rng(), requires_grad=True)
    penalty = r1_penalty(linear(real.flatten(1)).flatten(), real)
    torch.testing.assert_close(penalty, linear.weight.square().sum())
    penalty.backward()
    torch.testing.assert_close(linear.weight.grad, 2 * linear.weight)


def test_r1_is_a_mean_over_the_pictures():
    real = torch.randn(5, 3, 4, 4, generator=rng(), requires_grad=True)
    logits = real.square().sum(dim=(1, 2, 3)) / 2  # the gradient is the picture itself
    expected = real.detach().square().sum(dim=(1, 2, 3)).mean()
    torch.testing.assert_close(r1_penalty(logits, real).detach(), expected)


# -- augmentation --------------------------------------------------------------------
def test_random_flip_mirrors_about_half_and_changes_nothing_else():
    pictures = torch.randn(400, 3, 4, 6, generator=rng())
    flipped = random_flip(pictures, rng(1))
    same = (flipped == pictures).flatten(1).all(1)
    mirrored = (flipped == pictures.flip(3)).flatten(1).all(1)
    assert (same ^ mirrored).all()
    assert 150 < same.sum() < 250


def test_random_translate_shifts_every_picture_by_itself_with_zeros_behind():
    pictures = torch.rand(300, 3, 16, 16, generator=rng()) + 1  # no zeros of its own
    shifted = random_translate(pictures, rng(1))
    found = set()
    for before, after in zip(pictures, shifted, strict=True):
        inside = after[0] != 0
        rows, columns = inside.any(1).nonzero().flatten(), inside.any(0).nonzero().flatten()
        y, x = (
            int(where[0]) if where[0] else int(where[-1]) - 15  # down or right, else up or left
            for where in (rows, columns)
        )
        padded = nn.functional.pad(before, (2, 2, 2, 2))
        assert torch.equal(after, padded[:, 2 - y : 18 - y, 2 - x : 18 - x])
        found.add((y, x))
    assert found == set(itertools.product(range(-2, 3), repeat=2))  # an eighth of 16 each way


def test_augmentation_repeats_with_its_generator_and_passes_gradients():
    pictures = torch.randn(8, 3, 16, 16, generator=rng(), requires_grad=True)
    first = random_translate(random_flip(pictures, rng(3)), rng(4))
    again = random_translate(random_flip(pictures, rng(3)), rng(4))
    assert torch.equal(first, again)
    assert torch.equal(random_translate(pictures, rng(5), share=0.0), pictures)
    first.sum().backward()  # each pixel shown counts once, each pixel moved out not at all
    assert set(pictures.grad.unique().tolist()) == {0.0, 1.0}


@pytest.mark.parametrize("layout", [torch.contiguous_format, torch.channels_last])
def test_a_shift_is_the_same_in_both_layouts_and_keeps_its_own(layout):
    pictures = torch.randn(8, 3, 12, 16, generator=rng())
    laid_out = pictures.contiguous(memory_format=layout).requires_grad_()
    shifted = random_translate(laid_out, rng(4))
    assert torch.equal(shifted, random_translate(pictures, rng(4)))
    assert shifted.is_contiguous(memory_format=layout)
    weights = torch.randn(shifted.shape, generator=rng(5))
    (shifted * weights).sum().backward()
    # What a pixel counts for lies where the shift has put it.
    moved = random_translate(torch.arange(1.0, 193).view(1, 1, 12, 16).expand(8, 1, -1, -1), rng(4))
    for picture in range(8):
        for place in moved[picture, 0].unique().long().tolist():
            if place:
                row, column = divmod(place - 1, 16)
                where = moved[picture, 0] == place
                assert torch.equal(
                    laid_out.grad[picture, :, row, column], weights[picture][:, where][:, 0]
                )
