"""Every network of the project by name: `MODELS` says what there is, `load` gives it."""

from dataclasses import dataclass, field
from functools import cache
from types import ModuleType

import torch
from torch import Tensor, nn

from ganfake import UserError
from ganfake.devices import pick_device
from ganfake.models import dcgan, mlp, portrait
from ganfake.models.labels import FACE_FIELDS, VEHICLE_FIELDS, Fields
from ganfake.weights import list_weights, load_weights


@dataclass(frozen=True)
class Model:
    """One row of the registry: what is built, and how it is trained."""

    summary: str
    body: ModuleType  # has Generator and Discriminator, each made from `config`
    config: object
    data: str  # a name of train.datasets
    training: dict = field(default_factory=dict)  # where it differs from GANTraining


_CARS = {"image_size": 32, "generator_channels": (256, 128, 64),
         "discriminator_channels": (48, 96, 192)}  # fmt: skip
_WASSERSTEIN = {"objective": "wasserstein", "penalty_gamma": 10.0, "penalty_every": 1}
_SMALL = {"images": 150_000, "learning_rate": 4e-4, "label_weight": 0.5}

# The command line and the page offer these names. The four of a kind differ in nothing but
# the method: same body, data, seed, and number of pictures seen.
MODELS = {
    "mlp": Model(
        "digits by the first GAN: two multi-layer perceptrons (Goodfellow et al. 2014)",
        mlp, mlp.MLPConfig(), "digits",
        {"batch": 64, "penalty_gamma": 0.0, "images": 400_000, "mirror": False, "shift": 0.0},
    ),
    "dcgan": Model(
        "faces by convolutions (Radford et al. 2015)", dcgan, dcgan.DCGANConfig(), "faces",
    ),
    "cdcgan": Model(
        "faces by convolutions, to order (Mirza & Osindero 2014, Miyato & Koyama 2018)",
        dcgan, dcgan.DCGANConfig(fields=FACE_FIELDS), "faces",
    ),
    "wgan": Model(
        "faces by the Wasserstein distance (Gulrajani et al. 2017)",
        dcgan, dcgan.DCGANConfig(), "faces", _WASSERSTEIN,
    ),
    "cwgan": Model(
        "faces by the Wasserstein distance, to order",
        dcgan, dcgan.DCGANConfig(fields=FACE_FIELDS), "faces", _WASSERSTEIN,
    ),
    "portrait": Model(
        "faces at 128 pixels, grown from a network that was trained at 64",
        portrait, portrait.PortraitConfig(), "faces", {"grow_from": "dcgan"},
    ),
    "dcgan-cars": Model(
        "cars, planes, ships and trucks by convolutions",
        dcgan, dcgan.DCGANConfig(**_CARS), "vehicles", _SMALL,
    ),
    "cdcgan-cars": Model(
        "cars, planes, ships and trucks by convolutions, to order",
        dcgan, dcgan.DCGANConfig(**_CARS, fields=VEHICLE_FIELDS), "vehicles", _SMALL,
    ),
    "wgan-cars": Model(
        "cars, planes, ships and trucks by the Wasserstein distance",
        dcgan, dcgan.DCGANConfig(**_CARS), "vehicles", {**_WASSERSTEIN, **_SMALL},
    ),
    "cwgan-cars": Model(
        "cars, planes, ships and trucks by the Wasserstein distance, to order",
        dcgan, dcgan.DCGANConfig(**_CARS, fields=VEHICLE_FIELDS), "vehicles",
        {**_WASSERSTEIN, **_SMALL},
    ),
}  # fmt: skip


def available() -> list[str]:
    """Names of the registry that have weights, in its order."""
    kept = set(list_weights())
    return [name for name in MODELS if name in kept]


def find_model(name: str) -> Model:
    """The row of the registry; UserError when there is none of that name."""
    if name not in MODELS:
        raise UserError(f"There is no model {name!r}; there are: {', '.join(MODELS)}.")
    return MODELS[name]


@dataclass(frozen=True)
class LoadedGenerator:
    """A trained generator with what belongs to it, so that they cannot drift apart."""

    name: str
    network: nn.Module
    config: object
    card: dict
    device: torch.device

    @property
    def fields(self) -> Fields:
        """The labels it takes; none for an unconditional model."""
        return self.config.fields

    @torch.inference_mode()
    def codes(self, latents: Tensor, labels: Tensor | None = None) -> Tensor:
        """Latents (N, latent_dim) and labels (N, F) as points (N, C) that can be mixed."""
        labels = labels.to(self.device) if labels is not None else None
        return self.network.join(latents.to(self.device), labels).cpu()

    @torch.inference_mode()
    def render(self, codes: Tensor) -> Tensor:
        """Codes (N, C) to pictures (N, 3, S, S) in [-1, 1]."""
        return self.network.render(codes.to(self.device)).float().cpu()

    def pictures(self, latents: Tensor, labels: Tensor | None = None) -> Tensor:
        """Latents (N, latent_dim) from N(0, 1) to pictures (N, 3, S, S) in [-1, 1].

        A conditional generator also needs labels (N, F) int64.
        """
        return self.render(self.codes(latents, labels))


def _build(part: str, name: str) -> tuple[nn.Module, object, dict]:
    """A player with its weights, its config and card; UserError when they do not fit."""
    state, card = load_weights(name)
    try:
        kind = next(m for m in MODELS.values() if m.body.__name__.endswith(card["architecture"]))
        config = type(kind.config)(**card["config"])
        network = getattr(kind.body, part)(config)
        network.load_state_dict(state)
    except (KeyError, TypeError, ValueError, RuntimeError, StopIteration):
        raise UserError(
            f"The weights {name!r} are damaged or no {part.lower()};"
            " fetch the project's weights again."
        ) from None
    network.eval().requires_grad_(False).to(pick_device(), memory_format=torch.channels_last)
    return network, config, card


@cache
def load(name: str) -> LoadedGenerator:
    """The trained generator `name`; UserError when there are no weights of that name."""
    network, config, card = _build("Generator", name)
    return LoadedGenerator(name, network, config, card, pick_device())


@cache
def load_discriminator(name: str) -> nn.Module:
    """The discriminator that `name` was trained against; UserError when it is not kept."""
    return _build("Discriminator", f"{name}-discriminator")[0]
