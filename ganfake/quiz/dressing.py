"""Dress fakes so that nothing but the face tells them from a deck's photographs.

A made face is framed, sized and coloured as the deck's photographs are. Then each band
of detail gets the histogram that the same band has in one photograph of the deck, as in
texture synthesis (Heeger & Bergen 1995): brightness, contrast, sharpness, noise and so
the size of the file agree, what the picture shows does not change. Which fake is dressed
after which photograph is the assignment that changes least.
"""

import itertools
from dataclasses import dataclass

import cv2
import numpy as np
from PIL import Image
from scipy.fft import dctn, idctn
from scipy.optimize import linear_sum_assignment

from ganfake.faces import TEMPLATE, align
from ganfake.images import encode_jpeg
from ganfake.quiz.decks.base import Deck

_SIGMAS = (0.7, 1.4, 2.8)  # Gaussians that cut a picture into bands, fine to coarse
_PASSES = 3
_LOWEST = 10  # half periods across a picture


def _bands(channel: np.ndarray) -> list[np.ndarray]:
    """Cut (H, W) into bands, fine to coarse, that sum to it; the last is what stays blurred."""
    blurred = [channel] + [cv2.GaussianBlur(channel, (0, 0), s) for s in _SIGMAS]
    return [a - b for a, b in itertools.pairwise(blurred)] + [blurred[-1]]


def _split(picture: np.ndarray) -> np.ndarray:
    """(H, W, 3) uint8 RGB to (3, H, W) float32: luma and two colour differences."""
    return np.moveaxis(cv2.cvtColor(picture.astype(np.float32), cv2.COLOR_RGB2YCrCb), 2, 0)


def look(picture: np.ndarray) -> np.ndarray:
    """(7,) what a picture looks like without its contents, in grey levels.

    picture: (H, W, 3) uint8. Spread of luma's bands, fine to coarse, and the means of
    luma and both colour differences.
    """
    channels = _split(picture)
    spreads = [float(band.std()) for band in _bands(channels[0])]
    return np.array([*spreads, *(float(channel.mean()) for channel in channels)])


def _match_histogram(values: np.ndarray, model: np.ndarray) -> np.ndarray:
    """`values` in their own order of rank, but as they are distributed in `model`."""
    matched = np.empty_like(values).ravel()
    matched[np.argsort(values, axis=None)] = np.sort(model, axis=None)
    return matched.reshape(values.shape)


def _activity(band: np.ndarray) -> np.ndarray:
    """How much goes on in a band around each pixel, in grey levels."""
    return np.sqrt(cv2.GaussianBlur(band * band, (0, 0), 2.0)) + 0.05


def _match_activity(band: np.ndarray, model: np.ndarray) -> np.ndarray:
    """Let detail gather in places as it does in `model`: smooth skin here, hair there."""

    own = _activity(band)
    return band * np.clip(_match_histogram(own, _activity(model)) / own, 0.4, 2.5)


def _match_spectrum(channel: np.ndarray, model: np.ndarray) -> np.ndarray:
    """Give each ring of spatial frequencies the power that it has in `model`.

    The lowest frequencies, the face's own shape and complexion, stay. In a cosine
    transform opposite borders need not fit together, as they must for Fourier's.
    """
    ring = np.round(np.hypot(*np.indices(channel.shape))).astype(int)
    own, wanted = dctn(channel, norm="ortho"), dctn(model, norm="ortho")
    power = [np.bincount(ring.ravel(), s.ravel() ** 2) for s in (own, wanted)]
    gain = np.clip(np.sqrt((power[1] + 1e-6) / (power[0] + 1e-6)), 0.1, 10.0)
    gain[:_LOWEST] = 1.0
    return idctn(own * gain[ring], norm="ortho").astype(np.float32)


def _into_gamut(channels: np.ndarray) -> np.ndarray:
    """Pale the colours that no display can show, instead of clipping detail into them."""
    luma, colours = channels[:1], channels[1:]
    strongest = _to_rgb(channels) - luma[0][..., None]
    room = np.where(strongest > 0, 255 - luma[0][..., None], luma[0][..., None])
    share = np.clip(room / np.maximum(np.abs(strongest), 1e-3), 0, 1).min(axis=2)
    share = cv2.GaussianBlur(cv2.erode(share, np.ones((3, 3))), (0, 0), 1.0)
    return np.concatenate([luma, colours * share])


def _to_rgb(channels: np.ndarray) -> np.ndarray:
    """The way back from `_split`: (H, W, 3) float32, not clipped."""
    return cv2.cvtColor(np.ascontiguousarray(np.moveaxis(channels, 0, 2)), cv2.COLOR_YCrCb2RGB)


