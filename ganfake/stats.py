"""What a handful of answers says about a player, with its uncertainty."""

from dataclasses import dataclass
from math import comb, hypot, sqrt
from statistics import NormalDist

_NORMAL = NormalDist()
_LEVEL = 0.05  # how often a change that is not there may be found

# Nightingale & Farid 2022 (PNAS 119(8), doi:10.1073/pnas.2120481119): people telling
# StyleGAN2 faces from photographs, one face at a time.
PUBLISHED = {"untrained people": 0.482, "people trained with feedback": 0.590}


def of_pairs(share: float) -> float:
    """The share of right answers that who has `share` right with one face at a time would have
    with a fake beside a photograph: the same d', and no leaning (Macmillan & Creelman 2005)."""
    return _NORMAL.cdf(sqrt(2) * _NORMAL.inv_cdf(share))


def wilson(correct: int, total: int, confidence: float = 0.95) -> tuple[float, float]:
    """Wilson's score interval of a proportion; (0, 1) when nothing was counted."""
    if total == 0:
        return 0.0, 1.0
    z = _NORMAL.inv_cdf(0.5 + confidence / 2)
    share = correct / total
    middle = share + z * z / (2 * total)
    reach = z * sqrt(share * (1 - share) / total + z * z / (4 * total * total))
    scale = 1 + z * z / total
    return max(0.0, (middle - reach) / scale), min(1.0, (middle + reach) / scale)


@dataclass(frozen=True)
class Change:
    """What became of a share: `difference` is after less before, in [-1, 1].

    low, high: its 95 % interval. p: of so large a difference where there is none. found:
    whether it is one that chance alone shows at most 5 times in 100.
    """

    difference: float
    low: float
    high: float
    p: float
    found: bool


def change(before: int, after: int, total: int) -> Change:
    """Whether `after` of `total` right differs from `before` of as many.

    The interval is Newcombe's hybrid score interval (1998, Stat. Med. 17:873, method 10), the
    decision Boschloo's exact unconditional test (1970, Stat. Neerl. 24:1), two-sided. At ten
    and ten it finds a difference that is not there in at most 4.2 of 100 lessons, whatever the
    player's share of right answers is; Fisher's test (1.3 of 100) would miss more.
    """
    from scipy.stats import boschloo_exact  # slow to import, and needed here alone

    (low_b, high_b), (low_a, high_a) = wilson(before, total), wilson(after, total)
    was, now = before / total, after / total
    table = [[after, before], [total - after, total - before]]
    p = 1.0 if before == after else float(boschloo_exact(table).pvalue)
    return Change(
        now - was,
        now - was - hypot(now - low_a, high_b - was),
        now - was + hypot(high_a - now, was - low_b),
        p,
        p <= _LEVEL,
    )


def mcnemar(gained: int, lost: int) -> float:
    """The exact two-sided p of McNemar's test (1947): as many changed to right as to wrong?"""
    changed = gained + lost
    tail = sum(comb(changed, k) for k in range(max(gained, lost), changed + 1))
    return min(1.0, 2 * tail / 2**changed)


@dataclass(frozen=True)
class Sensitivity:
    """Signal detection: d' (0 is guessing) and the criterion c (0 is no bias)."""

    d_prime: float
    criterion: float


def sensitivity(
    hits: int, signals: int, false_alarms: int, noises: int, two_alternatives: bool = False
) -> Sensitivity:
    """d' and c from counts, log-linear corrected (Hautus 1995) so that 0 and 1 stay finite.

    With two alternatives shown at once d' is divided by sqrt(2), because two pictures
    give the player twice the evidence (Macmillan & Creelman 2005).
    """
    z_hit = _NORMAL.inv_cdf((hits + 0.5) / (signals + 1))
    z_false = _NORMAL.inv_cdf((false_alarms + 0.5) / (noises + 1))
    d_prime = (z_hit - z_false) / (sqrt(2) if two_alternatives else 1.0)
    return Sensitivity(d_prime, -(z_hit + z_false) / 2)
