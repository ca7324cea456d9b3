"""Kill the training with -9 at ten random moments: `python -m benchmarks.kill_training`.

Each time it must go on from a checkpoint that opens, at most one checkpoint back. At the
end its state is compared, bit for bit, with that of a run that was left alone.
"""

import argparse
import json
import os
import random
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image
from safetensors import safe_open
from safetensors.numpy import load_file

BATCH, EVERY = 8, 32  # images a step, images between two checkpoints
PICTURES = 1500
# In this order, because the pictures are packed but once.
MOMENTS = (
    "starting", "packing", "packing", "starting", "training", "writing", "training", "writing",
    "training", "writing",
)  # fmt: skip
_PATIENCE = 300.0  # seconds until a moment that does not come is an error
_COUNTER = re.compile(rb"(\d+)/\d+ \[")  # tqdm's, of the images seen


def draw_faces(folder: Path, count: int, seed: int) -> None:
    """Random ellipses with eyes, 160 pixels, as JPEGs; slow enough to pack to be caught at it."""
    rng = np.random.default_rng(seed)
    rows, columns = np.mgrid[:160, :160] / 160 - 0.5
    folder.mkdir(parents=True)
    for index in range(count):
        picture = np.empty((160, 160, 3), np.float32)
        picture[:] = rng.uniform(0, 120, 3)
        picture[(columns / 0.36) ** 2 + (rows / 0.45) ** 2 < 1] = rng.uniform(120, 255, 3)
        for side in (-1, 1):
            picture[np.hypot(columns - 0.13 * side, rows + 0.05) < 0.05] = rng.uniform(0, 90, 3)
        Image.fromarray(picture.astype(np.uint8)).save(folder / f"{index:05d}.jpg")


class Training:
    """One `python -m ganfake train gan`, watched from outside."""

    def __init__(self, place: Path, run: Path, images: int):
        options = {
            "--run": run, "--data": place / "faces", "--images": images, "--batch": BATCH,
            "--checkpoint-every": EVERY, "--samples-every": 5 * EVERY,
            "--snapshot-every": 5 * EVERY,
        }  # fmt: skip
        self.process = subprocess.Popen(
            [sys.executable, "-m", "ganfake", "train", "gan"]
            + [str(part) for pair in options.items() for part in pair],
            env=os.environ | {"GANFAKE_CACHE": str(place / "cache"), "OMP_NUM_THREADS": "1"},
            cwd=Path(__file__).resolve().parents[1],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )
        self.said = b""
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        while piece := self.process.stderr.read1():
            self.said += piece

    @property
    def images(self) -> int:
        """The last images-seen counter on the progress bar; -1 before there is one."""
        seen = _COUNTER.findall(self.said)
        return int(seen[-1]) if seen else -1

    def wait_for(self, happened: Callable[[], bool]) -> None:
        """Look every two milliseconds; RuntimeError when the process ends before."""
        limit = time.monotonic() + _PATIENCE
        while not happened():
            if self.process.poll() is not None or time.monotonic() > limit:
                raise RuntimeError(f"{happened.__name__}: {self.said.decode()[-2000:]}")
            time.sleep(0.002)

    def kill(self) -> None:
        """SIGKILL, to this process alone, and read what it said before."""
        self.process.send_signal(signal.SIGKILL)
        self.finish()

    def finish(self) -> int:
        """Wait for the end; returns the exit status."""
        status = self.process.wait()
        self._reader.join()
        self.process.stderr.close()
        return status


@dataclass
class Kill:
    """What a kill found and left. Counters are in images seen, -1 when there is none."""

    moment: str
    seconds: float  # from the start of the process
    before: int  # in the checkpoint when the process started
    shown: int  # on the progress bar at the end
    checkpoint: int  # in the checkpoint after the kill
    unfinished: int  # temporary files left

    @property
    def back(self) -> int:
        """Images lost: what was shown and is not in the checkpoint."""
        return max(0, self.shown - max(0, self.checkpoint))

    def problems(self) -> list[str]:
        found = []
        if self.checkpoint < self.before:
            found.append(f"the checkpoint went back from {self.before} to {self.checkpoint}")
        if self.back > EVERY:
            found.append(f"{self.back} images lost, more than the {EVERY} of one checkpoint")
        return found


