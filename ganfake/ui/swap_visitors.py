"""What a visitor of the Swap tab has for themselves: crops, a lesson, persons of their own."""

import json
import secrets

import numpy as np

from ganfake import UserError
from ganfake.persons import SHIPPED, Person, load_person
from ganfake.still import still_person
from ganfake.train.swap import Lesson
from ganfake.ui import visitors as base
from ganfake.ui.payload import read_face

MADE = "made:"  # begins the name of a made face as a person
MOST = 8  # visitors with crops or persons of their own, at once
# Seconds after which what nobody touches is freed; they are looked through every fifth of
# it, so all is gone in 15 minutes.
IDLE = 750.0
_MOST_PERSONS = 4  # of one visitor; the oldest gives way
_GONE = "The server has forgotten this person, to protect them; load their file again."


def made_person(name: str) -> Person:
    """The person that the script calls MADE and a face in JSON; UserError for other things."""
    try:
        face = json.loads(name.removeprefix(MADE))
    except (ValueError, RecursionError):
        face = None
    return still_person(read_face(face))


class Visit(base.Visit):
    """One visitor's own. secret: by which the page's script names it."""

    def __init__(self):
        super().__init__()
        self.secret = secrets.token_urlsafe(24)
        self.crops: dict[str, np.ndarray] = {}  # "A" and "B": (N, 128, 128, 3) uint8
        self.lesson: Lesson | None = None  # of these crops
        self.seconds = 0.0  # that the lesson has been learning
        self.persons: dict[str, Person] = {}  # by a secret each

    def add(self, person: Person, secret: str = "") -> str:
        """Keep a person, in the place of the one with `secret`; returns their secret."""
        secret = secret or secrets.token_urlsafe(24)
        self.persons[secret] = person
        for oldest in list(self.persons)[:-_MOST_PERSONS]:
            del self.persons[oldest]
        return secret


class Visitors(base.Visits[Visit]):
    """Visits by session; they leave when their page does, or when nobody touches them."""

    def __init__(self, most: int = MOST, idle: float = IDLE):
        super().__init__(most, idle)

    def open(self, session: str) -> Visit:
        """A session's visit, new where there is none. UserError when all are taken."""
        if not session:
            raise UserError("Learning needs a page of its own; open it in a browser.")
        full = (
            f"{self._most} other visitors have persons of their own here; try again in a few"
            " minutes."
        )
        return self._entered(session, Visit, full)

    def by_secret(self, secret: object) -> Visit | None:
        """The visit whose secret the script knows, or None."""
        visits = list(self._visits.values())
        return next((visit for visit in visits if visit.secret == secret), None)

    def person(self, name: object) -> Person:
        """Who to become: a shipped one by name, a visitor's own by its secret, a made face."""
        if name in SHIPPED:
            return load_person(str(name))
        for visit in list(self._visits.values()):
            if isinstance(name, str) and name in visit.persons:
                visit.touch()
                return visit.persons[name]
        if isinstance(name, str) and name.startswith(MADE):
            return made_person(name)
        raise UserError(_GONE if name else "Choose whom to become first.")

    def touch(self, session: str, person: object = None) -> None:
        """Keep a session's visit, and the one that `person` is of, for another while."""
        for name, visit in list(self._visits.items()):
            if name == session or (isinstance(person, str) and person in visit.persons):
                visit.touch()


visitors = Visitors()
