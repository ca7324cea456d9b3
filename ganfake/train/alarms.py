"""Alarms over the log of a GAN's run: what went wrong, and from when on.

A log is a list of lines as `train gan` writes them: images (seen), loss_d, loss_g, d_real,
d_fake, and where the run is new enough grad_d, grad_g and spread.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

WARM_UP = 0.1  # of the run: an untrained generator makes one picture over and over, too
LASTING = 5  # lines in a row that make an alarm
SPREAD = 0.5  # standard deviation over a batch of made pictures, of that over photographs
CERTAIN = 0.05  # loss of a discriminator that is hardly ever wrong; log 4 is guessing
BURST = 20.0  # times the median of the gradient's norm

COLLAPSE, DECIDED, EXPLODED, NOT_FINITE = (
    "collapse", "discriminator certain", "gradients exploded", "not finite",
)  # fmt: skip


@dataclass(frozen=True)
class Alarm:
    """What happened, and after how many images it began."""

    what: str
    images: int


def alarms(log: list[dict], probabilities: bool) -> list[Alarm]:
    """All alarms of a log, each with its beginning.

    "not finite": any number is NaN or infinite. "collapse": the spread stays below SPREAD for
    LASTING lines after the warm-up (Goodfellow 2016, arXiv:1701.00160, section 5.1.1).
    "discriminator certain": its loss stays below CERTAIN, so that the generator learns nothing
    (Arjovsky and Bottou 2017, arXiv:1701.04862); only where outputs are `probabilities`, for a
    critic's loss is a distance and has no such floor. "gradients exploded": a norm stays above
    BURST times its median over the run.
    """
    found = [_first(log, NOT_FINITE, _not_finite, 1)]
    late = [line for line in log if line["images"] >= WARM_UP * log[-1]["images"]]
    found.append(_first(late, COLLAPSE, lambda line: line.get("spread", math.inf) < SPREAD))
    if probabilities:
        found.append(_first(late, DECIDED, lambda line: line["loss_d"] < CERTAIN))
    for name in ("grad_d", "grad_g"):
        norms = [line[name] for line in late if name in line]
        if norms:
            limit = BURST * float(np.nanmedian(norms))
            found.append(
                _first(late, EXPLODED, lambda line, n=name, most=limit: line.get(n, 0) > most)
            )
    return [alarm for alarm in found if alarm]


def _not_finite(line: dict) -> bool:
    return not all(math.isfinite(value) for value in line.values())


def _first(
    log: list[dict], what: str, wrong: Callable[[dict], bool], lasting: int = LASTING
) -> Alarm | None:
    """The first time that `wrong` holds for `lasting` lines in a row."""
    row = 0
    for number, line in enumerate(log):
        row = row + 1 if wrong(line) else 0
        if row == lasting:
            return Alarm(what, log[number - lasting + 1]["images"])
    return None
