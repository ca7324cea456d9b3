"""Mistakes on the command line, full disks and damaged weights: one clear sentence each."""

import errno
import json

import pytest
from PIL import Image

from ganfake import provenance, weights
from ganfake.models import load
from tests.command_line import CONDITIONAL, needs_conditional, refused, run

MISTAKES = {
    "unknown model": (["generate", "nobody"], "there are: mlp, dcgan"),
    "a path as model": (["generate", "../weights/dcgan"], "No model"),
    "a discriminator": (["generate", "dcgan-discriminator"], "No model"),
    "no model": (["generate"], "Missing argument"),
    "negative count": (["generate", "dcgan", "--count", "-3"], "1 to 10000"),
    "a million images": (["generate", "dcgan", "--count", "1000000"], "1 to 10000"),
    "a count of text": (["generate", "dcgan", "--count", "many"], "--count takes a whole number"),
    "a seed of text": (["generate", "dcgan", "--seed", "abc"], "--seed takes a whole number"),
    "half a seed": (["generate", "dcgan", "--seed", "1.5"], "--seed takes a whole number"),
    "negative seed": (["generate", "dcgan", "--seed", "-1"], "A seed is"),
    "large seed": (["generate", "dcgan", "--seed", str(2**63)], "A seed is"),
    "enormous seed": (["generate", "dcgan", "--seed", "9" * 5000], "seed"),
    "truncation of text": (["generate", "dcgan", "--truncation", "x"], "takes a number"),
    "truncation 2": (["generate", "dcgan", "--truncation", "2"], "Truncation"),
    "attribute of dcgan": (["generate", "dcgan", "--set", "Smiling=1"], "takes no attributes"),
    "no equals sign": (["generate", "dcgan", "--set", "Smiling"], "pair like Smiling=1"),
    "no value": (["generate", "dcgan", "--set", "Smiling="], "pair like Smiling=1"),
    "no name": (["generate", "dcgan", "--set", "=1"], "pair like Smiling=1"),
    "twice": (["generate", "dcgan", "--set", "A=1", "--set", "A=0"], "twice"),
    "mix without share": (["generate", "dcgan", "--mix", "5"], "pair like 5=0.3"),
    "mix of text": (["generate", "dcgan", "--mix", "a=0.5"], "--mix takes seeds"),
    "mix too far": (["generate", "dcgan", "--mix", "5=1.5"], "from 0 to 1"),
    "mix of nan": (["generate", "dcgan", "--mix", "5=nan"], "from 0 to 1"),
    "push of text": (["generate", "dcgan", "--push", "Smiling=x"], "number after ="),
    "push too far": (["generate", "dcgan", "--push", "Smiling=99"], "push goes from"),
    "push nowhere": (["generate", "dcgan", "--push", "nowhere=1"], "no direction 'nowhere'"),
    "format": (["generate", "dcgan", "--format", "gif"], "PNG, JPEG or WebP"),
    "option": (["generate", "dcgan", "--frobnicate"], "--frobnicate"),
    "command": (["frobnicate"], "frobnicate"),
    "newline": (["generate", "a\nb"], "No model"),
    "seeds of text": (["interpolate", "dcgan", "--seeds", "1,b"], "not 'b'"),
    "one seed": (["interpolate", "dcgan", "--seeds", "1"], "2 to 20 faces"),
    "no seeds": (["interpolate", "dcgan"], "--seeds"),
    "long leg": (["interpolate", "dcgan", "--seeds", "1,2", "--seconds", "99"], "0.2 to 10"),
    "a gif": (["interpolate", "dcgan", "--seeds", "1,2", "--out", "walk.gif"], "MP4"),
    "walk of nobody": (["interpolate", "nobody", "--seeds", "1,2"], "No model"),
    "training nobody": (["train", "gan", "--model", "nobody"], "There is no model"),
    "training on nothing": (["train", "gan", "--data", "nowhere"], "nowhere"),
    "no images": (["train", "gan", "--images", "0"], "images must be"),
    "batch of text": (["train", "gan", "--batch", "x"], "--batch takes a whole number"),
    "export of nothing": (["train", "export", "nowhere"], "nowhere"),
}


