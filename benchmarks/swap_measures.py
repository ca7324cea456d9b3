"""How good a swap is: likeness to the source frame, landmarks kept, and who it looks like."""

from collections.abc import Callable

import numpy as np
from skimage.metrics import structural_similarity

from ganfake import identity
from ganfake.faces import find_faces
from ganfake.stats import wilson

_INNER = slice(28, 112), slice(26, 102)  # rows and columns of the face in a crop of 128 pixels
_FROM = 40  # pixels from which a face is looked for in the crop


def ssim(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """SSIM (Wang et al. 2004; 7x7 windows, RGB) of pairs (N, 128, 128, 3) uint8: (N,)."""
    return np.array(
        [structural_similarity(a, b, channel_axis=2) for a, b in zip(first, second, strict=True)]
    )


def inner(faces: np.ndarray) -> np.ndarray:
    """The inner face of crops (N, 128, 128, 3)."""
    return faces[:, _INNER[0], _INNER[1]]


def landmarks(faces: np.ndarray) -> np.ndarray:
    """MTCNN's five points (N, 5, 2) in crops (N, 128, 128, 3); NaN where it sees no face."""
    rows = np.full((len(faces), 5, 2), np.nan)
    for row, crop in zip(rows, faces, strict=True):
        found = find_faces(crop, min_face=_FROM)
        if found:
            row[:] = found[0].points
    return rows


def landmark_errors(source: np.ndarray, swapped: np.ndarray) -> np.ndarray:
    """Mean distance (N,) of points (N, 5, 2) to the source's, by the source's eye distance."""
    eyes = np.linalg.norm(source[:, 1] - source[:, 0], axis=1)
    return np.linalg.norm(swapped - source, axis=2).mean(1) / eyes


def passes(made: np.ndarray, as_whom: np.ndarray, of_whom: np.ndarray) -> np.ndarray:
    """Whether faces look more like one person than like another, (N,) bool.

    made: (N, 128, 128, 3); the persons as other faces of theirs (M, 128, 128, 3).
    """
    return identity.likeness(made, as_whom) > identity.likeness(made, of_whom)


def share(right: np.ndarray) -> dict:
    """A share with its 95 % interval by Wilson, too narrow as neighbouring frames are alike."""
    low, high = wilson(int(right.sum()), len(right))
    return {
        "share": round(float(right.mean()), 4), "low": round(low, 4), "high": round(high, 4),
        "frames": len(right),
    }  # fmt: skip


def spread(values: np.ndarray, worst: Callable = np.min) -> dict:
    """Mean and worst of values (N,), with how many are missing."""
    seen = values[np.isfinite(values)]
    return {
        "mean": round(float(seen.mean()), 4) if len(seen) else None,
        "worst": round(float(worst(seen)), 4) if len(seen) else None,
        "frames": len(values), "missing": int(len(values) - len(seen)),
    }  # fmt: skip
