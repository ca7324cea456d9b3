"""An attacker who never looks at the faces may not beat chance; dressing may not leak."""

import base64
import csv
import io
import json
import zipfile
import zlib

import numpy as np
import pytest
from gradio_client import Client
from PIL import Image
from sklearn.ensemble import RandomForestClassifier

from ganfake.folders import shared_dir
from ganfake.quiz.cards import Pack
from ganfake.quiz.decks.base import Deck
from ganfake.stats import wilson
from tests.leak import leak_auc, segments

ROUNDS = 400


def _decode(address: str) -> bytes:
    return base64.b64decode(address.removeprefix("data:image/jpeg;base64,"))


def _headers(jpeg: bytes) -> list[tuple[int, int]]:
    """Segments but for the padding (0xFE) and the Huffman tables of the contents (0xC4)."""
    return [segment for segment in segments(jpeg) if segment[0] not in (0xFE, 0xC4)]


def observe(dealt: dict) -> tuple[list[float], dict]:
    """All that the browser has before the answer, but for what the two faces show.

    Returns numbers that differ from round to round, and what must be the same always.
    """
    files = [_decode(picture) for picture in dealt["pictures"]]
    opened = [Image.open(io.BytesIO(file)) for file in files]
    padding = [sum(length for marker, length in segments(f) if marker == 0xFE) for f in files]
    numbers = [
        *padding, padding[0] - padding[-1], dealt["number"], dealt["score"], dealt["streak"],
        len(dealt["round"]), *dealt["round"].encode()[:18], hash(dealt["round"]) % 997,
    ]  # fmt: skip
    constant = {
        "keys": sorted(dealt),
        "choices": dealt["choices"],
        "characters": [len(picture) for picture in dealt["pictures"]],
        "bytes": [len(file) for file in files],
        "deflated": [round(len(zlib.compress(file, 9)) / len(file), 2) for file in files],
        "pixels": [picture.size for picture in opened],
        "mode": [picture.mode for picture in opened],
        "metadata": [
            {k: v for k, v in picture.info.items() if k != "comment"} for picture in opened
        ],
        "tables": [picture.quantization for picture in opened],
        "headers": [_headers(file) for file in files],
    }  # fmt: skip
    return numbers, json.loads(json.dumps(constant, default=str))


def test_an_attacker_does_not_beat_chance(shared_table):
    token = "an-attackers-secret-token"
    rows, truths, constants, files = [], [], [], []
    for _ in range(ROUNDS):
        dealt = shared_table.new_round(token, "pair", "pocket")
        numbers, constant = observe(dealt)
        rows.append(numbers)
        constants.append(json.dumps(constant, sort_keys=True))
        files += [hash(picture) for picture in dealt["pictures"]]
        truths.append(shared_table.answer(dealt["round"], "left")["truth"])
    assert len(set(constants)) == 1, "something besides the faces differs between rounds"
    assert len(set(files)) == 2 * ROUNDS, "a file came twice: it can be recognised"
    # What is left are numbers; a forest that learned from the first half guesses the rest.
    half = ROUNDS // 2
    forest = RandomForestClassifier(200, random_state=0).fit(rows[:half], truths[:half])
    right = int((forest.predict(rows[half:]) == np.array(truths[half:])).sum())
    low, _ = wilson(right, half, confidence=0.999)
    print(f"attacker: {right} of {half} right")
    assert low <= 0.5


def test_both_files_of_a_round_are_alike(shared_table):
    dealt = shared_table.new_round("another-attackers-token", "pair", "pocket")
    first, second = (_decode(picture) for picture in dealt["pictures"])
    assert len(first) == len(second)
    assert _headers(first) == _headers(second)


def test_the_dressing_of_the_pocket_deck_does_not_leak(shared_table):
    pack = shared_table.packs["pocket"]
    found = leak_auc(pack, len(pack.deck))
    print("pocket:", {name: round(auc, 3) for name, auc in found.items()})
    assert found["all"] <= 0.65


class SharedDeck(Deck):
    """Photographs of faces128.zip, which stand for LFW and for sharp ones of one's own."""

    name = title = about = "shared"

    def __init__(self, source: str, count: int):
        with zipfile.ZipFile(shared_dir() / "faces128.zip") as archive:
            rows = csv.DictReader(io.TextIOWrapper(archive.open("index.csv")))
            names = [row["file"] for row in rows if row["source"] == source][:count]
            opened = [Image.open(io.BytesIO(archive.read(name))) for name in names]
            faces = [picture.resize((64, 64), Image.Resampling.BOX) for picture in opened]
        self._faces = [np.asarray(face) for face in faces]

    def __len__(self) -> int:
        return len(self._faces)

    def face(self, index: int) -> np.ndarray:
        return self._faces[index]


@pytest.mark.parametrize("source", ["lfw", "celeba"])
@pytest.mark.skipif(not (shared_dir() / "faces128.zip").is_file(), reason="needs ../shared/data")
def test_the_dressing_of_sharper_decks_does_not_leak(shared_table, source):
    pack = Pack(SharedDeck(source, 250), shared_table.packs["pocket"]._supply)
    pack.fill()
    found = leak_auc(pack, len(pack.deck))
    print(f"{source}:", {name: round(auc, 3) for name, auc in found.items()})
    assert found["all"] <= 0.65


def test_the_leak_test_can_fail(shared_table):
    class Undressed(type(shared_table.packs["pocket"])):
        def pair(self, shuffle, position, among=100):
            real, fake = shared_table.packs["pocket"].pair(shuffle, position, among)
            brighter = np.clip(fake.picture.astype(int) + 40, 0, 255).astype(np.uint8)
            return real, type(fake)(brighter, fake.made_by)

    pack = Undressed(shared_table.packs["pocket"].deck, None)
    assert leak_auc(pack, 100)["all"] > 0.65


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    """The address of the real page, served on loopback for this module."""
    from ganfake.quiz.table import Table
    from ganfake.ui.page import build_page, launch_options

    page = build_page(Table(tmp_path_factory.mktemp("served")))
    _, address, _ = page.launch(
        prevent_thread_lock=True, server_name="127.0.0.1", **launch_options()
    )
    yield address
    page.close()


def test_the_api_plays_and_forgets_no_rule(served):
    first, second = (Client(served, verbose=False) for _ in range(2))
    dealt = first.predict(mode="pair", deck="pocket", api_name="/new_round")
    other = second.predict(mode="pair", deck="pocket", api_name="/new_round")
    assert dealt["player"] != other["player"]
    assert dealt["round"] != other["round"]
    said = first.predict(dealt["round"], "left", "sure", api_name="/answer")
    assert said["correct"] == (said["truth"] == "left")
    with pytest.raises(Exception, match="over"):
        first.predict(dealt["round"], "right", api_name="/answer")
    with pytest.raises(Exception, match="left, right"):
        second.predict(other["round"], "up", api_name="/answer")


def test_the_api_has_six_documented_endpoints(served):
    endpoints = Client(served, verbose=False).view_api(return_format="dict")["named_endpoints"]
    known = ["/answer", "/check", "/generate", "/leaderboard", "/new_round", "/swap"]
    assert sorted(endpoints) == known


def test_the_page_names_no_other_host_and_keeps_no_history(served):
    import httpx

    config = httpx.get(f"{served}config").json()
    assert config["run_history"] is False
    assert config["analytics_enabled"] is False
    assert "fonts.googleapis" not in httpx.get(served).text
