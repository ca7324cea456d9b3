"""Training of the experts that are networks: fold by fold, each without one generator family."""

import copy
import json
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from safetensors.torch import load_file
from torch import Tensor, nn
from tqdm import tqdm

from ganfake import UserError
from ganfake.devices import keep_memory, pick_device
from ganfake.experts import SIDE
from ganfake.experts.mesonet import MESO_SIDE, MesoNet
from ganfake.experts.mobilenet import MobileNet
from ganfake.experts.networks import to_tensor
from ganfake.experts.warp import WARP_SIDE
from ganfake.train.checkpoint import load_checkpoint, save_checkpoint
from ganfake.train.forensics import FOLDS, Faces
from ganfake.train.tamper import blend, disguise, light, to_side
from ganfake.weights import write_atomically

EXPERTS = ("warp", "mesonet", "mobilenet")
# Network k has never seen family k, nor fold k of anything.
LEFT_OUT = ("ours", "StyleGAN", "ProGAN", "BEGAN", "StarGAN")
# How often each source of real faces, and each family of fakes, is drawn.
REAL_SHARES = {"celeba": 0.22, "lfw": 0.18, "attributes": 0.08, "ciplab": 0.34, "ffhq": 0.18}
FAKE_SHARES = {"composite": 0.34, "StyleGAN": 0.18, "ProGAN": 0.06, "BEGAN": 0.05, "StarGAN": 0.06,
               "DCGAN": 0.05, "ours": 0.12, "blend": 0.14, "swap": 0.08}  # fmt: skip
# What `mobilenet` is shown more often, because it takes longest to learn.
HARD_REAL = {"celeba": 0.08, "lfw": 0.07, "attributes": 0.03, "ciplab": 0.44, "ffhq": 0.38}
HARD_FAKE = {"composite": 0.44, "StyleGAN": 0.36, "ProGAN": 0.035, "BEGAN": 0.02, "StarGAN": 0.03,
             "DCGAN": 0.02, "ours": 0.055, "blend": 0.04, "swap": 0.08}  # fmt: skip
# The photographs that look like a left-out family would otherwise stand for "real" alone.
TWIN = {"StyleGAN": "ffhq"}
_AVERAGING = 0.01  # of the newest weights in the moving average


def runs_of(expert: str) -> int:
    """How many networks of an expert are trained; `warp` meets no family to be left out."""
    return 2 if expert == "warp" else FOLDS


@dataclass(frozen=True)
class DetectorTraining:
    """Options of one network's run; saved with it."""

    expert: str = "mobilenet"  # or mesonet, warp
    fold: int = 0
    sides: tuple[tuple[int, int], ...] = ((128, 30_000), (160, 16_000))  # pixels, pictures
    batch: int = 32
    learning_rate: float = 6e-4
    weight_decay: float = 0.02
    smoothing: float = 0.03
    harsh: float = 1.0  # share of the pictures that lead the hard life of `disguise`
    hard: bool = False  # whether what is hard to learn is drawn more often
    begin: str = ""  # name of the run whose network it begins with
    seed: int = 0

    def __post_init__(self):
        if self.expert not in EXPERTS:
            raise UserError(f"expert must be one of: {', '.join(EXPERTS)}.")
        if not 0 <= self.fold < runs_of(self.expert):
            raise UserError(f"There is no fold {self.fold} of {self.expert}.")

    @property
    def pictures(self) -> int:
        """Of the whole run."""
        return sum(count for _, count in self.sides)

    def side(self, seen: int) -> int:
        """Of the pictures after `seen` ones: small ones first, they are cheap."""
        for side, count in self.sides:
            if seen < count:
                return side
            seen -= count
        return self.sides[-1][0]


