"""The options of a GAN's training run."""

from dataclasses import dataclass

from ganfake import UserError
from ganfake.models import find_model
from ganfake.train.objectives import OBJECTIVES


@dataclass(frozen=True)
class GANTraining:
    """Options of a run; saved with it as run.json. All counts are in images seen."""

    model: str = "dcgan"
    images: int = 600_000
    batch: int = 32
    seed: int = 0
    objective: str = "non-saturating"
    learning_rate: float = 2e-4
    penalty_gamma: float = 0.1
    penalty_every: int = 16  # lazy regularisation (Karras et al. 2020), in steps
    label_weight: float = 0.1  # of the guessed labels in both losses
    ema_halflife: int = 20_000
    mirror: bool = True  # photographs, left to right
    shift: float = 0.125  # DiffAugment's largest, as a share of the side
    grow_from: str = ""  # weights to begin with, for a body that has grown from another
    log_every: int = 1_000
    checkpoint_every: int = 5_000
    samples_every: int = 20_000
    snapshot_every: int = 50_000

    def __post_init__(self):
        find_model(self.model)
        if self.objective not in OBJECTIVES:
            raise UserError(f"objective must be one of: {', '.join(OBJECTIVES)}.")
        at_least_one = ("images", "batch", "penalty_every", "log_every", "checkpoint_every",
                        "samples_every", "snapshot_every")  # fmt: skip
        for name in at_least_one:
            if getattr(self, name) < 1:
                raise UserError(f"{name} must be 1 or more.")
        if self.seed < 0:
            raise UserError("seed must be 0 or more.")

    @classmethod
    def of(cls, model: str, **given) -> "GANTraining":
        """The registry's options for a model, with those that are given instead."""
        return cls(**{"model": model, **find_model(model).training, **given})
