"""A lesson: decoders of one or two persons learn from aligned faces; the encoder stays as it is.

A decoder begins as the generic one. It meets the person's codes as they are, and, so that a
stranger's face comes out as the person too, disguised: a few directions hold nearly all that
changes in the person's faces, as pose, expression and light do; in all others the person's code
is replaced by a stranger's, drawn from how all faces spread, so that the decoder learns to look
at those few directions only.
"""

from copy import deepcopy
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from ganfake import UserError
from ganfake.devices import autocast, step_rng
from ganfake.models.swap import Decoder, Encoder, factor, without
from ganfake.persons import Person, decode, encode, encoder, generic, make_person
from ganfake.train.adam import FusedAdam
from ganfake.train.checkpoint import load_checkpoint, save_checkpoint
from ganfake.train.data import Batches
from ganfake.train.swap_losses import face_loss
from ganfake.train.swap_warp import warped_pairs
from ganfake.weights import to_half

BATCH = 16
FEWEST = 8  # faces of a person
MOST = 20_000
_RATE, _HALVED = 5e-4, 6000  # images of a person after which the rate has fallen by sqrt(2)
_EMA = 0.9985  # at most; of fewer faces it averages over a ninth of what it has seen
_MIRRORED = 0.15  # a face is not symmetric, and its mirror image must not shine through
_SHAPED = 0.35  # share with another geometry, which the decoder is to follow
_WARPED = 0.4  # of the usual turns, shifts and colours: faces in use lie on the template as well
_NOISE = 0.1  # on codes, whose spread within a person is about 1
_DISGUISED = 0.5  # share of a batch
_KEPT = 0.9  # of the variance of the person's codes, in the directions that are not disguised
_SAMPLED = 512  # warped faces by which these directions are known
_HISTORY = 20_000  # losses kept


class _Pupil:
    """One person's faces, decoder, moving average and optimiser."""

    def __init__(self, faces: np.ndarray, start: Decoder, seed: int):
        self.batches = Batches(faces, BATCH, seed, torch.device("cpu"))
        self.centre = encode(np.concatenate([faces, faces[:, :, ::-1]])).mean(0).clone()
        self.strangers = self._strangers(generic()[1].double(), seed)
        self.decoder = deepcopy(start).train().requires_grad_(True)
        self.average = deepcopy(start)
        self.adam = FusedAdam(self.decoder.parameters(), lr=_RATE, betas=(0.9, 0.99))

    @torch.no_grad()
    def _strangers(self, everybody: Tensor, seed: int) -> Tensor:
        """Factor (C, C) of how strangers' codes spread, given the person's main directions."""
        rng = torch.Generator().manual_seed(seed)
        rows = torch.randint(len(self.batches.faces), (_SAMPLED,), generator=rng)
        parts = self.batches.faces[rows].split(BATCH)
        seen = [
            encoder()(warped_pairs(part, rng, _MIRRORED, _SHAPED, _WARPED)[0]) for part in parts
        ]
        values, vectors = torch.linalg.eigh(torch.cov(torch.cat(seen).double().T))
        share = values.flip(0).cumsum(0) / values.sum()
        main = vectors.flip(1)[:, : 1 + int((share < _KEPT).sum())]
        spread = everybody @ everybody.T
        ridge = 1e-3 * spread.diagonal().mean() * torch.eye(len(spread))
        return factor(without(spread, main.T, ridge))