@pytest.mark.parametrize(("words", "expected"), MISTAKES.values(), ids=MISTAKES)
def test_mistakes_are_one_sentence(run, tmp_path, words, expected):
    assert expected in refused(run(*words))
    assert not (tmp_path / "faces").exists()
    assert not (tmp_path / "walk.mp4").exists()


@needs_conditional
@pytest.mark.parametrize(
    ("pair", "expected"),
    [("Nothing=1", "There is no attribute 'Nothing'"), ("{}=maybe", "{} can be ")],
)
def test_attributes_that_do_not_exist_are_one_sentence(run, pair, expected):
    field = load(CONDITIONAL).fields[0][0]
    said = refused(run("generate", CONDITIONAL, "--set", pair.format(field)))
    assert expected.format(field) in said


@pytest.mark.parametrize("words", [["generate", "dcgan"], ["interpolate", "dcgan", "--seeds=1,2"]])
def test_odd_places_are_one_sentence(run, tmp_path, words):
    (tmp_path / "file").write_text("kept")
    (tmp_path / "folder.mp4").mkdir()
    words = [*words, "--count", "1"] if words[0] == "generate" else [*words, "--seconds", "0.2"]
    name = "" if words[0] == "generate" else "/walk.mp4"
    for place in (f"file{name}", f"file/below{name}", f"/proc/none{name}", f"{'x' * 300}{name}"):
        said = refused(run(*words, "--out", place))
        assert ".tmp" not in said
        assert "choose another place" in said
    assert (tmp_path / "file").read_text() == "kept"
    if name:
        assert "is a folder" in refused(run(*words, "--out", "folder.mp4"))


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EFBIG])
def test_a_full_disk_leaves_whole_files(run, tmp_path, monkeypatch, number):
    sync, left = weights.os.fsync, [20]

    def until_full(file):
        left[0] -= 1
        if left[0] < 0:
            raise OSError(number, "No space left on device")
        sync(file)

    monkeypatch.setattr(weights.os, "fsync", until_full)
    said = refused(run("generate", "dcgan", "--count", 40, "--out", "made"))
    assert "The disk is full" in said
    assert "whole" in said
    written = sorted((tmp_path / "made").iterdir())
    assert [p.name for p in written] == [f"dcgan-seed0-{i:04d}.png" for i in range(20)]
    for path in written:
        Image.open(path).load()
        assert provenance.read(path).is_ai
    assert "The disk is full" in refused(
        run("interpolate", "dcgan", "--seeds=1,2", "--seconds=0.2")
    )
    assert not list(tmp_path.glob("*walk*"))


def _damages():
    def cut(folder):
        path = folder / "dcgan.safetensors"
        path.write_bytes(path.read_bytes()[:-100])

    def flip(folder):
        path = folder / "dcgan.safetensors"
        content = bytearray(path.read_bytes())
        content[len(content) // 2] ^= 1
        path.write_bytes(content)

    def remove(folder):
        (folder / "dcgan.safetensors").unlink()

    def no_json(folder):
        (folder / "dcgan.json").write_text('{"architecture":')

    def change(**values):
        def write(folder):
            path = folder / "dcgan.json"
            card = {**json.loads(path.read_text()), **values}
            path.write_text(json.dumps({k: v for k, v in card.items() if v is not None}))

        return write

    yield from [cut, flip, remove, no_json]
    yield from [change(architecture=None), change(architecture="other"), change(config={"a": 1})]
    yield change(config={"image_size": 64, "generator_channels": [8, 8, 8, 8]})


@pytest.mark.parametrize("damage", list(_damages()))
def test_damaged_weights_are_one_sentence(run, tmp_path, monkeypatch, damage):
    folder = tmp_path / "weights"
    folder.mkdir()
    for ending in ("safetensors", "json"):
        name = f"dcgan.{ending}"
        (folder / name).write_bytes((weights.weights_dir() / name).read_bytes())
    damage(folder)
    monkeypatch.setattr(weights, "weights_dir", lambda: folder)
    load.cache_clear()
    try:
        said = refused(run("generate", "dcgan", "--count", 1))
    finally:
        load.cache_clear()
    assert "damaged" in said
    assert "fetch the project's weights again" in said
    assert not (tmp_path / "faces").exists()
