"""The GAN lab: it learns, it breaks as announced, and every visitor has a lab of their own."""

import base64
import io
import re
import time

import numpy as np
import pytest
import torch
from PIL import Image

from ganfake import UserError, provenance
from ganfake import lab as core
from ganfake.lab import NETWORKS, PRESETS, Knobs, LabGAN, digits, measure
from ganfake.ui import lab, lab_view
from ganfake.ui.lab_visitors import Visitors

KNOBS = (0.001, 0.001, 1, 1)


def play(network: str, preset: str, rounds: int, seed: int = 0) -> LabGAN:
    gan = LabGAN(network, PRESETS[preset], seed)
    for _ in range(rounds):
        gan.round()
    return gan


@pytest.fixture
def visitors(monkeypatch):
    """A registry of the test's own, and slices of no length."""
    own = Visitors(most=2, idle=60)
    monkeypatch.setattr(lab, "visitors", own)
    monkeypatch.setattr(lab, "SLICE", 0.0)
    return own


# -- the core -----------------------------------------------------------------------
def test_digits_are_real_grey_and_enlarged():
    pictures, values = digits()
    assert pictures.shape == (1797, 3, 16, 16) and values.bincount().min() > 150
    assert pictures.min() == -1 and pictures.max() == 1
    assert torch.equal(pictures[:, 0], pictures[:, 2])


def test_real_digits_measure_as_varied_and_noise_does_not_read():
    real = measure(digits()[0][1000:1256])
    assert real.kinds == 10 and real.readable > 0.9 and 0.9 < real.variety < 1.1
    noise = torch.rand(256, 3, 16, 16, generator=torch.Generator().manual_seed(1)) * 2 - 1
    assert measure(noise).readable < 0.05
    one = measure(digits()[0][:1].expand(256, -1, -1, -1))
    assert one.variety < 1e-3 and one.kinds == 1


@pytest.mark.parametrize("network", NETWORKS)
def test_one_step_moves_one_player_only(network):
    gan = LabGAN(network)
    weights = [gan.generator.state_dict(), gan.discriminator.state_dict()]
    before = [{k: v.clone() for k, v in w.items() if v.is_floating_point()} for w in weights]

    def moved() -> list[bool]:
        names = [[n for n, _ in p.named_parameters()] for p in (gan.generator, gan.discriminator)]
        return [
            any(not torch.equal(w[n], b[n]) for n in chosen)
            for w, b, chosen in zip(weights, before, names, strict=True)
        ]

    gan.step_discriminator()
    assert moved() == [False, True]
    before[1] = {k: v.clone() for k, v in weights[1].items() if v.is_floating_point()}
    gan.step_generator()
    assert moved() == [True, False]
    assert (gan.moves_d, gan.moves_g) == (1, 1)


def test_the_same_seed_trains_the_same_and_leaves_torchs_numbers_alone():
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    first, second = play("mlp", "Healthy", 3), play("mlp", "Healthy", 3)
    assert torch.equal(torch.rand(3), expected)
    assert torch.equal(first.samples(), second.samples())
    assert not torch.equal(first.samples(), play("mlp", "Healthy", 3, seed=1).samples())


def test_healthy_makes_digits_and_collapse_loses_variety():
    healthy = play("mlp", "Healthy", 200).measure()
    assert healthy.kinds >= 7 and healthy.variety > 0.65 and healthy.readable > 0.5
    for seed in (0, 1):
        collapsed = play("mlp", "Mode collapse", 40, seed)
        found = collapsed.measure()
        assert found.variety < 0.6 * healthy.variety, seed


def test_too_strong_a_discriminator_is_sure_and_the_generator_stays_behind():
    gan = play("mlp", "Discriminator too strong", 60)
    assert gan.recent("d_real") > 0.95 and gan.recent("d_fake") < 0.05
    assert gan.measure().readable < 0.2


def test_training_takes_the_time_it_was_given():
    gan = LabGAN()
    gan.round()
    start = time.monotonic()
    assert gan.train(0.2) == gan.rounds - 1 >= 1
    assert 0.2 <= time.monotonic() - start < 10


def test_history_stays_short_and_says_when(monkeypatch):
    monkeypatch.setattr(core, "_MAX_POINTS", 6)
    gan = play("mlp", "Healthy", 15)
    moves = gan.history["moves"]
    assert len(moves) <= 6 and moves == sorted(moves) and moves[-1] <= 30
    assert {len(values) for values in gan.history.values()} == {len(moves)}


@pytest.mark.parametrize("wrong", [{"rate_d": 0.0}, {"rate_g": float("nan")}, {"steps_g": 21}])
def test_knobs_have_ends(wrong):
    with pytest.raises(UserError):
        Knobs(**wrong)
    with pytest.raises(UserError, match="mlp"):
        LabGAN("../mlp")


