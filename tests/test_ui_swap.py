"""The Swap tab's calls: consent, places in line, marks on all that leaves, everyone's own."""

import base64
import io
import json
import os
import re
import threading
import time
from dataclasses import replace
from itertools import pairwise
from types import SimpleNamespace

import gradio as gr
import numpy as np
import pytest
from PIL import Image

from ganfake import UserError, marks, provenance
from ganfake.extracted import Extracted
from ganfake.left_out import FIRST_ONLY
from ganfake.persons import SHIPPED, Person
from ganfake.swap import CONSENT, SwapOptions
from ganfake.ui import (
    progress,
    swap,
    swap_api,
    swap_board,
    swap_convert,
    swap_own,
    swap_view,
    swap_visitors,
)
from ganfake.ui.swap_visitors import Visitors
from ganfake.ui.theme import layout, scripts
from ganfake.ui.turns import Turns, in_turn
from ganfake.ui.uploads import GONE, Uploads
from ganfake.writing import NO_FOLDER
from tests.filming import head, scene, video
from tests.swapping import becoming, greenness, pictures_of, wandering  # noqa: F401 - a fixture
from tests.test_check_tab import png

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


@pytest.fixture(autouse=True)
def page(monkeypatch, becoming):  # noqa: F811 - the fixture
    """A page of the test's own, whose persons and lessons are drawn; its visitors."""
    uploads, visitors = Uploads(), Visitors()
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


@pytest.fixture(scope="module")
def pair() -> np.ndarray:
    """Two heads, the smaller one on the left."""
    return scene((head(0.8), 20, 60), (head(), 310, 60))


@pytest.fixture(scope="module")
def clip() -> bytes:
    return video(list(wandering(12)))


# -- the house -----------------------------------------------------------------------
def test_whom_one_may_become_and_what_one_agrees_to():
    house = CALLS["house"]({})
    assert [person["id"] for person in house["persons"]] == list(SHIPPED)
    assert house["persons"][3]["title"] == "Woman A" and house["consent"] == CONSENT
    for person in house["persons"]:
        content = of(person["portrait"])
        assert provenance.read(content).source_type == COMPOSITE
        assert not np.array_equal(opened(content), drawn("").portrait)
    for name, choice in house["choices"].items():
        assert choice["usual"] == getattr(SwapOptions(), name) in choice["all"]


def test_weights_that_are_missing_are_one_sentence(monkeypatch):
    def missing(name):
        raise UserError("The weights are missing; fetch them again.")

    monkeypatch.setattr(swap_board, "load_person", missing)
    house = CALLS["house"]({})
    assert house["persons"] == [] and "missing" in house["missing"]


# -- a picture -----------------------------------------------------------------------
def test_a_picture_from_file_to_marked_result(page, pair):
    token = send(png(pair), "../two heads.png")
    look = CALLS["look"]({"token": token})
    assert [face["index"] for face in look["faces"]] == [0, 1] and not look["clip"]
    assert look["faces"][0]["box"][2] < 0.5 < look["faces"][1]["box"][0]
    found = swapped(token, options={"face": 1, "corner": "top left", "colour": "none"})["swapped"]
    assert (found["name"], found["kind"]) == ("two heads-as-man_a.png", "image/png")
    content = fetched(token, found["size"])
    mark = provenance.read(content)
    assert mark.source_type == COMPOSITE and mark.model == "swap"
    assert CONSENT.encode() in content and b"man_a" in content
    pixels = opened(content)
    assert marks.find(pixels).found and not marks.find(pair).found
    assert abs(pixels[:40, :150].astype(int) - pair[:40, :150]).max() > 60, "the visible mark"
    assert greenness(pixels[120:240, 400:480]) > 40 > greenness(pixels[120:240, 80:180])
    assert [stage["name"] for stage in found["stages"]] == list(swap_view.STAGES)
    assert page[0].get(token).session == "mine"
    json.dumps(found, allow_nan=False)


def test_generated_stages_are_marked_and_ones_own_pixels_are_not(pair):
    found = swapped(send(png(pair)))["swapped"]
    ai = {s["name"]: provenance.read(of(s["picture"])) is not None for s in found["stages"]}
    assert ai == {"found": False, "aligned": False, "encoded": False, "decoded": True,
                  "masked": True, "blended": True}  # fmt: skip


