"""One loop in a browser: make a face, swap it, check it, put it into tomorrow's quiz, meet it."""

import base64

import pytest

from ganfake import provenance
from ganfake.quiz import game as games
from ganfake.quiz.table import Table
from ganfake.ui.page import build_page, launch_options
from tests.browser.conftest import Player

pytestmark = pytest.mark.browser

COMPOSITE = "compositeWithTrainedAlgorithmicMedia"
TODAY, TOMORROW = "2026-11-26", "2026-11-27"
PATIENCE = 300_000  # milliseconds


@pytest.fixture
def house(tmp_path, monkeypatch):
    """The page served by this process, and what moves its day: (address, function)."""
    day = {"is": TODAY}
    monkeypatch.setattr(games, "today", lambda: day["is"])
    table = Table(tmp_path / "scores")
    page = build_page(table)
    _, address, _ = page.launch(
        server_name="127.0.0.1", prevent_thread_lock=True, **launch_options()
    )
    yield address.rstrip("/"), lambda to: day.update({"is": to})
    page.close()
    table.scores.close()


@pytest.fixture
def guest(browser, house):
    """Somebody at the page whose day can be moved."""
    context = browser.new_context(viewport={"width": 1440, "height": 1000})
    yield from visit(Player(context.new_page(), house[0]))
    context.close()


@pytest.fixture
def one(player):
    yield from visit(player())


def visit(player: Player):
    player.page.set_default_timeout(PATIENCE)
    yield player
    assert player.errors == []
    assert player.other_hosts() == []


def hand(one: Player, tab: str, words: str) -> None:
    one.page.click(f"#{tab} .hand-over button:has-text('{words}')")


def swap(one: Player) -> None:
    one.page.check("#swap .agree")
    one.page.click("#swap .go")
    one.page.wait_for_selector("#swap .message:has-text('marked')")


def claims(one: Player) -> str:
    one.page.wait_for_selector("#check .outcome:not([hidden])")
    return one.page.inner_text("#check .claims")


def notice(one: Player) -> str:
    """The sentence after work is done."""
    one.page.wait_for_function(
        "() => { const p = document.querySelector('#loop .notice p');"
        " return !p.hidden && !p.textContent.includes('made again'); }"
    )
    said = one.page.inner_text("#loop .notice span")
    one.page.click("#loop .notice button")
    return said


def make(one: Player, query: str = "?tab=make&model=dcgan&seed=7&count=1") -> None:
    one.page.goto(one.address + "/" + query)
    one.page.wait_for_selector("#make .detail:not([hidden]) .large[src]")


def play_the_day(one: Player) -> list[tuple[str, bytes]]:
    """The verdict of each of ten rounds, and the file of its fake as it is shown then."""
    one.page.goto(one.address + "/?tab=play&mode=daily")
    seen = []
    for _ in range(10):
        one.dealt()
        one.page.click(".card >> nth=0")
        one.answered()
        fake = one.page.get_attribute(".card.fake img", "src")
        seen.append((one.page.inner_text(".verdict"), base64.b64decode(fake.split(",")[1])))
        if len(seen) < 10:
            one.page.click(".next")
            one.page.wait_for_selector(".next[disabled]")
    return seen


def test_make_onto_the_astronaut_check_quiz_and_tomorrow(guest, house):
    make(guest)
    hand(guest, "make", "onto the astronaut")
    guest.page.wait_for_selector("#swap .card:has-text('dcgan') input:checked", state="attached")
    guest.page.wait_for_selector("#swap .source:not([hidden])")
    assert "tab=swap" in guest.page.url
    swap(guest)
    hand(guest, "swap", "Check this face")
    said = claims(guest)
    assert "swapped a face" in said
    assert "a made face was put on: dcgan, seed 7" in said
    assert "hidden mark that this program puts" in said
    hand(guest, "check", "tomorrow")
    assert "among tomorrow's ten fakes" in notice(guest)
    hand(guest, "check", "tomorrow")
    assert "already" in notice(guest), "one a day"
    guest.shoot("loop-put-in", full=False)

    house[1](TOMORROW)
    put_in = [(said, file) for said, file in play_the_day(guest) if "Put in by" in said]
    [(said, file)] = put_in
    assert "Put in by a visitor, made by dcgan, seed 7, put onto the astronaut." in said
    assert provenance.read(file).source_type == COMPOSITE
    assert provenance.notes(file)["person_seed"] == "7"


@pytest.mark.slow
def test_make_into_a_shipped_person_keeps_its_origin_to_the_quiz(guest, house):
    make(guest)
    hand(guest, "make", "Swap this face")
    guest.page.wait_for_selector("#swap .source:not([hidden])")
    guest.page.click("#swap .card:has-text('Man B')")
    assert "person=man_b" in guest.page.url
    swap(guest)
    hand(guest, "swap", "tomorrow")
    assert "among tomorrow's ten fakes" in notice(guest)
    hand(guest, "swap", "Check this face")
    said = claims(guest)
    assert "turned into man_b" in said
    assert "itself made by AI: dcgan, seed 7" in said

    house[1](TOMORROW)
    put_in = [(said, file) for said, file in play_the_day(guest) if "Put in by" in said]
    [(said, file)] = put_in
    assert "made by dcgan, seed 7, swapped to man_b." in said
    assert provenance.notes(file)["source_model"] == "dcgan"
    index = 0 if "fake" in guest.page.get_attribute(".card >> nth=0", "class") else 1
    side = ("left", "right")[index]
    assert guest.page.locator(".game .hand-over button").all_inner_texts().count(
        f"Swap this face ({side})"
    ) == 1, "the fake, not the photograph of somebody"  # fmt: skip


