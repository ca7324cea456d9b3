"""The result page of a set: what ten rounds say, and how little."""

from dataclasses import dataclass

from ganfake.quiz.scores import Answer
from ganfake.stats import PUBLISHED, of_pairs, sensitivity, wilson


@dataclass(frozen=True)
class Report:
    """Numbers and sentences about a player's answers in one mode."""

    rounds: int
    correct: int
    low: float  # 95 % Wilson interval of the accuracy
    high: float
    d_prime: float
    criterion: float
    bias: str
    compared: list[str]
    calibration: str
    outcomes: list[bool]

    @property
    def accuracy(self) -> float:
        return self.correct / self.rounds if self.rounds else 0.0


def _bias_sentence(criterion: float, paired: bool) -> str:
    low, high = ("left", "right") if paired else ("fake", "real")
    if abs(criterion) < 0.2:
        return "no clear leaning"
    lean = low if criterion < 0 else high
    return f"leaning towards saying “{lean}”"


def _calibration(answers: list[Answer]) -> str:
    parts = []
    for word, flag in (("sure", True), ("unsure", False)):
        group = [a.correct for a in answers if a.sure is flag]
        if group:
            parts.append(f"{word}: {sum(group)} of {len(group)} right")
    return "When you said you were " + "; ".join(parts) + "." if parts else ""


def _compared(low: float, high: float, paired: bool) -> list[str]:
    lines = []
    for who, share in PUBLISHED.items():
        # Two faces are easier than one, of which those figures are.
        share = of_pairs(share) if paired else share
        reckoned = " (reckoned for two faces)" if paired else ""
        if low <= share <= high:
            verdict = "within your interval: ten rounds cannot tell you apart"
        else:
            verdict = "below your interval" if share < low else "above your interval"
        lines.append(f"{who}: {share:.1%}{reckoned}, {verdict}")
    return lines


def make_report(answers: list[Answer], paired: bool) -> Report:
    """Sum up answers of one kind: pairs (left or right) or single pictures (real or fake).

    Signal detection takes "left" (pairs) or "fake" (single) as the signal; rounds whose
    time ran out count as wrong but say nothing about bias.
    """
    signal = "left" if paired else "fake"
    given = [a for a in answers if a.said]
    signals = [a for a in given if a.truth == signal]
    noises = [a for a in given if a.truth != signal]
    found = sensitivity(
        sum(a.said == signal for a in signals), len(signals),
        sum(a.said == signal for a in noises), len(noises),
        two_alternatives=paired,
    )  # fmt: skip
    correct = sum(a.correct for a in answers)
    low, high = wilson(correct, len(answers))
    return Report(
        rounds=len(answers),
        correct=correct,
        low=low,
        high=high,
        d_prime=found.d_prime,
        criterion=found.criterion,
        bias=_bias_sentence(found.criterion, paired),
        compared=_compared(low, high, paired),
        calibration=_calibration(answers),
        outcomes=[a.correct for a in answers],
    )