@pytest.mark.parametrize("consent", ["", "yes", None, True, CONSENT.lower()])
def test_without_the_statement_nothing_is_swapped(page, pair, consent):
    token = send(png(pair))
    assert "Agree to the statement" in swapped(token, consent=consent)["error"]
    assert "no result" in CALLS["piece"]({"token": token, "at": 0})["error"]
    told = swap_own.learn_lines(json.dumps({"number": 1, "minutes": 1, "consent": consent}), "s")
    assert "Agree to the statement" in json.loads(next(told))["error"]
    with pytest.raises(UserError, match="agree to this statement"):
        swap_api.swap_content(base64.b64encode(png(pair)).decode(), "man_a", consent)


@pytest.mark.parametrize(
    ("options", "sentence"),
    [({"mask": "../x"}, "The mask is one of"), ({"corner": "nowhere"}, "The corner is one of"),
     ({"face": 9}, "2 faces"), ({"face": -1}, "whole number"), ({"face": True}, "whole number"),
     ({"face": "0"}, "whole number"), ([1], "a few names"), ({"blend": ["x"]}, "is one of")],
)  # fmt: skip
def test_options_that_are_none(pair, options, sentence):
    assert sentence in swapped(send(png(pair)), options=options)["error"]


@pytest.mark.parametrize("person", [None, "", "nobody", "../man_a", 7, ["man_a"], {"a": 1}])
def test_persons_that_are_none(pair, person):
    assert swapped(send(png(pair)), person=person)["error"].endswith(".")


@pytest.mark.parametrize("given", ["", "[]", "{}", "null", "[" * 3000, '{"number": -1}', None, 7])
def test_wishes_that_are_none(given):
    for lines in (swap_convert.swap_lines, swap_own.gather_lines, swap_own.learn_lines):
        [line] = lines(given, "s")
        assert "reload the page" in json.loads(line)["error"]


def test_no_face_and_no_picture_are_one_sentence():
    noise = np.random.default_rng(0).integers(0, 256, (200, 200, 3), np.uint8)
    for file in (png(noise), b"hello", b"\xff\xd8\xff\xe0" + bytes(300)):
        for said in (CALLS["look"]({"token": send(file)}), swapped(send(file))):
            assert said["error"].endswith(".") and said["error"].count(". ") == 0


def test_pieces_that_are_not_there(pair):
    token = send(png(pair))
    swapped(token)
    for at in (-1, 10**9, "0", None, True):
        assert "no such piece" in CALLS["piece"]({"token": token, "at": at})["error"]


def test_what_is_left_out_is_said(pair, monkeypatch):
    buffer = io.BytesIO()
    first = Image.fromarray(pair)
    first.save(buffer, "GIF", save_all=True, append_images=[first.rotate(90)])
    found = swapped(send(buffer.getvalue(), "a.gif"))["swapped"]
    assert found["note"] == FIRST_ONLY
    assert swapped(send(png(pair)))["swapped"]["note"] == ""
    told = []
    monkeypatch.setattr(swap_api.gr, "Info", told.append)
    with gr.Blocks() as blocks:
        swap_api.swap_endpoint()
    [call] = [one.fn for one in blocks.fns.values()]
    for content in (buffer.getvalue(), png(pair)):
        call(base64.b64encode(content).decode(), "man_a", CONSENT)
    assert told == [FIRST_ONLY]


