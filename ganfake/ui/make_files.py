"""Finished picture files for a browser's downloads; none of them stays on the server."""

import base64
import io
import zipfile
from collections.abc import Iterator

from PIL import Image

from ganfake import UserError
from ganfake.generate import Face, encode_face, render
from ganfake.ui.calls import turn
from ganfake.ui.payload import read_faces

MAX_FILES = 128  # in one zip: the grid and the kept faces
KINDS = {"PNG": "png", "JPEG": "jpg", "WEBP": "webp"}  # with the ends of their files' names


def files(said: dict) -> dict:
    """One finished picture file, or a zip of several: its name and its bytes in base64."""
    made = read_faces(said.get("faces"), MAX_FILES)
    kind = str(said.get("kind")).upper()
    if kind not in KINDS:
        raise UserError("Pictures are saved as PNG, JPEG or WebP; choose one of these.")
    with turn():
        named = list(_encoded(made, kind))
    if len(named) == 1:
        name, content = named[0]
    else:
        name, content = f"ganfake-{len(named)}-pictures.zip", _zipped(named)
    return {"name": name, "content": base64.b64encode(content).decode()}


def _encoded(made: list[Face], kind: str) -> Iterator[tuple[str, bytes]]:
    pictures: dict[int, Image.Image] = {}
    for name in {face.model for face in made}:  # a network renders its own faces together
        own = [i for i, face in enumerate(made) if face.model == name]
        pictures.update(zip(own, render([made[i] for i in own]), strict=True))
    for index, face in enumerate(made):
        number = f"-{index:03d}" if len(made) > 1 else ""
        changed = "-mixed" * (face.mix_seed is not None) + "-pushed" * bool(face.push)
        file = f"{face.model}-seed{face.seed}{changed}{number}.{KINDS[kind]}"
        yield file, encode_face(face, pictures[index], kind)


def _zipped(named: list[tuple[str, bytes]]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:  # stored: pictures do not shrink
        for name, content in named:
            archive.writestr(zipfile.ZipInfo(name), content)
    return buffer.getvalue()
