"""Blind pairs: nothing tells the model, each vote counts once, only for whose pair it is."""

import io
import threading

import numpy as np
import pytest
from PIL import Image

from ganfake import UserError
from ganfake.generate import Face
from ganfake.quiz import votes as module
from ganfake.quiz.scores import Scores, player_id
from ganfake.quiz.votes import FAMILIES, MAX_OPEN_OF_ONE, Votes, models_of, served

ME, YOU = "a-voter-of-this-test", "another-voter-of-this-test"


@pytest.fixture
def votes(scores, monkeypatch):
    """Votes on pictures of noise, which need no network; portrait's are larger."""

    def made(model, seeds):
        side = 128 if model == "portrait" else 64
        rngs = [np.random.default_rng(seed) for seed in seeds]
        return [Image.fromarray(r.integers(0, 256, (side, side, 3), np.uint8)) for r in rngs]

    monkeypatch.setattr(module, "generate_each", made)
    return Votes(scores)


def test_a_vote_counts_once_and_survives(votes, scores):
    pair = votes.pair(ME, "faces")
    told = votes.vote(ME, pair.id, "right")
    assert told.faces == pair.faces
    preferred, other = pair.faces[1].model, pair.faces[0].model
    assert votes.given("faces") == [(preferred, other)]
    with pytest.raises(UserError, match="over"):
        votes.vote(ME, pair.id, "left")
    assert len(votes.given("faces")) == 1
    again = Votes(Scores(scores.path))
    assert again.given("faces", ME) == [(preferred, other)]
    assert again.given("faces", YOU) == again.given("cars") == []
    [row] = scores.rows("SELECT * FROM votes")
    assert row["player"] == player_id(ME) and ME not in tuple(row)
    assert (row["left_seed"], row["right_seed"]) == tuple(face.seed for face in pair.faces)


def test_a_vote_from_many_threads_counts_once(votes):
    pair, refused = votes.pair(ME, "cars"), []

    def press():
        try:
            votes.vote(ME, pair.id, "left")
        except UserError as error:
            refused.append(error)

    threads = [threading.Thread(target=press) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(refused) == 7
    assert len(votes.given("cars")) == 1


def test_a_pair_of_somebody_else_is_refused(votes):
    pair = votes.pair(ME, "faces")
    for key in (pair.id, "../votes", None, ["x"]):
        with pytest.raises(UserError, match="over"):
            votes.vote(YOU, key, "left")
    assert votes.given("faces") == []
    votes.vote(ME, pair.id, "left")  # it is still there for whose it is


def test_a_waiting_pair_comes_again_and_few_stay_open(votes):
    first = votes.pair(ME, "faces")
    assert votes.pair(ME, "faces") is first
    assert votes.pair(YOU, "faces") is not first
    wishes = [("faces", a, b) for a in FAMILIES["faces"] for b in FAMILIES["faces"] if a < b]
    assert len(wishes) > MAX_OPEN_OF_ONE
    for wish in wishes:
        votes.pair(ME, *wish)
    assert sum(pair.player == player_id(ME) for pair in votes._open.values()) == MAX_OPEN_OF_ONE
    assert set(votes._asked.values()) == set(votes._open)
    with pytest.raises(UserError, match="over"):
        votes.vote(ME, first.id, "left")


def test_pairs_are_those_asked_for_on_sides_by_chance(votes):
    lefts = []
    for _ in range(40):
        pair = votes.pair(ME, "faces", "wgan", "any")
        models = [face.model for face in pair.faces]
        assert "wgan" in models and len(set(models)) == 2
        lefts.append(models[0] == "wgan")
        votes.vote(ME, pair.id, "left")
    assert 5 < sum(lefts) < 35, "either side, by a coin: outside this once in 10 million"


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (("mlp",), "no models"),
        ((["faces"],), "no models"),
        (("faces", "dcgan-cars"), "Choose two"),
        (("faces", ["dcgan"]), "Choose two"),
        (("faces", "dcgan", "dcgan"), "different"),
        (("cars", "../dcgan"), "Choose two"),
    ],
)
def test_bad_wishes(votes, said, words):
    with pytest.raises(UserError, match=words):
        votes.pair(ME, *said)


def test_a_choice_is_left_or_right(votes):
    pair = votes.pair(ME, "faces")
    for choice in ("", "both", None, ["left"]):
        with pytest.raises(UserError, match="left or the right"):
            votes.vote(ME, pair.id, choice)


def test_files_before_the_vote_are_alike_for_every_model():
    """Real pictures by the real models: same length, size, format, no notes, never the same."""
    for family in FAMILIES:
        heads = set()
        for model in models_of(family):
            picture = module.generate_each(model, [5])[0]
            content = served(picture, family)
            assert content != served(picture, family), "every file is a new one"
            opened = Image.open(io.BytesIO(content))
            tables = tuple(tuple(t) for t in opened.quantization.values())
            keys = frozenset(opened.info) - {"comment"}
            heads.add((len(content), opened.format, opened.size, opened.mode, tables, keys))
            assert model.encode() not in content and b"ganfake" not in content
        assert len(heads) == 1


def test_what_is_kept_makes_the_picture_again(votes):
    pair = votes.pair(ME, "faces")
    assert all(isinstance(face, Face) and face.truncation == 1 for face in pair.faces)
    assert len({face.seed for face in pair.faces}) == 2