# -- a clip --------------------------------------------------------------------------
def test_a_clip_is_swapped_and_leaves_nothing_on_the_disk(clip, tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    before = set(tmp_path.rglob("*"))
    token = send(clip, "clip.mp4")
    look = CALLS["look"]({"token": token})
    assert look["clip"] and len(look["faces"]) == 1
    found = swapped(token)["swapped"]
    assert found["clip"] and (found["name"], found["kind"]) == ("clip-as-man_a.mp4", "video/mp4")
    content = fetched(token, found["size"])
    assert provenance.read(content).source_type == COMPOSITE
    frames = pictures_of(content)
    assert len(frames) == 12 and marks.best([marks.find(frame) for frame in frames]).found
    assert set(tmp_path.rglob("*")) == before


def test_a_stopped_or_left_clip_ends_at_its_next_frame(page, clip, monkeypatch, tmp_path):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    for stop in ("close", "leave"):
        ended = threading.Event()

        def endless(content, person, target, options, consent, progress, ended=ended):
            target.write_bytes(b"half")
            try:
                while True:
                    progress(0.5)
                    time.sleep(0.01)
            finally:
                ended.set()

        monkeypatch.setattr(swap_convert, "swap_video", endless)
        before, token = set(tmp_path.iterdir()), send(clip, "clip.mp4")
        told = swap_convert.swap_lines(wish(token), "mine")
        next(told), next(told)
        if stop == "close":
            told.close()
        else:
            page[0].leave("mine")
            assert json.loads(list(told)[-1])["error"] == GONE
        assert ended.wait(5)
        end = time.monotonic() + 5
        # listed without rglob, which fails when a folder goes while it is being walked
        while {tmp_path / name for name in os.listdir(tmp_path)} != before:
            assert time.monotonic() < end
            time.sleep(0.01)
        assert len(swap_convert.clips) == 0


def test_a_result_takes_room_and_the_page_is_told_where_there_is_none(page, clip, monkeypatch):
    token = send(clip, "clip.mp4")
    size = swapped(token)["swapped"]["size"]
    assert page[0].get(token).held == len(clip) + size
    monkeypatch.setattr(page[0], "_total", len(clip) + size - 1)
    assert "Other visitors" in swapped(token)["error"]
    assert "no result" in CALLS["piece"]({"token": token, "at": 0})["error"]


def test_no_folder_for_unfinished_files_is_one_sentence(clip, tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "none"))
    assert swapped(send(clip, "clip.mp4"))["error"] == NO_FOLDER


# -- places --------------------------------------------------------------------------
def test_everyone_is_told_their_place_and_comes_in_turn():
    line = Turns(most=2)
    first, second = in_turn(line, iter([{"a": 1}, {"a": 2}])), in_turn(line, iter([{"b": 1}]))
    assert next(first) == {"a": 1}
    assert next(second) == {"place": 1}
    with pytest.raises(UserError, match="Too many people"):
        next(in_turn(line, iter([])))
    assert list(first) == [{"a": 2}]
    assert list(second) == [{"b": 1}] and len(line) == 0


def test_who_stops_waiting_leaves_the_line():
    line = Turns()
    turns = [in_turn(line, iter([{"n": n}])) for n in range(3)]
    assert [next(turn) for turn in turns] == [{"n": 0}, {"place": 1}, {"place": 2}]
    turns[1].close()
    assert next(turns[2]) == {"place": 1}
    turns[0].close()
    assert list(turns[2]) == [{"n": 2}] and len(line) == 0


def test_a_session_has_one_place():
    line = Turns(most=3)
    work = iter([{"a": 1}, {"a": 2}])
    first = in_turn(line, work, "me", "swap")
    assert next(first) == {"a": 1}
    second = in_turn(line, iter([{"b": 1}]), "me", "swap")
    assert next(second) == {"place": 1}, "until the first one's work has ended"
    third = in_turn(line, iter([{"c": 1}]), "me", "swap")
    assert next(third) == {"place": 1} and len(line) == 2, "instead of the second"
    for replaced in (first, second):
        with pytest.raises(UserError, match="taken the place"):
            next(replaced)
    assert next(third) == {"c": 1}
    with pytest.raises(UserError, match="Another clip of yours"):
        next(in_turn(line, iter([]), "me", "gather"))
    others = [in_turn(line, iter([]), name, "swap") for name in ("", "", "you")]
    assert [next(other) for other in others[:2]] == [{"place": 1}, {"place": 2}]
    with pytest.raises(UserError, match="Too many people"):
        next(others[2])
    assert list(third) == []


def test_work_that_is_replaced_ends(monkeypatch):
    ended = []

    def work():
        try:
            while True:
                yield {"a": 1}
        finally:
            ended.append(len(line))

    line = Turns()
    first = in_turn(line, work(), "me")
    next(first)
    second = in_turn(line, iter([{"b": 1}]), "me")
    next(second)
    with pytest.raises(UserError):
        next(first)
    assert ended == [2] and list(second) == [{"b": 1}], "before the next one's turn"


def test_a_clip_has_a_budget(clip, monkeypatch):
    monkeypatch.setattr(swap_convert, "_MOST_PIXELS", 12 * 320 * 240 - 1)
    for said in (swapped(send(clip, "clip.mp4")), gather("mine", "A", clip)):
        assert "up to two minutes" in said["error"]
    monkeypatch.setattr(swap_convert, "_MOST_PIXELS", 12 * 320 * 240)
    assert "swapped" in swapped(send(clip, "clip.mp4"))


