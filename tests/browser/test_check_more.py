"""The Check tab beside its verdicts: the camera, the wait, the focus, and files that browsers
show otherwise or not at all."""

import io
import re

import cv2
import numpy as np
import pytest
from PIL import Image

from ganfake.generate import generate
from ganfake.ui.words import translate
from tests.browser.checking import open_check, upload
from tests.browser.conftest import Player

pytestmark = pytest.mark.browser

# How a picture is stored that EXIF's orientation turns upright.
TURNED_BACK = {3: Image.Transpose.ROTATE_180, 6: Image.Transpose.ROTATE_90}


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
    ground = Image.new("RGB", (512, 400), (90, 100, 110))
    ground.paste(face.resize((240, 240)), (20, 80))  # to the left
    for orientation in (3, 6):
        turned = Image.Exif()
        turned[0x112] = orientation
        back = ground.transpose(TURNED_BACK[orientation])
        back.save(folder / f"turned{orientation}.webp", exif=turned.tobytes(), quality=95)
        back.save(folder / f"turned{orientation}.png", exif=turned.tobytes())
    ground.save(folder / "plain.webp", quality=95)
    face.resize((600, 640)).save(folder / "tall.png")  # higher than a verdict with its reason
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


@pytest.mark.slow
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


@pytest.mark.slow
def test_what_the_file_says_stands_below_the_shorter_column(player, files):
    """It fills what a small picture, or a video that is not played, leaves empty."""
    one = player()
    open_check(one)
    page = one.page
    for name, short in (("old.avi", "left"), ("tall.png", "right"), ("moving.png", "left")):
        upload(one, files / name)
        page.wait_for_selector(f"#check .top{'.low' if short == 'left' else ':not(.low)'}")
        column, claims = (
            page.locator(f"#check {of}").bounding_box() for of in (f".top > .{short}", ".claims")
        )
        assert claims["x"] == column["x"] and claims["width"] == column["width"]
        below = claims["y"] - column["y"] - column["height"]
        assert 0 <= below < 30
    one.turn(390)
    tops = [
        page.locator(f"#check {of}").bounding_box()["y"] for of in (".stage", ".whole", ".claims")
    ]
    assert tops == sorted(tops)
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


@pytest.mark.parametrize(
    ("name", "own"),
    [("turned3.webp", False), ("turned6.webp", False), ("turned6.png", True),
     ("plain.webp", True)],
)  # fmt: skip
def test_boxes_lie_on_the_faces_of_turned_pictures(player, files, name, own):
    """Where the browser does not turn it as the server does, the server's picture is shown."""
    one = player()
    page = one.page
    open_check(one)
    assert upload(one, files / name).startswith("One face: ")
    page.wait_for_selector("#check .box")
    box, shown = (page.locator(f"#check {what}") for what in (".box", ".stage img"))
    place, picture = box.bounding_box(), shown.bounding_box()
    assert shown.get_attribute("src").startswith("blob:" if own else "data:image/webp")
    assert picture["width"] / picture["height"] == pytest.approx(512 / 400, abs=0.02)
    assert 0.04 < (place["x"] - picture["x"]) / picture["width"] < 0.3
    assert 0.2 < (place["y"] - picture["y"]) / picture["height"] < 0.6
    page.eval_on_selector("#check .boxes", "(boxes) => boxes.replaceChildren()")
    pixels = Image.open(io.BytesIO(shown.screenshot())).convert("RGB")
    left, right = np.array_split(np.asarray(pixels), [pixels.width * 6 // 10], axis=1)
    assert left.std() > 3 * right.std(), "the face is seen to the left"
    assert one.errors == []


@pytest.mark.parametrize("name", ["turned3.webp", "turned6.webp"])
def test_a_swap_begins_with_the_picture_upright(player, files, name):
    one = player()
    page = one.page
    one.open()
    page.get_by_role("tab", name="Swap").click()
    page.set_input_files("#swap .chosen", str(files / name))
    page.wait_for_selector("#swap .boxes i")
    place, picture = (page.locator(f"#swap .stage {what}").bounding_box() for what in ("i", "img"))
    assert picture["width"] / picture["height"] == pytest.approx(512 / 400, abs=0.02)
    assert 0.04 < (place["x"] - picture["x"]) / picture["width"] < 0.3
    assert page.get_attribute("#swap .stage img", "src").startswith("data:image/webp")
    assert one.errors == []
