"""People swap faces in a browser: a picture, a clip, a person of their own; marks on all of it."""

import io
import re

import numpy as np
import pytest
import skimage.data
from PIL import Image

from benchmarks.swap_load import made_clip
from ganfake import UserError, marks, provenance
from ganfake.persons import SHIPPED, load_person
from tests.browser.conftest import Player
from tests.filming import video
from tests.swapping import pictures_of

COMPOSITE = "compositeWithTrainedAlgorithmicMedia"
PATIENCE = 300_000  # milliseconds; on two busy cores a clip takes its time


def _shipped() -> bool:
    try:
        return bool(load_person(SHIPPED[0]))
    except UserError:
        return False


pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not _shipped(), reason="the persons' weights are not here"),
]


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """What is uploaded; made here but for the public-domain astronaut."""
    folder = tmp_path_factory.mktemp("files")
    astronaut = Image.fromarray(skimage.data.astronaut())
    astronaut.save(folder / "astronaut.jpg", quality=92)
    ground = Image.new("RGB", (900, 500), (120, 130, 140))
    for x, side in ((60, 300), (460, 360)):
        ground.paste(astronaut.crop((90, 0, 350, 260)).resize((side, side)), (x, 70))
    ground.save(folder / "two.png")
    for name, seeds in (("clip", (5, 11)), ("other", (7, 3))):
        (folder / f"{name}.mp4").write_bytes(made_clip(*seeds, frames=20))
    (folder / "broken.jpg").write_bytes(b"\xff\xd8\xff\xe0" + bytes(500))
    return folder


def open_swap(one: Player) -> None:
    one.open()
    one.page.get_by_role("tab", name="Swap").click()
    one.page.wait_for_selector("#swap .card >> nth=3", timeout=PATIENCE)


def choose(one: Player, path) -> str:
    """Send a file and wait until its faces are found; returns the sentence of the live region."""
    one.page.set_input_files("#swap .chosen", str(path))
    one.page.wait_for_selector("#swap .source:not([hidden])", timeout=PATIENCE)
    one.page.wait_for_function(
        "/ face/i.test(document.querySelector('#swap .message').textContent)"
        " && document.querySelector('#swap .working').hidden"
    )
    return one.page.inner_text("#swap .message")


def swap(one: Player) -> None:
    """Agree, swap, and wait for the result."""
    one.page.check("#swap .agree")
    one.page.click("#swap .go")
    swapped(one)


def swapped(one: Player) -> None:
    one.page.wait_for_selector("#swap .outcome:not([hidden])", timeout=PATIENCE)
    one.page.wait_for_selector("#swap .message:has-text('marked')", timeout=PATIENCE)


def downloaded(one: Player, button: str) -> tuple[str, bytes]:
    with one.page.expect_download() as download:
        one.page.click(button)
    return download.value.suggested_filename, download.value.path().read_bytes()


def test_a_picture_is_swapped_marked_and_checked(player, files):
    one = player()
    open_swap(one)
    page = one.page
    assert page.is_disabled("#swap .go")
    assert choose(one, files / "astronaut.jpg").startswith("One face")
    page.click("#swap .card >> nth=3")
    assert page.is_disabled("#swap .go"), "the statement stands before every swap"
    swap(one)
    assert page.locator("#swap .strip li").count() == 6
    box = page.eval_on_selector("#swap .boxes i", "({ style }) => [style.left, style.width]")
    left, width = (float(part.rstrip("%")) for part in box)
    share = page.eval_on_selector("#swap .both", "b => b.style.getPropertyValue('--share')")
    assert float(share.rstrip("%")) == pytest.approx(left + width / 2, abs=1), "through the face"
    offers = page.locator("#swap .hand-over").inner_text()
    assert "Check this face" in offers and "tomorrow" not in offers, "the quiz would refuse it"
    assert not page.is_checked("#swap .agree") and page.is_disabled("#swap .go")
    page.focus("#swap .wipe")
    page.keyboard.press("End")
    assert (
        page.eval_on_selector("#swap .both", "b => b.style.getPropertyValue('--share')") == "100%"
    )
    page.keyboard.press("Home")
    assert page.get_attribute("#swap .wipe", "aria-valuetext") == "0 % before, 100 % after"
    page.locator("#swap .wipe").fill("50")
    page.wait_for_function("document.querySelector('#swap .after').naturalWidth === 512")
    one.shoot("swap-picture-wide-light")

    name, content = downloaded(one, "#swap .save")
    assert name == "astronaut-as-woman_a.jpg"
    assert provenance.read(content).source_type == COMPOSITE
    assert marks.find(np.asarray(Image.open(io.BytesIO(content)))).found
    before = page.get_attribute("#swap .after", "src")
    # The same swap anew, and before it is done once more: in one go, for it is soon done.
    page.evaluate(
        """() => {
          const corner = document.querySelector("#swap .choices select[name=corner]");
          for (const value of ["top right", "top left"]) {
            corner.value = value;
            corner.dispatchEvent(new Event("change", { bubbles: true }));
          }
        }"""
    )
    page.wait_for_function("(s) => document.querySelector('#swap .after').src !== s", arg=before)
    swapped(one)
    assert downloaded(one, "#swap .save")[1] != content

    page.click("#swap .hand-over button:has-text('Check')")
    page.wait_for_selector("#check .outcome:not([hidden])", timeout=PATIENCE)
    assert "swap" in page.inner_text("#check .claims")
    assert one.errors == [] and one.other_hosts() == []


