"""Twenty players at once: no error, and nobody sees another's round."""

import pytest

from benchmarks.load import Player, play_all, problems, running_page


@pytest.mark.slow
def test_twenty_players_at_once_play_their_own_games():
    """No seconds here; `python -m benchmarks.load` measures them."""
    with running_page() as address:
        everyone = play_all(address, players=20, rounds=5)
    assert problems(everyone, rounds=5) == []
    assert all(len(player.seconds["/noop"]) == 5 for player in everyone)


# -- the judge itself --------------------------------------------------------------------
def played(name: str, rounds: int = 12) -> Player:
    """A flawless game in which every third answer is wrong."""
    player, score, streak = Player(), 0, 0
    for index in range(rounds):
        number = index % 10 + 1
        score = 0 if number == 1 else score
        dealt = {"player": name, "round": f"{name}-{index}", "number": number}
        player.rounds.append({**dealt, "score": score, "streak": streak})
        correct = index % 3 != 2
        score, streak = score + correct, streak + 1 if correct else 0
        answer = {"correct": correct, "number": number, "score": score, "streak": streak}
        player.answers.append({**answer, "finished": number == 10, "set": f"{name}-{index // 10}"})
    return player


def test_flawless_games_pass():
    assert problems([played("ann"), played("bob")], rounds=12) == []


@pytest.mark.parametrize(
    ("spoil", "word"),
    [
        (lambda a, b: setattr(b, "error", "ValueError: no"), "ValueError"),
        (lambda a, b: b.rounds[3].update(player="cid"), "changed names"),
        (lambda a, b: [r.update(player="ann") for r in b.rounds], "one name"),
        (lambda a, b: b.rounds[0].update(round="ann-0"), "dealt twice"),
        (lambda a, b: [x.update(set="ann-0") for x in b.answers[:10]], "share a set"),
        (lambda a, b: b.rounds[4].update(number=6), "round 4"),
        (lambda a, b: b.rounds[4].update(score=0), "round 4"),
        (lambda a, b: b.answers[7].update(score=9), "answer 7"),
        (lambda a, b: b.answers[9].update(finished=False), "answer 9"),
        (lambda a, b: (b.rounds.pop(), b.answers.pop()), "11 answers instead of 12"),
    ],
)
def test_every_mix_up_is_found(spoil, word):
    ann, bob = played("ann"), played("bob")
    spoil(ann, bob)
    assert any(word in problem for problem in problems([ann, bob], rounds=12))
