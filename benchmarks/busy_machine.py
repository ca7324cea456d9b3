"""Check beside one other busy program: threads that soon sleep against libgomp's default.

    python -m benchmarks.busy_machine

Each figure is the median of processes that take turns, with torch's default threads.
"""

import os
import statistics
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

REPEATS, CHECKS = 5, 8
# Rounds that a thread waits awake: as ganfake sets them, and libgomp's own.
WAYS = {"ours": {}, "default": {"GOMP_SPINCOUNT": "300000"}}
_BUSY = "while True: pass"
_CHECK = f"""
import io, time
import skimage.data
from PIL import Image
from ganfake.detect import check_file
file = io.BytesIO()
Image.fromarray(skimage.data.astronaut()).save(file, "PNG")
check_file(file.getvalue(), "warm.png")
begun = time.monotonic()
for number in range({CHECKS}):
    check_file(file.getvalue(), f"{{number}}.png")
print((time.monotonic() - begun) / {CHECKS})
"""


@contextmanager
def busy(count: int) -> Iterator[None]:
    """Other programs that always want to compute."""
    children = [subprocess.Popen([sys.executable, "-c", _BUSY]) for _ in range(count)]
    try:
        yield
    finally:
        for child in children:
            child.kill()
            child.wait()


def seconds(rounds: dict[str, str]) -> float:
    """Of one check, in a process with this in its environment."""
    given = {name: value for name, value in os.environ.items() if name != "GOMP_SPINCOUNT"}
    ran = subprocess.run(
        [sys.executable, "-c", _CHECK], env=given | rounds,
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    return float(ran.stdout)


def main() -> None:
    for count in (0, 1):
        with busy(count):
            taken = {name: [] for name in WAYS}
            for _ in range(REPEATS):
                for name, rounds in WAYS.items():
                    taken[name].append(seconds(rounds))
        middle = {name: statistics.median(found) for name, found in taken.items()}
        print(
            f"{count} busy programs: "
            + ", ".join(f"{n} {1000 * m:.0f} ms" for n, m in middle.items())
            + f", ratio {middle['ours'] / middle['default']:.2f}"
        )


if __name__ == "__main__":
    main()
