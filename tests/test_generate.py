"""Making faces: the same again for the same seed, mixed, pushed, to order, and marked."""

import io
import shlex

import numpy as np
import pytest
import torch
from PIL import Image

from ganfake import UserError, generate, provenance
from ganfake import codes as codes_module
from ganfake.__main__ import main
from ganfake.codes import between, directions
from ganfake.generate import (
    MAX_SEED,
    Face,
    codes,
    face_seeds,
    faces,
    generate_each,
    render,
    render_codes,
    save_faces,
)
from ganfake.models import available, load
from ganfake.weights import list_weights, read_card

CONDITIONAL = [name for name in available() if read_card(name)["config"].get("fields")]


def array(face: Face) -> np.ndarray:
    return np.asarray(render([face])[0], int)


def test_the_same_seed_writes_the_same_files_again(tmp_path):
    made = faces("dcgan", 18, 7)
    first, second = (save_faces(made, tmp_path / name) for name in ("first", "second"))
    assert [path.name for path in first] == [path.name for path in second]
    contents = [path.read_bytes() for path in first]
    assert contents == [path.read_bytes() for path in second]
    assert len(set(contents)) == 18
    size = load("dcgan").config.image_size
    for content, seed in zip(contents, face_seeds(7, 18), strict=True):
        picture = Image.open(io.BytesIO(content))
        assert (picture.format, picture.size, picture.mode) == ("PNG", (size, size), "RGB")
        mark = provenance.read(content)
        assert (mark.is_ai, mark.model, mark.seed) == (True, "dcgan", seed)


@pytest.mark.parametrize(
    ("kind", "ending", "format"), [("jpeg", "jpg", "JPEG"), ("webp", "webp", "WEBP")]
)
def test_other_formats_are_marked_too(tmp_path, kind, ending, format):
    (path,) = save_faces(faces("dcgan", 1, 3), tmp_path, kind)
    assert path.suffix == f".{ending}"
    assert Image.open(path).format == format
    assert provenance.read(path).seed == 3


def test_a_seed_gives_itself_and_then_others():
    assert face_seeds(7, 0) == []
    assert face_seeds(7, 1) == [7]
    many = face_seeds(7, 1000)
    assert many[:5] == face_seeds(7, 5)
    assert len(set(many)) == 1000
    assert all(0 <= seed <= MAX_SEED for seed in many)
    assert face_seeds(8, 5)[1:] != many[1:5]


@pytest.mark.parametrize("name", available())
def test_a_face_is_the_same_in_any_company(name):
    made = faces(name, 20, 5)
    together = render(made)
    for index in (0, 7, 19):
        alone = np.asarray(render([made[index]])[0])
        assert np.array_equal(np.asarray(together[index]), alone), index


@pytest.mark.parametrize("name", available())
def test_seeds_change_the_picture(name):
    one, other = (np.asarray(generate.generate(name, 1, seed)[0], int) for seed in (1, 2))
    assert np.abs(one - other).mean() > 5


def test_truncation_makes_faces_more_alike():
    varied, ordinary = (
        np.stack([np.asarray(p, float) for p in generate.generate("dcgan", 32, 0, truncation)])
        for truncation in (1.0, 0.3)
    )
    assert ordinary.std(axis=0).mean() < 0.8 * varied.std(axis=0).mean()


def test_faces_are_faces_of_their_own():
    """Not blank, not all alike: pixels vary within a face and between faces."""
    made = np.stack([np.asarray(face, float) for face in generate.generate("dcgan", 64, 3)])
    assert made.std(axis=(1, 2, 3)).min() > 15
    assert made.std(axis=0).mean() > 30


def test_one_face_per_seed_is_the_first_of_that_seed():
    each = generate_each("dcgan", [5, 6], 0.8)
    for picture, seed in zip(each, (5, 6), strict=True):
        alone = generate.generate("dcgan", 1, seed, 0.8)[0]
        assert np.array_equal(np.asarray(picture), np.asarray(alone))


def test_nothing_asked_for_is_nothing():
    assert render([]) == []


def test_a_mix_lies_between_its_ends():
    first, second = array(Face("dcgan", 1)), array(Face("dcgan", 2))
    assert np.array_equal(array(Face("dcgan", 1, mix_seed=2, mix_share=0.0)), first)
    near = array(Face("dcgan", 1, mix_seed=2, mix_share=0.2))
    assert 1 < np.abs(near - first).mean() < np.abs(near - second).mean()
    whole = array(Face("dcgan", 1, mix_seed=2, mix_share=1.0))
    assert np.abs(whole - second).mean() < 1


def test_latents_turn_instead_of_shrinking():
    """Between two latents of one length all others have that length (White 2016)."""
    model = load("dcgan")
    ends = torch.nn.functional.normalize(codes([Face("dcgan", 1), Face("dcgan", 2)]), dim=1)
    for share in (0.0, 0.25, 0.5, 1.0):
        assert between(model, *ends, share).norm().item() == pytest.approx(1, abs=1e-4)
    assert torch.allclose(between(model, ends[0], ends[0], 0.5), ends[0])


