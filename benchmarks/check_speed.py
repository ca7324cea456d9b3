"""How fast Check is: `python -m benchmarks.check_speed [--photos 200]`.

In one run on one machine, taking turns: a 1920x1080 photograph with one face from file to full
verdict with all experts, against the plain composition, facenet-pytorch's MTCNN at its
defaults on the full picture and torchvision's MobileNetV2 in float32 at 224 pixels on the face
that it finds; one process, torch's default threads, models warm. Then a folder of such
photographs: ours with a process for each core, started anew and counted from the start,
against the plain composition one by one. Needs no data; without the detector's weights it
measures only what comes before the experts, and says so.
"""

import json
import platform
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import cv2
import numpy as np
import skimage.data
import torch
import typer
from PIL import Image

from ganfake.checked import Checked
from ganfake.detect_files import check_path, check_paths
from ganfake.experts import SIDE
from ganfake.faces import align_face, search_faces
from ganfake.images import open_picture
from ganfake.weights import list_weights
from ganfake.workers import cores

GOALS = {"one": 0.6, "folder": 0.4}
SIZE = 1920, 1080


class Plain:
    """What a tutorial composes: MTCNN(), then MobileNetV2 at 224 in float32."""

    def __init__(self):
        from facenet_pytorch import MTCNN
        from torchvision.models import mobilenet_v2

        self.finder, self.network = MTCNN(), mobilenet_v2(num_classes=2).eval()

    def __call__(self, path: Path) -> float:
        """The probability by which the picture's first face is fake (of untrained weights)."""
        picture = Image.open(path).convert("RGB")
        boxes, _ = self.finder.detect(picture)
        face = np.asarray(picture.crop(tuple(boxes[0])).resize((224, 224), Image.BILINEAR))
        x = torch.from_numpy(face.copy()).permute(2, 0, 1)[None].float() / 127.5 - 1
        with torch.no_grad():
            return float(self.network(x).softmax(1)[0, 1])


def photograph(number: int) -> Image.Image:
    """NASA's astronaut before a textured ground, 1920x1080; each number a little different."""
    rng = np.random.default_rng(number)
    ground = cv2.resize(skimage.data.coffee(), SIZE, interpolation=cv2.INTER_CUBIC)
    ground = np.roll(ground, rng.integers(0, 400, 2), (0, 1)).astype(np.int16)
    grain = rng.normal(0, 6, (*ground.shape[:2], 1)).astype(np.int16)
    side = int(rng.integers(820, 1000)) // 2 * 2  # the face becomes 140 to 180 pixels wide
    person = cv2.resize(skimage.data.astronaut(), (side, side), interpolation=cv2.INTER_CUBIC)
    x, y = rng.integers(0, (SIZE[0] - side, SIZE[1] - side))
    ground[y : y + side, x : x + side] = person
    return Image.fromarray(np.clip(ground + grain, 0, 255).astype(np.uint8))


def up_to_faces(path: Path) -> np.ndarray:
    """The part of a check that comes before the experts."""
    picture = np.asarray(open_picture(path))
    return np.stack([align_face(picture, face, SIDE) for face in search_faces(picture)])


def whole(path: Path) -> Checked:
    """From file to verdict."""
    checked = check_path(str(path))
    if checked.error or len(checked.faces) != 1:
        raise SystemExit(f"{path} should have one face: {checked.error or len(checked.faces)}")
    return checked


def seconds(work: Callable[[], object]) -> float:
    """How long `work` takes."""
    since = time.perf_counter()
    work()
    return time.perf_counter() - since


def compare_one(paths: list[Path], ours: Callable, plain: Callable) -> dict:
    """Medians of single photographs, in turns."""
    for path in paths[:2]:  # to warm up
        ours(path), plain(path)
    pairs = [(seconds(lambda p=p: ours(p)), seconds(lambda p=p: plain(p))) for p in paths]
    times = [statistics.median(column) for column in zip(*pairs, strict=True)]
    ratios = sorted(a / b for a, b in pairs)
    return {
        "ours_ms": round(1000 * times[0], 1),
        "plain_ms": round(1000 * times[1], 1),
        "ratio": round(statistics.median(ratios), 3),
        "ratio_range": [round(ratios[0], 3), round(ratios[-1], 3)],
    }


def compare_folder(folder: Path, paths: list[Path], plain: Callable) -> dict:
    """All photographs of a folder; ours with the start of its processes, the plain one warm."""

    def all_of_ours() -> None:
        found = list(check_paths([folder]))
        if len(found) != len(paths) or any(one.error or not one.faces for one in found):
            raise SystemExit("not every photograph was checked")

    ours = seconds(all_of_ours)
    theirs = seconds(lambda: [plain(path) for path in paths])
    return {
        "photographs": len(paths),
        "processes": cores(),
        "ours_s": round(ours, 2),
        "plain_s": round(theirs, 2),
        "ratio": round(ours / theirs, 3),
    }


def stages(path: Path) -> dict:
    """Milliseconds of each step, medians of nine."""
    picture = np.asarray(open_picture(path))
    face = search_faces(picture)[0]
    steps = {
        "open": lambda: open_picture(path),
        "find": lambda: search_faces(picture),
        "align": lambda: align_face(picture, face, SIDE),
    }
    return {
        name: round(1000 * statistics.median(seconds(step) for _ in range(9)), 1)
        for name, step in steps.items()
    }


def main(
    photos: Annotated[int, typer.Option(help="In the folder.")] = 200,
    repeats: Annotated[int, typer.Option(help="Single photographs.")] = 15,
) -> None:
    """Measure, and print the times, ratios and goals as JSON."""
    complete = "detector-ensemble" in list_weights()
    plain = Plain()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        paths = [folder / f"{number:04}.jpg" for number in range(max(photos, repeats))]
        for number, path in enumerate(paths):
            photograph(number).save(path, quality=90)
        found = {
            "machine": f"{platform.processor() or platform.machine()}, {cores()} cores",
            "torch": torch.__version__,
            "threads": torch.get_num_threads(),
            "measured": "file to verdict" if complete else "file to faces: no weights here",
            "stages_ms": stages(paths[0]),
            "one": compare_one(paths[:repeats], whole if complete else up_to_faces, plain),
        }
        if complete:
            found["folder"] = compare_folder(folder, paths, plain)
    found["goals"] = GOALS
    print(json.dumps(found, indent=2))


if __name__ == "__main__":
    typer.run(main)
