"""Training of the experts that are networks: fold by fold, each without one generator family."""

import copy
import json
import os
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import nn
from torch.utils.data import DataLoader
from tqdm import tqdm

from ganfake import UserError
from ganfake.devices import keep_memory, pick_device
from ganfake.experts import SIDE
from ganfake.experts.mesonet import MESO_SIDE, MesoNet
from ganfake.experts.mobilenet import MOBILE_SIDE, MobileNet
from ganfake.experts.warp import WARP_SIDE
from ganfake.train.checkpoint import load_checkpoint, save_checkpoint
from ganfake.train.drawing import Batches, Drawn
from ganfake.train.forensics import FOLDS, Faces
from ganfake.train.marked import Marked
from ganfake.train.step import Step, optimizer_of
from ganfake.weights import write_atomically

EXPERTS = ("warp", "mesonet", "mobilenet")
# Network k has never seen family k, nor fold k of anything.
LEFT_OUT = ("ours", "StyleGAN", "ProGAN", "BEGAN", "StarGAN")
ALL = FOLDS  # the "fold" of a network that has seen everything, to be shipped


@dataclass(frozen=True)
class DetectorTraining:
    """Options of one network's run; saved with it."""

    expert: str = "mobilenet"  # or mesonet, warp
    fold: int = 0
    copy: int = 0  # networks of one fold that differ in nothing but chance
    side: int = SIDE  # pixels
    pictures: int = 107_648
    batch: int = 32
    learning_rate: float = 6e-4
    weight_decay: float = 0.02
    smoothing: float = 0.03
    harsh: float = 1.0  # share of the pictures that lead the hard life of `disguise`
    hard: bool = False  # whether what is hard to learn is drawn more often
    parts: bool = False  # whether it also learns which parts of a face are changed
    seed: int = 0

    def __post_init__(self):
        if self.expert not in EXPERTS:
            raise UserError(f"expert must be one of: {', '.join(EXPERTS)}.")
        if (self.fold, self.copy) not in members(self.expert):
            raise UserError(f"There is no fold {self.fold} of {self.expert}.")

    @property
    def name(self) -> str:
        """Of the run: EXPERT-FOLD, with the copy behind it from the second one on."""
        return run_name(self.expert, self.fold, self.copy)


RECIPES = {
    "warp": {"side": WARP_SIDE, "pictures": 34_000},
    "mesonet": {"side": MESO_SIDE, "pictures": 64_000, "learning_rate": 2e-3, "smoothing": 0.0},
    "mobilenet": {"side": MOBILE_SIDE, "batch": 64, "learning_rate": 8e-4, "weight_decay": 0.05,
                  "smoothing": 0.05, "harsh": 0.25, "hard": True, "parts": True},
}  # fmt: skip
# `warp` meets no family that could be left out: two halves are enough for it.
_FOLDS = {"warp": 2, "mesonet": FOLDS, "mobilenet": FOLDS}
COPIES = {"warp": 1, "mesonet": 1, "mobilenet": 3}


def folds_of(expert: str) -> int:
    """In how many parts the faces are for an expert."""
    return _FOLDS[expert]


def run_name(expert: str, fold: int, copy: int = 0) -> str:
    """Under which a run's folder is found."""
    name = f"{expert}-{'all' if fold == ALL else fold}"
    return f"{name}-{copy}" if copy else name


def members(expert: str) -> list[tuple[int, int]]:
    """(fold, copy) of every network of an expert that is trained.

    Of `mobilenet`, networks that have seen everything are shipped; of the small others, those
    that judged the held-out faces.
    """
    folds = [*range(folds_of(expert)), *([ALL] if expert == "mobilenet" else [])]
    return [(fold, number) for number in range(COPIES[expert]) for fold in folds]


def shipped(expert: str) -> list[tuple[int, int]]:
    """(fold, copy) of the networks whose weights the project carries."""
    return [m for m in members(expert) if expert != "mobilenet" or m[0] == ALL]


def recipe(expert: str, fold: int, number: int = 0, **given) -> DetectorTraining:
    """The options by which the shipped network was trained, with those given instead."""
    options = {"expert": expert, "fold": fold, "copy": number, **RECIPES.get(expert, {}), **given}
    return DetectorTraining(**options)


