"""A walk through latent space from face to face, as a video."""

from collections.abc import Callable, Iterator
from itertools import pairwise

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from ganfake import UserError, provenance
from ganfake.codes import between
from ganfake.generate import Face, codes, render_codes
from ganfake.images import tensor_to_picture
from ganfake.models import load
from ganfake.video import encode_mp4

MIN_STOPS, MAX_STOPS = 2, 20
MIN_SECONDS, MAX_SECONDS = 0.2, 10.0  # from one stop to the next
MAX_FPS = 60
MIN_SIDE = 256  # pixels of the video; players blur what is smaller
_BATCH = 48  # frames rendered at a time


def walk(
    stops: list[Face],
    seconds: float = 2.0,
    fps: int = 24,
    loop: bool = True,
    progress: Callable[[float], None] | None = None,
) -> bytes:
    """An MP4 that goes from face to face, marked as AI-made.

    stops: 2 to 20 faces of one model. seconds: of each leg, 0.2 to 10. With `loop` the way
    leads back to the first face, and the video can be repeated without a jump. progress is
    called with the share done, up to 1. Raises UserError for values out of range.
    """
    _check(stops, seconds, fps)
    model = stops[0].model
    points = _points(stops, max(1, round(seconds * fps)), loop)
    content = encode_mp4(_frames(model, points, progress), fps)
    seeds = " ".join(str(face.seed) for face in stops)
    return provenance.mark_mp4(
        content, model=model, seed=stops[0].seed, extra={**stops[0].notes(), "seeds": seeds}
    )


def _check(stops: list[Face], seconds: float, fps: int) -> None:
    if not MIN_STOPS <= len(stops) <= MAX_STOPS:
        raise UserError(f"A walk has {MIN_STOPS} to {MAX_STOPS} faces; choose so many.")
    if len({face.model for face in stops}) > 1:
        raise UserError("A walk stays with one model; choose faces of the same one.")
    if not MIN_SECONDS <= seconds <= MAX_SECONDS:  # refuses NaN as well
        limits = f"{MIN_SECONDS:g} to {MAX_SECONDS:g}"
        raise UserError(f"From one face to the next a walk takes {limits} seconds.")
    if not 1 <= fps <= MAX_FPS:
        raise UserError(f"A video has 1 to {MAX_FPS} frames a second.")


def _points(stops: list[Face], steps: int, loop: bool) -> Tensor:
    """Codes (N, C) of all frames, `steps` a leg, the last stop only where the way ends there."""
    model, ends = load(stops[0].model), codes(stops)
    way = [*ends, ends[0]] if loop else list(ends)
    points = []
    for first, second in pairwise(way):
        for step in range(steps):
            share = step / steps
            eased = share * share * (3 - 2 * share)  # slow at every stop, so that it is seen
            points.append(between(model, first, second, eased))
    return torch.stack(points if loop else [*points, ends[-1]])


def _frames(model: str, points: Tensor, progress) -> Iterator[np.ndarray]:
    """Frames (H, W, 3) uint8, of whole multiples of the model's size."""
    done = 0
    for part in points.split(_BATCH):
        for pixels in render_codes(model, part):
            yield _enlarged(tensor_to_picture(pixels))
        done += len(part)
        if progress:
            progress(done / len(points))


def _enlarged(picture: Image.Image) -> np.ndarray:
    factor = -(-MIN_SIDE // picture.width)  # rounded up
    size = (picture.width * factor, picture.height * factor)
    return np.asarray(picture.resize(size, Image.Resampling.LANCZOS))
