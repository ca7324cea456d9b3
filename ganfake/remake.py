"""Make a picture again from what its file says, and see whether it is that picture.

A mark is a courtesy: anyone can write one into a photograph. What our own models made can be
made again from its mark, so a picture that comes out the same is no photograph of anybody.
"""

import json
from dataclasses import asdict, dataclass

import numpy as np
import skimage.data

from ganfake import UserError, marks, provenance
from ganfake.faces import TEMPLATE, align
from ganfake.generate import Face, face_of, render
from ganfake.images import open_picture
from ganfake.models import MODELS, available
from ganfake.persons import SHIPPED, SIDE, load_person
from ganfake.still import still_person
from ganfake.swap import CONSENT, SwapOptions, swap_picture

_FAR = 8.0  # grey levels by which a file may differ on average; a JPEG of quality 75 does by 4
_NOT_OURS = (
    "Only pictures that this program made can be put in, and this file does not say so;"
    " photographs stay out."
)
_NOT_SAME = "This picture is not the one that its file tells of; make it anew and try again."
_SOMEBODY = (
    "A swap can be put in when the picture before it was made by this program's own models;"
    " whoever is in this one would have to be asked."
)
_NO_CONSENT = "This swap does not carry the statement of consent; make it in the Swap tab."
_NO_FACE = "Only faces can be put in; make one with a model of faces."


@dataclass(frozen=True, eq=False)
class Remade:
    """A face of our own models. picture: (S, S, 3) uint8, on the template, without marks.

    person: whom it was swapped to; "" for a face that was not. onto: what a made face was put
    onto, "the astronaut"; "" for one that was not.
    """

    face: Face
    picture: np.ndarray
    person: str = ""
    onto: str = ""

    def made_by(self) -> str:
        """In words: "dcgan, seed 7, mixed, swapped to man_b"."""
        words = [self.face.model, f"seed {self.face.seed}"]
        words += ["mixed"] * bool(self.face.mix_share) + ["pushed"] * bool(self.face.push)
        words += [f"swapped to {self.person}"] * bool(self.person)
        return ", ".join(words + [f"put onto {self.onto}"] * bool(self.onto))

    def recipe(self) -> str:
        """The same for the same picture."""
        return json.dumps([asdict(self.face), self.person, self.onto], sort_keys=True)


def remade(content: bytes) -> Remade:
    """A picture file of a face, made again from its mark.

    UserError, one sentence each, when the file has no mark of ours, is a swap without the
    statement of consent or of a picture that our models did not make, shows no face, or does
    not look like what its mark says. The astronaut, who ships, may have been given a made face.
    """
    notes, origin = _read(content)
    if notes.get("model") == "swap":
        made, shown = _swapped(notes, *origin)
    else:
        shown = np.asarray(render([origin[0]])[0])
        made = Remade(origin[0], shown)
    seen = np.asarray(open_picture(content))
    if seen.shape != shown.shape or np.abs(seen.astype(int) - shown).mean() > _FAR:
        raise UserError(_NOT_SAME)
    return made


def tells_how(content: bytes) -> bool:
    """Whether a file's mark tells enough to make its picture again; it may not be that picture."""
    try:
        _read(content)
    except UserError:
        return False
    return True


def _read(content: bytes) -> tuple[dict[str, str], tuple[Face, str]]:
    """A file's notes, and of them the face and the person that it was swapped to, "" for none."""
    notes, mark = provenance.notes(content), provenance.read(content)
    if mark is None or not mark.is_ai or not mark.model:
        raise UserError(_NOT_OURS)
    if mark.model != "swap":
        return notes, (_face(notes, _NOT_OURS), "")
    if notes.get("consent") != CONSENT:
        raise UserError(_NO_CONSENT)
    before, became = _notes_of(notes, "source_"), _notes_of(notes, "person_")
    if became and not before:
        return notes, (_face(became, _SOMEBODY), "")
    person = notes.get("person", "")
    if before.get("model") == "swap" or person not in SHIPPED:
        raise UserError(_SOMEBODY)
    return notes, (_face(before, _SOMEBODY), person)


def _face(notes: dict[str, str], otherwise: str) -> Face:
    """The face that notes tell of; UserError for what is none, or by none of our models."""
    if notes.get("model") not in available() or "seed" not in notes:
        raise UserError(otherwise)
    if MODELS[notes["model"]].data != "faces":
        raise UserError(_NO_FACE)
    return face_of(notes)


def _swapped(notes: dict[str, str], face: Face, person: str) -> tuple[Remade, np.ndarray]:
    """A swap made again, and how it looks with its marks."""
    options = _options(notes)
    if not person:
        source = skimage.data.astronaut()
        swapped = swap_picture(source, still_person(face), options)
        points = swapped.faces[swapped.chosen].points
        made = Remade(face, align(swapped.picture, points, TEMPLATE, SIDE), onto="the astronaut")
    else:
        source = np.asarray(render([face])[0])
        swapped = swap_picture(source, load_person(person), options)
        made = Remade(face, swapped.picture, person)
    return made, marks.stamp(swapped.picture, options.corner)


def _notes_of(notes: dict[str, str], whose: str) -> dict[str, str]:
    return {n.removeprefix(whose): text for n, text in notes.items() if n.startswith(whose)}


def _options(notes: dict[str, str]) -> SwapOptions:
    names = {name: notes[name] for name in ("mask", "colour", "blend", "corner") if name in notes}
    try:
        feather = {"feather": float(notes["feather"])} if "feather" in notes else {}
        face = int(notes["face"]) if "face" in notes else None
    except ValueError:
        raise UserError(_NOT_SAME) from None
    return SwapOptions(**names, **feather, face=face)
