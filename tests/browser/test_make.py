"""People make faces in a browser: grid, details, walk, mix, push, film, downloads, keyboard."""

import io
import zipfile

import pytest

from ganfake import provenance
from tests.browser.making import changed, choose, downloaded, grid, open_make, saved

pytestmark = pytest.mark.browser


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
