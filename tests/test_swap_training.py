"""What the swap learns from, by what loss, and lessons: learning, stopping, going on."""

import numpy as np
import pytest
import torch

from ganfake import UserError
from ganfake.persons import decode, load_person
from ganfake.train.swap import BATCH, FEWEST, Lesson
from ganfake.train.swap_losses import dissimilarity, face_loss, weight_map
from ganfake.train.swap_pretrain import SMALL, Pretraining, average, grown, rate_at, take_filtered
from ganfake.train.swap_warp import warped_pairs


def made_faces(name: str, count: int = 8) -> np.ndarray:
    """Faces of a person that ships, of codes around its centre: nobody's photographs."""
    person = load_person(name)
    rng = torch.Generator().manual_seed(len(name))
    codes = person.centre + torch.randn(count, len(person.centre), generator=rng) * 0.3
    return decode(person.decoder, codes)


@pytest.fixture(autouse=True)
def few_samples(monkeypatch):
    """Enough to run on: the directions that are kept need not be known well here."""
    monkeypatch.setattr("ganfake.train.swap._SAMPLED", 32)


@pytest.fixture(scope="module")
def sets():
    return {"anna": made_faces("woman_a"), "bert": made_faces("man_b", 10)}


# -- warps and losses --------------------------------------------------------------------
def test_the_input_is_the_target_but_for_a_small_bend(sets):
    faces = torch.from_numpy(sets["anna"])
    inputs, targets = warped_pairs(faces, torch.Generator().manual_seed(3))
    again = warped_pairs(faces, torch.Generator().manual_seed(3))
    assert torch.equal(inputs, again[0])
    assert torch.equal(targets, again[1])
    assert inputs.shape == targets.shape == (8, 3, 128, 128)
    assert targets.min() >= -1
    assert targets.max() <= 1
    between = (inputs - targets).abs().mean()
    changed = (targets - (faces.permute(0, 3, 1, 2) / 127.5 - 1)).abs().mean()
    assert 0.001 < between < changed / 2


def test_mirrored_faces_are_mirrored(sets, monkeypatch):
    for still in ("_TURN", "_ZOOM", "_SHIFT", "_BEND", "_GAIN", "_LIGHT", "_TINT"):
        monkeypatch.setattr(f"ganfake.train.swap_warp.{still}", 0.0)
    faces = torch.from_numpy(sets["anna"])
    plain = faces.permute(0, 3, 1, 2) / 127.5 - 1
    rng = torch.Generator().manual_seed(0)
    assert torch.allclose(warped_pairs(faces, rng, mirrored=0.0)[1], plain, atol=1e-4)
    assert torch.allclose(warped_pairs(faces, rng, mirrored=1.0)[1], plain.flip(3), atol=1e-4)


def test_shaped_faces_are_moved_in_both_and_only_where_the_face_is(sets):
    faces = torch.from_numpy(sets["anna"])
    rng = [torch.Generator().manual_seed(5) for _ in range(2)]
    _, plain = warped_pairs(faces, rng[0])
    inputs, moved = warped_pairs(faces, rng[1], shaped=1.0)
    change = (moved - plain).abs().mean((0, 1))
    assert change[50:100, 45:85].mean() > 10 * change[:, :8].mean()
    assert (inputs - moved).abs().mean() < (moved - plain).abs().mean()


def test_the_loss_is_nothing_for_equals_and_eyes_weigh_more_than_ground():
    rng = torch.Generator().manual_seed(0)
    target = torch.rand(2, 3, 128, 128, generator=rng) * 2 - 1
    assert face_loss(target, target).item() == pytest.approx(0, abs=1e-5)
    eye, ground = target.clone(), target.clone()
    eye[:, :, 56:64, 44:52] *= -1
    ground[:, :, 4:12, 4:12] *= -1
    assert face_loss(eye, target) > 3 * face_loss(ground, target) > 0
    assert weight_map(128, 0.5).mean().item() == pytest.approx(1)


def test_dissimilarity_is_that_of_scikit_image():
    from skimage.metrics import structural_similarity

    rng = np.random.default_rng(0)
    first = rng.random((64, 64, 3))
    second = np.clip(first + rng.normal(0, 0.2, first.shape), 0, 1)
    _, whole = structural_similarity(
        first, second, channel_axis=2, data_range=1.0, full=True, use_sample_covariance=False
    )
    ours = dissimilarity(
        *(torch.from_numpy(p * 2 - 1).permute(2, 0, 1)[None] for p in (first, second))
    )
    theirs = torch.from_numpy(whole)[3:-3:2, 3:-3:2].permute(2, 0, 1)
    assert torch.allclose(1 - 2 * ours[0], theirs[:, :29, :29], atol=1e-6)