def images_in(run: Path) -> int:
    """The counter of a run's checkpoint, all of which is read; -1 when there is none."""
    path = run / "checkpoint.safetensors"
    if not path.exists():
        return -1
    if not all(np.isfinite(tensor).all() for tensor in load_file(path).values()):
        raise AssertionError(f"{path} holds numbers that are none")
    with safe_open(path, framework="np") as file:
        return json.loads(file.metadata()["progress"])["images"]


def unfinished(place: Path) -> list[Path]:
    """Temporary files of writes that did not end."""
    return [p for p in place.rglob("*.tmp") if "faces" not in p.parent.name]


def await_moment(training: Training, moment: str, place: Path, run: Path, rng) -> None:
    """Wait for a random moment of the wanted kind."""

    def packing() -> bool:
        return b"packing" in training.said

    def stepping() -> bool:
        return training.images >= start + ahead

    def writing() -> bool:
        return any(run.glob(".checkpoint*.tmp"))

    if moment == "starting":
        time.sleep(rng.uniform(0, 4))
        return
    if moment == "packing":
        training.wait_for(packing)
        time.sleep(rng.uniform(0, 0.5))
        return
    start, ahead = max(0, images_in(run)), rng.randrange(1, 2 * EVERY)
    training.wait_for(stepping)
    if moment == "writing":
        training.wait_for(writing)
        time.sleep(rng.uniform(0, 0.05))
    else:
        time.sleep(rng.uniform(0, 0.2))


def kill_once(place: Path, run: Path, images: int, moment: str, rng: random.Random) -> Kill:
    """Start or resume the training, kill it, and look at what is left."""
    before, started = images_in(run), time.monotonic()
    training = Training(place, run, images)
    try:
        await_moment(training, moment, place, run, rng)
        seconds = time.monotonic() - started
    finally:
        training.kill()
    left = len(unfinished(place))
    return Kill(moment, seconds, before, training.images, images_in(run), left)


def check_end(place: Path, run: Path, images: int) -> list[str]:
    """Let the run finish; what is wrong with how it ends."""
    training = Training(place, run, images)
    if training.finish():
        return [f"the last start failed: {training.said.decode()[-2000:]}"]
    found = []
    if images_in(run) != images:
        found.append(f"it ended at {images_in(run)} images and not at {images}")
    log = [json.loads(line)["images"] for line in (run / "log.jsonl").read_text().splitlines()]
    if log != sorted(set(log)) or log[-1:] != [images]:
        found.append(f"the log says {log}")
    if left := unfinished(place):
        found.append(f"left behind: {', '.join(p.name for p in left)}")
    return found


def same_state(one: Path, other: Path) -> list[str]:
    """Tensors in which the checkpoints of two runs differ by as much as a bit."""
    tensors, others = (load_file(run / "checkpoint.safetensors") for run in (one, other))
    if tensors.keys() != others.keys():
        return ["the runs hold different tensors"]
    odd = [name for name, t in tensors.items() if t.tobytes() != others[name].tobytes()]
    return [f"{name} differs from the run left alone" for name in odd]


def kill_training(
    place: Path, moments=MOMENTS, images: int = 640, pictures: int = PICTURES, seed: int = 0
) -> list[str]:
    """The whole experiment in an empty folder; prints a table, returns what went wrong."""
    rng, run = random.Random(seed), place / "run"
    draw_faces(place / "faces", pictures, seed)
    print("kill  moment    after s  checkpoint before  bar  checkpoint after  lost  .tmp left")
    problems = []
    for number, moment in enumerate(moments, 1):
        kill = kill_once(place, run, images, moment, rng)
        print(
            f"{number:4}  {kill.moment:8}  {kill.seconds:7.2f}  {kill.before:17}  {kill.shown:3}"
            f"  {kill.checkpoint:16}  {kill.back:4}  {kill.unfinished:9}",
            flush=True,
        )
        problems += [f"kill {number}: {problem}" for problem in kill.problems()]
    problems += check_end(place, run, images)
    if Training(place, place / "alone", images).finish():
        problems.append("the run left alone failed")
    else:
        problems += same_state(run, place / "alone")
    return problems


def main() -> None:
    """Parse the options, run, and exit 1 when something went wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--images", type=int, default=640)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="ganfake-kill-") as folder:
        problems = kill_training(Path(folder), images=given.images, seed=given.seed)
    for problem in problems:
        print("WRONG:", problem)
    if problems:
        raise SystemExit(1)
    print(f"Ten kills, seed {given.seed}: it resumed each time and ended as if left alone.")


if __name__ == "__main__":
    main()
