"""Blind votes between two models: pairs that tell nothing, each voted on once, kept in SQLite."""

import secrets
import threading
import time
from collections import OrderedDict
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from PIL import Image

from ganfake import UserError
from ganfake.generate import Face, generate_each
from ganfake.images import encode_jpeg
from ganfake.models import available
from ganfake.quiz.scores import Scores, player_id

FAMILIES = {
    "faces": ("dcgan", "cdcgan", "wgan", "cwgan", "portrait"),
    "cars": ("dcgan-cars", "cdcgan-cars", "wgan-cars", "cwgan-cars"),
}
SIDES = {"faces": 64, "cars": 32}  # pixels at which all models of a family are shown
CHOICES = ("left", "right")
ANY = "any"
MAX_OPEN_OF_ONE = 8  # pairs dealt to one player and not voted on; the oldest go first
_MAX_OPEN = 2000
_STOCK = 16  # pictures that a model makes at a time: a batch costs as much as one
_JPEG_QUALITY = 92
_PAD_TO = 12_288  # every picture served is a file of this many bytes
_OVER = "This pair is over or never was yours; ask for a new one."
_SCHEMA = """
CREATE TABLE IF NOT EXISTS votes (
    pair TEXT PRIMARY KEY, player TEXT NOT NULL, time REAL NOT NULL, family TEXT NOT NULL,
    left_model TEXT NOT NULL, right_model TEXT NOT NULL,
    left_seed INTEGER NOT NULL, right_seed INTEGER NOT NULL,
    winner TEXT NOT NULL CHECK (winner IN ('left', 'right')));
CREATE INDEX IF NOT EXISTS votes_of_family ON votes (family, player);
"""


@dataclass(frozen=True)
class Pair:
    """Two faces as the server knows them, left first, with the files that were served."""

    id: str
    player: str
    family: str
    faces: tuple[Face, Face]
    originals: tuple[Image.Image, Image.Image]
    files: tuple[bytes, bytes]


def models_of(family: object) -> tuple[str, ...]:
    """The models of a family that have weights; UserError for another family."""
    if not isinstance(family, str) or family not in FAMILIES:
        raise UserError(f"There are no models of {str(family)[:20]!r}; choose faces or cars.")
    kept = available()
    return tuple(name for name in FAMILIES[family] if name in kept)


def served(picture: Image.Image, family: str) -> bytes:
    """A picture as a JPEG file that tells its model neither by name, size, nor length.

    Fresh noise of one grey level makes every file a new one, as in the game.
    """
    side = SIDES[family]
    small = np.asarray(picture.convert("RGB").resize((side, side), Image.Resampling.BOX), np.int16)
    noise = np.random.default_rng().integers(-1, 2, (side, side, 1), np.int16)
    noisy = Image.fromarray(np.clip(small + noise, 0, 255).astype(np.uint8))
    return encode_jpeg(noisy, quality=_JPEG_QUALITY, pad_to=_PAD_TO)


class Votes:
    """Deals pairs and takes votes, in the database of the scores; safe from many threads.

    There is no "no difference": to choose when in doubt costs a coin's throw, which the model
    of strengths expects, while a third answer is used by each person as they see fit.
    """

    def __init__(self, scores: Scores):
        self.scores = scores
        self._lock, self._making = threading.RLock(), threading.Lock()
        self._open: OrderedDict[str, Pair] = OrderedDict()
        self._asked: dict[tuple, str] = {}  # (player, family, models asked for): pair id
        self._stock: dict[str, list[tuple[Face, Image.Image]]] = {}
        with scores.transaction() as db:
            for statement in filter(str.strip, _SCHEMA.split(";")):
                db.execute(statement)

    # -- dealing -----------------------------------------------------------------
    def pair(self, token: str, family: object, first: object = ANY, second: object = ANY) -> Pair:
        """A pair of pictures by two models; either may be "any", which draws one.

        One that waits for a vote is given again, so that a hard pair cannot be skipped.
        UserError for an unknown family or model, and for a model against itself.
        """
        player = player_id(token)
        asked = tuple(sorted(map(str, (first, second))))
        models = self._drawn(models_of(family), first, second)
        key = (player, family, asked)
        with self._lock:
            if waiting := self._open.get(self._asked.get(key, "")):
                return waiting
        made = [self._made(model) for model in models]  # votes need not wait for this
        found = Pair(
            secrets.token_urlsafe(16), player, family, tuple(face for face, _ in made),
            tuple(picture for _, picture in made),
            tuple(served(picture, family) for _, picture in made),
        )  # fmt: skip
        with self._lock:
            if waiting := self._open.get(self._asked.get(key, "")):
                return waiting  # asked for twice at once
            self._open[found.id] = found
            self._asked[key] = found.id
            self._trim(player)
            return found

    def _drawn(self, models: tuple[str, ...], first: object, second: object) -> list[str]:
        """Two of the models, left and right by chance."""
        for name in (first, second):
            if name != ANY and name not in models:
                raise UserError(f"Choose two of {', '.join(models)}, or any.")
        fits = [
            pair
            for pair in combinations(models, 2)
            if {first, second} - {ANY} <= set(pair)
        ]  # fmt: skip
        if not fits or (first == second and first != ANY):
            raise UserError("Choose two different models, or any.")
        chosen = list(secrets.choice(fits))
        return chosen[:: secrets.choice((1, -1))]

    def _made(self, model: str) -> tuple[Face, Image.Image]:
        """A fresh picture that nobody has seen; its seed is random and used once."""
        with self._making:
            stock = self._stock.setdefault(model, [])
            if not stock:
                seeds = [secrets.randbits(40) for _ in range(_STOCK)]
                made = generate_each(model, seeds)
                stock += [(Face(model, s), p) for s, p in zip(seeds, made, strict=True)]
            return stock.pop()

    def _trim(self, player: str) -> None:
        own = [pair for pair in self._open.values() if pair.player == player]
        for pair in own[:-MAX_OPEN_OF_ONE]:
            self._forget(pair.id)
        while len(self._open) > _MAX_OPEN:
            self._forget(next(iter(self._open)))

    def _forget(self, key: str) -> None:
        self._open.pop(key, None)
        self._asked = {asked: pair for asked, pair in self._asked.items() if pair != key}

    # -- voting ------------------------------------------------------------------
    def vote(self, token: str, key: object, choice: object) -> Pair:
        """Take a vote, "left" or "right", once; returns the pair with its truth.

        UserError for a pair that is over, unknown or somebody else's.
        """
        if choice not in CHOICES:
            raise UserError("Choose the left or the right picture.")
        with self._lock:
            found = self._open.get(key) if isinstance(key, str) else None
            if found is None or found.player != player_id(token):
                raise UserError(_OVER)
            left, right = found.faces
            with self.scores.transaction() as db:
                db.execute(
                    "INSERT INTO votes VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                    (found.id, found.player, time.time(), found.family, left.model, right.model,
                     left.seed, right.seed, choice),
                )  # fmt: skip
            self._forget(found.id)
            return found

    def given(self, family: str, token: str = "") -> list[tuple[str, str]]:
        """Votes (preferred, other) in a family: everybody's, or those of one player."""
        query = "SELECT left_model, right_model, winner FROM votes WHERE family = ?"
        values = [family]
        if token:
            query, values = f"{query} AND player = ?", [family, player_id(token)]
        return [
            (left, right) if winner == "left" else (right, left)
            for left, right, winner in self.scores.rows(query, *values)
        ]
