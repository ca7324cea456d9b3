"""Which model do people prefer: the ranking that paired comparisons give, and its agreement.

The model is Bradley and Terry's (1952, doi:10.2307/2334029): A is preferred to B with the
chance 1 / (1 + exp(b - a)) for strengths a and b.
"""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize
from scipy.special import expit
from scipy.stats import kendalltau, norm, spearmanr

FEWEST = 10  # votes for each model in a ranking before its agreement is spoken of
_PRIOR_SD = 3.0  # of the strengths: wide, e**3 to one, yet finite for a model that never lost
_Z = float(norm.ppf(0.975))
_DRAWS = 2000


@dataclass(frozen=True)
class Ranking:
    """Strengths (n,) on the log-odds scale, mean 0, with their covariance (n, n).

    wins: (n, n) int, how often the row's model was preferred to the column's.
    """

    models: tuple[str, ...]
    wins: np.ndarray
    strengths: np.ndarray
    covariance: np.ndarray

    @property
    def votes(self) -> int:
        return int(self.wins.sum())

    @property
    def margins(self) -> np.ndarray:
        """Half the width (n,) of each 95 % interval, by the normal approximation."""
        return _Z * np.sqrt(np.diag(self.covariance))

    def shown(self, index: int) -> int:
        """In how many votes the model of that index stood."""
        return int(self.wins[index].sum() + self.wins[:, index].sum())


def rank(models: tuple[str, ...], votes: list[tuple[str, str]]) -> Ranking:
    """Fit strengths to votes, each (preferred, other); votes about other models are left out.

    Penalised maximum likelihood: a normal prior of standard deviation 3 around 0 keeps
    everything finite, and makes the mean 0, which the likelihood leaves open. The covariance
    is that of the deviations from the mean, from the inverse of the observed information.
    """
    at = {name: index for index, name in enumerate(models)}
    wins = np.zeros((len(models), len(models)), int)
    for preferred, other in votes:
        if preferred in at and other in at:
            wins[at[preferred], at[other]] += 1
    return fit(models, wins)


def fit(models: tuple[str, ...], wins: np.ndarray) -> Ranking:
    """`rank` from the table of wins (n, n)."""
    played, precision = wins + wins.T, _PRIOR_SD**-2

    def chances(strengths):
        return expit(strengths[:, None] - strengths[None])

    def loss(strengths):
        differences = strengths[:, None] - strengths[None]
        return (wins * np.logaddexp(0, -differences)).sum() + precision * (strengths**2).sum() / 2

    def slope(strengths):
        return (played * chances(strengths) - wins).sum(1) + precision * strengths

    def information(strengths):
        chance = chances(strengths)
        weights = played * chance * (1 - chance)
        return np.diag(weights.sum(1)) - weights + precision * np.eye(len(models))

    start = np.zeros(len(models))
    found = minimize(loss, start, jac=slope, hess=information, method="trust-exact")
    centre = np.eye(len(models)) - 1 / len(models)
    covariance = centre @ np.linalg.inv(information(found.x)) @ centre
    return Ranking(models, wins, centre @ found.x, covariance)


@dataclass(frozen=True)
class Agreement:
    """How far people's order and that of the numbers go together, each from -1 to 1.

    low, high: 95 % of Kendall's tau when the strengths are drawn from their uncertainty.
    """

    tau: float
    low: float
    high: float
    rho: float
    models: int
    enough: bool  # whether there are votes enough to say anything


def agreement(ranking: Ranking, distances: dict[str, float]) -> Agreement | None:
    """Kendall's tau and Spearman's rho of strengths and distances, of which less is better.

    Over the models that have both; None when those are fewer than three.
    """
    both = [i for i, name in enumerate(ranking.models) if name in distances]
    if len(both) < 3:
        return None
    quality = -np.array([distances[ranking.models[i]] for i in both])
    strengths = ranking.strengths[both]
    enough = min(ranking.shown(i) for i in both) >= FEWEST
    if not enough or np.ptp(strengths) == 0:
        return Agreement(0.0, -1.0, 1.0, 0.0, len(both), False)
    spread = ranking.covariance[np.ix_(both, both)]
    rng = np.random.default_rng(0)
    drawn = rng.multivariate_normal(strengths, spread, _DRAWS, method="eigh")
    low, high = np.quantile(_taus(drawn, quality), [0.025, 0.975], method="inverted_cdf")
    return Agreement(
        float(kendalltau(strengths, quality).statistic),
        float(low),
        float(high),
        float(spearmanr(strengths, quality).statistic),
        len(both),
        True,
    )


def _taus(drawn: np.ndarray, quality: np.ndarray) -> np.ndarray:
    """Kendall's tau of every row of (D, n) with (n,): scipy takes one pair of lists at a time."""
    first, second = np.triu_indices(len(quality), 1)
    signs = np.sign(drawn[:, first] - drawn[:, second])
    return (signs * np.sign(quality[first] - quality[second])).mean(1)


def sentence(found: Agreement | None) -> str:
    """What the agreement comes to, in one sentence for the page."""
    if found is None:
        return "Too few models have both votes and a number, so there is nothing to compare yet."
    if not found.enough:
        return (
            f"Too few votes to say whether people and numbers agree: each model that has a number"
            f" needs {FEWEST}."
        )
    return (
        f"Over {found.models} models, Kendall's tau between people and numbers is"
        f" {found.tau:.2f} (95 %: {found.low:.2f} to {found.high:.2f}) and Spearman's rho"
        f" {found.rho:.2f}; 1 is the same order, -1 the opposite one."
    )
