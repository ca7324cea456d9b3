"""A person of one's own: faces from clips, a lesson in slices, and the person that comes of it."""

import json
import time
from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from ganfake import UserError
from ganfake.extract import Extracted, extract_file
from ganfake.persons import read_person
from ganfake.swap import CONSENT
from ganfake.train.swap import FEWEST, Lesson
from ganfake.ui import swap_view as view
from ganfake.ui.addresses import picture_address
from ganfake.ui.calls import read_wish
from ganfake.ui.payload import read_number
from ganfake.ui.progress import told
from ganfake.ui.swap_convert import check_work, clips, uploads
from ganfake.ui.swap_visitors import Visit, visitors
from ganfake.ui.turns import Turns, in_turn
from ganfake.ui.uploads import GONE

SLICE = 4.0  # seconds of learning from one visitor's turn to the next one's
_MOST = 600  # faces of one person that are kept; more teach little and fill the memory
_LONGEST = 15.0  # minutes
_ROLES = ("A", "B")
_LATE = "Looking for faces took too long; try a shorter clip."

lessons = Turns()


# -- faces, or a person from a file --------------------------------------------------
def gather_lines(wish: str, session: str = "") -> Iterator[str]:
    """Take in a file that has come, in JSON lines: {"place"}, {"done"}, {"gathered"} or {"person"}.

    wish: {"number", "token", "role"}: "A" or "B" for somebody's clip or photograph, "person"
    for a file that `keep` gave. The file itself is forgotten at once.
    """
    number = None
    try:
        number, said = read_wish(wish)
        token, role = said.get("token"), said.get("role")
        content = uploads.whole(token).content
        uploads.drop(token)
        visit = visitors.open(session)
        if role == "person":
            person = read_person(content)
            yield json.dumps({"number": number, "person": _added(visit, person)})
            return
        if role not in _ROLES:
            raise UserError("A clip is of A, whom to replace, or of B, whom to become.")
        check_work(content)
        for word in in_turn(clips, _gathered(visit, session, content, role), session, "gather"):
            _still_there(visit, session)
            yield json.dumps({"number": number, **word})
    except UserError as error:
        yield json.dumps({"number": number, "error": str(error)})


def _still_there(visit: Visit, session: str) -> None:
    """Keep a visit for another while; UserError once its page is left or it was forgotten."""
    if visitors.get(session) is not visit:
        raise UserError(GONE)
    visit.touch()


def _gathered(visit: Visit, session: str, content: bytes, role: str) -> Iterator[dict]:
    def act(tell) -> Extracted:
        def heard(share: float) -> None:
            _still_there(visit, session)  # raises once the page is left, which ends the work
            tell(share)

        return extract_file(content, progress=heard)

    yield {"done": 0}
    for share, found in told(act, "faces", _LATE):
        if found is None:
            yield {"done": round(share, 3)}
        else:
            crops = _crops(found)
            with visit.lock:
                visit.halt()
                visit.crops[role], visit.lesson, visit.seconds = crops, None, 0.0
            yield {"gathered": _gathered_view(visit, found, role)}


def _crops(found: Extracted) -> np.ndarray:
    """The faces (N, 128, 128, 3) of whoever is seen most often."""
    crops = next(iter(found.faces.values()))
    count = len(crops)
    if count < FEWEST:
        faces = "one usable face was" if count == 1 else f"{count} usable faces were"
        raise UserError(f"Only {faces} found; choose a sharp clip of ten seconds or more.")
    return crops[np.linspace(0, count - 1, min(count, _MOST)).round().astype(int)]


def _gathered_view(visit: Visit, found: Extracted, role: str) -> dict:
    first, *others = found.faces
    several = ["Several people are seen; the one seen most often is used."] * bool(others)
    words = [
        line.removeprefix(f"{first}: ")
        for line in found.report
        if not line.startswith(tuple(f"{other}: " for other in others))
    ]
    return {
        "role": role,
        "visit": visit.secret,
        "count": len(visit.crops[role]),
        "report": [*several, *(line[:1].upper() + line[1:] for line in words)],
        "sheet": picture_address(found.sheet, None, "WEBP"),
    }


