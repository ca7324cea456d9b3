"""The commands `swap extract` and `swap train`, in this process."""

import io
import time
from types import SimpleNamespace

import numpy as np
import pytest
import skimage.data
from PIL import Image

from ganfake import UserError, commands_swap, marks, persons, provenance
from ganfake.extracted import SHEET, Extracted, read_folder, write
from tests.filming import sound
from tests.swap_commands import runner, sentence


@pytest.fixture
def run(tmp_path, capsys, monkeypatch):
    return runner(tmp_path, capsys, monkeypatch)


# -- extract -------------------------------------------------------------------------
def test_extract_writes_faces_report_and_sheet(run, tmp_path):
    Image.fromarray(skimage.data.astronaut()).save("a.png")
    code, out, err = run("extract", "a.png", "--out", "faces")
    assert code == 0 and "1 face kept" in out and "100%" in err and "100%" not in out
    assert list(read_folder("faces").faces) == ["person_1"]
    assert (tmp_path / "faces" / SHEET).is_file()


def test_a_folder_with_other_files_is_never_replaced(run, tmp_path):
    Image.fromarray(skimage.data.astronaut()).save("a.png")
    (tmp_path / "work" / "thesis").mkdir(parents=True)
    (tmp_path / "work" / "report.txt").write_text("of mine")
    (tmp_path / "work" / "thesis" / "00001.png").write_bytes(b"a figure")
    assert run("extract", "a.png", "--out", "faces")[0] == 0
    (tmp_path / "faces" / "person_1" / "notes.txt").write_text("of mine")
    (tmp_path / "work" / "thesis" / "chapter.tex").write_text("of mine")
    for folder in ("work", "faces"):
        code, _, err = run("extract", "a.png", "--out", folder)
        assert code == 1 and "holds other files" in sentence(err)
    assert (tmp_path / "work" / "thesis" / "chapter.tex").read_text() == "of mine"
    assert (tmp_path / "faces" / "person_1" / "notes.txt").read_text() == "of mine"


def test_faces_among_the_photographs_are_not_read_again(run, tmp_path, monkeypatch):
    (tmp_path / "photos").mkdir()
    Image.fromarray(skimage.data.astronaut()).save("photos/a.png")
    for _ in range(2):
        code, out, _ = run("extract", "photos", "--out", "photos/faces")
        assert code == 0 and "1 face kept" in out and "Not read" not in out
    (tmp_path / "empty").mkdir()
    monkeypatch.chdir(tmp_path / "empty")
    assert run("extract", "../photos/a.png", "--out", ".")[0] == 0
    assert (tmp_path / "empty" / SHEET).is_file()


def test_extract_of_nothing_is_one_sentence_and_leaves_nothing(run, tmp_path):
    Image.new("RGB", (200, 200), "grey").save("plain.png")
    (tmp_path / "voice.mp3").write_bytes(sound("mp3", "libmp3lame"))
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine/diary.txt").write_text("dear diary")
    for words, said in (
        (["plain.png", "--out", "faces"], "No face was found"),
        (["voice.mp3", "--out", "faces"], "sound"),
        (["missing.png", "--out", "faces"], "no such file"),
        (["plain.png", "--out", "mine"], "other files"),
        (["plain.png"], "--out"),
        (["plain.png", "--out", "faces", "--every", "0"], "--every"),
    ):
        code, out, err = run("extract", *words)
        assert (code, out) == (1, "") and said in sentence(err)
    assert not (tmp_path / "faces").exists()


def test_ctrl_c_leaves_an_earlier_extraction(run, monkeypatch):
    crops = np.zeros((2, 128, 128, 3), np.uint8)
    write(Extracted({"anna": crops}), "faces")

    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("ganfake.extract.look_into", interrupted)
    Image.fromarray(skimage.data.astronaut()).save("a.png")
    code, _, err = run("extract", "a.png", "--out", "faces")
    assert code == 130 and "Stopped; nothing was written." in err
    assert list(read_folder("faces").faces) == ["anna"]


# -- train ---------------------------------------------------------------------------
class FakeLesson:
    """Learns nothing, and keeps how much of it in its file."""

    made: list["FakeLesson"]

    def __init__(self, sets, seed=0):
        self.sets, self.seed, self.images, self.losses = sets, seed, 0, []
        FakeLesson.made.append(self)

    def step(self):
        time.sleep(0.002)
        self.images += 16
        self.losses.append(1 / self.images)
        return self.losses[-1]

    def preview(self, count=4):
        return np.full((256, 3 * 128, 3), 128, np.uint8)

    def person(self, name):
        return SimpleNamespace(name=name, images=self.images)

    def save(self, path):
        path.write_text(f"{self.images}")

    @classmethod
    def resume(cls, path, sets):
        lesson = cls(sets)
        if not path.read_text().isdigit():
            raise UserError("This is no lesson of these persons; start a new one.")
        lesson.images, lesson.losses = int(path.read_text()), [0.5]
        return lesson


