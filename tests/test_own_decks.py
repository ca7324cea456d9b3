"""A visitor's own photographs: gone on a click or by time, with all that was dealt of them."""

import gc
import time
import weakref

import numpy as np
import pytest

from ganfake import UserError
from ganfake.quiz import own_decks
from ganfake.quiz.decks.folder import FolderDeck, FolderReport
from ganfake.quiz.game import Game
from ganfake.quiz.own_decks import OwnDecks
from tests.conftest import DrawnPack

TOKEN = "a-players-secret-token"


@pytest.fixture
def make(scores, monkeypatch):
    """Own decks of noise beside a game, forgotten after some seconds."""
    monkeypatch.setattr(own_decks, "Pack", lambda deck, supply: DrawnPack(deck))
    monkeypatch.setattr(DrawnPack, "fill", lambda self: None)

    def read(source, progress, cancelled, patience=None):
        if callable(source):
            source()
        faces = np.random.default_rng(0).integers(0, 256, (12, 64, 64, 3), np.uint8)
        return FolderDeck(faces), FolderReport(faces=12, pictures=12)

    monkeypatch.setattr(own_decks, "read_folder", read)

    def made(idle=1000.0):
        game = Game(scores, {})
        return game, OwnDecks(game.packs, None, game.forget_deck, idle)

    return made


def dealt_photograph(game) -> weakref.ref:
    """A round of the own deck that waits: a reference that does not keep it."""
    return weakref.ref(game.new_round(TOKEN, "pair", "own"))


@pytest.mark.parametrize("gone", ["forgotten", "read again", "pushed out"])
def test_a_round_goes_with_its_photographs(make, monkeypatch, gone):
    game, decks = make()
    decks.read(TOKEN, None)
    waiting = dealt_photograph(game)
    gc.collect()
    assert waiting() is not None
    if gone == "forgotten":
        decks.forget(TOKEN)
        with pytest.raises(UserError, match="not here any more"):
            game.new_round(TOKEN, "pair", "own")
    elif gone == "read again":
        decks.read(TOKEN, None)
    else:
        monkeypatch.setattr(own_decks, "_MOST", 1)
        decks.read("another-players-token", None)
    gc.collect()
    assert waiting() is None


def test_only_the_rounds_of_that_deck_go(make):
    game, decks = make()
    game.packs["drawn"] = DrawnPack(FolderDeck(np.zeros((9, 64, 64, 3), np.uint8)))
    for token in (TOKEN, "another-players-token"):
        decks.read(token, None)
    wanted = ((TOKEN, "drawn"), ("another-players-token", "own"))
    kept = [game.new_round(token, "pair", deck) for token, deck in wanted]
    game.new_round(TOKEN, "pair", "own")
    decks.forget(TOKEN)
    assert list(game._open._rounds.values()) == kept


def test_photographs_go_by_time_though_nobody_asks(make):
    game, decks = make(idle=0.2)
    decks.read(TOKEN, None)
    waiting = dealt_photograph(game)
    end = time.monotonic() + 20
    while (decks or waiting()) and time.monotonic() < end:
        time.sleep(0.02)
        gc.collect()
    assert not decks
    assert game.packs == {}
    assert waiting() is None


def test_all_are_gone_within_the_hour_that_the_page_tells_of():
    assert own_decks._IDLE * 6 / 5 <= 3600  # they are swept every fifth of it


def test_what_is_stopped_is_not_kept_even_when_all_is_read(make):
    _, decks = make()
    with pytest.raises(UserError, match="stopped"):
        decks.read(TOKEN, lambda: decks.forget(TOKEN))
    assert decks.pack(TOKEN) is None
    assert decks._reading == {}
    decks.read(TOKEN, None)  # the next one is read
    assert decks.pack(TOKEN) is not None


def test_a_second_reading_stops_the_first(make):
    _, decks = make()
    with pytest.raises(UserError, match="stopped"):
        decks.read(TOKEN, lambda: decks.read(TOKEN, None))
    assert decks.pack(TOKEN) is not None


def test_strangers_who_stop_nothing_leave_nothing(make):
    _, decks = make()
    for number in range(1000):
        decks.forget(f"any text at all {number}")
    assert not decks
    assert decks._reading == {}