def _added(visit: Visit, person, secret: str = "") -> dict:
    secret = visit.add(person, secret)
    return view.person_view(secret, person)


# -- the lesson ----------------------------------------------------------------------
def learn_lines(wish: str, session: str = "") -> Iterator[str]:
    """Learn to turn A into B by turns with others, in JSON lines: {"place"}, {"board"}, {"person"}.

    wish: {"number", "minutes", "name", "consent"}. It goes on where it was left. It ends when
    the minutes are over, by `stop`, or when the page is left; the last line has the person.
    """
    number = None
    try:
        number, said = read_wish(wish)
        if said.get("consent") != CONSENT:
            raise UserError("Agree to the statement first; it stands before every swap.")
        minutes = read_number(said.get("minutes"), "The time to learn")
        if not 0 < minutes <= _LONGEST:
            raise UserError(f"Learn for {_LONGEST:.0f} minutes at most, and go on if you like.")
        visit = visitors.open(session)
        if set(visit.crops) != set(_ROLES):
            raise UserError("Choose a clip of A and a clip of B first.")
        for word in _learned(visit, 60 * minutes, _person_name(said.get("name"))):
            yield json.dumps({"number": number, **word})
    except UserError as error:
        yield json.dumps({"number": number, "error": str(error)})


def _learned(visit: Visit, seconds: float, name: str) -> Iterator[dict]:
    run, goal = visit.halt(), visit.seconds + seconds
    while visit.run == run and visit.seconds < goal:
        for word in in_turn(lessons, _slice(visit, run, goal)):
            if visit.run != run and "place" in word:
                break  # stopped while waiting; closing the turn leaves the line
            visit.touch()
            yield word
    if (person := _finished(visit, name)) is not None:
        yield {"person": person}


def _finished(visit: Visit, name: str) -> dict | None:
    """The person as the lesson has them now; None where the visitor has left."""
    with visit.lock:
        if visit.lesson is None or visitors.by_secret(visit.secret) is not visit:
            return None
        person = replace(visit.lesson.person("B"), name=name)
        secret = next((s for s, p in visit.persons.items() if p.name == name), "")
        return _added(visit, person, secret)


def _slice(visit: Visit, run: int, goal: float) -> Iterator[dict]:
    """A few seconds of learning, at least one step, and what is to be seen then."""
    with visit.lock:
        if visit.run != run:
            return
        visit.touch()
        begun = time.monotonic() - visit.seconds
        if visit.lesson is None:
            visit.lesson = Lesson(dict(visit.crops))
        end = visit.seconds + SLICE
        while True:
            visit.lesson.step()
            visit.seconds = time.monotonic() - begun
            if visit.seconds > min(end, goal) or visit.run != run:
                break
        board = _board(visit, goal)
        visit.seconds = time.monotonic() - begun  # what is shown costs time as well
    yield {"board": board}


def _board(visit: Visit, goal: float) -> dict:
    """What the script draws of a lesson; its lock is held."""
    lesson, left, others = visit.lesson, max(0.0, goal - visit.seconds), max(1, len(lessons)) - 1
    words = f"{view.time_words(left)} left"
    if others:
        words += f", about {view.time_words(left * (others + 1))} as {others + 1} learn by turns"
    return {
        "preview": view.made_address(lesson.preview(), "swap-own"),
        "plot": view.loss_plot(list(lesson.losses)),
        "images": f"{lesson.images:,} faces seen",
        "left": words,
        "done": round(1 - left / max(goal, 1e-9), 3),
    }


def _person_name(given: object) -> str:
    """A name to show and to store: printable and short; a path is never made of it."""
    name = "".join(c for c in str(given or "") if c.isalnum() or c in " -_")[:40].strip()
    return name or "My person"
