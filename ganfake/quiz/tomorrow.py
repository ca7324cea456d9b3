"""Tomorrow's quiz: made faces that visitors put among the fakes of the next daily challenge.

What is kept is not what was sent: the picture is made again from its mark (`remake`), so that
nothing but the work of our own models gets in.
"""

import hashlib
import hmac
import sqlite3
import time
from datetime import date, timedelta
from weakref import WeakKeyDictionary

import numpy as np
from PIL import Image

from ganfake import UserError
from ganfake.images import open_picture
from ganfake.provenance import encode
from ganfake.quiz.cards import Card, mark_of
from ganfake.quiz.decks.base import Deck
from ganfake.quiz.dressing import dress_after
from ganfake.quiz.scores import Scores, player_id
from ganfake.remake import remade

PLACES = 3  # of a day's ten fakes; who comes first gets them
MAX_BYTES = 4 * 2**20
NOBODY = "a visitor"  # who has no nickname
_SCHEMA = """
CREATE TABLE IF NOT EXISTS guests (
    id INTEGER PRIMARY KEY, day TEXT NOT NULL, place INTEGER NOT NULL, player TEXT NOT NULL,
    recipe TEXT NOT NULL, made_by TEXT NOT NULL, picture BLOB NOT NULL, put_in REAL NOT NULL,
    UNIQUE (day, place), UNIQUE (day, player), UNIQUE (day, recipe));
"""


class Tomorrow:
    """The guests among a day's fakes, beside the scores; safe to call from many threads."""

    def __init__(self, scores: Scores):
        self._scores, self._secret = scores, scores.secret()
        with scores.transaction() as db:
            db.execute(_SCHEMA)
        # By the fake whose place it takes: what is dressed once is the same for everybody.
        self._dressed: WeakKeyDictionary[Card, tuple[int, np.ndarray]] = WeakKeyDictionary()

    # -- putting in --------------------------------------------------------------
    def put(self, today: str, token: str, content: bytes) -> str:
        """Put a picture file into the challenge of the day after `today`; says so in a sentence.

        token: the player's secret. UserError when the day has no place left, the player has
        put one in already, or the file is not what `remade` takes.
        """
        day = (date.fromisoformat(today) + timedelta(days=1)).isoformat()
        player = player_id(token)
        if len(content) > MAX_BYTES:
            raise UserError(f"The file is over {MAX_BYTES >> 20} MB; use a smaller one.")
        self._room(day, player)
        made = remade(content)
        picture = encode(Image.fromarray(made.picture), "PNG", **mark_of(made.made_by()))
        with self._scores.transaction() as db:
            db.execute("DELETE FROM guests WHERE day < ?", (today,))
            place = self._room(day, player)
            try:
                db.execute(
                    "INSERT INTO guests (day, place, player, recipe, made_by, picture, put_in)"
                    " VALUES (?, ?, ?, ?, ?, ?, ?)",
                    (day, place, player, made.recipe(), made.made_by(), picture, time.time()),
                )
            except sqlite3.IntegrityError:
                raise UserError(
                    "Somebody has put this very picture in already; choose another one."
                ) from None
        return "It will be among tomorrow's ten fakes, which come at midnight UTC."

    def _room(self, day: str, player: str) -> int:
        """The first free place of a day; UserError where there is none for this player."""
        taken = self._scores.rows("SELECT place, player FROM guests WHERE day = ?", day)
        if player in {row["player"] for row in taken}:
            raise UserError("You have put a picture into tomorrow's quiz already; one is allowed.")
        free = set(range(PLACES)) - {row["place"] for row in taken}
        if not free:
            raise UserError(f"Tomorrow's quiz has its {PLACES} pictures already; come back then.")
        return min(free)

    # -- playing -----------------------------------------------------------------
    def instead_of(self, fake: Card, day: str, number: int, of: int, deck: Deck) -> Card:
        """The guest of round `number` (1 to `of`) as a picture of the deck, else `fake` itself."""
        rng = np.random.default_rng(self._seed(day))
        rounds = (1 + rng.permutation(of)[:PLACES]).tolist()
        if number not in rounds:
            return fake
        found = self._scores.rows(
            "SELECT id, player, made_by, picture FROM guests WHERE day = ? AND place = ?",
            *(day, rounds.index(number)),
        )
        if not found:
            return fake
        [guest] = found
        known = self._dressed.get(fake)
        if known is None or known[0] != guest["id"]:
            rng = np.random.default_rng(self._seed(day, str(guest["id"]), deck.name))
            face = np.asarray(open_picture(guest["picture"]))
            known = guest["id"], dress_after(face, deck, fake.picture, rng)
            self._dressed[fake] = known
        return Card(known[1], guest["made_by"], self._scores.nickname(guest["player"]) or NOBODY)

    def _seed(self, *parts: str) -> int:
        text = "\x1f".join(("guests", *parts)).encode()
        return int.from_bytes(hmac.digest(self._secret, text, hashlib.sha256)[:8], "big")

    # -- for whoever runs the server -----------------------------------------------
    def listed(self) -> list[dict]:
        """What is put in and not over: id, day, who ("a visitor" without a nickname), made_by."""
        rows = self._scores.rows("SELECT id, day, player, made_by FROM guests ORDER BY day, place")
        return [
            {
                "id": row["id"],
                "day": row["day"],
                "who": self._scores.nickname(row["player"]) or NOBODY,
                "made_by": row["made_by"],
            }
            for row in rows
        ]

    def remove(self, key: int) -> None:
        """Take a picture out; a round that is on somebody's screen ends as it began."""
        with self._scores.transaction() as db:
            gone = db.execute("DELETE FROM guests WHERE id = ?", (key,)).rowcount
        if not gone:
            raise UserError(f"There is no picture {key}; list them with `quiz tomorrow`.")
