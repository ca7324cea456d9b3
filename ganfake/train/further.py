"""Finished networks learn a little more: new data, or data that is prepared in another way."""

import copy
from dataclasses import replace
from pathlib import Path

from torch import nn
from torch.utils.data import DataLoader
from tqdm import tqdm

from ganfake import UserError
from ganfake.devices import pick_device
from ganfake.experts import SIDE
from ganfake.train.checkpoint import load_checkpoint, save_checkpoint
from ganfake.train.detector import DetectorTraining, drawn_for, new_network, workers
from ganfake.train.drawing import Batches
from ganfake.train.forensics import Faces
from ganfake.train.step import Step, optimizer_of

# Low rates: what was learned is to stay.
RATES = {"mesonet": {"batch": 32, "learning_rate": 5e-4},
         "mobilenet": {"batch": 16, "learning_rate": 1e-4}}  # fmt: skip
# What lies on the template was new to these networks once half of it was cut anew, so it and the
# GANs beside it are drawn about twice as often as in `drawing.HARD_REAL` and `HARD_FAKE`.
SHARES = (
    {"celeba": 0.15, "lfw": 0.12, "attributes": 0.03, "ciplab": 0.38, "ffhq": 0.32},
    {"composite": 0.32, "StyleGAN": 0.31, "ProGAN": 0.05, "BEGAN": 0.04, "StarGAN": 0.05,
     "DCGAN": 0.03, "ours": 0.07, "blend": 0.08, "swap": 0.03, "rebuilt": 0.04},
)  # fmt: skip
_AVERAGING = 0.03  # of the newest weights: there are few steps


def _keep_statistics(network: nn.Module) -> None:
    """Those of a small batch are poor ones."""
    for module in network.modules():
        if isinstance(module, nn.BatchNorm1d | nn.BatchNorm2d):
            module.eval()


def train_further(faces: Faces, folder: Path, options: DetectorTraining, pictures: int) -> None:
    """Train the network of a run on until it has had `pictures` more than its recipe says.

    Afterwards the checkpoint holds "net" alone. Killed, this part is begun again; a network that
    has had as many is left alone. Raises UserError when its run is not finished.
    """
    checkpoint = folder / "checkpoint.safetensors"
    network = new_network(options.expert)
    had = load_checkpoint(checkpoint, {"net": network})["images"] if checkpoint.is_file() else 0
    if had < options.pictures:
        raise UserError(f"The network {options.name} is not trained to the end of its recipe yet.")
    left = options.pictures + pictures - had
    if left <= 0:
        return
    more = replace(options, pictures=left, parts=False, **RATES[options.expert])
    drawn = drawn_for(faces, more, SHARES if options.hard else None)
    drawn.seed = (*drawn.seed, had)  # other faces than the first ones
    device = pick_device()
    average = copy.deepcopy(network).to(device).eval()
    network = network.to(device).train()
    if options.hard:
        _keep_statistics(network)
    step = Step(network, average, optimizer_of(network, more), more, _AVERAGING)
    batches = Batches(drawn, 0, left, more.batch, min(more.side, SIDE))
    loader = DataLoader(batches, batch_size=None, num_workers=workers())
    for number, batch in enumerate(tqdm(loader, desc=f"{folder.name} further", mininterval=5)):
        step(batch, number * more.batch)
    save_checkpoint(checkpoint, {"net": average}, {"images": had + len(batches) * more.batch})
