"""Two hundred broken and odd files: each gives a verdict or one clear sentence, and soon."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import ganfake
from tests import odd_files

ROOT = Path(ganfake.__file__).parents[1]
VERDICTS = ("fake", "real", "uncertain")


@pytest.fixture(scope="module")
def fates() -> dict[str, str]:
    return {}


@pytest.fixture(scope="module")
def result(tmp_path_factory, fates) -> dict:
    """What one process found in all of them."""
    folder = tmp_path_factory.mktemp("odd")
    for name, content, fate in odd_files.all_files():
        assert name not in fates
        (folder / name).write_bytes(content)
        fates[name] = fate
    fates |= dict(odd_files.links(folder))
    (folder / "names.json").write_text(json.dumps(list(fates)))
    before = sorted(os.listdir(folder))
    environment = {**os.environ, "TMPDIR": str(tmp_path_factory.mktemp("tmp"))}
    ran = subprocess.run(
        [sys.executable, "-m", "tests.odd_files", str(folder)],
        cwd=ROOT, capture_output=True, timeout=580, env=environment,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr[-2000:]
    assert sorted(os.listdir(folder)) == before
    # No picture stays on disk; torch makes an empty folder there.
    assert [p for p in Path(environment["TMPDIR"]).rglob("*") if not p.is_dir()] == []
    return json.loads(ran.stdout)


def test_there_are_two_hundred(result, fates):
    assert len(fates) >= 200
    assert set(result["found"]) == set(fates)


def test_each_has_a_verdict_or_one_clear_sentence(result, fates):
    wrong = {}
    for name, said in result["found"].items():
        if said["error"] is None:
            good = said["verdict"] in VERDICTS and (said["faces"] or said["reason"])
        else:
            sentence = re.fullmatch(r"[A-Z][^\n]{10,200}\.", said["error"])
            good = sentence and said["verdict"] is None and not said["faces"]
            good = good and "program failed" not in said["error"]
        fate = fates[name]
        good = good and (fate != "error" or said["error"])
        good = good and (fate != "face" or said["faces"])
        good = good and (fate != "none" or (said["error"] is None and not said["faces"]))
        if not good:
            wrong[name] = (fate, said)
    assert wrong == {}


def test_none_takes_long(result):
    print(f"the longest: {max(said['seconds'] for said in result['found'].values()):.1f} s")
    slow = {n: s["seconds"] for n, s in result["found"].items() if s["seconds"] > 20}
    assert slow == {}


def test_memory_stays_under_two_gigabytes(result):
    print(f"peak memory: {result['peak'] / 1e9:.2f} GB")
    assert result["peak"] < 2 * 2**30
