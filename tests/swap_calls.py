"""Calls of the Swap tab as its page makes them, on a page of the test's own.

A test file imports the fixtures that it needs, and `becoming` along with `own_page`. Tests ask
for them by other names (page, pair, clip), so that no argument redefines an import.
"""

import base64
import io
import json

import numpy as np
import pytest
from PIL import Image

from ganfake.extracted import Extracted
from ganfake.persons import Person
from ganfake.swap import CONSENT
from ganfake.ui import swap_api, swap_board, swap_convert, swap_own, swap_visitors
from ganfake.ui.swap_visitors import Visitors
from ganfake.ui.uploads import Room, Uploads
from tests.filming import head, scene, video
from tests.swapping import wandering

CALLS = {call.__name__: call for call in swap_board.board_functions()}
COMPOSITE = "compositeWithTrainedAlgorithmicMedia"


def drawn(name: str) -> Person:
    """A person without a network; `becoming` does their work."""
    return Person(name, None, None, np.asarray(Image.fromarray(head(0.5)).resize((128, 128))), {})


class DrawnLesson:
    """A lesson that counts its steps and learns nothing."""

    def __init__(self, sets: dict[str, np.ndarray], seed: int = 0):
        assert list(sets) == ["A", "B"]
        self.sets, self.images, self.losses = sets, 0, []

    def step(self) -> float:
        self.images += 16
        self.losses.append(1 / len([*self.losses, 0]))
        return self.losses[-1]

    def preview(self, count: int = 4) -> np.ndarray:
        return np.concatenate([self.sets["A"][0]] * 3, axis=1)

    def person(self, name: str) -> Person:
        return drawn(name)


@pytest.fixture(name="page", autouse=True)
def own_page(monkeypatch, becoming):
    """A page of the test's own, whose persons and lessons are drawn; its visitors."""
    uploads, visitors = Uploads(Room(2**30)), Visitors()
    for module in (swap_convert, swap_board, swap_own):
        monkeypatch.setattr(module, "uploads", uploads)
        monkeypatch.setattr(module, "visitors", visitors)
    for module in (swap_board, swap_visitors, swap_api):
        monkeypatch.setattr(module, "load_person", drawn)
    for call in swap_board.board_functions():  # which keep to the uploads that they find
        monkeypatch.setitem(CALLS, call.__name__, call)
    monkeypatch.setattr(swap_own, "Lesson", DrawnLesson)
    monkeypatch.setattr(swap_own, "SLICE", 0.0)
    return uploads, visitors


def send(file: bytes, name: str = "picture.png") -> str:
    begun = CALLS["begin"]({"name": name, "size": len(file)})
    for at in range(0, len(file), begun["chunk"]):
        piece = base64.b64encode(file[at : at + begun["chunk"]]).decode()
        assert "error" not in CALLS["put"]({"token": begun["token"], "at": at, "content": piece})
    return begun["token"]


def wish(token: str, **more) -> str:
    usual = {"number": 3, "token": token, "person": "man_a", "consent": CONSENT}
    return json.dumps({**usual, **more})


def swapped(token: str, session: str = "mine", **more) -> dict:
    """The last line of a swap."""
    told = [json.loads(line) for line in swap_convert.swap_lines(wish(token, **more), session)]
    assert {line["number"] for line in told} == {3}
    return told[-1]


def fetched(token: str, size: int) -> bytes:
    content = b""
    while len(content) < size:
        content += base64.b64decode(CALLS["piece"]({"token": token, "at": len(content)})["content"])
    return content


def opened(content: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(content)))


def of(address: str) -> bytes:
    return base64.b64decode(address.split(",")[1])


@pytest.fixture(name="pair", scope="module")
def two_heads() -> np.ndarray:
    """Two heads, the smaller one on the left."""
    return scene((head(0.8), 20, 60), (head(), 310, 60))


@pytest.fixture(name="clip", scope="module")
def short_clip() -> bytes:
    return video(list(wandering(12)))


def extracted(count: int = 20, persons: int = 1) -> Extracted:
    crops = np.random.default_rng(0).integers(0, 256, (count, 128, 128, 3), np.uint8)
    faces = {f"person_{n + 1}": crops for n in range(persons)}
    return Extracted(faces, ["Kept 20 faces."], crops[0], {})


def gather(session: str, role: str, content: bytes = b"a clip") -> dict:
    told = swap_own.gather_lines(
        json.dumps({"number": 5, "token": send(content), "role": role}), session
    )
    return [json.loads(line) for line in told][-1]
