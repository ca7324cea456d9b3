"""Many files at once: folders, their order, workers, and what goes wrong with one of them."""

import json
import os
import pickle
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import skimage.data
from PIL import Image

from ganfake import UserError
from ganfake.checked import Checked, Clip, Person
from ganfake.detect_files import (
    CLOSED,
    _weigh,
    check_path,
    check_paths,
    list_files,
)
from ganfake.experts import ensemble
from ganfake.workers import Lost, run_in_order
from tests.judging import (
    judged,
)
from tests.labour import die, odd_work, refuse, take_time

pytestmark = pytest.mark.usefixtures("judged")


def test_mistakes_are_in_the_result(tmp_path):
    (tmp_path / "empty.jpg").touch()
    (tmp_path / "text.jpg").write_text("hello")
    for name in ("empty.jpg", "text.jpg", "missing.jpg", "", "a\0b", "."):
        checked = check_path(str(tmp_path / name) if name else "")
        assert (checked.verdict, checked.probability_fake, checked.faces) == (None, None, [])
        assert checked.error.endswith(".") and "\n" not in checked.error
        json.dumps(checked.as_dict())


def test_a_mistake_of_ours_is_in_the_result_too(tmp_path, monkeypatch):
    monkeypatch.setattr("ganfake.detect.check_file", lambda *given: 1 / 0)
    (tmp_path / "a.png").write_bytes(b"x")
    assert "ZeroDivisionError" in check_path(str(tmp_path / "a.png")).error


# -- many files ----------------------------------------------------------------------
def test_folders_give_all_their_files_in_order(tmp_path):
    for name in ("b/2.jpg", "b/10.jpg", "a.png", ".hidden/x.jpg", "b/.thumb", "c/d/e.txt"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    os.symlink(tmp_path, tmp_path / "b" / "circle")
    os.symlink(tmp_path / "a.png", tmp_path / "b" / "link.png")
    os.symlink("nowhere", tmp_path / "broken.png")
    names = [str(Path(f).relative_to(tmp_path)) for f in list_files([tmp_path])]
    assert names == ["a.png", "broken.png", "b/10.jpg", "b/2.jpg", "b/link.png", "c/d/e.txt"]
    twice = list_files([str(tmp_path / "a.png"), str(tmp_path), "missing", "a\0b"])
    assert twice[0].endswith("a.png") and len(twice) == 8 and twice[-1] == "a\0b"


def test_a_folder_that_cannot_be_read_is_missed(tmp_path, monkeypatch):
    (tmp_path / "open/closed").mkdir(parents=True)
    Image.fromarray(skimage.data.astronaut()[:260, 80:400]).save(tmp_path / "open/a.png")
    closed, scan = str(tmp_path / "open/closed"), os.scandir

    def refuse(path):  # the tests may run as root, whom no mode stops
        if os.fspath(path) == closed:
            raise PermissionError(13, "Permission denied", closed)
        return scan(path)

    monkeypatch.setattr(os, "scandir", refuse)
    assert list_files([tmp_path]) == [str(tmp_path / "open/a.png"), closed]
    whole, missed = check_paths([tmp_path], workers=0)
    assert whole.faces and (missed.file, missed.error) == (closed, CLOSED)
    assert [one.error for one in check_paths([closed], workers=0)] == [CLOSED]


def test_missing_weights_are_one_sentence(tmp_path, monkeypatch):
    def missing():
        raise UserError("There are no weights.")

    monkeypatch.setattr(ensemble, "load_ensemble", missing)
    (tmp_path / "a.png").touch()
    with pytest.raises(UserError, match="no weights"):
        list(check_paths([tmp_path]))


def test_workers_keep_the_order_and_survive_crashes_and_hangs(capfd):
    items = ["slow-a", "b", "crash", "c", "hang", *"defghij", "crash", "k"]
    started = time.monotonic()
    found = list(run_in_order(odd_work, items, 2, patience=4.0))
    assert time.monotonic() - started < 60
    lost = {2: Lost("crash", False), 4: Lost("hang", True), 12: Lost("crash", False)}
    assert found == [lost.get(i, item.upper()) for i, item in enumerate(items)]
    assert capfd.readouterr().out == ""


def test_workers_do_not_work_at_more_than_there_is_room_for():
    weights = dict(zip("abcdefgh", (1, 2, 2, 1, 1, 9, 1, 1), strict=True))
    found = run_in_order(take_time, list(weights), 4, weigh=weights.get, room=3)
    spans = dict(zip(weights, found, strict=True))
    for begun, _ in spans.values():
        together = [name for name, (first, last) in spans.items() if first <= begun < last]
        assert sum(map(weights.get, together)) <= 3 or together == ["f"]
    assert any(spans[one][0] < spans["a"][1] for one in "bcd")  # yet some at once


def test_videos_and_large_pictures_weigh_more(tmp_path):
    (tmp_path / "a.jpg").write_bytes(b"\xff\xd8\xff" + bytes(2000))
    (tmp_path / "b.jpg").write_bytes(b"\0\0\0\x18ftypisom" + bytes(2000))
    Image.new("1", (10_000, 9_000)).save(tmp_path / "c.png")  # of few bytes
    Image.new("L", (64, 64)).save(tmp_path / "d.png")
    two = [Image.new("L", (64, 64), shade) for shade in (0, 255)]
    two[0].save(tmp_path / "e.gif", save_all=True, append_images=two[1:])
    os.mkfifo(tmp_path / "pipe")  # whom to open would wait for a writer
    weights = {"a.jpg": 1, "b.jpg": 2, "c.png": 5, "d.png": 1, "e.gif": 2, "pipe": 1, "a\0b": 1,
               "missing": 1}  # fmt: skip
    assert {name: _weigh(str(tmp_path / name)) for name in weights} == weights


def test_who_lists_and_tells_needs_no_torch():
    """Among workers this process stays small; what they say is read without it, too."""
    lists = [0.0], [0.5], ["real"], [True], 0.5, "real", "", [], [], [], []
    person = Person(*lists, {}, "", {}, np.zeros((5, 2)))
    said = pickle.dumps(Checked("a", "video", "real", 0.5, clip=Clip([person], 1.0, 9, 9, 1)))
    code = (
        "import pickle, sys; from ganfake import commands_detect, detect_files\n"
        f"print(pickle.loads({said!r}).clip.frames, 'torch' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["1", "False"]


def test_what_workers_cannot_prepare_is_said_once():
    with pytest.raises(UserError, match="cannot be done"):
        list(run_in_order(odd_work, ["a", "b"], 2, refuse))
    with pytest.raises(UserError, match="do not start"):
        list(run_in_order(odd_work, ["a", "b"], 1, die))


def test_workers_leave_with_who_stops_listening():
    results = run_in_order(odd_work, ["a", "hang", "b"], 2)
    assert next(results) == "A"
    started = time.monotonic()
    results.close()
    assert time.monotonic() - started < 10


def test_folders_too_deep_to_be_walked_stand_in_the_list_themselves(tmp_path, monkeypatch):
    """About a thousand of them in one another; what was found above stays."""

    def deep(path, **how):
        yield str(path), ["d"], ["z.png"]
        raise RecursionError

    monkeypatch.setattr("ganfake.detect_files.os.walk", deep)
    assert list_files([tmp_path]) == [str(tmp_path / "z.png"), str(tmp_path)]
    assert check_path(str(tmp_path)).error == CLOSED
