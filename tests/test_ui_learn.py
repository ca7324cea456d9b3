"""The Learn tab's calls: rounds without feedback, marked pictures, the visitor's own GAN."""

import base64
import io
import json

import numpy as np
import pytest
import skimage.data
from PIL import Image

from ganfake import lesson, provenance
from ganfake.experts import NAMES
from ganfake.quiz import lesson as rules
from ganfake.quiz.scores import player_id
from ganfake.stats import change
from ganfake.ui import lab, learn, learn_board, second_look
from ganfake.ui.lab_visitors import Visitors

TOKEN = "a-learning-players-token"


def content(address: str) -> bytes:
    return base64.b64decode(address.split(",")[-1])


@pytest.fixture
def calls(shared_table):
    return {call.__name__: call for call in learn_board.board_functions(shared_table)}


def play(calls, table, part: str, right: int) -> list[dict]:
    """Ten rounds of a part; returns all that the browser was told."""
    told = []
    for number in range(10):
        dealt = calls["deal"]({"player": TOKEN, "part": part, "deck": "pocket"})
        truth = table.game.open_round(dealt["round"], part).truth
        wrong = "fake" if truth == "real" else "real"
        choice = truth if number < right else wrong
        told += [dealt, calls["answer"]({**dealt, "choice": choice})]
    return told


def test_a_whole_lesson(calls, shared_table):
    begun = calls["begin"]({"player": TOKEN})
    assert [deck["name"] for deck in begun["decks"]] == ["pocket"]
    assert [clue["name"] for clue in begun["clues"]] == [clue.name for clue in lesson.CLUES]
    told = play(calls, shared_table, "before", 4)
    assert "needs the ten rounds" in calls["result"]({"player": TOKEN})["error"]
    told += play(calls, shared_table, "after", 9)
    known = {"player", "round", "set", "number", "picture", "progress"}
    assert set().union(*told) == known, "nothing that depends on an answer"
    found = calls["result"]({"player": TOKEN})
    assert (found["before"]["correct"], found["after"]["correct"]) == (4, 9)
    assert found["change"]["p"] == change(4, 9, 10).p
    assert found["published"] == [0.482, 0.59]
    assert found["sentence"] == rules.sentence(change(4, 9, 10))
    assert found["plot"].count("<circle") == 2
    wrong = found["wrong"]
    assert [one["part"] for one in wrong] == ["before"] * 6 + ["after"]
    assert [one["number"] for one in wrong] == [5, 6, 7, 8, 9, 10, 10]
    places = {(one["set"], one["number"]) for one in told if "round" in one}
    assert {(one["set"], one["number"]) for one in wrong} <= places
    for one in wrong:
        assert bool(one["picture"]) == bool(one["made_by"]) == (one["truth"] == "fake")
        if one["picture"]:
            mark = provenance.read(content(one["picture"]))
            assert one["made_by"] == f"{mark.model}, seed {mark.seed}"
    assert calls["begin"]({"player": TOKEN})["progress"]["after"] == 10


def test_a_new_player_gets_a_secret(calls):
    dealt = calls["deal"]({"part": "before", "deck": "pocket"})
    assert len(dealt["player"]) >= 16


@pytest.mark.parametrize(
    ("act", "said", "words"),
    [
        ("deal", {"part": "pair", "deck": "pocket"}, "no mode"),
        ("deal", {"part": "before", "deck": "../etc"}, "deck"),
        ("deal", {"part": "before", "deck": "own"}, "another deck"),
        ("answer", {"round": None, "choice": 3}, "over"),
        ("result", {}, "needs the ten rounds"),
        ("clue", {"name": "../eyes"}, "no such clue"),
        ("clue", {"name": ["eyes"]}, "no such clue"),
    ],
)
def test_mistakes_are_one_sentence(calls, act, said, words):
    answer = calls[act](said)
    assert words in answer["error"]
    assert "\n" not in answer["error"]


def test_what_our_networks_made_says_so_and_the_photograph_does_not(calls):
    for clue in lesson.CLUES:
        said = calls["clue"]({"name": clue.name})
        for address in said["fake"]:
            mark = provenance.read(content(address))
            assert mark.source_type == "trainedAlgorithmicMedia"
            assert (mark.model, mark.seed) == (lesson.MODEL, clue.seed)
        for address in said["real"]:
            assert provenance.read(content(address)) is None
        sizes = {Image.open(io.BytesIO(content(a))).size for a in said["fake"]}
        assert len(sizes) == 1


