"""Make faces: from a seed, with attributes, mixed with another, pushed along a direction."""

import hashlib
import shlex
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from ganfake import UserError, provenance
from ganfake.codes import asked_labels, between, direction, drawn_labels
from ganfake.images import tensor_to_picture
from ganfake.models import LoadedGenerator, load
from ganfake.weights import write_atomically

MAX_COUNT = 10_000
MAX_SEED = 2**63 - 1
MAX_PUSH = 5.0
_BATCH = 16  # always filled, so that a picture does not depend on how many were asked for


@dataclass(frozen=True)
class Face:
    """All that it takes to make one picture again; UserError for values out of range.

    labels: what is asked of a conditional model, {"Smiling": "1"}; the rest is drawn as
    often as it occurs in the training pictures. mix_share: 0 is the face of `seed`, 1 that
    of `mix_seed`. push: how far along a direction of `directions`, {"Smiling": 2.0}.
    """

    model: str
    seed: int = 0
    truncation: float = 1.0
    labels: dict[str, str] = field(default_factory=dict)
    mix_seed: int | None = None
    mix_share: float = 0.0
    push: dict[str, float] = field(default_factory=dict)

    def __post_init__(self):
        # `not` in front, so that NaN is refused as well.
        if not 0 < self.truncation <= 1:
            raise UserError("Truncation goes from just above 0 to 1.")
        for seed in (self.seed, 0 if self.mix_seed is None else self.mix_seed):
            if isinstance(seed, bool) or not isinstance(seed, int) or not 0 <= seed <= MAX_SEED:
                raise UserError(f"A seed is a whole number from 0 to {MAX_SEED}.")
        if not 0 <= self.mix_share <= 1:
            raise UserError("The share of the second face goes from 0 to 1.")
        if not all(-MAX_PUSH <= strength <= MAX_PUSH for strength in self.push.values()):
            raise UserError(f"A push goes from {-MAX_PUSH:g} to {MAX_PUSH:g}.")

    def command(self) -> str:
        """The command line that makes this very picture again."""
        words = ["python", "-m", "ganfake", "generate", self.model, "--count", "1"]
        words += ["--seed", str(self.seed)]
        if self.truncation != 1:
            words += ["--truncation", _exact(self.truncation)]
        for name, value in self.labels.items():
            words += ["--set", f"{name}={value}"]
        if self.mix_seed is not None and self.mix_share:
            words += ["--mix", f"{self.mix_seed}={_exact(self.mix_share)}"]
        for name, strength in self.push.items():
            words += ["--push", f"{name}={_exact(strength)}"] if strength else []
        return shlex.join(words)

    def notes(self) -> dict:
        """What its file says beside model and seed."""
        found = {"truncation": self.truncation, **{f"set_{k}": v for k, v in self.labels.items()}}
        if self.mix_seed is not None and self.mix_share:
            found |= {"mix_seed": self.mix_seed, "mix_share": self.mix_share}
        return found | {f"push_{name}": strength for name, strength in self.push.items()}


def face_of(notes: dict[str, str]) -> Face:
    """The face that a file's notes tell of, the way back from `Face.notes`.

    notes: what `provenance.notes` reads. UserError when they are not those of a face.
    """
    try:
        parts = {
            kind: {n.removeprefix(kind): v for n, v in notes.items() if n.startswith(kind)}
            for kind in ("set_", "push_")
        }
        return Face(
            model=notes["model"],
            seed=int(notes["seed"]),
            truncation=float(notes.get("truncation", 1.0)),
            labels=parts["set_"],
            mix_seed=int(notes["mix_seed"]) if "mix_seed" in notes else None,
            mix_share=float(notes.get("mix_share", 0.0)),
            push={name: float(strength) for name, strength in parts["push_"].items()},
        )
    except (KeyError, ValueError):
        raise UserError("This file does not say how it was made.") from None


def _exact(number: float) -> str:
    """A number in as few digits as give it again, all of them."""
    short = f"{number:g}"
    return short if float(short) == number else repr(float(number))


def face_seeds(seed: int, count: int) -> list[int]:
    """The seeds of the faces that one seed gives: itself, then numbers drawn from it."""
    drawn = np.random.default_rng(seed).integers(0, 2**32, max(count - 1, 0))
    return [seed, *map(int, drawn)][:count]


