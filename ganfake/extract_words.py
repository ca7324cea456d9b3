"""What was extracted for the swap, in words and as a contact sheet."""

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

ENOUGH = 100  # faces from which a person is learned well
_COUNTABLE = 20  # faces, with fewer of which counting directions means little
_NOSE = 0.6  # how far the nose stands out, in distances between the eyes
_TURNED = 12.0  # degrees from which a face looks to a side
_FEW = 0.08  # of the faces, under which one side has too few
_TILTED = 0.46, 0.66  # of the way from the eyes to the mouth, where the nose is in level faces
_COLUMNS, _ROWS = 10, 2  # of the sheet, for each person
_TILE, _TITLE, _GAP = 80, 24, 4  # pixels
_GROUND, _INK = 246, (30, 34, 42)


def yaw(points: np.ndarray) -> np.ndarray:
    """Degrees by which faces with landmarks (N, 5, 2) look to the right of the picture.

    A rough estimate: how far the nose is from between the eyes, if it stands out by 0.6
    of the distance between them.
    """
    eyes = points[:, 1] - points[:, 0]
    apart = np.maximum(np.linalg.norm(eyes, axis=1), 1e-6)
    from_middle = points[:, 2] - (points[:, 0] + points[:, 1]) / 2
    aside = (from_middle * eyes).sum(1) / apart**2
    return np.degrees(np.arctan(aside / _NOSE))


def tilt(points: np.ndarray) -> np.ndarray:
    """Where the nose is on the way from the eyes (0) to the mouth (1): smaller is looking up."""
    eyes, mouth = points[:, :2].mean(1), points[:, 3:].mean(1)
    down = mouth - eyes
    length = np.maximum((down**2).sum(1), 1e-6)
    return ((points[:, 2] - eyes) * down).sum(1) / length


def report(
    points: dict[str, np.ndarray], dropped: dict[str, int], failed: list[str], full: bool
) -> list[str]:
    """Sentences on who was kept, what is missing of each, and what was dropped and why.

    points: person -> landmarks (N, 5, 2). failed: a sentence on each file that could not be
    read. full: whether the limit of faces was reached.
    """
    said = []
    for name, marks in points.items():
        said.append(_kept(name, marks))
        said += [f"{name}: {wish}" for wish in _wishes(marks)]
    if dropped:
        falling = sorted(dropped.items(), key=lambda item: -item[1])
        said.append("Dropped: " + ", ".join(f"{count} {why}" for why, count in falling) + ".")
    if full:
        said.append("There are more faces than can be used; the rest was not looked at.")
    return said + [f"Not read: {sentence}" for sentence in failed]


def _kept(name: str, marks: np.ndarray) -> str:
    left, ahead, right = _sides(marks)
    faces = "face" if len(marks) == 1 else "faces"
    return (
        f"{name}: {len(marks)} {faces} kept, {left} looking left, {ahead} straight ahead,"
        f" {right} right."
    )


def _sides(marks: np.ndarray) -> tuple[int, int, int]:
    angles = yaw(marks)
    left, right = int((angles < -_TURNED).sum()), int((angles > _TURNED).sum())
    return left, len(marks) - left - right, right


def _wishes(marks: np.ndarray) -> list[str]:
    """What would make a better person, at most one sentence for each direction."""
    left, ahead, right = _sides(marks)
    least = _FEW * len(marks)
    wishes = []
    if len(marks) < ENOUGH:
        wishes.append(f"{len(marks)} of at least {ENOUGH} faces; add a longer clip.")
    if len(marks) < _COUNTABLE:
        return wishes
    for count, where in ((left, "left"), (ahead, "straight ahead"), (right, "right")):
        if count < least:
            wishes.append(f"too few looking {where}; turn the head that way while filming.")
    nose = tilt(marks)
    for count, where in (((nose < _TILTED[0]).sum(), "up"), ((nose > _TILTED[1]).sum(), "down")):
        if count < least / 4:
            wishes.append(f"hardly any looking {where}.")
    return wishes


# -- the contact sheet ---------------------------------------------------------------
def contact_sheet(faces: dict[str, np.ndarray], dropped: dict[str, list[np.ndarray]]) -> np.ndarray:
    """Some faces of each person, then some of those dropped by reason, (H, W, 3) uint8."""
    strips = []
    for name, crops in faces.items():
        chosen = np.linspace(0, len(crops) - 1, min(len(crops), _COLUMNS * _ROWS)).round()
        strips.append(_strip(f"{name}: {len(crops)} kept", crops[chosen.astype(int)]))
    for reason, crops in dropped.items():
        strips.append(_strip(f"dropped: {reason}", np.stack(crops[:_COLUMNS])))
    return np.concatenate(strips)


def _strip(title: str, crops: np.ndarray) -> np.ndarray:
    """A title and rows of small faces."""
    rows = -(-len(crops) // _COLUMNS)
    pitch = _TILE + _GAP
    size = (rows * pitch + _TITLE + _GAP, _COLUMNS * pitch + _GAP, 3)
    picture = Image.fromarray(np.full(size, _GROUND, np.uint8))
    font = ImageFont.load_default(15)
    ImageDraw.Draw(picture).text((_GAP + 2, _TITLE / 2 + 2), title, _INK, font, "lm")
    sheet = np.array(picture)
    for number, crop in enumerate(crops):
        y = _TITLE + _GAP + number // _COLUMNS * pitch
        x = _GAP + number % _COLUMNS * pitch
        small = cv2.resize(crop, (_TILE, _TILE), interpolation=cv2.INTER_AREA)
        sheet[y : y + _TILE, x : x + _TILE] = small
    return sheet