@pytest.fixture
def lessons(tmp_path, monkeypatch):
    """Lessons are fake ones; the folder `faces` has anna (3) and ben (2), `others` has carl."""
    FakeLesson.made = []
    train = pytest.importorskip("ganfake.train.swap")
    monkeypatch.setattr(train, "Lesson", FakeLesson)
    monkeypatch.setattr(persons, "person_bytes", lambda person: f"{person.images}".encode())
    rng = np.random.default_rng(0)
    crops = rng.integers(0, 256, (6, 128, 128, 3), np.uint8)
    write(Extracted({"anna": crops[:3], "ben": crops[3:5]}), tmp_path / "faces")
    write(Extracted({"carl": crops[5:]}), tmp_path / "others")
    return FakeLesson.made


def test_train_writes_the_person_its_state_and_a_marked_preview(run, lessons, tmp_path):
    code, out, err = run("train", "faces", "--out", "p/anna.safetensors", "--minutes", "0.01",
                         "--from", "others", "--seed", "5")  # fmt: skip
    [lesson] = lessons
    assert code == 0 and "loss" in err and "left" in err and "loss" in out
    assert [(k, len(v)) for k, v in lesson.sets.items()] == [("source", 1), ("anna", 3)]
    assert lesson.seed == 5 and lesson.images > 100
    names = sorted(str(p.relative_to(tmp_path / "p")) for p in (tmp_path / "p").rglob("*.*"))
    preview = f"anna-previews/{lesson.images:08}.png"
    assert names == [preview, "anna.lesson", "anna.safetensors"]
    assert (tmp_path / "p/anna.safetensors").read_text() == f"{lesson.images}"
    content = (tmp_path / "p" / preview).read_bytes()
    assert provenance.read(content).is_ai
    assert marks.find(np.asarray(Image.open(io.BytesIO(content)))).found


def test_train_goes_on_where_it_stopped(run, lessons, tmp_path):
    words = ("train", "faces", "--person", "ben", "--out", "ben.safetensors", "--minutes", "0.01")
    assert run(*words)[0] == 0
    before = lessons[0].images
    code, _, err = run(*words)
    assert code == 0 and f"Goes on after {before:,} faces." in err
    assert len(lessons[1].sets["ben"]) == 2 and lessons[1].images > before


def test_ctrl_c_keeps_what_was_learnt(run, lessons, tmp_path, monkeypatch):
    step = FakeLesson.step

    def interrupted(lesson):
        if lesson.images >= 160:
            raise KeyboardInterrupt
        return step(lesson)

    monkeypatch.setattr(FakeLesson, "step", interrupted)
    code, _, err = run("train", "faces", "--out", "anna.safetensors")
    assert code == 130 and "the same command goes on from here" in sentence(err)
    assert (tmp_path / "anna.safetensors").read_text() == "160"
    assert (tmp_path / "anna.lesson").read_text() == "160"


def test_train_keeps_its_state_while_it_runs(run, lessons, tmp_path, monkeypatch):
    monkeypatch.setattr(commands_swap, "_SAVED", 0.1)
    assert run("train", "faces", "--out", "anna.safetensors", "--minutes", "0.01")[0] == 0
    assert len(list((tmp_path / "anna-previews").iterdir())) >= 3


def test_mistakes_of_train_are_one_sentence(run, lessons, tmp_path):
    (tmp_path / "old.safetensors").write_text("mine")
    (tmp_path / "odd.lesson").write_text("something else")
    (tmp_path / "empty").mkdir()
    for words, said in (
        (["faces", "--out", "anna.pt"], "end in .safetensors"),
        (["faces", "--out", "old.safetensors"], "there already"),
        (["faces", "--out", "odd.safetensors"], "no lesson"),
        (["nowhere", "--out", "a.safetensors"], "no such folder"),
        (["empty", "--out", "a.safetensors"], "no face"),
        (["faces", "--out", "a.safetensors", "--person", "dora"], "choose one of: anna, ben"),
        (["faces", "--out", "a.safetensors", "--minutes", "0"], "--minutes"),
    ):
        code, out, err = run("train", *words)
        assert (code, out) == (1, "") and said in sentence(err)
    assert (tmp_path / "old.safetensors").read_text() == "mine"
    assert not (tmp_path / "a.safetensors").exists()
