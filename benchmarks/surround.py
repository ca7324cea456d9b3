"""What a frame does to Check: `python -m benchmarks.surround [--pictures 100]`.

Faces of ../shared/data as JPEG of quality 93: alone, and as a screenshot shows them: in a white
frame of 8 pixels, in the bars of a film, on a page, on another picture, and on a page that was
made smaller afterwards. What is called fake or real with the surround left out, as Check does,
and with it. The networks know most of these pictures, so only the differences tell something.
Last, how many pictures that are nothing but a photograph are cut nonetheless.
"""

import zipfile
from typing import Annotated

import cv2
import numpy as np
import skimage.data
import typer

from ganfake.experts import ensemble
from ganfake.experts.cropping import expert_crop
from ganfake.experts.surround import without_surround
from ganfake.faces import crop_side, search_faces
from ganfake.folders import shared_dir
from ganfake.images import open_picture
from ganfake.train.tamper import jpeg

SOURCES = (
    ("stylegan256", "fake"), ("gans128", "progan"), ("gans128", "began"), ("gans128", "stargan"),
    ("stylegan256", "real"), ("ciplab160", "real"), ("faces128", "images"),
)  # fmt: skip
# Pixels of ground above, below, left and right of a picture of 128, its grey, and the size after.
GROUNDS = {
    "frame": ((8, 8, 8, 8), 255, 1.0), "film": ((40, 40, 0, 0), 0, 1.0),
    "page": ((90, 60, 70, 110), 250, 1.0), "picture": ((60, 80, 90, 70), None, 1.0),
    "page, smaller": ((90, 60, 70, 110), 250, 0.7), "alone, smaller": ((0,) * 4, 0, 0.7),
}  # fmt: skip
Judged = tuple[np.ndarray, np.ndarray]  # a picture and the landmarks in it


def pictures(archive: str, folder: str, count: int) -> list[np.ndarray]:
    """Up to `count` pictures of a folder of an archive, evenly chosen by name."""
    with zipfile.ZipFile(shared_dir() / f"{archive}.zip") as file:
        names = sorted(n for n in file.namelist() if n.startswith(f"{folder}/") and n[-1] != "/")
        chosen = [names[i] for i in np.linspace(0, len(names) - 1, count).astype(int)]
        return [jpeg(np.asarray(open_picture(file.read(name))), 93) for name in chosen]


def on_ground(picture: np.ndarray, kind: str) -> tuple[np.ndarray, np.ndarray]:
    """A picture on its ground, saved once more; and where its corner lies."""
    margin, grey, scale = GROUNDS[kind]
    top, bottom, left, right = (round(m * picture.shape[0] / 128) for m in margin)
    height, width = picture.shape[:2]
    size = width + left + right, height + top + bottom
    whole = cv2.resize(skimage.data.coffee(), size)
    if grey is not None:
        whole[:] = grey
    whole[top : top + height, left : left + width] = picture
    if scale != 1:
        whole = cv2.resize(whole, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    return jpeg(whole, 90), np.array([left, top]) * scale


def face_at(whole: np.ndarray, centre: np.ndarray) -> Judged | None:
    """The face that is found nearest to a place."""
    found = search_faces(whole)
    if not found:
        return None
    return whole, min(found, key=lambda f: np.linalg.norm(f.centre - centre)).points


def verdicts(faces: list[Judged]) -> str:
    """How many are called fake and real."""
    said = ensemble.assess(
        np.stack([expert_crop(*face) for face in faces]),
        [crop_side(points) for _, points in faces], [None] * len(faces),
    )  # fmt: skip
    named = [one.verdict for one in said]
    return " ".join(f"{named.count(v) / len(named):5.0%}" for v in ("fake", "real"))


def measure(archive: str, folder: str, count: int) -> None:
    """One source, printed."""
    found = [(p, faces[0]) for p in pictures(archive, folder, count) if (faces := search_faces(p))]
    alone = [(p, face.points) for p, face in found]
    cut = sum(not np.array_equal(without_surround(*face)[0], face[0]) for face in alone)
    print(f"{archive} {folder}, {len(alone)} faces; fake and real: alone {verdicts(alone)}")
    for kind, (_, _, scale) in GROUNDS.items():
        placed = [(*on_ground(p, kind), face) for p, face in found]
        seen = [face_at(whole, corner + scale * face.centre) for whole, corner, face in placed]
        seen = [face for face in seen if face]
        apart = verdicts([without_surround(*face) for face in seen])
        print(f"    {kind:14} left out {apart}   with it {verdicts(seen)}   found {len(seen)}")
    print(f"    of photographs alone cut: {cut}", flush=True)


def main(
    pictures: Annotated[int, typer.Option(min=2, help="of each source")] = 100,
) -> None:
    for archive, folder in SOURCES:
        measure(archive, folder, pictures)


if __name__ == "__main__":
    typer.run(main)
