"""A folder of anything becomes a deck of faces, and every file is accounted for."""

import zipfile
from pathlib import Path

import numpy as np
import pytest
import skimage.data
from PIL import Image, ImageDraw, ImageEnhance

from ganfake import UserError
from ganfake.faces import TEMPLATE, find_faces
from ganfake.quiz.decks import folder as folder_module
from ganfake.quiz.decks.folder import FolderDeck, FolderReport, read_folder


def drawn() -> Image.Image:
    """A picture without a face."""
    picture = Image.new("RGB", (300, 200), "skyblue")
    ImageDraw.Draw(picture).rectangle((40, 90, 260, 180), fill="darkgreen")
    return picture


def fill(folder: Path) -> None:
    """Three faces, one twice, one too small, one picture without, and three bad files."""
    person = Image.fromarray(skimage.data.astronaut()).crop((80, 0, 380, 300))
    (folder / "sub").mkdir(parents=True)
    person.save(folder / "a.png")
    person.save(folder / "sub" / "a copy.png")
    person.transpose(Image.Transpose.FLIP_LEFT_RIGHT).save(folder / "b.jpg", quality=90)
    ImageEnhance.Brightness(person).enhance(0.7).rotate(8).save(folder / "sub" / "c.webp")
    person.resize((110, 110), Image.Resampling.BOX).save(folder / "small.png")
    drawn().save(folder / "field.png")
    (folder / "letter.jpg").write_text("Dear Sir or Madam, this is no picture at all.")
    (folder / "cut.jpg").write_bytes((folder / "b.jpg").read_bytes()[:3000])
    (folder / "empty.jpg").write_bytes(b"")


@pytest.fixture(scope="module")
def mixed(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("mixed") / "photographs"
    fill(folder)
    return folder


def check(deck: FolderDeck, report: FolderReport) -> None:
    assert len(deck) == report.faces == 3 and deck.ready
    assert report.pictures == 6
    assert (report.no_face, report.too_small, report.duplicates) == (1, 1, 1)
    assert (report.unreadable, report.not_pictures) == (2, 1)


def test_mixed_folder(mixed):
    done = []
    deck, report = read_folder(mixed, done.append)
    check(deck, report)
    assert done == list(range(1, 10))
    assert report.sentence() == (
        "3 faces from 6 pictures; skipped: 1 without a face, 1 face too small or blurred, "
        "1 face seen before, 2 unreadable files, 1 file of another kind."
    )


def test_faces_lie_on_the_template(mixed):
    deck, _ = read_folder(mixed)
    for index in range(len(deck)):
        face = deck.face(index)
        assert face.shape == (64, 64, 3) and face.dtype == np.uint8
        assert np.abs(find_faces(face)[0].points / 64 - TEMPLATE).max() < 0.06


def test_the_same_as_a_zip(mixed, tmp_path):
    archive = tmp_path / "photographs.zip"
    with zipfile.ZipFile(archive, "w") as packed:
        for path in sorted(mixed.rglob("*.*")):
            packed.write(path, path.relative_to(mixed))
    check(*read_folder(archive))


def test_nothing_is_written(mixed, monkeypatch, tmp_path):
    monkeypatch.setenv("GANFAKE_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("GANFAKE_DATA", str(tmp_path / "data"))
    before = sorted(mixed.rglob("*"))
    read_folder(mixed)
    assert sorted(mixed.rglob("*")) == before
    assert list(tmp_path.iterdir()) == []


def test_changing_a_returned_face_leaves_the_deck_alone(mixed):
    deck, _ = read_folder(mixed)
    deck.face(0)[:] = 0
    assert deck.face(0).any()
    with pytest.raises(IndexError):
        deck.face(3)


def test_stops_at_the_limits(mixed, monkeypatch):
    deck, report = read_folder(mixed, limit_faces=2)
    assert len(deck) == 2 and report.sentence().endswith("; stopped at 2 faces.")
    with pytest.raises(UserError, match="stopped after 0 seconds"):
        read_folder(mixed, patience=0.0)
    monkeypatch.setattr(folder_module, "MAX_FILES", 5)
    _, report = read_folder(mixed)
    assert report.sentence().endswith("; only the first 5 files were looked at.")


def test_cancelling(mixed):
    done = []
    with pytest.raises(UserError, match="stopped"):
        read_folder(mixed, done.append, cancelled=lambda: len(done) == 2)
    assert done == [1, 2]


def test_too_few_faces_say_what_was_found(tmp_path):
    drawn().save(tmp_path / "a.png")
    (tmp_path / "b.jpg").write_text("not a picture, only named like one")
    with pytest.raises(UserError) as caught:
        read_folder(tmp_path)
    assert str(caught.value) == (
        "A game needs at least 2 faces; choose more photographs of people (0 faces from "
        "1 picture; skipped: 1 without a face, 1 file of another kind)."
    )


def test_empty_and_missing_folders(tmp_path):
    with pytest.raises(UserError, match="0 faces from 0 pictures"):
        read_folder(tmp_path)
    with pytest.raises(UserError):
        read_folder(tmp_path / "nowhere")


def test_sentence_of_a_clean_folder():
    assert FolderReport(faces=1200, pictures=1).sentence() == "1,200 faces from 1 picture."
