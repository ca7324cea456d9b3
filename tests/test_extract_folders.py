"""Extracted faces as a folder: written, read again, and what is no such folder."""

import numpy as np
import pytest
from PIL import Image

from ganfake import UserError
from ganfake.extract import read_folder, write
from ganfake.extracted import REPORT, SHEET, Extracted


@pytest.fixture
def small() -> Extracted:
    crops = np.random.default_rng(0).integers(0, 256, (5, 128, 128, 3), np.uint8)
    return Extracted({"person_1": crops[:3], "person_2": crops[3:]}, ["All well."], crops[0])


def test_written_and_read_again(tmp_path, small):
    folders = write(small, tmp_path / "faces")
    assert [folder.name for folder in folders] == ["person_1", "person_2"]
    again = read_folder(tmp_path / "faces")
    assert list(again.faces) == ["person_1", "person_2"] and again.report == ["All well."]
    for name, crops in small.faces.items():
        assert np.array_equal(again.faces[name], crops)
    alone = read_folder(folders[1])
    assert list(alone.faces) == ["person_2"] and len(alone.faces["person_2"]) == 2
    assert (tmp_path / "faces" / SHEET).is_file()
    assert sorted(p.name for p in tmp_path.iterdir()) == ["faces"]


def test_only_an_earlier_extraction_is_replaced(tmp_path, small):
    write(small, tmp_path / "faces")
    small.faces.pop("person_2")
    write(small, tmp_path / "faces")
    assert not (tmp_path / "faces/person_2").exists()
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine/diary.txt").write_text("dear diary")
    with pytest.raises(UserError, match="holds other files"):
        write(small, tmp_path / "mine")
    with pytest.raises(UserError, match="is a file"):
        write(small, tmp_path / "mine/diary.txt")
    assert [p.name for p in (tmp_path / "mine").iterdir()] == ["diary.txt"]


def test_a_full_disk_leaves_the_earlier_extraction(tmp_path, small, monkeypatch):
    write(small, tmp_path / "faces")
    before = sorted(p.relative_to(tmp_path) for p in tmp_path.rglob("*"))

    def full(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("ganfake.extracted.encode_jpeg", full)
    with pytest.raises(OSError, match="space"):
        write(small, tmp_path / "faces")
    assert sorted(p.relative_to(tmp_path) for p in tmp_path.rglob("*")) == before


def test_folders_that_hold_no_faces(tmp_path, small):
    with pytest.raises(UserError, match="no such folder"):
        read_folder(tmp_path / "missing")
    (tmp_path / "empty").mkdir()
    with pytest.raises(UserError, match="no face"):
        read_folder(tmp_path / "empty")
    write(small, tmp_path / "faces")
    Image.new("RGB", (64, 64)).save(tmp_path / "faces/person_1/00009.png")
    with pytest.raises(UserError, match="no extracted face"):
        read_folder(tmp_path / "faces")
    (tmp_path / "faces/person_1/00009.png").write_bytes(b"\x89PNG broken")
    with pytest.raises(UserError):
        read_folder(tmp_path / "faces")
    assert (tmp_path / "faces" / REPORT).read_text() == "All well.\n"
