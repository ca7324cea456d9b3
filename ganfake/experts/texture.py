"""Texture: what goes together at small scale, by the first layers of the fine-tuned MobileNetV2.

A generator paints skin, hair and background alike everywhere, which no single place gives away
but statistics over the whole face do. Mean and variance of every channel and the correlations
between channels (Gram matrices: Gatys et al. 2015, arXiv:1505.07376; for made faces: Liu et al.
2020, arXiv:2002.00133) of eleven layers of the first of `mobilenet`'s networks go into a linear
classifier.
"""

import numpy as np
import torch
from scipy.special import expit
from torch import Tensor

from ganfake.devices import autocast
from ganfake.experts import SIDE, mobilenet
from ganfake.experts.linear import LinearModel, load_model
from ganfake.experts.mobilenet import MobileNet
from ganfake.experts.networks import log_odds, to_side, to_tensor

_BATCH = 16
_LEAST = 1e-6  # variance under which a channel counts as constant


def statistics(maps: Tensor) -> Tensor:
    """Features (N, D) float32 of maps (N, C, h, w): means, log variances, correlations."""
    flat = maps.float().permute(0, 2, 3, 1).flatten(1, 2)  # as it lies in memory
    mean = flat.mean(1)
    gram = flat.transpose(1, 2) @ flat / flat.shape[1] - mean[:, :, None] * mean[:, None, :]
    variance = gram.diagonal(dim1=1, dim2=2).clamp(min=0) + _LEAST
    spread = variance.sqrt()
    gram = gram / spread[:, :, None] / spread[:, None, :]
    over, under = torch.triu_indices(maps.shape[1], maps.shape[1], 1, device=maps.device)
    return torch.cat([mean, variance.log(), gram[:, over, under]], 1)


def _look(network: MobileNet, x: Tensor) -> tuple[Tensor, Tensor]:
    """Features (N, D) of pictures, and the last of the maps; one map is kept at a time."""
    rows = []
    for last in network.early(x):
        rows.append(statistics(last))
    return torch.cat(rows, 1), last


class TextureExpert:
    """Faces (N, H, H, 3) uint8 -> probability of fake, by networks and a classifier of each.

    Networks beyond the classifiers only take part in `predict_both`; without any classifiers there
    are features alone.
    """

    def __init__(self, networks: list[MobileNet], models: list[LinearModel], side: int = SIDE):
        self.networks, self.models, self.side = networks, models, side
        self.read = len(models) or len(networks)  # networks whose textures are read

    @torch.inference_mode()
    def _passes(self, faces: np.ndarray, whole: bool) -> tuple[np.ndarray, np.ndarray]:
        """Features (K, N, D) by each network that is read, and, if `whole`, log-odds
        (M, N) by all networks, the mean over the face and its mirror image.

        Features in full precision: correlations of bf16 maps are not the ones that were learned.
        """
        device = next(self.networks[0].parameters()).device
        features, odds = [], []
        for start in range(0, len(faces), _BATCH):
            part = [to_side(face, self.side) for face in faces[start : start + _BATCH]]
            x = to_tensor(np.stack(part)).to(device).contiguous(memory_format=torch.channels_last)
            rows, said = [], torch.zeros(len(self.networks), len(part))
            for number, network in enumerate(self.networks):
                mirrored = x.flip(3).contiguous(memory_format=torch.channels_last)
                if number < self.read:
                    found, last = _look(network, x)
                    rows.append(found)
                    if whole:
                        straight = network.late(last)
                elif whole:
                    with autocast(device):
                        straight = network(x)
                if whole:
                    with autocast(device):
                        turned = network(mirrored)
                    said[number] = (log_odds(straight) + log_odds(turned)).cpu() / 2
            features.append(torch.stack(rows))
            odds.append(said)
        return torch.cat(features, 1).cpu().numpy(), torch.cat(odds, 1).double().numpy()

    def features(self, faces: np.ndarray) -> np.ndarray:
        """(K, N, D) float32 by each network."""
        return self._passes(faces, whole=False)[0]

    def _odds(self, faces: np.ndarray, whole: bool) -> tuple[np.ndarray, np.ndarray]:
        features, things = self._passes(faces, whole)
        textures = np.zeros(features.shape[:2])
        for number, (model, rows) in enumerate(zip(self.models, features, strict=True)):
            slope, offset = model.sigmoid
            textures[number] = slope * model.score(rows) + offset
        return textures, things

    def predict_both(self, faces: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Probability of fake (N,) by texture, and what `mobilenet` says, from one pass."""
        textures, things = self._odds(faces, whole=True)
        return expit(textures.mean(0)), expit(things.mean(0))

    def predict_proba(self, faces: np.ndarray) -> np.ndarray:
        """Probability of fake (N,) float64."""
        return expit(self._odds(faces, whole=False)[0].mean(0))

    def evidence(self, face: np.ndarray) -> dict[str, object]:
        """How far the classifiers agree: the probability that each gives."""
        each = expit(self._odds(face[None], whole=False)[0][:, 0])
        return {"networks": [round(float(p), 4) for p in each]}


def load() -> TextureExpert:
    """The expert with its weights; UserError when they are missing or damaged."""
    networks = mobilenet.load().networks
    return TextureExpert(networks, [load_model("detector-texture-0")[0]])
