"""The rules: dealing, answering once, sets, streaks, time and the daily challenge."""

import itertools
from collections import Counter

import pytest

from ganfake import UserError
from ganfake.quiz import game as rules
from ganfake.quiz import rooms, rounds
from ganfake.quiz.game import SET_LENGTH, Game

TOKEN = "a-players-secret-token"


def play(game, rounds, token=TOKEN, mode="pair", right=True, room=""):
    verdicts = []
    for _ in range(rounds):
        dealt = game.new_round(token, mode, "drawn", room)
        wrong = next(c for c in dealt.choices if c != dealt.truth)
        verdicts.append(game.answer(dealt.id, dealt.truth if right else wrong, None))
    return verdicts


def test_a_set_is_ten_rounds_and_then_a_new_one_starts(game):
    verdicts = play(game, SET_LENGTH + 1)
    assert [v.answer.number for v in verdicts] == [*range(1, SET_LENGTH + 1), 1]
    assert [v.finished for v in verdicts] == [False] * 9 + [True, False]
    assert verdicts[9].score == 10
    assert verdicts[10].score == 1


def test_streak_goes_on_over_sets_and_breaks_at_a_mistake(game):
    assert play(game, 12)[-1].answer.streak == 12
    assert play(game, 1, right=False)[-1].answer.streak == 0
    assert play(game, 1)[-1].answer.streak == 1


def test_a_streak_is_that_of_the_last_answer_whatever_set_it_is_in(game, scores):
    code = rooms.open_room(scores, TOKEN)
    play(game, 3)
    assert play(game, 2, room=code)[-1].answer.streak == 5, "a later set"
    assert play(game, 1, right=False)[-1].answer.streak == 0, "in the earlier one"
    assert play(game, 1, room=code)[-1].answer.streak == 1


def test_a_streak_outlives_a_new_version(game, scores):
    play(game, 3)
    with scores.transaction() as db:
        db.execute("DELETE FROM streaks")  # as in a database from before
    assert play(game, 1)[-1].answer.streak == 4


def test_what_fooled_is_kept_small(game, scores):
    verdicts = play(game, 4, right=False)
    kept = [a.fooled_by for a in scores.answers(verdicts[0].round.set.id)]
    assert all(0 < len(one) < 0.5 * len(verdicts[0].round.pictures[0]) for one in kept)


def test_a_late_round_of_a_game_that_was_reset_stops_nobody(game, scores):
    code = rooms.open_room(scores, TOKEN)
    dealt = game.new_round(TOKEN, "timed", "drawn", code)
    rooms.reset_room(scores, code, TOKEN)
    object.__setattr__(dealt, "dealt", dealt.dealt - 60)
    assert game.new_round(TOKEN, "timed", "drawn", code).number == 1


def test_an_unanswered_round_is_dealt_again(game):
    first = game.new_round(TOKEN, "pair", "drawn")
    assert game.new_round(TOKEN, "pair", "drawn").id == first.id
    assert game.new_round("another-players-token", "pair", "drawn").id != first.id


def test_a_round_is_answered_once(game):
    dealt = game.new_round(TOKEN, "pair", "drawn")
    game.answer(dealt.id, "left", None)
    with pytest.raises(UserError, match="over"):
        game.answer(dealt.id, "right", None)


@pytest.mark.parametrize("forged", ["", "x", "0" * 24, "../../etc"])
def test_forged_rounds_are_refused(game, forged):
    with pytest.raises(UserError):
        game.answer(forged, "left", None)


@pytest.mark.parametrize("said", ["", "real", "LEFT", "left "])
def test_an_odd_answer_is_refused_and_the_round_stays_open(game, said):
    dealt = game.new_round(TOKEN, "pair", "drawn")
    with pytest.raises(UserError, match="left, right"):
        game.answer(dealt.id, said, None)
    game.answer(dealt.id, "left", None)


def test_a_restarted_server_refuses_old_rounds_and_keeps_the_score(game, scores):
    play(game, 3)
    stale = game.new_round(TOKEN, "pair", "drawn")
    again = Game(scores, game.packs)
    with pytest.raises(UserError):
        again.answer(stale.id, "left", None)
    assert again.new_round(TOKEN, "pair", "drawn").number == 4
    assert play(again, 1)[-1].score == 4


def test_sides_and_singles_are_fair_coins(game):
    pairs = Counter(v.answer.truth for v in play(game, 300))
    singles = Counter(v.answer.truth for v in play(game, 300, mode="single"))
    for counts in (pairs, singles):
        assert min(counts.values()) > 105  # five standard deviations below 150


