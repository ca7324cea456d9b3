"""Weights as float16 safetensors with a JSON card beside them; never pickle."""

import hashlib
import json
import os
import re
import secrets
from pathlib import Path

import torch
from safetensors.torch import load_file, save
from torch import Tensor

from ganfake import UserError
from ganfake.folders import weights_dir


def write_atomically(path: Path, content: bytes) -> None:
    """Write all of `path` or nothing, even when the process is killed or power fails."""
    path.parent.mkdir(parents=True, exist_ok=True)
    # A name of its own for every write: threads of one process may write the same file.
    partial = path.with_name(f".{path.name}.{secrets.token_hex(4)}.tmp")
    try:
        with partial.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


def to_half(state: dict[str, Tensor]) -> dict[str, Tensor]:
    """Floating-point tensors as contiguous float16, the rest as they are."""
    return {
        name: (t.half() if t.is_floating_point() else t).detach().cpu().contiguous()
        for name, t in state.items()
    }


def save_weights(name: str, state: dict[str, Tensor], card: dict, folder: Path | None = None):
    """Write `name`.safetensors (float16) and `name`.json, the card with its sha256."""
    folder = folder or weights_dir()
    content = save(to_half(state))
    card = {**card, "bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
    write_atomically(folder / f"{name}.safetensors", content)
    write_atomically(folder / f"{name}.json", (json.dumps(card, indent=2) + "\n").encode())


def read_card(name: str, folder: Path | None = None) -> dict:
    """The card of `name`; UserError when there is none, or a damaged one."""
    path = (folder or weights_dir()) / f"{name}.json"
    if not re.fullmatch("[a-z0-9-]{1,64}", name) or not path.is_file():  # never a path
        known = ", ".join(list_weights(folder)) or "none"
        raise UserError(f"There are no weights called {name!r}; there are: {known}.")
    try:
        return dict(json.loads(path.read_text()))
    except (ValueError, TypeError):
        raise UserError(f"{path} is damaged; fetch the project's weights again.") from None


def load_weights(name: str, folder: Path | None = None) -> tuple[dict[str, Tensor], dict]:
    """State dict in float32 and card; UserError when the file is not the card's."""
    card = read_card(name, folder)
    path = (folder or weights_dir()) / f"{name}.safetensors"
    if not path.is_file() or hashlib.sha256(path.read_bytes()).hexdigest() != card.get("sha256"):
        raise UserError(f"{path} is missing or damaged; fetch the project's weights again.")
    state = load_file(path)
    return {k: v.float() if v.dtype == torch.float16 else v for k, v in state.items()}, card


def list_weights(folder: Path | None = None) -> list[str]:
    """Names of all weights that have a card, sorted."""
    return sorted(p.stem for p in (folder or weights_dir()).glob("*.json"))