def faces(
    model: str, count: int, seed: int, truncation: float = 1.0, labels: dict | None = None
) -> list[Face]:
    """`count` faces by one seed, not rendered yet; UserError for values out of range."""
    if isinstance(count, bool) or not isinstance(count, int) or not 1 <= count <= MAX_COUNT:
        raise UserError(f"Ask for 1 to {MAX_COUNT} pictures.")
    first = Face(model, seed, truncation, dict(labels or {}))
    return [replace(first, seed=own) for own in face_seeds(seed, count)]


def generate(
    model: str, count: int = 16, seed: int = 0, truncation: float = 1.0, labels: dict | None = None
) -> list[Image.Image]:
    """`count` pictures by a trained model, the same for the same seed and device.

    truncation: the latents are multiplied by it (0 < truncation <= 1); smaller ones give
    more ordinary, cleaner faces. labels: attributes asked for, {"Smiling": "1"}. Raises
    UserError for values out of range, an unknown model or attribute.
    """
    return render(faces(model, count, seed, truncation, labels))


def generate_each(model: str, seeds: list[int], truncation: float = 1.0) -> list[Image.Image]:
    """One picture per seed: the first that `generate` makes from it."""
    return render([Face(model, seed, truncation) for seed in seeds])


def render(made: list[Face]) -> list[Image.Image]:
    """The pictures of faces of one model."""
    if not made:
        return []
    return [tensor_to_picture(p) for p in render_codes(made[0].model, codes(made))]


def render_codes(model: str, points: Tensor) -> Tensor:
    """Codes (N, C) to pictures (N, 3, S, S) in [-1, 1]; each the same in any company."""
    generator, parts = load(model), []
    for part in points.split(_BATCH):
        whole = torch.cat([part, part[:1].expand(_BATCH - len(part), -1)])
        parts.append(generator.render(whole)[: len(part)])
    return torch.cat(parts)


def codes(made: list[Face]) -> Tensor:
    """Points (N, C) in the code space of the faces' model: latent, then labels if any."""
    model = load(made[0].model)
    rows = []
    for face in made:
        point = _seed_code(model, face.seed, face)
        if face.mix_seed is not None and face.mix_share:
            other = _seed_code(model, face.mix_seed, face)
            point = between(model, point, other, face.mix_share)
        for name, strength in face.push.items():
            point = point + strength * direction(face.model, name)
        rows.append(point)
    return torch.stack(rows)


def _seed_code(model: LoadedGenerator, seed: int, face: Face) -> Tensor:
    rng = torch.Generator().manual_seed(seed)
    latent = torch.randn(1, model.config.latent_dim, generator=rng) * face.truncation
    asked = asked_labels(model, face.labels)
    return model.codes(latent, drawn_labels(model, asked, seed) if model.fields else None)[0]


def encode_face(face: Face, picture: Image.Image, kind: str = "PNG") -> bytes:
    """A picture file that says that it is AI-made, by which model, from which seed."""
    return provenance.encode(picture, kind, model=face.model, seed=face.seed, extra=face.notes())


def _settings(face: Face) -> str:
    """What tells the files of one seed apart that were made with other settings; else ""."""
    notes = repr(sorted(face.notes().items()))
    plain = repr(sorted(Face(face.model).notes().items()))
    return "" if notes == plain else "-" + hashlib.sha256(notes.encode()).hexdigest()[:6]


def save_faces(made: list[Face], folder: Path, kind: str = "PNG") -> list[Path]:
    """Write picture files, marked as AI-made, into `folder`; returns their paths.

    kind: PNG, JPEG or WebP. Rendered and written a few at a time, so that any number fits
    into memory and a full disk (OSError) leaves whole files.
    """
    ending = {"JPEG": "jpg"}.get(kind.upper(), kind.lower())
    paths = []
    for start in range(0, len(made), _BATCH):
        part = made[start : start + _BATCH]
        for index, (face, picture) in enumerate(zip(part, render(part), strict=True), start):
            content = encode_face(face, picture, kind)  # refuses other kinds
            name = f"{face.model}-seed{made[0].seed}{_settings(face)}-{index:04d}.{ending}"
            paths.append(folder / name)
            write_atomically(paths[-1], content)
    return paths
