"""Pre-training of the swap: the shared encoder, with a generic decoder that any person starts from.

    python -m ganfake.train.swap_pretrain

Stage one trains both at 64 pixels, which is all that the encoder sees; then the encoder's filter
is set by who is who and where landmarks are; stage two trains the decoder on filtered codes at
128 pixels, the encoder frozen. Stage one resumes where it stopped.
"""

import argparse
import time
from copy import deepcopy
from dataclasses import asdict
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn
from tqdm import tqdm

from ganfake.devices import keep_memory, step_rng
from ganfake.folders import cache_dir, shared_dir
from ganfake.models.swap import Decoder, Encoder, SwapConfig
from ganfake.train.adam import FusedAdam
from ganfake.train.checkpoint import load_checkpoint, save_checkpoint
from ganfake.train.data import Batches, to_tensor
from ganfake.train.swap_faces import LICENCE, crop_landmarks, identified
from ganfake.train.swap_losses import face_loss
from ganfake.train.swap_warp import warped_pairs
from ganfake.weights import save_weights

BATCH, RATE, EMA, SECONDS = 16, 8e-4, 0.998, 120
_GROUND = 0.05  # weight of what is around the face, of which the code need not tell
SMALL = SwapConfig(image_size=64, decoder_channels=SwapConfig().decoder_channels[:-1])
_NOISE = 0.05  # on unfiltered codes, as a share of their spread
_SECOND_RATE, _SECOND_NOISE = 3e-4, 0.1  # of stage two, on filtered codes


class Pretraining:
    """Networks, optimiser, averages, and how many images they have seen, of how many."""

    def __init__(self, folder: Path, faces: np.ndarray, total: int, seed: int = 0):
        torch.manual_seed(seed)
        config = SMALL
        self.folder, self.total, self.seed = folder, total, seed
        self.encoder = Encoder(config).to(memory_format=torch.channels_last)
        self.decoder = Decoder(config).to(memory_format=torch.channels_last)
        self.averages = nn.ModuleDict({"encoder": self.encoder, "decoder": self.decoder})
        self.averages = deepcopy(self.averages).requires_grad_(False)
        parameters = [*self.encoder.parameters(), *self.decoder.parameters()]
        self.adam = FusedAdam(parameters, lr=RATE, betas=(0.9, 0.99))
        self.batches = Batches(faces, BATCH, seed, torch.device("cpu"))
        self.images, self.losses = 0, []

    @property
    def parts(self) -> dict:
        """What a checkpoint holds."""
        return {
            "encoder": self.encoder, "decoder": self.decoder,
            "averages": self.averages, "adam": self.adam,
        }  # fmt: skip

    def step(self) -> float:
        """One batch; returns its loss."""
        rng = step_rng(self.seed, self.images, torch.device("cpu"))
        rows = self.batches.rows_at(self.images)
        inputs, targets = warped_pairs(self.batches.faces[rows], rng)
        codes = self.encoder.raw(inputs)
        noise = torch.randn(codes.shape, generator=rng) * codes.detach().std() * _NOISE
        targets = F.interpolate(targets, scale_factor=0.5, mode="area")
        loss = face_loss(self.decoder(codes + noise), targets, _GROUND)
        self.adam.zero_grad()
        loss.backward()
        for group in self.adam.param_groups:
            group["lr"] = rate_at(self.images, self.total, RATE)
        self.adam.step()
        self.images += BATCH
        average(self.averages["encoder"], self.encoder, self.images / BATCH)
        average(self.averages["decoder"], self.decoder, self.images / BATCH)
        self.losses.append(loss.item())
        return self.losses[-1]

    def save(self) -> None:
        """Everything at once into the run's folder."""
        progress = {"images": self.images, "losses": self.losses[-200:]}
        save_checkpoint(self.folder / "state.safetensors", self.parts, progress)

    def resume(self) -> None:
        """Go on from the run's folder, where it has a state."""
        file = self.folder / "state.safetensors"
        if file.exists():
            progress = load_checkpoint(file, self.parts)
            self.images, self.losses = progress["images"], progress["losses"]


def rate_at(images: int, total: int, rate: float) -> float:
    """Rises over the first hundredth, stays, and falls to nothing over the last two fifths."""
    done = images / total
    return rate * min(1.0, done / 0.01 + 0.05, max(0.02, (1 - done) / 0.4))


@torch.no_grad()
def average(mean: nn.Module, module: nn.Module, steps: float, decay: float = EMA) -> None:
    """Exponential moving average of the weights, plain at the beginning."""
    keep = min(decay, (1 + steps) / (10 + steps))
    for ours, theirs in zip(mean.parameters(), module.parameters(), strict=True):
        ours.lerp_(theirs, 1 - keep)


@torch.no_grad()
def raw_codes(encoder: Encoder, faces: np.ndarray) -> Tensor:
    """Unfiltered codes (N, C) of faces (N, S, S, 3) uint8."""
    parts = (faces[i : i + 64] for i in range(0, len(faces), 64))
    return torch.cat([encoder.raw(to_tensor(torch.from_numpy(np.array(p)))) for p in parts])


