"""What an address says about the Make tab, and what it may not say."""

import pytest

from ganfake import UserError
from ganfake.generate import Face
from ganfake.ui.links import read_link
from ganfake.ui.make_board import linked
from ganfake.ui.swap_board import adopt
from ganfake.ui.swap_visitors import MADE, visitors

FULL = {
    "model": ["wgan"], "seed": ["42"], "count": ["4"], "truncation": ["0.7"],
    "push": ["Smiling:-2.5", "Young:1"], "mix": ["9:0.25"],
}  # fmt: skip


def test_a_link_is_a_face_and_a_count():
    pushed = {"Smiling": -2.5, "Young": 1.0}
    wanted = Face("wgan", 42, 0.7, mix_seed=9, mix_share=0.25, push=pushed)
    assert read_link(FULL) == (wanted, 4)
    assert read_link({"model": ["dcgan"]}) == (Face("dcgan", 7), 16)
    labels = {"model": ["cdcgan"], "set": ["Smiling:1", "Male:0"]}
    assert read_link(labels)[0].labels == {"Smiling": "1", "Male": "0"}


@pytest.mark.parametrize(
    "said",
    [
        {}, {"model": []}, {"model": "wgan"}, {"model": ["wgan", "dcgan"]}, {"model": ["../../x"]},
        {"model": [7]}, {"seed": ["-1"]}, {"seed": ["1e9"]}, {"seed": ["9" * 20]}, {"seed": [""]},
        {"seed": ["٣"]}, {"count": ["0"]}, {"count": ["65"]}, {"count": ["many"]},
        {"truncation": ["0"]}, {"truncation": ["nan"]}, {"truncation": ["2"]}, {"mix": ["9"]},
        {"mix": ["9:2"]}, {"mix": [""]}, {"push": ["Smiling"]}, {"push": ["Smiling:99"]},
        {"push": ["Evil:1"]}, {"push": ["a:1"] * 17}, {"set": ["Smiling:1"]}, {"set": [":1"]},
        {"set": None}, {"push": {"a": "1"}},
    ],
)  # fmt: skip
def test_nonsense_is_one_sentence(said):
    given = said if "model" in said or not said else {"model": ["wgan"], **said}
    with pytest.raises(UserError) as error:
        linked(given)
    assert len(str(error.value)) < 200


def test_a_state_with_a_changed_face_says_so():
    assert linked(FULL)["changed"]
    assert not linked({"model": ["wgan"], "seed": ["3"]})["changed"]
    assert linked(FULL)["face"]["seed"] == "42"


@pytest.mark.parametrize("name", ["", "{}", "[]", "[" * 3000, '{"model": "nobody"}', "1"])
def test_a_made_face_as_a_person_is_checked(name):
    with pytest.raises(UserError):
        visitors.person(MADE + name)


@pytest.mark.parametrize("file", [None, "?", "http://127.0.0.1/x.png", "QUJD"])
def test_only_a_made_face_is_put_onto_somebody(file):
    with pytest.raises(UserError):
        adopt({"file": file})
