"""What the Check tab's script may ask of the server: plain values in, plain values out."""

import base64
import io
import re
import zipfile
from dataclasses import dataclass, field
from datetime import UTC, datetime

import numpy as np
import skimage.data

from ganfake import UserError, explain
from ganfake import check_plot as plots
from ganfake import report_words as words
from ganfake.checked import Checked, CheckedFace, Clip, Person
from ganfake.experts import SIDE
from ganfake.experts.networks import to_side
from ganfake.faces import TEMPLATE
from ganfake.fileinfo import FileFacts
from ganfake.generate import Face, encode_face, render
from ganfake.images import open_picture
from ganfake.models import available
from ganfake.moving import frame_at
from ganfake.provenance import Mark
from ganfake.report import report_html, report_json
from ganfake.ui import check_view as view
from ganfake.ui.addresses import data_address, encoded, heat_address, picture_address
from ganfake.ui.calls import guarded, turn
from ganfake.ui.uploads import Uploads, file_acts
from ganfake.ui.words import read_language
from ganfake.ui.words_html import translate_html

_STILL = 1600  # pixels of the long side
_MOST_WITH_FILE = 40 * 2**20  # bytes of a file that is sent back inside the zip
_ASTRONAUT = "astronaut.png"
# Examples made on the spot: a model, and a seed whose face is worth a look.
_MADE = (("portrait", 5), ("dcgan", 7), ("cdcgan", 3))

uploads = Uploads()


@dataclass(frozen=True)
class Found:
    """All that the tab keeps of a check, until its page is left."""

    checked: Checked
    facts: FileFacts
    mark: Mark | None  # what the file says of its origin
    again: bool = False  # whether that tells how to make it again
    when: datetime = field(default_factory=lambda: datetime.now(UTC))  # it was checked
    gives_way = False  # the page asks for more of it as long as it is open

    @property
    def clip(self) -> Clip | None:
        """Of a video."""
        return self.checked.clip

    @property
    def held(self) -> int:
        """Bytes of the crops."""
        if self.clip:  # a person's own crop is the first of these
            return sum(crop.nbytes for p in self.clip.persons for _, crop in p.telling)
        return sum(face.crop.nbytes for face in self.checked.faces)


def board_functions() -> list:
    """All that the script may call; each takes one JSON object and returns one."""
    acts = (*file_acts(uploads), wait, look, still, treat, send_back, examples, example)
    return [guarded(act) for act in acts]


def wait(said: dict) -> dict:
    """A file whose page waits for a turn is not idle."""
    uploads.get(said.get("token"))
    return {}


# -- one face in detail --------------------------------------------------------------
def _found(token: object) -> tuple[bytes, Found]:
    file = uploads.whole(token)
    if file.found is None:
        raise UserError("This file has not been checked yet; wait for its verdict.")
    return file.content, file.found


def _number(given: object, below: int, what: str) -> int:
    if isinstance(given, bool) or not isinstance(given, int) or not 0 <= given < below:
        raise UserError(f"There is no such {what} in this file.")
    return given


def look(said: dict) -> dict:
    """Heat map and spectrum of one face, or of one frame of a person in a video."""
    _, found = _found(said.get("token"))
    crop = _crop(found, said)
    family = found.checked.faces[said["face"]].generator
    with turn():
        heat = explain.heat_map(crop)
        spectrum = explain.spectrum_against_real(crop, family)
    return {
        "crop": picture_address(crop, found.mark),
        "heat": heat_address(heat),
        "cold": bool(heat.max() <= 0),
        "spectrum": plots.spectrum_plot(spectrum, words.SHORT.get(family, family)),
        "spectrum_words": plots.spectrum_words(spectrum),
    }


def _face(found: Found, said: dict) -> CheckedFace:
    """The face, or the person, that `face` stands for."""
    faces = found.checked.faces
    return faces[_number(said.get("face"), len(faces), "face")]


def _crop(found: Found, said: dict) -> np.ndarray:
    """The aligned crop that `face` (and `frame`, of a video) stands for."""
    if found.clip is None:
        return _face(found, said).crop
    person, number = _person(found, said)
    return person.telling[number][1]


def _person(found: Found, said: dict) -> tuple[Person, int]:
    """The person that `face` stands for, and the number of their telling frame `frame`."""
    persons = found.clip.persons if found.clip else []
    person = persons[_number(said.get("face"), len(persons), "person")]
    return person, _number(said.get("frame", 0), len(person.telling), "frame")


def still(said: dict) -> dict:
    """A frame of an animated picture as it is looked into, and where the person is in it."""
    content, found = _found(said.get("token"))
    person, number = _person(found, said)
    with turn():
        picture = frame_at(content, person.telling[number][0], _STILL)
    size = 2 * (found.checked.width, found.checked.height)
    return {
        "picture": picture_address(picture, found.mark, "WEBP"),
        "box": np.divide(person.telling_boxes[number], size).tolist(),
    }


