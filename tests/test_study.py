"""The whole study on drawn pictures and few samples: what it writes, and that it trains nothing."""

import io
import json
from contextlib import redirect_stdout
from functools import partial
from types import SimpleNamespace
from xml.etree import ElementTree

import numpy as np
import pytest
import torch
from torch import nn

from ganfake import UserError, commands_quality, quality, study
from ganfake.__main__ import main
from ganfake.study import ORDER, PHOTOGRAPHS
from ganfake.train import distances, export, seeds, study_check, study_claims, study_text
from ganfake.train import study as measured
from ganfake.train.datasets import DATASETS, Dataset
from ganfake.train.gan import train_gan
from ganfake.train.options import GANTraining
from tests.test_single_measures import drawn

FEW = 50


class Pooled(nn.Module):
    """Twelve numbers of a picture in the place of MobileNetV2's."""

    def forward(self, pictures: torch.Tensor) -> torch.Tensor:
        return nn.functional.adaptive_avg_pool2d(pictures, 2).flatten(1)


def drawn_data(data, size: int) -> Dataset:
    """240 drawn pictures, a third of them held out; the classes of vehicles as labels."""
    pictures = np.stack([drawn(seed, size) for seed in range(240)])
    held_out = np.arange(240) % 3 == 0
    labels = np.arange(240)[:, None] % 4 + 1
    return Dataset(pictures, labels, held_out, ~held_out, (), "drawn")


def looked_at(pictures, workers):
    """In the place of Check: every second picture is fake, every fifth has no face."""
    for name, those in pictures.items():
        yield (
            name,
            [
                (
                    "uncertain" if i % 2 else "fake",
                    float(p.mean()) / 255 if i % 5 else None,
                    i % 5 > 0,
                )
                for i, p in enumerate(those)
            ],
        )


def prepare(folder, patch) -> None:
    """A study of a few seconds in an empty folder; committed records are in folder/committed."""
    patch.chdir(folder)
    (folder / "shared").mkdir()
    patch.setenv("GANFAKE_SHARED", str(folder / "shared"))
    patch.setenv("GANFAKE_CACHE", str(folder / "cache"))
    for name in ("faces", "vehicles"):
        patch.setitem(DATASETS, name, drawn_data)
    patch.setattr(quality, "load_features", Pooled)
    patch.setattr(study_check, "_check", looked_at)
    patch.setattr(commands_quality, "QUICK", FEW)
    patch.setattr(seeds, "COUNT", 80)
    patch.setattr(seeds, "ON_THE_WAY", 60)
    patch.setattr(seeds, "reestimate_batch_norm", partial(export.reestimate_batch_norm, batches=2))
    patch.setattr(seeds, "study_dir", lambda: folder / "committed")
    patch.setattr(study, "study_dir", lambda: folder / "build/quality/quality")
    forget()


def forget() -> None:
    for kept in (distances.network, distances.real_pictures, measured.yardstick):
        kept.cache_clear()


@pytest.fixture
def small(tmp_path, monkeypatch):
    prepare(tmp_path, monkeypatch)
    yield tmp_path
    forget()


@pytest.fixture(scope="module")
def once(tmp_path_factory):
    """The folder of a quick study that found the records of two runs, and what it printed."""
    folder = tmp_path_factory.mktemp("study")
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(io.StringIO()) as said:
        prepare(folder, patch)
        seeds.main([finished_run(folder, "wgan-cars", seed) for seed in (0, 1)], "a machine")
        assert run("quality", "--quick") == 0
    forget()
    return folder, said.getvalue()


@pytest.fixture
def written(once, monkeypatch):
    """The same, as if it were what is committed."""
    folder, _ = once
    monkeypatch.setattr(seeds, "study_dir", lambda: folder / "committed")
    monkeypatch.setattr(study, "study_dir", lambda: folder / "build/quality/quality")
    return once


def run(*words: str) -> int:
    with pytest.raises(SystemExit) as ended:
        main(list(words))
    return ended.value.code


def finished_run(folder, model: str, seed: int, images: int = 128):
    """A run of a few steps, as `train gan` leaves it."""
    options = GANTraining.of(
        model, images=images, seed=seed, log_every=32, snapshot_every=64, checkpoint_every=images
    )
    train_gan(folder, folder / f"{model}-{seed}", options)
    return folder / f"{model}-{seed}"


def test_the_quick_study_writes_every_table_and_leaves_docs_alone(written):
    folder, said = written
    assert not (folder / "docs").exists()
    page = (folder / "build/quality/quality.md").read_text()
    found = json.loads((folder / "build/quality/quality/quality.json").read_text())
    for kind, models in ORDER.items():
        rows = found["kinds"][kind]["rows"]
        assert list(rows) == [PHOTOGRAPHS, *models]
        for row in rows.values():
            for entry in (e for e in row.values() if isinstance(e, dict)):
                assert entry["low"] <= entry["value"] <= entry["high"]
        for model in models:
            assert page.count(f"| `{model}` |") >= 4
        # Drawn pictures against drawn ones are nearer than what a network made.
        assert all(rows[PHOTOGRAPHS]["kid"]["value"] < rows[m]["kid"]["value"] for m in models)
    for name in ("cars-distance", "cars-single", "faces-distance", "faces-single", "check",
                 "runs", "seeds", "time"):  # fmt: skip
        assert f"(quality/{name}.svg)" in page
        ElementTree.parse(folder / f"build/quality/quality/{name}.svg")
    assert "50.0 %" in page and found["kinds"]["faces"]["check"]["wgan"]["no_face"] == FEW / 5
    for claim in found["claims"]:
        assert claim["verdict"] == study_claims.verdict(claim["steps"])
    assert "Wrote build/quality/quality.md" in said


