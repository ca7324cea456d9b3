"""Directions in an unconditional model's latent space along which one attribute changes.

The model makes faces, a classifier that learned from photographs says what they show, and
a linear model of its answers gives one direction per attribute (Shen et al. 2020,
arXiv:1907.10786). Each is chosen so that the other attributes' linear answers stay.

    python -m ganfake.train.directions dcgan
"""

from pathlib import Path
from typing import Annotated

import numpy as np
import torch
import typer
from torch import Tensor

from ganfake.generate import Face, codes, face_seeds, render_codes
from ganfake.models import load
from ganfake.models.labels import FACE_FIELDS, NO_YES
from ganfake.train.attributes import Classifier, load_or_train
from ganfake.weights import save_weights

NAMES = [name for name, values in FACE_FIELDS if values == NO_YES]
_RIDGE = 10.0


def _log_odds(classifier: Classifier, pictures: Tensor) -> np.ndarray:
    """Answers (N, len(NAMES)) as log odds of yes."""
    chances = classifier(pictures)
    found = np.stack([chances[name].numpy() for name in NAMES], axis=1).clip(1e-3, 1 - 1e-3)
    return np.log(found / (1 - found))


def solve(latents: np.ndarray, answers: np.ndarray) -> np.ndarray:
    """Unit directions (A, D) from latents (N, D) and answers (N, A), by ridge regression."""
    centred = answers - answers.mean(0)
    gram = latents.T @ latents + _RIDGE * np.eye(latents.shape[1])
    slopes = np.linalg.solve(gram, latents.T @ centred)  # (D, A)
    found = np.linalg.pinv(slopes)  # row a: one unit of attribute a, none of the others
    return found / np.linalg.norm(found, axis=1, keepdims=True)


def find_directions(model: str, count: int = 5000, weights: Path | None = None) -> dict:
    """Find, check and write `model`-directions; returns what a push of 3 does to 500 others.

    For each name: the share of faces that show it before, and after a push either way.
    """
    loaded, classifier = load(model), load_or_train("faces")
    latents = codes([Face(model, seed) for seed in face_seeds(0, count + 500)])
    pictures = render_codes(model, latents)
    learn, check = latents[:count], latents[count:]
    found = solve(learn.numpy().astype(float), _log_odds(classifier, pictures[:count]))
    steps = torch.from_numpy(found).float()
    before = (_log_odds(classifier, pictures[count:]) > 0).mean(0)
    measured = {}
    for index, name in enumerate(NAMES):
        pushed = [render_codes(model, check + sign * 3 * steps[index]) for sign in (-1, 1)]
        less, more = (_log_odds(classifier, p)[:, index] > 0 for p in pushed)
        shares = {"before": before[index], "pushed_by_-3": less.mean(), "pushed_by_3": more.mean()}
        measured[name] = {key: round(float(share), 3) for key, share in shares.items()}
    card = {
        **{key: loaded.card[key] for key in ("architecture", "config", "training", "data")},
        "licence": loaded.card["licence"],
        "part": "directions",
        "paper": "Shen et al. 2020, arXiv:1907.10786",
        "found_from": f"{count} faces of its own",
        "held_out_accuracy_of_the_classifier": classifier.held_out,
        "share_that_shows_it": measured,
    }
    save_weights(f"{model}-directions", dict(zip(NAMES, steps, strict=True)), card, weights)
    return measured


def main(
    model: Annotated[str, typer.Argument(help="An unconditional model of faces.")],
    count: Annotated[int, typer.Option(help="Faces to learn from.")] = 5000,
) -> None:
    """Find the directions of a model anew, and print what a push along each does."""
    for name, shares in find_directions(model, count).items():
        print(name, shares)


if __name__ == "__main__":
    typer.run(main)
