"""Hostile and odd folders and archives; every fixture is made here."""

import struct
import zipfile

import pytest
from PIL import Image

from ganfake import UserError, archives, images
from ganfake.archives import read_pictures
from tests.pictures import face, file_of, is_sentence, zip_of


def test_folder(tmp_path):
    jpeg = file_of(face(32), "JPEG")
    root = tmp_path / "pictures"
    (root / "sub" / "__MACOSX").mkdir(parents=True)
    (root / ".git").mkdir()
    for name in ("b.jpg", "sub/a.jpg", ".hidden.jpg", ".git/c.jpg", "sub/__MACOSX/d.jpg"):
        (root / name).write_bytes(jpeg)
    (root / ".DS_Store").write_bytes(b"x")
    (root / "notes.txt").write_text("text")
    zip_of(root / "more.zip", {"a.jpg": jpeg})
    (tmp_path / "outside.jpg").write_bytes(jpeg)
    (root / "link_in.jpg").symlink_to(root / "b.jpg")
    (root / "link_out.jpg").symlink_to(tmp_path / "outside.jpg")
    (root / "loop").symlink_to(root)
    entries = list(read_pictures(root))
    kinds = [(name, isinstance(entry, Image.Image)) for name, entry in entries if name != "loop"]
    assert kinds == [
        ("b.jpg", True),
        ("link_in.jpg", True),
        ("more.zip", False),
        ("notes.txt", False),
        ("a.jpg", True),
    ]
    for _, entry in entries:
        assert isinstance(entry, Image.Image) or is_sentence(entry)
    assert len(list(read_pictures(root, limit=2))) == 2


def test_single_file_and_missing(tmp_path):
    path = tmp_path / "a.png"
    path.write_bytes(file_of(face(32), "PNG"))
    [(name, picture)] = read_pictures(path)
    assert (name, picture.size) == ("a.png", (32, 32))
    with pytest.raises(UserError, match="no such file") as caught:
        list(read_pictures(tmp_path / "missing"))
    assert is_sentence(caught.value)


def test_zip_names_lead_nowhere(tmp_path):
    png = file_of(face(32), "PNG")
    names = ["../../up.png", "/etc/root.png", "..\\back.png", "in/new\nline.png"]
    junk = ["__MACOSX/a.png", ".DS_Store", "a/.b.png", "folder/", ".."]
    path = zip_of(tmp_path / "a.zip", dict.fromkeys(names + junk, png))
    before = sorted(tmp_path.rglob("*"))
    entries = list(read_pictures(path))
    assert sorted(name for name, _ in entries) == [
        "back.png",
        "new_line.png",
        "root.png",
        "up.png",
    ]
    assert all(isinstance(entry, Image.Image) for _, entry in entries)
    assert sorted(tmp_path.rglob("*")) == before


def test_zip_bombs(tmp_path, monkeypatch):
    monkeypatch.setattr(images, "MAX_BYTES", 2**20)
    png = file_of(face(32), "PNG")
    path = zip_of(tmp_path / "bomb.zip", {"a.png": bytes(2**20 + 1), "b.png": png})
    [(_, bomb), (_, picture)] = read_pictures(path)
    assert is_sentence(bomb) and "1 MB" in str(bomb)
    assert picture.size == (32, 32)

    # Both directories claim 100 bytes: no more than these are inflated.
    lying = path.read_bytes().replace(struct.pack("<I", 2**20 + 1), struct.pack("<I", 100))
    path.write_bytes(lying)
    [(_, bomb), _] = read_pictures(path)
    assert is_sentence(bomb)

    monkeypatch.setattr(archives, "MAX_UNPACKED", 3 * 2**20)
    path = zip_of(tmp_path / "many.zip", {f"{i}.png": bytes(2**20) for i in range(9)})
    entries = [entry for _, entry in read_pictures(path)]
    assert len(entries) == 4 and "unpacks" in str(entries[-1]) and is_sentence(entries[-1])


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_zip_methods_without_a_brake_are_refused(tmp_path, method):
    [(_, entry)] = read_pictures(zip_of(tmp_path / "a.zip", {"a.png": bytes(99)}, method))
    assert is_sentence(entry) and "plain zip" in str(entry)


def test_zip_with_too_many_members(tmp_path, monkeypatch):
    path = zip_of(tmp_path / "a.zip", {f"{i}.txt": b"" for i in range(30)})
    monkeypatch.setattr(archives, "MAX_MEMBERS", 20)
    for longest in (2**20, 1000):  # counted, or not even read
        monkeypatch.setattr(archives._ShortReads, "longest", longest)
        with pytest.raises(UserError, match="over 20 files") as caught:
            list(read_pictures(path))
        assert is_sentence(caught.value)


def test_broken_zips(tmp_path):
    png = file_of(face(32), "PNG")
    content = zip_of(tmp_path / "a.zip", {"a.png": png, "b.zip": b"PK\3\4"}).read_bytes()
    flagged = bytearray(content)
    flagged[content.index(b"PK\x01\x02") + 8] |= 1  # encrypted
    wrong = {
        "locked.zip": (bytes(flagged), "password"),
        "cut.zip": (content[: len(content) // 2], "damaged"),
        "text.zip": (b"not an archive", "damaged"),
        "empty.zip": (b"", "damaged"),
    }
    for name, (broken, word) in wrong.items():
        (tmp_path / name).write_bytes(broken)
        with pytest.raises(UserError, match=word) as caught:
            list(read_pictures(tmp_path / name))
        assert is_sentence(caught.value)
    hurt = bytearray(content)
    hurt[200:210] = bytes(10)
    (tmp_path / "hurt").write_bytes(hurt)  # an archive by what it holds, not by name
    [(_, damaged), (_, nested)] = read_pictures(tmp_path / "hurt")
    assert is_sentence(damaged) and "damaged" in str(damaged)
    assert is_sentence(nested) and "archive" in str(nested)


def test_errors_hold_no_picture(tmp_path):
    path = zip_of(tmp_path / "a.zip", {"a.txt": b"text"})
    [(_, error)] = read_pictures(path)
    assert error.__traceback__ is None and error.__context__ is None
