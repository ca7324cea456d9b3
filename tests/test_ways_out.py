"""Every way out of the program: what a network made says so, and nothing else is let out.

The one exception are the game's pictures before the answer, which must tell nothing. How a
real browser saves a picture of the page is in tests/browser/test_make.py.
"""

import ast
import base64
import io
import json
import re
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import ganfake
from ganfake import provenance
from ganfake.__main__ import main
from ganfake.film import films_dir
from ganfake.models import available, load
from ganfake.models.dcgan import DCGANConfig
from ganfake.quiz.table import Table
from ganfake.train.gan import train_gan
from ganfake.train.options import GANTraining
from ganfake.ui import api, film, lab, make
from ganfake.ui.make_board import board_functions

TOKEN = "a-players-secret-token"
PLAIN = {"model": "dcgan", "seed": "7"}
PUSHED = {"model": "cdcgan", "seed": "7", "push": {"Smiling": 2.0}}
PAGE = {call.__name__: call for call in board_functions()}


def content(address: str) -> bytes:
    """The bytes of a data address, or of plain base64."""
    return base64.b64decode(address.split(",")[-1])


def command(*words) -> None:
    with pytest.raises(SystemExit) as ended:
        main([str(word) for word in words])
    assert not ended.value.code, words


# -- the ways: each yields what a person ends up with --------------------------------
def command_generate(folder):
    for kind in ("png", "jpeg", "webp"):
        command("generate", "dcgan", "--count", 2, "--format", kind, "--out", folder / kind)
        yield from (path.read_bytes() for path in (folder / kind).iterdir())


def command_interpolate(folder):
    out = folder / "walk.mp4"
    command("interpolate", "dcgan", "--seeds", "1,2", "--seconds", 0.2, "--out", out)
    yield out.read_bytes()


def page_grid(_):
    for one in PAGE["make"](PLAIN | {"count": 3})["faces"]:
        yield content(one["picture"])


def page_details(_):
    for face in (PLAIN, PUSHED):
        yield content(PAGE["look"]({"face": face})["picture"])


def page_mix(_):
    mixed = PAGE["mix"]({"start": PLAIN, "end": PLAIN | {"seed": "8"}, "share": 0.5})
    yield content(mixed["picture"])
    yield content(PAGE["look"]({"face": mixed["face"]})["picture"])


def page_download_one(_):
    for kind in ("PNG", "JPEG", "WebP"):
        yield content(PAGE["files"]({"faces": [PUSHED], "kind": kind})["content"])


def page_download_all(_):
    for kind in ("PNG", "JPEG", "WebP"):
        packed = content(PAGE["files"]({"faces": [PLAIN, PUSHED], "kind": kind})["content"])
        with zipfile.ZipFile(io.BytesIO(packed)) as archive:
            yield from (archive.read(name) for name in archive.namelist())


def page_walk(_):
    wish = {"number": 1, "stops": [PLAIN, PLAIN | {"seed": "8"}], "seconds": 0.2}
    *_, last = make.walk_lines(json.dumps(wish))
    yield content(json.loads(last)["content"])


def page_film(_):
    filmed = [name for name in available() if (films_dir() / f"{name}.webp").is_file()]
    for name in filmed:
        yield content(film.show_film({"model": name})["sprite"])


def lab_grid(_):
    for network in lab.NETWORKS:
        board, _said = lab.step("a-visitors-session", "g", network, 0.001, 0.001, 1, 1)
        yield from map(content, re.findall("src=[\"'](data:[^\"']+)", board))
    lab.visitors.close("a-visitors-session")


def api_generate(_):
    for one in api.make_faces("dcgan", 2, 7, 1.0, None):
        yield content(one["image"])


def game_after_the_answer(folder):
    """The fake of every round once it is answered, and those of the result page."""
    table = Table(folder / "table")
    for mode in ("pair", "single"):
        for _ in range(10):
            dealt = table.new_round(TOKEN, mode, "pocket")
            said = table.answer(dealt["round"], dealt["choices"][0])
            assert bool(said["fake"]) == bool(said["made_by"])
            if said["fake"]:
                yield content(said["fake"])
        for fooled in table.result(TOKEN, said["set"])["fooled"]:
            yield content(fooled["picture"])
    table.scores.close()


