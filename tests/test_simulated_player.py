"""A player of known d' gets that d' back from the game, as the page calls it."""

import numpy as np
import pytest

from ganfake.quiz import game as rules
from ganfake.quiz.report import make_report
from tests.conftest import DrawnDeck, DrawnPack

SETS = 60
TOLERANCE = 0.25  # two standard errors at 600 rounds and d' of 2, where they are largest


class Observer:
    """Signal detection in person: evidence of fake is normal, `d_prime` higher for fakes.

    It learns the truth from the cards on the server, adds noise, and answers what an unbiased
    observer would: the more real of two, or "fake" beyond the middle plus `lean`.
    """

    def __init__(self, d_prime: float, lean: float = 0.0):
        self.d_prime, self.lean = d_prime, lean
        self.rng = np.random.default_rng(6)

    def says(self, cards) -> str:
        evidence = [self.rng.normal(self.d_prime * bool(card.made_by)) for card in cards]
        if len(cards) == 2:
            return "left" if evidence[0] < evidence[1] else "right"
        return "fake" if evidence[0] > self.d_prime / 2 + self.lean else "real"


@pytest.fixture
def table(shared_table, monkeypatch):
    # Coins of a known order, so that the test says the same every time.
    coins = np.random.default_rng(60)
    monkeypatch.setattr(rules.secrets, "randbelow", lambda n: int(coins.integers(n)))
    shared_table.packs["drawn"] = DrawnPack(DrawnDeck(200))
    yield shared_table
    del shared_table.packs["drawn"]


def played(table, token: str, mode: str, observer: Observer) -> list:
    """All answers of SETS sets, each played to its end through the page's own functions."""
    sets = []
    for _ in range(SETS):
        said = {"finished": False}
        while not said["finished"]:
            dealt = table.new_round(token, mode, "drawn")
            cards = table.game.open_round(dealt["round"], mode).cards
            said = table.answer(dealt["round"], observer.says(cards))
        sets.append(said["set"])
        assert table.result(token, said["set"])["rounds"] == 10
    return [answer for key in sets for answer in table.scores.answers(key)]


@pytest.mark.parametrize("mode", ["pair", "single"])
@pytest.mark.parametrize("d_prime", [0.0, 1.0, 2.0])
def test_a_simulated_player_gets_its_own_d_prime_back(table, mode, d_prime):
    answers = played(table, f"simulated-{mode}-{d_prime}-player", mode, Observer(d_prime))
    found = make_report(answers, paired=mode == "pair")
    assert found.d_prime == pytest.approx(d_prime, abs=TOLERANCE)
    assert found.criterion == pytest.approx(0.0, abs=0.2)


def test_leaning_to_fake_is_bias_and_no_skill(table):
    answers = played(table, "simulated-leaning-player", "single", Observer(1.0, lean=-0.8))
    found = make_report(answers, paired=False)
    assert found.d_prime == pytest.approx(1.0, abs=TOLERANCE)
    assert found.criterion == pytest.approx(-0.8, abs=0.25)
    assert "“fake”" in found.bias
