"""What a handful of answers says about a player, with its uncertainty."""

from dataclasses import dataclass
from math import sqrt
from statistics import NormalDist

_NORMAL = NormalDist()

# Nightingale & Farid 2022 (PNAS 119(8), doi:10.1073/pnas.2120481119): people telling
# StyleGAN2 faces from photographs, one face at a time.
PUBLISHED = {"untrained people": 0.482, "people trained with feedback": 0.590}


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
