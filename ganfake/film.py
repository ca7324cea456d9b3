"""The training film of a model: the same latents from noise to faces, with its curves."""

import json
from dataclasses import dataclass
from pathlib import Path

from ganfake import UserError
from ganfake.folders import weights_dir


@dataclass(frozen=True)
class Film:
    """A sprite of all frames, row by row, and what was measured while the model learned."""

    model: str
    file: Path  # a WebP marked as AI-made
    images: list[int]  # real pictures seen at each frame
    columns: int  # frames in a row of the sprite
    side: int  # pixels of a frame, a 4x4 grid of pictures
    curves: dict[str, list[float]]  # images, loss_d, loss_g, d_real, d_fake
    probabilities: bool  # whether d_real and d_fake are probabilities, or a critic's scores


def films_dir() -> Path:
    """Where the films of the shipped models are."""
    return weights_dir() / "films"


def film(model: str) -> Film | None:
    """The film of `model`, or None when there is none; UserError when it is damaged."""
    described, file = films_dir() / f"{model}.json", films_dir() / f"{model}.webp"
    if not (described.is_file() and file.is_file()):
        return None
    try:
        return Film(model, file, **json.loads(described.read_text()))
    except (ValueError, TypeError):
        raise UserError(f"{described} is damaged; fetch the project's weights again.") from None
