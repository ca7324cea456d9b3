"""The mark in the pixels, measured: `python -m benchmarks.marks [--pictures 15000]`.

False alarms on real photographs (all of faces128.zip, the real ones of stylegan256.zip and
ciplab160.zip), at the threshold in use and at lenient ones where some are to be expected, each
with its Wilson interval and the bound of the theory beside it. What the mark survives, by the
size of the picture before it was halved, and how little it changes. Frames of the four clips
after H.264 at crf 18 and 23. Times. Without the research data only the astronaut is measured.
"""

import io
import json
import statistics
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Annotated

import av
import cv2
import numpy as np
import skimage.data
import typer
from PIL import Image
from skimage.metrics import structural_similarity
from tqdm import tqdm

from ganfake import marks, video
from ganfake.folders import shared_dir
from ganfake.stats import wilson

PHOTOGRAPHS = (
    ("faces128.zip", "images/"), ("stylegan256.zip", "real/"), ("ciplab160.zip", "real/")
)  # fmt: skip
BOUNDS = (1e-1, 1e-2, 1e-3, 1e-4, marks.MAX_FALSE_ALARM)
SIDES = (128, 160, 256)
CLIPS = ("man_a", "man_b", "man_c", "woman_a")
FRAMES = 100  # of a clip
# Beside what `video` encodes with: what `reel` does, and others.
H264 = {
    "crf 18": {},
    "crf 18, tuned for grain": {"tune": "grain"},
    "crf 18 without B-frames": {"bf": "0"},
    "crf 23": {"crf": "23"},
}


def photographs(folder: Path, most: int) -> Iterator[np.ndarray]:
    """Real photographs of the research data, (H, W, 3) uint8."""
    left = most
    for name, start in PHOTOGRAPHS:
        if not (folder / name).is_file():
            continue
        with zipfile.ZipFile(folder / name) as archive:
            inside = [n for n in archive.namelist() if n.startswith(start) and n.endswith(".jpg")]
            for member in inside[:left]:
                yield np.asarray(Image.open(io.BytesIO(archive.read(member))).convert("RGB"))
            left -= len(inside[:left])


def false_alarms(pictures: Iterator[np.ndarray]) -> dict:
    """How many photographs without the mark come under each bound of the false alarm."""
    found = [marks.find(picture) for picture in tqdm(pictures, desc="photographs")]
    count = len(found)
    scores = [mark.score for mark in found]
    rows = []
    for bound in BOUNDS:
        seen = sum(mark.false_alarm <= bound for mark in found)
        low, high = wilson(seen, count)
        rows.append({"theory": bound, "seen": seen, "rate": seen / max(1, count), "low": low,
                     "high": high})  # fmt: skip
    return {
        "photographs": count,
        "threshold_of_score": threshold(),
        "mean_score": statistics.fmean(scores),
        "highest_score": max(scores),
        "lowest_false_alarm": min(mark.false_alarm for mark in found),
        "rates": rows,
    }


def threshold() -> float:
    """The lowest score that counts as found."""
    low, high = 0.0, 1.0
    for _ in range(40):
        middle = (low + high) / 2
        bound = marks._TRIED * marks._chance(middle)
        low, high = (low, middle) if bound <= marks.MAX_FALSE_ALARM else (middle, high)
    return high


# -- what it survives ----------------------------------------------------------------
def as_jpeg(picture: np.ndarray, quality: int = 75) -> np.ndarray:
    """Saved as most programs do it, with halved colours, and opened again."""
    buffer = io.BytesIO()
    Image.fromarray(picture).save(buffer, "JPEG", quality=quality)
    return np.asarray(Image.open(buffer))


def smaller(picture: np.ndarray, factor: int = 2) -> np.ndarray:
    """By Pillow's Lanczos."""
    size = picture.shape[1] // factor, picture.shape[0] // factor
    return np.asarray(Image.fromarray(picture).resize(size, Image.Resampling.LANCZOS))


TREATMENTS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "nothing": lambda picture: picture,
    "JPEG 75": as_jpeg,
    "halved": smaller,
    "halved, then JPEG 75": lambda picture: as_jpeg(smaller(picture)),
    "JPEG 75, then halved": lambda picture: smaller(as_jpeg(picture)),
    "JPEG 75, halved, JPEG 75": lambda picture: as_jpeg(smaller(as_jpeg(picture))),
    "JPEG 30": lambda picture: as_jpeg(picture, 30),
    "quartered": lambda picture: smaller(picture, 4),
    "every second pixel": lambda picture: np.ascontiguousarray(picture[::2, ::2]),
    "enlarged 1.5 times": lambda picture: cv2.resize(picture, None, fx=1.5, fy=1.5),
    "mirrored": lambda picture: np.ascontiguousarray(picture[:, ::-1]),
    "contrast +10 %": lambda picture: np.uint8(np.clip(picture * 1.1, 0, 255)),
    "2 % cropped": lambda picture: picture[picture.shape[0] // 50 :, picture.shape[1] // 50 :],
}


