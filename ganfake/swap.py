"""Swap a face in a picture: find, align, decode as another person, colour, mask, blend, mark.

The last stage of the deepfake pipeline of 2017; `persons` holds the networks, `blending` the
pixels, `swap_video` the same for clips.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import cv2
import numpy as np
from PIL import Image

from ganfake import UserError, blending, marks, persons, provenance, tracks
from ganfake.blending import BLENDS, COLOURS, MASKS
from ganfake.faces import TEMPLATE, Face, align
from ganfake.images import open_header, open_picture
from ganfake.left_out import loss_notes
from ganfake.sideways import search_any_way_up

CONSENT = (
    "I have the consent of everyone whose face is in this picture or clip, "
    "and I will not use the result to deceive."
)
NO_FACE = "No face was found in the picture; use one in which a face looks towards the camera."
SOURCE_TYPE = "compositeWithTrainedAlgorithmicMedia"
_LOSSLESS = ("PNG", "GIF", "BMP", "TIFF")  # results of these are PNG, of the others JPEG
_LOOKS = ("mask", "colour", "blend", "feather", "corner")
_LONGEST = 40  # characters of a note's name: swaps of swaps add to them
_SHOWN = 512  # pixels of the long side of a stage's picture


@dataclass(frozen=True)
class SwapOptions:
    """How a face is put back; UserError for values out of range.

    mask, colour, blend: of MASKS, COLOURS and BLENDS. feather: width of the mask's soft edge
    as a share of the aligned crop's side, 0 to 0.3. corner: where the visible mark stands, of
    marks.CORNERS. face: which face, 0 is the leftmost; None is the largest. place: of the face
    in a clip, instead of its number. smoothing: of the landmarks of a clip, in seconds, 0 to
    1; 0 leaves it out.
    """

    mask: str = MASKS[0]
    colour: str = COLOURS[0]
    blend: str = BLENDS[0]
    feather: float = 0.04
    corner: str = marks.CORNERS[0]
    face: int | None = None
    place: tracks.Place | None = None
    smoothing: float = tracks.SPREAD

    def __post_init__(self):
        for name, known in (
            ("mask", MASKS), ("colour", COLOURS), ("blend", BLENDS), ("corner", marks.CORNERS),
        ):  # fmt: skip
            if getattr(self, name) not in known:
                raise UserError(f"Choose as {name} one of: {', '.join(known)}.")
        if not 0 <= self.feather <= blending.MAX_FEATHER:  # refuses NaN as well
            raise UserError(f"The feather goes from 0 to {blending.MAX_FEATHER:g}.")
        if not 0 <= self.smoothing <= 1:
            raise UserError("Smoothing goes from 0 to 1 second.")
        if self.face is not None and (isinstance(self.face, bool) or self.face < 0):
            raise UserError("Faces are counted from the left, the leftmost is 0.")


DEFAULTS = SwapOptions()


@dataclass(frozen=True, eq=False)
class Swapped:
    """A picture with one face swapped, and how it came about.

    picture: (H, W, 3) uint8, not marked yet. faces: all that were found, left to right;
    chosen: the one that was swapped. stages: (name, (H, W, 3) uint8) for "found", "aligned",
    "encoded", "decoded", "masked", "blended".
    """

    picture: np.ndarray
    faces: list[Face]
    chosen: int
    stages: list[tuple[str, np.ndarray]]


@dataclass(frozen=True, eq=False)
class _Work:
    """What becomes of one face: crops (S, S, 3) uint8, the mask (S, S) from 0 to 1."""

    crop: np.ndarray
    decoded: np.ndarray
    coloured: np.ndarray
    mask: np.ndarray
    picture: np.ndarray


def candidates(picture: np.ndarray) -> list[Face]:
    """The faces of a picture (H, W, 3) uint8 that one may choose among, left to right."""
    return sorted(search_any_way_up(picture), key=lambda face: face.centre[0])


def swap_picture(
    picture: np.ndarray, person: persons.Person, options: SwapOptions = DEFAULTS
) -> Swapped:
    """Swap one face of a picture (H, W, 3) uint8; UserError where there is none to swap."""
    faces = candidates(picture)
    chosen = choose(faces, options.face)
    points = faces[chosen].points
    [work] = _swapped([picture], [points], person, options)
    stages = [
        ("found", _found(picture, faces, chosen)),
        ("aligned", work.crop),
        ("encoded", persons.code_picture(work.crop)),
        ("decoded", work.decoded),
        ("masked", _masked(work.coloured, work.mask)),
        ("blended", align(work.picture, points, TEMPLATE, persons.SIDE)),
    ]
    return Swapped(work.picture, faces, chosen, stages)


def choose(faces: list[Face], wanted: int | None) -> int:
    """The index of the face that was asked for, of the largest without a wish."""
    if not faces:
        raise UserError(NO_FACE)
    if wanted is None:
        return max(range(len(faces)), key=lambda index: faces[index].area)
    if wanted >= len(faces):
        raise UserError(too_few(len(faces)))
    return wanted


def too_few(count: int) -> str:
    """The sentence for a face that is not there."""
    if count == 1:
        return "There is one face only; choose 0, or leave the choice out."
    return f"There are {count} faces; choose 0, the leftmost, to {count - 1}."


def swap_frames(
    pictures: Sequence[np.ndarray],
    landmarks: Sequence[np.ndarray],
    person: persons.Person,
    options: SwapOptions,
    each: Callable = map,
) -> list[np.ndarray]:
    """Pictures (H, W, 3) uint8 with the faces at landmarks (5, 2) swapped, decoded together.

    each: what applies a function to all of them, such as a pool's map.
    """
    return [work.picture for work in _swapped(pictures, landmarks, person, options, each)]


def swap_file(
    content: bytes, person: persons.Person, options: SwapOptions = DEFAULTS, consent: str = ""
) -> bytes:
    """Swap one face of a picture file: a finished PNG or JPEG with all the marks.

    PNG comes of formats without loss, JPEG of the others. The file says in XMP that it is a
    composite with AI, as whom, the statement of consent, and what was left out. Raises
    UserError when consent is not CONSENT, the file is no picture or over the limits, or shows
    no face.
    """
    check_consent(consent)
    swapped = swap_picture(np.asarray(open_picture(content)), person, options)
    said = source_notes(content) | loss_notes(content)
    return finished(swapped, person, options, kind_for(content), said)


def kind_for(content: bytes) -> str:
    """The format of the result for a picture file: "PNG" for one without loss, else "JPEG"."""
    return "PNG" if open_header(content).format in _LOSSLESS else "JPEG"


def finished(
    swapped: Swapped, person: persons.Person, options: SwapOptions, kind: str, source: dict
) -> bytes:
    """A swapped picture as a file with all the marks, for those who gave their consent.

    kind: "PNG" or "JPEG". source: what `source_notes` and `loss_notes` say of the one before.
    """
    made = Image.fromarray(marks.stamp(swapped.picture, options.corner))
    how = {name: getattr(options, name) for name in _LOOKS} | {"face": swapped.chosen}
    extra = notes(person) | how | source
    return provenance.encode(made, kind, SOURCE_TYPE, model="swap", extra=extra)


def check_consent(consent: str) -> None:
    """UserError without the statement, word for word."""
    if consent != CONSENT:
        raise UserError(f"Before a swap, agree to this statement: “{CONSENT}”")


def notes(person: persons.Person) -> dict[str, str]:
    """What a result's file says of who the face became; a made one is told as `person_...`."""
    made = {f"person_{name}": str(value) for name, value in person.made.items()}
    return {"person": person.name, "consent": CONSENT, **made}


