"""Scores, nicknames and rooms in SQLite; they survive a restart and a kill -9."""

import hashlib
import os
import secrets
import sqlite3
import tempfile
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from ganfake.quiz.schema import SCHEMA

DAY = 86_400.0  # seconds
_NAME_DAYS = 30  # that a nickname is kept for somebody who has not answered anything
_PRUNE_EVERY = 3600.0  # seconds


def player_id(token: str) -> str:
    """What the database knows of a player: a hash of the secret in their browser.

    Any text has one, also half a character of UTF-16; it is then simply nobody's.
    """
    return hashlib.sha256(f"player:{token}".encode(errors="surrogatepass")).hexdigest()[:32]


@dataclass(frozen=True)
class Answer:
    """One answered round; `made_by` is what made the fake, '' when none was shown."""

    number: int
    correct: bool
    said: str
    truth: str
    sure: bool | None
    seconds: float
    streak: int
    made_by: str
    fooled_by: bytes | None  # JPEG of the fake that the player took for real


@dataclass(frozen=True)
class Look:
    """What a player said before the machine did, and what the machine said."""

    first: str
    verdict: str  # of the machine: `real`, `fake` or `uncertain`
    probability: float | None  # of fake; None where it found no face


@dataclass(frozen=True)
class Set:
    """Ten rounds in one mode; `finished` is None while it runs."""

    id: int
    player: str
    mode: str
    deck: str
    room: str
    day: str
    started: float
    finished: float | None


def open_scores(folder: Path) -> tuple["Scores", str]:
    """The scores in `folder`, and a sentence when they will not last ('' when they will)."""
    note = ""
    if os.environ.get("SPACE_ID") and not folder.is_relative_to("/data"):
        note = "Scores here last until this Space restarts."
    try:
        folder.mkdir(parents=True, exist_ok=True)
        return Scores(folder / "scores.sqlite"), note
    except (OSError, sqlite3.Error):
        spare = Path(tempfile.mkdtemp(prefix="ganfake-"))
        note = "The data folder cannot be written, so scores last only until the program stops."
        return Scores(spare / "scores.sqlite"), note


