"""What people find in a browser: of a photograph, a made face, a group, a video, a broken file."""

import base64
import hashlib
import io
import json
import re
import zipfile

import pytest

from ganfake import provenance
from ganfake.experts import NAMES
from tests.browser.checking import (
    GROUP,
    PATIENCE,
    explained,
    open_check,
    upload,
    write_files,
)
from tests.browser.conftest import Player

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    return write_files(tmp_path_factory.mktemp("files"))


def downloaded(player: Player, button: str) -> tuple[str, bytes]:
    with player.page.expect_download() as download:
        player.page.click(button)
    return download.value.suggested_filename, download.value.path().read_bytes()


_CUT_OFF = """() => [...document.querySelectorAll('#check .plot svg text')].filter((text) => {
  const { left, right } = text.getBoundingClientRect();
  const all = text.closest('svg').getBoundingClientRect();
  return left < all.left || right > all.right;
}).map((text) => text.textContent)"""


def fits_a_phone(player: Player, name: str) -> None:
    """What is found stays as it is when the window becomes as narrow as a phone."""
    look = player.turn(390)
    player.shoot(f"check-{name}-{look}")
    assert player.page.evaluate("document.documentElement.scrollWidth") <= 390
    small = player.page.evaluate(
        """() => [...document.querySelectorAll('#check :is(button, input, a, summary)')]
        .filter((e) => e.offsetParent && !e.closest('.boxes'))
        .map((e) => [e.textContent.trim() || e.className, e.getBoundingClientRect().height])
        .filter(([, height]) => height < 44)"""
    )
    assert small == [], "things to tap are at least 44 px high; boxes have buttons of their own"
    assert player.page.evaluate(_CUT_OFF) == [], "words of the plots"


def test_a_photograph_with_its_reasons_and_its_report(player, files, browser):
    ada = player()
    open_check(ada)
    page = ada.page
    assert "What this cannot do" in page.inner_text("#check .cannot")
    assert page.is_visible("#check .drop kbd >> nth=0")
    said = upload(ada, files / "astronaut.jpg")
    assert re.match("One face: (probably (real|fake)|uncertain)[.]", said)
    explained(ada)
    assert page.locator("#check .experts li").count() == len(NAMES)
    whole = page.inner_text("#check .whole")
    assert "% probability of being fake" in whole and "Of 100 held-out photos" in whole
    box = page.locator("#check .box")
    assert box.count() == 1 and box.locator("svg").count() == 1, "a sign, not colour alone"
    place, picture = box.bounding_box(), page.locator("#check .stage img").bounding_box()
    x, y = place["x"] - picture["x"], place["y"] - picture["y"]
    assert 0.3 < x / picture["width"] < 0.6 and 0.05 < y / picture["height"] < 0.3
    ada.page.set_viewport_size({"width": 950, "height": 1000})  # a tablet, still in two columns
    picture = page.locator("#check .stage img").bounding_box()
    right = page.locator("#check .right").bounding_box()
    assert picture["x"] + picture["width"] <= right["x"] and picture["width"] >= 300
    assert right["x"] + right["width"] > 850, "the page is as wide as the window"
    ada.page.set_viewport_size({"width": 1440, "height": 1000})
    page.locator("#check .opacity").fill("1")
    assert page.eval_on_selector("#check .heat", "i => i.style.opacity") == "1"
    page.click("#check .kinds [data-kind=jpeg]")
    page.wait_for_selector("#check .curve svg", timeout=PATIENCE)
    first = page.get_attribute("#check .curve .marker", "transform")
    page.locator("#check .strength").fill("7")
    assert page.get_attribute("#check .curve .marker", "transform") != first
    assert "At JPEG quality 35: " in page.inner_text("#check .changed-words")
    ada.shoot("check-photograph-wide-light")

    name, packed = downloaded(ada, "#check .send[data-kind=zip]")
    assert name == "astronaut-with-report.zip"
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        assert archive.read("astronaut.jpg") == (files / "astronaut.jpg").read_bytes()
        report = archive.read("astronaut-report.html")
        data = json.loads(archive.read("astronaut-report.json"))
    digest = hashlib.sha256((files / "astronaut.jpg").read_bytes()).hexdigest()
    assert digest in json.dumps(data) and digest in report.decode()
    name, alone = downloaded(ada, "#check .send[data-kind=html]")
    assert name == "astronaut-report.html"
    page_of_report(browser, alone, digest)
    assert ada.errors == []
    assert ada.other_hosts() == []


