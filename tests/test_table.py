"""The table: decks come and go, uploads are forgotten, results belong to their player."""

import numpy as np
import pytest
import skimage
from PIL import Image, ImageOps

from ganfake import UserError
from ganfake.quiz import Gone, lesson, own_decks, rooms
from ganfake.quiz import table as tables
from ganfake.quiz.scores import player_id
from ganfake.quiz.table import Table

TOKEN = "a-players-secret-token"


@pytest.fixture
def table(tmp_path, monkeypatch):
    monkeypatch.setattr(tables, "_FIRST_FAKES", 8)
    made = Table(tmp_path / "scores")
    yield made
    made.scores.close()


@pytest.fixture
def photographs(tmp_path):
    folder = tmp_path / "photographs"
    folder.mkdir()
    face = Image.fromarray(skimage.data.astronaut()[:300, 60:360])
    for index, picture in enumerate((face, ImageOps.mirror(face), face.rotate(8))):
        picture.save(folder / f"{index}.png")
    return folder


def test_pocket_plays_at_once_and_without_a_network(table):
    dealt = table.new_round(TOKEN, "pair", "pocket")
    assert len(dealt["pictures"]) == 2
    assert [deck["name"] for deck in table.decks()] == ["pocket"]


def test_a_sharper_deck_is_offered_first(table, photographs):
    assert "3 faces" in table.add_folder(photographs)
    assert [deck["name"] for deck in table.decks()] == ["folder", "pocket"]
    assert table.new_round(TOKEN, "pair", "folder")["deck"] == "folder"


def test_ones_own_photographs_are_for_oneself_and_for_an_hour(table, photographs, monkeypatch):
    table.add_own(TOKEN, photographs)
    assert table.new_round(TOKEN, "pair", "own")["deck"] == "own"
    with pytest.raises(UserError):
        table.new_round("another-players-token", "pair", "own")
    later = tables.time.monotonic() + own_decks._IDLE + 1
    monkeypatch.setattr(tables.time, "monotonic", lambda: later)
    assert [deck["name"] for deck in table.decks(TOKEN)] == ["pocket"]


def test_own_photographs_can_be_forgotten_at_once(table, photographs):
    table.add_own(TOKEN, photographs)
    dealt = table.new_round(TOKEN, "pair", "own")
    table.forget_own(TOKEN)
    assert [deck["name"] for deck in table.decks(TOKEN)] == ["pocket"]
    assert len(table.game._open) == 0, "the round showed one of them"
    with pytest.raises(UserError, match="over"):
        table.answer(dealt["round"], "left")


def test_a_round_tells_of_the_room_that_it_was_asked_for_in(table):
    code = rooms.open_room(table.scores, TOKEN)
    for mode in ("pair", "daily"):
        for room in (code, ""):
            assert table.new_round(TOKEN, mode, "pocket", room.lower())["room"] == room


def test_only_so_many_own_decks_are_held(table, photographs, monkeypatch):
    monkeypatch.setattr(own_decks, "_MOST", 2)
    for number in range(3):
        table.add_own(f"the-secret-token-of-{number}", photographs)
    assert sorted(name for name in table.packs if ":" in name) == [
        "own:the-secret-token-of-1",
        "own:the-secret-token-of-2",
    ]


def test_a_result_is_for_its_player_alone(table):
    for _ in range(10):
        dealt = table.new_round(TOKEN, "pair", "pocket")
        said = table.answer(dealt["round"], "left", "sure")
    assert said["finished"]
    report = table.result(TOKEN, said["set"])
    assert report["rounds"] == 10
    assert len(report["fooled"]) == 10 - report["correct"]
    assert f"sure: {report['correct']} of 10 right" in report["calibration"]
    for stranger in ("another-players-token", ""):
        with pytest.raises(UserError):
            table.result(stranger, said["set"])


@pytest.mark.parametrize("offered", ["", "short", "x" * 65, "ünïcode-tokens-are-odd", None, 7])
def test_odd_tokens_are_replaced(table, offered):
    first, second = table.token(offered), table.token(offered)
    assert first != second
    assert len(first) >= 16


def test_a_session_keeps_its_player(table):
    assert table.token("", session="abc") == table.token("", session="abc")
    assert table.token("", session="abc") != table.token("", session="abd")


def test_pictures_of_a_deck_are_alike_in_size_and_colour(table):
    pack = table.packs["pocket"]
    for position in range(20):
        real, fake = pack.pair(3, position)
        assert real.picture.shape == fake.picture.shape == (25, 25, 3)
        assert fake.made_by.startswith("dcgan, seed ")
        assert real.made_by == ""
        assert np.ptp(fake.picture, axis=2).max() == 0, "grey beside grey"


def test_the_daily_challenge_is_not_played_with_ones_own(table, photographs):
    table.add_own(TOKEN, photographs)
    with pytest.raises(UserError, match="same for all"):
        table.new_round(TOKEN, "daily", "own")
    assert table.new_round(TOKEN, "pair", "own")["deck"] == "own"


# -- who is no player, and what is no room ---------------------------------------------
@pytest.mark.parametrize("unfit", ["", "short", "x" * 65, "\ud800" * 20, None])
def test_who_is_no_player_has_no_nickname(table, unfit):
    with pytest.raises(UserError, match="Play a round first"):
        table.rename(unfit, "Ada")
    assert table.nickname(unfit) == ""
    assert table.scores.rows("SELECT * FROM players") == []


def test_a_name_that_was_given_to_nobody_greets_no_visitor(table):
    table.scores.rename(player_id(""), "Ada")  # by an earlier version
    assert table.nickname("") == ""


def test_half_a_character_is_answered_like_any_unknown_text(table):
    half = "\ud800"
    code = rooms.open_room(table.scores, TOKEN)
    with pytest.raises(Gone, match="no room with this code"):
        table.new_round(TOKEN, "pair", "pocket", half)
    assert not rooms.exists(table.scores, half)
    assert not rooms.is_owner(table.scores, code, half)
    assert rooms.remove_nickname(table.scores, code, TOKEN, half) == 0
    assert lesson.progress(table.game, half) == lesson.Progress("", 0, 0)
    with pytest.raises(UserError, match="no such game"):
        table.result(half, 1)
