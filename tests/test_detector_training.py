"""The detector's training: faces drawn here, networks of one step, the stack on known scores."""

import copy
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from safetensors.torch import load_file
from torch.utils.data import DataLoader

from ganfake import UserError
from ganfake.experts import SIDE
from ganfake.experts.mesonet import MESO_SIDE, MesoNet
from ganfake.experts.mobilenet import MobileNet
from ganfake.experts.networks import NetworkExpert, fold_batch_norm
from ganfake.train import detector, further
from ganfake.train.checkpoint import load_checkpoint
from ganfake.train.detector import (
    ALL,
    LEFT_OUT,
    drawn_for,
    members,
    recipe,
    shipped,
    train_network,
    unseen_folds,
)
from ganfake.train.drawing import Batches, Drawn, parts_of_name, parts_that_differ
from ganfake.train.forensics import Faces
from ganfake.train.marked import Marked
from ganfake.train.step import Step, optimizer_of


@pytest.fixture(scope="module")
def faces() -> Faces:
    """Noise on the template: four faces of every source in every fold."""
    sources = ["celeba", "lfw", "attributes", "ciplab", "ffhq", "ciplab-fake", "stylegan",
               "progan", "began", "stargan", "celeba-dcgan", "ours-dcgan", "swap",
               "rebuilt"]  # fmt: skip
    rows = [(s, f, n) for s in sources for f in range(5) for n in range(4)]
    rng, side = np.random.default_rng(0), 64
    sides = np.full(len(rows), side)
    return Faces(
        picture=np.array([f"{s}/{f}/{n}" for s, f, n in rows]),
        source=np.array([s for s, _, _ in rows]), group=np.array([f"{r}" for r in rows]),
        fold=np.array([f for _, f, _ in rows]), difficulty=np.full(len(rows), ""), sides=sides,
        offsets=np.arange(len(rows)) * side * side * 3,
        pixels=rng.integers(0, 255, len(rows) * side * side * 3, np.uint8),
        aligned=np.zeros(len(rows), bool),
    )  # fmt: skip


@pytest.mark.parametrize(("make", "side"), [(MobileNet, SIDE), (MesoNet, MESO_SIDE)])
def test_networks_answer_and_learn(make, side):
    torch.manual_seed(0)
    network = make().train()
    logits = network(torch.rand(2, 3, side, side) * 2 - 1)
    assert logits.shape == (2, 2) and torch.isfinite(logits).all()
    logits.square().sum().backward()
    assert all(p.grad is not None for p in network.parameters())


def test_folding_batch_norm_changes_no_answer():
    torch.manual_seed(0)
    network = MobileNet().train()
    x = torch.rand(4, 3, 64, 64) * 2 - 1
    network(x)  # statistics other than those of a new network
    network.eval()
    with torch.no_grad():
        before = network(x)
        after = fold_batch_norm(network)(x)
    assert torch.allclose(before, after, atol=1e-4)
    assert not any(isinstance(m, torch.nn.BatchNorm2d) for m in network.features.modules())


def test_a_mirrored_expert_does_not_care_which_way_a_face_looks():
    torch.manual_seed(0)
    expert = NetworkExpert([MesoNet().eval()], MESO_SIDE, mirror=True)
    face = np.random.default_rng(0).integers(0, 255, (1, SIDE, SIDE, 3), np.uint8)
    assert np.allclose(expert.predict_proba(face), expert.predict_proba(face[:, :, ::-1]))
    assert expert.predict_proba(face[:0]).shape == (0,)


@pytest.mark.parametrize("fold", range(5))
def test_a_network_never_draws_its_fold_nor_its_family(faces, fold):
    drawn = drawn_for(faces, recipe("mobilenet", fold))
    assert LEFT_OUT[fold] not in drawn.fake_shares
    for rows in (rows for name, rows in drawn.rows.items() if name != "blend"):
        assert len(rows) and not np.isin(faces.fold[rows], unseen_folds("mobilenet", fold)).any()
    assert drawn_for(faces, recipe("warp", 0)).fake_shares == {"blend": 1.0}


def test_what_ships_has_seen_everything_or_was_judged(faces):
    """Of `mobilenet` the networks that ship are none of those that judged held-out faces."""
    drawn = drawn_for(faces, recipe("mobilenet", ALL))
    assert set(LEFT_OUT) <= set(drawn.fake_shares)
    assert sum(len(drawn.rows[s]) for s in drawn.real_shares) == (faces.family == "real").sum()
    assert shipped("mobilenet") == [(ALL, 0), (ALL, 1), (ALL, 2)]
    assert shipped("warp") == members("warp") == [(0, 0), (1, 0)]
    names = [recipe("mobilenet", *member).name for member in members("mobilenet")]
    assert len(set(names)) == 18 and "mobilenet-all-2" in names
    with pytest.raises(UserError, match="no fold"):
        recipe("warp", 2)


def test_changed_parts_are_known_by_name_and_by_difference():
    assert parts_of_name("ciplab160/fake/easy_140_0110.jpg").tolist() == [1, 1, 0]
    assert parts_of_name("ciplab160/fake/hard_9_0001.jpg").tolist() == [0, 0, 1]
    assert parts_of_name("stylegan256/fake/00001.jpg").tolist() == [-1, -1, -1]
    before = np.full((120, 120, 3), 90, np.uint8)
    after = before.copy()
    after[84:94, 42:78] = 200  # the mouth
    assert parts_that_differ(before, after).tolist() == [0, 0, 1]


