"""Faces that were extracted for the swap: as values, and as a folder of pictures."""

import re
import secrets
import shutil
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from PIL import Image

from ganfake import UserError
from ganfake.images import MISSING, encode_jpeg, open_picture

SIDE = 128  # pixels of an aligned face
MAX_FACES = 3000  # of all persons together, for memory
MAX_PERSONS = 12
REPORT, SHEET = "report.txt", "contact_sheet.jpg"  # beside the persons' folders


@dataclass(eq=False)
class Extracted:
    """What stage 1 of the swap finds.

    faces: person -> (N, 128, 128, 3) uint8, aligned, in order of time; the person seen most
    often first. report: sentences on what was kept and dropped, and what is missing.
    sheet: (H, W, 3) uint8, a contact sheet. dropped: reason -> count.
    """

    faces: dict[str, np.ndarray]
    report: list[str] = field(default_factory=list)
    sheet: np.ndarray = field(default_factory=lambda: np.zeros((SIDE, SIDE, 3), np.uint8))
    dropped: dict[str, int] = field(default_factory=dict)


def write(extracted: Extracted, folder: str | Path) -> list[Path]:
    """A folder for each person with one PNG a face, the report and the contact sheet.

    All is written beside the folder first, so that it is there whole or not at all. Only an
    earlier extraction is replaced; UserError when there is anything else. Returns the
    persons' folders.
    """
    folder = Path(folder).absolute()  # "." has no name to write beside
    check_target(folder)
    folder.parent.mkdir(parents=True, exist_ok=True)
    token = secrets.token_hex(4)
    partial = folder.with_name(f".{folder.name}.{token}.tmp")
    old = folder.with_name(f".{folder.name}.{token}.old")
    try:
        _fill(partial, extracted)
        if folder.exists():
            folder.rename(old)
        partial.rename(folder)
    except BaseException:
        if old.exists() and not folder.exists():
            old.rename(folder)
        raise
    finally:
        shutil.rmtree(partial, ignore_errors=True)
        shutil.rmtree(old, ignore_errors=True)
    return [folder / name for name in extracted.faces]


def check_target(folder: Path) -> None:
    """UserError unless `folder` is new, empty, or an earlier extraction."""
    if folder.exists() and not folder.is_dir():
        raise UserError(f"{str(folder)!r} is a file; name a folder for the faces.")
    if folder.is_dir() and any(folder.iterdir()) and not _is_extraction(folder):
        raise UserError(f"{str(folder)!r} holds other files; name a new folder for the faces.")


def _is_extraction(folder: Path) -> bool:
    """Whether all that is in there is what `write` writes: it is about to be deleted."""
    entries = [e for e in folder.iterdir() if e.name not in (REPORT, SHEET)]
    faces = [e for e in entries if e.is_dir() and not e.is_symlink()]
    return (folder / REPORT).is_file() and len(faces) == len(entries) and all(
        file.is_file() and re.fullmatch(r"[0-9]{5}\.png", file.name)
        for person in faces for file in person.iterdir()
    )  # fmt: skip


def _fill(folder: Path, extracted: Extracted) -> None:
    folder.mkdir()
    for name, crops in extracted.faces.items():
        (folder / name).mkdir()
        for number, crop in enumerate(crops, 1):
            Image.fromarray(crop).save(folder / name / f"{number:05}.png", compress_level=1)
    (folder / SHEET).write_bytes(encode_jpeg(Image.fromarray(extracted.sheet)))
    (folder / REPORT).write_text("\n".join(extracted.report) + "\n", encoding="utf-8")


def read_folder(folder: str | Path) -> Extracted:
    """What `write` wrote; or the faces of one person, where `folder` holds pictures itself.

    Persons may be renamed and pictures thrown away meanwhile. UserError when there is no
    face, when a picture is damaged, or not 128 pixels on a side.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise UserError(MISSING.replace("file", "folder").replace("read", "look into"))
    persons = sorted(p for p in folder.iterdir() if p.is_dir() and not p.name.startswith("."))
    read = {person.name: _read_person(person) for person in persons or [folder]}
    faces = {name: crops for name, crops in read.items() if len(crops)}
    if not faces:
        raise UserError(f"There is no face in {str(folder)!r}; extract some first.")
    if sum(map(len, faces.values())) > MAX_FACES:
        raise UserError(f"There are over {MAX_FACES:,} faces in {str(folder)!r}; remove some.")
    report = folder / REPORT
    text = report.read_text(encoding="utf-8", errors="replace") if report.is_file() else ""
    ordered = dict(sorted(faces.items(), key=lambda item: -len(item[1])))
    return Extracted(ordered, text.splitlines())


def _read_person(folder: Path) -> np.ndarray:
    paths = sorted(p for p in folder.iterdir() if p.suffix.lower() == ".png")
    crops = []
    for path in paths[: MAX_FACES + 1]:
        crop = np.asarray(open_picture(path))
        if crop.shape != (SIDE, SIDE, 3):
            raise UserError(f"{str(path)!r} is no extracted face; extract faces first.")
        crops.append(crop)
    return np.stack(crops) if crops else np.zeros((0, SIDE, SIDE, 3), np.uint8)
