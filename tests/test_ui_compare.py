"""The Compare tab's calls: rows, films, and a voter of known taste through the page's functions."""

import base64
import json
import random

import numpy as np
import pytest
from scipy.stats import kendalltau

from ganfake import provenance
from ganfake.generate import Face, encode_face, generate_each
from ganfake.quiz.votes import FAMILIES, Votes
from ganfake.ui.compare_board import COLUMNS, board_functions

TOKEN = "a-comparing-voters-token"


def content(address: str) -> bytes:
    return base64.b64decode(address.split(",")[-1])


@pytest.fixture
def house(shared_table):
    return Votes(shared_table.scores)


@pytest.fixture
def calls(shared_table, house):
    return {call.__name__: call for call in board_functions(shared_table, house)}


def test_families_say_what_the_cards_say(calls):
    found = calls["families"]({})
    names = {family: [m["name"] for m in rows] for family, rows in found["families"].items()}
    assert tuple(names["cars"]) == FAMILIES["cars"]
    assert names["faces"] == [*FAMILIES["faces"], "dcgan-200k", "dcgan-400k"]
    seen = {m["name"]: m["images"] for m in found["families"]["faces"]}
    assert (seen["dcgan-200k"], seen["dcgan-400k"], seen["dcgan"]) == (200_000, 400_000, 600_000)


def test_a_row_is_marked_and_its_seeds_are_those_of_the_other_rows(calls):
    rows = {
        name: calls["row"]({"family": "faces", "model": name, "seed": "7"})["pictures"]
        for name in ("wgan", "dcgan-200k")
    }
    seeds = [[one["face"]["seed"] for one in row] for row in rows.values()]
    assert seeds[0] == seeds[1] and len(set(seeds[0])) == COLUMNS
    for name, row in rows.items():
        for one in row:
            mark = provenance.read(content(one["picture"]))
            assert (mark.model, str(mark.seed)) == (name, one["face"]["seed"])
    face = Face("wgan", 7)
    [picture] = generate_each("wgan", [7])
    assert content(rows["wgan"][0]["picture"]) == encode_face(face, picture)


def test_a_reel_has_its_frames_and_one_plot(calls):
    found = calls["reel"]({"model": "wgan-cars"})
    assert len(found["plots"]) == 1 and found["frames"][0]["images"] == 0
    assert found["frames"][-1]["loss_d"] is not None


def test_a_voter_of_known_taste(calls, house, monkeypatch):
    """300 votes, each a hidden pair and an answer, give the voter's own order of the models."""
    # Pairs of another day would put two of the four outside their 95 % once in some hundred runs.
    monkeypatch.setattr("ganfake.quiz.votes.secrets.choice", random.Random(3).choice)
    models = FAMILIES["cars"]
    taste = dict(zip(models, (0.0, -1.5, 3.0, 1.5), strict=True))
    rng = np.random.default_rng(3)
    for _ in range(300):
        dealt = calls["pair"]({"player": TOKEN, "family": "cars"})
        assert set(dealt) == {"player", "pair", "pictures"}
        words = {**dealt, "pair": "", "pictures": [one[:23] for one in dealt["pictures"]]}
        assert "gan" not in json.dumps({**words, "player": ""})
        assert len({len(content(picture)) for picture in dealt["pictures"]}) == 1
        left, right = (face.model for face in house._open[dealt["pair"]].faces)
        likes_left = rng.random() < 1 / (1 + np.exp(taste[right] - taste[left]))
        told = calls["vote"]({**dealt, "choice": "left" if likes_left else "right"})
        assert [one["face"]["model"] for one in told["shown"]] == [left, right]
    mark = provenance.read(content(told["shown"][0]["picture"]))
    assert mark.model == left
    found = calls["ranking"]({"player": TOKEN, "family": "cars", "mine": True})
    assert found["votes"] == 300
    assert [row["model"] for row in found["rows"]] == sorted(models, key=lambda m: -taste[m])
    assert [row["place"] for row in found["rows"]] == [1, 2, 3, 4]
    mean = np.mean(list(taste.values()))
    inside = [r["low"] <= taste[r["model"]] - mean <= r["high"] for r in found["rows"]]
    assert sum(inside) >= 3
    numbers = [-row["number"][0] for row in found["rows"]]
    tau = kendalltau([row["strength"] for row in found["rows"]], numbers).statistic
    assert f"tau between people and numbers is {tau:.2f}" in found["sentence"]
    everybody = calls["ranking"]({"family": "cars"})
    assert everybody["votes"] == 300
    nobody = calls["ranking"]({"player": "x" * 20, "family": "cars", "mine": True})
    assert nobody["votes"] == 0 and {row["place"] for row in nobody["rows"]} == {0}
    assert "Too few votes" in nobody["sentence"]


@pytest.mark.parametrize(
    ("act", "said", "words"),
    [
        ("row", {}, "no models"),
        ("row", {"family": "faces", "model": "mlp", "seed": 1}, "Choose one"),
        ("row", {"family": "faces", "model": "../x", "seed": 1}, "Choose one"),
        ("row", {"family": "faces", "model": ["dcgan"], "seed": 1}, "Choose one"),
        ("row", {"family": "faces", "model": "dcgan", "seed": -1}, "seed"),
        ("reel", {"model": "../../etc"}, "no model"),
        ("pair", {"family": {}}, "no models"),
        ("pair", {"family": "faces", "first": "dcgan", "second": "dcgan"}, "different"),
        ("vote", {"pair": 7, "choice": "left"}, "over"),
        ("vote", {"pair": "x", "choice": "none"}, "left or the right"),
        ("ranking", {"family": "digits"}, "no models"),
        ("ranking", None, "no models"),
    ],
)
def test_bad_input_is_told_in_a_sentence(calls, act, said, words):
    assert words in calls[act](said)["error"]