# -- what it shows -------------------------------------------------------------------
def test_the_board_holds_a_marked_picture_of_the_samples():
    gan = play("dcgan", "Healthy", 2)
    html = lab_view.board(gan, gan.measure())
    content = base64.b64decode(re.search(r"data:image/png;base64,([^']+)'", html)[1])
    mark = provenance.read(content)
    assert mark.is_ai and mark.model == "lab-dcgan" and mark.seed == 0
    pixels = np.asarray(Image.open(io.BytesIO(content)))
    assert pixels.shape == (432, 432, 3)
    sample = ((gan.samples()[9].mean(0) + 1) * 127.5).round().numpy()
    assert np.array_equal(pixels[54:108, 54:108, 0][4:52:3, 4:52:3], sample)  # second row, second
    plots = html[html.index("<svg") :]  # the picture's base64 may well hold these letters
    assert html.count("<svg") == 2 and "nan" not in plots


def test_the_sentence_follows_what_happens():
    gan = LabGAN()
    real = core.Measure(1.0, 10, 0.9)
    assert "Press Run" in lab_view.sentence(gan, real)
    gan.moves_d = gan.moves_g = 500

    def said(d_real: float, d_fake: float, found: core.Measure = real) -> str:
        gan.now = {"loss_d": 1.0, "loss_g": 1.0, "d_real": d_real, "d_fake": d_fake}
        return lab_view.sentence(gan, found)

    assert "draw" in said(0.5, 0.48)
    assert "mode collapse" in said(0.5, 0.5, core.Measure(0.2, 2, 0.9))
    assert "sure every time" in said(0.99, 0.01)
    assert "Only 3" in said(0.7, 0.3, core.Measure(0.8, 3, 0.9))
    assert "keep up" in said(0.7, 0.3)
    gan.now["loss_d"] = 3.0
    assert "swing wildly" in lab_view.sentence(gan, real)
    gan.now["loss_g"] = float("nan")
    assert "run off the scale" in lab_view.sentence(gan, real)


# -- visitors ------------------------------------------------------------------------
def test_every_visitor_has_their_own_and_the_house_can_be_full(visitors):
    lab.step("a", "d", "mlp", *KNOBS)
    lab.step("b", "g", "mlp", *KNOBS)
    assert visitors.get("a").lab.moves_d == 1 and visitors.get("b").lab.moves_d == 0
    with pytest.raises(UserError, match="2 labs are in use"):
        lab.step("c", "d", "mlp", *KNOBS)
    visitors.close("a")
    lab.step("c", "d", "mlp", *KNOBS)
    with pytest.raises(UserError):
        lab.step(None, "d", "mlp", *KNOBS)


def test_training_ends_by_pause_by_step_and_by_leaving(visitors):
    for stop in (lab.pause, lambda s: lab.step(s, "d", "mlp", *KNOBS), visitors.close):
        running = lab.train("a", "mlp", *KNOBS)
        next(running), next(running)
        gan = visitors.get("a").lab
        assert gan.rounds >= 2
        stop("a")
        rounds = gan.rounds
        assert list(running) == [] and gan.rounds == rounds
    assert len(visitors) == 0


def test_a_second_run_takes_over_and_the_first_ends(visitors):
    first, second = lab.train("a", "mlp", *KNOBS), lab.train("a", "mlp", *KNOBS)
    next(first), next(second)
    assert list(first) == [] and next(second)


def test_knobs_turn_while_it_runs_and_a_fresh_start_goes_on(visitors):
    running = lab.train("a", "mlp", *KNOBS)
    next(running)
    lab.turn("a", 0.01, 0.002, 2, 3)
    gan = visitors.get("a").lab
    assert gan.knobs == Knobs(0.01, 0.002, 2, 3)
    assert gan._optimise_g.param_groups[0]["lr"] == 0.002
    lab.restart("a", "dcgan", *KNOBS)
    next(running)
    assert visitors.get("a").lab.network == "dcgan" and visitors.get("a").lab.rounds == 1
    lab.turn("nobody", *KNOBS)
    assert len(visitors) == 1


def test_a_run_pauses_by_itself(visitors, monkeypatch):
    monkeypatch.setattr(lab, "LONGEST", 0.0)
    ((_, said),) = lab.train("a", "mlp", *KNOBS)
    assert "five minutes" in said


def test_an_idle_lab_is_freed_without_another_visitor():
    own = Visitors(idle=0.1)
    own.open("a", "mlp", Knobs())
    end = time.monotonic() + 20
    while len(own) and time.monotonic() < end:
        time.sleep(0.05)
    assert len(own) == 0


@pytest.mark.parametrize("name", PRESETS)
def test_presets_are_choices_of_the_page(name):
    rates = lab.preset(name)[:2]
    assert set(rates) <= set(lab._RATES)
    assert Knobs(*lab.preset(name)) == PRESETS[name]
