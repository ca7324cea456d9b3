"""People check files in a browser: photograph, made face, group, video, broken file, phone."""

import base64
import hashlib
import io
import json
import re
import zipfile

import numpy as np
import pytest
import skimage.data
from PIL import Image

from ganfake import provenance
from ganfake.experts import NAMES
from ganfake.generate import Face, encode_face, generate, render
from ganfake.images import MAX_BYTES
from ganfake.video import encode_mp4
from tests.browser.conftest import Player

pytestmark = pytest.mark.browser
PATIENCE = 120_000  # milliseconds; the first check loads all experts
GROUP = "458712345_10231234567890123_1234567890123456789_n.png"  # such names come from elsewhere


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """What is uploaded; all of it made here but the public-domain astronaut."""
    folder = tmp_path_factory.mktemp("files")
    Image.fromarray(skimage.data.astronaut()).save(folder / "astronaut.jpg", quality=92)
    face = Face("portrait", 5)
    (folder / "made.png").write_bytes(encode_face(face, render([face])[0]))
    ground = Image.new("RGB", (1200, 800), (120, 130, 140))
    pictures = generate("portrait", 5, 11)
    for index, picture in enumerate([*pictures, Image.open(folder / "astronaut.jpg")]):
        x, y = 60 + 390 * (index % 3), 60 + 390 * (index // 3)
        ground.paste(picture.resize((300, 300)), (x, y))
    ground.save(folder / GROUP)
    frames = []
    for index in range(36):
        ground = Image.new("RGB", (480, 360), (90, 100, 110))
        ground.paste(pictures[0].resize((220, 220)), (60 + 3 * index, 70))
        frames.append(np.asarray(ground))
    (folder / "clip.mp4").write_bytes(encode_mp4(frames, 12))
    first, *others = [Image.new("RGB", (480, 360), "white"), *map(Image.fromarray, frames[::6])]
    first.save(folder / "moving.png", save_all=True, append_images=others, duration=300)
    (folder / "broken.jpg").write_bytes(b"\xff\xd8\xff\xe0" + bytes(500))
    with open(folder / "large.jpg", "wb") as large:
        large.truncate(MAX_BYTES + 1)
    return folder


def open_check(player: Player) -> None:
    player.open()
    player.page.get_by_role("tab", name="Check").click()
    player.page.wait_for_selector("#check .sample-list button")


def upload(player: Player, path) -> str:
    """Send a file and wait for its outcome; returns the sentence of the live region."""
    player.page.set_input_files("#check .chosen", str(path))
    return verdict(player, path.name)


def verdict(player: Player, name: str = "") -> str:
    page = player.page
    page.wait_for_selector("#check .outcome:not([hidden])", timeout=PATIENCE)
    if name and not name.endswith((".mp4", ".avi")):
        page.wait_for_selector(f"#check .stage img[alt^='{name}']")
    return page.inner_text("#check .message")


def explained(player: Player) -> None:
    """Wait for heat map and spectrum of the chosen face."""
    player.page.wait_for_selector("#check .spectrum svg", timeout=PATIENCE)
    player.page.wait_for_function(
        "() => { const i = document.querySelector('#check .layers .crop');"
        " return i.complete && i.naturalWidth === 240; }"
    )


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
    assert "At JPEG quality 30: " in page.inner_text("#check .changed-words")
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
    one.page.wait_for_selector(f"#check .message:text('Saved as {name}.')")
    in_forced_colours(one)
    fits_a_phone(one, "group")
    edge = one.page.locator("#check .stage img").bounding_box()
    for tag in one.page.locator("#check .tag").all():
        place = tag.bounding_box()
        assert place["x"] + place["width"] <= edge["x"] + edge["width"], "within the picture"
    number = one.page.locator("#check .tag span:not(.sign) >> nth=0")
    for width in (60, 30):  # as in a crowd, where there is no room for it
        one.page.eval_on_selector("#check .box", f"(box) => {{ box.style.width = '{width}px'; }}")
        assert number.is_visible() == (width == 60)
        assert one.page.is_visible("#check .tag .sign >> nth=0")
    one.page.eval_on_selector("#check .box", "(box) => { box.style.width = ''; }")
    for nth in (count - 1, 0):  # the list shows which face is chosen, however long it is
        one.page.locator("#check .box").nth(nth).click()
        chosen = one.page.locator('#check .picker [aria-pressed="true"]').bounding_box()
        around = one.page.locator("#check .picker").bounding_box()
        assert around["y"] <= chosen["y"]
        assert chosen["y"] + chosen["height"] <= around["y"] + around["height"]
    assert one.errors == []


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
    page.click("#check .frames button >> nth=1")
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
    before = page.get_attribute(shown, "src")
    page.click("#check .frames button >> nth=1")
    page.wait_for_function(
        "(s) => document.querySelector('#check .stage img').src !== s", arg=before
    )
    assert page.locator("#check .box").count() == 0, "the box is that of another frame"
    page.click("#check .frames button >> nth=0")
    page.wait_for_selector("#check .box")
    assert page.get_attribute(shown, "src") == before
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


def put_on(player: Player, path, event: str) -> None:
    """Paste or drop a file, as a browser would tell the page."""
    data = base64.b64encode(path.read_bytes()).decode()
    player.page.evaluate(
        """([data, name, event]) => {
          const held = new DataTransfer();
          const bytes = Uint8Array.from(atob(data), (c) => c.charCodeAt(0));
          held.items.add(new File([bytes], name, { type: "image/jpeg" }));
          const told = event === "paste"
            ? new ClipboardEvent("paste", { clipboardData: held, bubbles: true })
            : new DragEvent("drop", { dataTransfer: held, bubbles: true, cancelable: true });
          const where = event === "paste" ? "body" : "#check .about";
          document.querySelector(where).dispatchEvent(told);
        }""",
        [data, path.name, event],
    )


def test_paste_drop_and_an_example(player, files):
    one = player()
    open_check(one)
    put_on(one, files / "astronaut.jpg", "paste")
    verdict(one, "astronaut.jpg")
    one.page.click("#check .forget")
    put_on(one, files / "astronaut.jpg", "drop")
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

    def reach(selector: str) -> None:
        for _ in range(150):
            page.keyboard.press("Tab")
            if page.evaluate("(s) => document.activeElement.matches(s)", selector):
                return
        raise AssertionError(f"Tab does not lead to {selector}")

    for _ in range(150):  # the tabs are a list: the last one is Check
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.textContent.trim() === 'Check'"):
            break
    page.keyboard.press("Enter")
    page.wait_for_selector("#check .sample-list button")
    assert page.is_hidden("#check .drop kbd"), "it is a phone"
    eve.shoot("check-start-narrow-dark")
    reach("#check .sample-list button")
    page.keyboard.press("Enter")
    verdict(eve, "astronaut")
    assert page.evaluate("document.activeElement.matches('#check .outcome')"), "read from here"
    explained(eve)
    reach("#check .opacity")
    page.keyboard.press("ArrowRight")
    assert page.eval_on_selector("#check .heat", "i => i.style.opacity") == "0.65"
    reach("#check .kinds [data-kind=resize]")
    page.keyboard.press("Enter")
    page.wait_for_selector("#check .curve svg", timeout=PATIENCE)
    reach("#check .strength")
    page.keyboard.press("End")
    assert "At size 25 %: " in page.inner_text("#check .changed-words")
    eve.shoot("check-photograph-narrow-dark")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert eve.errors == []