def test_every_stage_of_the_swap_is_marked(calls):
    said = calls["swap"]({})
    names = [stage["name"] for stage in said["stages"]]
    assert names == ["found", "aligned", "encoded", "decoded", "masked", "blended"]
    for stage in said["stages"]:
        assert provenance.read(content(stage["picture"])).is_ai


def test_the_detector_shows_a_made_face_and_a_photograph(calls):
    made, photograph = calls["detector"]({})["faces"]
    assert made["verdict"] == "fake"
    assert photograph["verdict"] != "fake"
    assert made["probability"] > photograph["probability"]
    for face in (made, photograph):
        assert len(face["experts"]) == len(NAMES)
        assert face["odds"]
        assert face["note"]
    assert provenance.read(content(made["crop"])).is_ai
    assert provenance.read(content(photograph["crop"])) is None


# -- the visitor's own GAN -----------------------------------------------------------
@pytest.fixture
def visitors(monkeypatch):
    own = Visitors(most=1, idle=60)
    monkeypatch.setattr(lab, "visitors", own)
    monkeypatch.setattr(lab, "SLICE", 0.0)
    monkeypatch.setattr(learn, "_RUN_STEPS", 3)
    return own


def lines(act: str, session: str = "me") -> list[dict]:
    wish = json.dumps({"number": 5, "act": act})
    return [json.loads(line) for line in learn.lab_lines(wish, session)]


def test_who_has_no_gan_is_told_so_and_begins_one_here(visitors):
    assert lines("look") == [{"number": 5, "there": False, "done": True}]
    told = lines("run")
    assert len(told) >= 3
    assert all(line["number"] == 5 and line["there"] for line in told)
    assert [line["done"] for line in told] == [False] * (len(told) - 1) + [True]
    assert told[-1]["moves_g"] >= 3
    assert 0 <= told[-1]["d_real"] <= 1


def test_it_is_the_gan_of_the_lab(visitors):
    list(zip(range(2), lab.train("me", "dcgan", 0.001, 0.002, 1, 2), strict=False))
    before = visitors.get("me").lab
    [seen] = lines("look")
    assert (seen["moves_d"], seen["moves_g"]) == (before.moves_d, before.moves_g)
    lines("run")
    after = visitors.get("me").lab
    assert after is before, "its network and its knobs stay"
    assert after.moves_g > seen["moves_g"]
    mark = provenance.read(content(seen["picture"]))
    assert mark.model == "lab-dcgan"


def test_sixteen_digits_are_shown(visitors):
    [*_, last] = lines("run")
    picture = Image.open(io.BytesIO(content(last["picture"])))
    assert picture.width == 4 * picture.height
    assert np.asarray(picture).std() > 5


def test_a_full_lab_and_an_odd_wish_are_one_sentence(visitors):
    lines("run", "somebody else")
    [said] = lines("run", "me")
    assert "in use" in said["error"]
    [said] = [json.loads(line) for line in learn.lab_lines("no json", "me")]
    assert said["number"] is None
    assert said["error"].endswith(".")


# -- the second look -----------------------------------------------------------------
def test_check_gives_its_opinion_of_the_served_picture(shared_table):
    dealt = shared_table.new_round(TOKEN, "second", "pocket")
    said = second_look.look(shared_table, {"round": dealt["round"], "choice": "real"})
    assert said["first"] == "real"
    assert said["verdict"] in ("real", "fake", "uncertain")
    assert not {"truth", "made_by", "correct", "generator"} & set(said)
    again = second_look.look(shared_table, {"round": dealt["round"], "choice": "fake"})
    assert again == said, "a page that was reloaded sees the same"
    shared_table.answer(dealt["round"], "real")
    latest = shared_table.scores.latest_set(player_id(TOKEN), "second", "pocket", "")
    look = shared_table.scores.looks(latest.id)[-1]
    assert (look.first, look.verdict) == ("real", said["verdict"])


def test_a_picture_without_a_face_gets_no_number():
    buffer = io.BytesIO()
    Image.new("RGB", (64, 64), "navy").save(buffer, "JPEG")
    said = second_look.opinion(buffer.getvalue())
    assert said["probability"] is None
    assert said["verdict"] == "uncertain"
    assert said["experts"] == []


def test_a_face_that_cannot_be_judged_gets_no_bars_as_in_check():
    head = Image.fromarray(skimage.data.astronaut()[:200, 120:320]).resize((30, 30))
    buffer = io.BytesIO()
    head.save(buffer, "JPEG", quality=95)
    said = second_look.opinion(buffer.getvalue())
    assert (said["reason"], said["percent"], said["odds"]) == (second_look.TINY, "", "")
    assert said["experts"] == []