class Lesson:
    """Training of one or two persons, a step at a time, to be stopped and resumed at will.

    sets: name -> aligned faces (N, 128, 128, 3) uint8; the first is A, the last is B. The
    same sets and seed give the same persons on the same machine. `images` counts the faces
    seen of each person, `losses` holds one number a step. UserError for too few faces, or for
    more than two persons.
    """

    def __init__(self, sets: dict[str, np.ndarray], seed: int = 0):
        _check(sets)
        start, _ = generic()
        self._encoder: Encoder = encoder()
        self.names, self.seed, self.images = tuple(sets), seed, 0
        self.losses: list[float] = []
        self._pupils = {
            name: _Pupil(faces, start, seed + number)
            for number, (name, faces) in enumerate(sets.items())
        }
        self._shown = next(iter(sets.values()))

    def step(self) -> float:
        """One batch of each person; returns the mean of their losses."""
        rng = step_rng(self.seed, self.images, torch.device("cpu"))
        losses = [self._learn(pupil, rng) for pupil in self._pupils.values()]
        self.images += BATCH
        self.losses = [*self.losses[-_HISTORY:], sum(losses) / len(losses)]
        return self.losses[-1]

    def _learn(self, pupil: _Pupil, rng: torch.Generator) -> float:
        faces = pupil.batches.faces[pupil.batches.rows_at(self.images)]
        inputs, targets = warped_pairs(faces, rng, _MIRRORED, _SHAPED, _WARPED)
        codes = _disguised(self._encoder(inputs), pupil, rng)
        with autocast(codes.device):
            made = pupil.decoder(codes)
        loss = face_loss(made.float(), targets)
        pupil.adam.zero_grad()
        loss.backward()
        for group in pupil.adam.param_groups:
            group["lr"] = _RATE * (1 + self.images / _HALVED) ** -0.5
        pupil.adam.step()
        keep = min(_EMA, (1 + self.images / BATCH) / (10 + self.images / BATCH))
        with torch.no_grad():
            for ours, theirs in zip(
                pupil.average.parameters(), pupil.decoder.parameters(), strict=True
            ):
                ours.lerp_(theirs, 1 - keep)
        return loss.item()

    def person(self, name: str) -> Person:
        """What has been learnt of a person, by the moving average; training may go on."""
        pupil = self._pupils[name]
        card = {
            "architecture": "Decoder",
            "training": {
                "images": self.images, "faces": len(pupil.batches.faces), "batch": BATCH,
                "seed": self.seed, "rate": _RATE, "disguised": _DISGUISED, "noise": _NOISE,
            },
        }  # fmt: skip
        decoder = deepcopy(pupil.average)
        # In the precision of the file, so that what is seen now is what is kept.
        decoder.load_state_dict({k: v.float() for k, v in to_half(decoder.state_dict()).items()})
        return make_person(name, decoder, pupil.centre.half().float(), card)

    def preview(self, count: int = 4) -> np.ndarray:
        """Faces of A in rows; columns A, A as A, and with two persons A as B: (H, W, 3) uint8."""
        rows = np.linspace(0, len(self._shown) - 1, min(count, len(self._shown))).astype(int)
        faces = self._shown[rows]
        codes = encode(faces)
        columns = [faces] + [decode(p.average, codes) for p in self._pupils.values()]
        return np.concatenate([np.concatenate(list(column)) for column in columns], axis=1)

    def _parts(self) -> dict:
        return {
            f"{part}{number}": getattr(pupil, part)
            for number, pupil in enumerate(self._pupils.values())
            for part in ("decoder", "average", "adam")
        }

    def save(self, path: Path) -> None:
        """The whole state into one file, without the faces."""
        progress = {
            "names": self.names, "seed": self.seed, "images": self.images, "losses": self.losses,
            "faces": [len(pupil.batches.faces) for pupil in self._pupils.values()],
        }  # fmt: skip
        save_checkpoint(Path(path), self._parts(), progress)

    @classmethod
    def resume(cls, path: Path, sets: dict[str, np.ndarray]) -> "Lesson":
        """Go on from a saved state with the same faces; UserError when the two do not fit."""
        misfit = UserError(f"{path} is no lesson of these persons; start a new one.")
        try:
            progress = load_checkpoint(Path(path), {})
            seed, images, losses = (progress[k] for k in ("seed", "images", "losses"))
            names, faces = progress["names"], progress["faces"]
        except (KeyError, TypeError, OSError):
            raise misfit from None
        if names != list(sets) or faces != [len(faces) for faces in sets.values()]:
            raise misfit
        lesson = cls(sets, seed)
        try:
            load_checkpoint(Path(path), lesson._parts())
        except (KeyError, RuntimeError, ValueError):
            raise misfit from None
        lesson.images, lesson.losses = images, losses
        return lesson


def _disguised(codes: Tensor, pupil: _Pupil, rng: torch.Generator) -> Tensor:
    """Codes (N, C) with noise, and for a part with a stranger's instead of the person's mean."""
    stranger = torch.randn(codes.shape, generator=rng) @ pupil.strangers.T - pupil.centre
    chosen = torch.rand(len(codes), 1, generator=rng) < _DISGUISED
    noise = torch.randn(codes.shape, generator=rng) * _NOISE
    return codes + noise + torch.where(chosen, stranger, 0.0)


def _check(sets: dict[str, np.ndarray]) -> None:
    if not 1 <= len(sets) <= 2:
        raise UserError("A lesson is for one or two persons; choose the two to swap.")
    for name, faces in sets.items():
        if len(faces) < FEWEST:
            raise UserError(
                f"There are {len(faces)} faces of {name}, and learning needs {FEWEST}; use a"
                " longer clip or more photographs."
            )
        if len(faces) > MOST:
            raise UserError(f"There are over {MOST:,} faces of {name}; use a shorter clip.")
        if faces.shape[1:] != (128, 128, 3) or faces.dtype != np.uint8:
            raise ValueError("faces must be (N, 128, 128, 3) uint8")