def test_work_without_an_end_has_one(monkeypatch):
    monkeypatch.setattr(progress, "_MOST", 0.2)
    ended = threading.Event()

    def endless(tell):
        try:
            while True:
                tell(0.5)
                time.sleep(0.01)
        finally:
            ended.set()

    with pytest.raises(UserError, match="too long"):
        list(progress.told(endless, "test", "It took too long."))
    assert ended.wait(5)


def test_gathering_ends_when_the_page_is_left(page, monkeypatch):
    ended = threading.Event()

    def endless(content, progress):
        try:
            while True:
                progress(0.5)
                time.sleep(0.01)
        finally:
            ended.set()

    monkeypatch.setattr(swap_own, "extract_file", endless)
    wish = json.dumps({"number": 5, "token": send(b"a clip"), "role": "A"})
    told = swap_own.gather_lines(wish, "mine")
    next(told), next(told)
    page[1].close("mine")
    assert ended.wait(5)
    assert json.loads(list(told)[-1])["error"] == GONE and len(swap_convert.clips) == 0


def test_what_is_ones_own_is_not_forgotten_while_one_waits(page, pair, clip, monkeypatch):
    monkeypatch.setattr(swap_own, "extract_file", lambda content, progress: extracted())
    line = Turns()
    for module in (swap_convert, swap_own):
        monkeypatch.setattr(module, "clips", line)
    before = line.join()
    visit = page[1].open("mine")
    person = visit.add(drawn("own"))
    waiting = [
        swap_convert.swap_lines(wish(send(clip, "clip.mp4"), person=person), "another"),
        swap_own.gather_lines(json.dumps({"number": 5, "token": send(clip), "role": "A"}), "mine"),
    ]
    for one in waiting:
        next(one)
        visit.touched -= 1000
        assert "place" in json.loads(next(one))
        page[1].sweep()
        assert page[1].get("mine") is visit
    line.leave(before)
    for one in waiting:
        assert "error" not in json.loads(list(one)[-1])
    assert list(visit.crops) == ["A"] and page[1].person(person)


def test_pictures_do_not_wait_behind_clips(pair, clip, monkeypatch):
    going, free = threading.Event(), threading.Event()

    def slow(content, person, target, options, consent, progress):
        going.set()
        assert free.wait(20)
        target.write_bytes(b"done")
        return SimpleNamespace(note="")

    monkeypatch.setattr(swap_convert, "swap_video", slow)
    busy = threading.Thread(target=swapped, args=(send(clip, "clip.mp4"),))
    busy.start()
    assert going.wait(10)
    assert "swapped" in swapped(send(png(pair)))
    waiting = swap_convert.swap_lines(wish(send(clip, "b.mp4")), "other")
    assert json.loads(next(waiting)) == {"number": 3, "place": 1}
    waiting.close()
    free.set()
    busy.join(20)
    assert not busy.is_alive() and len(swap_convert.clips) == 0


# -- a person of one's own -----------------------------------------------------------
def extracted(count: int = 20, persons: int = 1) -> Extracted:
    crops = np.random.default_rng(0).integers(0, 256, (count, 128, 128, 3), np.uint8)
    faces = {f"person_{n + 1}": crops for n in range(persons)}
    return Extracted(faces, ["Kept 20 faces."], crops[0], {})


def gather(session: str, role: str, content: bytes = b"a clip") -> dict:
    told = swap_own.gather_lines(
        json.dumps({"number": 5, "token": send(content), "role": role}), session
    )
    return [json.loads(line) for line in told][-1]


@pytest.fixture
def clips_of(monkeypatch):
    """Gives a session the faces of A and B."""
    monkeypatch.setattr(swap_own, "extract_file", lambda content, progress: extracted())

    def give(session: str) -> str:
        for role in "AB":
            secret = gather(session, role)["gathered"]["visit"]
        return secret

    return give


def lesson(session: str, minutes: float = 0.001, **more):
    said = {"number": 5, "minutes": minutes, "consent": CONSENT, **more}
    return (json.loads(line) for line in swap_own.learn_lines(json.dumps(said), session))


