"""The command detect: JSON lines or a table, bad files in their line, and going on later."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import skimage.data
from PIL import Image

from ganfake import detect_files
from ganfake.__main__ import main
from ganfake.weights import list_weights
from tests.judging import judged

ROOT = os.path.dirname(os.path.dirname(detect_files.__file__))
WEIGHTS = "detector-ensemble" in list_weights()
needs_weights = pytest.mark.skipif(not WEIGHTS, reason="no weights of the detector yet")
HEAD = skimage.data.astronaut()[:260, 80:400]


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Two photographs and a broken one in tmp_path/in, which is the folder we are in."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "in/deep").mkdir(parents=True)
    Image.fromarray(np.uint8(HEAD * 0.3)).save("in/dark.png")
    Image.fromarray(np.uint8(255 - (255 - HEAD) * 0.2)).save("in/deep/light.png")
    (tmp_path / "in/broken.jpg").write_bytes(b"no picture")
    return tmp_path


@pytest.fixture
def run(folder, judged, capsys, monkeypatch):
    """run("in", "--json"): exit status, stdout, stderr; in this process, with a simple judge."""
    monkeypatch.setattr("ganfake.detect_files.cores", lambda: 0)

    def call(*words) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as ended:
            main(["detect", *map(str, words)])
        said = capsys.readouterr()
        return ended.value.code, said.out, said.err

    return call


def lines(text: str) -> list[dict]:
    return [json.loads(line) for line in text.splitlines()]


def test_json_lines_and_nothing_else(run):
    code, out, err = run("in", "--json")
    said = lines(out)
    assert code == 1
    assert [one["file"] for one in said] == ["in/broken.jpg", "in/dark.png", "in/deep/light.png"]
    assert [one["verdict"] for one in said] == [None, "real", "fake"]
    assert said[0]["error"].startswith("This is neither a picture")
    assert said[0]["probability_fake"] is None and said[0]["faces"] == []
    assert all(one["error"] is None and len(one["faces"]) == 1 for one in said[1:])
    assert (
        "1 of 3 files could not be checked:\n  in/broken.jpg: This is neither" in err
        and "Traceback" not in err
    )


def test_all_well_is_status_0(run):
    assert run("in/dark.png", "in/deep", "--json")[0] == 0


def test_a_table_for_people(run):
    code, out, _ = run("in")
    head, *rows = out.splitlines()
    assert head.split() == ["verdict", "fake", "faces", "file"] and code == 1
    assert rows[0].startswith("failed") and "(This is neither a picture" in rows[0]
    assert rows[1].split()[0] == "real" and rows[1].endswith("in/dark.png")
    assert rows[2].split()[0] == "fake"


def test_out_adds_lines_and_goes_on_where_it_stopped(run, folder, monkeypatch):
    kept = folder / "results/found.jsonl"
    assert run("in/dark.png", "--json", "--out", kept)[0] == 0
    first = kept.read_text()
    kept.write_text(first + '{"file": "in/deep/li')  # power failed here
    checked = []
    real = detect_files.check_path
    monkeypatch.setattr(detect_files, "check_path", lambda path: checked.append(path) or real(path))
    code, out, _ = run("in", "--json", "--out", kept)
    assert code == 1 and checked == ["in/broken.jpg", "in/deep/light.png"]
    assert kept.read_text() == first + out
    assert [one["file"] for one in lines(kept.read_text())] == ["in/dark.png", *checked]


def test_what_failed_is_tried_again_until_it_is_mended(run, folder):
    kept = folder / "found.jsonl"
    assert run("in", "--json", "--out", kept)[0] == 1
    first = kept.read_text()
    code, out, err = run("in", "--json", "--out", kept)
    assert code == 1 and [one["file"] for one in lines(out)] == ["in/broken.jpg"]
    assert "1 of 3 files could not be checked:\n  in/broken.jpg: " in err
    (folder / "in/broken.jpg").write_bytes((folder / "in/dark.png").read_bytes())
    code, out, err = run("in", "--json", "--out", kept)
    assert code == 0 and [one["verdict"] for one in lines(out)] == ["real"] and not err
    last = {one["file"]: one["error"] for one in lines(kept.read_text())}
    assert kept.read_text().startswith(first) and set(last.values()) == {None} and len(last) == 3
    assert run("in", "--json", "--out", kept)[:2] == (0, ""), "all is done"


def test_a_folder_that_cannot_be_read_is_a_line_and_status_1(run, folder, monkeypatch):
    scan = os.scandir

    def refuse(path):
        if os.fspath(path) == "in/deep":
            raise PermissionError(13, "Permission denied", path)
        return scan(path)

    (folder / "in/broken.jpg").unlink()
    monkeypatch.setattr(os, "scandir", refuse)
    code, out, err = run("in", "--json", "--out", "found.jsonl")
    assert code == 1 and [one["file"] for one in lines(out)] == ["in/dark.png", "in/deep"]
    assert lines(out)[1]["error"] == detect_files.CLOSED and "  in/deep: " in err
    monkeypatch.setattr(os, "scandir", scan)
    code, out, _ = run("in", "--json", "--out", "found.jsonl")
    assert code == 0 and [one["file"] for one in lines(out)] == ["in/deep/light.png"]


def test_names_of_failures_are_safe_to_print(run, folder):
    (folder / "in/deep/a\u202eb\n.jpg").write_bytes(b"no picture")
    err = run("in/deep", "--json")[2]
    assert "  in/deep/a?b?.jpg: This is neither" in err and "\u202e" not in err


def test_help_says_what_holds_for_several_faces(run):
    code, out, _ = run("--help")
    said = " ".join(out.split())
    assert code == 0 and "decide together" in said and "tried again" in said


def test_results_inside_the_folder_are_not_checked(run, folder):
    assert run("in/deep", "--out", "in/deep/found.jsonl")[0] == 0
    assert run("in/deep", "--out", "in/deep/found.jsonl")[0] == 0
    assert len((folder / "in/deep/found.jsonl").read_text().splitlines()) == 1


@pytest.mark.parametrize(
    "content", [b"a diary, without a line", b"a diary\n", b'{"file": 1}\n', b"\x89PNG\r\n", b"[]\n"]
)
def test_somebody_elses_file_is_left_alone(run, folder, content):
    (folder / "mine").write_bytes(content)
    code, out, err = run("in", "--json", "--out", "mine")
    assert (code, out) == (1, "") and "not a list of results" in err
    assert (folder / "mine").read_bytes() == content


def test_odd_places_and_paths_are_one_sentence(run, folder):
    (folder / "nothing").mkdir()
    for words, expected in (
        (["nothing"], "no file"),
        ([], "Missing argument"),
        (["in", "--out", "in"], "is a folder"),
        (["in", "--out", "/proc/none/x"], "choose another place"),
        (["in", "--out", "in/dark.png/x"], "choose another place"),
    ):
        code, out, err = run(*words, "--json")
        assert (code, out) == (1, "") and expected in err and err.count("\n") == 1, err


def test_a_missing_file_is_reported_in_its_line(run):
    code, out, _ = run("nowhere.jpg", "in/dark.png", "--json")
    missing, found = lines(out)
    assert code == 1 and "no such file" in missing["error"] and found["verdict"] == "real"


def test_names_with_odd_characters_stay_what_they_are(run, folder):
    names = [b"sp ace.png", "ünïcode\u202e.png".encode(), b"new\nline.png", b"byte\xff.png"]
    for name in names:
        os.link(b"in/dark.png", b"in/deep/" + name)
    code, out, _ = run("in/deep", "--json")
    assert code == 0
    assert {os.fsencode(one["file"]) for one in lines(out)} >= {b"in/deep/" + n for n in names}
    table = run("in/deep")[1]
    assert len(table.splitlines()) == 1 + 5 and "\u202e" not in table


def test_progress_goes_to_standard_error(run):
    _, out, err = run("in", "--json")
    assert "3/3" in err and "3/3" not in out


def test_ctrl_c_leaves_whole_lines(run, folder, monkeypatch):
    real = detect_files.check_path

    def until_stopped(path):
        if path.endswith("light.png"):
            raise KeyboardInterrupt
        return real(path)

    monkeypatch.setattr(detect_files, "check_path", until_stopped)
    code, _, err = run("in", "--json", "--out", "found.jsonl")
    assert code == 130 and "same command goes on" in err and "Traceback" not in err
    assert len(lines((folder / "found.jsonl").read_text())) == 2


@pytest.mark.parametrize("out", ["/dev/full", "/dev/zero", "pipe"])
def test_results_go_to_a_plain_file(run, out):
    os.mkfifo("pipe")
    code, said, err = run("in", "--json", "--out", out)
    assert (code, said) == (1, "") and "is no plain file" in err


def test_closed_streams_are_no_mistake(run, monkeypatch):
    monkeypatch.setattr(sys, "stderr", None)
    code, said, _ = run("in", "--json")
    assert code == 1 and len(lines(said)) == 3
    monkeypatch.setattr(sys, "stdout", None)
    assert run("in", "--json", "--out", "kept.jsonl")[0] == 1
    assert len(lines(Path("kept.jsonl").read_text())) == 3


# -- as its own process, with workers and the real experts ---------------------------
def command(*words: str) -> list[str]:
    return [sys.executable, "-m", "ganfake", "detect", *words]


@needs_weights
def test_a_folder_by_several_processes(folder):
    for index in range(6):
        Image.fromarray(np.roll(HEAD, index, 1)).save(f"in/{index}.png")
    environment = {**os.environ, "PYTHONPATH": ROOT}
    done = subprocess.run(
        command("in", "--json"), capture_output=True, text=True, timeout=240, env=environment
    )
    assert done.returncode == 1, done.stderr
    said = lines(done.stdout)
    assert [one["file"] for one in said] == detect_files.list_files(["in"])
    assert [one["error"] is None for one in said].count(False) == 1
    assert "Traceback" not in done.stderr


@needs_weights
@pytest.mark.slow
def test_ctrl_c_with_workers_can_be_gone_on_with(folder):
    for index in range(60):
        Image.fromarray(np.roll(HEAD, index, 1)).save(f"in/{index:02}.png")
    environment = {**os.environ, "PYTHONPATH": ROOT}
    running = subprocess.Popen(
        command("in", "--json", "--out", "found.jsonl"),
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment,
        start_new_session=True,
    )  # fmt: skip
    while not running.stdout.readline():
        time.sleep(0.01)
    os.killpg(running.pid, signal.SIGINT)  # as a terminal does: to all of its processes
    _, err = running.communicate(timeout=60)
    assert running.returncode == 130 and "Traceback" not in err, err
    before = (folder / "found.jsonl").read_text()
    assert 1 <= len(lines(before)) < 63
    subprocess.run(command("in", "--out", "found.jsonl"), env=environment, timeout=300)
    after = (folder / "found.jsonl").read_text()
    assert after.startswith(before)
    assert [one["file"] for one in lines(after)] == detect_files.list_files(["in"])


@pytest.mark.slow
@pytest.mark.parametrize("seconds", [0.2, 0.4, 0.6, 0.8, 1.2, 2.0, 3.0])
def test_ctrl_c_is_heard_and_shows_no_traceback_whenever_it_comes(folder, seconds):
    for index in range(30):
        Image.fromarray(np.roll(HEAD, index, 1)).save(f"in/{index:02}.png")
    running = subprocess.Popen(
        command("in"), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
        env={**os.environ, "PYTHONPATH": ROOT}, start_new_session=True,
    )  # fmt: skip
    time.sleep(seconds)
    os.killpg(running.pid, signal.SIGINT)
    assert running.wait(timeout=10) in (130, -signal.SIGINT)
    _, err = running.communicate(timeout=60)  # what its workers held is closed later
    assert "Traceback" not in err, err
