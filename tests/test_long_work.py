"""Long work of a page: whose line it is, what stops it, and what its mistakes are."""

import json
from types import SimpleNamespace

import gradio as gr
import pytest

from ganfake.ui.long_work import long_work


class Page:
    """A board with one kind of work, called as gradio calls it."""

    def __init__(self, lines):
        with gr.Blocks() as blocks:
            long_work(gr.HTML(js_on_load="'work' 'halt'"), "work", lines, pool="own")
        self._work, self._halt = [one.fn for one in blocks.fns.values() if one.fn]
        self.stopped = {"last": -1}

    def work(self, number: object):
        wish, visitor = json.dumps({"number": number}), SimpleNamespace(session_hash="mine")
        for line in self._work(self.stopped, visitor, gr.EventData(None, {"wish": wish})):
            yield json.loads(line)

    def halt(self, number: int) -> None:
        self._halt(self.stopped, gr.EventData(None, {"wish": json.dumps({"number": number})}))


@pytest.fixture
def ended() -> list[int]:
    """The numbers of the work that was ended, for whatever reason."""
    return []


@pytest.fixture
def page(ended) -> Page:
    def lines(wish: str, session: str):
        number = json.loads(wish)["number"]
        try:
            for done in range(3):
                yield json.dumps({"number": number, "done": done, "session": session})
        finally:
            ended.append(number)

    return Page(lines)


def test_every_line_comes(page, ended):
    said = list(page.work(1))
    assert said == [{"number": 1, "done": done, "session": "mine"} for done in range(3)]
    assert ended == [1]


def test_what_is_stopped_ends_before_its_next_line_while_the_next_goes_on(page, ended):
    old, new = page.work(1), page.work(2)
    next(old)
    page.halt(1)
    assert next(new)["done"] == 0
    assert list(old) == [] and ended == [1]
    assert len(list(new)) == 2


def test_what_is_stopped_before_its_turn_does_not_begin(page, ended):
    page.halt(2)
    assert list(page.work(1)) == list(page.work(2)) == []
    assert ended == []
    assert len(list(page.work(3))) == 3


def test_a_mistake_of_ours_says_which_work_it_was(capsys):
    def lines(_wish: str, _session: str):
        yield json.dumps({"number": 7, "done": 0})
        raise RuntimeError("out of luck")

    assert list(Page(lines).work(7)) == [{"number": 7, "done": 0}, {"number": 7, "failed": True}]
    assert "out of luck" in capsys.readouterr().err


@pytest.mark.parametrize("number", [None, "1", -1, 1.5, True])
def test_a_wish_without_a_number_is_one_sentence(page, number, ended):
    [said] = page.work(number)
    assert said["number"] is None and said["error"].endswith(".")
    assert ended == []
