"""A person of one's own in the Swap tab: faces gathered, lessons, files of persons, visits."""

import base64
import json
import threading
import time
from dataclasses import replace
from itertools import pairwise

import pytest

from ganfake import UserError, provenance
from ganfake.swap import CONSENT
from ganfake.ui import swap_board, swap_own, swap_visitors
from ganfake.ui.swap_visitors import Visitors
from tests.check_calls import png
from tests.swap_calls import (
    CALLS,
    COMPOSITE,
    DrawnLesson,
    drawn,
    extracted,
    gather,
    of,
    own_page,
    send,
    swapped,
    two_heads,
)
from tests.swapping import becoming


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