def test_faces_are_gathered_and_the_file_is_forgotten_at_once(page, monkeypatch):
    monkeypatch.setattr(swap_own, "extract_file", lambda content, progress: extracted(700, 2))
    found = gather("mine", "B")["gathered"]
    assert found["count"] == 600 and found["role"] == "B", "a few hundred are enough"
    assert "seen most often" in found["report"][0] and found["report"][1] == "Kept 20 faces."
    assert len(page[0]) == 0
    assert list(page[1].get("mine").crops) == ["B"]


@pytest.mark.parametrize(
    ("count", "sentence"),
    [(1, "Only one usable face was found"), (5, "Only 5 usable faces were found")],
)
def test_too_few_faces_are_one_sentence(page, monkeypatch, count, sentence):
    monkeypatch.setattr(swap_own, "extract_file", lambda content, progress: extracted(count))
    assert sentence in gather("mine", "A")["error"]
    assert page[1].get("mine").crops == {}
    assert "A clip is of A" in gather("mine", "../C")["error"]


def test_a_lesson_shows_itself_and_ends_with_a_person(page, clips_of, pair):
    clips_of("mine")
    told = list(lesson("mine", 0.01, name="  Ann/../\n<b> "))
    boards = [line["board"] for line in told if "board" in line]
    assert boards and boards[-1]["images"].endswith("faces seen")
    mark = provenance.read(of(boards[0]["preview"]))
    assert mark.source_type == COMPOSITE and "<svg" in boards[0]["plot"]
    assert "nan" not in boards[0]["plot"] and boards[0]["left"].endswith("left")
    shares = [board["done"] for board in boards]
    assert len(shares) > 2 and shares == sorted(shares) and shares[-1] <= 1
    person = told[-1]["person"]
    assert person["title"] == "Annb" and person["own"]
    found = swapped(send(png(pair)), person=person["id"])["swapped"]
    assert found["name"] == "picture-as-Annb.png"
    again = list(lesson("mine", name="Ann/../\n<b>"))[-1]["person"]
    assert again["id"] == person["id"], "the same one, further"
    assert page[1].get("mine").lesson.images > 16 * len(boards)