def test_every_face_comes_once_before_any_comes_again(game):
    count = len(game.packs["drawn"].deck)
    pictures = {"real": [], "fake": []}
    for _ in range(count):
        dealt = game.new_round(TOKEN, "pair", "drawn")
        for card in dealt.cards:
            pictures["fake" if card.made_by else "real"].append(card.picture.tobytes())
        game.answer(dealt.id, "left", None)
    assert len(set(pictures["real"])) == len(set(pictures["fake"])) == count


def test_timed_rounds_run_out(game, monkeypatch):
    clock = itertools.count(step=0.0)
    now = [100.0]
    monkeypatch.setattr(rules.time, "monotonic", lambda: now[0] + next(clock))
    dealt = game.new_round(TOKEN, "timed", "drawn")
    object.__setattr__(dealt, "dealt", now[0])
    now[0] += 9.0
    assert game.answer(dealt.id, dealt.truth, None).answer.correct
    late = game.new_round(TOKEN, "timed", "drawn")
    object.__setattr__(late, "dealt", now[0])
    now[0] += 12.0
    verdict = game.answer(late.id, late.truth, None)
    assert not verdict.answer.correct
    assert not verdict.in_time


def test_a_timed_round_left_alone_counts_as_wrong(game, monkeypatch):
    dealt = game.new_round(TOKEN, "timed", "drawn")
    object.__setattr__(dealt, "dealt", dealt.dealt - 60)
    following = game.new_round(TOKEN, "timed", "drawn")
    assert following.number == 2
    assert not game.scores.answers(dealt.set.id)[0].correct


def test_the_daily_challenge_is_the_same_for_all_and_played_once(game):
    seen = {}
    for token in ("first-players-token", "second-players-token"):
        seen[token] = []
        for _ in range(SET_LENGTH):
            dealt = game.new_round(token, "daily", "drawn")
            seen[token].append({card.picture.tobytes() for card in dealt.cards})
            game.answer(dealt.id, "left", None)
        with pytest.raises(UserError, match="today"):
            game.new_round(token, "daily", "drawn")
    assert seen["first-players-token"] == seen["second-players-token"]


def test_another_day_has_another_challenge(game, monkeypatch):
    def pictures():
        dealt = game.new_round(TOKEN, "daily", "drawn")
        return {card.picture.tobytes() for card in dealt.cards}

    monkeypatch.setattr(rules, "today", lambda: "2026-11-20")
    first = pictures()
    play(game, SET_LENGTH, mode="daily")
    monkeypatch.setattr(rules, "today", lambda: "2026-11-21")
    assert pictures() != first


@pytest.mark.parametrize(
    ("mode", "deck", "room"),
    [("chess", "drawn", ""), ("pair", "other", ""), ("pair", "own:x", ""), ("pair", "drawn", "ZZ")],
)
def test_unknown_modes_decks_and_rooms_are_one_sentence(game, mode, deck, room):
    with pytest.raises(UserError) as caught:
        game.new_round(TOKEN, mode, deck, room)
    assert str(caught.value).endswith(".")
    assert "\n" not in str(caught.value)


# -- what is left behind -------------------------------------------------------------
def test_a_round_left_over_lunch_ends_kindly_and_the_game_goes_on(game, monkeypatch):
    play(game, 3)
    left = game.new_round(TOKEN, "pair", "drawn")
    later = rules.time.monotonic() + rounds._MAX_AGE + 1
    monkeypatch.setattr(rules.time, "monotonic", lambda: later)
    game.new_round("another-players-token", "pair", "drawn")
    with pytest.raises(UserError, match="take the next one"):
        game.answer(left.id, left.truth, None)
    assert game.new_round(TOKEN, "pair", "drawn").number == 4


def test_a_round_left_for_an_hour_is_answered(game, monkeypatch):
    left = game.new_round(TOKEN, "pair", "drawn")
    later = rules.time.monotonic() + 3600
    monkeypatch.setattr(rules.time, "monotonic", lambda: later)
    game.new_round("another-players-token", "pair", "drawn")
    assert game.answer(left.id, left.truth, None).answer.correct


def test_strangers_cannot_fill_the_memory(game, monkeypatch):
    monkeypatch.setattr(rounds, "_MAX_OPEN", 20)
    monkeypatch.setattr(rules, "_MOST_PLAYERS", 30)
    for number in range(50):
        game.new_round(f"a-fresh-token-{number:04d}", "second", "drawn")
    assert len(game._open) <= 21
    assert len(game._open._waiting) == len(game._open)
    assert len(game._played) == 30


def test_who_was_forgotten_goes_on_in_the_order_of_the_deck(game, monkeypatch):
    monkeypatch.setattr(rules, "_MOST_PLAYERS", 1)
    seen = set()
    for _ in range(20):
        dealt = game.new_round(TOKEN, "pair", "drawn")
        seen |= {card.picture.tobytes() for card in dealt.cards}
        game.answer(dealt.id, "left", None)
        play(game, 1, token="another-players-token")
    assert len(seen) == 40
