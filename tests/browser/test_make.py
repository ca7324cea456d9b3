"""People make faces in a browser: grid, details, walk, mix, push, film, downloads, keyboard."""

import base64
import io
import json
import re
import zipfile

import pytest
from gradio_client import Client
from gradio_client.exceptions import AppError

from ganfake import provenance
from tests.browser.conftest import Player

pytestmark = pytest.mark.browser


def open_make(player: Player) -> None:
    player.open()
    player.page.get_by_role("tab", name="Make").click()
    made(player)


def made(player: Player) -> None:
    """Wait until the grid is there and one picture is shown large."""
    player.page.wait_for_selector("#make .grid:not(.busy) .face")
    player.page.wait_for_selector("#make .detail:not([hidden]) .large[src]")


def grid(player: Player) -> list[str]:
    return player.page.eval_on_selector_all("#make .grid img", "all => all.map((i) => i.src)")


def changed(player: Player, selector: str, before: str) -> str:
    """Wait until a picture is another one; returns its address."""
    player.page.wait_for_function(
        "([s, before]) => { const i = document.querySelector(s);"
        " return i && i.src && i.src !== before; }",
        arg=[selector, before],
    )
    return player.page.get_attribute(selector, "src")


def choose(player: Player, index: int) -> None:
    """Click a face of the grid and wait for its details."""
    src = grid(player)[index]
    player.page.click(f"#make .grid .face >> nth={index}")
    player.page.wait_for_function(
        "(src) => document.querySelector('#make .large').src === src", arg=src
    )


def saved(player: Player, selector: str) -> bytes:
    """What “save picture as” or “save video as” writes: the bytes behind the element."""
    with player.page.expect_download() as download:
        player.page.evaluate(
            """async (selector) => {
              const link = document.createElement("a");
              link.href = document.querySelector(selector).src;
              link.download = "saved";
              link.click();
            }""",
            selector,
        )
    return download.value.path().read_bytes()


def downloaded(player: Player, button: str) -> tuple[str, bytes]:
    with player.page.expect_download() as download:
        player.page.click(button)
    return download.value.suggested_filename, download.value.path().read_bytes()


def test_make_choose_mix_walk_and_download(player):
    ada = player()
    open_make(ada)
    page = ada.page
    assert len(grid(ada)) == 16 and len(set(grid(ada))) == 16
    ada.shoot("make-wide-light-first", full=False)
    first = grid(ada)
    page.click("#make .dice")
    changed(ada, "#make .grid img", first[0])
    page.fill("#make-seed", "7")
    page.press("#make-seed", "Enter")
    page.wait_for_function(
        "(s) => document.querySelector('#make .grid img').src === s", arg=first[0]
    )
    assert grid(ada) == first, "the same seed makes the same pictures"

    choose(ada, 2)
    assert page.get_attribute(".grid .face >> nth=2", "aria-selected") == "true"
    assert "of photographs" in page.inner_text("#make .opinion .words")
    assert "--seed" in page.inner_text("#make .command")
    assert page.locator("#make .strip svg rect").count() == 129, "128 numbers and a middle line"
    page.click("#make .as-start")
    choose(ada, 5)
    page.click("#make .as-end")
    half = changed(ada, "#make .slot.mixed img", "")
    page.locator("#make-share").fill("0.8")
    changed(ada, "#make .slot.mixed img", half)
    page.click("#make .slot.mixed button")
    assert "--mix" in page.inner_text("#make .command")
    page.click("#make .keep")
    assert page.locator("#make .kept .face").count() == 1

    page.click("#make .walk")
    page.wait_for_selector("#make .film-strip:not([hidden])", timeout=300_000)
    page.wait_for_function("document.querySelector('#make video').videoWidth >= 256")
    page.wait_for_function("document.querySelector('#make video').currentTime > 0.2")
    film = page.locator("#make video")
    assert film.evaluate("v => [v.loop, v.muted, v.duration]") == [
        True,
        True,
        pytest.approx(4, abs=0.1),
    ]
    ada.shoot("make-walk-wide-light")

    for name, content in (
        downloaded(ada, "#make .one"),
        ("grid", saved(ada, "#make .grid .face:nth-child(4) img")),
        ("large", saved(ada, "#make .large")),
        ("mix", saved(ada, "#make .slot.mixed img")),
        ("kept", saved(ada, "#make .kept img")),
        downloaded(ada, "#make .save-walk"),
        ("video", saved(ada, "#make video")),
    ):
        mark = provenance.read(content)
        assert mark is not None and mark.is_ai, name
    page.select_option("#make .kind", "WebP")
    name, content = downloaded(ada, "#make .all")
    assert name == "ganfake-17-pictures.zip"
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        marks = [provenance.read(archive.read(file)) for file in archive.namelist()]
    assert len(marks) == 17 and all(mark.is_ai for mark in marks)
    assert ada.errors == []
    assert ada.other_hosts() == []


