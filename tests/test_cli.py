"""The command line: what it writes, and one clear sentence for every mistake."""

import errno
import json
import re
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from ganfake import models, provenance, weights
from ganfake.__main__ import main
from ganfake.generate import Face, face_seeds, render
from ganfake.models import MODELS, available, load

CONDITIONAL = next((n for n in available() if weights.read_card(n)["config"].get("fields")), None)
needs_conditional = pytest.mark.skipif(not CONDITIONAL, reason="no conditional weights yet")


@pytest.fixture
def run(tmp_path, monkeypatch, capsys):
    """run("generate", "dcgan") in an empty folder: its exit status, stdout, stderr."""
    monkeypatch.chdir(tmp_path)

    def call(*words) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as ended:
            main([str(word) for word in words])
        said = capsys.readouterr()
        return ended.value.code, said.out, said.err

    return call


def refused(result: tuple[int, str, str]) -> str:
    """The one sentence of a command that was refused."""
    code, out, err = result
    assert code == 1
    assert out == ""
    assert re.fullmatch(r"[^\n]+\.\n", err), err
    assert "Traceback" not in err and "Usage" not in err
    return err


def test_generate_writes_marked_pictures(run, tmp_path):
    code, out, err = run("generate", "dcgan", "--count", 3, "--seed", 7, "--out", "a/b")
    assert (code, out, err) == (0, "Wrote 3 pictures to a/b.\n", "")
    paths = sorted((tmp_path / "a/b").iterdir())
    made = render([Face("dcgan", seed) for seed in face_seeds(7, 3)])
    for path, picture, seed in zip(paths, made, face_seeds(7, 3), strict=True):
        assert np.array_equal(np.asarray(Image.open(path)), np.asarray(picture))
        assert provenance.read(path).seed == seed


@pytest.mark.parametrize(("kind", "ending"), [("webp", "webp"), ("jpeg", "jpg"), ("JPG", "jpg")])
def test_generate_takes_a_format(run, tmp_path, kind, ending):
    assert run("generate", "dcgan", "--count", 1, "--format", kind)[0] == 0
    (path,) = (tmp_path / "faces").iterdir()
    assert path.suffix == f".{ending}"
    assert provenance.read(path).is_ai


def test_a_mix_applies_to_every_face(run, tmp_path):
    assert run("generate", "dcgan", "--count", 2, "--mix", "5=0.25")[0] == 0
    asked = [Face("dcgan", seed, mix_seed=5, mix_share=0.25) for seed in face_seeds(0, 2)]
    for path, picture in zip(sorted((tmp_path / "faces").iterdir()), render(asked), strict=True):
        assert np.array_equal(np.asarray(Image.open(path)), np.asarray(picture))


@needs_conditional
def test_attributes_and_pushes_reach_the_face(run, tmp_path):
    (name, values), *_ = load(CONDITIONAL).fields
    words = ["--set", f"{name}={values[1]}", "--push", f"{name}=-1.5", "--truncation", 0.7]
    assert run("generate", CONDITIONAL, "--count", 2, *words)[0] == 0
    options = {"labels": {name: values[1]}, "push": {name: -1.5}}
    asked = [Face(CONDITIONAL, seed, 0.7, **options) for seed in face_seeds(0, 2)]
    for path, picture in zip(sorted((tmp_path / "faces").iterdir()), render(asked), strict=True):
        assert np.array_equal(np.asarray(Image.open(path)), np.asarray(picture))


def test_files_of_other_settings_and_of_others_are_spared(run, tmp_path):
    for words in ((), ("--truncation", "0.3"), ("--mix", "5=0.3"), ("--truncation", "0.3")):
        assert run("generate", "mlp", "--count", "1", "--seed", "7", "--out", "o", *words)[0] == 0
    names = sorted(p.name for p in (tmp_path / "o").iterdir())
    assert len(names) == 3 and "mlp-seed7-0000.png" in names
    (tmp_path / "walk.mp4").write_bytes(b"a film of theirs")
    code, _, err = run("interpolate", "mlp", "--seeds", "1,2", "--out", "walk.mp4")
    assert code == 1 and "is another file" in err
    assert (tmp_path / "walk.mp4").read_bytes() == b"a film of theirs"


def test_interpolate_writes_a_marked_video(run, tmp_path):
    words = ["--seconds", 0.2, "--out", "walks/walk.mp4"]
    assert run("interpolate", "dcgan", "--seeds", "4,5, 6", *words)[0] == 0
    looped = tmp_path / "walks/walk.mp4"
    mark = provenance.read(looped)
    assert (mark.is_ai, mark.model, mark.seed) == (True, "dcgan", 4)
    before = looped.read_bytes()
    assert b"<ganfake:seeds>4 5 6</ganfake:seeds>" in before
    assert run("interpolate", "dcgan", "--seeds", "4,5,6", "--no-loop", *words)[0] == 0
    assert looped.read_bytes() != before


def test_models_lists_all_and_says_which_have_no_weights(run, monkeypatch):
    monkeypatch.setenv("COLUMNS", "120")
    monkeypatch.setattr(models, "available", lambda: ["dcgan"])
    code, out, err = run("models")
    assert (code, err) == (0, "")
    rows = {line.split("│")[1].strip(): line for line in out.splitlines() if line.count("│") > 4}
    assert [name for name in rows if name] == list(MODELS)
    card = weights.read_card("dcgan")
    ratio = card.get("metrics", {}).get("ratio")
    for figure in (
        str(card["config"]["image_size"]),
        f"{card['bytes'] / 1e6:.1f}",
        f"{card['training']['images']:,}",
        f"{ratio:.2f}" if ratio else "-",
    ):
        assert re.search(rf"│\s+{re.escape(figure)}\s+│", rows["dcgan"])
    missing = out.partition("No weights here: ")[2]
    assert set(re.findall(r"[\w-]+", missing)) == set(MODELS) - {"dcgan"}


def test_train_passes_on_only_what_is_given(run, monkeypatch, tmp_path):
    from ganfake.train import gan

    asked = []
    monkeypatch.setattr(gan, "train_gan", lambda *given: asked.append(given))
    assert run("train", "gan", "--model", "wgan", "--images", 99, "--data", "d")[0] == 0
    assert run("train", "gan", "--run", "r", "--seed", 0, "--batch", 8)[0] == 0
    (data, folder, options), (_, own_folder, own_options) = asked
    expected = {**asdict(gan.GANTraining.of("wgan")), "images": 99}
    assert (data, asdict(options)) == (Path("d"), expected)
    assert folder == tmp_path / "cache" / "runs" / "wgan"
    assert own_folder == Path("r")
    assert asdict(own_options) == {**asdict(gan.GANTraining.of("dcgan")), "batch": 8}


def test_export_takes_the_name_of_the_model(run, monkeypatch):
    from ganfake.train import export

    asked = []
    monkeypatch.setattr(export, "export_gan", lambda *given: asked.append(given) or "Done.")
    assert run("train", "export", "folder", "--at", 5)[:2] == (0, "Done.\n")
    assert asked == [(Path("folder"), "", 5)]


def test_help_is_shown(run):
    for words in ([], ["train"], ["--help"], ["generate", "--help"]):
        code, out, _ = run(*words)
        assert "Usage" in out
        assert code == (0 if "--help" in words else 1)


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


def test_the_module_runs_as_a_program(tmp_path):
    words = [sys.executable, "-m", "ganfake", "generate", "dcgan", "--seed", "abc"]
    ended = subprocess.run(words, capture_output=True, text=True, timeout=120)
    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr == "--seed takes a whole number.\n"
