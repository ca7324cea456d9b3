"""What every source of real photographs offers the game."""

from abc import ABC, abstractmethod

import numpy as np

from ganfake.faces import TEMPLATE


class Deck(ABC):
    """Real faces, all framed alike; a new source is one subclass.

    A deck may grow while it is played (LFW does), so `len` is what is ready now and
    an index once valid stays valid. Together with the photographs' own statistics
    (see `dressing`), the attributes say how a fake must be dressed to sit beside them.
    """

    name: str  # the key in addresses, the API and the database
    title: str  # what a player reads
    about: str  # one or two plain sentences: what these pictures are
    size: int = 64  # side of a picture in pixels
    grey: bool = False

    @abstractmethod
    def __len__(self) -> int:
        """How many faces are ready."""

    @abstractmethod
    def face(self, index: int) -> np.ndarray:
        """Face `index` as (size, size, 3) uint8; grey decks repeat the one channel."""

    @property
    def ready(self) -> bool:
        """Whether a round can be dealt from it."""
        return len(self) >= 2

    def framing(self, rng: np.random.Generator) -> np.ndarray:
        """Where the five landmarks of one more face would lie: (5, 2) fractions of the crop."""
        return TEMPLATE
