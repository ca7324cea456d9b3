"""A training run on disk: its state in one safetensors file, its options, its log."""

import json
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor, nn, optim

from ganfake import UserError
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


def _read(path: Path) -> tuple[dict[str, Tensor], dict]:
    try:
        with safe_open(path, framework="pt") as file:
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
            return tensors, json.loads(file.metadata()["progress"])
    except (SafetensorError, ValueError, KeyError, TypeError):
        raise UserError(f"{path} is damaged; move it away to start the run again.") from None


def _load_optimizer(optimizer: optim.Optimizer, tensors: dict[str, Tensor]) -> None:
    parameters = [p for group in optimizer.param_groups for p in group["params"]]
    slots: dict[int, dict[str, Tensor]] = {}
    for name, tensor in tensors.items():
        index, slot = name.split("/")
        like = parameters[int(index)]
        if tensor.shape == like.shape:
            # Fused Adam walks parameter and moments through memory side by side and does
            # not compare their strides: moments laid out otherwise would be mixed up.
            tensor = torch.empty_like(like, dtype=tensor.dtype).copy_(tensor)
        slots.setdefault(int(index), {})[slot] = tensor
    optimizer.load_state_dict({**optimizer.state_dict(), "state": slots})


def load_checkpoint(path: Path, parts: dict[str, nn.Module | optim.Optimizer]) -> dict:
    """Put a checkpoint's tensors into `parts` and return its progress.

    Raises UserError when the file is no checkpoint or damaged.
    """
    tensors, progress = _read(path)
    for part, thing in parts.items():
        own = {
            n.removeprefix(f"{part}/"): t for n, t in tensors.items() if n.startswith(f"{part}/")
        }
        if isinstance(thing, nn.Module):
            thing.load_state_dict(own)
        else:
            _load_optimizer(thing, own)
    return progress


def read_record(folder: Path) -> dict:
    """The options and config of the run in `folder`; UserError when they cannot be read."""
    try:
        return json.loads((folder / "run.json").read_text())
    except (OSError, ValueError):
        raise UserError(f"{folder} has no readable run.json; choose another folder.") from None


def read_log(path: Path, images_seen: int) -> list[dict]:
    """The lines of a log up to `images_seen`; later ones and torn ones are left out."""
    kept = []
    for line in path.read_text(errors="replace").splitlines() if path.exists() else []:
        try:
            entry = json.loads(line)
            if entry["images"] <= images_seen:
                kept.append(entry)
        except (ValueError, KeyError, TypeError):
            break
    return kept
