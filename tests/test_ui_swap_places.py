"""The Swap tab's places in line: everyone's turn, and work that ends when it should."""

import json
import threading
import time
from types import SimpleNamespace

import pytest

from ganfake import UserError
from ganfake.ui import progress, swap_convert, swap_own
from ganfake.ui.turns import Turns, in_turn
from ganfake.ui.uploads import GONE
from tests.check_calls import png
from tests.endless import Endless
from tests.swap_calls import (
    drawn,
    extracted,
    gather,
    own_page,
    send,
    short_clip,
    swapped,
    two_heads,
    wish,
)
from tests.swapping import becoming


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
    endless = Endless()
    with pytest.raises(UserError, match="too long"):
        list(progress.told(endless, "test", "It took too long."))
    assert endless.ended.wait(5)


def test_who_stops_waits_for_the_work_to_end():
    ended = []

    def slow(tell):
        try:
            while True:
                tell(0.5)
                time.sleep(0.01)
        finally:
            time.sleep(0.2)
            ended.append(True)

    work = progress.told(slow, "test", "It took too long.")
    next(work)
    work.close()
    assert ended, "before the next one's turn"


def test_gathering_ends_when_the_page_is_left(page, monkeypatch):
    endless = Endless()
    monkeypatch.setattr(swap_own, "extract_file", endless)
    wish = json.dumps({"number": 5, "token": send(b"a clip"), "role": "A"})
    told = swap_own.gather_lines(wish, "mine")
    next(told), next(told)
    page[1].close("mine")
    assert endless.ended.wait(5)
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
