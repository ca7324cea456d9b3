"""People play in a browser: mouse, keyboard, reload, leaderboard, room, phone, dark."""

from itertools import pairwise

import pytest

pytestmark = pytest.mark.browser


def test_ten_pairs_with_a_reload_then_three_singles(player):
    ada = player()
    ada.open()
    assert ada.page.get_attribute(".score", "role") == "status", "each round is announced"
    score = 0
    for number in range(1, 11):
        assert ada.score().startswith(f"Round {number} of 10")
        if number == 5:
            before = ada.page.get_attribute(".card >> nth=0 >> css=img", "src")
            said = ada.score()
            ada.page.reload()
            ada.dealt()
            assert ada.score() == said, "score and streak survive a reload"
            assert ada.page.get_attribute(".card >> nth=0 >> css=img", "src") == before
        if number == 3:
            ada.page.click(".sure button >> nth=0")
        if number % 2:
            ada.page.click(f".card >> nth={number % 3 % 2}")
        else:
            ada.page.keyboard.press("ArrowLeft" if number % 4 else "2")
        score += ada.answered().startswith("Right")
        assert ada.page.locator(".sure button:disabled").count() == 2, "too late to say it"
        assert f"Score {score}" in ada.score()
        labels = {ada.page.inner_text(f".card >> nth={i} >> css=.label") for i in (0, 1)}
        assert labels == {"Photograph", "Made by a GAN"}
        assert "dcgan, seed" in ada.page.inner_text(".verdict")
        if number == 1:
            ada.shoot("pair-answered-wide-light", full=False)
        ada.page.keyboard.press("Enter")
        if number < 10:
            ada.dealt()
            assert ada.page.evaluate("document.activeElement.className") == "question"
    ada.page.wait_for_selector(".result:not([hidden])")
    result = ada.page.inner_text(".result")
    for expected in (f"{score} of 10 right", "Wilson", "d′", "48.2%", "59.0%", "When you said"):
        assert expected in result
    assert ada.page.query_selector(".result svg")
    ada.shoot("result-wide-light")

    right = score
    ada.page.click("button[data-mode=single]")
    for number in range(1, 4):
        ada.page.wait_for_selector(".say:not([disabled])")
        assert ada.page.inner_text(".question") == "Is this face real or fake?"
        ada.page.keyboard.press("1")
        said = ada.answered()
        assert said.startswith(("Right", "Wrong"))
        right += said.startswith("Right")
        assert ada.score().startswith(f"Round {number} of 10")
        ada.shoot("single-wide-light", full=False)
        ada.page.keyboard.press("Enter")

    ada.page.fill("#nickname input, #nickname textarea", "Ada <b>L</b>")
    ada.page.click("#save-nickname")
    # A nickname of HTML is shown as it was typed.
    row = ada.page.locator("#standings tr", has_text="Ada <b>L</b>")
    row.wait_for()
    numbers = row.locator(".number").all_inner_texts()
    assert numbers[1] == f"{right}/13", "ten pairs and three singles"
    assert ada.page.query_selector("#standings b") is None
    ada.shoot("leaderboard-wide-light")
    assert ada.errors == []


def test_a_phone_in_the_dark(player):
    bob = player(width=390, dark=True)
    bob.open()
    bob.page.wait_for_selector("#standings p, #standings table")  # the last to be filled in
    bob.shoot("pair-narrow-dark", full=False)
    assert bob.page.evaluate("document.documentElement.scrollWidth") <= 390
    small = bob.page.evaluate(
        """() => [...document.querySelectorAll('button, select, input, a[href]')]
        .filter((e) => e.offsetParent && !e.closest('footer') && e.type !== 'radio'
          && e.type !== 'file')
        .map((e) => [e.textContent.trim() || e.id, e.getBoundingClientRect().height])
        .filter(([, height]) => height < 44)"""
    )
    assert small == [], "things to tap are at least 44 px high"
    heights = [bob.page.locator(s).bounding_box()["y"] for s in (".sure", ".card >> nth=0")]
    assert heights[0] < heights[1], "how sure one is is said before the answer"
    places = [bob.page.locator(".verdict").bounding_box()]
    below = bob.page.locator(".next").bounding_box()
    assert below["y"] + below["height"] <= 844, "what one presses next is in view"
    bob.page.tap(".card >> nth=1")
    bob.answered()
    places.append(bob.page.locator(".verdict").bounding_box())
    assert places[0]["y"] == places[1]["y"], "nothing jumps"
    bob.shoot("pair-answered-narrow-dark")
    assert bob.errors == []


def has_focus(one) -> str:
    return one.page.evaluate(
        "(({ value, textContent }) => value || textContent)(document.activeElement)"
    )


