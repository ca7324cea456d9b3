"""People train a GAN in the page: digits within seconds, pause, steps, leaving."""

import base64
import time

import gradio as gr
import pytest

from ganfake import provenance
from ganfake.ui import lab
from ganfake.ui.lab_visitors import Visitors
from ganfake.ui.page import launch_options
from tests.browser.conftest import Player

pytestmark = pytest.mark.browser


@pytest.fixture
def house(monkeypatch):
    """The lab alone, served by this process: (address, its visitors)."""
    own = Visitors()
    monkeypatch.setattr(lab, "visitors", own)
    with gr.Blocks(analytics_enabled=False) as page:
        lab.build()
    page.queue()
    _, address, _ = page.launch(
        server_name="127.0.0.1", prevent_thread_lock=True, **launch_options()
    )
    yield address.rstrip("/"), own
    page.close()


def steps(player: Player) -> str:
    return player.page.inner_text("#lab-view figcaption")


def wait_for_steps(player: Player, after: str = "") -> str:
    player.page.wait_for_function(
        "(t) => { const f = document.querySelector('#lab-view figcaption');"
        " return f && f.innerText !== t; }",
        arg=after,
        timeout=180_000,
    )
    return steps(player)


def wait_until(true, seconds: float = 180.0) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end
        time.sleep(0.1)


def test_train_pause_step_and_leave(browser, house):
    address, visitors = house
    player = Player(browser.new_page(), address)
    page = player.page
    page.goto(address)
    page.get_by_role("button", name="Run").press("Enter")
    first = wait_for_steps(player)
    wait_for_steps(player, first)
    src = page.get_attribute("#lab-view img", "src")
    mark = provenance.read(base64.b64decode(src.split(",")[1]))
    assert mark.is_ai and mark.model == "lab-mlp"
    assert page.inner_text("#lab-said [role=status]").strip().endswith(".")

    (visit,) = visitors._visits.values()
    page.get_by_role("button", name="Pause").click()
    wait_until(lambda: visit.run == 2)
    with visit.lock:
        moves = (visit.lab.moves_d, visit.lab.moves_g)
    page.get_by_role("button", name="One step: generator").click()
    wait_until(lambda: visit.lab.moves_g == moves[1] + 1)
    assert visit.lab.moves_d == moves[0]

    page.get_by_label("Mode collapse").check()
    wait_until(lambda: visit.lab.knobs == lab.PRESETS["Mode collapse"] and not visit.lab.moves_g)
    page.get_by_role("button", name="Run").click()
    wait_until(lambda: visit.lab.moves_g > 0)
    gan, run = visit.lab, visit.run
    player.page.close()  # in the midst of training
    wait_until(lambda: len(visitors) == 0 and visit.run > run)
    with visit.lock:  # the slice that went on is over
        rounds = gan.rounds
    time.sleep(1.5)
    assert gan.rounds == rounds
    assert player.errors == []


def test_two_visitors_have_two_labs(browser, house):
    address, visitors = house
    players = [Player(browser.new_page(), address) for _ in range(2)]
    for player in players:
        player.page.goto(address)
        player.page.get_by_role("button", name="One step: discriminator").click()
        assert wait_for_steps(player).endswith("discriminator 1, generator 0")
    assert len(visitors) == 2
    players[0].page.close()
    wait_until(lambda: len(visitors) == 1)
    players[1].page.close()


@pytest.mark.slow
def test_the_tab_looks_right(player):
    one = player()
    one.page.goto(one.address)
    one.page.get_by_role("tab", name="GAN lab").click()
    one.page.get_by_role("button", name="Run", exact=True).click()
    wait_for_steps(one, wait_for_steps(one))
    one.page.get_by_role("button", name="Pause").click()
    for width, dark in ((1440, False), (390, True)):
        one.shoot(f"lab-{one.turn(width, dark)}")
        assert one.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
        small = one.page.evaluate(
            """[...document.querySelectorAll("[id^=lab-] button, button[id^=lab-]")]
              .filter((b) => b.offsetParent && b.getBoundingClientRect().height < 44)
              .map((b) => b.innerText)"""
        )
        assert small == []
    assert one.errors == []
