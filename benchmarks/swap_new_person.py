"""Line 2 of the swap: a new person from ten seconds of a clip, and the same time from scratch.

    python -m benchmarks.swap_new_person man_c

What ships is the encoder and the generic decoder of faces128.zip, which holds nobody of the
clips. Time is the processor's, of one thread: on two cores the clock shows no more than that.
Writes docs/swap/new-NAME.json.
"""

import argparse
import json
import time
from pathlib import Path

import numpy as np
import torch
from torch import nn

from benchmarks.swap_measures import landmark_errors, landmarks, passes, share, spread, ssim
from benchmarks.swap_quality import OUT, known
from ganfake.devices import autocast, keep_memory, step_rng
from ganfake.folders import shared_dir
from ganfake.models.swap import Decoder, Encoder, SwapConfig
from ganfake.persons import SHIPPED, become, decode
from ganfake.reshape import follow
from ganfake.train.adam import FusedAdam
from ganfake.train.data import Batches, to_tensor
from ganfake.train.swap import BATCH, Lesson
from ganfake.train.swap_clips import Clip, read_clip
from ganfake.train.swap_losses import face_loss
from ganfake.train.swap_persons import clip_path
from ganfake.train.swap_warp import warped_pairs
from ganfake.weights import write_atomically

SECONDS = 10.0  # of the clip
# Seconds of processor time at which each way is measured.
MOMENTS = {"ours": (60, 150, 300), "from_scratch": (60, 300, 600)}


class Scratch:
    """The classic way: an encoder and two decoders that know nothing, trained on both clips."""

    def __init__(self, sets: dict[str, np.ndarray]):
        torch.manual_seed(0)
        config, layout = SwapConfig(), torch.channels_last
        self.encoder = Encoder(config).to(memory_format=layout)
        self.decoders = {name: Decoder(config).to(memory_format=layout) for name in sets}
        self.batches = {n: Batches(f, BATCH, 0, torch.device("cpu")) for n, f in sets.items()}
        parts = nn.ModuleList([self.encoder, *self.decoders.values()])
        self.adam = FusedAdam(parts.parameters(), lr=5e-4, betas=(0.9, 0.99))
        self.images = 0

    def step(self) -> None:
        """One batch of each person."""
        rng = step_rng(0, self.images, torch.device("cpu"))
        self.adam.zero_grad()
        for name, batches in self.batches.items():
            faces = batches.faces[batches.rows_at(self.images)]
            inputs, targets = warped_pairs(faces, rng)
            with autocast(inputs.device):
                made = self.decoders[name](self.encoder.raw(inputs))
            face_loss(made.float(), targets).backward()
        self.adam.step()
        self.images += BATCH

    @torch.no_grad()
    def become(self, name: str, crops: np.ndarray) -> np.ndarray:
        """Faces (N, 128, 128, 3) uint8 as one of the two, with the same warp as ours."""
        codes = self.encoder.raw(to_tensor(torch.from_numpy(np.ascontiguousarray(crops))))
        made = decode(self.decoders[name], codes)
        return np.stack([follow(face, crop) for face, crop in zip(made, crops, strict=True)])


class Known:
    """Ours: a lesson of the new person alone."""

    def __init__(self, sets: dict[str, np.ndarray]):
        self.lesson = Lesson(sets)
        self.step = self.lesson.step

    @property
    def images(self) -> int:
        return self.lesson.images

    def become(self, name: str, crops: np.ndarray) -> np.ndarray:
        """Faces (N, 128, 128, 3) uint8 as the new person."""
        return become(self.lesson.person(name), crops)


def judge(trained: Known | Scratch, new: str, clips: dict[str, Clip], others: list[str]) -> dict:
    """The identity check and landmarks of other persons as the new one; the new one as itself."""
    frames = clips[new].held_out
    found = {
        "images": trained.images,
        "as_itself": spread(ssim(trained.become(new, frames), frames)),
    }
    for other in others:
        source = clips[other].held_out
        made = trained.become(new, source)
        right = passes(made, known(clips[new]), known(clips[other]))
        errors = landmark_errors(landmarks(source), landmarks(made))
        found[other] = {"identity": share(right), "landmarks": spread(errors, np.max)}
    return found


def run(
    way: str, trained: Known | Scratch, new: str, clips: dict[str, Clip], others: list[str]
) -> list:
    """Train up to every moment and measure there; measuring does not count."""
    rows, used, seconds = [], 0.0, list(MOMENTS[way])
    while seconds:
        begun = time.process_time()
        trained.step()
        used += time.process_time() - begun
        if used >= seconds[0]:
            rows.append({"seconds": seconds.pop(0), **judge(trained, new, clips, others)})
            print(json.dumps(rows[-1]), flush=True)
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("name", choices=("man_c", "woman_a"))
    parser.add_argument("--data", type=Path, default=shared_dir())
    parser.add_argument("--out", type=Path, default=OUT)
    options = parser.parse_args()
    keep_memory()
    torch.set_num_threads(1)
    clips = {name: read_clip(clip_path(options.data, name)) for name in SHIPPED}
    new, others = options.name, [name for name in SHIPPED if name != options.name]
    frames = clips[new].training[: round(SECONDS * clips[new].rate)]
    # From scratch only the person of the second clip can be swapped.
    partner = "man_a"
    sets = {partner: clips[partner].training, new: frames}
    begun = time.process_time()
    ours = Known({new: frames})
    found = {
        "frames": len(frames), "seconds_to_start": round(time.process_time() - begun, 1),
        "ours": run("ours", ours, new, clips, others),
        "from_scratch": run("from_scratch", Scratch(sets), new, clips, [partner]),
    }  # fmt: skip
    text = json.dumps(found, indent=1) + "\n"
    write_atomically(options.out / f"new-{new}.json", text.encode())


if __name__ == "__main__":
    main()