def unseen_folds(expert: str, fold: int) -> tuple[int, ...]:
    """Folds that a network has never seen."""
    if fold == ALL:
        return ()
    return ((0, 1), (2, 3, 4))[fold] if expert == "warp" else (fold,)


def left_out(expert: str, fold: int) -> str | None:
    """The family that a network has never seen."""
    return None if expert == "warp" or fold == ALL else LEFT_OUT[fold]


def drawn_for(faces: Faces, options: DetectorTraining, shares: tuple | None = None) -> Drawn:
    """What a network is trained on; shares: see Drawn."""
    unseen = unseen_folds(options.expert, options.fold)
    out = left_out(options.expert, options.fold)
    seed = (options.seed, options.fold, options.copy)
    return Drawn(
        faces, unseen, out, seed, options.harsh, options.hard, options.expert == "warp", shares
    )


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


def workers() -> int:
    """Processes that draw faces beside a GPU; a processor that trains draws in between."""
    if pick_device().type != "cuda":
        return 0
    return max(1, (os.cpu_count() or 2) - 2)


def train_network(
    faces: Faces, folder: Path, options: DetectorTraining, imagenet: Path | None
) -> nn.Module:
    """Train to the end of the recipe, going on from the folder's checkpoint; the network.

    What is returned, "net" of the checkpoint, is the moving average of the weights. Leaves
    run.json, log.jsonl and checkpoint.safetensors in `folder`.
    """
    folder.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(options.seed * 100 + options.fold + 1000 * options.copy)
    keep_memory()
    checkpoint = folder / "checkpoint.safetensors"
    if checkpoint.exists() and (finished := _finished(folder, options)):
        return finished
    network = new_network(options.expert, imagenet)
    device = pick_device()
    network = network.to(device, memory_format=torch.channels_last).train()
    trained = Marked(network).to(device) if options.parts else network
    average = copy.deepcopy(network).eval()
    optimizer = optimizer_of(trained, options)
    parts = {"net": average, "raw": trained, "optimizer": optimizer}
    seen = load_checkpoint(checkpoint, parts)["images"] if checkpoint.exists() else 0
    write_atomically(folder / "run.json", json.dumps(asdict(options), indent=2).encode())
    # As a face comes to the expert; the step enlarges it further.
    side = min(options.side, SIDE)
    batches = Batches(drawn_for(faces, options), seen, options.pictures, options.batch, side)
    saved = time.monotonic()
    for seen in _steps(Step(trained, average, optimizer, options), batches, folder):
        if time.monotonic() - saved > 120 or seen >= options.pictures:
            save_checkpoint(checkpoint, parts, {"images": seen})
            saved = time.monotonic()
    return average


def _finished(folder: Path, options: DetectorTraining) -> nn.Module | None:
    """The network of a folder with a checkpoint; None when it has more to learn.

    UserError when it was trained with other options.
    """
    described = json.loads(json.dumps(asdict(options)))
    if json.loads((folder / "run.json").read_text()) != described:
        raise UserError(f"{folder} holds a run with other options; choose another folder.")
    network = new_network(options.expert)
    seen = load_checkpoint(folder / "checkpoint.safetensors", {"net": network})["images"]
    return network if seen >= options.pictures else None


def _steps(step: Step, batches: Batches, folder: Path) -> Iterator[int]:
    """Take a step with each batch; tell how many pictures have been seen, and log the loss."""
    options, seen, losses = step.options, batches.seen, []
    total = {"total": options.pictures, "initial": seen, "unit": "img"}
    with tqdm(**total, desc=folder.name, mininterval=5) as bar:
        for batch in DataLoader(batches, batch_size=None, num_workers=workers()):
            losses.append(step(batch, seen))
            seen += options.batch
            bar.update(options.batch)
            if len(losses) == 50:
                loss = float(torch.stack(losses).mean())
                bar.set_postfix(loss=f"{loss:.3f}")
                with (folder / "log.jsonl").open("a") as log:
                    log.write(json.dumps({"images": seen, "loss": loss}) + "\n")
                losses = []
            yield seen
