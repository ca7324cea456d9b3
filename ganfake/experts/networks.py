"""What the experts that are networks share: several of a kind, averaged."""

import cv2
import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

from ganfake.devices import autocast, pick_device
from ganfake.weights import list_weights, load_weights

# Faces at a time. The maps of more leave a processor's cache: of 320 pixels, mirrored too, two took
# 83 ms each on each of two cores, four 116, and twice the memory.
_BATCH = {"cpu": 2, "cuda": 64}


def to_tensor(faces: np.ndarray) -> Tensor:
    """(N, S, S, 3) uint8 to (N, 3, S, S) float32 in [-1, 1], channels_last."""
    return torch.from_numpy(np.array(faces)).permute(0, 3, 1, 2).float() / 127.5 - 1.0


def to_side(picture: np.ndarray, side: int) -> np.ndarray:
    """Square picture at `side` pixels: areas averaged when shrinking, cubic when enlarging."""
    if picture.shape[0] == side:
        return picture
    way = cv2.INTER_AREA if picture.shape[0] > side else cv2.INTER_CUBIC
    return cv2.resize(picture, (side, side), interpolation=way)


def log_odds(logits: Tensor) -> Tensor:
    """Logits (N, 2) of real and fake to log-odds of fake (N,)."""
    real, fake = logits.float().unbind(1)
    return fake - real


class NetworkExpert:
    """Networks (N, 3, S, S) -> (N, 2) logits of real and fake, trained on different folds.

    side: S, to which faces are resized. Logits are averaged; with `mirror` over the face and its
    mirror image.
    """

    def __init__(self, networks: list[nn.Module], side: int, mirror: bool = False):
        self.networks, self.side, self.mirror = networks, side, mirror

    def logits_each(self, faces: np.ndarray) -> np.ndarray:
        """Log-odds of fake by each network, (K, N) float64; faces (N, H, H, 3) uint8."""
        device = next(self.networks[0].parameters()).device
        rows, size = [], _BATCH[device.type]
        with torch.inference_mode(), autocast(device):
            for start in range(0, len(faces), size):
                part = [to_side(face, self.side) for face in faces[start : start + size]]
                x = to_tensor(np.stack(part)).to(device)
                both = torch.cat([x, x.flip(3)]) if self.mirror else x
                both = both.contiguous(memory_format=torch.channels_last)
                odds = torch.stack([log_odds(net(both)) for net in self.networks])
                rows.append(odds.view(len(self.networks), -1, len(x)).mean(1).double().cpu())
        return torch.cat(rows, 1).numpy() if rows else np.empty((len(self.networks), 0))

    def predict_proba(self, faces: np.ndarray) -> np.ndarray:
        """Probability of fake (N,) float64."""
        return 1 / (1 + np.exp(-self.logits_each(faces).mean(0)))

    def evidence(self, face: np.ndarray) -> dict[str, object]:
        """How far the networks agree: the probability that each gives."""
        each = 1 / (1 + np.exp(-self.logits_each(face[None])[:, 0]))
        return {"networks": [round(float(p), 4) for p in each]}


def fold_batch_norm(network: nn.Module) -> nn.Module:
    """Every convolution takes in the batch normalisation behind it: the same, but faster."""
    for part in network.modules():
        if isinstance(part, nn.Sequential):
            for first, second in zip(range(len(part)), range(1, len(part)), strict=False):
                if isinstance(part[first], nn.Conv2d) and isinstance(part[second], nn.BatchNorm2d):
                    part[first] = fuse_conv_bn_eval(part[first], part[second])
                    part[second] = nn.Identity()
    return network


def load_networks(
    name: str, make: type[nn.Module], side: int, mirror: bool = False
) -> NetworkExpert:
    """All of weights/detector-NAME-K; UserError when they are missing or damaged."""
    numbered = [n for n in list_weights() if n.startswith(f"detector-{name}-")]
    networks = []
    for weights in numbered or [f"detector-{name}-0"]:
        network = make()
        network.load_state_dict(load_weights(weights)[0])
        network = fold_batch_norm(network.eval())
        networks.append(network.to(pick_device(), memory_format=torch.channels_last))
    return NetworkExpert(networks, side, mirror)
