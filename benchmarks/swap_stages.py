"""What each stage of the swap adds: figures on held-out frames, pictures of decoded faces only.

    python -m benchmarks.swap_stages

Writes docs/swap/stages.json, stages.jpg and persons.jpg.
"""

import argparse
import json
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from benchmarks.swap_measures import landmarks, passes, share
from benchmarks.swap_quality import OUT, known
from ganfake import provenance
from ganfake.blending import face_mask
from ganfake.folders import shared_dir
from ganfake.persons import SHIPPED, become, decode, encode, load_person
from ganfake.swap import SOURCE_TYPE, SwapOptions, swap_frames
from ganfake.swap_video import follow_face
from ganfake.tracks import jitter
from ganfake.tracks import landmarks as smooth_landmarks
from ganfake.train.swap_clips import Clip, read_clip
from ganfake.train.swap_persons import clip_path
from ganfake.weights import write_atomically

VARIANTS = {
    "as it is": SwapOptions(),
    "no colour match": SwapOptions(colour="none"),
    "no mask": SwapOptions(mask="none"),
    "hard mask": SwapOptions(feather=0.0),
    "Poisson": SwapOptions(blend="poisson"),
}
_FRAMES = 10  # of each pair
_WARM = np.array([1.0, 0.82, 0.6])  # a lamp's light, in which colour match shows


def _lab(faces: np.ndarray) -> np.ndarray:
    return np.stack([cv2.cvtColor(np.float32(f) / 255, cv2.COLOR_RGB2LAB) for f in faces])


def compare(frames: np.ndarray, made: np.ndarray, points: np.ndarray) -> dict:
    """Difference in colour of the faces, and change where no face is.

    colour: distance of the mean colours of the inner face in CIE Lab. outside: mean change
    of pixels outside the face, in levels.
    """
    solid = np.stack([face_mask(p, 128, "landmarks", 0.0) for p in points])
    inside, outside = solid > 0.5, solid < 0.01
    ours, theirs = _lab(made), _lab(frames)
    rows = zip(ours, theirs, inside, strict=True)
    colour = [np.linalg.norm(a[where].mean(0) - b[where].mean(0)) for a, b, where in rows]
    changed = np.abs(made.astype(float) - frames).mean(3)
    return {
        "colour": round(float(np.mean(colour)), 2),
        "outside": round(float(changed[outside].mean()), 2),
    }


def variants(clips: dict[str, Clip]) -> dict:
    """The figures of every variant, over all twelve pairs."""
    found: dict[str, list] = {name: [] for name in VARIANTS}
    right: dict[str, list] = {name: [] for name in VARIANTS}
    for a in SHIPPED:
        held_out = clips[a].held_out
        frames = held_out[np.linspace(0, len(held_out) - 1, _FRAMES).astype(int)]
        points = landmarks(frames)
        seen = np.isfinite(points).all((1, 2))
        frames, points = frames[seen], points[seen]
        for b in SHIPPED:
            if a == b:
                continue
            for name, options in VARIANTS.items():
                made = np.stack(swap_frames(frames, points, load_person(b), options))
                found[name].append(compare(frames, made, points))
                right[name].append(passes(made, known(clips[b]), known(clips[a])))
    return {
        name: {
            **{key: round(float(np.mean([r[key] for r in rows])), 2) for key in rows[0]},
            "identity": share(np.concatenate(right[name])),
        }
        for name, rows in found.items()
    }


def smoothing(data: Path) -> dict:
    """How much the landmarks of each clip tremble, in percent of the eyes' distance."""
    found = {}
    for name in SHIPPED:
        followed = follow_face(clip_path(data, name).read_bytes())
        raw = smooth_landmarks(followed.track, followed.times, spread=0.0)
        found[name] = {
            "found": round(jitter(raw), 3), "smoothed": round(jitter(followed.landmarks), 3)
        }  # fmt: skip
    return found


# -- pictures, of decoded faces only -------------------------------------------------------
def expressive(name: str, clip: Clip, count: int) -> np.ndarray:
    """Faces (count, 128, 128, 3) that a shipped decoder makes of its own person's codes."""
    rows = np.linspace(0, len(clip.faces) - 1, count + 2).astype(int)[1:-1]
    return decode(load_person(name).decoder, encode(clip.faces[rows]))


def stage_picture(clips: dict[str, Clip]) -> np.ndarray:
    """Rows: pairs; columns: the decoded source in warm light, and every variant."""
    rows = []
    for a, b in (("man_b", "woman_a"), ("woman_a", "man_c"), ("man_c", "man_a")):
        source = (expressive(a, clips[a], 1)[0] * _WARM).astype(np.uint8)
        points = landmarks(source[None])
        made = [
            swap_frames(source[None], points, load_person(b), options)[0]
            for options in VARIANTS.values()
        ]
        rows.append(np.concatenate([source, *made], axis=1))
    return np.concatenate(rows)


def persons_picture(clips: dict[str, Clip]) -> np.ndarray:
    """Rows: two decoded faces of each person; columns: they, and as every person."""
    rows = []
    for a in SHIPPED:
        for source in expressive(a, clips[a], 2):
            made = [become(load_person(b), source[None])[0] for b in SHIPPED]
            rows.append(np.concatenate([source, *made], axis=1))
    return np.concatenate(rows)


def write_picture(path: Path, picture: np.ndarray) -> None:
    """A JPEG that says what it is, whole or not at all."""
    made = provenance.encode(Image.fromarray(picture), "JPEG", SOURCE_TYPE, model="swap")
    write_atomically(path, made)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=shared_dir())
    parser.add_argument("--out", type=Path, default=OUT)
    options = parser.parse_args()
    clips = {name: read_clip(clip_path(options.data, name)) for name in SHIPPED}
    found = {"variants": variants(clips), "smoothing": smoothing(options.data)}
    write_atomically(options.out / "stages.json", (json.dumps(found, indent=1) + "\n").encode())
    write_picture(options.out / "stages.jpg", stage_picture(clips))
    write_picture(options.out / "persons.jpg", persons_picture(clips))
    print(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
