"""A drawing is no photograph, and the experts know nothing else."""

import io

import cv2
import numpy as np
import pytest
import skimage.data
from PIL import Image, ImageDraw

from ganfake.detect import check_picture
from ganfake.experts import SIDE, reasons
from ganfake.experts.cropping import expert_crop
from ganfake.experts.flatness import DRAWN, flat_share
from ganfake.faces import find_faces
from ganfake.generate import generate


def drawing() -> Image.Image:
    """A face of flat colours with black lines."""
    paper = Image.new("RGB", (500, 500), (90, 160, 200))
    pen = ImageDraw.Draw(paper)
    pen.ellipse((125, 80, 375, 420), fill=(240, 200, 170), outline="black", width=4)
    pen.pieslice((120, 50, 380, 290), 180, 360, fill=(70, 40, 20))
    for x in (205, 295):
        pen.ellipse((x - 22, 190, x + 22, 218), fill="white", outline="black", width=3)
        pen.ellipse((x - 9, 195, x + 9, 213), fill=(40, 60, 90))
        pen.arc((x - 30, 158, x + 30, 190), 195, 345, fill="black", width=6)
    pen.line((250, 220, 238, 285, 258, 290), fill="black", width=4)
    pen.arc((200, 280, 300, 355), 20, 160, fill=(180, 30, 30), width=7)
    return paper


def saved(picture: Image.Image, quality: int) -> np.ndarray:
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", quality=quality)
    return np.asarray(Image.open(buffer).convert("RGB"))


@pytest.mark.parametrize("quality", [None, 90, 60])
def test_a_drawing_is_uncertain_and_says_why(quality):
    picture = saved(drawing(), quality) if quality else np.asarray(drawing())
    [face] = check_picture(picture).faces
    assert (face.verdict, face.reason, face.judged) == ("uncertain", reasons.DRAWING, False)
    assert flat_share(face.crop) > DRAWN + 0.05


CHANGES = {
    "nothing": lambda face: face,
    "dark": lambda face: np.uint8(face * 0.15),
    "pale": lambda face: np.uint8(255 - (255 - face) * 0.3),
    "coarse": lambda face: saved(Image.fromarray(face), 10),
    "soft": lambda face: cv2.GaussianBlur(face, (0, 0), 4),
}


@pytest.mark.parametrize("change", CHANGES)
def test_what_photographs_go_through_does_not_make_them_drawings(change):
    astronaut = skimage.data.astronaut()
    faces = [expert_crop(astronaut, find_faces(astronaut)[0].points)]
    faces += [np.asarray(p.resize((SIDE, SIDE))) for p in generate("dcgan", 3, 5)]
    assert max(flat_share(CHANGES[change](face)) for face in faces) < DRAWN - 0.05