def treat(said: dict) -> dict:
    """One curve of robustness: the verdict on a face again after treatments of one kind."""
    content, found = _found(said.get("token"))
    kind = str(said.get("kind"))
    if kind not in explain.STRENGTHS:
        raise UserError("A picture can be saved as JPEG, resized or blurred; choose one of these.")
    face = _face(found, said)
    if not face.judged:
        raise UserError(face.reason)
    with turn():
        picture, points, quality, side = _source(content, found, said)
        judged = _crop(found, said) if found.clip else None
        treated = explain.robustness(picture, points, kind, quality, side, judged)
    return {
        "kind": kind,
        "says": plots.survival_words(kind, treated, " on this frame" if found.clip else ""),
        "plot": plots.robustness_plot(kind, treated),
        "places": plots.robustness_places(len(treated)),
        "points": [
            {
                "strength": plots.strength_words(kind, one.strength),
                "crop": picture_address(one.crop, found.mark, "WEBP"),
                **view.verdict_view(one.verdict, one.probability_fake, one.reason),
            }
            for one in treated
        ],
    }


def _source(
    content: bytes, found: Found, said: dict
) -> tuple[np.ndarray, np.ndarray, float | None, float | None]:
    """The pixels around a face, its landmarks in them, the file's JPEG quality, and the side of
    the face's crop in pixels where the landmarks do not tell it."""
    if found.clip is not None:  # of a video, only crops are kept
        person, number = _person(found, said)
        side = person.telling_px[number]
        crop = to_side(person.telling[number][1], min(round(side), SIDE))
        return crop, TEMPLATE * crop.shape[0], None, side
    face = _face(found, said)
    picture = np.asarray(open_picture(content))
    ratio = np.divide(picture.shape[1::-1], (found.checked.width, found.checked.height))
    return picture, np.asarray(face.points) * ratio, found.facts.jpeg_quality, None


# -- the report ----------------------------------------------------------------------
def send_back(said: dict) -> dict:
    """The report as a page or as JSON, or both in a zip with the picture itself.

    said: {"token", "kind", "lang"}; the page comes in the visitor's language, names in the JSON
    are names and stay.
    """
    content, found = _found(said.get("token"))
    # Windows has no such names.
    own = re.sub(r'[<>:"|?*]', "_", uploads.get(said.get("token")).name)
    stem = own.rsplit(".", 1)[0] or "picture"
    kind, files = said.get("kind"), []
    with turn():
        if kind != "json":
            page = report_html(found.checked, found.facts, content, found.when).decode()
            page = translate_html(page, read_language(said.get("lang"))).encode()
            files.append((f"{stem}-report.html", page))
        if kind != "html":
            data = report_json(found.checked, found.facts, found.when)
            files.append((f"{stem}-report.json", data))
        if len(files) == 1:
            name, sent = files[0]
        else:
            if len(content) <= _MOST_WITH_FILE:
                files.insert(0, (own, content))
            name, sent = f"{stem}-with-report.zip", _zipped(files)
        return {"name": name, "content": base64.b64encode(sent).decode()}


def _zipped(files: list[tuple[str, bytes]]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files:
            archive.writestr(name, content)
    return buffer.getvalue()


# -- examples ------------------------------------------------------------------------
def examples(_said: dict) -> dict:
    """Pictures to begin with: made by the project itself, and one in the public domain."""
    rows = [
        {
            "name": _ASTRONAUT,
            "title": "Eileen Collins",
            "about": "by NASA, public domain",
            "picture": picture_address(skimage.data.astronaut()[:256:2, 96:352:2], None),
        }
    ]
    there = set(available())
    for model, seed in (row for row in _MADE if row[0] in there):
        name, content = _made(model, seed)
        rows.append(
            {"name": name, "title": f"Made by {model}", "about": f"seed {seed}",
             "picture": data_address(content, "image/png")}
        )  # fmt: skip
    return {"examples": rows}


def example(said: dict) -> dict:
    """The whole file of one example, as the script sends it to be checked."""
    name = str(said.get("name"))
    if name == _ASTRONAUT:
        content = encoded(skimage.data.astronaut(), None)
    else:
        known = {_file_name(model, seed): (model, seed) for model, seed in _MADE}
        if name not in known:
            raise UserError("There is no such example; reload the page.")
        content = _made(*known[name])[1]
    return {"name": name, "content": base64.b64encode(content).decode()}


def _file_name(model: str, seed: int) -> str:
    return f"{model}-seed{seed}.png"


def _made(model: str, seed: int) -> tuple[str, bytes]:
    face = Face(model, seed)
    with turn():
        [picture] = render([face])
    return _file_name(model, seed), encode_face(face, picture)