# -- lessons -----------------------------------------------------------------------------
def test_a_lesson_learns_and_every_weight_takes_part(sets):
    lesson = Lesson({"anna": sets["anna"]})
    before = {n: p.clone() for n, p in lesson._pupils["anna"].decoder.named_parameters()}
    losses = [lesson.step() for _ in range(10)]
    assert lesson.images == 10 * BATCH
    assert lesson.losses == losses
    assert np.isfinite(losses).all()
    assert np.mean(losses[-3:]) < 0.8 * losses[0]
    for name, parameter in lesson._pupils["anna"].decoder.named_parameters():
        assert not torch.equal(parameter, before[name]), name
    person = lesson.person("anna")
    assert person.name == "anna"
    assert person.portrait.shape == (128, 128, 3)
    assert person.card["training"]["images"] == lesson.images
    lesson.step()  # a person taken out does not end the lesson
    assert lesson.preview(3).shape == (3 * 128, 2 * 128, 3)


def test_a_resumed_lesson_gives_the_same_persons(sets, tmp_path):
    straight = Lesson(sets, seed=4)
    straight.step()
    straight.save(tmp_path / "lesson.safetensors")
    straight.step()
    resumed = Lesson.resume(tmp_path / "lesson.safetensors", sets)
    assert resumed.images == BATCH
    resumed.step()
    assert resumed.losses == straight.losses
    for name in sets:
        ours, theirs = (lesson.person(name) for lesson in (resumed, straight))
        assert np.array_equal(ours.portrait, theirs.portrait)
        assert torch.equal(ours.centre, theirs.centre)
    assert straight.preview(2).shape == (2 * 128, 3 * 128, 3)


def test_a_lesson_of_others_is_not_resumed(sets, tmp_path):
    path = tmp_path / "lesson.safetensors"
    Lesson({"anna": sets["anna"]}).save(path)
    for others in ({"carl": sets["anna"]}, {"anna": sets["bert"]}, sets):
        with pytest.raises(UserError, match="start a new"):
            Lesson.resume(path, others)
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(UserError, match="damaged"):
        Lesson.resume(path, {"anna": sets["anna"]})


def test_too_few_faces_and_too_many_persons_are_one_sentence(sets):
    with pytest.raises(UserError, match=f"7 faces of anna, and learning needs {FEWEST}"):
        Lesson({"anna": sets["anna"][:7]})
    with pytest.raises(UserError, match="one or two persons"):
        Lesson({**sets, "carl": sets["anna"]})
    with pytest.raises(UserError, match="one or two persons"):
        Lesson({})


# -- pre-training ------------------------------------------------------------------------
def test_pretraining_learns_and_resumes_to_the_same_weights(sets, tmp_path):
    straight = Pretraining(tmp_path, sets["anna"], 1000, seed=1)
    straight.step()
    straight.save()
    straight.step()
    resumed = Pretraining(tmp_path, sets["anna"], 1000, seed=1)
    resumed.step()  # is forgotten
    resumed.resume()
    assert resumed.images == BATCH
    resumed.step()
    assert resumed.losses == straight.losses
    for part in ("encoder", "averages"):
        for ours, theirs in zip(
            resumed.parts[part].parameters(), straight.parts[part].parameters(), strict=True
        ):
            assert torch.equal(ours, theirs)
    for name, parameter in straight.encoder.named_parameters():
        assert parameter.grad.abs().max() > 0, name


def test_a_grown_decoder_keeps_all_but_the_last_layer(sets, tmp_path):
    run = Pretraining(tmp_path, sets["anna"], 1000)
    small, large = run.decoder.state_dict(), grown(run.decoder).state_dict()
    kept = [name for name in small if torch.equal(small[name], large[name][: len(small[name])])]
    assert SMALL.image_size == 64
    assert len(kept) >= len(small) - 2


def test_a_decoder_takes_filtered_codes_for_raw_ones(sets, tmp_path):
    run = Pretraining(tmp_path, sets["anna"], 1000)
    raw = torch.randn(600, 256, generator=torch.Generator().manual_seed(0))
    run.encoder.fit_filter(raw, torch.arange(300).repeat(2), raw[:, :10])
    before = run.decoder.start(raw)
    take_filtered(run.decoder, run.encoder, raw)
    after = run.decoder.start((raw - run.encoder.mean) @ run.encoder.filter.T)
    assert (before - after).square().mean() < 0.1 * before.var()


def test_the_rate_rises_stays_and_falls():
    rates = [rate_at(done, 1000, 1.0) for done in (0, 100, 500, 900, 1000)]
    assert rates[0] < 0.1
    assert rates[1] == rates[2] == 1.0
    assert rates[3] == pytest.approx(0.25)
    assert rates[4] == pytest.approx(0.02)


def test_an_average_lags_behind():
    mean, module = torch.nn.Linear(1, 1), torch.nn.Linear(1, 1)
    torch.nn.init.zeros_(mean.weight)
    torch.nn.init.ones_(module.weight)
    average(mean, module, 1e6, decay=0.9)
    assert mean.weight.item() == pytest.approx(0.1)