def test_lessons_take_turns(clips_of, monkeypatch):
    """Three visitors at once: nobody gets two slices while somebody else waits for one."""
    for name in "abc":
        clips_of(name)
    heard, order = [], []
    step = DrawnLesson.step

    def slow(self):
        order.append(id(self))
        time.sleep(0.02)
        return step(self)

    monkeypatch.setattr(DrawnLesson, "step", slow)

    def learn(name: str) -> None:
        heard.extend((name, line) for line in lesson(name, 0.02))

    threads = [threading.Thread(target=learn, args=(name,)) for name in "abc"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert {name for name, line in heard if "person" in line} == set("abc")
    middle = order[6:-6]
    assert len(set(order)) == 3 and len(middle) > 12
    doubles = sum(a == b for a, b in pairwise(middle))
    assert doubles <= len(middle) // 6, "in slices, one after another"
    assert any("learn by turns" in line["board"]["left"] for _, line in heard if "board" in line)


def test_stopping_keeps_the_person_and_leaving_keeps_nothing(page, clips_of):
    secret = clips_of("mine")
    running = lesson("mine", 10)
    next(running)
    assert CALLS["stop"]({"visit": secret}) == {}
    assert "person" in list(running)[-1]
    running = lesson("mine", 10)
    next(running)
    page[1].close("mine")
    assert all("person" not in line for line in running)
    assert len(page[1]) == 0 and len(swap_own.lessons) == 0
    assert CALLS["stop"]({"visit": secret}) == CALLS["stop"]({}) == {}


@pytest.mark.parametrize("minutes", [0, -1, 16, "5", None, True, 1e9])
def test_lessons_have_an_end(clips_of, minutes):
    clips_of("mine")
    [line] = lesson("mine", minutes)
    assert line["error"].endswith(".")


def test_a_lesson_needs_both_clips_and_a_session(clips_of):
    clips_of("other")
    assert "clip of A and a clip of B" in next(lesson("mine"))["error"]
    assert "open it in a browser" in next(lesson(""))["error"]


def test_a_person_is_kept_as_a_file_and_read_again(page, monkeypatch, clips_of):
    clips_of("mine")
    person = list(lesson("mine", name="Ann B/.."))[-1]["person"]
    monkeypatch.setattr(swap_board, "person_bytes", lambda person: person.name.encode())
    file = CALLS["keep"]({"person": person["id"]})
    assert file["name"] == "Ann-B.safetensors"
    monkeypatch.setattr(swap_own, "read_person", lambda content: drawn(content.decode()))
    loaded = gather("another", "person", base64.b64decode(file["content"]))["person"]
    assert loaded["title"] == "Ann B" and loaded["id"] != person["id"]
    assert page[1].person(loaded["id"]).name == "Ann B"
    page[1].close("another")
    assert "forgotten this person" in CALLS["keep"]({"person": loaded["id"]})["error"]
    assert page[1].person(person["id"]).name == "Ann B", "the first visitor's is still there"


def test_a_made_face_is_not_kept_as_a_person(page, monkeypatch):
    made = replace(drawn("dcgan, seed 7"), made={"model": "dcgan", "seed": 7})
    monkeypatch.setattr(swap_visitors, "made_person", lambda name: made)
    assert "no person to keep" in CALLS["keep"]({"person": "made:{}"})["error"]


def test_a_file_that_is_no_person_is_one_sentence(page):
    for content in (b"hello", bytes(100), json.dumps({"name": "x"}).encode()):
        assert gather("mine", "person", content)["error"].endswith(".")
    assert page[1].get("mine").persons == {}


def test_nobody_names_another_visitors_person(page, clips_of, pair):
    clips_of("mine")
    list(lesson("mine"))
    for guess in ("My person", "B", page[1].get("mine").secret, "mine"):
        assert "forgotten" in swapped(send(png(pair)), person=guess)["error"]


def test_visits_are_few_and_end_by_themselves():
    own = Visitors(most=1, idle=0.1)
    own.open("a")
    with pytest.raises(UserError, match="try again in a few minutes"):
        own.open("b")
    end = time.monotonic() + 20
    while len(own) and time.monotonic() < end:
        time.sleep(0.02)
    assert len(own) == 0
    visit = own.open("b")
    secrets = [visit.add(drawn(str(n))) for n in range(6)]
    assert list(visit.persons) == secrets[2:], "the oldest give way"


# -- the endpoint --------------------------------------------------------------------
def test_the_endpoint_gives_a_marked_picture(pair):
    address = swap_api.swap_content(
        "data:image/png;base64," + base64.b64encode(png(pair)).decode(), "woman_a", CONSENT,
        {"face": 0, "corner": "top right", "colour": "none"},
    )  # fmt: skip
    assert address.startswith("data:image/png;base64,")
    content = of(address)
    assert provenance.read(content).source_type == COMPOSITE and b"woman_a" in content
    pixels = opened(content)
    assert marks.find(pixels).found
    assert greenness(pixels[120:240, 80:180]) > 15 > greenness(pixels[120:240, 400:480])


@pytest.mark.parametrize(
    ("change", "sentence"),
    [({"file": "ä"}, "base64"), ({"file": None}, "base64"), ({"person": "nobody"}, "man_a"),
     ({"person": ["man_a"]}, "man_a"), ({"options": {"mask": "x"}}, "The mask is one of")],
)  # fmt: skip
def test_what_the_endpoint_refuses(pair, change, sentence):
    given = {"file": base64.b64encode(png(pair)).decode(), "person": "man_a", "consent": CONSENT}
    with pytest.raises(UserError, match=sentence):
        swap_api.swap_content(**given | change)


def test_the_endpoint_leaves_clips_to_the_tab(clip):
    with pytest.raises(UserError, match="Swap tab"):
        swap_api.swap_content(base64.b64encode(clip).decode(), "man_a", CONSENT)


def test_it_is_registered_and_documented():
    with gr.Blocks() as blocks:
        swap_api.swap_endpoint()
    [endpoint] = blocks.get_api_info()["named_endpoints"].items()
    assert endpoint[0] == "/swap"
    names = [parameter["parameter_name"] for parameter in endpoint[1]["parameters"]]
    assert names == ["file", "person", "consent", "face", "mask", "colour", "blend", "corner"]


# -- the script ----------------------------------------------------------------------
def test_the_script_asks_only_for_what_there_is():
    script = scripts(*swap.SCRIPTS)
    asked = set(re.findall(r'ask\("(\w+)"', script))
    assert asked == set(CALLS)
    wanted = set(re.findall(r'\$\$?\("[.](\w[\w-]*)', script)) - {"plot"}
    given = set(" ".join(re.findall(r'class="([^"]+)"', layout("swap.html"))).split())
    assert wanted <= given | {"choices"}
