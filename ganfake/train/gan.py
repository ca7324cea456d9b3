"""Train a GAN: one loop to read from top to bottom."""

import copy
import io
import json
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
from filelock import FileLock, Timeout
from safetensors.torch import save
from torch import Tensor, nn
from torchvision.utils import make_grid
from tqdm import tqdm

from ganfake import UserError
from ganfake.devices import autocast, pick_device, step_rng
from ganfake.images import tensor_to_picture
from ganfake.models.dcgan import DCGANConfig, Discriminator, Generator
from ganfake.train.augment import random_flip, random_translate
from ganfake.train.checkpoint import load_checkpoint, read_log, read_record, save_checkpoint
from ganfake.train.data import Batches, packed_faces
from ganfake.train.losses import discriminator_loss, generator_loss, r1_penalty
from ganfake.weights import to_half, write_atomically

_UNFINISHED = (
    ".checkpoint.safetensors.*.tmp", ".run.json.*.tmp", ".log.jsonl.*.tmp",
    "samples/.*.tmp", "snapshots/.*.tmp",
)  # fmt: skip


@dataclass(frozen=True)
class GANTraining:
    """Options of a run; saved with it as run.json. All counts are in images seen."""

    images: int = 1_500_000
    batch: int = 32
    seed: int = 0
    learning_rate: float = 2e-4
    r1_gamma: float = 0.1
    r1_every: int = 16  # lazy regularisation (Karras et al. 2020), in steps
    ema_halflife: int = 20_000
    log_every: int = 1_000
    checkpoint_every: int = 5_000
    samples_every: int = 20_000
    snapshot_every: int = 50_000

    def __post_init__(self):
        at_least_one = ("images", "batch", "r1_every", "log_every", "checkpoint_every",
                        "samples_every", "snapshot_every")  # fmt: skip
        for name in at_least_one:
            if getattr(self, name) < 1:
                raise UserError(f"{name} must be 1 or more.")
        if self.seed < 0:
            raise UserError("seed must be 0 or more.")


class Run:
    """Both players, their optimizers and the generator's moving average, on one device."""

    def __init__(self, options: GANTraining, config: DCGANConfig, device: torch.device):
        self.options, self.config, self.device = options, config, device
        torch.manual_seed(options.seed)
        self.generator = Generator(config).to(device, memory_format=torch.channels_last)
        self.discriminator = Discriminator(config).to(device, memory_format=torch.channels_last)
        self.ema = copy.deepcopy(self.generator).eval().requires_grad_(False)
        # 0.0 and not 0: torch's fused Adam rejects integers.
        adam = {"lr": options.learning_rate, "betas": (0.0, 0.99), "fused": True}
        self.generator_optimizer = torch.optim.Adam(self.generator.parameters(), **adam)
        self.discriminator_optimizer = torch.optim.Adam(self.discriminator.parameters(), **adam)
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

    def step(self, real: Tensor) -> dict[str, Tensor]:
        """One update of each player on real pictures (N, 3, S, S); returns what to log."""
        number = self.images_seen // self.options.batch
        rng = step_rng(self.options.seed, number, self.device)
        real = random_translate(random_flip(real, rng), rng)
        latents = torch.randn(len(real), self.config.latent_dim, generator=rng, device=self.device)

        with autocast(self.device):
            made = random_translate(self.generator(latents), rng)
            real_logits = self.discriminator(real).float()
            fake_logits = self.discriminator(made.detach()).float()
        loss_d = discriminator_loss(real_logits, fake_logits)
        penalty = torch.zeros((), device=self.device)
        if number % self.options.r1_every == 0:
            # In float32: bfloat16 has too few digits for a gradient of a gradient.
            inputs = real.detach().requires_grad_()
            penalty = r1_penalty(self.discriminator(inputs), inputs)
            penalty = penalty * (self.options.r1_gamma / 2 * self.options.r1_every)
        self.discriminator_optimizer.zero_grad(set_to_none=True)
        (loss_d + penalty).backward()
        self.discriminator_optimizer.step()

        self.discriminator.requires_grad_(False)
        with autocast(self.device):
            logits = self.discriminator(made).float()
        loss_g = generator_loss(logits)
        self.generator_optimizer.zero_grad(set_to_none=True)
        loss_g.backward()
        self.generator_optimizer.step()
        self.discriminator.requires_grad_(True)

        self.images_seen += len(real)
        self._update_ema()
        return {
            "loss_d": loss_d.detach(),
            "loss_g": loss_g.detach(),
            "d_real": real_logits.detach().sigmoid().mean(),
            "d_fake": fake_logits.detach().sigmoid().mean(),
        }

    @torch.no_grad()
    def _update_ema(self) -> None:
        # A shorter memory at the start, so that the average forgets the noise it began with.
        halflife = min(self.options.ema_halflife, 0.05 * self.images_seen)
        keep = 0.5 ** (self.options.batch / max(halflife, 1e-8))
        pairs = zip(
            self.ema.state_dict().values(), self.generator.state_dict().values(), strict=True
        )
        for average, current in pairs:
            if average.is_floating_point():
                average.lerp_(current, 1 - keep)
            else:
                average.copy_(current)

    @torch.no_grad()
    def samples(self, count: int = 64) -> Tensor:
        """Pictures (count, 3, S, S) of the same latents every time."""
        rng = torch.Generator().manual_seed(self.options.seed)
        latents = torch.randn(count, self.config.latent_dim, generator=rng)
        return self.ema(latents.to(self.device)).cpu()


