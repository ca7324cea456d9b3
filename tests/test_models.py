"""Every network of the registry, with its trained weights."""

import numpy as np
import pytest
import torch

from ganfake import UserError
from ganfake.generate import generate
from ganfake.models import MODELS, available, dcgan, find_model, load, portrait
from ganfake.models.labels import FACE_FIELDS, LabelEmbedding
from ganfake.train.losses import discriminator_loss, generator_loss, label_loss
from ganfake.weights import list_weights, load_weights, read_card


def trained(name: str):
    """Both players with their weights, as they would go on learning."""
    model = MODELS[name]
    state, card = load_weights(name)
    config = type(model.config)(**card["config"])
    generator, discriminator = model.body.Generator(config), model.body.Discriminator(config)
    generator.load_state_dict(state)
    discriminator.load_state_dict(load_weights(f"{name}-discriminator")[0])
    return config, generator, discriminator


@pytest.mark.parametrize("name", MODELS)
def test_every_model_is_trained_makes_pictures_and_can_learn(name):
    config, generator, discriminator = trained(name)
    torch.manual_seed(0)
    latents, labels = torch.randn(8, config.latent_dim), None
    if config.fields:
        sizes = [len(values) for _, values in config.fields]
        # Every value of every field, so that every row of every embedding is used.
        rows = [torch.arange(max(sizes) + 1) % (size + 1) for size in sizes]
        labels = torch.stack(rows, 1)
        latents = latents[: len(labels)]
    pictures = generator(latents, labels)
    assert pictures.shape == (len(latents), 3, config.image_size, config.image_size)
    assert pictures.isfinite().all()
    assert pictures.abs().max() <= 1
    assert pictures.std() > 0.2  # neither grey nor blank
    features = discriminator.features(pictures)
    logits = discriminator.judge(features, labels)
    assert logits.shape == (len(latents),)
    loss = discriminator_loss(logits, logits.flip(0)) + generator_loss(logits)
    if config.fields:
        loss = loss + label_loss(discriminator.guess(features), labels)
    loss.backward()
    for player in (generator, discriminator):
        for parameter_name, parameter in player.named_parameters():
            assert parameter.grad is not None, parameter_name
            assert parameter.grad.isfinite().all(), parameter_name
            assert parameter.grad.abs().sum() > 0, parameter_name


@pytest.mark.parametrize("name", MODELS)
def test_the_seed_makes_the_picture(name):
    first, again, other = (
        np.stack([np.asarray(p, int) for p in generate(name, 2, seed)]) for seed in (5, 5, 6)
    )
    size = MODELS[name].config.image_size
    assert first.shape == (2, size, size, 3)
    np.testing.assert_array_equal(first, again)
    assert np.abs(first - other).mean() > 3
    assert np.abs(first[0] - first[1]).mean() > 3


@pytest.mark.parametrize("name", MODELS)
def test_the_card_says_what_the_model_is(name):
    card = read_card(name)
    assert type(MODELS[name].config)(**card["config"]) == load(name).config == MODELS[name].config
    assert card["training"]["images"] > 0
    assert card["metrics"]["frechet"] > 0
    assert "Inception" in card["metrics"]["features"]


def test_the_four_of_a_kind_differ_in_the_method_alone():
    for kind in ("", "-cars"):
        cards = [read_card(n + kind) for n in ("dcgan", "cdcgan", "wgan", "cwgan")]
        for same in ("images", "seed", "batch", "learning_rate", "ema_halflife", "shift"):
            assert len({card["training"][same] for card in cards}) == 1, same
        for same in ("generator_channels", "discriminator_channels", "latent_dim"):
            assert len({str(card["config"][same]) for card in cards}) == 1, same
        assert len({card["data"] for card in cards}) == 1
    assert read_card("dcgan")["training"]["images"] >= 600_000


def test_all_weights_fit_into_a_push():
    sizes = [read_card(name)["bytes"] for name in list_weights()]
    assert max(sizes) < 10e6
    assert sum(sizes) < 150e6
    assert available() == list(MODELS)


def test_an_unknown_name_is_a_sentence_with_the_known_ones():
    with pytest.raises(UserError, match="no model 'stylegan'; there are: mlp, dcgan"):
        find_model("stylegan")


@pytest.mark.parametrize("name", ["dcgan", "wgan", "portrait"])
def test_the_score_of_a_picture_does_not_depend_on_its_neighbours(name):
    """What gradient penalties need: no batch statistics in the discriminator."""
    torch.manual_seed(0)
    config = MODELS[name].config
    discriminator = MODELS[name].body.Discriminator(config)
    pictures = torch.rand(4, 3, config.image_size, config.image_size) * 2 - 1
    alone = torch.cat([discriminator(picture[None]) for picture in pictures])
    assert torch.allclose(discriminator(pictures), alone, atol=1e-5)


def test_labels_change_picture_and_score_of_a_conditional_model():
    torch.manual_seed(0)
    config = dcgan.DCGANConfig(fields=FACE_FIELDS)
    generator, discriminator = dcgan.Generator(config).eval(), dcgan.Discriminator(config)
    latents = torch.randn(1, config.latent_dim).expand(2, -1)
    labels = torch.tensor([[1, 1, 1, 1, 1], [2, 1, 1, 1, 1]])
    one, other = generator(latents, labels)
    assert not torch.allclose(one, other)
    same = one[None].expand(2, -1, -1, -1)
    scores = discriminator(same, labels)
    assert scores[0] != scores[1]
    assert [g.shape for g in discriminator.guess(discriminator.features(same))] == [
        (2, len(values)) for _, values in FACE_FIELDS
    ]


def test_an_embedding_is_the_sum_over_fields_and_unknown_has_its_own():
    embedding = LabelEmbedding((("a", ("0", "1")), ("b", ("x", "y", "z"))), 4)
    a, b = (table.weight for table in embedding.tables)
    assert (len(a), len(b)) == (3, 4)
    got = embedding(torch.tensor([[0, 3], [2, 0]]))
    torch.testing.assert_close(got, torch.stack([a[0] + b[3], a[2] + b[0]]))


def test_a_portrait_begins_as_the_small_face_enlarged():
    config, small, judge = trained("dcgan")
    large = portrait.Generator(portrait.PortraitConfig()).eval()
    large_judge = portrait.Discriminator(portrait.PortraitConfig())
    portrait.grow(large, small.state_dict())
    portrait.grow(large_judge, judge.state_dict())
    latents = torch.randn(4, config.latent_dim, generator=torch.Generator().manual_seed(0))
    faces, pictures = small.eval()(latents), large(latents)
    assert pictures.shape == (4, 3, 128, 128)
    reduced = torch.nn.functional.avg_pool2d(pictures, 2)
    assert (reduced - faces).abs().mean() < 0.1 * faces.std()
    torch.testing.assert_close(large_judge(pictures), judge(reduced), atol=1e-4, rtol=1e-3)
    with pytest.raises(ValueError, match="not the weights"):
        portrait.grow(large, {"layers.99.weight": torch.zeros(1)})


def test_channels_must_reach_the_size():
    with pytest.raises(ValueError, match="64 pixels"):
        dcgan.DCGANConfig(generator_channels=(8, 8, 8))
    with pytest.raises(ValueError, match="128 pixels"):
        portrait.PortraitConfig(discriminator_channels=(8, 8, 8))
