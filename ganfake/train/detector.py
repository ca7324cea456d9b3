"""Training of the experts that are networks: fold by fold, each without one generator family."""

import json
import time
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from safetensors.torch import load_file
from torch import Tensor, nn
from tqdm import tqdm

from ganfake import UserError
from ganfake.devices import pick_device
from ganfake.experts import SIDE
from ganfake.experts.mesonet import MesoNet
from ganfake.experts.mobilenet import MobileNet
from ganfake.experts.networks import to_tensor
from ganfake.train.checkpoint import load_checkpoint, save_checkpoint
from ganfake.train.forensics import FOLDS, Faces
from ganfake.train.tamper import blend, disguise, to_side
from ganfake.weights import write_atomically

# Network k has never seen family k, nor fold k of anything.
LEFT_OUT = ("ours", "StyleGAN", "ProGAN", "BEGAN", "StarGAN")
# How often each source of real faces, and each family of fakes, is drawn.
REAL_SHARES = {"celeba": 0.22, "lfw": 0.18, "attributes": 0.08, "ciplab": 0.34, "ffhq": 0.18}
FAKE_SHARES = {"composite": 0.34, "StyleGAN": 0.18, "ProGAN": 0.06, "BEGAN": 0.05, "StarGAN": 0.06,
               "DCGAN": 0.05, "ours": 0.12, "blend": 0.14}  # fmt: skip
# The photographs that look like a left-out family would otherwise stand for "real" alone.
TWIN = {"StyleGAN": "ffhq"}


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
    seed: int = 0

    def __post_init__(self):
        if self.expert not in RECIPES:
            raise UserError(f"expert must be one of: {', '.join(RECIPES)}.")
        if not 0 <= self.fold < (2 if self.expert == "warp" else FOLDS):
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


RECIPES = {
    "mobilenet": {},
    "warp": {"sides": ((128, 24_000), (160, 10_000))},
    "mesonet": {"sides": ((SIDE, 64_000),), "learning_rate": 2e-3, "smoothing": 0.0},
}


def recipe(expert: str, fold: int, **given) -> DetectorTraining:
    """The options by which the shipped network was trained, with those given instead."""
    return replace(DetectorTraining(expert, fold, **RECIPES.get(expert, {})), **given)


def unseen_folds(expert: str, fold: int) -> tuple[int, ...]:
    """Folds that a network has never seen."""
    return ((0, 1), (2, 3, 4))[fold] if expert == "warp" else (fold,)


class Drawn:
    """Batches of real and fake faces for one network."""

    def __init__(self, faces: Faces, options: DetectorTraining):
        self.faces, self.options = faces, options
        known = ~np.isin(faces.fold, unseen_folds(options.expert, options.fold))
        self.rows = {s: np.flatnonzero(known & (faces.source == s)) for s in REAL_SHARES}
        self.real_shares, self.fake_shares = dict(REAL_SHARES), {"blend": 1.0}
        if options.expert != "warp":
            self.fake_shares = dict(FAKE_SHARES)
            out = LEFT_OUT[options.fold]
            del self.fake_shares[out]
            if out in TWIN:
                self.real_shares[TWIN[out]] *= 0.3
            family = faces.family
            self.rows |= {f: np.flatnonzero(known & (family == f)) for f in FAKE_SHARES}

    def _draw(self, rng: np.random.Generator, shares: dict[str, float]) -> str:
        weights = np.array(list(shares.values()))
        return list(shares)[rng.choice(len(shares), p=weights / weights.sum())]

    def one(self, rng: np.random.Generator, fake: bool) -> np.ndarray:
        """A face (160, 160, 3) uint8 after its random life."""
        source = self._draw(rng, self.fake_shares if fake else self.real_shares)
        if source != "blend":
            return disguise(rng, self.faces.crop(rng.choice(self.rows[source])))[0]
        base = self._draw(rng, REAL_SHARES)
        face = self.faces.crop(rng.choice(self.rows[base]))
        donor = self.faces.crop(rng.choice(self.rows[base])) if rng.random() < 0.45 else None
        return disguise(rng, blend(rng, face, donor))[0]

    def batch(self, seen: int) -> tuple[Tensor, Tensor]:
        """Pictures (N, 3, S, S) in [-1, 1] and whether they are fake (N,), by `seen` alone."""
        rng = np.random.default_rng((self.options.seed, self.options.fold, seen))
        side = self.options.side(seen)
        fakes = np.arange(self.options.batch) % 2 == 1
        pictures = np.stack([to_side(self.one(rng, bool(f)), side) for f in fakes])
        return to_tensor(pictures), torch.from_numpy(fakes.astype(np.int64))


def new_network(expert: str, imagenet: Path | None) -> nn.Module:
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


def train_network(
    faces: Faces, folder: Path, options: DetectorTraining, imagenet: Path | None
) -> nn.Module:
    """Train to the end of the recipe, going on from the folder's checkpoint; the network.

    A one-cycle schedule (Smith & Topin 2018) and AdamW; leaves run.json, log.jsonl and
    checkpoint.safetensors in `folder`.
    """
    folder.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(options.seed * 100 + options.fold)
    device = pick_device()
    network = new_network(options.expert, imagenet).to(device, memory_format=torch.channels_last)
    optimizer = torch.optim.AdamW(
        network.parameters(), lr=options.learning_rate, weight_decay=options.weight_decay
    )
    record, checkpoint = folder / "run.json", folder / "checkpoint.safetensors"
    described = json.loads(json.dumps(asdict(options)))
    seen = 0
    if checkpoint.exists():
        if json.loads(record.read_text()) != described:
            raise UserError(f"{folder} holds a run with other options; choose another folder.")
        seen = load_checkpoint(checkpoint, {"net": network, "optimizer": optimizer})["images"]
    write_atomically(record, json.dumps(described, indent=2).encode())
    drawn = Drawn(faces, options)
    bar = tqdm(total=options.pictures, initial=seen, unit="img", desc=f"{folder.name}")
    network.train()
    losses, saved = [], time.monotonic()
    while seen < options.pictures:
        done = seen / options.pictures
        cycle = done / 0.1 if done < 0.1 else (1 + np.cos(np.pi * (done - 0.1) / 0.9)) / 2
        for group in optimizer.param_groups:
            group["lr"] = max(options.learning_rate * cycle, 1e-6)
        pictures, fakes = drawn.batch(seen)
        pictures = pictures.to(device).contiguous(memory_format=torch.channels_last)
        loss = F.cross_entropy(
            network(pictures), fakes.to(device), label_smoothing=options.smoothing
        )
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(float(loss.detach()))
        seen += options.batch
        bar.update(options.batch)
        if len(losses) == 50:
            bar.set_postfix(loss=f"{np.mean(losses):.3f}")
            with (folder / "log.jsonl").open("a") as log:
                log.write(json.dumps({"images": seen, "loss": float(np.mean(losses))}) + "\n")
            losses = []
        if time.monotonic() - saved > 120 or seen >= options.pictures:
            parts = {"net": network, "optimizer": optimizer}
            save_checkpoint(checkpoint, parts, {"images": seen})
            saved = time.monotonic()
    bar.close()
    return network.eval()
