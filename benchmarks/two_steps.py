"""Two ways to take the same training step, each in a process of its own: ours and plain.

Apart, because a process of ours tells the C library to keep freed memory (see
`ganfake.devices.keep_memory`), which the plain one shall not profit from.
"""

import copy
import multiprocessing
from contextlib import AbstractContextManager
from multiprocessing.connection import Connection

import torch
from torch import Tensor, nn

from ganfake.devices import keep_memory, pick_device, step_rng
from ganfake.models import find_model
from ganfake.train.augment import random_flip, random_translate
from ganfake.train.objectives import OBJECTIVES
from ganfake.train.options import GANTraining
from ganfake.train.run import Run


class Plain:
    """The same step in float32, NCHW, torch.optim.Adam, one pass for each set of pictures."""

    def __init__(self, run: Run):
        options = run.options
        self.options, self.config, self.device = options, run.config, run.device
        self.objective = OBJECTIVES[options.objective]()
        self.generator = plainly(run.generator)
        self.discriminator = plainly(run.discriminator)
        self.ema = copy.deepcopy(self.generator)
        adam = {"lr": options.learning_rate, "betas": (0.0, 0.99)}
        self.generator_optimizer = torch.optim.Adam(self.generator.parameters(), **adam)
        self.discriminator_optimizer = torch.optim.Adam(self.discriminator.parameters(), **adam)
        self.images_seen = 0

    def step(self, real: Tensor) -> dict[str, Tensor]:
        """One update of each player on real pictures (N, 3, S, S)."""
        options, judge = self.options, self.discriminator
        rng = step_rng(options.seed, self.images_seen // options.batch, self.device)
        if options.mirror:
            real = random_flip(real, rng)
        real = random_translate(real, rng, options.shift)
        latents = torch.randn(len(real), self.config.latent_dim, generator=rng, device=self.device)
        made = random_translate(self.generator(latents), rng, options.shift)

        loss_d = self.objective.discriminator(judge(real), judge(made.detach()), None)
        total = loss_d
        if options.penalty_gamma and self.images_seen // len(real) % options.penalty_every == 0:
            total = total + options.penalty_every * self.objective.penalty(
                judge, judge, real, made.detach(), options.penalty_gamma, rng
            )
        self.discriminator_optimizer.zero_grad()
        total.backward()
        self.discriminator_optimizer.step()

        against = judge(real) if self.objective.pairs else None
        loss_g = self.objective.generator(judge(made), against)
        self.generator_optimizer.zero_grad()
        loss_g.backward()
        self.generator_optimizer.step()

        self.images_seen += len(real)
        self._update_ema()
        return {"loss_d": loss_d.detach(), "loss_g": loss_g.detach()}

    @torch.no_grad()
    def _update_ema(self) -> None:
        halflife = min(self.options.ema_halflife, 0.05 * self.images_seen)
        keep = 0.5 ** (self.options.batch / max(halflife, 1e-8))
        own, current = self.ema.state_dict(), self.generator.state_dict()
        for name, average in own.items():
            if average.is_floating_point():
                average.mul_(keep).add_(current[name], alpha=1 - keep)
            else:
                average.copy_(current[name])


def plainly(network: nn.Module) -> nn.Module:
    """A copy with the same weights whose convolutions are torch's own, in torch's own layout."""
    network = copy.deepcopy(network).to(memory_format=torch.contiguous_format)
    for module in network.modules():
        for plain in (nn.Conv2d, nn.ConvTranspose2d):
            if isinstance(module, plain):
                module.__class__ = plain
    return network


class Trainer(AbstractContextManager):
    """A process that trains a model on one batch of noise, in our way or plainly."""

    def __init__(self, model: str, threads: int, ours: bool):
        context = multiprocessing.get_context("spawn")  # a fresh one: nothing of ours is set
        self._connection, theirs = context.Pipe()
        arguments = (theirs, model, threads, ours)
        self._process = context.Process(target=_train, args=arguments, daemon=True)
        self._process.start()
        theirs.close()

    def steps(self, count: int) -> float:
        """Take so many steps; returns the first of their discriminator's losses."""
        self._connection.send(count)
        return self._connection.recv()

    def __exit__(self, *_) -> None:
        self._connection.close()
        self._process.join()


def _train(connection: Connection, model: str, threads: int, ours: bool) -> None:
    torch.set_num_threads(threads)
    torch.set_flush_denormal(True)
    device, config = pick_device(), find_model(model).config
    options = GANTraining.of(model, grow_from="")
    run = Run(options, config, device)  # the same weights in both processes: one seed
    shape = (options.batch, 3, config.image_size, config.image_size)
    pictures = (torch.rand(shape, generator=torch.Generator().manual_seed(0)) * 2 - 1).to(device)
    if ours:
        keep_memory()  # as `train_gan` does
        step, pictures = run.step, pictures.contiguous(memory_format=torch.channels_last)
    else:
        step = Plain(run).step
    while True:
        try:
            count = connection.recv()
        except EOFError:
            return
        losses = [step(pictures)["loss_d"] for _ in range(count)]
        if device.type == "cuda":
            torch.cuda.synchronize()
        connection.send(float(losses[0]))
