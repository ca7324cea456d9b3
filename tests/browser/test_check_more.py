"""The Check tab beside its verdicts: the camera, the wait, the focus, and files that browsers
show otherwise or not at all."""

import re

import cv2
import numpy as np
import pytest
from PIL import Image

from ganfake.generate import generate
from ganfake.ui.words import translate
from tests.browser.conftest import Player
from tests.browser.test_check import open_check, upload

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """Files with a face that was made here."""
    folder = tmp_path_factory.mktemp("files")
    [face] = generate("portrait", 1, 11)
    frames = []
    for index in range(12):
        frames.append(Image.new("RGB", (480, 360), (90, 100, 110)))
        frames[-1].paste(face.resize((220, 220)), (60 + 3 * index, 70))
    motion = cv2.VideoWriter_fourcc(*"MJPG")
    written = cv2.VideoWriter(str(folder / "old.avi"), motion, 6, (480, 360))
    for frame in frames:
        written.write(np.asarray(frame)[..., ::-1])
    written.release()
    first, *others = frames[::3]
    first.save(folder / "moving.png", save_all=True, append_images=others, duration=300)
    return folder


# Keeps every stream that the page gets, and holds back the answer while `heldBack` is set.
_CAMERA = """() => {
  const media = navigator.mediaDevices, real = media.getUserMedia.bind(media);
  window.streams = [];
  media.getUserMedia = async (wish) => {
    const stream = await real(wish);
    window.streams.push(stream);
    while (window.heldBack) await new Promise((go) => setTimeout(go, 20));
    return stream;
  };
}"""
_LIVE = "streams.filter((one) => one.getTracks()[0].readyState === 'live').length"


def with_camera(player: Player, tab: str) -> None:
    player.open()
    player.page.get_by_role("tab", name=tab).click()
    player.page.context.grant_permissions(["camera"])
    player.page.evaluate(_CAMERA)


def open_camera(page, tab: str) -> None:
    page.click(f"{tab} .snap")
    page.wait_for_selector(f"{tab} .shoot:not([disabled])")


@pytest.mark.parametrize("name", ["Check", "Swap"])
def test_the_camera_is_off_as_soon_as_it_is_not_seen(player, name):
    one = player()
    with_camera(one, name)
    page, tab = one.page, f"#{name.lower()}"
    open_camera(page, tab)
    page.click(f"{tab} .snap")  # once more, while it is on
    page.wait_for_function(f"streams.length === 2 && {_LIVE} === 1")
    page.wait_for_selector(f"{tab} .shoot:not([disabled])")
    page.click(f"{tab} .close")
    assert page.evaluate(_LIVE) == 0
    page.eval_on_selector(f"{tab} .snap", "(button) => { button.click(); button.click(); }")
    page.wait_for_function(f"streams.length === 4 && {_LIVE} === 1")
    page.get_by_role("tab", name="Play").click()
    page.wait_for_function(f"{_LIVE} === 0")
    page.get_by_role("tab", name=name).click()
    assert page.is_hidden(f"{tab} .webcam")
    assert one.errors == []


def test_a_camera_that_comes_too_late_is_switched_off(player):
    """While the visitor is still asked for it, they take an example, or look at another tab."""
    one = player()
    with_camera(one, "Check")
    page = one.page
    for turn_away in (
        lambda: page.click("#check .sample-list button >> nth=0"),
        lambda: page.get_by_role("tab", name="Play").click(),
    ):
        page.evaluate("() => { window.streams = []; window.heldBack = true; }")
        page.click("#check .snap")
        page.wait_for_function("streams.length === 1")
        turn_away()
        page.wait_for_timeout(500)
        page.evaluate("window.heldBack = false")
        page.wait_for_function(f"{_LIVE} === 0")
        assert page.is_hidden("#check .webcam")
    assert one.errors == []


def waits(page) -> None:
    """A file of a visitor before whom stand others."""
    page.route(re.compile("queue/join"), lambda route: None)  # a queue that never ends
    page.click("#check .sample-list button >> nth=0")
    page.wait_for_selector("#check .message:has-text('Waiting for a turn')")


def test_a_page_says_that_it_still_waits(player):
    one = player()
    page = one.page
    page.clock.install()  # it goes on as before, until it is told to hurry
    open_check(one)

    def told() -> list[dict]:
        calls = [request.post_data_json for request in asked if "component_server" in request.url]
        return [call["data"] for call in calls if call["fn_name"] == "wait"]

    asked = []
    page.on("request", lambda request: asked.append(request))
    waits(page)
    for count in (1, 2):
        with page.expect_response(re.compile("component_server")):
            page.clock.fast_forward("02:01")
        assert len(told()) == count
    page.click("#check .stop")
    page.clock.fast_forward("02:01")
    page.wait_for_timeout(300)
    assert len(told()) == 2, "no longer than it waits"
    page.unroute_all()
    assert one.errors == []


def test_a_video_that_the_browser_cannot_play_says_so(player, files):
    one = player()
    page = one.page
    open_check(one)
    assert upload(one, files / "old.avi").startswith("One person: ")
    page.wait_for_selector("#check .stage-note:has-text('cannot play this video')")
    assert page.is_hidden("#check .clip") and page.is_visible("#check .frames")
    note = page.inner_text("#check .stage-note")
    assert "stand below" in note and not re.search("[a-z]{4}", translate(note, "zh"))
    page.click("#check .frames button >> nth=1")
    page.click("#check .forget")
    page.click("#check .sample-list button >> nth=0")
    page.wait_for_selector("#check .stage img[alt^='astronaut']")
    assert "cannot play" not in page.inner_text("#check .stage-note")
    assert one.errors == []


def focused(page, selector: str) -> bool:
    return page.evaluate("(s) => document.activeElement.matches(s)", selector)


def test_a_box_that_is_drawn_anew_keeps_the_focus(player, files):
    one = player()
    page = one.page
    open_check(one)
    upload(one, files / "moving.png")
    page.focus("#check .box")
    page.eval_on_selector("#check .box", "(box) => { box.dataset.old = 1; }")
    page.keyboard.press("Enter")
    page.wait_for_selector("#check .box:not([data-old])")
    assert focused(page, "#check .box")
    assert one.errors == []


def test_who_takes_a_picture_by_keyboard_keeps_the_focus(player):
    """It goes on to Stop, and where the check fails back to where a file is chosen."""
    one = player()
    page = one.page
    with_camera(one, "Check")
    held = []
    page.route(re.compile("queue/join"), lambda route: held.append(route))
    open_camera(page, "#check")
    assert focused(page, "#check .shoot")
    page.keyboard.press("Enter")
    page.wait_for_selector("#check .message:has-text('Waiting for a turn')")
    assert focused(page, "#check .stop")
    held[-1].fulfill(status=503, json={})
    page.wait_for_selector("#check .message.wrong")
    assert focused(page, "#check .pick")
    page.unroute_all()

    page.get_by_role("tab", name="Swap").click()
    open_camera(page, "#swap")
    page.keyboard.press("Enter")
    page.wait_for_selector("#swap .message.wrong")  # there is no face in the drawing
    assert focused(page, "#swap .pick")
