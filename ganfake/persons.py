"""The persons that a face can become: a decoder each, behind the one encoder that ships.

A person travels as one safetensors file: the decoder and the person's mean code in float16,
and the card in its metadata. Visitors' files are hostile until read with `read_person`.
"""

import functools
import hashlib
import json
from dataclasses import asdict, dataclass, field

import cv2
import numpy as np
import torch
from safetensors import SafetensorError
from safetensors.torch import load, save
from torch import Tensor, nn

from ganfake import UserError, reshape
from ganfake.models.swap import Decoder, Encoder, SwapConfig
from ganfake.weights import load_weights, read_card, to_half

SIDE = 128  # pixels of an aligned face
SHIPPED = ("man_a", "man_b", "man_c", "woman_a")
MAX_BYTES = 10_000_000  # of a person's file
MAX_NAME = 40  # characters
_FORMAT = "ganfake person 1"
_MAX_CARD = 32_768  # bytes
_MAX_HEADER = 131_072  # bytes of the safetensors header, in which the card is
_BATCH = 16
_CELLS = 16  # of a side, when a code is drawn

DAMAGED = "This is not a person of this program, or the file is damaged; save the person again."
OUTDATED = "This person was trained with another version of the encoder; train it again."


@dataclass(frozen=True, eq=False)
class Person:
    """Somebody a face can become.

    decoder: codes (N, C) to faces (N, 3, 128, 128). centre: (C,), the mean code of the
    person's faces. portrait: (128, 128, 3) uint8, decoded from the centre, no photograph.
    card: what it was trained on and how. made: of a made face, what its file says; else {}.
    """

    name: str
    decoder: nn.Module
    centre: Tensor
    portrait: np.ndarray
    card: dict
    made: dict = field(default_factory=dict)


@functools.cache
def encoder() -> Encoder:
    """The shared encoder that ships, ready to use; UserError when its weights are missing."""
    state, card = load_weights("swap-encoder")
    network = Encoder(SwapConfig(**card["config"]))
    network.load_state_dict(state)
    return _ready(network)


@functools.cache
def generic() -> tuple[Decoder, Tensor]:
    """The decoder that a new person starts from, and how strangers' codes are spread.

    The second, (C, C), turns standard normal numbers into codes like those of all faces.
    """
    state, card = load_weights("swap-generic")
    strangers = state.pop("strangers")
    decoder = Decoder(SwapConfig(**card["config"]))
    decoder.load_state_dict(state)
    return _ready(decoder), strangers


@functools.cache
def load_person(name: str) -> Person:
    """One of the persons that ship; UserError for another name."""
    if name not in SHIPPED:
        raise UserError(f"There is no person called {name!r}; choose {', '.join(SHIPPED)}.")
    state, card = load_weights(weights_of(name))
    centre = state.pop("centre")
    decoder = Decoder(SwapConfig(**card["config"]))
    decoder.load_state_dict(state)
    return make_person(name, decoder, centre, card)


def weights_of(name: str) -> str:
    """What the weights of a person that ships are called; their names have no underscores."""
    return f"swap-{name.replace('_', '-')}"


def make_person(name: str, decoder: Decoder, centre: Tensor, card: dict) -> Person:
    """A person of a trained decoder (which is made ready for use) and the mean code (C,)."""
    decoder = _ready(decoder)
    return Person(name, decoder, centre, decode(decoder, centre[None])[0], card)


def person_bytes(person: Person) -> bytes:
    """A person as a file, without anything it was trained on; `read_person` reads it."""
    card = {
        **person.card, "format": _FORMAT, "name": person.name, "encoder": _encoder_hash(),
        "config": asdict(person.decoder.config),
    }  # fmt: skip
    state = to_half(person.decoder.state_dict()) | {"centre": person.centre.half()}
    return save(state, metadata={"card": json.dumps(card)})


