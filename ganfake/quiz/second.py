"""The second look: answer, hear what a machine thinks of the picture, answer again."""

from collections.abc import Callable

from ganfake.quiz.game import Game
from ganfake.quiz.scores import Answer, Look
from ganfake.stats import mcnemar, wilson

_COIN = 0.5  # the chance of fake from which the machine is taken to say "fake"


def second_look(
    game: Game, round_id: str, said: str, judge: Callable[[bytes], tuple[str, float | None]]
) -> Look:
    """Take the first answer to a round, once, and have the machine look at its picture.

    said: 'real' or 'fake'; of a round that was answered already it does not count any more.
    judge: the verdict ('real', 'fake', 'uncertain') on a served JPEG, and the probability of
    fake or None. It sees what the player sees and nothing else. UserError for a round that is
    over, of another mode, or an odd answer.
    """
    round_ = game.open_round(round_id, "second")
    taken = game.look_taken(round_)
    if taken is None:
        game.check_choice(round_, said)  # before the machine goes to work
        taken = game.take_look(round_, Look(said, *judge(round_.pictures[0])))
    return taken


def machine_says(look: Look) -> str:
    """The side that the machine leans to, '' where it found no face."""
    if look.probability is None:
        return ""
    return "fake" if look.probability >= _COIN else "real"


def helped(answers: list[Answer], looks: list[Look]) -> dict | None:
    """Whether the machine helped in a set with a second look; None for another set.

    Shares of right answers with their 95 % Wilson intervals for "alone" (the first answers),
    "machine" (the side it leans to, also where it says "uncertain"; no face counts as wrong)
    and "together" (the second answers); "to_right" and "to_wrong": answers that changed; "p":
    of McNemar's exact test; "sentence": what that says.
    """
    if not looks:
        return None
    rows = list(zip(answers, looks, strict=True))
    first = [look.first == answer.truth for answer, look in rows]
    machine = [machine_says(look) == answer.truth for answer, look in rows]
    second = [answer.correct for answer, _ in rows]
    gained = sum(b and not a for a, b in zip(first, second, strict=True))
    lost = sum(a and not b for a, b in zip(first, second, strict=True))
    p = mcnemar(gained, lost)
    return {
        "alone": _share(first),
        "machine": _share(machine),
        "together": _share(second),
        "uncertain": sum(look.verdict == "uncertain" for _, look in rows),
        "to_right": gained,
        "to_wrong": lost,
        "p": p,
        "sentence": _sentence(gained, lost, p),
    }


def _share(right: list[bool]) -> dict[str, float]:
    low, high = wilson(sum(right), len(right))
    return {"correct": sum(right), "of": len(right), "low": low, "high": high}


def _sentence(gained: int, lost: int, p: float) -> str:
    if not gained + lost:
        return "You never changed your answer, so the machine neither helped nor misled you."
    if gained == lost:
        return "The machine helped as often as it misled: together you did as well as you alone."
    word = "helped" if gained > lost else "misled"
    if p <= 0.05:
        return f"The machine {word} you, by more than chance explains."
    return f"The machine {word} you more often than not, but so few changes may be chance."