def test_attributes_and_a_push_in_the_dark(player):
    bob = player(dark=True)
    open_make(bob)
    page = bob.page
    plain = grid(bob)
    page.select_option("#make-model", "cdcgan")
    page.wait_for_selector("#make .attributes:not([hidden])")
    changed(bob, "#make .grid img", plain[0])
    drawn = grid(bob)
    page.select_option("#make .asked select[data-name=Smiling]", "1")
    changed(bob, "#make .grid img", drawn[0])
    page.wait_for_selector("#make dd:has-text('Smiling: yes')")
    assert "--set Smiling=1" in page.inner_text("#make .command")
    asked = page.get_attribute("#make .large", "src")
    page.locator("#make .sliders input").nth(1).fill("3")
    pushed = changed(bob, "#make .large", asked)
    page.wait_for_selector("#make .command:has-text('--push Male=3')")
    assert provenance.read(saved(bob, "#make .large")).model == "cdcgan"
    bob.shoot("make-push-wide-dark")
    page.click("#make .unpush")
    assert changed(bob, "#make .large", pushed) == asked
    before = grid(bob)
    page.locator("#make-truncation").fill("0.4")
    changed(bob, "#make .grid img", before[0])
    page.wait_for_selector("#make .command:has-text('--truncation 0.4')")
    assert bob.errors == []


@pytest.mark.slow
def test_the_training_film(player):
    one = player()
    open_make(one)
    page = one.page
    page.locator("#film").scroll_into_view_if_needed()
    page.wait_for_selector("#film .film:not([hidden]) img[src]")
    page.wait_for_function("document.querySelector('#film img').naturalWidth > 0")
    frames = int(page.get_attribute("#film input", "max")) + 1
    assert frames > 5
    last = page.inner_text("#film .seen")
    page.locator("#film input").fill("0")
    assert page.inner_text("#film .seen") == "0 images seen"
    places = [page.get_attribute("#film .marker >> nth=0", "transform")]
    one.shoot("make-film-noise-wide-light")
    page.click("#film .play")
    # Paused from within the page: the film does not wait for a slow test.
    page.wait_for_function(
        "() => { const far = Number(document.querySelector('#film input').value) >= 3;"
        " if (far) document.querySelector('#film .play').click(); return far; }"
    )
    stopped = page.input_value("#film input")
    places.append(page.get_attribute("#film .marker >> nth=0", "transform"))
    assert places[0] != places[1], "the curves' marker moves along"
    page.wait_for_timeout(700)
    assert page.input_value("#film input") == stopped, "paused"
    page.click("#film .play")
    page.wait_for_selector("#film .play:has-text('Play')")
    assert page.inner_text("#film .seen") == last, "it plays to its end and stops"
    assert "Loss of the discriminator" in page.inner_text("#film .values")
    assert provenance.read(saved(one, "#film img")).is_ai
    assert one.errors == []
    assert one.other_hosts() == []


def test_by_keyboard_alone_on_a_phone_in_the_dark(player):
    eve = player(width=390, dark=True)
    eve.open()
    page = eve.page

    def reach(selector: str, key: str = "Tab") -> None:
        for _ in range(150):
            page.keyboard.press(key)
            if page.evaluate("(s) => document.activeElement.matches(s)", selector):
                return
        raise AssertionError(f"{key} does not lead to {selector}")

    reach("[role=tab][data-tab-id=make]")
    page.keyboard.press("Enter")
    made(eve)
    reach("#make .grid .face")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    src = grid(eve)[1]
    page.wait_for_function("(s) => document.querySelector('#make .large').src === s", arg=src)
    reach("#make .as-start")
    page.keyboard.press("Enter")
    reach("#make .grid .face", "Shift+Tab")
    page.keyboard.press("ArrowDown")
    page.keyboard.press(" ")
    page.wait_for_function("(s) => document.querySelector('#make .large').src !== s", arg=src)
    reach("#make .as-end")
    page.keyboard.press("Enter")
    half = changed(eve, "#make .slot.mixed img", "")
    reach("#make-share")
    page.keyboard.press("ArrowRight")
    changed(eve, "#make .slot.mixed img", half)
    reach("#make .walk")
    page.keyboard.press("Enter")
    page.wait_for_selector("#make .film-strip:not([hidden])", timeout=300_000)
    page.wait_for_selector("#film .film:not([hidden]) img[src]", state="attached")
    reach("#film .play")
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
