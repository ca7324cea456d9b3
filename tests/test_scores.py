"""Scores in SQLite: they outlive kill -9, take hostile names, and belong to their room."""

import csv
import io
import os
import signal
import subprocess
import sys
import time

import pytest

from ganfake import UserError
from ganfake.quiz import rooms
from ganfake.quiz.scores import DAY, Answer, Scores, open_scores, player_id

OWNER, PUPIL = "the-teachers-secret-token", "the-pupils-secret-token"


def give(scores, token, nickname, right, wrong=0, room="", mode="pair", day="2026-11-20"):
    player = player_id(token)
    scores.rename(player, nickname)
    current = scores.start_set(player, mode, "pocket", room, day)
    outcomes = [True] * right + [False] * wrong
    for number, correct in enumerate(outcomes, start=1):
        answer = Answer(number, correct, "left", "left", None, 1.0, number * correct, "", None)
        scores.add_answer(current.id, answer, last=number == len(outcomes))
    return current


def test_answers_survive_kill_9(tmp_path):
    path = tmp_path / "scores.sqlite"
    script = f"""
import time
from pathlib import Path
from ganfake.quiz.scores import Answer, Scores, player_id
scores = Scores(Path({str(path)!r}))
player = player_id("t")
scores.rename(player, "Ada")
current = scores.start_set(player, "pair", "pocket", "", "d")
for n in range(1, 1000):
    answer = Answer(n, True, "left", "left", None, 1.0, n, "", None)
    scores.add_answer(current.id, answer, last=False)
    print(n, flush=True)
"""
    child = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
    for line in child.stdout:
        if int(line) >= 50:
            os.kill(child.pid, signal.SIGKILL)
            break
    said = int(line)
    child.wait()
    after = Scores(path)
    assert len(after.answers(1)) >= said
    assert after.nickname(player_id("t")) == "Ada"
    after.close()


def test_the_secret_stays_the_same(tmp_path):
    first = Scores(tmp_path / "s.sqlite")
    second = Scores(tmp_path / "s.sqlite")
    assert first.secret() == second.secret()
    assert len(first.secret()) == 32


def test_an_unwritable_folder_is_said(tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")
    scores, note = open_scores(blocked)
    assert "only until the program stops" in note
    give(scores, PUPIL, "Ada", 1)


def test_a_space_without_a_disk_says_so(tmp_path, monkeypatch):
    monkeypatch.setenv("SPACE_ID", "someone/ganfake")
    assert "restarts" in open_scores(tmp_path)[1]


def test_more_right_answers_outrank_a_lucky_start(scores):
    give(scores, "lucky-players-token", "Lucky", right=2)
    give(scores, "steady-players-token", "Steady", right=38, wrong=2)
    board = rooms.leaderboard(scores)
    assert [s.nickname for s in board] == ["Steady", "Lucky"]
    assert board[0].rounds == 40
    assert board[0].best_streak == 38


def test_players_without_a_nickname_are_not_shown(scores):
    player = player_id(PUPIL)
    current = scores.start_set(player, "pair", "pocket", "", "d")
    scores.add_answer(current.id, Answer(1, True, "left", "left", None, 1, 1, "", None), False)
    assert rooms.leaderboard(scores) == []


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  Ada  Lovelace ", "Ada Lovelace"),
        ("<b>bold</b>", "<b>bold</b>"),
        ("a\u202eb\u200bc\n", "a b c"),
        ("Zoë 🦉", "Zoë 🦉"),
        ("'); DROP TABLE x", "'); DROP TABLE x"),
    ],
)
def test_nicknames_are_one_clean_line(typed, kept):
    assert rooms.clean_nickname(typed) == kept


@pytest.mark.parametrize("typed", ["", "   ", "\u200b", "x" * 21, "<script>alert(1)</script>"])
def test_impossible_nicknames_are_refused(typed):
    with pytest.raises(UserError, match="1 to 20"):
        rooms.clean_nickname(typed)


def test_a_room_has_its_own_board(scores):
    code = rooms.open_room(scores, OWNER)
    give(scores, PUPIL, "Ada", right=5, room=code)
    give(scores, "another-players-token", "Bob", right=9)
    assert [s.nickname for s in rooms.leaderboard(scores, code)] == ["Ada"]
    assert len(rooms.leaderboard(scores)) == 2
    assert rooms.clean_code(scores, f" {code.lower()} ") == code
    with pytest.raises(UserError, match="no room"):
        rooms.clean_code(scores, "QQQQQ")


def test_only_the_owner_removes_resets_and_exports(scores):
    code = rooms.open_room(scores, OWNER)
    give(scores, PUPIL, "=rude()", right=5, room=code)
    for act in (
        lambda t: rooms.remove_nickname(scores, code, t, "=rude()"),
        lambda t: rooms.reset_room(scores, code, t),
        lambda t: rooms.export_room(scores, code, t),
    ):
        with pytest.raises(UserError, match="opened the room"):
            act(PUPIL)
    rows = list(csv.DictReader(io.StringIO(rooms.export_room(scores, code, OWNER))))
    assert rows[0]["nickname"] == "'=rude()"  # no spreadsheet runs it
    assert rows[0]["correct"] == "5"


def test_a_removed_nickname_is_gone_until_another_is_chosen(scores):
    code = rooms.open_room(scores, OWNER)
    give(scores, PUPIL, "Rude", right=5, room=code)
    assert rooms.remove_nickname(scores, code, OWNER, "Rude") == 1
    assert rooms.leaderboard(scores, code) == []
    scores.rename(player_id(PUPIL), "Kind")
    assert [s.nickname for s in rooms.leaderboard(scores, code)] == ["Kind"]


def test_reset_deletes_the_rooms_answers_alone(scores):
    code = rooms.open_room(scores, OWNER)
    inside = give(scores, PUPIL, "Ada", right=5, room=code)
    outside = give(scores, PUPIL, "Ada", right=3)
    rooms.reset_room(scores, code, OWNER)
    assert scores.answers(inside.id) == []
    assert len(scores.answers(outside.id)) == 3


def test_calls_without_an_answer_leave_no_rows_for_long(scores, monkeypatch):
    def count(table):
        return scores.rows(f"SELECT count(*) FROM {table}")[0][0]

    kept = give(scores, PUPIL, "Ada", right=1)
    scores.rename(player_id("a-visitor-without-a-game"), "Bob")
    for number in range(50):
        scores.start_set(player_id(f"a-fresh-token-{number}"), "pair", "pocket", "", "d")
    assert count("players") == 2, "who has no nickname needs no row"
    assert count("sets") == 51
    clock, passed = time.time, [DAY * 1.1]
    monkeypatch.setattr(time, "time", lambda: clock() + passed[0])
    hour = time.monotonic() + 3700
    monkeypatch.setattr(time, "monotonic", lambda: hour)
    today = scores.start_set(player_id(PUPIL), "pair", "pocket", "", "d")
    assert [row["id"] for row in scores.rows("SELECT id FROM sets")] == [kept.id, today.id]
    assert count("players") == 2
    passed[0] = DAY * 40
    scores.prune()
    assert [row["nickname"] for row in scores.rows("SELECT * FROM players")] == ["Ada"]
    assert len(scores.answers(kept.id)) == 1