def set_filter(encoder: Encoder, faces: np.ndarray, persons: np.ndarray) -> tuple[Tensor, Tensor]:
    """Set the encoder's filter; returns raw codes (N, C) and how filtered ones spread."""
    points = crop_landmarks(faces).reshape(len(faces), -1)
    seen = np.isfinite(points).all(1)
    raw = raw_codes(encoder, faces[seen])
    who, where = torch.from_numpy(persons[seen]), torch.from_numpy(points[seen])
    return raw, encoder.fit_filter(raw, who, where)


def grown(small: Decoder) -> Decoder:
    """A decoder of 128 pixels with the weights of one of 64 but for the last two layers."""
    decoder = Decoder(SwapConfig()).to(memory_format=torch.channels_last)
    *shared, _ = (name for name in small.state_dict() if name.endswith("weight"))
    kept = {name.removesuffix(".weight") for name in shared}
    state = {n: t for n, t in small.state_dict().items() if n.rpartition(".")[0] in kept}
    decoder.load_state_dict({**decoder.state_dict(), **state})
    return decoder


@torch.no_grad()
def take_filtered(decoder: Decoder, encoder: Encoder, raw: Tensor) -> None:
    """Let a decoder of raw codes begin with filtered ones: by regression of raw on filtered."""
    codes = ((raw - encoder.mean) @ encoder.filter.T).double()
    ridge = _SECOND_NOISE**2 * torch.eye(codes.shape[1])
    back = torch.linalg.solve(
        codes.T @ codes / len(codes) + ridge, codes.T @ (raw - encoder.mean).double() / len(codes)
    ).T.float()
    decoder.start.bias += decoder.start.weight @ encoder.mean
    decoder.start.weight.copy_(decoder.start.weight @ back)


def tune_generic(decoder: Decoder, encoder: Encoder, faces: np.ndarray, total: int) -> float:
    """Stage two: train a decoder on filtered codes with noise; returns the last loss."""
    decoder.requires_grad_(True)
    mean, losses = deepcopy(decoder), []
    adam = FusedAdam(decoder.parameters(), lr=_SECOND_RATE, betas=(0.9, 0.99))
    batches = Batches(faces, BATCH, 1, torch.device("cpu"))
    for images in tqdm(range(0, total, BATCH), desc="stage two", mininterval=30):
        rng = step_rng(1, images, torch.device("cpu"))
        faces_now = batches.faces[batches.rows_at(images)]
        inputs, targets = warped_pairs(faces_now, rng, shaped=0.5)
        with torch.no_grad():
            codes = encoder(inputs)
        noise = torch.randn(codes.shape, generator=rng) * _SECOND_NOISE
        loss = face_loss(decoder(codes + noise), targets, _GROUND)
        adam.zero_grad()
        loss.backward()
        for group in adam.param_groups:
            group["lr"] = rate_at(images, total, _SECOND_RATE)
        adam.step()
        average(mean, decoder, images / BATCH, 0.99)
        losses.append(loss.item())
    decoder.load_state_dict(mean.state_dict())
    return float(np.mean(losses[-100:]))


def export(run: Pretraining, faces: np.ndarray, persons: np.ndarray, second: int) -> None:
    """Stage two and the weights of the encoder and the generic decoder, with their cards."""
    encoder, decoder = deepcopy(run.averages["encoder"]), grown(run.averages["decoder"])
    raw, strangers = set_filter(encoder, faces, persons)
    take_filtered(decoder, encoder, raw)
    last = tune_generic(decoder, encoder, faces, second)
    card = {
        "config": asdict(SwapConfig()),
        "training": {
            "images": run.images, "images_of_stage_two": second, "batch": BATCH, "rate": RATE,
            "seed": run.seed, "loss": round(float(np.mean(run.losses[-100:])), 4),
            "loss_of_stage_two": round(last, 4),
        },
        "data": f"faces128.zip; {len(faces):,} pictures, none of the persons that ship",
        "preprocessing": "RGB face on the template, 128x128, pixel / 127.5 - 1",
        "licence": LICENCE,
    }  # fmt: skip
    save_weights("swap-encoder", encoder.state_dict(), {"architecture": "Encoder", **card})
    state = {**decoder.state_dict(), "strangers": strangers}
    save_weights("swap-generic", state, {"architecture": "Decoder", **card})


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--images", type=int, default=60000)
    parser.add_argument("--second", type=int, default=8000, help="images of stage two")
    parser.add_argument("--data", type=Path, default=shared_dir())
    parser.add_argument("--out", type=Path, default=cache_dir() / "swap" / "pretraining")
    options = parser.parse_args()
    keep_memory()
    options.out.mkdir(parents=True, exist_ok=True)
    faces, persons, held_out = identified(options.data)
    faces, persons = faces[~held_out], persons[~held_out]
    run = Pretraining(options.out, faces, options.images)
    run.resume()
    saved = begun = time.monotonic()
    first = run.images
    while run.images < run.total:
        run.step()
        if run.images % 1600 == 0:
            speed = (run.images - first) / (time.monotonic() - begun)
            print(
                run.images, round(float(np.mean(run.losses[-100:])), 4), round(speed, 1), flush=True
            )
        if time.monotonic() - saved > SECONDS or run.images >= run.total:
            run.save()
            saved = time.monotonic()
    export(run, faces, persons, options.second)


if __name__ == "__main__":
    main()
