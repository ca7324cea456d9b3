"""The two piles a game deals from: a deck's photographs and fakes dressed like them."""

import hashlib
import hmac
import re
import threading
from dataclasses import dataclass

import numpy as np
from PIL import Image

from ganfake import provenance
from ganfake.generate import generate_each
from ganfake.images import encode_jpeg, open_picture
from ganfake.quiz.decks.base import Deck
from ganfake.quiz.dressing import Wardrobe
from ganfake.swap import SOURCE_TYPE

MAX_FAKES = 1000
_CHUNK = 100  # fakes dressed at a time
_TRUNCATION = 0.8
_JPEG_QUALITY = 92
_PAD_TO = 12_288  # every picture served is a file of this many bytes


@dataclass(frozen=True, eq=False)
class Card:
    """One face as shown: (S, S, 3) uint8. `made_by` is '' for a photograph.

    put_by: who put it into the daily challenge, '' for the server's own fakes.
    """

    picture: np.ndarray
    made_by: str = ""
    put_by: str = ""


def marked(content: bytes, made_by: str) -> bytes:
    """A fake as it was served, as a PNG that says that it is AI-made: for after the answer."""
    return provenance.encode(open_picture(content), "PNG", **mark_of(made_by))


def mark_of(made_by: str) -> dict:
    """The mark that a fake's words stand for, as `provenance.encode` takes it.

    made_by: "dcgan, seed 7"; a guest's may be ", mixed" or ", pushed", and end with ", swapped
    to man_b" or ", put onto ...". The mark of a mixed or pushed face leaves the seed out, which
    alone makes another face.
    """
    words = made_by.split(", ")
    model, seed = words[0], None
    if not {"mixed", "pushed"} & set(words):
        seed = next((w[5:] for w in words if re.fullmatch("seed [0-9]+", w)), None)
    if words[-1].startswith("swapped to "):
        extra = {"person": words[-1][11:], "source_model": model, "source_seed": seed}
    elif words[-1].startswith("put onto "):
        person = f"{model}, seed {seed}" if seed else model
        extra = {"person": person, "person_model": model, "person_seed": seed}
    else:
        return {"model": model, "seed": int(seed) if seed else None}
    return {"source_type": SOURCE_TYPE, "model": "swap", "extra": extra}


class Supply:
    """Made faces, undressed, shared by all packs.

    Each has a seed of its own, drawn from the server's secret: the seed is told once the
    round is over, and must not help to recognise any other fake.
    """

    def __init__(self, model: str, secret: bytes):
        self.model, self._secret = model, secret
        self._faces: list[tuple[np.ndarray, int]] = []
        self._lock = threading.Lock()

    def _seed(self, index: int) -> int:
        digest = hmac.digest(self._secret, f"fake:{self.model}:{index}".encode(), hashlib.sha256)
        return int.from_bytes(digest[:5], "big")

    def faces(self, start: int, stop: int) -> list[tuple[np.ndarray, int]]:
        """Faces (64, 64, 3) uint8 with their seeds, made when first asked for."""
        with self._lock:
            if len(self._faces) < stop:
                seeds = [self._seed(i) for i in range(len(self._faces), stop)]
                made = generate_each(self.model, seeds, _TRUNCATION)
                self._faces += [(np.array(m), s) for m, s in zip(made, seeds, strict=True)]
            return self._faces[start:stop]


class Pack:
    """A deck with as many dressed fakes as it has photographs, up to `MAX_FAKES`.

    Both piles are used at the same rate, so that having seen a face before tells nothing.
    """

    def __init__(self, deck: Deck, supply: Supply):
        self.deck, self._supply = deck, supply
        self._fakes: list[Card] = []
        self._lock = threading.Lock()

    @property
    def ready(self) -> bool:
        return self.deck.ready and len(self._fakes) >= 2

    def fill(self, count: int = MAX_FAKES) -> None:
        """Dress fakes until there are `count`, or one for every photograph."""
        while True:
            with self._lock:
                have = len(self._fakes)
                stop = min(have + _CHUNK, count, len(self.deck), MAX_FAKES)
                if stop <= have:
                    return
                rng = np.random.default_rng(have)
                made = self._supply.faces(have, stop)
                dressed = Wardrobe.measure(self.deck, rng).dress([face for face, _ in made], rng)
                self._fakes += [
                    Card(picture, f"{self._supply.model}, seed {seed}")
                    for picture, (_, seed) in zip(dressed, made, strict=True)
                ]

    def pair(self, shuffle: int, position: int, among: int = MAX_FAKES) -> tuple[Card, Card]:
        """The photograph and the fake at `position` of the order that `shuffle` stands for.

        The same for the same arguments while the first `among` cards of both piles are there and
        stay; of a smaller pile, while it does not grow.
        """
        count = min(among, len(self.deck), len(self._fakes))
        epoch, offset = divmod(position, count)
        rng = np.random.default_rng((shuffle, epoch))
        real, fake = rng.permutation(count)[offset], rng.permutation(count)[offset]
        return Card(self.deck.face(int(real))), self._fakes[fake]

    def serve(self, card: Card) -> bytes:
        """A card as a JPEG file of `_PAD_TO` bytes.

        One grey level of fresh noise, which nobody sees, makes every file a new one: a
        player's program cannot recognise a photograph by its bytes.
        """
        noise = np.random.default_rng().integers(-1, 2, card.picture.shape[:2], np.int16)
        noisy = np.clip(card.picture.astype(np.int16) + noise[..., None], 0, 255)
        picture = Image.fromarray(noisy.astype(np.uint8))
        return encode_jpeg(picture, quality=_JPEG_QUALITY, pad_to=_PAD_TO)


def kept(card: Card) -> bytes:
    """A card as a small JPEG file, for the scores."""
    return encode_jpeg(Image.fromarray(card.picture), quality=_JPEG_QUALITY)