def _to_bytes(channels: np.ndarray) -> np.ndarray:
    return np.clip(np.round(_to_rgb(channels)), 0, 255).astype(np.uint8)


def _match_size(channels: np.ndarray, model: np.ndarray) -> np.ndarray:
    """Gather the finest detail where there is most of it until a JPEG is as long as `model`'s.

    The spectrum stays the model's. A generator spreads faint detail over all of a face,
    which costs bytes; in a photograph it stands at edges and in hair.
    """
    size, wanted = len(encode_jpeg(Image.fromarray(model))), _split(model)[0]
    finest = _bands(channels[0])[0]
    own = _activity(finest)
    low, high = -0.5, 2.0
    for _ in range(6):
        power = (low + high) / 2
        gathered = finest * (own / own.mean()) ** power
        luma = _match_spectrum(channels[0] - finest + gathered, wanted)
        changed = _to_bytes(np.stack([luma, *channels[1:]]))
        if len(encode_jpeg(Image.fromarray(changed))) > size:
            low = power
        else:
            high = power
    return changed


def wear(picture: np.ndarray, model: np.ndarray) -> np.ndarray:
    """Give (H, W, 3) uint8 the bands, spectrum and file size of `model`, a picture as large.

    The blurred colours stay the picture's own; all else follows the model.
    """
    channels, wanted = _split(picture), _split(model)
    for index, channel in enumerate(channels):
        targets = _bands(wanted[index])
        for _ in range(_PASSES):  # each kind of matching undoes a little of the others
            *fine, rest = _bands(channel)
            if index == 0:
                # Brightness and contrast; a whole histogram would paint light onto skin.
                gain = np.clip(targets[-1].std() / max(float(rest.std()), 1.0), 0.5, 2.0)
                rest = targets[-1].mean() + (rest - rest.mean()) * gain
            fine = map(_match_activity, fine, targets)
            channel = rest + sum(map(_match_histogram, fine, targets))
            channel = _match_spectrum(channel, wanted[index])
            if index == 0:
                channel = np.clip(channel, 0, 255)
        channels[index] = channel
    return _match_size(_into_gamut(channels), model)


@dataclass(frozen=True)
class Wardrobe:
    """The looks of a sample of a deck's photographs, and how to put fakes into them."""

    deck: Deck
    chosen: np.ndarray  # (N,) indices of the sample
    looks: np.ndarray  # (N, 7)

    @classmethod
    def measure(cls, deck: Deck, rng: np.random.Generator, sample: int = 500) -> "Wardrobe":
        """Look at up to `sample` photographs of the deck."""
        count = len(deck)
        chosen = rng.choice(count, min(sample, count), replace=False)
        return cls(deck, chosen, np.stack([look(deck.face(int(i))) for i in chosen]))

    def dress(self, faces: list[np.ndarray], rng: np.random.Generator) -> list[np.ndarray]:
        """Made faces, (64, 64, 3) uint8 on the template, as pictures of the deck.

        Dress many at once: every one of a deck's looks then finds a face near it.
        """
        framed = [_framed(face, self.deck, rng) for face in faces]
        own = np.stack([look(crop) for crop in framed])
        some = rng.choice(len(self.looks), len(framed), replace=len(framed) > len(self.looks))
        spread = self.looks.std(axis=0) + 1.0
        cost = np.abs((own[:, None] - self.looks[some][None]) / spread).sum(axis=2)
        order, partner = linear_sum_assignment(cost)
        models = self.chosen[some[partner]]
        dressed = [
            wear(framed[i], self.deck.face(int(m))) for i, m in zip(order, models, strict=True)
        ]
        return [_grey(picture) for picture in dressed] if self.deck.grey else dressed


def dress_after(
    face: np.ndarray, deck: Deck, model: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    """One made face (S, S, 3) uint8 on the template, dressed as `model`, a picture of the deck."""
    worn = wear(_framed(face, deck, rng), model)
    return _grey(worn) if deck.grey else worn


def _framed(face: np.ndarray, deck: Deck, rng: np.random.Generator) -> np.ndarray:
    crop = align(face, TEMPLATE * face.shape[0], deck.framing(rng), deck.size)
    return _grey(crop) if deck.grey else crop


def _grey(picture: np.ndarray) -> np.ndarray:
    """(H, W, 3) uint8 with all three channels the same."""
    return np.repeat(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)[..., None], 3, axis=2)
