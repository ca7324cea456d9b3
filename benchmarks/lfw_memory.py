"""Peak memory of preparing LFW, on stand-ins of its size and layout: faces that a model made.

    python -m benchmarks.lfw_memory

Runs `python -m ganfake deck lfw`, the process that the page starts, on an unpacked tree of
250 x 250 pictures in a temporary folder; nothing is downloaded.
"""

import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from PIL import Image

from ganfake.generate import Face, render

PICTURES, SIDE, FACE = 600, 250, 170  # pixels of a picture and of the aligned face within


def plant(home: Path) -> None:
    """An LFW tree of made faces, each in a folder of its own."""
    for number, picture in enumerate(render([Face("portrait", seed) for seed in range(PICTURES)])):
        person = home / "lfw_home" / "lfw_funneled" / f"Person_{number:04d}"
        person.mkdir(parents=True)
        whole = Image.new("RGB", (SIDE, SIDE), (110, 120, 130))
        whole.paste(picture.resize((FACE, FACE)), ((SIDE - FACE) // 2,) * 2)
        whole.save(person / f"{person.name}_0001.jpg", quality=90)


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        plant(home)
        own = {"SCIKIT_LEARN_DATA": str(home), "GANFAKE_CACHE": str(home / "cache")}
        begun = time.monotonic()
        subprocess.run(
            [sys.executable, "-m", "ganfake", "deck", "lfw"], env={**os.environ, **own},
            check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        seconds = time.monotonic() - begun
        kept = len(list((home / "cache").rglob("*.jpg")))
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    print(f"{kept} of {PICTURES} pictures aligned in {seconds:.0f} s; peak memory {peak:.0f} MB")


if __name__ == "__main__":
    main()
