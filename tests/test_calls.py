"""What the scripts of all tabs share when they call the server: turns, and what is found once."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from ganfake import UserError
from ganfake.ui import calls


def test_who_asks_while_something_is_being_found_waits_for_it():
    begun, asked = threading.Event(), []

    @calls.once(2)
    def find(name: str) -> str:
        asked.append(name)
        begun.wait(10)
        return name.upper()

    with ThreadPoolExecutor(8) as visitors:
        waiting = [visitors.submit(find, "a") for _ in range(8)]
        while not asked:
            time.sleep(0.01)
        begun.set()
        assert [one.result(10) for one in waiting] == ["A"] * 8
    assert asked == ["a"]
    assert [find(name) for name in "abcab"] == list("ABCAB")
    assert asked == list("abcab"), "only the last two are kept"


def test_a_mistake_is_told_to_all_who_wait_and_not_kept():
    tries = []

    @calls.once(2)
    def find(name: str) -> str:
        tries.append(name)
        if len(tries) == 1:
            raise UserError("Try again.")
        return name

    with pytest.raises(UserError, match="Try again"):
        find("a")
    assert find("a") == "a"


def test_many_who_wait_for_a_turn_are_sent_away_at_once(monkeypatch):
    monkeypatch.setattr(calls, "_turns", threading.BoundedSemaphore(1))
    monkeypatch.setattr(calls, "_waiting", threading.BoundedSemaphore(2))
    monkeypatch.setattr(calls, "_PATIENCE", 0.3)
    said, together = [], threading.Barrier(3)

    def visit() -> None:
        together.wait(10)
        begun = time.monotonic()
        with pytest.raises(UserError, match="busy"), calls.turn():
            pass
        said.append(time.monotonic() - begun)

    with calls.turn():
        visitors = [threading.Thread(target=visit) for _ in range(3)]
        for one in visitors:
            one.start()
        for one in visitors:
            one.join(10)
    assert len(said) == 3
    assert min(said) < 0.2 < sorted(said)[1], "the third does not wait"
    with calls.turn():
        pass
