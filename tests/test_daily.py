"""The daily challenge: one for a player, a deck and a day, in whatever rooms it is played."""

import pytest

from ganfake import UserError
from ganfake.quiz import game as rules
from ganfake.quiz import rooms
from ganfake.quiz.game import SET_LENGTH
from ganfake.quiz.scores import player_id

TOKEN, PUPIL, TEACHER = (f"the-token-of-player-{i}" for i in range(3))


@pytest.fixture
def on(monkeypatch):
    """Sets the server's day."""
    return lambda day: monkeypatch.setattr(rules, "today", lambda: day)


@pytest.fixture
def room(game):
    return rooms.open_room(game.scores, TEACHER)


def play(game, rounds=SET_LENGTH, room="", token=TOKEN, right=True):
    for _ in range(rounds):
        dealt = game.new_round(token, "daily", "drawn", room)
        wrong = next(c for c in dealt.choices if c != dealt.truth)
        game.answer(dealt.id, dealt.truth if right else wrong, None)


def board(game, room="", mode="daily"):
    found = rooms.leaderboard(game.scores, room, mode, rules.today())
    return [(s.nickname, s.correct, s.rounds) for s in found]


def test_a_room_does_not_deal_todays_rounds_again(game, room):
    game.scores.rename(player_id(TOKEN), "Ada")
    play(game, right=False)
    with pytest.raises(UserError, match="today's ten"):
        game.new_round(TOKEN, "daily", "drawn", room)
    assert board(game) == [("Ada", 0, 10)]


def test_a_set_begun_outside_goes_on_in_a_room_with_the_same_round(game, room):
    play(game, 4)
    hard = game.new_round(TOKEN, "daily", "drawn")
    inside = game.new_round(TOKEN, "daily", "drawn", room)
    assert (inside.id, inside.number) == (hard.id, 5)
    assert game.new_round(TOKEN, "daily", "drawn").id == hard.id


def test_a_class_sees_its_days_challenge_wherever_it_was_begun(game, room):
    for token, name in ((TOKEN, "Ada"), (PUPIL, "Bob"), (TEACHER, "Eve")):
        game.scores.rename(player_id(token), name)
    play(game)  # at home; then the class meets
    with pytest.raises(UserError, match="today's ten"):
        game.new_round(TOKEN, "daily", "drawn", room)
    play(game, 3, room=room, token=PUPIL)
    play(game, 7, token=PUPIL, right=False)
    play(game, token=TEACHER)  # in no room
    assert board(game, room) == [("Ada", 10, 10), ("Bob", 3, 10)]
    assert len(board(game)) == 3
    assert "Ada" in rooms.export_room(game.scores, room, TEACHER)
    assert rooms.remove_nickname(game.scores, room, TEACHER, "Bob") == 1
    assert [name for name, _, _ in board(game, room)] == ["Ada"]


def test_a_reset_empties_the_room_and_deals_nothing_again(game, room):
    game.scores.rename(player_id(TOKEN), "Ada")
    play(game, room=room)
    rooms.reset_room(game.scores, room, TEACHER)
    with pytest.raises(UserError, match="today's ten"):
        game.new_round(TOKEN, "daily", "drawn", room)
    assert board(game, room) == []
    assert board(game) == [("Ada", 10, 10)]


def test_yesterdays_open_round_is_not_dealt_today(game, on):
    on("2026-11-20")
    stale = game.new_round(TOKEN, "daily", "drawn")
    on("2026-11-21")
    fresh = game.new_round(TOKEN, "daily", "drawn")
    assert (fresh.set.day, fresh.number) == ("2026-11-21", 1)
    with pytest.raises(UserError, match="over"):
        game.answer(stale.id, "left", None)


def test_a_hard_pair_goes_along_into_another_room(game, room):
    game.new_round(TOKEN, "pair", "drawn", room)
    game.answer(game.new_round(TOKEN, "pair", "drawn", room).id, "left", None)
    hard = game.new_round(TOKEN, "pair", "drawn", room)
    outside = game.new_round(TOKEN, "pair", "drawn")
    assert (outside.id, outside.pictures) == (hard.id, hard.pictures)
    assert (hard.number, outside.number, outside.set.room) == (2, 1, "")
    verdict = game.answer(outside.id, outside.truth, None)
    assert verdict.score == 1
    assert game.new_round(TOKEN, "pair", "drawn", room).number == 2
