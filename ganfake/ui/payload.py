"""What a browser or a program sends about faces, checked before anything is made of it."""

import re

from ganfake import UserError
from ganfake.generate import MAX_SEED, Face
from ganfake.models import available

MAX_FACES = 64  # made at once on the page and by the API
_MAX_NAMES = 16  # attributes or directions of one face
_MAX_NAME = 40  # characters

NO_MODELS = "There are no trained models here; train one with `python -m ganfake train gan`."


def read_model(given: object) -> str:
    """A model that has weights; nothing else a visitor names becomes part of a path."""
    names = available()
    if not names:
        raise UserError(NO_MODELS)
    if given not in names:
        raise UserError(f"There is no model {str(given)[:40]!r}; there are: {', '.join(names)}.")
    return str(given)


def read_seed(given: object) -> int:
    """A seed as a number, or as digits: a browser's numbers lose some after 2**53."""
    if isinstance(given, str) and re.fullmatch("[0-9]{1,19}", given.strip(), re.ASCII):
        given = int(given)
    if isinstance(given, bool) or not isinstance(given, int) or not 0 <= given <= MAX_SEED:
        raise UserError(f"A seed is a whole number from 0 to {MAX_SEED}.")
    return given


def read_count(given: object) -> int:
    """How many faces at once, 1 to MAX_FACES."""
    if isinstance(given, bool) or not isinstance(given, int) or not 1 <= given <= MAX_FACES:
        raise UserError(f"Ask for 1 to {MAX_FACES} pictures at a time.")
    return given


def read_number(given: object, what: str) -> float:
    """A number; its range is checked by what uses it."""
    if isinstance(given, bool) or not isinstance(given, int | float) or not abs(given) <= 1e6:
        raise UserError(f"{what} is a small number.")
    return float(given)


def read_labels(given: object) -> dict[str, str]:
    """Attributes asked for, {"Smiling": "1"}; those of no value are left out."""
    named = _named(given, "Attributes")
    if not all(isinstance(value, str) and len(value) <= _MAX_NAME for value in named.values()):
        raise UserError('Attributes look like {"Smiling": "1"}.')
    return {name: value for name, value in named.items() if value}


def read_face(given: object) -> Face:
    """A face as `face_view` describes it; UserError for whatever is not one."""
    if not isinstance(given, dict):
        raise UserError("That is not a face of this page; reload it.")
    mix = given.get("mix_seed")
    push = {n: read_number(v, "A push") for n, v in _named(given.get("push"), "Pushes").items()}
    return Face(
        model=read_model(given.get("model")),
        seed=read_seed(given.get("seed")),
        truncation=read_number(given.get("truncation", 1.0), "Truncation"),
        labels=read_labels(given.get("labels")),
        mix_seed=None if mix is None else read_seed(mix),
        mix_share=read_number(given.get("mix_share", 0.0), "The share of the second face"),
        push={name: strength for name, strength in push.items() if strength},
    )


def read_faces(given: object, most: int) -> list[Face]:
    """1 to `most` faces."""
    if not isinstance(given, list) or not 1 <= len(given) <= most:
        raise UserError(f"Choose 1 to {most} pictures.")
    return [read_face(one) for one in given]


def face_view(face: Face) -> dict:
    """A face for the browser, which sends it back to `read_face`; seeds as digits."""
    mixed = face.mix_seed is not None
    return {
        "model": face.model,
        "seed": str(face.seed),
        "truncation": face.truncation,
        "labels": face.labels,
        "mix_seed": str(face.mix_seed) if mixed else None,
        "mix_share": face.mix_share,
        "push": face.push,
    }


def _named(given: object, what: str) -> dict:
    given = {} if given is None else given
    good = isinstance(given, dict) and len(given) <= _MAX_NAMES
    if not good or not all(isinstance(k, str) and len(k) <= _MAX_NAME for k in given):
        raise UserError(f"{what} are a few names, each with a value.")
    return given
