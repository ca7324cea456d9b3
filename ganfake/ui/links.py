"""What the address of the page says about the Make tab, checked as anything a visitor sends."""

import re

from ganfake import UserError
from ganfake.generate import Face
from ganfake.ui.payload import read_count, read_face

_MOST_PAIRS = 16
_NUMBER = r"[0-9]{1,4}(\.[0-9]{1,17})?"
_SIGNED = "-?" + _NUMBER
_COUNT = 16  # how many pictures a link stands for that does not say it


def read_link(said: dict) -> tuple[Face, int]:
    """The first face of the grid that a link stands for, and how many there are.

    said: {"model": ["wgan"], "seed": ["42"], "count", "truncation", "set": ["Smiling:1"],
    "push": ["Smiling:2.5"], "mix": ["9:0.25"]}; all but the model may be missing. UserError for
    nonsense.
    """
    count = _one(said, "count", "[0-9]{1,4}", str(_COUNT))
    mix_seed, mix_share = None, 0.0
    if "mix" in said:
        mix_seed, _, share = _one(said, "mix", f"[0-9]{{1,19}}:{_NUMBER}", "").partition(":")
        mix_share = float(share)
    pushed = _pairs(said, "push", _SIGNED)
    face = {
        "model": _one(said, "model", ".{1,40}", ""),
        "seed": _one(said, "seed", "[0-9]{1,19}", "7"),
        "truncation": float(_one(said, "truncation", _NUMBER, "1")),
        "labels": _pairs(said, "set", "[^:]{1,40}"),
        "mix_seed": mix_seed,
        "mix_share": mix_share,
        "push": {name: float(strength) for name, strength in pushed.items()},
    }
    return read_face(face), read_count(int(count))


def _one(said: dict, name: str, form: str, otherwise: str) -> str:
    values = said.get(name, [otherwise])
    if not isinstance(values, list) or len(values) != 1 or not isinstance(values[0], str):
        raise _nonsense(name)
    if not re.fullmatch(form, values[0], re.ASCII):
        raise _nonsense(name)
    return values[0]


def _pairs(said: dict, name: str, form: str) -> dict[str, str]:
    """The values of the form NAME:VALUE."""
    values = said.get(name, [])
    good = isinstance(values, list) and len(values) <= _MOST_PAIRS
    if not good or not all(isinstance(value, str) for value in values):
        raise _nonsense(name)
    found = [re.fullmatch(f"([^:]{{1,40}}):({form})", value, re.ASCII) for value in values]
    if not all(found):
        raise _nonsense(name)
    return {match[1]: match[2] for match in found if match}


def _nonsense(name: str) -> UserError:
    return UserError(f"The link is damaged at “{name}”; these are the usual pictures instead.")
