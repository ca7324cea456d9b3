"""Ten rounds before and ten after: other faces, no feedback, no ranking, no false claims."""

import numpy as np
import pytest
from scipy.stats import binom

from ganfake import UserError
from ganfake.quiz import lesson, rooms
from ganfake.quiz.game import LESSON, SET_LENGTH
from ganfake.quiz.scores import player_id
from ganfake.stats import change
from tests.conftest import DrawnDeck, DrawnPack

TOKEN = "a-players-secret-token"


def play(game, part, right, rounds=SET_LENGTH, deck="drawn"):
    """Play rounds of a part with the first `right` of them right; returns the cards seen."""
    seen = []
    for number in range(rounds):
        dealt = lesson.deal(game, TOKEN, part, deck)
        seen.append(dealt.cards[0].picture.tobytes())
        wrong = next(c for c in dealt.choices if c != dealt.truth)
        lesson.answer(game, TOKEN, dealt.id, dealt.truth if number < right else wrong)
    return seen


def test_before_and_after_show_other_faces(game):
    for _ in range(3):  # also when the lesson is begun again
        before, after = play(game, "before", 5), play(game, "after", 6)
        assert len(set(before)) == len(set(after)) == SET_LENGTH
        assert not set(before) & set(after)


def test_they_do_wherever_one_is_in_the_deck(game, scores):
    """Other rounds go through the deck, and begin it again, before the lesson and within it."""
    for others in range(8):
        for _ in range(others):
            dealt = game.new_round(TOKEN, "single", "drawn")
            game.answer(dealt.id, dealt.truth, None)
        before = play(game, "before", 5)
        dealt = game.new_round(TOKEN, "single", "drawn")
        game.answer(dealt.id, dealt.truth, None)
        assert not set(before) & set(play(game, "after", 5))


def test_the_effect_is_that_of_both_sets(game):
    play(game, "before", 3)
    play(game, "after", 9)
    found = lesson.effect(game, TOKEN)
    assert (found.before.correct, found.after.correct) == (3, 9)
    assert found.change == change(3, 9, 10)
    assert "better" in found.sentence


def test_progress_is_told_and_nothing_of_the_answers(game):
    play(game, "before", 4, rounds=4)
    assert lesson.progress(game, TOKEN) == lesson.Progress("drawn", 4, 0)
    play(game, "before", 0, rounds=6)
    play(game, "after", 0, rounds=1)
    assert lesson.progress(game, TOKEN) == lesson.Progress("drawn", 10, 1)
    assert lesson.progress(game, "another-players-token") == lesson.Progress("", 0, 0)
    with pytest.raises(UserError, match="needs the ten rounds"):
        lesson.effect(game, TOKEN)


def test_the_set_after_needs_one_before(game):
    with pytest.raises(UserError, match="before come first"):
        lesson.deal(game, TOKEN, "after", "drawn")
    play(game, "before", 1, rounds=9)
    with pytest.raises(UserError, match="before come first"):
        lesson.deal(game, TOKEN, "after", "drawn")


def test_after_is_played_once_for_each_before(game):
    play(game, "before", 5)
    play(game, "after", 5)
    with pytest.raises(UserError, match="begin the lesson again"):
        lesson.deal(game, TOKEN, "after", "drawn")
    play(game, "before", 7)
    assert lesson.progress(game, TOKEN) == lesson.Progress("drawn", 10, 0)
    play(game, "after", 8)
    assert lesson.effect(game, TOKEN).before.correct == 7


def test_a_lesson_begun_again_leaves_a_half_played_set_behind(game):
    play(game, "before", 5)
    play(game, "after", 0, rounds=4)
    stale = lesson.deal(game, TOKEN, "after", "drawn")  # dealt and left alone
    play(game, "before", 6)
    fresh = lesson.deal(game, TOKEN, "after", "drawn")
    assert fresh.number == 1
    assert fresh.set.id > stale.set.id
    with pytest.raises(UserError, match="over"):
        lesson.answer(game, TOKEN, stale.id, "real")


def test_rounds_of_the_lesson_are_not_answered_in_the_game(game):
    """The game tells the truth at once; a lesson's round must not be told there."""
    dealt = lesson.deal(game, TOKEN, "before", "drawn")
    with pytest.raises(UserError, match="over"):
        game.answer(dealt.id, "real", None)
    single = game.new_round(TOKEN, "single", "drawn")
    with pytest.raises(UserError, match="over"):
        lesson.answer(game, TOKEN, single.id, "real")
    for part in LESSON:
        with pytest.raises(UserError, match="no mode"):
            game.new_round(TOKEN, part, "drawn")
    with pytest.raises(UserError, match="no mode"):
        lesson.deal(game, TOKEN, "pair", "drawn")


