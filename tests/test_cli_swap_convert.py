"""The command `swap convert`, in this process."""

import av
import numpy as np
import pytest
import skimage.data
from PIL import Image

from ganfake import UserError, commands_swap, marks, persons, provenance
from ganfake import swap as stages
from tests.filming import head, scene, video
from tests.swap_commands import runner, sentence
from tests.swapping import PERSON, becoming, greenness


@pytest.fixture
def run(tmp_path, capsys, monkeypatch):
    return runner(tmp_path, capsys, monkeypatch)


@pytest.fixture
def person(becoming, monkeypatch):
    """`man_a` makes faces green."""

    def load(name):
        if name != "man_a":
            raise UserError(f"There is no person called {name!r}; choose man_a.")
        return PERSON

    monkeypatch.setattr(persons, "load_person", load)


def test_convert_asks_for_consent_and_its_help_shows_the_statement(run, person, tmp_path):
    assert commands_swap.CONSENT == stages.CONSENT
    code, out, _ = run("convert", "--help")
    boxed = " ".join(out.replace("│", " ").split())
    assert code == 0 and stages.CONSENT in boxed
    Image.fromarray(skimage.data.astronaut()).save("a.png")
    code, out, err = run("convert", "a.png", "--as", "man_a")
    assert (code, out) == (1, "") and stages.CONSENT in sentence(err)
    assert not (tmp_path / "swapped").exists()


def test_convert_a_picture(run, person, tmp_path):
    Image.fromarray(skimage.data.astronaut()).save("a.png")
    code, out, err = run("convert", "a.png", "--as", "man_a", "--consent", "--corner", "top-left",
                         "--mask", stages.MASKS[-1], "--colour", stages.COLOURS[-1])  # fmt: skip
    target = tmp_path / "swapped/a-as-drawn__b_.png"
    assert code == 0 and str(target.relative_to(tmp_path)) in out and "100%" in err
    picture = np.asarray(Image.open(target))
    assert greenness(picture[100:170, 190:260]) > greenness(
        skimage.data.astronaut()[100:170, 190:260]
    )
    assert marks.find(picture).found
    changed = np.abs(picture[:40, :200].astype(int) - skimage.data.astronaut()[:40, :200])
    assert changed.max() > 60  # the label, in its corner
    assert provenance.read(target).source_type == stages.SOURCE_TYPE


def test_convert_a_clip(run, person, tmp_path):
    film = video(scene((head(), 100 + 2 * number, 40)) for number in range(8))
    (tmp_path / "a.mp4").write_bytes(film)
    code, out, err = run("convert", "a.mp4", "--as", "man_a", "--consent", "--out", "out/deep")
    target = tmp_path / "out/deep/a-as-drawn__b_.mp4"
    assert code == 0 and "out/deep" in out and "left" in err
    with av.open(str(target)) as made:
        frames = [frame.to_ndarray(format="rgb24") for frame in made.decode(video=0)]
    assert len(frames) == 8 and marks.find(frames[0]).found
    assert provenance.read(target).source_type == stages.SOURCE_TYPE


def test_one_bad_file_of_several_does_not_stop_the_others(run, person, tmp_path):
    Image.fromarray(skimage.data.astronaut()).save("a.png")
    (tmp_path / "b.jpg").write_bytes(b"no picture")
    code, out, err = run("convert", "b.jpg", "a.png", "--as", "man_a", "--consent")
    assert code == 1 and "a-as-" in out and "b-as-" not in out
    assert "b.jpg: This is not a picture" in err and "1 of 2 files" in sentence(err)
    assert [p.name for p in (tmp_path / "swapped").iterdir()] == ["a-as-drawn__b_.png"]


def test_mistakes_of_convert_are_one_sentence_and_leave_a_good_file(run, person, tmp_path):
    Image.fromarray(skimage.data.astronaut()).save("a.png")
    Image.new("RGB", (200, 200), "grey").save("plain.png")
    (tmp_path / "cut.mp4").write_bytes(video([scene((head(), 100, 40))] * 4)[:3000])
    (tmp_path / "bad.safetensors").write_bytes(b"\x05" * 100)
    (tmp_path / "swapped").mkdir()
    good = tmp_path / "swapped/cut-as-drawn__b_.mp4"
    good.write_bytes(provenance.mark_mp4(video([scene((head(), 100, 40))] * 4), model="swap"))
    before = good.read_bytes()
    for words, said in (
        (["plain.png", "--as", "man_a"], "No face"),
        (["cut.mp4", "--as", "man_a"], "damaged"),
        (["missing.png", "--as", "man_a"], "no such file"),
        (["a.png", "--as", "nobody"], "no person called"),
        (["a.png", "--as", "none.safetensors"], "no such file"),
        (["a.png", "--as", "bad.safetensors"], "not a person"),
        (["a.png", "--as", "man_a", "--corner", "middle"], "corner"),
        (["a.png", "--as", "man_a", "--face", "3"], "one face"),
        (["a.png", "--as", "man_a", "--feather", "9"], "feather"),
        (["a.png", "b/a.png", "--as", "man_a"], "Two files are called"),
        (["a.png"], "--as"),
    ):
        code, out, err = run("convert", *words, "--consent")
        assert (code, out) == (1, "") and said in sentence(err), (words, err)
    assert [p.name for p in (tmp_path / "swapped").iterdir()] == [good.name]
    assert good.read_bytes() == before
    good.write_bytes(b"a file of theirs")
    code, _, err = run("convert", "cut.mp4", "--as", "man_a", "--consent")
    assert code == 1 and "is another file" in sentence(err)
    assert good.read_bytes() == b"a file of theirs"


def test_ctrl_c_in_a_clip_leaves_a_good_file(run, person, tmp_path, monkeypatch):
    (tmp_path / "a.mp4").write_bytes(video([scene((head(), 100, 40))] * 3))
    words = ("convert", "a.mp4", "--as", "man_a", "--consent")
    assert run(*words)[0] == 0
    target = tmp_path / "swapped/a-as-drawn__b_.mp4"
    before = target.read_bytes()

    def interrupted(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr("ganfake.swap_video.marks.stamp", interrupted)
    code, _, err = run(*words)
    assert code == 130 and "Stopped" in sentence(err)
    assert target.read_bytes() == before
    assert [p.name for p in target.parent.iterdir()] == [target.name]