def source_notes(content: bytes) -> dict[str, str]:
    """What a result says of a source that says it is AI-made itself: its notes, as `source_...`.

    content: the picture or clip before the swap. {} for one that does not say so.
    """
    try:
        mark, own = provenance.read(content), provenance.notes(content)
    except UserError:  # a video in another container than MP4
        return {}
    if mark is None or not mark.is_ai:
        return {}
    own.pop("consent", None)  # it was to another swap
    told = {f"source_{name}": text for name, text in own.items() if len(name) <= _LONGEST}
    return {**told, "source_type": mark.source_type}


# -- one face ------------------------------------------------------------------------
def _swapped(pictures, landmarks, person, options: SwapOptions, each: Callable = map):
    """A `_Work` for each picture, in order; the decoder sees all faces at once."""
    cut = partial(align, template=TEMPLATE, size=persons.SIDE)
    crops = list(each(cut, pictures, landmarks))
    decoded = persons.become(person, np.stack(crops))
    return each(partial(_put_back, options), pictures, landmarks, crops, decoded)


def _put_back(options: SwapOptions, picture, points, crop, decoded) -> _Work:
    place = blending.placement(points, len(crop))
    onto = np.linalg.inv(place)
    inside = (points - 0.5) @ onto[:2, :2].T + onto[:2, 2] + 0.5
    mask = blending.face_mask(inside, len(crop), options.mask, options.feather)
    # Colours are compared on the face, whatever the mask: hair and background would mislead.
    skin = blending.face_mask(inside, len(crop), "landmarks", options.feather)
    coloured = blending.match_colour(decoded, crop, skin, options.colour)
    if options.blend == "poisson":
        coloured = blending.clone(coloured, crop, mask)
    return _Work(crop, decoded, coloured, mask, blending.paste(picture, coloured, mask, place))


# -- stages to look at ---------------------------------------------------------------
def _found(picture: np.ndarray, faces: list[Face], chosen: int) -> np.ndarray:
    """The picture, small, with a frame around each face and points on the chosen one."""
    scale = min(1.0, _SHOWN / max(picture.shape[:2]))
    size = tuple(max(1, round(side * scale)) for side in picture.shape[1::-1])
    shown = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
    for number, face in enumerate(faces):
        corners = np.round(np.array(face.box) * scale).astype(int).tolist()
        colour = (255, 190, 40) if number == chosen else (200, 200, 200)
        cv2.rectangle(shown, corners[:2], corners[2:], colour, 2, cv2.LINE_AA)
    for x, y in np.round(faces[chosen].points * scale).astype(int).tolist():
        cv2.circle(shown, (x, y), 2, (255, 190, 40), -1, cv2.LINE_AA)
    return shown


def _masked(face: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """What of the decoded face is used, on a grey ground."""
    grey = np.full_like(face, 128)
    return cv2.blendLinear(face, grey, mask, 1 - mask)
