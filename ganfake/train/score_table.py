"""The finished table of held-out scores as a file: the last training's, and the published one."""

from pathlib import Path

import numpy as np

from ganfake import UserError
from ganfake.experts import NAMES
from ganfake.folders import cache_dir
from ganfake.train.scores import Table

PUBLISHED = "scores.npz"  # beside the plots of the page
_PRIVATE = ("thumb",)  # 8x8 pixels of somebody's photograph


def scores_file() -> Path:
    """Where the last training's table is kept."""
    return cache_dir() / "detector" / "scores.npz"


def save_scores(table: Table, scores: dict[str, np.ndarray]) -> None:
    """The table without its pictures."""
    _write(scores_file(), {**table.columns, **{name: scores[name] for name in NAMES}})


def publish(table: dict[str, np.ndarray], file: Path) -> None:
    """What the page was counted from: no pixels, no names of people, who are numbers here."""
    kept = {name: column for name, column in table.items() if name not in _PRIVATE}
    kept["group"] = np.unique(kept["group"], return_inverse=True)[1].astype(np.int32)
    _write(file, kept)


def read_scores(published: Path | None = None) -> dict[str, np.ndarray]:
    """Columns of the last training's table, else of the published one; UserError without any."""
    for file in (scores_file(), published):
        if file is not None and file.is_file():
            with np.load(file) as kept:
                return {name: kept[name] for name in kept.files}
    raise UserError("There are no held-out scores yet; run python -m ganfake train detector.")


def _write(file: Path, columns: dict[str, np.ndarray]) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    partial = file.with_suffix(".tmp.npz")
    rounded = {name: column.astype(np.float32) if column.dtype == np.float64 else column
               for name, column in columns.items()}  # fmt: skip
    np.savez_compressed(partial, **rounded)
    partial.replace(file)
