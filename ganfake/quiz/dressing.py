"""Dress fakes so that nothing but the face tells them from a deck's photographs.

A made face is framed, sized and coloured as the deck's photographs are, then its look
(brightness, contrast, and the energy of three bands of detail) is moved onto the look
of a photograph of the deck. Who gets whose look is the assignment that changes least.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from scipy.optimize import linear_sum_assignment

from ganfake.faces import TEMPLATE, align
from ganfake.quiz.decks.base import Deck

_SIGMAS = (0.7, 1.4, 2.8)  # Gaussians that cut a picture into bands, fine to coarse
_LUMA = np.array([0.299, 0.587, 0.114], np.float32)


def _bands(luma: np.ndarray) -> list[np.ndarray]:
    """Cut (H, W) into bands, fine to coarse, that sum to it; the last is what stays blurred."""
    blurred = [luma] + [cv2.GaussianBlur(luma, (0, 0), s) for s in _SIGMAS]
    return [a - b for a, b in zip(blurred, blurred[1:], strict=False)] + [blurred[-1]]


def look(picture: np.ndarray) -> np.ndarray:
    """(5,) mean luma, contrast of the blurred rest, and of three bands, coarse to fine.

    picture: (H, W, 3) uint8. All in grey levels.
    """
    luma = picture.astype(np.float32) @ _LUMA
    *fine, rest = _bands(luma)
    return np.array([rest.mean(), rest.std(), *(band.std() for band in reversed(fine))])


def wear(picture: np.ndarray, target: np.ndarray) -> np.ndarray:
    """Give (H, W, 3) uint8 the look `target`, leaving its colours' differences as they are."""
    source = picture.astype(np.float32)
    luma = source @ _LUMA
    current = luma.copy()
    for _ in range(3):  # clipping at black and white undoes a little each time
        *fine, rest = _bands(current)
        gain = target[1] / max(float(rest.std()), 1.0)
        changed = target[0] + (rest - rest.mean()) * np.clip(gain, 0.4, 2.5)
        for band, wanted in zip(reversed(fine), target[2:], strict=True):
            changed = changed + band * np.clip(wanted / max(float(band.std()), 0.1), 0.3, 3.0)
        current = np.clip(changed, 0, 255)
    dressed = source + (current - luma)[..., None]
    return np.clip(np.round(dressed), 0, 255).astype(np.uint8)


@dataclass(frozen=True)
class Wardrobe:
    """The looks of a sample of a deck's photographs, and how to put fakes into them."""

    deck: Deck
    looks: np.ndarray  # (N, 5)

    @classmethod
    def measure(cls, deck: Deck, rng: np.random.Generator, sample: int = 500) -> "Wardrobe":
        """Look at up to `sample` photographs of the deck."""
        count = len(deck)
        chosen = rng.choice(count, min(sample, count), replace=False)
        return cls(deck, np.stack([look(deck.face(int(i))) for i in chosen]))

    def dress(self, faces: list[np.ndarray], rng: np.random.Generator) -> list[np.ndarray]:
        """Made faces, (64, 64, 3) uint8 on the template, as pictures of the deck.

        Dress many at once: every one of a deck's looks then finds a face near it.
        """
        framed = []
        for face in faces:
            crop = align(face, TEMPLATE * face.shape[0], self.deck.framing(rng), self.deck.size)
            if self.deck.grey:
                crop = np.repeat(cv2.cvtColor(crop, cv2.COLOR_RGB2GRAY)[..., None], 3, axis=2)
            framed.append(crop)
        own = np.stack([look(crop) for crop in framed])
        replace = len(framed) > len(self.looks)
        looks = self.looks[rng.choice(len(self.looks), len(framed), replace=replace)]
        spread = self.looks.std(axis=0) + 1e-6
        cost = np.abs((own[:, None] - looks[None]) / spread).sum(axis=2)
        order, partner = linear_sum_assignment(cost)
        pairs = zip(order, partner, strict=True)
        return [wear(framed[i], looks[j]) for i, j in pairs]
