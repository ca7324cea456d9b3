"""Asks the Check tab's calls as the page's script does."""

import base64
import functools
import io
import json

import numpy as np
from PIL import Image

from ganfake.generate import generate
from ganfake.ui import check, check_board
from ganfake.ui.uploads import Room, Uploads
from ganfake.video import encode_mp4

CALLS = {call.__name__: call for call in check_board.board_functions()}


def own_uploads(monkeypatch) -> Uploads:
    """Files of this test alone."""
    own = Uploads(Room(2**30))
    monkeypatch.setattr(check, "uploads", own)
    monkeypatch.setattr(check_board, "uploads", own)
    for call in check_board.board_functions():  # which keep to the uploads that they find
        monkeypatch.setitem(CALLS, call.__name__, call)
    return own


def png(pixels: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG")
    return buffer.getvalue()


def content(address: str) -> bytes:
    return base64.b64decode(address.split(",")[-1])


def send(file: bytes, name: str = "picture.png") -> str:
    """A file on its way as the page's script sends it; returns its token."""
    begun = CALLS["begin"]({"name": name, "size": len(file)})
    assert "error" not in begun, begun
    for at in range(0, len(file), begun["chunk"]):
        piece = base64.b64encode(file[at : at + begun["chunk"]]).decode()
        assert "error" not in CALLS["put"]({"token": begun["token"], "at": at, "content": piece})
    return begun["token"]


def lines(token: str, number: int = 1, session: str = "") -> list[dict]:
    wish = json.dumps({"number": number, "token": token})
    return [json.loads(line) for line in check.check_lines(wish, session)]


def checked(file: bytes, name: str = "picture.png") -> tuple[str, dict]:
    token = send(file, name)
    last = lines(token)[-1]
    assert "found" in last, last
    return token, last["found"]


@functools.cache
def clip(frames: int = 24) -> bytes:
    """A face that we made, drifting over a grey ground for two seconds."""
    return encode_mp4(drift(frames), 12)


def drift(frames: int) -> list[np.ndarray]:
    [face] = generate("portrait", 1, 11)
    pictures = []
    for index in range(frames):
        ground = Image.new("RGB", (360, 300), (100, 110, 120))
        ground.paste(face.resize((220, 220)), (30 + 3 * index, 40))
        pictures.append(np.asarray(ground))
    return pictures
