"""The Make tab by keyboard and on phones; mistakes, other tabs, and programs that generate."""

import base64
import json
import re

import pytest
from gradio_client import Client
from gradio_client.exceptions import AppError

from ganfake import provenance
from tests.browser.making import changed, choose, grid, made, open_make, saved

pytestmark = pytest.mark.browser


def test_by_keyboard_alone_on_a_phone_in_the_dark(player):
    eve = player(width=390, dark=True)
    eve.open()
    page = eve.page

    eve.go_to_tab("make")
    made(eve)
    eve.reach("#make .grid .face")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    src = grid(eve)[1]
    page.wait_for_function("(s) => document.querySelector('#make .large').src === s", arg=src)
    eve.reach("#make .as-start")
    page.keyboard.press("Enter")
    eve.reach("#make .grid .face", "Shift+Tab")
    page.keyboard.press("ArrowDown")
    page.keyboard.press(" ")
    page.wait_for_function("(s) => document.querySelector('#make .large').src !== s", arg=src)
    eve.reach("#make .as-end")
    page.keyboard.press("Enter")
    half = changed(eve, "#make .slot.mixed img", "")
    eve.reach("#make-share")
    page.keyboard.press("ArrowRight")
    changed(eve, "#make .slot.mixed img", half)
    eve.reach("#make .walk")
    page.keyboard.press("Enter")
    page.wait_for_selector("#make .film-strip:not([hidden])", timeout=300_000)
    page.wait_for_selector("#film .film:not([hidden]) img[src]", state="attached")
    eve.reach("#film .play")
    page.keyboard.press("Enter")
    page.wait_for_selector("#film .play:has-text('Pause')")
    eve.shoot("make-narrow-dark")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert eve.errors == []


def test_a_phone_in_the_light_has_room_for_fingers(player):
    one = player(width=390)
    open_make(one)
    page = one.page
    first = grid(one)[0]
    page.select_option("#make-model", "cdcgan")
    page.wait_for_selector("#make .sliders input")
    changed(one, "#make .grid img", first)
    page.wait_for_selector("#make .command:has-text('cdcgan')")
    page.tap("#make .grid .face >> nth=5")
    page.wait_for_function(
        "document.querySelector('#make .detail').getBoundingClientRect().top < innerHeight - 120"
    )
    one.shoot("make-narrow-light")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    small = page.evaluate(
        """() => [...document.querySelectorAll(
          '#make :is(button, select, input, summary, .face), #film :is(button, input)')]
        .filter((e) => e.offsetParent)
        .map((e) => [e.textContent.trim() || e.id, e.getBoundingClientRect().height])
        .filter(([, height]) => height < 44)"""
    )
    assert small == [], "things to tap are at least 44 px high"
    assert one.errors == []


@pytest.mark.slow
def test_a_walk_can_be_stopped_and_started_again(player):
    one = player()
    open_make(one)
    page = one.page
    page.click("#make .as-start")
    choose(one, 1)
    page.click("#make .as-end")
    page.select_option("#make .seconds", "4")
    for begun_anew_at_once in (False, True):
        page.click("#make .walk")
        if not begun_anew_at_once:
            page.wait_for_selector("#make .walk-says:has-text('Picture')")
        page.click("#make .halt")
        assert page.inner_text("#make .walk-says") == "Stopped."
        if not begun_anew_at_once:
            page.wait_for_timeout(500)
            assert page.is_hidden("#make .film-strip")
    page.click("#make .walk")
    page.wait_for_selector("#make .film-strip:not([hidden])")
    assert one.errors == []


def test_mistakes_are_one_sentence(player):
    one = player()
    open_make(one)
    page = one.page
    page.fill("#make-seed", "text")
    page.press("#make-seed", "Tab")
    page.wait_for_selector("#make .message.wrong:has-text('A seed is a whole number')")
    page.fill("#make-seed", "7")
    page.fill("#make-count", "65")
    page.press("#make-count", "Tab")
    page.wait_for_selector("#make .message.wrong:has-text('Ask for 1 to 64')")
    page.fill("#make-count", "3")
    page.press("#make-count", "Tab")
    page.wait_for_function("document.querySelectorAll('#make .grid .face').length === 3")
    assert page.query_selector("#make .message.wrong") is None


def test_without_weights_the_tab_says_so(player):
    one = player()

    def none(route):
        if '"models"' in (route.request.post_data or ""):
            route.fulfill(json={"error": "There are no trained models here."})
        else:
            route.continue_()

    one.page.route(re.compile("component_server"), none)
    one.open()
    one.page.get_by_role("tab", name="Make").click()
    one.page.wait_for_selector("#make .missing:has-text('no trained models')")
    assert one.page.is_hidden("#make .works")


def test_keys_of_the_game_stay_in_the_game(player):
    one = player()
    open_make(one)
    one.page.locator("#make .about >> nth=0").click()
    for key in ("ArrowLeft", "1", "Enter"):
        one.page.keyboard.press(key)
    one.page.wait_for_timeout(300)
    one.page.get_by_role("tab", name="Play").click()
    assert one.score().startswith("Round 1 of 10")
    assert one.page.is_enabled(".card >> nth=0")


def test_a_face_is_handed_to_a_tab_that_takes_it(player):
    one = player()
    open_make(one)
    takers = one.page.locator("#make .hand-over button").all_inner_texts()
    assert takers == [
        "Check this face", "Swap this face", "Put it onto the astronaut",
        "Put it into tomorrow's quiz",
    ], "one for each way to go on"  # fmt: skip
    one.page.evaluate(
        "window.ganfakeTakers.push({ title: 'Take it', take: (face, picture) => {"
        " window.taken = JSON.stringify([face, picture]); } })"
    )
    choose(one, 3)
    one.page.click("#make .hand-over button:has-text('Take it')")
    face, picture = json.loads(one.page.evaluate("window.taken"))
    assert face["model"] and picture == grid(one)[3]


def test_the_fake_on_the_table_carries_its_mark_after_the_answer(player):
    one = player()
    one.open()
    for index in (0, 1):
        assert provenance.read(saved(one, f".card[data-slot='{index}'] img")) is None
    one.page.click(".card >> nth=0")
    one.answered()
    assert provenance.read(saved(one, ".card.fake img")).is_ai
    assert provenance.read(saved(one, ".card.real img")) is None


def test_programs_generate_too(server):
    client = Client(server, verbose=False)
    [one] = client.predict("dcgan", 1, 7, 0.8, api_name="/generate")
    mark = provenance.read(base64.b64decode(one["image"].split(",")[1]))
    assert (mark.is_ai, mark.model, mark.seed) == (True, "dcgan", 7)
    with pytest.raises(AppError, match=r"^Ask for 1 to 64 pictures at a time\.$"):
        client.predict("dcgan", 1_000_000, api_name="/generate")
