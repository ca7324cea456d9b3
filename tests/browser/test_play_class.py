"""Play with others and with one's own photographs: rooms for a class, time, and what is gone."""

import re

import pytest
import skimage
from PIL import Image, ImageOps

pytestmark = pytest.mark.browser


@pytest.mark.slow
def test_time_runs_out(player):
    one = player()
    one.open()
    one.page.click("button[data-mode=timed]")
    one.page.wait_for_selector(".game.timed")
    assert one.answered().startswith("Time is up")
    one.page.keyboard.press("Enter")
    one.dealt()
    one.page.keyboard.press("1")
    assert one.answered().startswith(("Right", "Wrong"))


def test_a_room_for_a_class(player):
    teacher, pupil = player(), player(width=390)
    teacher.open()
    teacher.page.click("#rooms button")
    teacher.page.click("#open-room")
    teacher.page.wait_for_selector("#room-state .room-code")
    code = teacher.page.inner_text("#room-state .room-code")
    teacher.page.fill("#nickname input, #nickname textarea", "Teacher")
    teacher.page.click("#save-nickname")
    assert teacher.page.inner_text(".in-room") == f"Room {code}"
    assert teacher.page.locator("#scope label.selected").inner_text() == "My room"
    teacher.page.wait_for_selector("#rooms .only-here:has-text('HOST=0.0.0.0')")
    teacher.page.evaluate(
        "navigator.clipboard.writeText = async (text) => { window.copied = text; }"
    )
    teacher.page.click("#copy-room-link")
    teacher.page.wait_for_selector("#loop .notice:has-text('The link is copied.')")
    assert teacher.page.evaluate("window.copied") == f"{teacher.address}/?room={code}"
    pupil.open(f"?room={code}")
    assert pupil.page.inner_text(".in-room") == f"Room {code}"
    pupil.page.wait_for_selector("#scope label.selected:has-text('My room')")
    pupil.page.click(".card >> nth=0")
    pupil.answered()
    pupil.page.fill("#nickname input, #nickname textarea", "Rude name")
    pupil.page.click("#save-nickname")
    pupil.page.wait_for_selector("#standings :text('Rude name')")
    teacher.page.bring_to_front()
    teacher.page.locator("#standings").scroll_into_view_if_needed()
    # Nobody presses anything.
    teacher.page.wait_for_selector("#standings :text('Rude name')", timeout=20_000)
    with teacher.page.expect_download() as download:
        teacher.page.click("#export-room")
    assert "Rude name" in download.value.path().read_text()
    named = rf"ganfake-{code}-\d{{4}}-\d\d-\d\d\.csv"
    assert re.fullmatch(named, download.value.suggested_filename)
    teacher.page.fill("#bad-nickname input, #bad-nickname textarea", "Rude name")
    teacher.page.click("#remove-nickname")
    teacher.page.wait_for_selector("#standings :text('Nobody')")
    assert pupil.page.is_hidden("#remove-nickname"), "only who opened the room tidies it up"
    teacher.shoot("room-wide-light")
    pupil.shoot("room-narrow-light")
    teacher.page.get_by_role("button", name="Leave").click()
    teacher.page.wait_for_selector(".in-room", state="hidden")
    teacher.page.wait_for_selector("#scope label.selected:has-text('Everybody')")


def test_a_wrong_room_code_or_nickname_is_one_sentence(player):
    one = player()
    one.open()
    one.page.click("#save-nickname")
    one.page.wait_for_selector(".toast-body :text('A nickname has 1 to 20 characters')")
    one.page.click("#rooms button")
    one.page.fill("#room-code input, #room-code textarea", "QQQQQ")
    one.page.click("#join-room")
    one.page.wait_for_selector(".toast-body :text('no room with this code')")


def test_ones_own_photographs(player, tmp_path):
    """Variants of the astronaut of scikit-image, a text named .jpg and a drawing."""
    astronaut = Image.fromarray(skimage.data.astronaut()[:300, 60:360])
    paths = []
    for index, picture in enumerate((astronaut, ImageOps.mirror(astronaut), astronaut.rotate(8))):
        paths.append(tmp_path / f"me{index}.png")
        picture.save(paths[-1])
    paths.append(tmp_path / "text.jpg")
    paths[-1].write_text("not a picture")
    paths.append(tmp_path / "drawing.png")
    Image.new("RGB", (200, 200), "navy").save(paths[-1])
    one = player()
    one.open()
    one.page.click("#photographs button")
    one.page.set_input_files("#own .chosen", [str(p) for p in paths])
    one.page.wait_for_selector("#own .names:text('me0')")
    before = one.page.get_attribute(".card >> nth=0 >> css=img", "src")
    one.page.click("#own .use")
    one.page.wait_for_selector("#own .message:text('3 faces from 4 pictures')", timeout=180_000)
    assert "1 without a face" in one.page.inner_text("#own .message")
    one.page.wait_for_function("document.querySelector('.deck select').value === 'own'")
    one.page.wait_for_function(
        "(src) => document.querySelector('.card img').src !== src", arg=before
    )  # until then the round of the other deck is on the table
    one.dealt()
    one.page.keyboard.press("ArrowLeft")
    assert one.answered().startswith(("Right", "Wrong"))
    one.shoot("own-photographs-wide-light")
    other = player()
    other.open()
    decks = other.page.eval_on_selector_all(".deck option", "all => all.map((o) => o.value)")
    assert "own" not in decks, "nobody else sees them"
    one.page.click("#own .forget")
    one.page.wait_for_function("document.querySelector('.deck select').value === 'pocket'")


def test_a_room_that_is_gone_does_not_end_the_game(player):
    one = player()
    one.page.goto(one.address + "?room=QQQQQ")
    assert "no room with this code" in one.answered()
    one.page.keyboard.press("Enter")
    one.dealt()