def page_of_report(browser, content: bytes, digest: str) -> None:
    """A report opens by itself: no script error, and nothing is asked of any host."""
    context = browser.new_context(viewport={"width": 900, "height": 1000}, offline=True)
    page = context.new_page()
    asked, errors = [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.set_content(content.decode(), wait_until="load")
    assert digest in page.inner_text("body")
    assert [url for url in asked if not url.startswith(("data:", "about:", "blob:"))] == []
    assert errors == []
    context.close()


def test_a_made_face_says_so_itself(player, files):
    one = player()
    open_check(one)
    upload(one, files / "made.png")
    explained(one)
    claims = one.page.inner_text("#check .claims")
    assert "portrait" in claims, "the file names the model that made it"
    with one.page.expect_download() as download:
        one.page.evaluate(
            "() => { const a = document.createElement('a'); a.download = 'x';"
            " a.href = document.querySelector('#check .stage img').src; a.click(); }"
        )
    assert download.value.path().read_bytes() == (files / "made.png").read_bytes()
    crop = one.page.get_attribute("#check .layers .crop", "src")
    assert provenance.read(base64.b64decode(crop.split(",")[1])).model == "portrait"
    one.shoot("check-made-wide-light")
    assert one.errors == []


def test_a_group_has_a_box_and_a_panel_for_everybody(player, files):
    one = player(dark=True)
    open_check(one)
    said = upload(one, files / GROUP)
    count = one.page.locator("#check .box").count()
    assert count >= 5 and said.startswith(f"{count} faces: ")
    assert one.page.locator("#check .picker button").count() == count
    one.page.click("#check .picker button >> nth=2")
    assert one.page.inner_text("#check .judged h3").startswith("Face 3: ")
    assert one.page.get_attribute("#check .box >> nth=2", "aria-pressed") == "true"
    one.page.click("#check .box >> nth=1")
    assert one.page.inner_text("#check .judged h3").startswith("Face 2: ")
    explained(one)
    one.shoot("check-group-wide-dark")
    name, _ = downloaded(one, "#check .send[data-kind=json]")
    one.page.wait_for_selector(f"#check .saved:text('Saved as {name}.')")
    in_forced_colours(one)
    fits_a_phone(one, "group")
    edge = one.page.locator("#check .stage img").bounding_box()
    for tag in one.page.locator("#check .tag").all():
        place = tag.bounding_box()
        assert place["x"] + place["width"] <= edge["x"] + edge["width"], "within the picture"
    number = one.page.locator("#check .tag span:not(.sign) >> nth=0")
    crowd = "(boxes, on) => boxes.classList.toggle('crowd', on)"
    for width, many in ((60, True), (30, False), (30, True)):  # in a crowd there is no room for it
        one.page.eval_on_selector("#check .box", f"(box) => {{ box.style.width = '{width}px'; }}")
        one.page.eval_on_selector("#check .boxes", crowd, many)
        assert number.is_visible() == (width == 60 or not many)
        assert one.page.is_visible("#check .tag .sign >> nth=0")
    one.page.eval_on_selector("#check .box", "(box) => { box.style.width = ''; }")
    one.page.eval_on_selector("#check .boxes", crowd, False)
    for nth in (count - 1, 0):  # the list shows which face is chosen, however long it is
        one.page.locator("#check .box").nth(nth).click()
        chosen = one.page.locator('#check .picker [aria-pressed="true"]').bounding_box()
        around = one.page.locator("#check .picker").bounding_box()
        assert around["y"] <= chosen["y"]
        assert chosen["y"] + chosen["height"] <= around["y"] + around["height"]
    assert one.errors == []
    one.page.context.set_offline(True)
    try:
        one.page.click("#check .send[data-kind=html]")
        one.page.wait_for_selector("#check .saved.wrong:has-text('The server does not answer')")
    finally:
        one.page.context.set_offline(False)


def in_forced_colours(player: Player) -> None:
    """What is chosen differs from what is not, and bars are seen."""
    page = player.page
    page.click("#check .kinds [data-kind=blur]")
    page.emulate_media(forced_colors="active")
    for those in ("[role=tab]", "#check .box", "#check .picker button", "#check .kinds button"):
        chosen, *others = page.evaluate(
            """(those) => [":is([aria-pressed=true], [aria-selected=true])",
              ":is([aria-pressed=false], [aria-selected=false])"].map((state) => {
              const s = getComputedStyle(document.querySelector(`${those}${state}`));
              return [s.backgroundColor, s.borderColor, s.outline].join();
            })""",
            those,
        )
        assert [chosen] != others, those
    for rail in ("#check .experts .rail", "#check .origin .rail"):
        ground, bar = (
            page.eval_on_selector(one, "(e) => getComputedStyle(e).backgroundColor")
            for one in (rail, f"{rail} i")
        )
        assert bar != ground, rail
    page.emulate_media(forced_colors="none")


def test_a_video_over_time(player, files):
    one = player()
    open_check(one)
    said = upload(one, files / "clip.mp4")
    assert said.startswith("One person: ")
    page = one.page
    assert page.is_visible("#check .timeline svg")
    page.wait_for_function("document.querySelector('#check .clip').readyState >= 2")
    explained(one)
    before = page.get_attribute("#check .layers .crop", "src")
    assert page.is_visible("#check .of-frames")
    rails = page.locator("#check .experts .rail")
    widths = "(all) => all.map((one) => one.querySelector('i').style.width)"
    bars = rails.evaluate_all(widths)
    said = page.locator("#check .experts .there").all_inner_texts()
    page.click("#check .frames button >> nth=1")
    there = page.locator("#check .experts .there").all_inner_texts()
    assert len(there) == len(bars) and there != said, "what each says of the chosen frame"
    marks = rails.evaluate_all("(all) => all.map((one) => one.querySelector('b').style.left)")
    assert [f"In the chosen frame: {mark.replace('%', chr(160) + '%')}." for mark in marks] == there
    assert rails.evaluate_all(widths) == bars, "the bars are of all frames"
    page.wait_for_function(
        "(s) => document.querySelector('#check .layers .crop').src !== s", arg=before
    )
    explained(one)
    assert page.get_attribute("#check .frames button >> nth=1", "aria-pressed") == "true"
    one.shoot("check-video-wide-light")
    fits_a_phone(one, "clip")
    clip = "document.querySelector('#check .clip')"
    assert page.evaluate(f"{clip}.play().then(() => !{clip}.paused)")
    page.click("#check .forget")
    assert page.evaluate(f"{clip}.paused && {clip}.readyState === 0"), "it is not heard any more"
    assert one.errors == []


@pytest.mark.slow
def test_an_animation_is_shown_as_frames_that_were_judged(player, files):
    """Not as the running file under the boxes of one frame: its type is that of any PNG."""
    one = player()
    open_check(one)
    said = upload(one, files / "moving.png")
    assert said.startswith("One person: ")
    page, shown = one.page, "#check .stage img[src^='data:image/webp']"
    page.wait_for_selector(shown)
    assert page.is_hidden("#check .clip") and page.is_visible("#check .timeline svg")
    assert "This picture moves" in page.inner_text("#check .whole")
    assert "Shown is the frame" in page.inner_text("#check .stage-note")
    page.wait_for_selector("#check .box[aria-pressed=true][aria-label^='Person 1: ']")
    before, place = page.get_attribute(shown, "src"), page.get_attribute("#check .box", "style")
    page.click("#check .frames button >> nth=1")
    page.wait_for_function(
        "(s) => document.querySelector('#check .stage img').src !== s", arg=before
    )
    assert page.locator("#check .box").count() == 1
    assert page.get_attribute("#check .box", "style") != place, "the box is that of this frame"
    page.click("#check .frames button >> nth=0")
    page.wait_for_function(
        "(s) => document.querySelector('#check .stage img').src === s", arg=before
    )
    assert page.get_attribute("#check .box", "style") == place
    explained(one)
    one.shoot("check-moving-wide-light")
    assert one.errors == []


def test_a_broken_file_is_one_sentence_and_the_next_one_works(player, files):
    one = player()
    open_check(one)
    one.page.set_input_files("#check .chosen", str(files / "broken.jpg"))
    one.page.wait_for_selector("#check .message.wrong", timeout=PATIENCE)
    assert one.page.inner_text("#check .message").count(".") == 1
    assert one.page.is_hidden("#check .outcome")
    one.shoot("check-broken-wide-light", full=False)
    asked = len(one.requests)
    one.page.set_input_files("#check .chosen", str(files / "large.jpg"))
    one.page.wait_for_selector("#check .message.wrong:has-text('The file is over 40 MB')")
    assert len(one.requests) == asked, "nothing of it was sent"
    upload(one, files / "made.png")
    assert one.page.query_selector("#check .message.wrong") is None
    one.page.click("#check .forget")
    assert one.page.inner_text("#check .message") == "The file is forgotten."
    assert one.page.is_hidden("#check .outcome")
    assert one.errors == []
