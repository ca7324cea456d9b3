"""Leaderboards, and the rooms that give a class one of its own."""

import csv
import io
import secrets
import time
import unicodedata
from dataclasses import asdict, dataclass

from ganfake import UserError
from ganfake.quiz.scores import Scores, player_id
from ganfake.stats import wilson

# Letters and digits that are not mistaken for one another on a blackboard.
_ALPHABET = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
_CODE_LENGTH = 5
_MAX_NICKNAME = 20
_MAX_ROOMS = 10_000


@dataclass(frozen=True)
class Standing:
    """One line of a leaderboard; players are ranked by the low end of Wilson's interval."""

    rank: int
    nickname: str
    rounds: int
    correct: int
    accuracy: float
    low: float
    high: float
    best_streak: int


def clean_nickname(text: str) -> str:
    """What a player typed, as a nickname: one line, no invisible characters, 1 to 20 long."""
    visible = "".join(
        c if unicodedata.category(c)[0] not in "CZ" else " "
        for c in unicodedata.normalize("NFC", str(text)[:200])
    )
    nickname = " ".join(visible.split())
    if not 1 <= len(nickname) <= _MAX_NICKNAME:
        raise UserError(f"A nickname has 1 to {_MAX_NICKNAME} characters.")
    return nickname


def exists(scores: Scores, code: str) -> bool:
    return bool(scores.rows("SELECT 1 FROM rooms WHERE code = ?", str(code).strip().upper()))


def clean_code(scores: Scores, code: str) -> str:
    """The code of an open room as it is stored, '' for none; UserError when there is no such."""
    code = str(code or "").strip().upper()
    if not code:
        return ""
    if not exists(scores, code):
        raise UserError("There is no room with this code; check it with whoever opened the room.")
    return code


def open_room(scores: Scores, token: str) -> str:
    """Open a room that the player with `token` owns; returns its code."""
    with scores.transaction() as db:
        if db.execute("SELECT count(*) FROM rooms").fetchone()[0] >= _MAX_ROOMS:
            raise UserError("This server has no more rooms; ask whoever runs it.")
        while True:
            code = "".join(secrets.choice(_ALPHABET) for _ in range(_CODE_LENGTH))
            if not db.execute("SELECT 1 FROM rooms WHERE code = ?", (code,)).fetchone():
                break
        db.execute("INSERT INTO rooms VALUES (?, ?, ?)", (code, player_id(token), time.time()))
    return code


def is_owner(scores: Scores, code: str, token: str) -> bool:
    return bool(
        scores.rows("SELECT 1 FROM rooms WHERE code = ? AND owner = ?", code, player_id(token))
    )


def _require_owner(scores: Scores, code: str, token: str) -> str:
    code = clean_code(scores, code)
    if not code or not is_owner(scores, code, token):
        raise UserError("Only the browser that opened the room can do this.")
    return code


def leaderboard(scores: Scores, room: str = "", mode: str = "", day: str = "") -> list[Standing]:
    """Named players of a room ('' for everybody), by mode and day when given, best first.

    Rounds of the lesson do not count, nor those in which the machine helped.
    """
    found = scores.rows(
        "SELECT p.nickname, count(*) AS rounds, sum(a.correct) AS correct, max(a.streak) AS streak"
        " FROM answers a JOIN sets s ON s.id = a.set_id JOIN players p ON p.id = s.player"
        " LEFT JOIN removed r ON r.room = s.room AND r.player = p.id AND r.nickname = p.nickname"
        " WHERE p.nickname != '' AND r.player IS NULL"
        " AND s.mode NOT IN ('before', 'after', 'second')"
        " AND (? = '' OR s.room = ?) AND (? = '' OR s.mode = ?) AND (? = '' OR s.day = ?)"
        " GROUP BY p.id",
        *(room, room, mode, mode, day, day),
    )
    ranked = sorted(
        ((row, wilson(row["correct"], row["rounds"])) for row in found),
        key=lambda pair: (-pair[1][0], pair[0]["nickname"]),
    )
    return [
        Standing(
            rank, row["nickname"], row["rounds"], row["correct"],
            row["correct"] / row["rounds"], low, high, row["streak"],
        )
        for rank, (row, (low, high)) in enumerate(ranked, start=1)
    ]  # fmt: skip


def remove_nickname(scores: Scores, code: str, token: str, nickname: str) -> int:
    """Take a nickname off a room's leaderboard, for its owner; returns how many had it.

    The player may choose another one and is then shown again.
    """
    code = _require_owner(scores, code, token)
    with scores.transaction() as db:
        return db.execute(
            "INSERT OR REPLACE INTO removed SELECT DISTINCT s.room, p.id, p.nickname FROM sets s"
            " JOIN players p ON p.id = s.player WHERE s.room = ? AND p.nickname = ?",
            (code, str(nickname)),
        ).rowcount


def reset_room(scores: Scores, code: str, token: str) -> None:
    """Delete every answer given in a room, for its owner."""
    code = _require_owner(scores, code, token)
    with scores.transaction() as db:
        db.execute("DELETE FROM sets WHERE room = ?", (code,))


def export_room(scores: Scores, code: str, token: str) -> str:
    """A room's leaderboard as CSV, for its owner."""
    code = _require_owner(scores, code, token)
    text = io.StringIO()
    writer = csv.DictWriter(text, fieldnames=list(Standing.__dataclass_fields__))
    writer.writeheader()
    for standing in leaderboard(scores, code):
        row = asdict(standing)
        if row["nickname"][0] in "=+-@":
            # A spreadsheet would run it as a formula.
            row["nickname"] = "'" + row["nickname"]
        writer.writerow(row)
    return text.getvalue()