def _start(folder: Path, options: GANTraining, config: DCGANConfig, device: torch.device) -> Run:
    """A new run, or the one in `folder`, which must have the same options but for `images`."""
    for pattern in _UNFINISHED:  # files of a killed process; we hold the folder's lock
        for stale in folder.glob(pattern):
            stale.unlink()
    run = Run(options, config, device)
    described = {"options": asdict(options), "config": asdict(config)}
    record, checkpoint = folder / "run.json", folder / "checkpoint.safetensors"
    if checkpoint.exists():
        before = read_record(folder)
        before["options"]["images"] = options.images
        if before != json.loads(json.dumps(described)):
            raise UserError(
                f"{folder} holds a run with other options; choose another --run folder."
            )
        run.images_seen = load_checkpoint(checkpoint, run.parts)["images"]
    write_atomically(record, (json.dumps(described, indent=2) + "\n").encode())
    log = read_log(folder / "log.jsonl", run.images_seen)
    write_atomically(folder / "log.jsonl", "".join(json.dumps(e) + "\n" for e in log).encode())
    return run


def train_gan(
    data: Path, folder: Path, options: GANTraining, config: DCGANConfig | None = None
) -> Run:
    """Train until `options.images` real pictures were seen, resuming what is in `folder`.

    Leaves there run.json (options), log.jsonl (losses, mean D(real) and D(fake)),
    checkpoint.safetensors (everything, replaced at once), samples/ (grids of fixed
    latents) and snapshots/ (float16 EMA generators). Raises UserError when another
    process trains in the folder or the run there has other options.
    """
    folder.mkdir(parents=True, exist_ok=True)
    try:
        held = FileLock(folder / ".lock", timeout=0).acquire()
    except Timeout:
        raise UserError(f"Another process is training in {folder}; wait or stop it.") from None
    with held:
        device = pick_device()
        torch.set_flush_denormal(True)
        config = config or DCGANConfig()
        run = _start(folder, options, config, device)
        faces = packed_faces(data, config.image_size)
        _loop(run, Batches(faces, options.batch, options.seed, device), folder)
        return run


def _grid(pictures: Tensor) -> bytes:
    buffer = io.BytesIO()
    tensor_to_picture(make_grid(pictures, nrow=8, padding=2, pad_value=1.0)).save(buffer, "PNG")
    return buffer.getvalue()


def _loop(run: Run, batches: Batches, folder: Path) -> None:
    options = run.options
    sums: dict[str, Tensor] = {}
    steps, since = 0, time.monotonic()

    def due(every: int) -> bool:
        # True when the last batch stepped over a multiple of `every`.
        return run.images_seen % every < options.batch or run.images_seen >= options.images

    bar = tqdm(total=options.images, initial=run.images_seen, unit="img", desc=folder.name)
    with bar, (folder / "log.jsonl").open("a") as log:
        while run.images_seen < options.images:
            for name, value in run.step(batches.at(run.images_seen)).items():
                sums[name] = sums.get(name, 0) + value
            steps += 1
            bar.update(options.batch)
            if due(options.log_every):
                means = {name: round(float(total / steps), 4) for name, total in sums.items()}
                rate = steps * options.batch / (time.monotonic() - since)
                line = {"images": run.images_seen, **means, "images_per_second": round(rate, 1)}
                log.write(json.dumps(line) + "\n")
                log.flush()
                bar.set_postfix(means)
                sums, steps, since = {}, 0, time.monotonic()
            name = f"{run.images_seen:09d}"
            if due(options.samples_every):
                write_atomically(folder / "samples" / f"{name}.png", _grid(run.samples()))
            if due(options.snapshot_every):
                target = folder / "snapshots" / f"{name}.safetensors"
                write_atomically(target, save(to_half(run.ema.state_dict())))
            if due(options.checkpoint_every):
                progress = {"images": run.images_seen}
                save_checkpoint(folder / "checkpoint.safetensors", run.parts, progress)
