"""Leaderboards, and the rooms that give a class one of its own."""

import csv
import io
import secrets
import sqlite3
import time
import unicodedata
from dataclasses import asdict, dataclass

from ganfake import UserError
from ganfake.quiz import Gone
from ganfake.quiz.scores import DAY, Scores, player_id
from ganfake.stats import wilson

# Letters and digits that are not mistaken for one another on a blackboard.
_ALPHABET = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
_CODE_LENGTH = 5
_MAX_NICKNAME = 20
_MAX_ROOMS = 10_000
_A_DAY = 20  # rooms that one browser opens
_IDLE_DAYS = 60  # without an answer: longer than most holidays
_UNUSED_DAYS = 4  # without any answer ever: opened before a long weekend, for the day after
_MAKE_WAY = 100  # rooms that are closed at a time


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
    code = str(code).strip().upper()
    # A lone half of a character could not even be asked for.
    return code.isascii() and bool(scores.rows("SELECT 1 FROM rooms WHERE code = ?", code))


def clean_code(scores: Scores, code: str) -> str:
    """The code of an open room as it is stored, '' for none; UserError when there is no such."""
    code = str(code or "").strip().upper()
    if not code:
        return ""
    if not exists(scores, code):
        sentence = "There is no room with this code; check it with whoever opened the room."
        raise Gone("room", sentence)
    return code


def open_room(scores: Scores, token: str) -> str:
    """Open a room that the player with `token` owns; returns its code.

    Where there are too many, those that were idle for the longest make way. UserError when all
    are in use, and when the player has opened enough of them today.
    """
    owner, now = player_id(token), time.time()
    with scores.transaction() as db:
        query = "SELECT count(*) FROM rooms WHERE owner = ? AND opened > ?"
        if db.execute(query, (owner, now - DAY)).fetchone()[0] >= _A_DAY:
            raise UserError(
                f"You have opened {_A_DAY} rooms within a day; use one of them, or come back"
                " tomorrow."
            )
        if _count(db) >= _MAX_ROOMS:
            _close_idle(db, now)
        if _count(db) >= _MAX_ROOMS:
            raise UserError("This server has no more rooms; ask whoever runs it.")
        while True:
            code = "".join(secrets.choice(_ALPHABET) for _ in range(_CODE_LENGTH))
            if not db.execute("SELECT 1 FROM rooms WHERE code = ?", (code,)).fetchone():
                break
        db.execute("INSERT INTO rooms VALUES (?, ?, ?)", (code, owner, now))
    return code


def _count(db: sqlite3.Connection) -> int:
    return db.execute("SELECT count(*) FROM rooms").fetchone()[0]


def _close_idle(db: sqlite3.Connection, now: float) -> None:
    """Close rooms that nobody plays in; what was answered there stays with the players.

    Only under a nickname that the owner had taken off is it deleted: it must not come back.
    """
    unused = (_IDLE_DAYS - _UNUSED_DAYS) * DAY  # what such a room is older than it looks
    idle = db.execute(
        "SELECT code, coalesce(max(s.started, coalesce(s.finished, 0)), opened - ?) AS used"
        " FROM rooms LEFT JOIN (SELECT w.room, max(started) AS started, max(finished) AS finished"
        "  FROM room_sets w JOIN sets ON sets.id = w.set_id"
        "  WHERE EXISTS (SELECT 1 FROM answers a WHERE a.set_id = sets.id) GROUP BY w.room) s"
        " ON s.room = code WHERE used < ? ORDER BY used LIMIT ?",
        (unused, now - _IDLE_DAYS * DAY, _MAKE_WAY),
    ).fetchall()
    for code, _ in idle:
        db.execute(
            "DELETE FROM sets WHERE room = ? AND player IN (SELECT p.id FROM removed r"
            " JOIN players p ON p.id = r.player AND p.nickname = r.nickname WHERE r.room = ?)",
            (code, code),
        )
        db.execute("UPDATE sets SET room = '' WHERE room = ?", (code,))
        db.execute("DELETE FROM rooms WHERE code = ?", (code,))


def show(scores: Scores, code: str, set_id: int) -> None:
    """Let a set that belongs to no room count in one; nothing if it does, or did until a reset."""
    with scores.transaction() as db:
        db.execute("INSERT OR IGNORE INTO shown (room, set_id) VALUES (?, ?)", (code, set_id))


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
        " WHERE p.nickname != '' AND s.mode NOT IN ('before', 'after', 'second')"
        " AND (?1 = '' OR s.id IN (SELECT set_id FROM room_sets WHERE room = ?1))"
        " AND (?2 = '' OR s.mode = ?2) AND (?3 = '' OR s.day = ?3)"
        " AND s.id NOT IN (SELECT o.id FROM removed r JOIN room_sets w ON w.room = r.room"
        "  JOIN sets o ON o.id = w.set_id AND o.player = r.player"
        "  JOIN players q ON q.id = r.player AND q.nickname = r.nickname"
        "  WHERE ?1 = '' OR r.room = ?1)"
        " GROUP BY p.id",
        *(room, mode, day),
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
    nickname = str(nickname).encode(errors="replace").decode()  # nobody has half a character
    with scores.transaction() as db:
        return db.execute(
            "INSERT OR REPLACE INTO removed SELECT DISTINCT w.room, p.id, p.nickname"
            " FROM room_sets w JOIN sets s ON s.id = w.set_id JOIN players p ON p.id = s.player"
            " WHERE w.room = ? AND p.nickname = ?",
            (code, nickname),
        ).rowcount


def reset_room(scores: Scores, code: str, token: str) -> None:
    """Delete every answer given in a room, for its owner.

    A day's challenge only leaves the room: it stays the player's, who could play it again else.
    """
    code = _require_owner(scores, code, token)
    with scores.transaction() as db:
        db.execute("DELETE FROM sets WHERE room = ?", (code,))
        db.execute("UPDATE shown SET reset = 1 WHERE room = ?", (code,))


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