def test_the_ranking_is_that_of_the_written_figures(written):
    rows = study.figures()["kinds"]["faces"]["rows"]
    ranked = study.ranking("faces", "kid")
    assert sorted(name for name, *_ in ranked) == sorted(ORDER["faces"])
    values = [value for _, value, _, _ in ranked]
    assert values == sorted(values) and values[0] == rows[ranked[0][0]]["kid"]["value"]


def test_records_of_runs_join_the_study(written):
    folder, _ = written
    (first, second) = seeds.read_records()["wgan-cars"]
    assert [first["seed"], second["seed"]] == [0, 1] and first["trained_on"] == "a machine"
    assert [point["images"] for point in first["curve"]] == [64, 128]
    assert first["log"]["images"] == [32, 64, 96, 128] and len(first["log"]["spread"]) == 4
    assert first["final"]["frechet"]["value"] > 0 and "niqe" in first["final"]
    page = (folder / "build/quality/quality.md").read_text()
    absent = page.partition("no record of these runs yet: ")[2].partition(".")[0].split(", ")
    assert absent == [f"{m}-{s}" for m in ORDER["cars"] for s in (0, 1, 2)
                      if (m, s) not in (("wgan-cars", 0), ("wgan-cars", 1))]  # fmt: skip
    assert "| **WGAN** | mean of 2 |" in page
    claims = study.figures()["claims"]
    over_seeds = [c["claim"] for c in claims if c["about"] == study_claims.METHODS]
    assert set(over_seeds) == {"sharper than real"}  # the one that needs no other model


def test_a_run_that_has_not_ended_makes_no_record(small):
    folder = finished_run(small, "wgan-cars", 0, images=32)
    record = json.loads((folder / "run.json").read_text())
    record["options"]["images"] = 64
    (folder / "run.json").write_text(json.dumps(record))
    with pytest.raises(UserError, match="has not ended"):
        seeds.record(folder)


def test_without_the_research_data_there_is_one_sentence(small, monkeypatch, capsys):
    monkeypatch.setenv("GANFAKE_SHARED", str(small / "nowhere"))
    assert run("quality", "--quick") == 1
    said = capsys.readouterr().err.strip()
    assert "GANFAKE_SHARED" in said and "\n" not in said


def test_damaged_records_and_missing_figures_are_named(small):
    with pytest.raises(UserError, match="python -m ganfake quality"):
        study.ranking("faces")
    for kind, measure in (("dogs", "kid"), ("cars", "spread")):
        with pytest.raises(UserError):
            study.ranking(kind, measure)
    (small / "committed/runs").mkdir(parents=True)
    (small / "committed/runs/wgan-cars-0.json").write_text("{")
    with pytest.raises(UserError, match="damaged"):
        seeds.read_records()


def test_a_thinned_log_keeps_its_columns_and_what_was_not_finite():
    log = [{"images": 10 * (i + 1), "loss_d": float(i)} for i in range(10)]
    log[4]["loss_d"] = float("nan")
    columns = seeds.thinned(log, 5)
    assert columns["images"] == [20, 40, 60, 80, 100]
    assert columns["loss_d"] == [0.5, 2.5, None, 6.5, 8.5]
    assert json.loads(json.dumps(columns)) == columns
    back = seeds.lines(columns)
    assert back[0] == {"images": 20, "loss_d": 0.5} and np.isnan(back[2]["loss_d"])
    assert seeds.thinned([], 5) == {}


def test_verdicts_become_words():
    holds, fails, unclear = study_claims.HOLDS, study_claims.FAILS, study_claims.OPEN
    assert study_text.in_words({"kid": holds}) == "holds (by KID ×1000)"
    said = study_text.in_words({"kid": holds, "frechet": fails, "niqe": unclear, "slope": fails})
    assert said == (
        "holds by KID ×1000, **does not hold** by Fréchet distance and spectral slope"
        " and cannot be told by NIQE"
    )


def test_check_is_asked_about_files(tmp_path, monkeypatch):
    monkeypatch.setenv("GANFAKE_CACHE", str(tmp_path))
    seen = []

    def check_paths(paths, workers):
        seen.extend(sorted(p.name for p in paths[0].iterdir()))
        for number in range(3):
            yield SimpleNamespace(
                verdict="fake", probability_fake=number / 2,
                reason=study_check.NO_FACE if number else "",
            )  # fmt: skip

    monkeypatch.setattr(study_check, "check_paths", check_paths)
    black = np.zeros((2, 32, 32, 3), np.uint8)
    said = dict(study_check._check({"a": black, "b": black[:1]}, None))
    assert seen == ["000000.png", "000001.png", "000002.png"]
    assert said == {"a": [("fake", 0.0, True), ("fake", 0.5, False)], "b": [("fake", 1.0, False)]}
    assert not list(tmp_path.iterdir())
