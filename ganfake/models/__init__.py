"""Every network of the project by name: `MODELS` says what there is, `load` gives it."""

from dataclasses import dataclass
from functools import cache

import torch
from torch import Tensor, nn

from ganfake.devices import pick_device
from ganfake.models import dcgan
from ganfake.weights import load_weights

# name: (config, generator, discriminator). The command line offers these names.
MODELS = {
    "dcgan": (dcgan.DCGANConfig, dcgan.Generator, dcgan.Discriminator),
}


@dataclass(frozen=True)
class LoadedGenerator:
    """A trained generator with what belongs to it, so that they cannot drift apart."""

    name: str
    network: nn.Module
    config: object
    card: dict
    device: torch.device

    @torch.inference_mode()
    def pictures(self, latents: Tensor) -> Tensor:
        """Latents (N, latent_dim) from N(0, 1) to pictures (N, 3, S, S) in [-1, 1]."""
        return self.network(latents.to(self.device)).float().cpu()


@cache
def load(name: str) -> LoadedGenerator:
    """The trained generator `name`; UserError when there are no weights of that name."""
    state, card = load_weights(name)
    config_class, generator_class, _ = MODELS[card["architecture"]]
    config = config_class(**card["config"])
    device = pick_device()
    network = generator_class(config)
    network.load_state_dict(state)
    network.eval().requires_grad_(False).to(device, memory_format=torch.channels_last)
    return LoadedGenerator(name, network, config, card, device)
