"""The command line: what it writes, lists and passes on."""

import re
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from ganfake import models, provenance, weights
from ganfake.generate import Face, face_seeds, render
from ganfake.models import MODELS, load
from tests.command_line import CONDITIONAL, needs_conditional, run


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


def test_the_module_runs_as_a_program(tmp_path):
    words = [sys.executable, "-m", "ganfake", "generate", "dcgan", "--seed", "abc"]
    ended = subprocess.run(words, capture_output=True, text=True, timeout=120)
    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr == "--seed takes a whole number.\n"