def test_one_chooses_among_faces_and_a_broken_file_is_one_sentence(player, files):
    one = player(dark=True)
    open_swap(one)
    page = one.page
    page.set_input_files("#swap .chosen", str(files / "broken.jpg"))
    page.wait_for_selector("#swap .message.wrong", timeout=PATIENCE)
    assert page.inner_text("#swap .message").count(".") == 1 and page.is_disabled("#swap .go")
    assert choose(one, files / "two.png").startswith("2 faces")
    assert page.is_checked("#swap .picker input[value='1']"), "the larger one"
    page.check("#swap .picker input[value='0']", force=True)
    swap(one)
    _, content = downloaded(one, "#swap .save")
    changed = np.abs(
        np.asarray(Image.open(io.BytesIO(content))).astype(int)
        - np.asarray(Image.open(files / "two.png"))
    ).mean(2)
    assert changed[120:330, 130:300].mean() > 2 * changed[120:330, 560:720].mean()
    one.shoot("swap-two-wide-dark")
    page.click("#swap .forget")
    assert "forgotten" in page.inner_text("#swap .message") and page.is_hidden("#swap .outcome")
    assert one.errors == []


def test_a_file_can_be_stopped_on_its_way(player, files):
    one = player()
    open_swap(one)
    page = one.page
    # An answer that does not come until it is let through.
    page.route(re.compile("component_server"), lambda route: None)
    page.set_input_files("#swap .chosen", str(files / "astronaut.jpg"))
    page.wait_for_selector("#swap .working:not([hidden])")
    page.click("#swap .working .stop")
    assert page.inner_text("#swap .message") == "Stopped; the file is forgotten."
    page.unroute_all()
    page.wait_for_timeout(1500)
    assert page.inner_text("#swap .message") == "Stopped; the file is forgotten."
    assert page.is_hidden("#swap .source") and page.is_hidden("#swap .working")
    assert choose(one, files / "astronaut.jpg").startswith("One face")
    assert one.errors == []


def test_a_clip_is_swapped_and_plays(player, files):
    one = player()
    open_swap(one)
    page = one.page
    choose(one, files / "clip.mp4")
    swap(one)
    page.wait_for_function("document.querySelector('#swap .made').readyState >= 2")
    one.shoot("swap-clip-wide-light")
    name, content = downloaded(one, "#swap .save")
    assert name == "clip-as-man_a.mp4" and provenance.read(content).source_type == COMPOSITE
    frames = pictures_of(content)
    assert len(frames) == 20 and marks.best([marks.find(frame) for frame in frames]).found
    assert one.errors == []


