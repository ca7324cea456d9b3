"""Ten rounds before a lesson and ten after: dealt without feedback, then compared."""

from dataclasses import dataclass

from ganfake import UserError
from ganfake.quiz.game import LESSON, SET_LENGTH, Game
from ganfake.quiz.report import Report, make_report
from ganfake.quiz.rounds import Round
from ganfake.quiz.scores import Answer, Set, player_id
from ganfake.stats import Change, change

FEWEST = 2 * SET_LENGTH  # faces of a deck that the two sets need, each shown once


@dataclass(frozen=True)
class Progress:
    """Where a player stands: rounds answered in the latest set before, and in the one after."""

    deck: str
    before: int
    after: int
    of: int = SET_LENGTH


@dataclass(frozen=True)
class Effect:
    """What ten rounds before and ten after say: both reports, and what changed.

    wrong: the wrong answers, each with the set it belongs to.
    """

    before: Report
    after: Report
    change: Change
    sentence: str
    wrong: list[tuple[Set, Answer]]


def deal(game: Game, token: str, part: str, deck: str) -> Round:
    """A round of the set "before" or "after"; one face, real or fake.

    A finished set before is followed by a new one, and with it the lesson begins again. No
    face of one set comes in the other, while the first hundred faces of the deck are there and
    stay, or of a smaller deck all. UserError for another part, a deck that has too few
    faces or may change meanwhile, and for a set after that has none before it.
    """
    if deck == "own":
        raise UserError("The lesson needs photographs that stay; choose another deck for it.")
    pack = game.packs.get(deck)
    if pack is not None and pack.ready and len(pack.deck) < FEWEST:
        raise UserError(f"The lesson needs a deck of {FEWEST} faces or more; choose another one.")
    return game.new_round(token, part, deck, modes=LESSON)


def answer(game: Game, token: str, round_id: str, said: str) -> Progress:
    """Take an answer, 'real' or 'fake', and tell nothing about it before the end."""
    game.answer(str(round_id), str(said), None, modes=LESSON)
    return progress(game, token)


def progress(game: Game, token: str) -> Progress:
    """Where the player with this token stands."""
    before, after = _sets(game, token)
    counts = [len(game.scores.answers(s.id)) if s else 0 for s in (before, after)]
    return Progress(before.deck if before else "", *counts)


def _sets(game: Game, token: str) -> tuple[Set | None, Set | None]:
    """The latest set before, in whatever deck, and the one after that belongs to it."""
    found = game.scores.rows(
        "SELECT * FROM sets WHERE player = ? AND mode = 'before' ORDER BY id DESC LIMIT 1",
        player_id(token),
    )
    if not found:
        return None, None
    before = Set(**found[0])
    after = game.scores.latest_set(before.player, "after", before.deck, "")
    return before, after if after and after.id > before.id else None


def effect(game: Game, token: str) -> Effect:
    """What the lesson did for this player; UserError before both sets are finished."""
    before, after = _sets(game, token)
    if not (before and before.finished and after and after.finished):
        raise UserError("The result needs the ten rounds before and the ten after; play those.")
    sets = [game.scores.answers(s.id) for s in (before, after)]
    reports = [make_report(answers, paired=False) for answers in sets]
    changed = change(reports[0].correct, reports[1].correct, SET_LENGTH)
    both = zip((before, after), sets, strict=True)
    wrong = [(of, answer) for of, answers in both for answer in answers if not answer.correct]
    return Effect(*reports, changed, sentence(changed), wrong)


def sentence(changed: Change) -> str:
    """What may be said of a change, and what may not."""
    if not changed.found:
        return (
            "Ten rounds cannot tell whether the lesson changed anything: a difference of this"
            " size, or none, is what chance alone gives."
        )
    if changed.difference > 0:
        return "You did better after the lesson, by more than chance explains."
    return "You did worse after the lesson, by more than chance explains."
