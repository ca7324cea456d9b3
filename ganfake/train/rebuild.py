"""Photographs rebuilt by small autoencoders: fakes of no family, only for training.

Whatever paints a face paints its pixels by upsampling and convolution, without a sensor's noise.
An autoencoder with an adversarial loss leaves such traces in a photograph that it rebuilds, and
nothing else tells the two apart (Zhang, Karaman & Chang 2019, arXiv:1907.06515; Rajan et al. 2025,
arXiv:2410.11835). Three of them, each with another way of upsampling.

    python -m ganfake.train.rebuild --data ../shared/data     # minutes on a GPU
"""

from itertools import pairwise
from pathlib import Path
from typing import Annotated

import cv2
import numpy as np
import torch
import torch.nn.functional as F
import typer
from torch import Tensor, nn
from tqdm import tqdm

from ganfake.devices import autocast, pick_device
from ganfake.experts.networks import to_tensor
from ganfake.folders import shared_dir
from ganfake.weights import load_weights, save_weights

UPSAMPLING = ("nearest", "bilinear", "transposed")
PATCH = 96  # pixels of what they learn from
STEPS, BATCH = 1800, 64
_ADVERSARIAL = 0.01  # weight of the adversarial term beside L1
_SMALLER = 4  # times that the middle is smaller than the picture


def _up(way: str, inside: int, outside: int) -> list[nn.Module]:
    if way == "transposed":
        first = [nn.ConvTranspose2d(inside, outside, 4, 2, 1)]
    else:
        align = {} if way == "nearest" else {"align_corners": False}
        first = [nn.Upsample(scale_factor=2, mode=way, **align),
                 nn.Conv2d(inside, outside, 3, padding=1)]  # fmt: skip
    return [*first, nn.LeakyReLU(0.2), nn.Conv2d(outside, outside, 3, padding=1),
            nn.LeakyReLU(0.2)]  # fmt: skip


class Rebuilder(nn.Module):
    """(N, 3, H, W) in [-1, 1], sides multiples of 4, to the same again, painted anew."""

    def __init__(self, way: str = "nearest", width: int = 32, middle: int = 12):
        super().__init__()
        sides = [(3, width), (width, 2 * width)]
        shrink = [m for a, b in sides for m in (nn.Conv2d(a, b, 4, 2, 1), nn.LeakyReLU(0.2))]
        self.encoder = nn.Sequential(*shrink, nn.Conv2d(2 * width, middle, 3, padding=1))
        self.decoder = nn.Sequential(
            nn.Conv2d(middle, 2 * width, 3, padding=1), nn.LeakyReLU(0.2),
            *_up(way, 2 * width, 2 * width), *_up(way, 2 * width, width),
            nn.Conv2d(width, 3, 3, padding=1), nn.Tanh(),
        )  # fmt: skip

    def forward(self, x: Tensor) -> Tensor:
        """Rebuilt pictures."""
        return self.decoder(self.encoder(x))


def _critic() -> nn.Module:
    """Logits of patches of 34 pixels: photograph or rebuilt (Isola et al. 2017)."""
    wide = [3, 48, 96, 192]
    layers = [m for a, b in pairwise(wide)
              for m in (nn.utils.spectral_norm(nn.Conv2d(a, b, 4, 2, 1)),
                        nn.LeakyReLU(0.2))]  # fmt: skip
    return nn.Sequential(*layers, nn.utils.spectral_norm(nn.Conv2d(192, 1, 3, padding=1)))


def _patches(rng: np.random.Generator, crops: list[np.ndarray], count: int) -> Tensor:
    found = []
    for _ in range(count):
        crop = crops[rng.integers(len(crops))]
        y, x = rng.integers(0, crop.shape[0] - PATCH + 1, 2)
        patch = crop[y : y + PATCH, x : x + PATCH]
        found.append(patch[:, ::-1] if rng.random() < 0.5 else patch)
    return torch.from_numpy(np.stack(found))