@pytest.mark.parametrize("name", available())
def test_a_push_moves_the_face(name):
    if not directions(name):
        pytest.skip("this model has no directions")
    direction = next(iter(directions(name)))
    rest = array(Face(name, 4))
    little, more = (
        np.abs(array(Face(name, 4, push={direction: strength})) - rest).mean()
        for strength in (1.0, 3.0)
    )
    assert 0.2 < little < more


@pytest.mark.parametrize("name", CONDITIONAL)
def test_attributes_are_obeyed_by_the_code(name):
    field, values = load(name).fields[0]
    asked = [Face(name, 9, labels={field: value}) for value in values[:2]]
    assert np.abs(array(asked[0]) - array(asked[1])).mean() > 1
    latent = load(name).config.latent_dim
    assert torch.equal(*(codes([face])[0, :latent] for face in asked))


@pytest.mark.parametrize("name", CONDITIONAL)
@pytest.mark.parametrize("labels", [{"Nothing": "1"}, {"": ""}])
def test_attributes_that_do_not_exist(name, labels):
    with pytest.raises(UserError, match=r"^There is no attribute .+there are: .+\.$"):
        render([Face(name, 1, labels=labels)])


@pytest.mark.parametrize("name", CONDITIONAL)
def test_values_that_do_not_exist(name):
    field = load(name).fields[0][0]
    with pytest.raises(UserError, match=rf"^{field} can be .+, not 'maybe'\.$"):
        render([Face(name, 1, labels={field: "maybe"})])


def test_an_unconditional_model_takes_no_attributes():
    with pytest.raises(UserError, match=r"^dcgan takes no attributes.+\.$"):
        generate.generate("dcgan", 1, labels={"Smiling": "1"})


def test_a_direction_that_does_not_exist():
    with pytest.raises(UserError, match=r"^There is no direction 'nowhere'.+\.$"):
        render([Face("dcgan", 1, push={"nowhere": 1.0})])


def test_damaged_directions_are_one_sentence(tmp_path, monkeypatch):
    monkeypatch.setattr(codes_module, "weights_dir", lambda: tmp_path)
    (tmp_path / "dcgan-directions.safetensors").write_bytes(b"text")
    with pytest.raises(UserError, match=r"damaged; fetch the project's weights again\.$"):
        directions.__wrapped__("dcgan")


@pytest.mark.parametrize(
    "asked",
    [
        {"count": 0},
        {"count": -1},
        {"count": 10**6},
        {"count": 1.5},
        {"count": True},
        {"seed": -1},
        {"seed": 2**63},
        {"seed": "abc"},
        {"truncation": 0},
        {"truncation": 1.01},
        {"truncation": float("nan")},
    ],
)
def test_values_out_of_range_are_one_sentence(asked):
    with pytest.raises(UserError, match=r"^[A-Z][^\n]+\.$"):
        generate.generate("dcgan", **asked)


@pytest.mark.parametrize(
    "given",
    [
        {"mix_seed": -1},
        {"mix_seed": 1, "mix_share": 1.1},
        {"mix_share": float("nan")},
        {"push": {"Smiling": 6.0}},
        {"push": {"Smiling": float("nan")}},
    ],
)
def test_faces_that_cannot_be_are_one_sentence(given):
    with pytest.raises(UserError, match=r"^[A-Z][^\n]+\.$"):
        Face("dcgan", 1, **given)


def _odd_face(name: str) -> Face:
    """A face with numbers of many digits, as sliders and chance give them."""
    fields = {field: values[-1] for field, values in load(name).fields}
    push = dict(zip(directions(name), (-4 / 3, 0.0, 2), strict=False))
    return Face(name, MAX_SEED, 0.1 + 0.2, fields, 3, 2 / 7, push)


@pytest.mark.parametrize("name", available())
@pytest.mark.parametrize("make", [_odd_face, lambda name: faces(name, 3, 0, 1 / 3)[2]])
def test_the_command_of_a_face_makes_that_very_picture(name, make, tmp_path):
    face = make(name)
    python, dash, package, *words = shlex.split(face.command())
    assert (python, dash, package) == ("python", "-m", "ganfake")
    with pytest.raises(SystemExit) as ended:
        main([*words, "--out", str(tmp_path / "made")])
    assert ended.value.code == 0
    (path,) = (tmp_path / "made").iterdir()
    assert np.array_equal(np.asarray(Image.open(path)), array(face))
    mark = provenance.read(path)
    assert (mark.model, mark.seed) == (face.model, face.seed)


def test_codes_render_to_pictures_in_range():
    pictures = render_codes("dcgan", codes(faces("dcgan", 17, 1)))
    size = load("dcgan").config.image_size
    assert pictures.shape == (17, 3, size, size)
    assert pictures.isfinite().all()
    assert pictures.abs().max() <= 1


@pytest.mark.parametrize("name", list_weights())
def test_committed_weights_have_whole_cards_and_fit_a_push(name):
    card = read_card(name)
    assert {"architecture", "config", "training", "data", "licence", "sha256"} <= set(card)
    assert card["training"]["images"] > 0
    assert card["bytes"] < 10e6
