"""The quality study's figures as they were measured: read them, rank the models by them."""

import json
from pathlib import Path

from ganfake import UserError

# The order in which a published study found quality to rise.
ORDER = {
    "cars": ("dcgan-cars", "cdcgan-cars", "wgan-cars", "cwgan-cars"),
    "faces": ("dcgan", "cdcgan", "wgan", "cwgan"),
}
PHOTOGRAPHS = "photographs"  # the row of real pictures in every table
DISTANCES = ("frechet", "kid", "niqe_set", "niqe")  # of which less is better


def study_dir() -> Path:
    """Where the committed figures, plots and records of runs are."""
    return Path(__file__).resolve().parents[1] / "docs" / "quality"


def figures() -> dict:
    """All figures of the last full run; UserError when they are missing or damaged."""
    file = study_dir() / "quality.json"
    try:
        return dict(json.loads(file.read_text()))
    except OSError:
        raise UserError("There are no figures yet; run: python -m ganfake quality") from None
    except (ValueError, TypeError):
        raise UserError(f"{file} is damaged; run: python -m ganfake quality") from None


def ranking(kind: str, measure: str = "frechet") -> list[tuple[str, float, float, float]]:
    """The models of "cars" or "faces" from best to worst: name, value, and 95 % interval.

    measure: one of DISTANCES, of which less is better. UserError for another kind or measure,
    and without figures.
    """
    if kind not in ORDER:
        raise UserError(f"There are no models of {kind!r}; there are: {', '.join(ORDER)}.")
    if measure not in DISTANCES:
        raise UserError(f"Models are ranked by {', '.join(DISTANCES)}, not by {measure!r}.")
    rows = figures()["kinds"].get(kind, {}).get("rows", {})
    found = [(m, rows[m][measure]) for m in ORDER[kind] if m in rows]
    return sorted(
        ((m, e["value"], e["low"], e["high"]) for m, e in found), key=lambda entry: entry[1]
    )
