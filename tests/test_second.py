"""The second look: nothing of the truth before the second answer, and what the machine did."""

import sqlite3

import pytest

from ganfake import UserError
from ganfake.quiz import rooms
from ganfake.quiz.scores import Answer, Look, Scores, player_id
from ganfake.quiz.second import helped, machine_says, second_look
from ganfake.stats import mcnemar

TOKEN = "a-players-secret-token"
UNSURE = ("uncertain", 0.7)


def judge(_content: bytes):
    return UNSURE


def other(round_, said: str) -> str:
    return next(choice for choice in round_.choices if choice != said)


def test_the_second_answer_counts_and_the_first_is_kept(game):
    dealt = game.new_round(TOKEN, "second", "drawn")
    assert len(dealt.cards) == 1
    wrong = other(dealt, dealt.truth)
    assert second_look(game, dealt.id, wrong, judge) == Look(wrong, *UNSURE)
    verdict = game.answer(dealt.id, dealt.truth, None)
    assert verdict.answer.correct
    assert game.scores.looks(dealt.set.id) == [Look(wrong, *UNSURE)]


def test_without_a_first_answer_there_is_no_second(game):
    dealt = game.new_round(TOKEN, "second", "drawn")
    with pytest.raises(UserError, match="first"):
        game.answer(dealt.id, "real", None)
    second_look(game, dealt.id, "real", judge)
    game.answer(dealt.id, "real", None)


def test_a_first_answer_is_given_once(game):
    dealt = game.new_round(TOKEN, "second", "drawn")
    second_look(game, dealt.id, "real", judge)
    again = second_look(game, dealt.id, "fake", lambda content: ("real", 0.1))
    assert again == Look("real", *UNSURE)


def test_the_machine_sees_the_picture_that_the_player_sees_and_no_more(game):
    seen = []
    dealt = game.new_round(TOKEN, "second", "drawn")
    second_look(game, dealt.id, "real", lambda content: seen.append(content) or UNSURE)
    assert seen == [dealt.pictures[0]]


def test_the_page_tells_nothing_but_the_opinion(shared_table):
    dealt = shared_table.new_round(TOKEN, "second", "pocket")
    assert dealt["first"] == ""
    second_look(shared_table.game, dealt["round"], "fake", judge)
    again = shared_table.new_round(TOKEN, "second", "pocket")
    assert again == {**dealt, "first": "fake"}
    assert not {"truth", "made_by", "correct"} & set(again)
    said = shared_table.answer(dealt["round"], "fake")
    assert said["truth"] in ("real", "fake")


@pytest.mark.parametrize("said", ["", "left", "FAKE", "real "])
def test_an_odd_first_answer_is_refused_before_the_machine_works(game, said):
    dealt = game.new_round(TOKEN, "second", "drawn")
    with pytest.raises(UserError, match="real, fake"):
        second_look(game, dealt.id, said, lambda content: pytest.fail("it worked"))
    assert game.look_taken(dealt) is None


def test_rounds_of_other_modes_have_no_second_look(game):
    dealt = game.new_round(TOKEN, "single", "drawn")
    for key in (dealt.id, "forged", ""):
        with pytest.raises(UserError, match="over"):
            second_look(game, key, "real", judge)


def test_a_helped_score_is_in_no_ranking(game):
    game.scores.rename(player_id(TOKEN), "Ada")
    dealt = game.new_round(TOKEN, "second", "drawn")
    second_look(game, dealt.id, "real", judge)
    game.answer(dealt.id, "real", None)
    assert rooms.leaderboard(game.scores) == []


# -- what it did ---------------------------------------------------------------------
def rows(*given):
    """Answers and looks of (truth, first, second, verdict, probability)."""
    answers, looks = [], []
    for number, (truth, first, second, verdict, probability) in enumerate(given, start=1):
        good = second == truth
        answers.append(Answer(number, good, second, truth, None, 1.0, 0, "", None))
        looks.append(Look(first, verdict, probability))
    return answers, looks


def test_the_result_counts_alone_machine_and_together():
    found = helped(
        *rows(
            ("fake", "real", "fake", "fake", 0.9),  # changed to right
            ("real", "real", "fake", "uncertain", 0.6),  # changed to wrong
            ("fake", "fake", "fake", "uncertain", 0.5),
            ("real", "fake", "fake", "real", 0.1),
            ("real", "real", "real", "uncertain", None),  # no face: the machine is wrong
        )
    )
    counts = [found[name]["correct"] for name in ("alone", "machine", "together")]
    assert counts == [3, 3, 3]
    assert (found["to_right"], found["to_wrong"], found["uncertain"]) == (1, 1, 3)
    assert found["p"] == 1
    assert "as often" in found["sentence"]


def test_who_never_changes_was_neither_helped_nor_misled():
    found = helped(*rows(("fake", "real", "real", "fake", 0.9)))
    assert "neither" in found["sentence"]
    assert found["p"] == 1


@pytest.mark.parametrize(
    ("gained", "lost", "words"),
    [(6, 0, "helped you, by"), (0, 6, "misled you, by"), (3, 1, "helped you more"),
     (1, 3, "misled you more")],
)  # fmt: skip
def test_the_sentence_claims_no_more_than_the_changes_show(gained, lost, words):
    up = [("fake", "real", "fake", "fake", 0.9)] * gained
    down = [("fake", "fake", "real", "real", 0.1)] * lost
    found = helped(*rows(*up, *down))
    assert words in found["sentence"]
    assert found["p"] == mcnemar(gained, lost)


def test_another_mode_has_no_such_part():
    answers, _ = rows(("fake", "real", "fake", "fake", 0.9))
    assert helped(answers, []) is None


def test_the_machine_leans_where_it_is_uncertain():
    assert machine_says(Look("real", "uncertain", 0.5)) == "fake"
    assert machine_says(Look("real", "uncertain", 0.49)) == "real"
    assert machine_says(Look("real", "uncertain", None)) == ""


def test_an_old_file_of_scores_learns_of_second_looks(tmp_path):
    path = tmp_path / "scores.sqlite"
    Scores(path).close()
    with sqlite3.connect(path) as db:
        db.execute("DROP TABLE second_looks")
        db.execute("INSERT INTO sets VALUES (1, 'p', 'pair', 'd', '', '', 0, NULL)")
        db.execute("INSERT INTO answers VALUES (1, 1, 1, 'left', 'left', NULL, 1, 1, '', NULL)")
    again = Scores(path)
    assert again.answers(1)[0].correct
    assert again.looks(1) == []
    again.add_answer(
        1, Answer(2, True, "real", "real", None, 1.0, 2, "", None), True, Look("fake", *UNSURE)
    )
    assert again.looks(1) == [Look("fake", *UNSURE)]
    again.close()