def train_rebuilder(
    crops: list[np.ndarray], way: str, steps: int = STEPS, batch: int = BATCH
) -> Rebuilder:
    """L1 and a hinge loss, on patches of photographs (S, S, 3) uint8, S at least 96."""
    torch.manual_seed(UPSAMPLING.index(way))
    rng = np.random.default_rng((5, UPSAMPLING.index(way)))
    device = pick_device()
    maker, critic = Rebuilder(way).to(device), _critic().to(device)
    ours = torch.optim.Adam(maker.parameters(), 4e-4, (0.5, 0.9))
    theirs = torch.optim.Adam(critic.parameters(), 4e-4, (0.5, 0.9))
    for step in tqdm(range(steps), desc=f"rebuild {way}", mininterval=5):
        real = _patches(rng, crops, batch).to(device).permute(0, 3, 1, 2).float() / 127.5 - 1
        with autocast(device):
            made = maker(real)
            said_real, said_made = critic(real), critic(made.detach())
            loss = F.relu(1 - said_real).mean() + F.relu(1 + said_made).mean()
        theirs.zero_grad(set_to_none=True)
        loss.backward()
        theirs.step()
        with autocast(device):
            loss = F.l1_loss(made.float(), real)
            if step > steps // 8:
                loss = loss - _ADVERSARIAL * critic(made).mean()
        ours.zero_grad(set_to_none=True)
        loss.backward()
        ours.step()
    return maker.eval()


@torch.inference_mode()
def rebuild(maker: Rebuilder, crop: np.ndarray, larger: bool = False) -> np.ndarray:
    """A crop (S, S, 3) uint8 painted anew; `larger`: at twice its size, then shrunk again."""
    side = crop.shape[0]
    if larger:
        crop = cv2.resize(crop, (2 * side, 2 * side), interpolation=cv2.INTER_CUBIC)
    rest = -crop.shape[0] % _SMALLER
    padded = cv2.copyMakeBorder(crop, 0, rest, 0, rest, cv2.BORDER_REFLECT_101)
    device = next(maker.parameters()).device
    out = maker(to_tensor(padded[None]).to(device)).float()[0].permute(1, 2, 0)
    out = ((out + 1) * 127.5).round().clamp(0, 255).byte().cpu().numpy()
    out = np.ascontiguousarray(out[: crop.shape[0], : crop.shape[1]])
    return cv2.resize(out, (side, side), interpolation=cv2.INTER_AREA) if larger else out


def save_rebuilder(maker: Rebuilder, way: str, card: dict, folder: Path | None = None) -> None:
    """weights/detector-rebuild-WAY."""
    save_weights(f"detector-rebuild-{way}", maker.state_dict(),
                 {"architecture": "Rebuilder", "config": {"way": way}, **card}, folder)  # fmt: skip


def load_rebuilders(folder: Path | None = None) -> list[Rebuilder]:
    """All three; UserError when their weights are missing or damaged."""
    makers = []
    for way in UPSAMPLING:
        maker = Rebuilder(way)
        maker.load_state_dict(load_weights(f"detector-rebuild-{way}", folder)[0])
        makers.append(maker.eval())
    return makers


def train_all(crops: list[np.ndarray], card: dict, folder: Path | None = None) -> None:
    """All three into `folder`, else into weights/."""
    for way in UPSAMPLING:
        maker = train_rebuilder(crops, way)
        save_rebuilder(maker, way, {**card, "training": {"steps": STEPS, "batch": BATCH}}, folder)


def main(data: Annotated[Path | None, typer.Option(help="Folder of the research data.")] = None):
    """Train the three anew on all photographs of at least 96 pixels."""
    from ganfake.train.detector_export import DATA, LICENCE
    from ganfake.train.forensics_rows import photographs

    crops = [crop for crop in photographs(data or shared_dir()) if crop.shape[0] >= PATCH]
    train_all(crops, {"data": DATA, "licence": LICENCE})


if __name__ == "__main__":
    typer.run(main)