@pytest.mark.slow
def test_the_chosen_face_of_a_clip_is_swapped_and_what_is_left_out_is_said(player, files):
    """The clip begins in black, then shows one face alone, and another one beside it."""
    black, both = Image.new("RGB", (900, 500)), Image.open(files / "two.png")
    alone = both.copy()
    alone.paste((120, 130, 140), (0, 0, 450, 500))
    frames = [black, *[alone] * 4, *[both] * 40]
    (files / "late.mp4").write_bytes(video([np.asarray(frame) for frame in frames]))
    both.save(files / "two.gif", save_all=True, append_images=[alone])
    one = player()
    open_swap(one)
    page = one.page
    assert choose(one, files / "late.mp4").startswith("2 faces")
    page.check("#swap .picker input[value='0']", force=True)
    swap(one)
    before, after = (files / "late.mp4").read_bytes(), downloaded(one, "#swap .save")[1]
    pairs = zip(pictures_of(before)[5:], pictures_of(after)[5:], strict=True)
    changed = np.mean([np.abs(a.astype(int) - b).mean(2) for a, b in pairs], axis=0)
    assert changed[120:330, 130:300].mean() > 2 * changed[120:330, 560:720].mean()
    assert page.is_hidden("#swap .left-out")
    choose(one, files / "two.gif")
    swap(one)
    assert "only the first one" in page.inner_text("#swap .left-out")
    assert one.errors == []


def test_by_keyboard_alone_on_a_phone_in_the_dark(player, files):
    eve = player(width=390, dark=True)
    open_swap(eve)
    page = eve.page
    choose(eve, files / "astronaut.jpg")

    page.focus("#swap .pick")
    eve.reach("#swap .cards input")
    page.keyboard.press("ArrowRight")
    assert page.locator("#swap .cards input >> nth=1").is_checked()
    eve.reach("#swap .choices select")
    eve.reach("#swap .agree")
    page.keyboard.press("Space")
    eve.reach("#swap .go")
    page.keyboard.press("Enter")
    swapped(eve)
    assert page.evaluate("document.activeElement.matches('#swap .outcome')"), "read from here"
    eve.reach("#swap .wipe")
    start = int(page.input_value("#swap .wipe"))  # in the middle of the face
    page.keyboard.press("ArrowRight")
    assert page.input_value("#swap .wipe") == str(start + 1)
    eve.shoot("swap-picture-narrow-dark")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    small = page.evaluate(
        """() => [...document.querySelectorAll('#swap :is(button, select, .card, .face, .consent)')]
        .filter((e) => e.offsetParent && e.getBoundingClientRect().height < 44)
        .map((e) => e.textContent.trim() || e.className)"""
    )
    assert small == [], "things to tap are at least 44 px high"
    assert eve.errors == []


@pytest.mark.slow  # a minute of learning, and what stands before and after it
def test_a_person_of_ones_own_is_learned_kept_and_used(player, files, tmp_path):
    one = player(width=390)
    open_swap(one)
    page = one.page
    for role, name in (("A", "clip.mp4"), ("B", "other.mp4")):
        page.set_input_files(f"#swap [data-role={role}] .own-clip", str(files / name))
        page.wait_for_selector(f"#swap [data-role={role}] .sheet:not([hidden])", timeout=PATIENCE)
    assert page.is_disabled("#swap .learn")
    page.check("#swap .agree-own")
    page.fill("#swap .own-name", "Ann")
    page.select_option("#swap .minutes", "1")
    page.click("#swap .learn")
    page.wait_for_selector("#swap .lesson:not([hidden]) .preview[src]", timeout=PATIENCE)
    first = page.get_attribute("#swap .preview", "src")
    page.wait_for_function(
        "(s) => document.querySelector('#swap .preview').src !== s", arg=first, timeout=PATIENCE
    )
    assert page.locator("#swap .plot svg").count() == 1
    assert "faces seen" in page.inner_text("#swap .facts")
    page.wait_for_selector("#swap .keep-file:not([hidden])", timeout=PATIENCE)
    one.shoot("swap-own-narrow-light")
    name, content = downloaded(one, "#swap .keep-file")
    assert name == "Ann.safetensors" and len(content) > 100_000
    assert page.is_checked("#swap .card:has-text('Ann') input")
    choose(one, files / "astronaut.jpg")
    swap(one)
    assert downloaded(one, "#swap .save")[0] == "astronaut-as-Ann.jpg"
    (tmp_path / name).write_bytes(content)
    other = player()
    open_swap(other)
    assert other.page.locator("#swap .card:has-text('Ann')").count() == 0, "it is one's own"
    other.page.set_input_files("#swap .person-file", str(tmp_path / name))
    other.page.wait_for_selector("#swap .card:has-text('Ann')", timeout=PATIENCE)
    other.shoot("swap-own-wide-light")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert one.errors == other.errors == []
