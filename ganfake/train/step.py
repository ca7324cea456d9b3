"""One step of a detector network's training, of which a GPU keeps the whole as one graph."""

from typing import TYPE_CHECKING

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ganfake.devices import autocast
from ganfake.train.drawing import UNKNOWN
from ganfake.train.marked import Marked

if TYPE_CHECKING:
    from ganfake.train.detector import DetectorTraining

_AVERAGING = 0.01  # of the newest weights in the moving average
_PARTS_WEIGHT = 0.5  # of the loss over changed parts beside the verdict's
_WARM_UP = 4  # steps before a GPU records one


def optimizer_of(network: nn.Module, options: "DetectorTraining") -> torch.optim.Optimizer:
    """AdamW that lets biases and normalisations alone."""
    parameters = list(network.parameters())
    on_gpu = parameters[0].is_cuda
    groups = [{"params": [p for p in parameters if p.ndim > 1],
               "weight_decay": options.weight_decay},
              {"params": [p for p in parameters if p.ndim <= 1], "weight_decay": 0.0}]  # fmt: skip
    for group in groups:  # in a graph a number would stay what it was
        group["lr"] = options.learning_rate
        if on_gpu:
            group["lr"] = torch.tensor(options.learning_rate, device=parameters[0].device)
    return torch.optim.AdamW(groups, capturable=on_gpu)


@torch.no_grad()
def _average(average: nn.Module, network: nn.Module, newest: float) -> None:
    """One step of the moving average, of the statistics of batches too."""
    kept, new = list(average.state_dict().values()), list(network.state_dict().values())
    floats = [n for n, part in enumerate(kept) if part.is_floating_point()]
    torch._foreach_lerp_([kept[n] for n in floats], [new[n] for n in floats], newest)
    for n, part in enumerate(kept):
        if not part.is_floating_point():
            part.copy_(new[n])


class Step:
    """Called with a batch and how many pictures were seen; returns the loss.

    trained: the network, or `Marked` with the network in it. average: takes in a little of the
    network's weights after each step, `averaging` of them. Thousands of small kernels keep a GPU
    waiting for Python: as one graph a step of MobileNetV2 took 12 ms on an H200, not 36.
    """

    def __init__(
        self, trained: nn.Module, average: nn.Module, optimizer: torch.optim.Optimizer,
        options: "DetectorTraining", averaging: float = _AVERAGING,
    ):  # fmt: skip
        self.averaging = averaging
        self.trained, self.average, self.optimizer = trained, average, optimizer
        self.network = trained.network if isinstance(trained, Marked) else trained
        self.options, self.device = options, next(trained.parameters()).device
        self.inputs: list[Tensor] = []
        self.graph, self.loss, self.steps = None, None, 0

    def __call__(self, batch: tuple[Tensor, Tensor, Tensor], seen: int) -> Tensor:
        self._set_rate(seen)
        if self.device.type != "cuda":
            return self._whole([part.to(self.device) for part in batch])
        if not self.inputs:
            self.inputs = [part.to(self.device) for part in batch]
        for mine, given in zip(self.inputs, batch, strict=True):
            mine.copy_(given)
        self.steps += 1
        if self.steps <= _WARM_UP:
            beside = torch.cuda.Stream()
            beside.wait_stream(torch.cuda.current_stream())
            with torch.cuda.stream(beside):
                loss = self._whole(self.inputs)
            torch.cuda.current_stream().wait_stream(beside)
            return loss
        if self.graph is None:
            self.optimizer.zero_grad()
            self.graph = torch.cuda.CUDAGraph()
            with torch.cuda.graph(self.graph, capture_error_mode="thread_local"):
                self.loss = self._whole(self.inputs)
        self.graph.replay()
        return self.loss.clone()

    def _set_rate(self, seen: int) -> None:
        """One cycle (Smith & Topin 2018)."""
        done = seen / self.options.pictures
        cycle = done / 0.1 if done < 0.1 else (1 + np.cos(np.pi * (done - 0.1) / 0.9)) / 2
        rate = max(self.options.learning_rate * cycle, 1e-6)
        for group in self.optimizer.param_groups:
            if isinstance(group["lr"], Tensor):
                group["lr"].fill_(rate)
            else:
                group["lr"] = rate

    def _whole(self, batch: list[Tensor]) -> Tensor:
        pictures, fake, parts = batch
        x = pictures.permute(0, 3, 1, 2).float() / 127.5 - 1.0  # channels_last, as they come
        if x.shape[-1] != self.options.side:
            x = F.interpolate(x, (self.options.side,) * 2, mode="bicubic").clamp(-1, 1)
        with autocast(self.device):
            said, of_parts = self.trained(x) if self.options.parts else (self.trained(x), None)
        loss = F.cross_entropy(said.float(), fake, label_smoothing=self.options.smoothing)
        if of_parts is not None:
            known = (parts != UNKNOWN).float()
            each = F.binary_cross_entropy_with_logits(
                of_parts, parts.clamp(min=0).float(), known, reduction="sum")  # fmt: skip
            loss = loss + _PARTS_WEIGHT * each / known.sum().clamp(min=1)
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()
        _average(self.average, self.network, self.averaging)
        return loss.detach()
