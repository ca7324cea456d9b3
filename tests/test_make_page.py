"""The Make tab's calls: what they give, and what they refuse in one sentence."""

import base64
import io
import json
import shlex
import threading
import zipfile
from xml.etree import ElementTree

import numpy as np
import pytest

from ganfake import UserError, provenance, weights
from ganfake.__main__ import main
from ganfake.generate import Face, generate
from ganfake.models import available
from ganfake.ui import calls, make_board, payload
from ganfake.ui.make_board import about, look, mix, mixed, models, strip
from ganfake.ui.make_files import files
from tests.pictures import pixels

FACE = {"model": "dcgan", "seed": "7"}
CALLS = {call.__name__: call for call in make_board.board_functions()}


# -- what there is -------------------------------------------------------------------
def test_models_are_those_with_weights():
    found = models({})
    assert [row["name"] for row in found["models"]] == available()
    assert found["first"] in available()
    for row in found["models"]:
        assert "pixels" in row["facts"][0] and "seen" in row["facts"][1]


def test_no_weights_at_all_is_one_sentence(monkeypatch, tmp_path):
    monkeypatch.setattr(weights, "weights_dir", lambda: tmp_path)
    assert CALLS["models"]({}) == {"error": payload.NO_MODELS}
    assert CALLS["make"](FACE | {"count": 1}) == {"error": payload.NO_MODELS}


def test_a_conditional_model_offers_readable_attributes():
    fields = {field["name"]: field for field in about({"model": "cdcgan"})["fields"]}
    assert fields["Smiling"]["values"] == [["0", "no"], ["1", "yes"]]
    assert ["blond", "blond"] in fields["Hair"]["values"]
    plain = about({"model": "dcgan"})
    assert plain["fields"] == []
    assert (plain["noun"], plain["real"]) == ("face", "photographs")


# -- pictures ------------------------------------------------------------------------
def test_the_grid_is_what_generate_makes():
    made = CALLS["make"]({"model": "dcgan", "seed": "7", "count": 5, "truncation": 0.7})["faces"]
    for one, picture in zip(made, generate("dcgan", 5, 7, 0.7), strict=True):
        assert np.array_equal(pixels(one["picture"]), np.asarray(picture))
        assert 0 <= one["share"] <= 1 and "discriminator" in one["words"]
    assert len({one["face"]["seed"] for one in made}) == 5


def test_a_face_of_the_grid_is_the_same_when_looked_at():
    made = CALLS["make"]({"model": "cdcgan", "seed": "7", "count": 3, "labels": {"Male": "1"}})
    for one in made["faces"]:
        found = look({"face": json.loads(json.dumps(one["face"]))})
        assert found["picture"] == one["picture"]
        assert (found["share"], found["words"]) == (one["share"], one["words"])
        assert "Male: yes" in found["attributes"]
        assert len(found["latent"]) == 128
        assert f"--seed {one['face']['seed']} --set Male=1" in found["command"]


