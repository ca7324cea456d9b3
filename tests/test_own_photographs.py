"""A player's own photographs: one pack in memory, a deck for them alone."""

import base64
import io
import json
import zipfile

import pytest
import skimage.data
from PIL import Image, ImageOps

from ganfake import UserError
from ganfake.quiz.table import Table
from ganfake.ui import own_photographs as own

PLAYER = "the-secret-token-of-a-player"


@pytest.fixture(scope="module")
def table(tmp_path_factory):
    return Table(tmp_path_factory.mktemp("data"))


@pytest.fixture(scope="module")
def photographs() -> list[tuple[str, bytes]]:
    """Two variants of scikit-image's astronaut."""
    astronaut = Image.fromarray(skimage.data.astronaut()[:300, 60:360])
    files = []
    for number, picture in enumerate((astronaut, ImageOps.mirror(astronaut))):
        out = io.BytesIO()
        picture.save(out, "PNG")
        files.append((f"me{number}.png", out.getvalue()))
    return files


def pack(files: list[tuple[str, bytes]]) -> bytes:
    """As the page's script packs them."""
    head = json.dumps([[name, len(content)] for name, content in files]).encode() + b"\n"
    return head + b"".join(content for _, content in files)


def sent(content: bytes) -> str:
    """A pack on its way to the server; returns its token."""
    token = own.uploads.begin("photographs", len(content))
    own.uploads.put(token, 0, base64.b64encode(content).decode())
    return token


def lines(table: Table, token: str, player: str = PLAYER) -> list[dict]:
    wish = json.dumps({"number": 3, "token": token, "player": player})
    return [json.loads(line) for line in own.read_lines(table, wish)]


def test_two_pupils_may_have_the_same_photographs(table, photographs):
    for player in (PLAYER, PLAYER + "-2"):
        token = sent(pack(photographs))
        *counted, last = lines(table, token, player)
        assert [word["read"] for word in counted] == [0, 1, 2]
        assert last == {"number": 3, "report": "2 faces from 2 pictures.", "player": player}
        assert table.new_round(player, "pair", "own")["deck"] == "own"
        with pytest.raises(UserError, match="forgotten"):
            own.uploads.get(token)


def test_a_zip_among_photographs_is_opened(table, photographs):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(*photographs[1])
    files = [photographs[0], ("rest.zip", out.getvalue()), ("broken.zip", b"PK\x03\x04 no")]
    *_, last = lines(table, sent(pack(files)))
    assert last["report"] == "2 faces from 2 pictures; skipped: 1 unreadable file."


def test_a_broken_zip_alone_says_so(table):
    *_, last = lines(table, sent(pack([("class.zip", b"PK\x03\x04 no")])))
    assert "archive is damaged" in last["error"]


@pytest.mark.parametrize(
    "content",
    [b"no list", b"[]", b"7\nrest", b'[["a", 5]]\nabc', b'[["a", 1]]\nabc', b'[["a", -4]]\n',
     b'[["a"]]\nabc', b'[["a", "x"]]\nabc', b'[["a", 1e999]]\na', b"[" * 100_000 + b"\n"],
)  # fmt: skip
def test_packs_that_are_none(table, content):
    *_, last = lines(table, sent(content))
    assert last["error"].count(".") == 1


def test_nothing_chosen(table):
    *_, last = lines(table, sent(b"[]\n"))
    assert last["error"] == "Choose photographs or a zip first."
