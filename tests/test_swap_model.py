"""The swap's networks: shapes, gradients, and the filter that takes persons out of codes."""

import pytest
import torch

from ganfake.models.swap import Decoder, Encoder, SwapConfig, covariances, factor, without


@pytest.fixture(scope="module")
def pair():
    torch.manual_seed(0)
    return Encoder(SwapConfig()), Decoder(SwapConfig())


def test_faces_to_codes_to_faces_and_every_weight_learns(pair):
    encoder, decoder = pair
    faces = torch.rand(3, 3, 128, 128) * 2 - 1
    codes = encoder(faces)
    made = decoder(codes)
    assert codes.shape == (3, 256)
    assert made.shape == (3, 3, 128, 128)
    assert made.isfinite().all()
    assert made.abs().max() <= 1
    (made - faces).square().mean().backward()
    for network in pair:
        for name, parameter in network.named_parameters():
            assert parameter.grad.isfinite().all(), name
            assert parameter.grad.abs().max() > 0, name


def test_the_ground_around_the_face_does_not_reach_the_code(pair):
    encoder, _ = pair
    face = torch.rand(1, 3, 128, 128)
    other = face.clone()
    other[..., :24, :] = -1
    other[..., :16] = 1
    other[..., 112:] = 1
    assert torch.equal(encoder(face), encoder(other))
    other[..., 80:90, 60:70] = 1
    assert not torch.equal(encoder(face), encoder(other))


def test_pixels_of_one_cell_start_alike():
    torch.manual_seed(1)
    made = Decoder(SwapConfig())(torch.randn(2, 256))
    blocks = made.unflatten(2, (64, 2)).unflatten(4, (64, 2))
    assert torch.allclose(blocks[:, :, :, 0, :, 0], blocks[:, :, :, 1, :, 1], atol=1e-5)


@pytest.mark.parametrize(
    "sizes", [{"image_size": 96}, {"encoder_channels": (8, 8)}, {"code_dim": 100}]
)
def test_sizes_that_do_not_fit_are_refused(sizes):
    with pytest.raises(ValueError, match="do not reach"):
        SwapConfig(**sizes)


def drawn_codes(persons: int = 400, each: int = 4) -> tuple[torch.Tensor, torch.Tensor]:
    """Codes of 256 numbers: the first tells persons apart, the second changes within one."""
    rng = torch.Generator().manual_seed(0)
    codes = torch.randn(persons * each, 256, generator=rng) * 0.1
    who = torch.arange(persons).repeat_interleave(each)
    codes[:, 0] += 3 * torch.randn(persons, generator=rng)[who]
    codes[:, 1] += 2 * torch.randn(len(who), generator=rng)
    return codes, who


def test_covariances_within_and_between_persons():
    codes, who = drawn_codes()
    within, between = covariances(codes.double(), who)
    assert within[1, 1].item() == pytest.approx(4, rel=0.1)
    assert within[0, 0].item() == pytest.approx(0.01, rel=0.15)
    assert between[0, 0].item() == pytest.approx(9, rel=0.15)
    assert between[1, 1].item() < 0.3  # not a quarter of 4, which their few pictures leave
    alone = torch.cat([codes, torch.full((1, 256), 1e3)]).double()  # a person of one picture
    again, _ = covariances(alone, torch.cat([who, torch.tensor([10_000])]))
    assert torch.allclose(within, again)


def fitted(codes: torch.Tensor, who: torch.Tensor, points: torch.Tensor):
    """The gains of the filter for each number of the codes, and the strangers' factor."""
    encoder = Encoder(SwapConfig())
    strangers = encoder.fit_filter(codes, who, points)
    filtered = (codes - encoder.mean) @ encoder.filter.T
    assert filtered.mean(0).abs().max() < 1e-4
    within, _ = covariances(filtered.double(), who)
    assert within.diagonal().mean().item() == pytest.approx(1, rel=0.05)
    return filtered.std(0) / codes.std(0), strangers


def test_the_filter_keeps_what_changes_and_drops_who_it_is():
    codes, who = drawn_codes()
    gain, everybody = fitted(codes, who, codes[:, 1:2] * 0.1)
    assert gain[0] < 0.02 * gain[1]
    spread = everybody.square().sum(1).sqrt() / codes.std(0)
    assert torch.allclose(spread, gain, rtol=0.02)


def test_geometry_is_kept_although_it_tells_persons_apart():
    codes, who = drawn_codes()
    gain, _ = fitted(codes, who, codes[:, :1] * 0.1)
    assert gain[0] > 0.5 * gain[1]


def test_what_is_known_leaves_the_covariance_and_what_depends_on_it_too():
    rng = torch.Generator().manual_seed(0)
    mixing = torch.randn(5, 5, generator=rng).double()
    covariance, known = mixing @ mixing.T, torch.eye(5).double()[:2]
    left = without(covariance, known, 1e-9 * torch.eye(5).double())
    assert left[:2].abs().max() < 1e-5
    drawn = torch.randn(200_000, 5, generator=rng).double() @ mixing.T
    slope = torch.linalg.lstsq(drawn[:, :2], drawn[:, 2:]).solution
    rest = drawn[:, 2:] - drawn[:, :2] @ slope
    assert torch.allclose(torch.cov(rest.T), left[2:, 2:], rtol=0.05, atol=0.05)
    root = factor(left)
    assert torch.allclose((root @ root.T).double(), left, atol=1e-4)
