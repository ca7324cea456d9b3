"""Trains the persons that ship, each on the first four fifths of a clip.

    python -m ganfake.train.swap_persons --images 30000 man_a man_b man_c woman_a

Resumes where it stopped; more images go on from there.
"""

import argparse
import time
from dataclasses import asdict
from pathlib import Path

import numpy as np

from ganfake import UserError
from ganfake.devices import keep_memory
from ganfake.folders import cache_dir, shared_dir
from ganfake.persons import SHIPPED, weights_of
from ganfake.train.swap import Lesson
from ganfake.train.swap_clips import read_clip
from ganfake.weights import save_weights

_LICENCE = (
    "Weights trained on a clip from LivePortrait's examples (MIT licence) and on research data"
    " with third-party rights (faces128.zip): for research and teaching; the code's licence does"
    " not cover them."
)
_SECONDS = 120  # between two saves


def clip_path(data: Path, name: str) -> Path:
    """Where a person's clip lies; UserError when it is not there."""
    path = data / "swap" / f"{name}.mp4"
    if not path.is_file():
        raise UserError(f"There is no {path}; name the folder of the data with --data.")
    return path


def teach(name: str, data: Path, folder: Path, images: int) -> Lesson:
    """A lesson of one shipped person with so many images, resumed from `folder` if it can be."""
    sets = {name: read_clip(clip_path(data, name)).training}
    path = folder / f"{name}.safetensors"
    lesson = Lesson.resume(path, sets) if path.exists() else Lesson(sets)
    begun = saved = time.monotonic()
    first = lesson.images
    while lesson.images < images:
        lesson.step()
        if time.monotonic() - saved > _SECONDS or lesson.images >= images:
            lesson.save(path)
            saved = time.monotonic()
            speed = (lesson.images - first) / (saved - begun)
            loss = float(np.mean(lesson.losses[-100:]))
            print(f"{name} {lesson.images} {loss:.4f} {speed:.1f} faces/s", flush=True)
    return lesson


def export(lesson: Lesson, name: str) -> None:
    """A shipped person's weights with their card."""
    person = lesson.person(name)
    card = {
        **person.card,
        "config": asdict(person.decoder.config),
        "data": f"{name}.mp4, its first four fifths; begun from swap-generic (faces128.zip)",
        "preprocessing": "RGB face on the template, 128x128, pixel / 127.5 - 1",
        "licence": _LICENCE,
    }
    state = {**person.decoder.state_dict(), "centre": person.centre}
    save_weights(weights_of(name), state, card)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", default=SHIPPED)
    parser.add_argument("--images", type=int, default=30_000)
    parser.add_argument("--data", type=Path, default=shared_dir())
    parser.add_argument("--out", type=Path, default=cache_dir() / "swap" / "persons")
    options = parser.parse_args()
    keep_memory()
    for name in options.names:
        export(teach(name, options.data, options.out, options.images), name)


if __name__ == "__main__":
    main()
