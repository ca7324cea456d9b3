"""Fixtures shared by all tests: folders of their own, decks that are drawn, a small table."""

import numpy as np
import pytest
import skimage.data

from ganfake.quiz.cards import Card, Pack
from ganfake.quiz.decks.base import Deck
from ganfake.quiz.game import Game
from ganfake.quiz.scores import Scores
from ganfake.quiz.table import Table


@pytest.fixture(autouse=True)
def own_folders(tmp_path, monkeypatch):
    """No test reads or writes the user's scores, secrets or caches."""
    monkeypatch.setenv("GANFAKE_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("GANFAKE_CACHE", str(tmp_path / "cache"))
    for name in ("SPACE_ID", "GANFAKE_DECK", "GANFAKE_FOLDER"):
        monkeypatch.delenv(name, raising=False)


class DrawnDeck(Deck):
    """Pictures of noise: the rules of the game do not look at faces."""

    name, title, about = "drawn", "Drawn", "Noise."
    size = 16

    def __init__(self, count: int = 40):
        self.count = count

    def __len__(self) -> int:
        return self.count

    def face(self, index: int) -> np.ndarray:
        return np.random.default_rng(index).integers(0, 256, (16, 16, 3), np.uint8)


class DrawnPack(Pack):
    """A pack whose fakes are noise too, so that no network is needed."""

    def __init__(self, deck: Deck):
        super().__init__(deck, supply=None)
        rng = np.random.default_rng(99)
        self._fakes = [
            Card(rng.integers(0, 256, (16, 16, 3), np.uint8), f"noise, seed {i}")
            for i in range(len(deck))
        ]


@pytest.fixture
def scores(tmp_path):
    opened = Scores(tmp_path / "scores.sqlite")
    yield opened
    opened.close()


@pytest.fixture
def game(scores):
    return Game(scores, {"drawn": DrawnPack(DrawnDeck())})


@pytest.fixture(scope="session")
def shared_table(tmp_path_factory):
    """A real table with the committed weights and the pocket deck; made once."""
    return Table(tmp_path_factory.mktemp("table"))


@pytest.fixture(scope="session")
def picture():
    """Soft patches of grey and colour, for files that say something of themselves."""
    from tests.facts import soft_patches

    return soft_patches()


@pytest.fixture(scope="session")
def signed(picture) -> bytes:
    """A JPEG of the same with content credentials."""
    from tests.facts import jpeg
    from tests.signing import sign

    return sign(jpeg(picture, quality=90))


# -- the Check tab -------------------------------------------------------------------
@pytest.fixture
def uploads(monkeypatch):
    """The tab's files, of this test alone."""
    from tests.check_calls import own_uploads  # loads the page, which few tests need

    return own_uploads(monkeypatch)


@pytest.fixture(scope="session")
def photograph() -> bytes:
    """A file of the astronaut."""
    from tests.check_calls import png

    return png(skimage.data.astronaut())
