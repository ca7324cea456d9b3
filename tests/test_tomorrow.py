"""Visitors' faces among tomorrow's fakes: who may, how many, and that nothing gives them away."""

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

from ganfake import UserError
from ganfake.commands_quiz import app
from ganfake.generate import encode_face, faces, render
from ganfake.quiz import game as games
from ganfake.quiz import table as tables
from ganfake.quiz.dressing import look
from ganfake.quiz.table import Table
from ganfake.quiz.tomorrow import PLACES

DAYS = ("2026-11-26", "2026-11-27")
TOKENS = [f"player-number-{i:04d}" for i in range(6)]


def made(seed: int, model: str = "dcgan") -> bytes:
    face = faces(model, 1, seed)[0]
    return encode_face(face, render([face])[0])


@pytest.fixture
def on(monkeypatch):
    """Sets the server's day."""
    day = {"is": DAYS[0]}
    monkeypatch.setattr(games, "today", lambda: day["is"])
    return lambda to: day.update({"is": to})


@pytest.fixture
def table(tmp_path, monkeypatch, on):
    monkeypatch.setattr(tables, "_FIRST_FAKES", 100)
    opened = Table(tmp_path / "scores")
    yield opened
    opened.scores.close()


def played(table, token: str) -> list[dict]:
    """All ten rounds of a day, as the answers tell of them."""
    said = []
    for _ in range(10):
        dealt = table.new_round(token, "daily", "pocket")
        assert not {"made_by", "put_by"} & set(dealt)
        said.append(table.answer(dealt["round"], "left"))
    return said


def test_a_guest_is_in_tomorrows_ten_for_everybody_and_told_of_after_the_answer(table, on):
    table.rename(TOKENS[0], "Ada")
    assert "tomorrow" in table.game.put_in(TOKENS[0], made(7))
    table.game.put_in(TOKENS[1], made(5, "portrait"))
    assert not any(said["put_by"] for said in played(table, TOKENS[2])), "not today"
    on(DAYS[1])
    seen = [
        [(i, said["made_by"], said["put_by"]) for i, said in enumerate(rounds) if said["put_by"]]
        for rounds in (played(table, TOKENS[2]), played(table, TOKENS[3]))
    ]
    assert seen[0] == seen[1]
    assert {told[1:] for told in seen[0]} == {
        ("dcgan, seed 7", "Ada"), ("portrait, seed 5", "a visitor"),
    }  # fmt: skip
    on("2026-11-28")
    assert not any(said["put_by"] for said in played(table, TOKENS[4]))


def test_first_come_and_one_each(table):
    for token in TOKENS[:PLACES]:
        table.game.put_in(token, made(100 + TOKENS.index(token)))
        with pytest.raises(UserError, match="already; one is allowed"):
            table.game.put_in(token, made(200))
    with pytest.raises(UserError, match="come back then"):
        table.game.put_in(TOKENS[PLACES], made(300))


def test_the_same_picture_only_once_and_nothing_large(table):
    table.game.put_in(TOKENS[0], made(7))
    with pytest.raises(UserError, match="this very picture"):
        table.game.put_in(TOKENS[1], made(7))
    with pytest.raises(UserError, match="MB"):
        table.game.put_in(TOKENS[1], bytes(5 * 2**20))


def test_a_guest_looks_like_the_other_fakes(table):
    pack = table.packs["pocket"]
    usual = np.stack([look(card.picture) for card in pack._fakes])
    low, high = np.quantile(usual, (0.01, 0.99), axis=0)
    spread = high - low
    outside = 0
    for index, model in enumerate(("dcgan", "portrait", "cwgan")):
        table.game.put_in(TOKENS[index], made(40 + index, model))
    for number in range(1, 11):
        fake = pack._fakes[number]
        guest = table.game.tomorrow.instead_of(fake, DAYS[1], number, 10, pack.deck)
        if guest is fake:
            continue
        assert guest.picture.shape == fake.picture.shape
        assert np.ptp(guest.picture, axis=2).max() == 0, "grey as the deck"
        assert not np.array_equal(guest.picture, fake.picture)
        again = table.game.tomorrow.instead_of(fake, DAYS[1], number, 10, pack.deck)
        assert np.array_equal(again.picture, guest.picture)
        assert len(pack.serve(guest)) == len(pack.serve(fake))
        seen = look(guest.picture)
        outside += int(((seen < low - spread / 4) | (seen > high + spread / 4)).sum())
    assert outside == 0


def test_whoever_runs_the_server_lists_and_removes(tmp_path, monkeypatch, on):
    monkeypatch.setattr(tables, "_FIRST_FAKES", 8)
    table = Table()  # in GANFAKE_DATA, as the command finds it
    table.game.put_in(TOKENS[0], made(7))
    run = CliRunner().invoke
    listed = run(app, ["tomorrow"]).output
    assert "2026-11-27  dcgan, seed 7  put in by a visitor" in listed
    key = listed.split()[0]
    assert "is out" in run(app, ["tomorrow", "--remove", key]).output
    assert "Nobody" in run(app, ["tomorrow"]).output
    assert isinstance(run(app, ["tomorrow", "--remove", key]).exception, UserError)
    on(DAYS[1])
    assert not any(said["put_by"] for said in played(table, TOKENS[2]))
    table.scores.close()


def test_old_days_are_forgotten(table, on):
    table.game.put_in(TOKENS[0], made(7))
    on("2026-12-05")
    table.game.put_in(TOKENS[1], made(8))
    assert [one["day"] for one in table.game.tomorrow.listed()] == ["2026-12-06"]


def test_what_is_kept_is_not_what_was_sent(table):
    """A forged mark keeps nothing: the picture is made again, or refused."""
    noise = np.random.default_rng(0).integers(0, 256, (64, 64, 3), np.uint8)
    from ganfake import provenance

    forged = provenance.encode(Image.fromarray(noise), "PNG", model="dcgan", seed=7)
    with pytest.raises(UserError):
        table.game.put_in(TOKENS[0], forged)
    assert table.game.tomorrow.listed() == []
