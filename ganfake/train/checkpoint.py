"""The state of a training run in one safetensors file: all of it, or the one before."""

import json
from pathlib import Path

from safetensors import safe_open
from safetensors.torch import save
from torch import Tensor, nn, optim

from ganfake.weights import write_atomically


def _pack(parts: dict[str, nn.Module | optim.Optimizer]) -> dict[str, Tensor]:
    tensors = {}
    for part, thing in parts.items():
        if isinstance(thing, nn.Module):
            tensors |= {f"{part}/{name}": t for name, t in thing.state_dict().items()}
        else:
            for index, slots in thing.state_dict()["state"].items():
                tensors |= {f"{part}/{index}/{slot}": t for slot, t in slots.items()}
    # A clone each: the format has no shared storage and knows no channels_last.
    return {name: t.detach().cpu().clone().contiguous() for name, t in tensors.items()}


def save_checkpoint(path: Path, parts: dict[str, nn.Module | optim.Optimizer], progress: dict):
    """Write modules, optimizers and `progress` (JSON) at once; the old file stays until then."""
    write_atomically(path, save(_pack(parts), metadata={"progress": json.dumps(progress)}))


def load_checkpoint(path: Path, parts: dict[str, nn.Module | optim.Optimizer]) -> dict:
    """Put a checkpoint's tensors into `parts` and return its progress."""
    with safe_open(path, framework="pt") as file:
        tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        progress = json.loads(file.metadata()["progress"])
    for part, thing in parts.items():
        own = {n.removeprefix(f"{part}/"): t for n, t in tensors.items() if n.startswith(f"{part}/")}
        if isinstance(thing, nn.Module):
            thing.load_state_dict(own)
            continue
        slots: dict[int, dict[str, Tensor]] = {}
        for name, tensor in own.items():
            index, slot = name.split("/")
            slots.setdefault(int(index), {})[slot] = tensor
        thing.load_state_dict({"state": slots, "param_groups": thing.state_dict()["param_groups"]})
    return progress
