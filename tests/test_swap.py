"""A face swapped in a picture: the chosen one, nothing else, with every mark on the file."""

import io

import cv2
import numpy as np
import pytest
import skimage.data
from PIL import Image

from ganfake import UserError, marks, provenance, swap
from ganfake.images import open_picture
from ganfake.swap import CONSENT, SwapOptions, candidates, swap_file, swap_picture
from tests.filming import head, scene
from tests.swapping import PERSON, becoming, greenness

pytestmark = pytest.mark.usefixtures("becoming")
ASTRONAUT = skimage.data.astronaut()
PLAIN = SwapOptions(colour="none")  # so that the swapped face is green


@pytest.fixture(scope="module")
def two() -> np.ndarray:
    """A small head on the left, a large one on the right."""
    return scene((head(0.7), 10, 120), (head(), 300, 60))


def file_of(picture: np.ndarray, kind: str = "PNG", **options) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(picture).save(buffer, kind, **options)
    return buffer.getvalue()


def opened(content: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(content)).convert("RGB"))


def part(picture: np.ndarray, face) -> np.ndarray:
    """The middle of a face."""
    (x, y), radius = face.points[2].round().astype(int), max(2, int(face.eye_distance / 4))
    return picture[max(0, y - radius) : y + radius, max(0, x - radius) : x + radius]


def test_the_face_changes_and_nothing_else():
    made = swap_picture(ASTRONAUT, PERSON, PLAIN)
    [face] = made.faces
    assert made.chosen == 0 and made.picture.shape == ASTRONAUT.shape
    assert greenness(part(made.picture, face)) > 60 > greenness(part(ASTRONAUT, face))
    x0, y0, x1, y1 = (round(v) for v in face.box)
    rest = made.picture.copy()
    rest[y0 - 20 : y1 + 20, x0 - 20 : x1 + 20] = ASTRONAUT[y0 - 20 : y1 + 20, x0 - 20 : x1 + 20]
    assert (rest == ASTRONAUT).all()


def test_each_stage_can_be_looked_at():
    stages = dict(swap_picture(ASTRONAUT, PERSON, PLAIN).stages)
    assert list(stages) == ["found", "aligned", "encoded", "decoded", "masked", "blended"]
    assert all(s.dtype == np.uint8 and s.ndim == 3 and s.shape[2] == 3 for s in stages.values())
    middle = np.s_[60:76, 56:72]
    assert greenness(stages["decoded"]) > 60 and greenness(stages["blended"][middle]) > 60
    assert (stages["masked"][0] == 128).all() and greenness(stages["masked"][middle]) > 60
    assert greenness(stages["aligned"]) < 20
    assert np.abs(stages["blended"][:10].astype(int) - stages["aligned"][:10]).mean() < 1


def test_colours_come_from_the_picture():
    plain = swap_picture(ASTRONAUT, PERSON, PLAIN)
    matched = swap_picture(ASTRONAUT, PERSON, SwapOptions(colour="reinhard"))
    seen = [greenness(part(p.picture, plain.faces[0])) for p in (plain, matched)]
    assert seen[0] > 60 and seen[1] < 0


@pytest.mark.parametrize(("wanted", "chosen"), [(None, 1), (0, 0), (1, 1)])
def test_which_of_two_faces(two, wanted, chosen):
    assert [face.centre[0] < 250 for face in candidates(two)] == [True, False]
    made = swap_picture(two, PERSON, SwapOptions(colour="none", face=wanted))
    assert made.chosen == chosen
    seen = [greenness(part(made.picture, face)) > 60 for face in made.faces]
    assert seen == [chosen == 0, chosen == 1]


def test_faces_that_are_not_there(two):
    with pytest.raises(UserError, match="There are 2 faces; choose 0, the leftmost, to 1."):
        swap_picture(two, PERSON, SwapOptions(face=2))
    with pytest.raises(UserError, match="one face only"):
        swap_picture(ASTRONAUT, PERSON, SwapOptions(face=1))
    with pytest.raises(UserError, match="No face was found"):
        swap_picture(np.full((200, 300, 3), 120, np.uint8), PERSON)


