"""Rooms come and go: a few a day for each, and who never plays makes way for a new class."""

import pytest

from ganfake import UserError
from ganfake.quiz import rooms
from ganfake.quiz.scores import DAY, player_id
from tests.test_scores import OWNER, PUPIL, give


@pytest.fixture
def later(monkeypatch):
    """Lets days pass."""
    clock = rooms.time.time
    passed = [0.0]
    monkeypatch.setattr(rooms.time, "time", lambda: clock() + passed[0])
    return lambda days: passed.__setitem__(0, passed[0] + days * DAY)


@pytest.fixture
def few(monkeypatch):
    monkeypatch.setattr(rooms, "_MAX_ROOMS", 3)


def teacher(number: int) -> str:
    return f"the-token-of-teacher-{number}"


def names(scores, code=""):
    return [s.nickname for s in rooms.leaderboard(scores, code)]


def test_one_opens_a_few_rooms_a_day(scores, later):
    for _ in range(rooms._A_DAY):
        rooms.open_room(scores, OWNER)
    with pytest.raises(UserError, match="20 rooms within a day"):
        rooms.open_room(scores, OWNER)
    rooms.open_room(scores, teacher(1))
    later(1.1)
    rooms.open_room(scores, OWNER)


def test_rooms_in_use_stay_and_idle_ones_make_way(scores, few, later):
    idle, living, unused = (rooms.open_room(scores, teacher(i)) for i in range(3))
    give(scores, PUPIL, "Ada", right=5, room=idle)
    give(scores, OWNER, "Bob", right=5, room=living)
    with pytest.raises(UserError, match="no more rooms"):
        rooms.open_room(scores, OWNER)
    later(rooms._UNUSED_DAYS + 1)
    rooms.open_room(scores, OWNER)
    assert [rooms.exists(scores, code) for code in (idle, living, unused)] == [True, True, False]
    later(rooms._IDLE_DAYS - 10)
    give(scores, OWNER, "Bob", right=5, room=living)
    later(10)
    rooms.open_room(scores, OWNER)
    assert [rooms.exists(scores, code) for code in (idle, living)] == [False, True]
    assert names(scores, living) == ["Bob"]
    assert rooms.leaderboard(scores, living)[0].rounds == 10, "the old results as well"
    assert names(scores, idle) == []
    assert sorted(names(scores)) == ["Ada", "Bob"], "what one has answered stays one's own"


def test_idle_rooms_stay_while_there_is_space(scores, later):
    code = rooms.open_room(scores, OWNER)
    later(400)
    rooms.open_room(scores, OWNER)
    assert rooms.exists(scores, code)


def test_a_room_where_only_the_daily_challenge_is_played_is_in_use(scores, few, later):
    code = rooms.open_room(scores, OWNER)
    later(rooms._UNUSED_DAYS + 1)
    rooms.show(scores, code, give(scores, PUPIL, "Ada", right=5, mode="daily").id)
    for number in range(2):
        rooms.open_room(scores, teacher(number))
    with pytest.raises(UserError, match="no more rooms"):
        rooms.open_room(scores, teacher(3))
    assert names(scores, code) == ["Ada"]


def test_a_nickname_taken_off_does_not_come_back_when_its_room_is_closed(scores, few, later):
    code = rooms.open_room(scores, OWNER)
    give(scores, PUPIL, "Rude", right=5, room=code)
    rooms.remove_nickname(scores, code, OWNER, "Rude")
    later(rooms._IDLE_DAYS + 1)
    for number in range(3):
        rooms.open_room(scores, teacher(number))
    assert not rooms.exists(scores, code)
    assert names(scores) == []
    assert scores.nickname(player_id(PUPIL)) == "Rude"
