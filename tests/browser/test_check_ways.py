"""Ways to a check and out of it: paste, drop, camera, other tabs, stop, the keyboard alone."""

import base64
import json
import re

import pytest

from ganfake import provenance
from tests.browser.checking import (
    GROUP,
    PATIENCE,
    explained,
    open_check,
    upload,
    verdict,
    write_files,
)
from tests.browser.conftest import Player

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    return write_files(tmp_path_factory.mktemp("files"))


def put_on(player: Player, path, event: str, where: str = "#check .about") -> bool:
    """Paste or drop a file, as a browser would tell the page; whether the page took it."""
    data = base64.b64encode(path.read_bytes()).decode()
    return player.page.evaluate(
        """([data, name, event, zone]) => {
          const held = new DataTransfer();
          const bytes = Uint8Array.from(atob(data), (c) => c.charCodeAt(0));
          held.items.add(new File([bytes], name, { type: "image/jpeg" }));
          const told = event === "paste"
            ? new ClipboardEvent("paste", { clipboardData: held, bubbles: true })
            : new DragEvent("drop", { dataTransfer: held, bubbles: true, cancelable: true });
          return !document.querySelector(event === "paste" ? "body" : zone).dispatchEvent(told);
        }""",
        [data, path.name, event, where],
    )


def test_paste_drop_and_an_example(player, files):
    one = player()
    open_check(one)
    put_on(one, files / "astronaut.jpg", "paste")
    verdict(one, "astronaut.jpg")
    for where in ("#check .about", ".masthead"):
        one.page.click("#check .forget")
        assert put_on(one, files / "astronaut.jpg", "drop", where), "no browser opens it"
        verdict(one, "astronaut.jpg")
    one.page.click("#check .sample-list button >> nth=1")
    verdict(one, "portrait")
    assert "portrait" in one.page.inner_text("#check .claims")
    one.page.get_by_role("tab", name="Play").click()
    put_on(one, files / "astronaut.jpg", "paste")
    one.page.wait_for_timeout(300)
    one.page.get_by_role("tab", name="Check").click()
    assert one.page.get_attribute("#check .stage img", "alt").startswith("portrait")
    assert one.errors == []
    assert one.other_hosts() == []


def test_an_example_that_comes_late_takes_nobodys_place(player, files):
    one = player()
    open_check(one)
    page, held = one.page, []

    def hold(route):
        example = "dcgan-seed" in (route.request.post_data or "")
        held.append(route) if example else route.continue_()

    page.route(re.compile("component_server"), hold)
    page.click("#check .sample-list button:has-text('dcgan') >> nth=0")
    upload(one, files / "astronaut.jpg")
    page.click("#check .sample-list button:has-text('dcgan') >> nth=0")
    page.wait_for_timeout(300)
    page.click("#check .forget")
    assert len(held) == 2
    for route in held:
        route.continue_()
    page.wait_for_timeout(1500)
    assert page.inner_text("#check .message") == "The file is forgotten."
    assert page.is_hidden("#check .outcome") and one.errors == []


def test_a_picture_from_the_camera(player):
    one = player()
    open_check(one)
    one.page.get_by_role("button", name="Take a picture", exact=True).first.click()
    one.page.wait_for_selector("#check .message.wrong")  # it was not allowed
    assert "camera" in one.page.inner_text("#check .message")
    one.page.context.grant_permissions(["camera"])
    one.page.get_by_role("button", name="Take a picture", exact=True).first.click()
    one.page.wait_for_selector("#check .shoot:not([disabled])")
    one.page.keyboard.press("Enter")  # it has the focus as soon as there is something to take
    assert "no face" in verdict(one, "camera.png").lower()
    assert one.page.is_hidden("#check .webcam")
    assert one.errors == []


def test_faces_come_from_make_and_play_with_one_click(player):
    one = player()
    one.open()
    page = one.page
    assert page.locator(".game .hand-over button").count() == 0, "not before the answer"
    page.click(".card >> nth=0")
    one.answered()
    side = "left" if "fake" in page.get_attribute(".card >> nth=0", "class") else "right"
    page.click(f".game .hand-over button:has-text('Check this face ({side})')")
    verdict(one, "dcgan")
    assert "dcgan" in page.inner_text("#check .claims"), "the fake that was shown, with its mark"
    page.get_by_role("tab", name="Make").click()
    page.wait_for_selector("#make .detail:not([hidden]) .large[src]")
    shown = page.get_attribute("#make .large", "src")
    page.click("#make .hand-over button:has-text('Check this face')")
    model = provenance.read(base64.b64decode(shown.split(",")[1])).model
    verdict(one, f"{model}-seed")
    assert model in page.inner_text("#check .claims")
    assert one.errors == []