# A run's name is EXPERT-FOLD; "mobilenet" goes on where "first", which has the same folds and
# the same family left out, has learned what is the same at all sizes. Of those that ship,
# mobilenet-4 saw half as many pictures as stand here, for want of time, and none of the networks
# saw a swap: those came later, for the texture expert, the classic ones and the stack.
RECIPES = {
    "first": {"expert": "mobilenet"},
    "warp": {"sides": ((128, 24_000), (WARP_SIDE, 10_000))},
    "mesonet": {"sides": ((MESO_SIDE, 64_000),), "learning_rate": 2e-3, "smoothing": 0.0},
    "mobilenet": {
        "sides": ((SIDE, 12_000),), "batch": 16, "learning_rate": 3e-4, "weight_decay": 0.05,
        "smoothing": 0.05, "harsh": 0.25, "hard": True, "begin": "first",
    },
}  # fmt: skip


def recipe(expert: str, fold: int, **given) -> DetectorTraining:
    """The options by which the shipped network was trained, with those given instead."""
    options = {"expert": expert, "fold": fold, **RECIPES.get(expert, {}), **given}
    return DetectorTraining(**options)


def unseen_folds(expert: str, fold: int) -> tuple[int, ...]:
    """Folds that a network has never seen."""
    return ((0, 1), (2, 3, 4))[fold] if expert == "warp" else (fold,)


class Drawn:
    """Batches of real and fake faces for one network."""

    def __init__(self, faces: Faces, options: DetectorTraining):
        self.faces, self.options = faces, options
        known = ~np.isin(faces.fold, unseen_folds(options.expert, options.fold))
        self.rows = {s: np.flatnonzero(known & (faces.source == s)) for s in REAL_SHARES}
        self.real_shares = dict(HARD_REAL if options.hard else REAL_SHARES)
        self.fake_shares = {"blend": 1.0}
        if options.expert != "warp":
            self.fake_shares = dict(HARD_FAKE if options.hard else FAKE_SHARES)
            out = LEFT_OUT[options.fold]
            del self.fake_shares[out]
            if out in TWIN:
                self.real_shares[TWIN[out]] *= 0.3
            family = faces.family
            self.rows |= {f: np.flatnonzero(known & (family == f)) for f in FAKE_SHARES}

    def _draw(self, rng: np.random.Generator, shares: dict[str, float]) -> str:
        weights = np.array(list(shares.values()))
        return list(shares)[rng.choice(len(shares), p=weights / weights.sum())]

    def one(self, rng: np.random.Generator, fake: bool, side: int) -> tuple[np.ndarray, int]:
        """A face (side, side, 3) uint8 after its random life, and the row that it came from."""
        source = self._draw(rng, self.fake_shares if fake else self.real_shares)
        if source != "blend":
            row = int(rng.choice(self.rows[source]))
            face = self.faces.crop(row)
        else:
            base = self._draw(rng, REAL_SHARES)
            row = int(rng.choice(self.rows[base]))
            face = self.faces.crop(row)
            donor = self.faces.crop(rng.choice(self.rows[base])) if rng.random() < 0.45 else None
            face = blend(rng, face, donor)
        if rng.random() < self.options.harsh:
            return to_side(disguise(rng, face)[0], side), row
        return light(rng, face, side), row

    def batch(self, seen: int) -> tuple[Tensor, Tensor]:
        """Pictures (N, 3, S, S) in [-1, 1] and whether they are fake (N,), by `seen` alone."""
        rng = np.random.default_rng((self.options.seed, self.options.fold, seen))
        side = self.options.side(seen)
        fakes = np.arange(self.options.batch) % 2 == 1
        pictures = np.stack([self.one(rng, bool(f), side)[0] for f in fakes])
        return to_tensor(pictures), torch.from_numpy(fakes.astype(np.int64))


def new_network(expert: str, imagenet: Path | None = None) -> nn.Module:
    """Untrained, or with ImageNet's features where the body is MobileNetV2."""
    if expert == "mesonet":
        return MesoNet()
    network = MobileNet()
    if imagenet is not None:
        if not imagenet.is_file():
            raise UserError(f"There are no ImageNet weights at {imagenet}.")
        state = {k.removeprefix("features."): v.float() if v.is_floating_point() else v
                 for k, v in load_file(imagenet).items() if k.startswith("features.")}  # fmt: skip
        network.features.load_state_dict(state)
    return network


