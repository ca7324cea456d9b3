"""The experts of Check: each looks at one kind of trace and can be used alone.

An expert has
    predict_proba(faces: (N, 240, 240, 3) uint8) -> (N,) float64: probability of fake
    evidence(face: (240, 240, 3) uint8) -> dict of plain values: what it saw
and is loaded with `load(name)`. Faces are aligned to the project's template.
"""

import functools
from importlib import import_module

SIDE = 240  # pixels of an aligned face
NAMES = ("colour", "spectrum", "residual", "mesonet", "mobilenet", "warp", "typicality")


@functools.cache
def load(name: str):
    """An expert with its weights; UserError when they are missing or damaged."""
    if name not in NAMES:
        raise ValueError(f"expert must be one of: {', '.join(NAMES)}.")
    return import_module(f"ganfake.experts.{name}").load()
