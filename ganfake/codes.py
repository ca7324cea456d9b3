"""Where faces lie in a model's code space: ways between two, labels, and directions."""

from functools import cache

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor

from ganfake import UserError
from ganfake.folders import weights_dir
from ganfake.models import LoadedGenerator, load


def between(model: LoadedGenerator, first: Tensor, second: Tensor, share: float) -> Tensor:
    """A point on the way between two codes (C,): the latents turn, the labels fade.

    Latents move along the arc (slerp; White 2016, arXiv:1609.04468), on which every point
    is as likely as its ends.
    """
    size = model.config.latent_dim
    a, b = first[:size], second[:size]
    cosine = torch.dot(a, b) / (a.norm() * b.norm()).clamp(min=1e-8)
    angle = torch.arccos(cosine.clamp(-1, 1))
    if angle.sin() < 1e-4:
        latent = torch.lerp(a, b, share)
    else:
        latent = torch.sin((1 - share) * angle) * a + torch.sin(share * angle) * b
        latent = latent / angle.sin()
    return torch.cat([latent, torch.lerp(first[size:], second[size:], share)])


def asked_labels(model: LoadedGenerator, labels: dict[str, str]) -> dict[int, int]:
    """{"Smiling": "1"} as {field number: value number}; UserError for what does not exist."""
    if labels and not model.fields:
        raise UserError(f"{model.name} takes no attributes; a conditional model like cdcgan does.")
    numbers = {name: (i, values) for i, (name, values) in enumerate(model.fields)}
    asked = {}
    for name, value in labels.items():
        if name not in numbers:
            raise UserError(f"There is no attribute {name!r}; there are: {', '.join(numbers)}.")
        index, values = numbers[name]
        if str(value) not in values:
            raise UserError(f"{name} can be {' or '.join(values)}, not {str(value)!r}.")
        asked[index] = 1 + values.index(str(value))
    return asked


def drawn_labels(model: LoadedGenerator, asked: dict[int, int], seed: int) -> Tensor:
    """A row of labels (1, F) as the training pictures have it, among those that fit."""
    table = torch.tensor(model.card["label_counts"])  # rows of F labels and a count
    fits = torch.ones(len(table), dtype=torch.bool)
    for index, value in asked.items():
        fits &= table[:, index] == value
    if not fits.any():  # a combination that no training picture has
        row = torch.zeros(1, len(model.fields), dtype=torch.int64)
        for index, value in asked.items():
            row[0, index] = value
        return row
    rows = table[fits]
    rng = torch.Generator().manual_seed(seed ^ 1)  # not the latent's own numbers again
    chosen = torch.multinomial(rows[:, -1].float(), 1, generator=rng)
    return rows[chosen, :-1]


@cache
def directions(model: str) -> dict[str, Tensor]:
    """Unit steps (C,) in code space by name; of some models there are none.

    A conditional model has its own: from "no" to "yes" in its embedding. For the others
    they were found from pictures they made themselves, see train.directions.
    """
    loaded = load(model)
    if loaded.fields:
        return dict(_embedded(loaded))
    path = weights_dir() / f"{model}-directions.safetensors"
    try:
        return load_file(path) if path.is_file() else {}
    except (SafetensorError, OSError):
        raise UserError(f"{path} is damaged; fetch the project's weights again.") from None


def _embedded(model: LoadedGenerator):
    for index, (name, values) in enumerate(model.fields):
        if len(values) == 2:
            table = model.network.embed.tables[index].weight.detach().cpu().float()
            yield name, torch.cat([torch.zeros(model.config.latent_dim), table[2] - table[1]])


def direction(model: str, name: str) -> Tensor:
    known = directions(model)
    if name not in known:
        there = f"there are: {', '.join(known)}" if known else "this model has none"
        raise UserError(f"There is no direction {name!r}; {there}.")
    return known[name]