def training_samples_and_film(folder):
    pictures = folder / "pictures"
    pictures.mkdir()
    for index in range(8):
        Image.fromarray(np.full((64, 64, 3), 30 * index, np.uint8)).save(pictures / f"{index}.png")
    small = DCGANConfig(
        latent_dim=8, generator_channels=(8,) * 4, discriminator_channels=(8,) * 4
    )  # fmt: skip
    options = GANTraining(images=16, batch=4, samples_every=8, checkpoint_every=16)
    train_gan(pictures, folder / "run", options, small)
    for name in ("samples", "film"):
        found = sorted((folder / "run" / name).iterdir())
        assert found, name
        yield from (path.read_bytes() for path in found)


WAYS = (
    command_generate, command_interpolate, page_grid, page_details, page_mix, page_download_one,
    page_download_all, page_walk, page_film, lab_grid, api_generate, game_after_the_answer,
    training_samples_and_film,
)  # fmt: skip


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
def test_what_we_make_says_so(way, tmp_path):
    files = list(way(tmp_path))
    assert files
    for file in files:
        mark = provenance.read(file)
        assert mark is not None, f"no mark among {len(files)} files"
        assert mark.source_type == "trainedAlgorithmicMedia"
        assert mark.model, "which model made it"
        assert mark.seed is not None or way is page_film


def test_the_games_pictures_say_nothing_before_the_answer(shared_table):
    for mode in ("pair", "single", "timed", "daily"):
        dealt = shared_table.new_round(TOKEN, mode, "pocket")
        for picture in dealt["pictures"]:
            assert provenance.read(content(picture)) is None
            assert b"ganfake" not in content(picture)


def test_the_fake_after_the_answer_is_the_one_that_was_shown(shared_table):
    for _ in range(5):
        dealt = shared_table.new_round(TOKEN, "pair", "pocket")
        said = shared_table.answer(dealt["round"], "left")
        fake = dealt["pictures"][said["truth"] == "left"]
        before, after = (
            np.asarray(Image.open(io.BytesIO(content(p)))) for p in (fake, said["fake"])
        )
        assert np.array_equal(before, after)
        mark = provenance.read(content(said["fake"]))
        assert said["made_by"] == f"{mark.model}, seed {mark.seed}"


# Who encodes pictures or video without the mark, and why.
UNMARKED = {
    "provenance.py": "writes the mark",
    "images.py": "has encode_jpeg, for the game",
    "quiz/cards.py": "the game's pictures before the answer",
    "quiz/votes.py": "Compare's pictures before the vote",
    "quiz/dressing.py": "measures the size of files, and keeps none",
    "quiz/decks/lfw_prepare.py": "photographs",
    "train/attributes.py": "photographs made worse, in memory",
    "walk.py": "marks the video at once",
    "train/tamper.py": "photographs made worse, in memory",
    "explain.py": "a visitor's picture made worse, in memory",
    "extracted.py": "crops of a person's own photographs and clips, to learn from",
    "report_face.py": "parts of the checked picture, with its mark if it has one",
    "ui/addresses.py": "parts of a visitor's own picture, with its mark if it has one",
}
ENCODERS = {"encode_jpeg", "encode_mp4", "imwrite", "imencode", "imsave", "save_image"}


def test_no_other_file_writes_pictures():
    found = set()
    for path in Path(ganfake.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if not isinstance(node, ast.Call):
                continue
            called = ast.unparse(node.func).split(".")
            kinds = {"PNG", "JPEG", "WEBP", "GIF"} & {ast.unparse(a).strip("'") for a in node.args}
            saved = called[-1] == "save" and (kinds or "kind" in map(ast.unparse, node.args))
            if saved or called[-1] in ENCODERS:
                found.add(path.relative_to(Path(ganfake.__file__).parent).as_posix())
    assert found == set(UNMARKED)


@pytest.mark.parametrize("name", available())
def test_what_the_mark_says_is_enough_to_make_the_picture_again(name):
    one = PAGE["make"]({"model": name, "seed": "11", "count": 1})["faces"][0]
    mark = provenance.read(content(one["picture"]))
    again = PAGE["look"]({"face": {"model": mark.model, "seed": str(mark.seed)}})
    assert again["picture"] == one["picture"]
    side = load(name).config.image_size
    assert Image.open(io.BytesIO(content(one["picture"]))).size == (side, side)