def test_a_set_of_the_lesson_has_no_result_page(shared_table):
    dealt = lesson.deal(shared_table.game, TOKEN, "before", "pocket")
    with pytest.raises(UserError, match="no such game"):
        shared_table.result(TOKEN, dealt.set.id)


def test_the_lesson_does_not_count_in_any_ranking(game):
    code = rooms.open_room(game.scores, TOKEN)
    game.scores.rename(player_id(TOKEN), "Ada")
    play(game, "before", 10)
    play(game, "after", 10)
    for room, mode in (("", ""), (code, ""), ("", "daily")):
        assert rooms.leaderboard(game.scores, room, mode) == []
    dealt = game.new_round(TOKEN, "pair", "drawn")
    game.answer(dealt.id, dealt.truth, None)
    [standing] = rooms.leaderboard(game.scores)
    assert (standing.rounds, standing.correct, standing.best_streak) == (1, 1, 1)


def test_the_lesson_needs_a_deck_that_is_large_enough_and_stays(game):
    game.packs["few"] = DrawnPack(DrawnDeck(lesson.FEWEST - 1))
    with pytest.raises(UserError, match="20 faces"):
        lesson.deal(game, TOKEN, "before", "few")
    with pytest.raises(UserError, match="another deck"):
        lesson.deal(game, TOKEN, "before", "own")


# -- a difference that is not there --------------------------------------------------
def rates(shares: np.ndarray, total: int) -> tuple[np.ndarray, np.ndarray]:
    """How often a change is found where there is none: any, and one for the better."""
    anything, better = np.zeros_like(shares), np.zeros_like(shares)
    for before in range(total + 1):
        for after in range(total + 1):
            found = change(before, after, total)
            if found.found:
                weight = binom.pmf(before, total, shares) * binom.pmf(after, total, shares)
                anything += weight
                better += weight if found.difference > 0 else 0
    return anything, better


def test_a_difference_that_is_not_there_is_found_at_most_5_times_in_100():
    """Exactly, over all 121 outcomes, for every share of right answers in steps of 0.001."""
    anything, better = rates(np.linspace(0, 1, 1001), SET_LENGTH)
    assert anything.max() <= 0.05
    assert better.max() <= 0.025
    assert anything.max() > 0.03, "a test that hardly ever speaks would be no use"


def test_neither_is_it_found_in_simulated_lessons(game):
    """The same with players at the table, who are right 6 times in 10 before and after."""
    rng = np.random.default_rng(4)
    found = 0
    for _ in range(60):
        right = rng.random((2, SET_LENGTH)) < 0.6
        for part, row in zip(LESSON, right, strict=True):
            for good in row:
                dealt = lesson.deal(game, TOKEN, part, "drawn")
                wrong = next(c for c in dealt.choices if c != dealt.truth)
                lesson.answer(game, TOKEN, dealt.id, dealt.truth if good else wrong)
        found += lesson.effect(game, TOKEN).change.found
    assert found <= binom.ppf(0.999, 60, 0.05)


def test_a_large_difference_is_found():
    shares = np.array([0.5])
    power = sum(
        binom.pmf(b, 10, 0.5) * binom.pmf(a, 10, 0.98)
        for b in range(11)
        for a in range(11)
        if change(b, a, 10).found
    )
    assert power > 0.7
    assert rates(shares, 10)[0] <= 0.05


def test_interval_and_decision_say_the_same():
    for before in range(11):
        for after in range(11):
            found = change(before, after, 10)
            assert found.found == (found.low > 0 or found.high < 0), (before, after)
            assert found.low <= found.difference <= found.high


def test_newcombe_matches_its_published_example():
    # Newcombe 1998 (Stat. Med. 17:873), table II (g), method 10: 10/10 less 0/10.
    found = change(0, 10, 10)
    assert (found.low, found.high) == pytest.approx((0.6075, 1.0), abs=5e-5)


def test_the_sentence_says_plainly_when_ten_rounds_cannot_tell():
    assert "cannot tell" in lesson.sentence(change(5, 7, 10))
    assert "better" in lesson.sentence(change(2, 9, 10))
    assert "worse" in lesson.sentence(change(9, 2, 10))
