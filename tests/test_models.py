"""Every network of the registry: shapes, finite numbers, a gradient for every parameter."""

import pytest
import torch

from ganfake.models import MODELS, dcgan
from ganfake.train.losses import discriminator_loss, generator_loss


@pytest.mark.parametrize("name", MODELS)
def test_every_model_learns_with_every_parameter(name):
    config_class, generator_class, discriminator_class = MODELS[name]
    config = config_class()
    torch.manual_seed(0)
    generator, discriminator = generator_class(config), discriminator_class(config)
    pictures = generator(torch.randn(4, config.latent_dim))
    assert pictures.shape == (4, 3, config.image_size, config.image_size)
    assert pictures.abs().max() <= 1
    logits = discriminator(pictures)
    assert logits.shape == (4,)
    (discriminator_loss(logits, logits) + generator_loss(logits)).backward()
    for player in (generator, discriminator):
        for parameter_name, parameter in player.named_parameters():
            assert parameter.grad is not None, parameter_name
            assert parameter.grad.isfinite().all(), parameter_name
            assert parameter.grad.abs().sum() > 0, parameter_name


def test_the_score_of_a_picture_does_not_depend_on_its_neighbours():
    """What R1 and gradient penalties need: no batch statistics in the discriminator."""
    torch.manual_seed(0)
    discriminator = dcgan.Discriminator(dcgan.DCGANConfig())
    pictures = torch.rand(4, 3, 64, 64) * 2 - 1
    alone = torch.cat([discriminator(picture[None]) for picture in pictures])
    assert torch.allclose(discriminator(pictures), alone, atol=1e-5)


def test_channels_must_reach_the_size():
    with pytest.raises(ValueError, match="64 pixels"):
        dcgan.DCGANConfig(generator_channels=(8, 8, 8))