class Scores:
    """One SQLite file; methods may be called from any thread."""

    def __init__(self, path: Path):
        self.path = path
        self._lock = threading.RLock()
        self._db = sqlite3.connect(path, check_same_thread=False, isolation_level=None, timeout=10)
        self._db.row_factory = sqlite3.Row
        # In WAL with NORMAL a commit survives the process being killed; only a power cut
        # may take the last moments, and an answer then waits for no disk.
        for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON"):
            self._db.execute(f"PRAGMA {pragma}")
        self._db.executescript(SCHEMA)
        os.chmod(path, 0o600)
        self._pruned = -_PRUNE_EVERY  # when, by time.monotonic

    @contextmanager
    def transaction(self):
        """All of what happens inside, or nothing."""
        with self._lock:
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield self._db
            except BaseException:
                self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")

    def rows(self, query: str, *values) -> list[sqlite3.Row]:
        """All rows of a query with bound values."""
        with self._lock:
            return self._db.execute(query, values).fetchall()

    def close(self) -> None:
        with self._lock:
            self._db.close()

    def secret(self) -> bytes:
        """32 random bytes, made once: what the server decides is derived from them."""
        with self.transaction() as db:
            fresh = secrets.token_bytes(32)
            db.execute("INSERT OR IGNORE INTO settings VALUES ('secret', ?)", (fresh,))
            return db.execute("SELECT value FROM settings WHERE name = 'secret'").fetchone()[0]

    # -- players ---------------------------------------------------------------
    def nickname(self, player: str) -> str:
        found = self.rows("SELECT nickname FROM players WHERE id = ?", player)
        return found[0]["nickname"] if found else ""

    def rename(self, player: str, nickname: str) -> None:
        with self.transaction() as db:
            db.execute(
                "INSERT INTO players (id, nickname, created) VALUES (?, ?, ?)"
                " ON CONFLICT (id) DO UPDATE SET nickname = excluded.nickname",
                (player, nickname, time.time()),
            )

    # -- sets and answers ------------------------------------------------------
    def latest_set(self, player: str, mode: str, deck: str, room: str) -> Set | None:
        found = self.rows(
            "SELECT * FROM sets WHERE player = ? AND mode = ? AND deck = ? AND room = ?"
            " ORDER BY id DESC LIMIT 1",
            *(player, mode, deck, room),
        )
        return Set(**found[0]) if found else None

    def daily_set(self, player: str, deck: str, day: str) -> Set | None:
        """The daily challenge of a day, whatever the room."""
        found = self.rows(
            "SELECT * FROM sets WHERE player = ? AND mode = 'daily' AND deck = ? AND day = ?"
            " ORDER BY id LIMIT 1",
            *(player, deck, day),
        )
        return Set(**found[0]) if found else None

    def start_set(self, player: str, mode: str, deck: str, room: str, day: str) -> Set:
        """A new set; now and then those that nobody ever answered in make way."""
        if time.monotonic() - self._pruned > _PRUNE_EVERY:
            self.prune()
        with self.transaction() as db:
            key = db.execute(
                "INSERT INTO sets (player, mode, deck, room, day, started)"
                " VALUES (?, ?, ?, ?, ?, ?)",
                (player, mode, deck, room, day, time.time()),
            ).lastrowid
        return self.get_set(key)

    def prune(self) -> None:
        """Delete what calls have left behind: old sets without an answer, players without a set."""
        self._pruned, now = time.monotonic(), time.time()
        with self.transaction() as db:
            db.execute(
                "DELETE FROM sets WHERE finished IS NULL AND started < ?"
                " AND NOT EXISTS (SELECT 1 FROM answers WHERE set_id = sets.id)",
                (now - DAY,),
            )
            db.execute(
                "DELETE FROM players WHERE created < ?"
                " AND NOT EXISTS (SELECT 1 FROM sets WHERE player = players.id)",
                (now - _NAME_DAYS * DAY,),
            )

    def get_set(self, key: int) -> Set | None:
        found = self.rows("SELECT * FROM sets WHERE id = ?", key)
        return Set(**found[0]) if found else None

    def add_answer(self, key: int, answer: Answer, last: bool, look: Look | None = None) -> None:
        with self.transaction() as db:
            if look:
                db.execute(
                    "INSERT INTO second_looks VALUES (?, ?, ?, ?, ?)",
                    (key, answer.number, look.first, look.verdict, look.probability),
                )
            db.execute(
                "INSERT INTO answers VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (key, *(getattr(answer, name) for name in Answer.__dataclass_fields__)),
            )
            db.execute(
                "INSERT OR REPLACE INTO streaks SELECT player, mode, ? FROM sets WHERE id = ?",
                (answer.streak, key),
            )
            if last:
                db.execute("UPDATE sets SET finished = ? WHERE id = ?", (time.time(), key))

    def answers(self, key: int) -> list[Answer]:
        found = self.rows("SELECT * FROM answers WHERE set_id = ? ORDER BY number", key)
        rows = [{name: row[name] for name in Answer.__dataclass_fields__} for row in found]
        for row in rows:
            row["correct"] = bool(row["correct"])
            row["sure"] = None if row["sure"] is None else bool(row["sure"])
        return [Answer(**row) for row in rows]

    def looks(self, key: int) -> list[Look]:
        """The first answers of a set with a second look, in the order of `answers`."""
        found = self.rows("SELECT * FROM second_looks WHERE set_id = ? ORDER BY number", key)
        return [Look(row["first"], row["verdict"], row["probability"]) for row in found]

    def last_streak(self, player: str, mode: str) -> int:
        """How many answers in a row were right, up to the player's last one in `mode`."""
        # Not of the latest set: there may be some under way, in several decks and rooms.
        found = self.rows(
            "SELECT streak FROM streaks WHERE player = ? AND mode = ?", player, mode
        ) or self.rows(  # in a database from before there was such a table
            "SELECT streak FROM answers JOIN sets ON sets.id = set_id"
            " WHERE player = ? AND mode = ? ORDER BY sets.id DESC, number DESC LIMIT 1",
            *(player, mode),
        )
        return found[0]["streak"] if found else 0

    def rounds_played(self, player: str, deck: str) -> int:
        return self.rows(
            "SELECT count(*) AS n FROM answers JOIN sets ON sets.id = set_id"
            " WHERE player = ? AND deck = ?",
            *(player, deck),
        )[0]["n"]