def read_person(content: bytes) -> Person:
    """A person of a file's bytes; UserError, one sentence, for any other file."""
    if len(content) > MAX_BYTES:
        raise UserError(f"The file is over {MAX_BYTES // 10**6} MB; it is not a person.")
    card = _card(content)
    if card.get("encoder") != _encoder_hash():
        raise UserError(OUTDATED)
    try:
        state = load(content)
    except (SafetensorError, ValueError, KeyError, TypeError, RuntimeError, OverflowError):
        raise UserError(DAMAGED) from None
    decoder = Decoder(encoder().config)  # never the file's: its sizes could be anything
    wanted = {name: tensor.shape for name, tensor in decoder.state_dict().items()}
    wanted["centre"] = (decoder.config.code_dim,)
    if {name: tensor.shape for name, tensor in state.items()} != wanted:
        raise UserError(DAMAGED)
    if any(t.dtype != torch.float16 or not t.isfinite().all() for t in state.values()):
        raise UserError(DAMAGED)
    state = {name: tensor.float() for name, tensor in state.items()}
    centre = state.pop("centre")
    decoder.load_state_dict(state)
    person = make_person(_name(card), decoder, centre, card)
    if not decoder(centre[None]).isfinite().all():  # finite numbers can still overflow
        raise UserError(DAMAGED)
    return person


def become(person: Person, crops: np.ndarray) -> np.ndarray:
    """Aligned faces (N, 128, 128, 3) uint8 as `person`: pose, expression and light stay."""
    if not len(crops):
        return np.empty((0, SIDE, SIDE, 3), np.uint8)
    decoded = decode(person.decoder, encode(crops))
    return np.stack([reshape.follow(face, crop) for face, crop in zip(decoded, crops, strict=True)])


@torch.inference_mode()
def encode(crops: np.ndarray) -> Tensor:
    """Aligned faces (N, 128, 128, 3) uint8 to filtered codes (N, C)."""
    parts = [crops[i : i + _BATCH] for i in range(0, len(crops), _BATCH)]
    return torch.cat([encoder()(_tensor(part)) for part in parts])


@torch.inference_mode()
def decode(decoder: nn.Module, codes: Tensor) -> np.ndarray:
    """Codes (N, C) to faces (N, 128, 128, 3) uint8."""
    faces = [(decoder(part) + 1).mul(127.5).round().byte() for part in codes.split(_BATCH)]
    return np.ascontiguousarray(torch.cat(faces).permute(0, 2, 3, 1).numpy())


def code_picture(crop: np.ndarray) -> np.ndarray:
    """The code of one face (128, 128, 3) uint8 as cells of grey, (128, 128, 3) uint8."""
    cells = encode(crop[None])[0].view(_CELLS, _CELLS).numpy()
    cells = np.clip(127.5 + 50 * cells, 0, 255).astype(np.uint8)
    large = cv2.resize(cells, (SIDE, SIDE), interpolation=cv2.INTER_NEAREST)
    return np.repeat(large[..., None], 3, axis=2)


def _tensor(crops: np.ndarray) -> Tensor:
    faces = torch.from_numpy(np.ascontiguousarray(crops)).permute(0, 3, 1, 2)
    return faces.float().div_(127.5).sub_(1.0)


def _ready(network: nn.Module) -> nn.Module:
    return network.eval().requires_grad_(False).to(memory_format=torch.channels_last)


@functools.cache
def _encoder_hash() -> str:
    return hashlib.sha256(read_card("swap-encoder")["sha256"].encode()).hexdigest()[:16]


def _card(content: bytes) -> dict:
    """The card in a safetensors header, read before anything else of the file is believed."""
    try:
        length = int.from_bytes(content[:8], "little")
        if not 0 < length <= min(_MAX_HEADER, len(content) - 8):
            raise UserError(DAMAGED)
        text = json.loads(content[8 : 8 + length])["__metadata__"]["card"]
        if len(text) > _MAX_CARD:
            raise UserError(DAMAGED)
        card = json.loads(text)
        if card["format"] != _FORMAT:
            raise UserError(DAMAGED)
        return dict(card)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise UserError(DAMAGED) from None


def _name(card: dict) -> str:
    """The name a file gives, as one short printable line."""
    name = card.get("name")
    text = "".join(c for c in name if c.isprintable()) if isinstance(name, str) else ""
    return text.strip()[:MAX_NAME] or "somebody"
