"""A picture or a clip to its swap, as the tab is told of it: one's place, the share, the result."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ganfake import UserError, provenance
from ganfake.clip_io import Footage
from ganfake.containers import is_video
from ganfake.images import open_picture
from ganfake.left_out import loss_notes
from ganfake.marks import CORNERS
from ganfake.persons import Person
from ganfake.remake import tells_how
from ganfake.swap import (
    BLENDS,
    COLOURS,
    CONSENT,
    MASKS,
    SwapOptions,
    finished,
    kind_for,
    source_notes,
    swap_picture,
)
from ganfake.swap_video import swap_video
from ganfake.tracks import Place
from ganfake.ui import swap_view as view
from ganfake.ui.calls import read_wish
from ganfake.ui.progress import told
from ganfake.ui.swap_visitors import visitors
from ganfake.ui.turns import Turns, in_turn
from ganfake.ui.uploads import Upload, Uploads
from ganfake.writing import unfinished

CHOICES = {"mask": MASKS, "colour": COLOURS, "blend": BLENDS, "corner": CORNERS}
_LATE = "The swap took too long; try a smaller file."
_NO_PLACE = "A face of a clip is a moment and a box in its frame; choose the face again."
_MOST_FACES = 64
_MOST_PIXELS = 122 * 30 * 1920 * 1088  # of all frames together
_TOO_MUCH = (
    "This page takes clips of up to two minutes at 1920 × 1080 and 30 frames a second; make it"
    " shorter or smaller."
)

uploads = Uploads()
# A picture takes a second, a clip minutes: nobody with a picture waits behind clips.
pictures, clips = Turns(), Turns()


@dataclass(frozen=True)
class Result:
    """A finished, marked file; it stays in memory with the upload that it was made of."""

    name: str
    kind: str  # MIME type
    content: bytes
    note: str  # what was left out, in sentences
    gives_way = True  # to others' files, when nobody fetches it

    @property
    def held(self) -> int:
        """Bytes, as uploads count them."""
        return len(self.content)


def check_work(content: bytes) -> None:
    """UserError for a clip of more pixels than the page decodes for one visitor."""
    if is_video(content):
        with Footage(content) as footage:
            if footage.pixels() > _MOST_PIXELS:
                raise UserError(_TOO_MUCH)


def swap_lines(wish: str, session: str = "") -> Iterator[str]:
    """Swap a file that has come and tell of it in JSON lines: {"place"}, {"done"}, {"swapped"}.

    wish: {"number", "token", "person", "consent", "options"}; every line has its number. A
    mistake is {"error"}. When the iterator is closed, a clip is left at its next frame.
    """
    number = None
    try:
        number, said = read_wish(wish)
        token = said.get("token")
        file = uploads.whole(token)
        file.session = session
        if said.get("consent") != CONSENT:
            raise UserError("Agree to the statement first; it stands before every swap.")
        person, options = visitors.person(said.get("person")), read_options(said.get("options"))
        check_work(file.content)
        line = clips if is_video(file.content) else pictures
        work = _swapped(token, file, person, options)
        for word in in_turn(line, work, session, "swap"):
            uploads.get(token)  # while somebody waits it is not forgotten; once gone, no swap
            visitors.touch(session, said.get("person"))
            yield json.dumps({"number": number, **word})
    except UserError as error:
        yield json.dumps({"number": number, "error": str(error)})


def read_options(given: object) -> SwapOptions:
    """What the script or a program chose, each a name of those on offer; UserError else."""
    given = {} if given is None else given
    if not isinstance(given, dict):
        raise UserError("Options are a few names, each with a value.")
    chosen = {}
    for name, choices in CHOICES.items():
        if (value := given.get(name)) in (None, ""):
            continue
        if value not in choices:
            raise UserError(f"The {name} is one of: {', '.join(choices)}.")
        chosen[name] = value
    face = given.get("face")
    if face is not None and (
        isinstance(face, bool) or not isinstance(face, int) or not 0 <= face < _MOST_FACES
    ):
        raise UserError("A face is a whole number, 0 for the one on the left; choose another.")
    return SwapOptions(**chosen, face=face, place=_read_place(given.get("place")))


def _read_place(given: object) -> Place | None:
    """Where the chosen face of a clip is, as `look` said it; UserError for other things."""
    if given is None:
        return None
    said = given if isinstance(given, dict) else {}
    box = said.get("box")
    numbers = [said.get("seconds"), *(box if isinstance(box, list) else [])]
    if len(numbers) != 5 or not all(type(n) in (int, float) and 0 <= n < 1e4 for n in numbers):
        raise UserError(_NO_PLACE)
    seconds, x0, y0, x1, y1 = map(float, numbers)
    if not (x0 < x1 <= 1 and y0 < y1 <= 1):
        raise UserError(_NO_PLACE)
    return Place(seconds, (x0, y0, x1, y1))


def _swapped(token: object, file: Upload, person: Person, options: SwapOptions) -> Iterator[dict]:
    """{"done"} as a thread works, then {"swapped"}; the upload's `found` is the result."""
    swap = _clip if is_video(file.content) else _picture

    def act(tell) -> dict:
        def heard(share: float) -> None:
            uploads.get(token)  # raises once the page is left, which ends the work
            tell(share)

        result, stages = swap(file, person, options, heard)
        uploads.keep(token, result)
        facts = {"name": result.name, "kind": result.kind, "size": len(result.content)}
        facts["note"] = result.note
        facts["ours"] = swap is _picture and tells_how(result.content)  # tomorrow's quiz takes it
        return {**facts, "stages": stages, "clip": swap is _clip}

    yield {"done": 0}
    for share, swapped in told(act, "swap", _LATE):
        yield {"done": round(share, 3)} if swapped is None else {"swapped": swapped}


def _picture(file: Upload, person: Person, options: SwapOptions, _tell) -> tuple[Result, list]:
    """The result, and its stages for the script."""
    mark = provenance.read(file.content)
    swapped = swap_picture(np.asarray(open_picture(file.content)), person, options)
    kind = kind_for(file.content)
    said = source_notes(file.content) | loss_notes(file.content)
    content = finished(swapped, person, options, kind, said)
    end, note = kind.lower(), said.get("left_out", "")
    result = Result(_name(file, person, end.replace("jpeg", "jpg")), f"image/{end}", content, note)
    return result, view.stage_views(swapped.stages, person, mark)


def _clip(file: Upload, person: Person, options: SwapOptions, tell) -> tuple[Result, list]:
    """The result, and no stages."""
    # The one file that is written: its container needs a second look, and it is gone at once.
    with unfinished() as folder:
        target = Path(folder) / "swapped.mp4"
        note = swap_video(file.content, person, target, options, CONSENT, tell).note
        return Result(_name(file, person, "mp4"), "video/mp4", target.read_bytes(), note), []


def _name(file: Upload, person: Person, end: str) -> str:
    who = "".join(c for c in person.name if c.isalnum() or c in "-_") or "person"
    return f"{file.name.rsplit('.', 1)[0] or 'picture'}-as-{who}.{end}"