def test_photographs_are_not_offered_to_the_quiz(one):
    one.page.goto(one.address + "/?tab=check")
    one.page.click("#check .sample-list button >> nth=0")
    assert "No mark of AI" in claims(one)
    one.page.wait_for_selector("#check .hand-over button:has-text('Swap this face')")
    assert one.page.locator("#check .hand-over button:has-text('tomorrow')").count() == 0
    hand(one, "check", "Swap this face")
    one.page.wait_for_selector("#swap .source:not([hidden])")
    one.page.wait_for_selector("#swap .card >> nth=3")
    swap(one)
    assert one.page.locator("#swap .hand-over button:has-text('tomorrow')").count() == 0
    one.page.evaluate("window.ganfakeTell('A sentence.', true)")
    told = one.page.locator("#loop .notice p.wrong:has-text('A sentence.')")
    told.wait_for()
    one.page.get_by_role("tab", name="Play").click()
    told.wait_for(state="hidden", timeout=5_000)  # sooner than it goes by itself


@pytest.mark.parametrize(
    ("query", "tab", "words"),
    [
        ("?tab=check", "Check", ""),
        ("?tab=lab", "GAN lab", ""),
        ("?tab=nowhere", "Play", "There is no tab “nowhere”"),
        ("?tab=make&seed=-4", "Make", "The link is damaged at “seed”"),
        ("?tab=make&model=<b>&seed=4", "Make", "There is no model '<b>'"),
        ("?tab=swap&person=nobody", "Swap", "There is no such person"),
        ("?tab=play&mode=odd", "Play", "There is no mode “odd”"),
    ],
)
def test_links_open_their_tab_and_nonsense_is_one_sentence(one, query, tab, words):
    one.page.goto(f"{one.address}/{query}")
    one.page.wait_for_selector(f"button[role=tab][aria-selected=true]:has-text('{tab}')")
    if words:
        one.page.wait_for_selector(f"#loop .notice p:not([hidden]):has-text({words!r})")
    else:
        one.page.wait_for_timeout(500)
        assert one.page.locator("#loop .notice p").is_hidden()


def test_a_link_makes_the_very_picture_again_and_the_address_follows(one):
    make(one, "?room=ABCDE&lang=en&tab=make&model=wgan&seed=42&count=4&truncation=0.7&mix=9:0.25")
    one.page.wait_for_selector("#make .command:has-text('--mix')")
    command = one.page.inner_text("#make .command")
    assert command == (
        "python -m ganfake generate wgan --count 1 --seed 42 --truncation 0.7 --mix 9=0.25"
    )
    assert one.page.locator("#make .grid .face").count() == 4
    first = one.page.get_attribute("#make .large", "src")
    one.page.evaluate("navigator.clipboard.writeText = async (text) => { window.copied = text; }")
    one.page.click("#make .copy-link")
    link = one.page.evaluate("window.copied")
    assert link.endswith("?tab=make&model=wgan&seed=42&count=4&truncation=0.7&mix=9:0.25")
    one.page.fill("#make-seed", "43")
    one.page.press("#make-seed", "Enter")
    one.page.wait_for_function("location.search.includes('seed=43')")
    assert "room=ABCDE&lang=en" in one.page.url, "what belongs to others stays"
    one.page.get_by_role("tab", name="Check").click()
    one.page.wait_for_function("location.search.endsWith('tab=check')")
    assert "seed" not in one.page.url
    one.page.goto(link)
    one.page.wait_for_selector("#make .command:has-text('--mix')")
    assert one.page.get_attribute("#make .large", "src") == first


def test_back_and_forward_go_from_tab_to_tab(one):
    def shown(tab: str, address: str) -> None:
        one.page.wait_for_selector(f"button[role=tab][aria-selected=true]:has-text('{tab}')")
        one.page.wait_for_function("(end) => location.search.endsWith(end)", arg=address)

    make(one, "?lang=en&tab=make&model=dcgan&seed=7&count=1")
    one.page.evaluate("window.stays = history.length")
    one.page.fill("#make-seed", "43")
    one.page.press("#make-seed", "Enter")
    one.page.wait_for_function("location.search.includes('seed=43')")
    assert one.page.evaluate("history.length === window.stays"), "a seed is no step back"
    for tab, name in (("GAN lab", "lab"), ("Play", "play")):
        one.page.get_by_role("tab", name=tab).click()
        shown(tab, f"?lang=en&tab={name}")
    one.page.go_back()
    shown("GAN lab", "tab=lab")
    one.page.click(".languages button[lang=zh-CN]")
    one.page.go_back()
    shown("生成", "tab=make&model=dcgan&seed=43&count=1")
    assert "lang=zh" in one.page.url, "the language that is seen"
    one.page.go_forward()
    shown("GAN 实验室", "tab=lab")
    assert one.page.evaluate("window.stays"), "nothing was loaded again"