def test_gradios_own_parts_by_keys_and_the_other_looks(player):
    one = player(width=390)
    one.open()
    press = one.page.keyboard.press
    for _ in range(4):  # languages are two
        press("Tab")
    assert has_focus(one) == "Play"
    press("ArrowLeft")
    press("ArrowLeft")
    assert has_focus(one) == "Swap"
    assert one.page.inner_text(".verdict").strip() == "", "on a tab an arrow is no answer"
    one.page.focus(".skip")
    press("Enter")
    press("Tab")
    assert has_focus(one) == "Pair"

    one.page.wait_for_selector("#standings p, #standings table")
    one.page.focus("#scope input")
    for choice in ("Today's challenge", "My room"):
        press("ArrowRight")
        one.page.wait_for_selector(f'#scope label.selected:has-text("{choice}")')
        assert has_focus(one) == choice
    outline = "e => getComputedStyle(e).outline"
    seen = [one.page.locator("#scope label.selected").evaluate(outline)]
    one.page.focus("#nickname textarea")
    seen.append(one.page.locator("#nickname textarea").evaluate(outline))
    assert all("solid 3px" in one for one in seen), seen

    for name, place in (("Better photographs", "photographs"), ("Play with a class", "rooms")):
        button = one.page.get_by_role("button", name=name, exact=True)  # without its triangle
        assert button.get_attribute("aria-expanded") == "false"
        button.click()
        one.page.wait_for_selector(f"#{place} button[aria-expanded=true]")
    one.page.wait_for_selector("#open-room")
    assert one.page.is_visible("#own .pick")
    assert one.page.is_hidden("#own .drop > p"), "nothing can be dropped on a phone"
    assert "·" not in one.page.inner_text("footer"), "no sign that nothing stands behind"
    for width, dark in ((390, False), (1440, True)):
        one.shoot(f"page-{one.turn(width, dark)}")
        assert one.page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.slow
def test_a_page_that_nobody_touches_rests(player):
    one = player()
    one.page.add_init_script(
        "const frame = window.requestAnimationFrame.bind(window); window.frames_asked = 0;"
        "window.requestAnimationFrame = (act) => { window.frames_asked++; return frame(act); };"
    )
    one.open()
    one.page.wait_for_selector("#standings p, #standings table")
    asked = [one.page.evaluate("window.frames_asked")]
    for _ in range(10):  # what fades in has to end first
        one.page.wait_for_timeout(1000)
        asked.append(one.page.evaluate("window.frames_asked"))
    assert asked[0] > 0 and min(b - a for a, b in pairwise(asked)) <= 6, (
        "Gradio's clock alone asks for 60 a second"
    )


def test_no_tab_asks_another_host(player):
    """The page keeps one request open (it tells the lab who has left), so the network is
    never idle: what each tab asks for is waited for instead."""
    one = player()
    one.open()
    page = one.page
    page.wait_for_selector("#standings p, #standings table")
    tabs = page.get_by_role("tab").all_inner_texts()
    assert tabs == ["Play", "Learn", "Make", "GAN lab", "Compare", "Swap", "Check"], (
        "a new tab belongs into this test"
    )
    page.get_by_role("tab", name="Learn").click()
    for step, ready in ((3, ".of-fake .slot img"), (4, ".stages li"), (5, ".checked article")):
        page.click(f".learn .steps button >> nth={step - 1}")
        page.wait_for_selector(f".learn {ready} >> nth=0", timeout=120_000)
    page.get_by_role("tab", name="Make").click()
    page.wait_for_selector("#make .grid:not(.busy) .face")
    page.wait_for_selector("#make .detail:not([hidden]) .large[src]")
    page.locator("#film").scroll_into_view_if_needed()
    page.wait_for_function("document.querySelector('#film img').naturalWidth > 0")
    page.get_by_role("tab", name="GAN lab").click()
    page.get_by_role("button", name="One step: discriminator").click()
    page.wait_for_selector("#lab-view figcaption")
    page.get_by_role("button", name="Pause", exact=True).click()
    page.get_by_role("tab", name="Compare").click()
    page.wait_for_selector(".compare .row", timeout=120_000)
    page.get_by_role("tab", name="Swap").click()
    page.wait_for_selector("#swap .card >> nth=3", timeout=120_000)
    page.get_by_role("tab", name="Check").click()
    page.click("#check .sample-list button >> nth=0")
    page.wait_for_selector("#check .outcome:not([hidden])", timeout=120_000)
    page.wait_for_selector("#check .spectrum svg", timeout=120_000)
    assert len(one.requests) > 50
    assert one.other_hosts() == []


def test_visitors_of_the_tests_find_nothing_of_those_before(visits):
    """They use the same browser contexts, which hides nothing only while that is so."""
    kept = "() => [localStorage.length, document.cookie]"
    first = visits.open()
    first.goto(visits.address)
    first.wait_for_selector(".card:not([disabled]) img[src]")
    first.evaluate("document.cookie = 'a=b'")
    assert first.evaluate(kept)[0] > 0
    context = first.context
    visits.close(first)
    second = visits.open()
    assert second.context is context
    second.goto(visits.address + "/no-such-page")
    assert second.evaluate(kept) == [0, ""]
    visits.close(second)


def test_the_browser_gets_no_answer_before_it_gives_one(player):
    one = player()
    bodies = []
    one.page.on("response", lambda r: bodies.append(r) if "component_server" in r.url else None)
    one.open()
    dealt = [r.json() for r in bodies if isinstance(r.json(), dict) and "round" in r.json()]
    assert dealt
    assert not {"truth", "correct", "made_by"} & set(dealt[0])
    alts = [image.get_attribute("alt") for image in one.page.query_selector_all(".card img")]
    assert alts == ["The face on the left", "The face on the right"]
