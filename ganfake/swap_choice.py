"""The faces of a clip among which one chooses, the same on the page and by number."""

import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass

import numpy as np

from ganfake import UserError
from ganfake.clip_io import Footage, Shot
from ganfake.faces import Face
from ganfake.swap import candidates, too_few
from ganfake.tracks import Place

NONE_TO_CHOOSE = "No face to choose was found in this clip; leave the choice out."
_STEP, _WIDEST = 0.5, 4.0  # seconds from the first look to the second, and between late ones
_LOOKS = 8  # a clip shorter than so many steps has shorter ones


@dataclass(frozen=True, eq=False)
class Offer:
    """Faces of one frame, left to right. seconds: its time; picture: (H, W, 3) uint8."""

    seconds: float
    picture: np.ndarray
    faces: list[Face]

    def place(self, index: int) -> Place:
        """What tells a face of the offer from all others of the clip."""
        height, width = self.picture.shape[:2]
        box = np.array(self.faces[index].box) / [width, height, width, height]
        return Place(self.seconds, tuple(box.tolist()))


def offered(content: bytes, patience: float = float("inf")) -> Offer | None:
    """The faces of the first frame looked at that shows any; None where none does in time.

    Frames are looked at half a second after the start, then ever more seldom, down to each
    fourth second. patience: in seconds, after which there is no offer. UserError as Footage.
    """
    begun = time.monotonic()
    with Footage(content) as footage, closing(_looked_at(footage)) as shots:
        for shot in shots:
            if time.monotonic() - begun > patience:
                return None
            if shot is not None and (faces := candidates(shot.picture)):
                return Offer(shot.seconds, shot.picture, faces)
    return None


def place_of(content: bytes, number: int) -> Place:
    """The place of a face of a clip by its number in the offer; UserError where it has none."""
    offer = offered(content)
    if offer is None:
        raise UserError(NONE_TO_CHOOSE)
    if number >= len(offer.faces):
        raise UserError(too_few(len(offer.faces)))
    return offer.place(number)


def _looked_at(footage: Footage) -> Iterator[Shot | None]:
    """The frames in which faces are looked for, None for each of the others."""
    step = min(_STEP, footage.length / _LOOKS) if footage.length > 0 else _STEP
    due = 0.0
    with closing(footage.shots()) as shots:
        for shot in shots:
            if shot.seconds < due:
                yield None
                continue
            due = shot.seconds + min(max(step, shot.seconds), _WIDEST)
            yield shot
