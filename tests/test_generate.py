"""Making faces: from the command line, the same again for the same seed, and marked."""

import io

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

from ganfake import UserError, provenance
from ganfake.__main__ import app, main
from ganfake.generate import generate, generate_each
from ganfake.weights import list_weights, read_card


def test_the_command_writes_the_same_pngs_again(tmp_path):
    for folder in ("first", "second"):
        asked = ["generate", "dcgan", "--count", "16", "--seed", "7", "--out", tmp_path / folder]
        assert CliRunner().invoke(app, [str(word) for word in asked]).exit_code == 0
    first, second = (sorted((tmp_path / name).iterdir()) for name in ("first", "second"))
    assert [path.name for path in first] == [path.name for path in second]
    assert len(first) == 16
    contents = [path.read_bytes() for path in first]
    assert contents == [path.read_bytes() for path in second]
    assert len(set(contents)) == 16
    for index, content in enumerate(contents):
        picture = Image.open(io.BytesIO(content))
        assert (picture.format, picture.size, picture.mode) == ("PNG", (64, 64), "RGB")
        mark = provenance.read(content)
        assert (mark.is_ai, mark.model, mark.seed) == (True, "dcgan", 7), index


def test_seeds_and_truncation_change_the_faces():
    one, other = (np.asarray(generate("dcgan", 1, seed)[0], int) for seed in (1, 2))
    assert np.abs(one - other).mean() > 5
    varied, ordinary = (
        np.stack([np.asarray(face, float) for face in generate("dcgan", 32, 0, truncation)])
        for truncation in (1.0, 0.3)
    )
    assert ordinary.std(axis=0).mean() < 0.8 * varied.std(axis=0).mean()


def test_faces_are_faces_of_their_own():
    """Not blank, not all alike: pixels vary within a face and between faces."""
    faces = np.stack([np.asarray(face, float) for face in generate("dcgan", 64, 3)])
    assert faces.std(axis=(1, 2, 3)).min() > 15
    assert faces.std(axis=0).mean() > 30


def test_one_face_per_seed_is_the_first_of_that_seed():
    each = generate_each("dcgan", [5, 6], 0.8)
    for picture, seed in zip(each, (5, 6), strict=True):
        alone = generate("dcgan", 1, seed, 0.8)[0]
        assert np.abs(np.asarray(picture, int) - np.asarray(alone, int)).max() <= 1


@pytest.mark.parametrize(
    "asked", [{"count": 0}, {"count": 10**6}, {"seed": -1}, {"seed": 2**63}, {"truncation": 0}]
)
def test_values_out_of_range_are_one_sentence(asked):
    with pytest.raises(UserError, match=r"\.$"):
        generate("dcgan", **asked)


def test_an_unknown_model_is_one_line_and_exit_status_1(monkeypatch, capsys):
    monkeypatch.setattr("sys.argv", ["ganfake", "generate", "nobody"])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 1
    said = capsys.readouterr().err.strip()
    assert "dcgan" in said
    assert "\n" not in said


@pytest.mark.parametrize("name", list_weights())
def test_committed_weights_have_whole_cards_and_fit_a_push(name):
    card = read_card(name)
    assert {"architecture", "config", "training", "data", "licence", "sha256"} <= set(card)
    assert card["training"]["images"] > 0
    assert card["bytes"] < 10e6
