"""What gives fakes away: pictures that our own network made, a photograph, and both amplified.

Seeds were chosen by looking at 120 faces of `portrait`; each sentence says what that picture
shows, and tests/test_lesson.py measures it where it can be measured.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import cv2
import numpy as np
import skimage.data

from ganfake import amplify
from ganfake.faces import align_face, search_faces
from ganfake.generate import Face, render

MODEL, TRUNCATION = "portrait", 0.9
SIDE = 128  # pixels of `portrait` and of the photograph beside it
WIDTH = 384  # to which a part is enlarged
Box = tuple[float, float, float, float]  # left, top, right, bottom as shares of the side
_WHOLE: Box = (0.0, 0.0, 1.0, 1.0)


@dataclass(frozen=True)
class Clue:
    """One thing to look at.

    look: what in general; here: what is to be seen in this fake; photograph: what the
    photograph beside it shows; amplified: what was done to both. start: the share in percent
    that is shown as it is at first.
    """

    name: str
    title: str
    look: str
    here: str
    photograph: str
    amplified: str
    seed: int
    box: Box
    amplify: Callable[[np.ndarray], np.ndarray]
    photograph_box: Box | None = None
    start: int = 50

    @property
    def face(self) -> Face:
        """The face that it is shown on."""
        return Face(MODEL, self.seed, TRUNCATION)


@dataclass(frozen=True, eq=False)
class Shown:
    """Four pictures (H, 384, 3) uint8, two of each height: the fake and the photograph."""

    fake: np.ndarray
    fake_amplified: np.ndarray
    real: np.ndarray
    real_amplified: np.ndarray


_CONTRAST = "Amplified: local contrast."
CLUES = (
    Clue(
        "eyes",
        "Eyes",
        "Two eyes of one person have the same colour, look the same way and carry the same"
        " small reflections.",
        "Here the eye on the left is a blue blur without a pupil. The one on the right is dark, has"
        " a bright reflection, and its corner runs out in red.",
        "In the photograph both eyes have the same colour, the same lids and the same light.",
        _CONTRAST,
        67,
        (0.27, 0.34, 0.75, 0.58),
        amplify.local_contrast,
    ),
    Clue(
        "teeth",
        "Teeth",
        "Count the teeth: in a sharp picture each one has its edges, and their middle lies under"
        " the nose.",
        "Here they are one white bar, and a corner of the mouth runs on into the cheek. Our"
        " networks have too few pixels for single teeth; better ones draw too many.",
        "In the photograph single teeth can just be told apart, and the lips end where the mouth"
        " ends.",
        _CONTRAST,
        111,
        (0.3, 0.6, 0.72, 0.82),
        amplify.local_contrast,
    ),
    Clue(
        "ears",
        "Ears and earrings",
        "An ear has folds and an outline. An earring hangs from it, and the other one is its pair.",
        "Here a white patch melts into the cheek where the ear should be, and a black spot hangs"
        " below it from nothing.",
        "In the photograph the lobe has an outline against what is behind it, and no earring.",
        _CONTRAST,
        68,
        (0.56, 0.4, 0.96, 0.82),
        amplify.local_contrast,
    ),
    Clue(
        "hair",
        "Hair against background",
        "Look at the border: hair is made of strands, and the background goes on behind them.",
        "Here the hair is not made of strands: it falls apart into rows of dots, all at the same"
        " distance.",
        "In the photograph the hair is made of strands, and the background is calm right up to"
        " them.",
        "Amplified: fine detail, six times as strong.",
        10,
        (0.55, 0.55, 1.0, 1.0),
        amplify.fine_detail,
        (0.55, 0.04, 1.0, 0.49),
    ),
    Clue(
        "symmetry",
        "Symmetry",
        "No face is the same on both sides. But both halves belong to one person: eyes, brows and"
        " skin are of one kind.",
        "Here the eye on the right has a lid and a brow; the one on the left is a red spot in"
        " brown skin.",
        "The photograph stays nearly the same face when left and right are exchanged.",
        "Amplified: left and right exchanged, with more local contrast. With the slider in the"
        " middle the right half stands there twice.",
        54,
        (0.35, 0.3, 0.81, 0.7),
        amplify.mirrored,
        (0.28, 0.3, 0.74, 0.7),
        100,
    ),
    Clue(
        "texture",
        "Texture",
        "A network enlarges a small picture step by step. What it puts in between often repeats"
        " itself.",
        "Here a weave of small dots covers hair and background alike.",
        "In the photograph hair has its own texture, and the background has none.",
        "Amplified: fine detail, six times as strong.",
        79,
        _WHOLE,
        amplify.fine_detail,
    ),
    Clue(
        "light",
        "Light",
        "Light comes from somewhere: it colours a whole side of a face, and its shadows fit each"
        " other.",
        "Here one cheek has a purple patch, and there is no lamp that could have made it.",
        "In the photograph the skin has one colour that gets lighter and darker.",
        "Amplified: colours, three times as strong.",
        28,
        _WHOLE,
        amplify.strong_colours,
    ),
)


@cache
def photograph() -> np.ndarray:
    """Eileen Collins by NASA, in the public domain, framed like a made face: (128, 128, 3)."""
    whole = skimage.data.astronaut()
    return align_face(whole, search_faces(whole)[0], SIDE)


def show(clue: Clue) -> Shown:
    """The pictures of a clue, made anew; the same every time."""
    fake = np.asarray(render([clue.face])[0])
    return Shown(
        *_pair(fake, clue.box, clue.amplify),
        *_pair(photograph(), clue.photograph_box or clue.box, clue.amplify),
    )


def _pair(picture: np.ndarray, box: Box, act: Callable) -> tuple[np.ndarray, np.ndarray]:
    """A part of a picture as it is and amplified, both enlarged.

    Pixels are amplified before they are enlarged, so that enlarging adds nothing to see.
    """
    left, top, right, bottom = (round(share * SIDE) for share in box)
    part = np.ascontiguousarray(picture[top:bottom, left:right])
    return _enlarged(part), _enlarged(act(part))


def _enlarged(part: np.ndarray) -> np.ndarray:
    height, width = part.shape[:2]
    size = (WIDTH, round(WIDTH * height / width))
    return cv2.resize(part, size, interpolation=cv2.INTER_CUBIC)