def _optimizer(network: nn.Module, options: DetectorTraining) -> torch.optim.Optimizer:
    """AdamW that lets biases and normalisations alone."""
    parameters = list(network.parameters())
    return torch.optim.AdamW(
        [{"params": [p for p in parameters if p.ndim > 1], "weight_decay": options.weight_decay},
         {"params": [p for p in parameters if p.ndim <= 1], "weight_decay": 0.0}],
        lr=options.learning_rate,
    )  # fmt: skip


@torch.no_grad()
def _average(average: nn.Module, network: nn.Module) -> None:
    """One step of the moving average, of the statistics of batches too."""
    for kept, new in zip(average.state_dict().values(), network.state_dict().values(), strict=True):
        if kept.is_floating_point():
            kept.lerp_(new, _AVERAGING)
        else:
            kept.copy_(new)


def train_network(
    faces: Faces, folder: Path, options: DetectorTraining, imagenet: Path | None
) -> nn.Module:
    """Train to the end of the recipe, going on from the folder's checkpoint; the network.

    A one-cycle schedule (Smith & Topin 2018) and AdamW; what is returned, "net" of the
    checkpoint, is the moving average of the weights. Leaves run.json, log.jsonl and
    checkpoint.safetensors in `folder`.
    """
    folder.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(options.seed * 100 + options.fold)
    keep_memory()
    record, checkpoint = folder / "run.json", folder / "checkpoint.safetensors"
    described = json.loads(json.dumps(asdict(options)))
    if checkpoint.exists() and json.loads(record.read_text()) != described:
        raise UserError(f"{folder} holds a run with other options; choose another folder.")
    network = new_network(options.expert, None if options.begin else imagenet)
    if options.begin:
        begun = folder.parent / f"{options.begin}-{options.fold}" / checkpoint.name
        if not begun.is_file():
            raise UserError(f"There is no {begun}; train that network first.")
        load_checkpoint(begun, {"net": network})
    network = network.to(pick_device(), memory_format=torch.channels_last).train()
    average = copy.deepcopy(network).eval()
    optimizer = _optimizer(network, options)
    parts = {"net": average, "raw": network, "optimizer": optimizer}
    seen = load_checkpoint(checkpoint, parts)["images"] if checkpoint.exists() else 0
    write_atomically(record, json.dumps(described, indent=2).encode())
    drawn = Drawn(faces, options)
    bar = tqdm(total=options.pictures, initial=seen, unit="img", desc=folder.name, mininterval=5)
    losses, saved = [], time.monotonic()
    while seen < options.pictures:
        losses.append(_step(network, optimizer, drawn.batch(seen), options, seen))
        seen += options.batch
        _average(average, network)
        bar.update(options.batch)
        if len(losses) == 50:
            bar.set_postfix(loss=f"{np.mean(losses):.3f}")
            with (folder / "log.jsonl").open("a") as log:
                log.write(json.dumps({"images": seen, "loss": float(np.mean(losses))}) + "\n")
            losses = []
        if time.monotonic() - saved > 120 or seen >= options.pictures:
            save_checkpoint(checkpoint, parts, {"images": seen})
            saved = time.monotonic()
    bar.close()
    return average


def _step(
    network: nn.Module,
    optimizer: torch.optim.Optimizer,
    batch: tuple[Tensor, Tensor],
    options: DetectorTraining,
    seen: int,
) -> float:
    """One step at the schedule's learning rate; the loss."""
    done = seen / options.pictures
    cycle = done / 0.1 if done < 0.1 else (1 + np.cos(np.pi * (done - 0.1) / 0.9)) / 2
    for group in optimizer.param_groups:
        group["lr"] = max(options.learning_rate * cycle, 1e-6)
    device = next(network.parameters()).device
    pictures = batch[0].to(device).contiguous(memory_format=torch.channels_last)
    loss = F.cross_entropy(
        network(pictures), batch[1].to(device), label_smoothing=options.smoothing
    )
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return float(loss.detach())
