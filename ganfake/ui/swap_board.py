"""What the Swap tab's script may ask of the server: plain values in, plain values out."""

import base64
import json
import re

import numpy as np

from ganfake import UserError, provenance
from ganfake.containers import is_video
from ganfake.images import open_picture
from ganfake.persons import SHIPPED, load_person, person_bytes
from ganfake.remake import remade
from ganfake.swap import CONSENT, SwapOptions, candidates
from ganfake.swap_choice import Offer, offered
from ganfake.ui import swap_view as view
from ganfake.ui.calls import guarded, turn
from ganfake.ui.check_board import example, examples
from ganfake.ui.handed import decoded
from ganfake.ui.payload import face_view
from ganfake.ui.swap_convert import CHOICES, Result, uploads
from ganfake.ui.swap_visitors import MADE, visitors
from ganfake.ui.uploads import CHUNK, file_acts

_MADE_BYTES = 4 * 2**20  # of the file of a made face
_MOST_FACES = 24  # offered in one picture
_NO_FILE = "A made face is no person to keep; save its picture in the Make tab."
_SECONDS = 5.0  # in which faces to choose among are looked for in a clip


def board_functions() -> list:
    """All that the script may call; each takes one JSON object and returns one."""
    acts = (*file_acts(uploads), house, examples, example, adopt, look, piece, stop, keep)
    return [guarded(act) for act in acts]


def house(_said: dict) -> dict:
    """Whom one may become, the statement, and what can be chosen."""
    persons, missing = [], ""
    for name in SHIPPED:
        try:
            persons.append(view.person_view(name, load_person(name)))
        except UserError as error:
            missing = str(error)
    usual = SwapOptions()
    choices = {
        name: {"all": list(values), "usual": getattr(usual, name)}
        for name, values in CHOICES.items()
    }
    return {"persons": persons, "missing": missing, "consent": CONSENT, "choices": choices}


def adopt(said: dict) -> dict:
    """A made face as somebody to become, from its file: its card."""
    with turn():
        made = remade(decoded(said.get("file"), _MADE_BYTES))
        if made.person or made.onto:
            raise UserError("This face is swapped already; take one as its model made it.")
        secret = MADE + json.dumps(face_view(made.face))
        return view.person_view(secret, visitors.person(secret))


# -- faces and results ---------------------------------------------------------------
def look(said: dict) -> dict:
    """The faces among which one chooses, left to right; of a clip those of an early frame.

    size: width and height of what the faces are in, as the server sees it.
    """
    content = uploads.whole(said.get("token")).content
    clip = is_video(content)
    with turn():
        offer = offered(content, _SECONDS) if clip else _in_picture(content)
    if not clip and not offer.faces:
        raise UserError("No face was found; choose a picture in which one can be seen from ahead.")
    try:
        mark = provenance.read(content)
    except UserError:  # a video in another container than MP4
        mark = None
    faces = offer.faces[:_MOST_FACES] if offer else []
    shown = [view.face_view(i, face, offer.picture, mark) for i, face in enumerate(faces)]
    size = offer.picture.shape[1::-1] if offer else None
    return {"clip": clip, "faces": shown, "seconds": offer.seconds if offer else 0.0, "size": size}


def _in_picture(content: bytes) -> Offer:
    picture = np.asarray(open_picture(content))
    return Offer(0.0, picture, candidates(picture))


def piece(said: dict) -> dict:
    """The next piece of a finished file, in base64, from byte `at` on."""
    result, at = uploads.whole(said.get("token")).found, said.get("at")
    if not isinstance(result, Result):
        raise UserError("There is no result yet; swap first.")
    if isinstance(at, bool) or not isinstance(at, int) or not 0 <= at < len(result.content):
        raise UserError("There is no such piece of the result; swap again.")
    return {"content": base64.b64encode(result.content[at : at + CHUNK]).decode()}


# -- a visitor's own person ----------------------------------------------------------
def stop(said: dict) -> dict:
    """Let a lesson end with the slice that goes on; the person that it made is kept."""
    visit = visitors.by_secret(said.get("visit"))
    if visit is not None:
        visit.halt()
    return {}


def keep(said: dict) -> dict:
    """A person of one's own as one file, under the name that its owner gives."""
    person = visitors.person(said.get("person"))
    if person.made:
        raise UserError(_NO_FILE)
    name = re.sub(r"[^\w-]+", "-", person.name).strip("-") or "person"
    with turn():
        content = person_bytes(person)
    return {
        "name": f"{name}.safetensors",
        "content": base64.b64encode(content).decode(),
    }