def test_a_face_at_the_edge():
    face = candidates(ASTRONAUT)[0]
    cut = ASTRONAUT[:, round(face.points[0, 0]) - 6 :]  # right beside the left eye
    made = swap_picture(cut, PERSON, PLAIN)
    assert made.picture.shape == cut.shape
    assert greenness(part(made.picture, made.faces[made.chosen])) > 40


def test_sunglasses_and_a_half_turned_face():
    eyes = candidates(ASTRONAUT)[0].points[:2]
    dark = ASTRONAUT.copy()
    for x, y in eyes.round().astype(int).tolist():
        cv2.ellipse(dark, (x, y), (14, 9), 0, 0, 360, (15, 15, 15), -1, cv2.LINE_AA)
    cv2.line(dark, *eyes.round().astype(int).tolist(), (15, 15, 15), 3)
    narrow = cv2.resize(ASTRONAUT[:260, 80:400], (150, 260))  # eyes come together as if turned
    for picture in (dark, scene((narrow, 200, 50))):
        made = swap_picture(picture, PERSON, PLAIN)
        assert greenness(part(made.picture, made.faces[0])) > 40


@pytest.mark.parametrize(
    "values",
    [{"mask": "hair"}, {"colour": ""}, {"blend": "magic"}, {"corner": "middle"}, {"face": -1},
     {"face": True}, {"feather": float("nan")}, {"feather": 0.5}, {"feather": -0.1},
     {"smoothing": -1}, {"smoothing": float("nan")}],
)  # fmt: skip
def test_options_out_of_range(values):
    with pytest.raises(UserError):
        SwapOptions(**values)


@pytest.mark.parametrize(
    ("kind", "result"), [("PNG", "PNG"), ("BMP", "PNG"), ("JPEG", "JPEG"), ("WEBP", "JPEG")]
)
def test_the_file_carries_every_mark(kind, result):
    content = swap_file(file_of(ASTRONAUT, kind), PERSON, PLAIN, CONSENT)
    picture = Image.open(io.BytesIO(content))
    assert (picture.format, picture.size) == (result, (512, 512))
    mark = provenance.read(content)
    assert mark.source_type == "compositeWithTrainedAlgorithmicMedia" and mark.is_ai
    assert mark.model == "swap"
    assert marks.find(opened(content)).found
    packet = picture.info["xmp"].decode()
    assert CONSENT in packet and "drawn &lt;b&gt;" in packet


@pytest.mark.parametrize("corner", marks.CORNERS)
def test_the_visible_mark_stands_where_it_was_put(corner):
    made = opened(swap_file(file_of(ASTRONAUT), PERSON, SwapOptions(corner=corner), CONSENT))
    change = cv2.absdiff(made, ASTRONAUT).astype(float)
    down, across = (np.s_[:40] if "top" in corner else np.s_[-40:]), corner.split()[1]
    sides = {"left": change[down, :150].mean(), "right": change[down, -150:].mean()}
    assert sides[across] > 5 + max(v for k, v in sides.items() if k != across)


@pytest.mark.parametrize("consent", ["", "yes", CONSENT.lower(), CONSENT[:-1]])
def test_no_swap_without_the_statement(consent):
    with pytest.raises(UserError, match="agree to this statement"):
        swap_file(file_of(ASTRONAUT), PERSON, PLAIN, consent)


@pytest.mark.parametrize("content", [b"", b"hello", file_of(ASTRONAUT)[:900]])
def test_files_that_are_no_pictures(content):
    with pytest.raises(UserError):
        swap_file(content, PERSON, PLAIN, CONSENT)


def test_a_huge_picture_is_made_smaller():
    huge = cv2.resize(ASTRONAUT[:200, :400], (5000, 2500), interpolation=cv2.INTER_LINEAR)
    content = file_of(huge, "JPEG", quality=60)
    made = opened(swap_file(content, PERSON, PLAIN, CONSENT))
    assert made.shape == (2048, 4096, 3)
    [face] = candidates(np.asarray(open_picture(content)))
    assert greenness(part(made, face)) > 40


def test_many_frames_at_once_are_those_one_by_one():
    pictures = [ASTRONAUT, ASTRONAUT[:, ::-1].copy()]
    points = [candidates(picture)[0].points for picture in pictures]
    together = swap.swap_frames(pictures, points, PERSON, PLAIN)
    for picture, made in zip(pictures, together, strict=True):
        assert (made == swap_picture(picture, PERSON, PLAIN).picture).all()
