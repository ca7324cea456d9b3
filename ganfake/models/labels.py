"""Labels for conditional networks: named fields, each with a value or unknown.

A row of labels is (F,) int64: 0 is unknown, k the k-th value of the field. Unknown has an
embedding of its own, so that pictures without labels still teach what a picture is.
"""

import torch
from torch import Tensor, nn

Fields = tuple[tuple[str, tuple[str, ...]], ...]  # ((name, values), ...)

NO_YES = ("0", "1")
FACE_FIELDS: Fields = (
    ("Smiling", NO_YES),
    ("Male", NO_YES),
    ("Eyeglasses", NO_YES),
    ("Young", NO_YES),
    ("Hair", ("black", "blond", "brown", "gray", "other")),
)
VEHICLE_FIELDS: Fields = (("class", ("airplane", "automobile", "ship", "truck")),)


def as_fields(fields) -> Fields:
    """Fields as tuples, from the lists that JSON gives."""
    return tuple((name, tuple(values)) for name, values in fields)


class LabelEmbedding(nn.Module):
    """Labels (N, F) int64 to (N, size): the sum of one learned vector per field."""

    def __init__(self, fields: Fields, size: int):
        super().__init__()
        self.tables = nn.ModuleList(nn.Embedding(len(values) + 1, size) for _, values in fields)

    def forward(self, labels: Tensor) -> Tensor:
        return sum(table(labels[:, i]) for i, table in enumerate(self.tables))


class LabelHead(nn.Module):
    """Features (N, C, 4, 4) to one row of logits per field, unknown left out."""

    def __init__(self, fields: Fields, channels: int):
        super().__init__()
        self.sizes = [len(values) for _, values in fields]
        self.guess = nn.Conv2d(channels, sum(self.sizes), 4)

    def forward(self, features: Tensor) -> list[Tensor]:
        return list(torch.flatten(self.guess(features), 1).split(self.sizes, dim=1))