def survival(pictures: list[np.ndarray]) -> dict:
    """Of how many pictures the mark is found after each treatment, and what it changes."""
    marked = [marks.embed(picture) for picture in pictures]
    pairs = list(zip(pictures, marked, strict=True))
    errors = [((a.astype(float) - b) ** 2).mean() for a, b in pairs]
    psnr = [10 * np.log10(255**2 / error) for error in errors]
    ssim = [structural_similarity(a, b, channel_axis=2) for a, b in pairs]
    found = {}
    for name, treat in TREATMENTS.items():
        seen = [marks.find(treat(picture)) for picture in marked]
        count = sum(mark.found for mark in seen)
        found[name] = {
            "found": count,
            "interval": wilson(count, len(seen)),
            "lowest_score": min(mark.score for mark in seen),
        }
    return {
        "pictures": len(pictures),
        "psnr_db": {"mean": float(np.mean(psnr)), "lowest": float(np.min(psnr))},
        "ssim": {"mean": float(np.mean(ssim)), "lowest": float(np.min(ssim))},
        "largest_change": max(int(np.abs(a.astype(int) - b).max()) for a, b in pairs),
        "after": found,
    }


def by_size(folder: Path, count: int) -> dict:
    """Survival at 128, 160 and 256 pixels, and of one picture of 512."""
    found = {"512": survival([skimage.data.astronaut()])}
    sources = dict(zip(SIDES, (PHOTOGRAPHS[0], PHOTOGRAPHS[2], PHOTOGRAPHS[1]), strict=True))
    for side, (name, start) in sources.items():
        if not (folder / name).is_file():
            continue
        with zipfile.ZipFile(folder / name) as archive:
            inside = [n for n in archive.namelist() if n.startswith(start) and n.endswith(".jpg")]
            chosen = inside[:: max(1, len(inside) // count)][:count]
            pictures = [np.asarray(Image.open(io.BytesIO(archive.read(n)))) for n in chosen]
        found[str(side)] = survival(pictures)
    return found


# -- videos, and time ----------------------------------------------------------------
def clips(folder: Path) -> dict:
    """In how many frames of each clip the mark is found after H.264, and what it costs."""
    found = {}
    for name in CLIPS:
        path = folder / "swap" / f"{name}.mp4"
        if not path.is_file():
            continue
        frames = decoded(path.read_bytes())
        marked = [marks.stamp(frame) for frame in frames]
        found[name] = {kind: filmed(frames, marked, more) for kind, more in H264.items()}
        seen = [marks.find(frame).found for frame in frames]
        found[name]["without the mark"] = {"frames": len(seen), "found": sum(seen)}
    return found


def decoded(content: bytes) -> list[np.ndarray]:
    """The first frames of a video."""
    frames = []
    with av.open(io.BytesIO(content)) as film:
        for frame in film.decode(video=0):
            frames.append(frame.to_ndarray(format="rgb24"))
            if len(frames) == FRAMES:
                break
    return frames


def filmed(frames: list[np.ndarray], marked: list[np.ndarray], options: dict) -> dict:
    """Encoded by our own encoder with some options changed, and looked at again."""
    usual = dict(video._X264)
    try:
        video._X264.update(options)
        plain, content = video.encode_mp4(frames, 30), video.encode_mp4(marked, 30)
    finally:
        video._X264.clear()
        video._X264.update(usual)
    seen = [marks.find(frame) for frame in decoded(content)]
    return {
        "frames": len(seen),
        "found": sum(mark.found for mark in seen),
        "first_frame": seen[0].found,
        "median_score": statistics.median(mark.score for mark in seen),
        "bytes_against_unmarked": round(len(content) / len(plain), 2),
    }


def milliseconds(work: Callable[[], object], times: int = 9) -> float:
    """The median; of one thread."""
    taken = []
    for _ in range(times + 1):
        since = time.perf_counter()
        work()
        taken.append(1000 * (time.perf_counter() - since))
    return round(statistics.median(taken[1:]), 1)


def times() -> dict:
    """Milliseconds for pictures of 512x512 and 1920x1080."""
    found = {}
    for size in ((512, 512), (1920, 1080)):
        picture = cv2.resize(skimage.data.astronaut(), size, interpolation=cv2.INTER_CUBIC)
        found["x".join(map(str, size))] = {
            work.__name__: milliseconds(lambda p=picture, w=work: w(p))
            for work in (marks.embed, marks.find, marks.visible)
        }
    return found


def main(
    pictures: Annotated[int, typer.Option(help="Photographs for the false alarms.")] = 20_000,
    count: Annotated[int, typer.Option(help="Photographs of each size to be marked.")] = 200,
    data: Annotated[Path | None, typer.Option(help="Folder of the research data.")] = None,
) -> None:
    """Measure, and print all as JSON."""
    cv2.setNumThreads(1)
    folder = data or shared_dir()
    found = {"ms": times(), "by_side": by_size(folder, count), "clips": clips(folder)}
    if any((folder / name).is_file() for name, _ in PHOTOGRAPHS):
        found["false_alarms"] = false_alarms(photographs(folder, pictures))
    print(json.dumps(found, indent=1))


if __name__ == "__main__":
    typer.run(main)
