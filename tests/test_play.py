"""What the board's script may call: mistakes are sentences, whatever is sent."""

import pytest

from ganfake.quiz.table import Table
from ganfake.ui import play

PLAYER = "the-secret-token-of-a-player"


@pytest.fixture(scope="module")
def calls(tmp_path_factory):
    table = Table(tmp_path_factory.mktemp("data"))
    return {act.__name__: act for act in play.board_functions(table)}


def test_a_room_or_a_deck_that_is_gone_is_told_apart(calls):
    wish = {"player": PLAYER, "mode": "pair", "deck": "pocket", "room": "QQQQQ"}
    assert calls["new_round"](wish)["gone"] == "room"
    assert calls["new_round"](wish | {"deck": "own", "room": ""})["gone"] == "deck"
    assert "gone" not in calls["new_round"](wish | {"mode": "chess"})
    assert "error" not in calls["new_round"](wish | {"room": ""})


@pytest.mark.parametrize("key", [10**30, 1e999, float("nan"), -1, 0, "1", None, [], {}, True])
def test_no_number_of_a_game_breaks_the_call(calls, key):
    assert calls["result"]({"player": PLAYER, "set": key})["error"].startswith("There is no such")


@pytest.mark.parametrize("odd", [None, [], {}, 10**30, "x" * 5000])
def test_odd_answers_are_refused_in_a_sentence(calls, odd):
    wish = {"player": PLAYER, "mode": "pair", "deck": "pocket"}
    dealt = calls["new_round"](wish)
    for said in (
        {"round": odd, "choice": "left"},
        {"round": dealt["round"], "choice": odd},
        {"round": odd},
        odd,
    ):
        assert set(calls["answer"](said)) <= {"error", "gone"}
    good = {"round": dealt["round"], "choice": "left", "sure": odd}
    assert calls["answer"](good)["number"] == dealt["number"]