@pytest.mark.parametrize("number", [2, pytest.param(5, marks=pytest.mark.slow)])
def test_the_face_that_was_looked_into_is_the_one_to_swap(player, files, number):
    one = player()
    open_check(one)
    upload(one, files / GROUP)
    page, place = one.page, "(box) => [parseFloat(box.style.left), parseFloat(box.style.top)]"
    page.click(f"#check .picker [data-face='{number}']")
    left, top = page.locator(f"#check .box[data-face='{number}']").evaluate(place)
    page.click("#check .hand-over button:has-text('Swap this face')")
    chosen = page.locator("#swap .boxes .chosen")
    chosen.wait_for(timeout=PATIENCE)
    assert chosen.evaluate(place) == pytest.approx([left, top], abs=3), "not the largest of all"
    assert page.locator("#swap .boxes > *").count() == page.locator("#swap .picker input").count()
    assert one.errors == []


def test_a_check_can_be_stopped(player, files):
    one = player()
    open_check(one)
    page = one.page
    page.route(re.compile("queue/join"), lambda route: None)  # a queue that never ends
    page.set_input_files("#check .chosen", str(files / "made.png"))
    page.wait_for_selector("#check .message:has-text('Waiting for a turn')")
    page.click("#check .stop")
    assert page.inner_text("#check .message").startswith("Stopped")
    assert page.is_hidden("#check .working")
    page.unroute_all()
    upload(one, files / "made.png")


def refused(route) -> None:
    """As where the queue is full."""
    route.fulfill(status=503, json={})


def broken(route) -> None:
    """The work itself fails: it gets nothing of what it needs."""
    route.continue_(post_data=json.dumps({**route.request.post_data_json, "event_data": None}))


@pytest.mark.parametrize("fails", [refused, broken])
def test_a_failure_soon_after_a_stop_is_shown(player, files, fails):
    """It is the new check's, however soon it comes."""
    one = player()
    open_check(one)
    page = one.page
    page.set_input_files("#check .chosen", str(files / "clip.mp4"))
    page.wait_for_selector("#check .message:text-matches('Looking|Checking')", timeout=PATIENCE)
    page.click("#check .stop")
    page.route(re.compile("queue/join"), fails)
    page.set_input_files("#check .chosen", str(files / "made.png"))
    page.wait_for_selector("#check .message.wrong", timeout=15_000)
    assert page.inner_text("#check .message") == "The check was not finished; try again."
    assert page.is_hidden("#check .working")
    page.unroute_all()
    upload(one, files / "made.png")


def test_another_file_takes_the_place_of_one_that_is_being_checked(player, files):
    one = player()
    open_check(one)
    for _ in range(3):
        one.page.set_input_files("#check .chosen", str(files / "clip.mp4"))
        one.page.wait_for_selector("#check .message:text-matches('Waiting|Looking|Checking')")
        one.page.wait_for_timeout(700)
        one.page.set_input_files("#check .chosen", str(files / "astronaut.jpg"))
        verdict(one, "astronaut.jpg")
        assert one.page.query_selector("#check .message.wrong") is None
    assert one.errors == []


def test_by_keyboard_alone_on_a_phone_in_the_dark(player, files):
    eve = player(width=390, dark=True)
    eve.open()
    page = eve.page

    eve.go_to_tab("check")
    page.wait_for_selector("#check .sample-list button")
    assert page.is_hidden("#check .drop kbd"), "it is a phone"
    eve.shoot("check-start-narrow-dark")
    eve.reach("#check .sample-list button")
    page.keyboard.press("Enter")
    verdict(eve, "astronaut")
    assert page.evaluate("document.activeElement.matches('#check .outcome')"), "read from here"
    explained(eve)
    eve.reach("#check .opacity")
    page.keyboard.press("ArrowRight")
    assert page.eval_on_selector("#check .heat", "i => i.style.opacity") == "0.65"
    eve.reach("#check .kinds [data-kind=resize]")
    page.keyboard.press("Enter")
    page.wait_for_selector("#check .curve svg", timeout=PATIENCE)
    eve.reach("#check .strength")
    page.keyboard.press("End")
    assert "At size 25 %: " in page.inner_text("#check .changed-words")
    eve.shoot("check-photograph-narrow-dark")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert eve.errors == []
