"""Memory of `detect` on a folder: all its processes together, each page counted once (PSS).

    python -m benchmarks.folder_memory

Two folders, of 24 photographs of 12 megapixels and of 12 clips (4K with 10 and with 8 bits, 1080
and 720 lines), by two and by eight workers. Beside them what it would take if each worker loaded
its weights by itself and took whatever came next. Linux only.
"""

import subprocess
import sys
import tempfile
import time
from pathlib import Path

import av
import numpy as np
import skimage.data
from PIL import Image

CLIPS = (("libx264", "yuv420p", 2160), ("libx265", "yuv420p10le", 2160),
         ("libx264", "yuv420p", 1080), ("libx264", "yuv420p", 720))  # fmt: skip
FRAMES = 60
RUN = (
    "import sys; from ganfake import detect_files as d\n"
    "if __name__ == '__main__':\n"
    "    folder, workers, how = sys.argv[1:]\n"
    "    if how == 'apart': d.PRELOAD, d._ROOM = ('ganfake.detect',), 1000\n"
    "    found = list(d.check_paths([folder], workers=int(workers)))\n"
    "    sys.exit(not all(one.faces for one in found))\n"
)


def plant(folder: Path) -> tuple[Path, Path]:
    """The two folders."""
    head = Image.fromarray(skimage.data.astronaut())
    photographs, clips = folder / "photographs", folder / "clips"
    photographs.mkdir()
    clips.mkdir()
    large = head.resize((4000, 4000), Image.Resampling.BICUBIC).crop((0, 300, 4000, 3300))
    for number in range(24):
        large.rotate(number / 10).save(photographs / f"{number}.jpg", quality=90)
    for number in range(12):
        film(clips / f"{number}.mp4", head, *CLIPS[number % len(CLIPS)])
    return photographs, clips


def film(path: Path, head: Image.Image, codec: str, kind: str, height: int) -> None:
    """Two seconds in which somebody walks through the picture."""
    width, face = height * 16 // 9, np.asarray(head.resize((height, height)))
    options = {"preset": "ultrafast"} | (
        {"x265-params": "log-level=none"} if "265" in codec else {}
    )
    with av.open(str(path), "w") as file:
        stream = file.add_stream(codec, rate=30, options=options)
        stream.width, stream.height, stream.pix_fmt = width, height, kind
        for number in range(FRAMES):
            frame = np.full((height, width, 3), 90, np.uint8)
            at = (width - height) * number // FRAMES
            frame[:, at : at + height] = face
            file.mux(stream.encode(av.VideoFrame.from_ndarray(frame, "rgb24")))
        file.mux(stream.encode())


def family(pid: int) -> list[int]:
    """A process and all below it."""
    try:
        below = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return []
    return [pid, *(one for child in below for one in family(int(child)))]


def held(pid: int) -> int:
    """Kilobytes that a process holds, shared ones by its share in them."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    except (OSError, StopIteration):
        return 0  # it has just ended


def peak(folder: Path, workers: int, how: str) -> tuple[float, float]:
    """(megabytes, seconds) of a check of all that is in a folder."""
    begun, most = time.monotonic(), 0
    command = [sys.executable, "-W", "ignore", "-c", RUN, str(folder), str(workers), how]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
        while process.poll() is None:
            most = max(most, sum(map(held, family(process.pid))))
            time.sleep(0.2)
    if process.returncode:
        raise SystemExit("A face was not found, so the figures mean nothing.")
    return most / 1024, time.monotonic() - begun


def main() -> None:
    with tempfile.TemporaryDirectory() as made:
        for folder in plant(Path(made)):
            for workers in (2, 8):
                both = {how: peak(folder, workers, how) for how in ("shared", "apart")}
                said = [
                    f"{how} {most:.0f} MB in {took:.0f} s" for how, (most, took) in both.items()
                ]
                ratio = both["shared"][0] / both["apart"][0]
                print(f"{folder.name}, {workers} workers: {', '.join(said)}; {ratio:.2f} of it")


if __name__ == "__main__":
    main()
