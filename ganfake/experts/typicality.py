"""How typical a face is: generators leave out what is rare, so their faces are more ordinary.

Seen in what GANs cannot draw (Bau et al. 2019, arXiv:1910.11626), meant by truncation (Karras et
al. 2019, arXiv:1812.04948), and felt by people (Miller et al. 2023, "AI Hyperrealism"). Measured
as a Mahalanobis distance (Lee et al. 2018, arXiv:1807.03888) from photographs of faces, in the
features of a MobileNetV2 that knows ImageNet alone, of the face and of its mirror image. This
expert has never met a fake, so no way of making them is new to it; it is a weak one, and faces
that are ordinary by nature speak against themselves.
"""

import numpy as np
import torch
from scipy.special import expit, ndtr
from torch import Tensor, nn

from ganfake.devices import pick_device
from ganfake.experts.mobilenet import MobileNet
from ganfake.experts.networks import fold_batch_norm, to_side, to_tensor
from ganfake.weights import load_weights

_LAYERS = (10, 13)  # the last ones of 64 and of 96 channels
_CELLS = 2  # the features of a layer are averaged over each quarter of the face
_WIDTH = (64 + 96) * _CELLS**2
CONTENT = 96  # pixels to which a face is shrunk first: the traces of its making are not meant
_SIDE = 128  # pixels of the network's pictures
# By how many standard deviations made faces are held to be more typical than photographs. It is
# assumed, not fitted: the fakes to be met by this expert are those that nobody has.
SHIFT = 0.75
_FARTHEST = 3.0  # standard deviations beyond which typicality says no more
_BATCH = 16
_VIEWS = 2  # the face and its mirror image: one measurement of one face is a noisy one


class Features(nn.Module):
    """(N, 3, S, S) in [-1, 1] -> (N, 640): what ImageNet's features are in each quarter."""

    def __init__(self):
        super().__init__()
        network = MobileNet()
        self.layers = network.features[: _LAYERS[-1] + 1]
        self.register_buffer("mean", network.mean, False)
        self.register_buffer("std", network.std, False)

    def forward(self, x: Tensor) -> Tensor:
        """(N, 640)."""
        x, found = (x - self.mean) / self.std, []
        for number, layer in enumerate(self.layers):
            x = layer(x)
            if number in _LAYERS:
                found.append(nn.functional.adaptive_avg_pool2d(x, _CELLS).flatten(1))
        return torch.cat(found, 1)


@torch.inference_mode()
def features_of(network: nn.Module, faces: np.ndarray) -> np.ndarray:
    """(N, 2, 640) float64 of aligned faces (N, S, S, 3) uint8 and of their mirror images."""
    device, rows = next(network.parameters()).device, []
    for start in range(0, len(faces), _BATCH):
        part = [to_side(to_side(f, CONTENT), _SIDE) for f in faces[start : start + _BATCH]]
        views = [view for face in part for view in (face, face[:, ::-1])]
        x = to_tensor(np.stack(views)).to(device, memory_format=torch.channels_last)
        rows.append(network(x).double().cpu())
    found = torch.cat(rows).numpy() if rows else np.empty((0, _WIDTH))
    return found.reshape(-1, _VIEWS, _WIDTH)


class TypicalityExpert:
    """Features of a face from V views, and where photographs of faces lie among them.

    space: "middle" (D,), "whitener" (D, D), after which photographs lie in all directions alike,
    and "distance" (2,): mean and deviation of `log_distance` of unseen photographs.
    """

    def __init__(self, network: nn.Module, space: dict[str, np.ndarray]):
        self.network, self.space = network, space

    def features(self, faces: np.ndarray) -> np.ndarray:
        """(N, S, S, 3) uint8 -> (N, V, D) float64."""
        return features_of(self.network, faces)

    def typicality(self, features: np.ndarray) -> np.ndarray:
        """(N,) of features (N, V, D): 0 for the middle photograph, in their standard deviations."""
        mean, deviation = self.space["distance"]
        return (mean - log_distance(features, self.space)) / deviation

    def predict_features(self, features: np.ndarray) -> np.ndarray:
        """(N, V, D) -> probability of fake (N,), where made faces are typical by SHIFT more."""
        z = np.clip(self.typicality(features), -_FARTHEST, _FARTHEST)
        return expit(SHIFT * z - SHIFT**2 / 2)

    def predict_proba(self, faces: np.ndarray) -> np.ndarray:
        """Probability of fake (N,) float64."""
        return self.predict_features(self.features(faces))

    def evidence(self, face: np.ndarray) -> dict[str, object]:
        """Which share of photographs is less typical than the face (S, S, 3)."""
        z = self.typicality(self.features(face[None]))[0]
        return {"less_typical_photographs": round(float(ndtr(z)), 4)}


def log_distance(features: np.ndarray, space: dict[str, np.ndarray]) -> np.ndarray:
    """Logarithm of the squared Mahalanobis distance (N,) of features (N, V, D): the views' mean."""
    white = (features - space["middle"]) @ space["whitener"]
    return np.log(np.einsum("nvd,nvd->nv", white, white) + 1e-9).mean(1)


def load() -> TypicalityExpert:
    """The expert with its weights; UserError when they are missing or damaged."""
    state, _ = load_weights("detector-typicality")
    space = {name: state.pop(name).double().numpy()
             for name in ("middle", "whitener", "distance")}  # fmt: skip
    network = Features()
    network.load_state_dict(state)
    network = fold_batch_norm(network.eval()).to(pick_device(), memory_format=torch.channels_last)
    return TypicalityExpert(network, space)