def test_the_command_makes_this_very_picture_again(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    start = {"model": "cdcgan", "seed": 7, "truncation": 0.85, "labels": {"Hair": "blond"}}
    found = mix({"start": start | {"push": {"Smiling": 1.7}}, "end": start | {"seed": 8},
                 "share": 0.37})  # fmt: skip
    words = shlex.split(found["command"])
    assert words[:3] == ["python", "-m", "ganfake"]
    with pytest.raises(SystemExit) as ended:
        main(words[3:])
    assert not ended.value.code
    [path] = (tmp_path / "faces").iterdir()
    assert path.read_bytes() == base64.b64decode(found["picture"].split(",")[1])


def test_a_seed_beyond_a_browsers_numbers_survives():
    face = {"model": "dcgan", "seed": str(2**63 - 1)}
    assert look({"face": face})["face"]["seed"] == str(2**63 - 1)


def test_a_push_changes_the_picture_and_0_does_not():
    face = {"model": "cdcgan", "seed": "7"}
    plain = look({"face": face})
    assert look({"face": face | {"push": {"Smiling": 0}}})["picture"] == plain["picture"]
    pushed = look({"face": face | {"push": {"Smiling": 3.0}}})
    assert pushed["picture"] != plain["picture"]
    assert pushed["latent"] == plain["latent"], "a conditional model's push moves its labels"
    assert "--push Smiling=3" in pushed["command"]


def test_the_ends_of_a_mix_are_its_two_faces():
    start, end = FACE, FACE | {"seed": "8"}
    ends = [mix({"start": start, "end": end, "share": share}) for share in (0, 0.5, 1)]
    assert ends[0]["picture"] == look({"face": start})["picture"]
    distance = np.abs(
        pixels(ends[2]["picture"]).astype(int) - pixels(look({"face": end})["picture"])
    )
    assert distance.max() <= 1
    assert len({one["picture"] for one in ends}) == 3
    assert "--mix 8=0.5" in ends[1]["command"]
    assert ends[1]["note"] == ""
    assert (
        "from the start"
        in mix({"start": start, "end": end | {"truncation": 0.5}, "share": 0.5})["note"]
    )


def test_what_one_line_cannot_describe_does_not_mix():
    plain = Face("cdcgan", 1)
    for end in (Face("dcgan", 2), Face("cdcgan", 2, mix_seed=3, mix_share=0.5),
                Face("cdcgan", 2, push={"Male": 1.0})):  # fmt: skip
        with pytest.raises(UserError):
            mixed(plain, end, 0.5)


def test_the_strip_draws_every_number():
    drawn = ElementTree.fromstring(strip([0.5, -2.0, 0.0]))
    middle, *bars = drawn.findall("rect")
    assert [float(bar.get("height")) for bar in bars] == [5, 20, 0]
    assert [float(bar.get("y")) for bar in bars] == [15, 20, 20]
    assert float(middle.get("width")) == 3


# -- what is refused -----------------------------------------------------------------
HOSTILE = [
    None, [], "text", 7, {}, {"model": "../../etc/passwd", "seed": "1", "count": 1},
    {"model": ["dcgan"], "seed": "1", "count": 1}, {"model": "dcgan-discriminator", "count": 1},
    FACE | {"count": 0}, FACE | {"count": 65}, FACE | {"count": -1}, FACE | {"count": 10**30},
    FACE | {"count": True}, FACE | {"count": 2.5}, FACE | {"count": "3"},
    {"model": "dcgan", "seed": "text", "count": 1}, {"model": "dcgan", "seed": -1, "count": 1},
    {"model": "dcgan", "seed": "9" * 19, "count": 1}, {"model": "dcgan", "seed": 1.5, "count": 1},
    {"model": "dcgan", "seed": "१", "count": 1},
    FACE | {"count": 1, "truncation": 0}, FACE | {"count": 1, "truncation": float("nan")},
    FACE | {"count": 1, "truncation": "1"}, FACE | {"count": 1, "truncation": 10**400},
    FACE | {"count": 1, "labels": {"Smiling": "1"}}, FACE | {"count": 1, "labels": ["Smiling"]},
    {"model": "cdcgan", "seed": 1, "count": 1, "labels": {"Nose": "1"}},
    {"model": "cdcgan", "seed": 1, "count": 1, "labels": {"Smiling": "7"}},
    {"model": "cdcgan", "seed": 1, "count": 1, "labels": {"Smiling": {"a": 1}}},
    {"model": "cdcgan", "seed": 1, "count": 1, "labels": {str(i): "1" for i in range(99)}},
]  # fmt: skip


@pytest.mark.parametrize("said", HOSTILE, ids=range(len(HOSTILE)))
def test_whatever_a_browser_sends_gets_one_sentence(said):
    found = CALLS["make"](said)
    assert set(found) == {"error"}
    assert 10 < len(found["error"]) < 300 and "\n" not in found["error"]


@pytest.mark.parametrize("face", [
    None, "face", FACE | {"push": {"Nose": 1.0}}, FACE | {"push": {"Smiling": "1"}},
    {"model": "cdcgan", "seed": 1, "push": {"Smiling": 99}},
    {"model": "cdcgan", "seed": 1, "push": {"Smiling": float("inf")}},
    FACE | {"mix_seed": "x", "mix_share": 0.5}, FACE | {"mix_seed": 1, "mix_share": 1.5},
    FACE | {"mix_seed": 1, "mix_share": float("nan")}, {"model": "/", "seed": 1},
])  # fmt: skip
def test_a_face_that_is_none_gets_one_sentence(face):
    for name, said in (
        ("look", {"face": face}),
        ("mix", {"start": face, "end": FACE, "share": 0.5}),
        ("files", {"faces": [face], "kind": "PNG"}),
    ):
        assert set(CALLS[name](said)) == {"error"}, name


def test_a_busy_server_says_so(monkeypatch):
    monkeypatch.setattr(calls, "_PATIENCE", 0.05)
    monkeypatch.setattr(calls, "_turns", threading.BoundedSemaphore(1))
    with calls.turn():
        assert "busy" in CALLS["look"]({"face": FACE})["error"]
    assert "picture" in CALLS["look"]({"face": FACE})


# -- files ---------------------------------------------------------------------------
@pytest.mark.parametrize(("kind", "end"), [("PNG", "png"), ("JPEG", "jpg"), ("WebP", "webp")])
def test_one_picture_is_a_file_and_several_a_zip(kind, end):
    one = files({"faces": [FACE], "kind": kind})
    assert one["name"] == f"dcgan-seed7.{end}"
    assert provenance.read(base64.b64decode(one["content"])).seed == 7
    both = [FACE, {"model": "cdcgan", "seed": 3, "push": {"Male": 1.5}}]
    packed = files({"faces": both, "kind": kind})
    with zipfile.ZipFile(io.BytesIO(base64.b64decode(packed["content"]))) as archive:
        assert archive.namelist() == [f"dcgan-seed7-000.{end}", f"cdcgan-seed3-pushed-001.{end}"]
        assert archive.read(f"dcgan-seed7-000.{end}") == base64.b64decode(one["content"])
        for name, model in zip(archive.namelist(), ("dcgan", "cdcgan"), strict=True):
            assert provenance.read(archive.read(name)).model == model


def test_files_are_refused_in_one_sentence():
    for said in (
        {"faces": [], "kind": "PNG"}, {"faces": [FACE] * 129, "kind": "PNG"},
        {"faces": [FACE], "kind": "../x"}, {"faces": [FACE]}, {"kind": "PNG"},
    ):  # fmt: skip
        assert set(CALLS["files"](said)) == {"error"}
