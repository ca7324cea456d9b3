"""People compare models in a browser: rows, the slider, five votes by keyboard, the ranking."""

import pytest

pytestmark = pytest.mark.browser
FACES = ["dcgan", "cdcgan", "wgan", "cwgan", "portrait", "dcgan-200k", "dcgan-400k"]


def compare(one) -> None:
    one.page.goto(one.address + "?tab=compare")
    one.page.wait_for_selector(".compare .row")


def rows_filled(one, count: int) -> None:
    one.page.wait_for_function(
        "(n) => document.querySelectorAll('.compare .tile:not([disabled]) img[src]').length === n",
        arg=count,
    )


def vote(one, key: str) -> str:
    one.page.wait_for_selector(".blind .card:not([disabled])")
    labels = one.page.locator(".blind .card .label").all_inner_texts()
    assert labels == ["Left", "Right"], "no names before the vote"
    assert "GAN" not in one.page.inner_text(".blind .table")
    one.page.keyboard.press(key)
    one.page.wait_for_selector(".blind .next:not([disabled])")
    return one.page.inner_text(".blind .verdict")


def test_slider_votes_and_ranking(player):
    one = player()
    compare(one)
    page = one.page
    assert page.locator(".compare .row b").all_inner_texts() == FACES
    rows_filled(one, 6 * len(FACES))
    page.click(".compare .tile >> nth=8")
    page.wait_for_selector(".compare .detail .hand-over button:text('Check this face')")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowLeft")
    stops = page.locator(".compare .tile").evaluate_all(
        "all => all.flatMap((tile, at) => (tile.tabIndex < 0 ? [] : [at]))"
    )
    assert stops == [13], "the grid is one stop, where arrows have come to"
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") != "tile"
    page.locator(".compare .learning").scroll_into_view_if_needed()
    page.wait_for_function(
        "() => Number(document.querySelector('.compare .controls input').max) > 5"
    )
    assert page.inner_text(".compare .seen") == "600,000 pictures"
    page.focus(".compare .controls input")
    page.keyboard.press("Home")
    for state in page.locator(".compare .state").all_inner_texts():
        assert state == "0 pictures seen"
    page.keyboard.press("ArrowRight")
    assert page.inner_text(".compare .seen") != "0 pictures"
    page.keyboard.press("End")
    ends = page.locator(".compare .state").all_inner_texts()
    assert ends[0].startswith("600,000") and ends[-1].startswith("256,000")
    page.locator(".blind .table").scroll_into_view_if_needed()
    # Other tests have voted, too; it is counted once the ranking is there.
    page.wait_for_selector(".compare .count:text('so far.')")
    before = int(page.inner_text(".compare .count").split()[0])
    told = []
    for key in ("1", "2", "ArrowLeft", "ArrowRight", "1"):
        told.append(vote(one, key))
        page.keyboard.press("Enter")
    assert all(line.startswith("You prefer ") for line in told)
    page.wait_for_selector(f".compare .count:text-is('{before + 5} votes so far.')")
    assert page.locator(".standing tbody tr").count() == 5
    page.click(".whose button >> nth=1")
    page.wait_for_selector(".compare .count:text-is('5 votes so far.')")
    assert "Too few votes" in page.inner_text(".agrees")
    page.evaluate("window.scrollTo(0, 0)")
    stale = page.get_attribute(".blind .card img >> nth=0", "src")
    page.click(".families button >> nth=1")
    page.wait_for_selector(".row[data-model=cwgan-cars] .tile:not([disabled])")
    assert page.get_attribute(".blind .card img >> nth=0", "src") != stale, "no face among cars"
    page.wait_for_selector(".compare .count:text-is('0 votes so far.')")
    assert one.errors == [] and one.other_hosts() == []


@pytest.mark.slow
@pytest.mark.parametrize("width", [1440, 390])
def test_how_it_looks(player, width):
    one = player(width=width)
    compare(one)
    rows_filled(one, 6 * len(FACES))
    one.page.click(".compare .tile >> nth=1")
    one.page.locator(".compare .learning").scroll_into_view_if_needed()
    one.page.wait_for_function("() => document.querySelectorAll('.reel .plot svg').length === 5")
    one.page.locator(".blind .table").scroll_into_view_if_needed()
    one.page.wait_for_selector(".blind .card:not([disabled])")
    one.page.click(".blind .card >> nth=0")
    one.page.wait_for_selector(".blind .next:not([disabled])")
    assert one.page.inner_text(".blind .verdict").startswith("You prefer ")
    one.page.wait_for_selector(".standing .strength svg")
    for dark in (True, False):
        one.shoot(f"compare-{one.turn(width, dark)}")
    assert one.page.evaluate("document.documentElement.scrollWidth") <= width
    assert one.errors == []