def test_a_marked_network_says_the_same_of_the_whole():
    torch.manual_seed(0)
    network = MobileNet().eval()
    x = torch.rand(2, 3, 96, 96) * 2 - 1
    with torch.no_grad():
        said, parts = Marked(network)(x)
        assert torch.allclose(said, network(x), atol=1e-5)
    assert parts.shape == (2, 3)


class _Recorder(torch.nn.Module):
    """Says something of the colours of pictures, and keeps the last ones."""

    def __init__(self):
        super().__init__()
        self.score = torch.nn.Linear(3, 2)

    def forward(self, x):
        self.seen = x.detach()
        return self.score(x.mean((2, 3)))


def test_a_step_enlarges_pictures_follows_one_cycle_and_averages():
    options = recipe("mesonet", 0, side=96, pictures=1000, batch=8, learning_rate=0.1)
    network = _Recorder()
    before, average = copy.deepcopy(network), copy.deepcopy(network)
    step = Step(network, average, optimizer_of(network, options), options)
    pictures = torch.randint(0, 2, (8, 64, 64, 3), dtype=torch.uint8) * 255
    batch = (pictures, torch.tensor([0, 1] * 4), torch.zeros(8, 3, dtype=torch.long))
    rates = []
    for seen in (0, 50, 100, 550, 992):
        assert torch.isfinite(step(batch, seen))
        rates += [group["lr"] for group in step.optimizer.param_groups[:1]]
    assert network.seen.shape == (8, 3, 96, 96)
    assert network.seen.abs().max() <= 1, "enlarging sharp edges overshoots"
    assert rates[0] < rates[1] < rates[2] == pytest.approx(0.1)
    assert rates[2] > rates[3] == pytest.approx(0.05) and rates[4] < 0.001
    moved = (network.score.bias - before.score.bias).abs().max()
    followed = (average.score.bias - before.score.bias).abs().max()
    assert 0 < followed < 0.06 * moved


def test_workers_draw_what_one_process_draws(faces, monkeypatch, tmp_path):
    """A run beside a GPU has processes that draw; the faces are the same ones."""
    options = recipe("mesonet", 1, side=64, pictures=24, batch=8)
    batches = Batches(drawn_for(faces, options), 0, 24, 8, 64)
    alone = [batches[n] for n in range(len(batches))]
    beside = list(DataLoader(batches, batch_size=None, num_workers=2))
    assert len(alone) == len(beside) == 3
    for one, other in zip(alone, beside, strict=True):
        assert all(torch.equal(a, b) for a, b in zip(one, other, strict=True))


def test_a_killed_run_goes_on_where_it_was(faces, tmp_path, monkeypatch):
    options = recipe("mesonet", 1, pictures=24, batch=8)
    whole, asked = Drawn.batch, []
    clock = iter(range(0, 10**6, 500))  # a checkpoint after every step
    monkeypatch.setattr(detector, "time", SimpleNamespace(monotonic=lambda: next(clock)))

    def until_the_third(self, seen, size, side):
        asked.append(seen)
        if len(asked) == 3:
            raise KeyboardInterrupt
        return whole(self, seen, size, side)

    monkeypatch.setattr(Drawn, "batch", until_the_third)
    with pytest.raises(KeyboardInterrupt):
        train_network(faces, tmp_path / "run", options, None)
    with pytest.raises(UserError, match="other options"):
        train_network(faces, tmp_path / "run", replace(options, seed=9), None)
    network = train_network(faces, tmp_path / "run", options, None)
    assert asked == [0, 8, 16, 16], "what was learned is not learned again"
    kept = load_file(tmp_path / "run" / "checkpoint.safetensors")
    assert torch.equal(kept["net/head.2.weight"], network.state_dict()["head.2.weight"])


@pytest.mark.parametrize(("expert", "side"), [("mesonet", MESO_SIDE), ("mobilenet", 64)])
def test_a_finished_network_learns_further_and_only_once(
    faces, tmp_path, monkeypatch, expert, side
):
    options = recipe(expert, 1, side=side, pictures=8, batch=8)
    folder, given = tmp_path / "run", {"batch": 8, "learning_rate": 0.01}
    with pytest.raises(UserError, match="not trained"):
        further.train_further(faces, folder, options, 8)
    before = train_network(faces, folder, options, None).state_dict()
    monkeypatch.setattr(further, "RATES", {expert: given})
    drawn = []
    whole = Drawn.batch
    monkeypatch.setattr(Drawn, "batch", lambda self, *a: drawn.append(self.seed) or whole(self, *a))
    for _ in range(2):
        further.train_further(faces, folder, options, 16)
        assert len(drawn) == 2, "it has had its pictures already"
    assert drawn[0] == (0, 1, 0, 8), "other faces than before"
    after = detector.new_network(expert)
    assert load_checkpoint(folder / "checkpoint.safetensors", {"net": after})["images"] == 24
    moved = {n for n, t in after.state_dict().items() if not torch.equal(t, before[n])}
    assert any(name.endswith("weight") for name in moved)
    statistics = {name for name in moved if "running" in name}
    assert bool(statistics) == (expert == "mesonet"), "those of large batches are kept"
    assert train_network(faces, folder, options, None).state_dict().keys() == before.keys()
    assert len(drawn) == 2, "a finished run is left alone"
