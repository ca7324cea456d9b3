"""Persons: those that ship, faces becoming them, and files of visitors, hostile ones too."""

import json

import numpy as np
import pytest
import torch
from safetensors.torch import load, save
from skimage.data import astronaut

from ganfake import UserError, persons
from ganfake.faces import align_face, find_faces
from ganfake.weights import list_weights, read_card


@pytest.fixture(scope="module")
def face():
    picture = astronaut()
    return align_face(picture, find_faces(picture)[0], persons.SIDE)


@pytest.fixture(scope="module")
def file():
    return persons.person_bytes(persons.load_person("man_a"))


@pytest.mark.parametrize("name", persons.SHIPPED)
def test_everyone_who_ships_loads_and_a_face_becomes_them(name, face):
    person = persons.load_person(name)
    assert person is persons.load_person(name)
    assert person.name == name
    for faces in (person.portrait[None], persons.become(person, np.stack([face, face[:, ::-1]]))):
        assert faces.shape[1:] == (128, 128, 3)
        assert faces.dtype == np.uint8
        assert faces.std() > 20  # neither grey nor blank
    assert find_faces(person.portrait, min_face=40)


def test_persons_differ_and_so_do_the_faces_that_become_them(face):
    made = [persons.become(persons.load_person(n), face[None])[0] for n in persons.SHIPPED]
    for i, first in enumerate(made):
        for second in made[:i]:
            assert np.abs(first.astype(int) - second).mean() > 10
    assert not np.array_equal(
        persons.become(persons.load_person("man_a"), face[None]),
        persons.become(persons.load_person("man_a"), face[None, :, ::-1]),
    )


def test_many_faces_are_as_one_by_one_and_none_is_none(face):
    person = persons.load_person("man_b")
    crops = np.stack([np.roll(face, i, axis=1) for i in range(18)])
    together = persons.become(person, crops)
    alone = np.concatenate([persons.become(person, crop[None]) for crop in crops])
    assert np.abs(together.astype(int) - alone).max() <= 1
    assert persons.become(person, crops[:0]).shape == (0, 128, 128, 3)


def test_a_code_can_be_looked_at(face):
    picture = persons.code_picture(face)
    assert picture.shape == (128, 128, 3)
    assert picture.std() > 5


@pytest.mark.parametrize("name", ["nobody", "", "../man_a", "swap-man_a"])
def test_somebody_else_is_one_sentence(name):
    with pytest.raises(UserError, match="choose man_a, man_b"):
        persons.load_person(name)


def test_the_weights_are_small():
    sizes = {n: read_card(n)["bytes"] for n in list_weights() if n.startswith("swap-")}
    assert {persons.weights_of(name) for name in persons.SHIPPED} <= set(sizes)
    assert max(sizes.values()) < 10_000_000
    assert sum(sizes.values()) < 60_000_000


# -- files -------------------------------------------------------------------------------
def test_a_file_brings_the_same_person_back(file, face):
    person = persons.read_person(file)
    shipped = persons.load_person("man_a")
    assert person.name == "man_a"
    assert np.array_equal(person.portrait, shipped.portrait)
    assert np.array_equal(persons.become(person, face[None]), persons.become(shipped, face[None]))
    assert len(file) < persons.MAX_BYTES
    assert persons.person_bytes(person) == file


def rewritten(file: bytes, change=lambda state: None, **card) -> bytes:
    """The file with its tensors and its card changed."""
    length = int.from_bytes(file[:8], "little")
    old = json.loads(json.loads(file[8 : 8 + length])["__metadata__"]["card"])
    state = load(file)
    change(state)
    return save(state, metadata={"card": json.dumps({**old, **card})})


def spoilt(value: float):
    def change(state):
        state["start.weight"][0, 0] = value

    return change


CHANGES = {
    "not a number": spoilt(float("nan")),
    "infinite": spoilt(float("inf")),
    "one missing": lambda state: state.pop("start.bias"),
    "one more": lambda state: state.update(more=torch.zeros(1).half()),
    "another size": lambda state: state.update(centre=torch.zeros(3).half()),
    "another type": lambda state: state.update(centre=torch.zeros(256)),
    "whole numbers": lambda state: state.update(centre=torch.zeros(256, dtype=torch.int16)),
}


@pytest.mark.parametrize("change", CHANGES)
def test_tensors_that_are_no_person_are_refused(file, change):
    with pytest.raises(UserError, match="not a person"):
        persons.read_person(rewritten(file, CHANGES[change]))


def test_bytes_that_are_no_person_are_refused(file):
    deep = b'{"__metadata__":{"card":"' + b"[" * 30_000 + b'"}}'
    hostile = {
        "empty": b"",
        "short": b"abc",
        "noise": np.random.default_rng(0).bytes(5000),
        "cut off": file[:-10],
        "longer": file + b"0" * 10,
        "a header of eight exabytes": b"\xff" * 7 + b"\x7f" + file[8:],
        "nested": len(deep).to_bytes(8, "little") + deep,
        "no card": save({"centre": torch.zeros(256).half()}),
        "a list for a card": save({}, metadata={"card": "[1]"}),
        "no JSON": save({}, metadata={"card": "{"}),
        "another format": rewritten(file, format="something else"),
    }
    for name, content in hostile.items():
        with pytest.raises(UserError, match="not a person") as error:
            persons.read_person(content)
        assert str(error.value).count(".") == 1, name
    with pytest.raises(UserError, match="over 10 MB"):
        persons.read_person(b"\0" * (persons.MAX_BYTES + 1))


def test_a_person_of_another_encoder_is_refused(file):
    with pytest.raises(UserError, match="train it again"):
        persons.read_person(rewritten(file, encoder="0" * 16))


@pytest.mark.parametrize(
    ("given", "shown"),
    [("Anna\n\x1b[31m", "Anna[31m"), ("x" * 500, "x" * 40), ("", "somebody"), (7, "somebody")],
)
def test_names_are_one_short_line(file, given, shown):
    assert persons.read_person(rewritten(file, name=given)).name == shown
