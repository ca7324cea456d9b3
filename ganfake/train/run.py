"""One training of a GAN: both players, and the step that each of them takes."""

import copy

import numpy as np
import torch
from torch import Tensor, nn

from ganfake.devices import autocast, compute_dtype, step_rng
from ganfake.models import find_model
from ganfake.train.adam import FusedAdam
from ganfake.train.augment import random_flip, random_translate
from ganfake.train.labels import LabelSource
from ganfake.train.losses import label_loss
from ganfake.train.objectives import OBJECTIVES
from ganfake.train.options import GANTraining
from ganfake.weights import load_weights


class Run:
    """Both players, their optimizers and the generator's moving average, on one device."""

    def __init__(
        self, options: GANTraining, config: object, device: torch.device,
        labels: np.ndarray | None = None,
    ):  # fmt: skip
        self.options, self.config, self.device = options, config, device
        self.objective = OBJECTIVES[options.objective]()
        body = find_model(options.model).body
        torch.manual_seed(options.seed)
        self.generator = body.Generator(config).to(device, memory_format=torch.channels_last)
        judge = body.Discriminator(config)
        self.discriminator = judge.to(device, memory_format=torch.channels_last)
        if options.grow_from:
            body.grow(self.generator, load_weights(options.grow_from)[0])
            body.grow(self.discriminator, load_weights(f"{options.grow_from}-discriminator")[0])
        self.labels = LabelSource(labels, device) if config.fields else None
        self.ema = copy.deepcopy(self.generator).eval().requires_grad_(False)
        adam = {"lr": options.learning_rate, "betas": (0.0, 0.99)}
        self.generator_optimizer = FusedAdam(self.generator.parameters(), **adam)
        self.discriminator_optimizer = FusedAdam(self.discriminator.parameters(), **adam)
        self.images_seen = 0

    @property
    def parts(self) -> dict[str, nn.Module | torch.optim.Optimizer]:
        return {
            "generator": self.generator,
            "discriminator": self.discriminator,
            "ema": self.ema,
            "generator_optimizer": self.generator_optimizer,
            "discriminator_optimizer": self.discriminator_optimizer,
        }

    def step(self, real: Tensor, labels: Tensor | None = None) -> dict[str, Tensor]:
        """One update of each player on real pictures (N, 3, S, S) and their labels (N, F).

        Returns what to log.
        """
        options, count = self.options, len(real)
        # The first convolution would round them anyway; so they are moved about in half the bytes.
        dtype = compute_dtype(self.device)
        real = real.to(dtype)
        rng = step_rng(options.seed, self.images_seen // options.batch, self.device)
        torch.manual_seed(rng.initial_seed())  # from which dropout draws
        if options.mirror:
            real = random_flip(real, rng)
        real = random_translate(real, rng, options.shift)
        latents = torch.randn(count, self.config.latent_dim, generator=rng, device=self.device)
        asked, weights = self.labels.draw(count, rng) if self.labels else (None, None)
        with autocast(self.device):
            made = self.generator(latents, asked).to(dtype)
            made = random_translate(made, rng, options.shift)
        log = self._step_discriminator(real, labels, made.detach(), asked, weights, rng)
        log |= self._step_generator(made, asked, real, labels)
        # By how much made pictures differ from each other, of what photographs do: it falls
        # towards 0 when the generator collapses.
        log["spread"] = _spread(made.detach()) / _spread(real)
        self.images_seen += count
        self._update_ema()
        return log

    def _step_discriminator(self, real, labels, made, asked, weights, rng) -> dict[str, Tensor]:
        judge, options, count = self.discriminator, self.options, len(real)
        both = None if labels is None else torch.cat([labels, asked])
        # Second derivatives too run in bfloat16: WGAN-GP's gradient then points the same way
        # as in float32 (cosine 0.9999 on an untrained DCGAN).
        with autocast(self.device):
            features = judge.features(torch.cat([real, made]))
            scores = judge.judge(features, both).float()
            loss = self.objective.discriminator(scores[:count], scores[count:], weights)
            total, log = loss, {"loss_d": loss.detach()}
            if labels is not None:
                guessed = label_loss([g.float() for g in judge.guess(features[:count])], labels)
                total = total + options.label_weight * guessed
                log["label_d"] = guessed.detach()
            if options.penalty_gamma and self.images_seen // count % options.penalty_every == 0:
                total = total + options.penalty_every * self.objective.penalty(
                    lambda x: judge(x, labels if labels is None else labels[: len(x)]).float(),
                    lambda x: judge(x, asked).float(), real, made,
                    options.penalty_gamma, rng,
                )  # fmt: skip
        self.discriminator_optimizer.zero_grad(set_to_none=True)
        total.backward()
        log["grad_d"] = _gradient_norm(self.discriminator)
        self.discriminator_optimizer.step()
        scores = scores.detach()
        if self.objective.probabilities:
            scores = scores.sigmoid()
        return {**log, "d_real": scores[:count].mean(), "d_fake": scores[count:].mean()}

    def _step_generator(self, made, asked, real, labels) -> dict[str, Tensor]:
        judge = self.discriminator.requires_grad_(False)
        with autocast(self.device):
            features = judge.features(made)
            scores = judge.judge(features, asked).float()
            against = judge(real, labels).float() if self.objective.pairs else None
            loss = self.objective.generator(scores, against)
            total, log = loss, {"loss_g": loss.detach()}
            if asked is not None:
                guessed = label_loss([g.float() for g in judge.guess(features)], asked)
                total = total + self.options.label_weight * guessed
                log["label_g"] = guessed.detach()
        self.generator_optimizer.zero_grad(set_to_none=True)
        total.backward()
        log["grad_g"] = _gradient_norm(self.generator)
        self.generator_optimizer.step()
        judge.requires_grad_(True)
        return log

    @torch.no_grad()
    def _update_ema(self) -> None:
        # A shorter memory at the start, so that the average forgets the noise it began with.
        halflife = min(self.options.ema_halflife, 0.05 * self.images_seen)
        keep = 0.5 ** (self.options.batch / max(halflife, 1e-8))
        averages, current = self.ema.state_dict(), self.generator.state_dict()
        floats = [name for name, tensor in averages.items() if tensor.is_floating_point()]
        torch._foreach_lerp_(
            [averages[name] for name in floats], [current[name] for name in floats], 1 - keep
        )
        for name in averages.keys() - set(floats):
            averages[name].copy_(current[name])

    @torch.no_grad()
    def samples(self, count: int = 64) -> Tensor:
        """Pictures (count, 3, S, S) of the same latents and labels every time."""
        rng = torch.Generator().manual_seed(self.options.seed)
        latents = torch.randn(count, self.config.latent_dim, generator=rng)
        labels = self.labels.usual(count, rng) if self.labels else None
        return self.ema(latents.to(self.device), labels).cpu()


def _gradient_norm(network: nn.Module) -> Tensor:
    """The length of all its gradients as one vector, before the optimizer's step."""
    return torch.nn.utils.get_total_norm(
        [p.grad for p in network.parameters() if p.grad is not None]
    )


def _spread(pictures: Tensor) -> Tensor:
    """Standard deviation of pictures (N, 3, S, S) from one to another, mean of all pixels."""
    return pictures.float().std(0).mean()
