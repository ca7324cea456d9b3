"""Line 1 of the swap: A as A, landmarks and identity of A as B, on frames never trained on.

    python -m benchmarks.swap_quality

Writes docs/swap/quality.json.
"""

import argparse
import json
from pathlib import Path

import cv2
import numpy as np

from benchmarks.swap_measures import inner, landmark_errors, landmarks, passes, share, spread, ssim
from ganfake.folders import shared_dir
from ganfake.persons import SHIPPED, become, decode, encode, load_person
from ganfake.swap import SwapOptions, swap_frames
from ganfake.train.swap_clips import Clip, read_clip
from ganfake.train.swap_persons import clip_path
from ganfake.weights import write_atomically

OUT = Path(__file__).resolve().parents[1] / "docs" / "swap"
_KNOWN = 60  # faces by which the identity check knows a person, spread over the training part


def known(clip: Clip) -> np.ndarray:
    """Faces of a person for the identity check, none of them held out."""
    rows = np.linspace(0, len(clip.training) - 1, _KNOWN).astype(int)
    return clip.training[rows]


def _shifted(frame: np.ndarray) -> np.ndarray:
    """A frame moved by half a pixel each way."""
    half = np.float32([[1, 0, 0.5], [0, 1, 0.5]])
    size = frame.shape[1::-1]
    return cv2.warpAffine(frame, half, size, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT)


def decoded(name: str, frames: np.ndarray) -> np.ndarray:
    """Faces as a person by the decoder alone, before they follow the source's geometry."""
    return decode(load_person(name).decoder, encode(frames))


def as_themselves(clip: Clip, name: str, points: np.ndarray) -> dict:
    """A as A on held-out frames: SSIM of the crop and of the inner face, and landmarks.

    floor: how far MTCNN's landmarks move by themselves when a frame is shifted by half a pixel.
    """
    made = become(load_person(name), clip.held_out)
    shifted = np.stack([_shifted(frame) for frame in clip.held_out])
    return {
        "decoder_ssim": spread(ssim(decoded(name, clip.held_out), clip.held_out)),
        "floor": spread(landmark_errors(points, landmarks(shifted) - 0.5), np.max),
        "ssim": spread(ssim(made, clip.held_out)),
        "ssim_inner": spread(ssim(inner(made), inner(clip.held_out))),
        "landmarks": spread(landmark_errors(points, landmarks(made)), np.max),
    }


def pair(clips: dict[str, Clip], a: str, b: str, points: np.ndarray) -> dict:
    """A as B on A's held-out frames: landmarks, and the identity check with its controls.

    Decoded faces, and the same put back into their frames as a swap does it.
    """
    frames, of, whom = clips[a].held_out, known(clips[a]), known(clips[b])
    made, seen = become(load_person(b), frames), np.isfinite(points).all((1, 2))
    alone = decoded(b, frames)
    pasted = np.stack(swap_frames(frames[seen], points[seen], load_person(b), SwapOptions()))
    return {
        "a": a, "b": b,
        "landmarks": spread(landmark_errors(points, landmarks(made)), np.max),
        "identity": share(passes(made, whom, of)),
        "decoder": {
            "landmarks": spread(landmark_errors(points, landmarks(alone)), np.max),
            "identity": share(passes(alone, whom, of)),
        },
        "pasted": {
            "landmarks": spread(landmark_errors(points[seen], landmarks(pasted)), np.max),
            "identity": share(passes(pasted, whom, of)),
        },
        "unswapped": share(passes(frames, whom, of)),
        "a_as_a": share(passes(become(load_person(a), frames), whom, of)),
    }  # fmt: skip


def measure(data: Path) -> dict:
    """All of it, as JSON."""
    clips = {name: read_clip(clip_path(data, name)) for name in SHIPPED}
    points = {name: landmarks(clip.held_out) for name, clip in clips.items()}
    return {
        "persons": {n: as_themselves(clip, n, points[n]) for n, clip in clips.items()},
        "pairs": [pair(clips, a, b, points[a]) for a in SHIPPED for b in SHIPPED if a != b],
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=shared_dir())
    parser.add_argument("--out", type=Path, default=OUT)
    options = parser.parse_args()
    found = measure(options.data)
    text = json.dumps(found, indent=1) + "\n"
    write_atomically(options.out / "quality.json", text.encode())
    for name, row in found["persons"].items():
        print(name, row["ssim"], row["ssim_inner"], row["landmarks"])
    for row in found["pairs"]:
        print(row["a"], "as", row["b"], row["landmarks"], row["identity"]["share"])
        print("    pasted", row["pasted"]["landmarks"], row["pasted"]["identity"]["share"])
        print("    unswapped", row["unswapped"]["share"], "A as A", row["a_as_a"]["share"])


if __name__ == "__main__":
    main()
