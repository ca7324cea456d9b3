"""People take the lesson in a browser, by keyboard and on a phone, and use the second look."""

import re

import pytest

pytestmark = pytest.mark.browser
CLUES = ["eyes", "teeth", "ears", "hair", "symmetry", "texture", "light"]


def learn(one):
    one.page.goto(one.address + "?tab=learn")
    one.page.wait_for_selector(".learn .deck-choice option", state="attached")


def go(one, step: int) -> None:
    one.page.click(f".learn .steps button >> nth={step - 1}")
    one.page.wait_for_function(
        "(n) => document.querySelector('.learn .where').textContent === `Step ${n} of 8`", arg=step
    )


def rounds(one, part: str, key: str = "1") -> list[str]:
    """Ten rounds by keyboard, all with the same answer; returns the pictures' addresses."""
    box = f".rounds[data-part={part}]"
    one.page.click(f"{box} .deck-choice .main")
    seen = []
    for number in range(1, 11):
        one.page.wait_for_function(
            "([box, n]) => document.querySelector(`${box} .status`).textContent"
            " === `Round ${n} of 10`",
            arg=[box, number],
        )
        seen.append(one.page.get_attribute(f"{box} img", "src"))
        one.page.keyboard.press(key)
    one.page.wait_for_selector(f"{box} .status:text('are done')")
    return seen


def look(one, width: int) -> None:
    """Every step of the lesson, with a picture of each by day and by night."""

    def shoot(name: str) -> None:
        for dark in (True, False):
            one.shoot(f"learn-{name}-{one.turn(width, dark)}")

    for step, name in enumerate(("before", "networks", "clues"), start=1):
        go(one, step)
        if name == "networks":
            one.page.wait_for_selector(".gan-says:text('GAN of your own')")
        shoot(name)
    for clue in CLUES:
        one.page.click(f".clue-names button[data-clue={clue}]")
        one.page.wait_for_selector(".clue:not(.busy) .of-fake .slot img")
        one.page.wait_for_function(
            "() => [...document.querySelectorAll('.clue img')].every((i) => i.naturalWidth > 0)"
        )
        shoot(f"clue-{clue}")
    for step, name, ready in (
        (4, "swap", ".stages li >> nth=5"),
        (5, "detector", ".checked article >> nth=1"),
        (6, "proof", ".step[data-step=proof] li"),
    ):
        go(one, step)
        one.page.wait_for_selector(ready, timeout=180_000)
        shoot(name)
    assert one.page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.slow
def test_the_lesson_from_before_to_after(player):
    one = player()
    learn(one)
    one.page.evaluate("localStorage.setItem('ganfake.mode', 'pair')")
    go(one, 7)
    one.page.wait_for_selector(".rounds[data-part=after] .status:text('nothing to compare')")
    go(one, 1)
    before = rounds(one, "before")
    look(one, 1440)
    go(one, 8)
    one.page.click(".effect .main")  # to the rounds that are missing
    after = rounds(one, "after", key="ArrowRight")
    assert not set(before) & set(after)
    one.page.keyboard.press("Enter")  # Next has the focus
    one.page.wait_for_selector(".effect svg")
    result = one.page.inner_text(".effect")
    for expected in ("Before:", "After:", "Newcombe", "Boschloo", "48.2", "59.0", "d′"):
        assert expected in result
    faces = one.page.locator(".effect .fooled figure")
    wrong = 20 - sum(int(n) for n in re.findall(r"(?:Before|After): (\d+) of 10", result))
    assert faces.count() == wrong == faces.locator("img").count(), "each face one got wrong"
    assert wrong
    for words in faces.locator("figcaption").all_inner_texts():
        said, truth = re.match(
            r"(Before|After), round \d+\s+You said: (.+)\.", words, re.S
        ).groups()
        assert truth.startswith(
            "real. The fake was made by dcgan, seed" if said == "Before" else "fake. It is a"
        )
    one.shoot("learn-result-wide-light")
    one.page.reload()
    one.page.wait_for_selector(".rounds[data-part=before] .status:text('are done')")
    go(one, 8)
    one.page.wait_for_selector(".effect svg")
    assert faces.count() == wrong
    kept = one.page.locator(".effect .fooled img").count()
    assert kept + one.page.locator(".effect .no-picture").count() == wrong
    assert one.errors == []
    assert one.other_hosts() == []


@pytest.mark.slow
def test_ones_own_gan_is_trained_here_and_is_that_of_the_lab(player):
    one = player()
    learn(one)
    go(one, 2)
    one.page.wait_for_selector(".gan-says:text('GAN of your own')")
    one.page.click(".learn .train")
    one.page.wait_for_selector(".digits[src]:not([hidden])")
    one.page.wait_for_selector(".learn .train:not([disabled])", timeout=180_000)
    taken = int(one.page.inner_text(".moves").split()[-1])
    assert taken >= 600
    assert 0 <= float(one.page.inner_text(".d-fake")) <= 1
    one.shoot("learn-own-gan-wide-light")
    one.page.click(".to-lab")
    one.page.wait_for_selector("#lab-run")
    one.page.click("#lab-step-g")
    one.page.wait_for_selector(".lab-board figcaption")
    said = one.page.inner_text(".lab-board figcaption").replace(",", "")
    assert said.endswith(f"generator {taken + 1}"), "the same one"


@pytest.mark.slow
def test_the_lesson_looks_right_on_a_phone(player):
    one = player(width=390)
    learn(one)
    look(one, 390)
    small = one.page.evaluate(
        """() => [...document.querySelectorAll('.learn button, .learn select, .learn input')]
        .filter((e) => e.offsetParent).map((e) => [e.textContent, e.getBoundingClientRect().height])
        .filter(([, height]) => height < 44)"""
    )
    assert small == [], "things to tap are at least 44 px high"
    assert one.errors == []


def test_the_slider_by_keyboard_and_by_finger(player):
    one = player(width=390)
    learn(one)
    go(one, 3)
    one.page.wait_for_selector(".of-fake .slider input")
    one.page.focus(".of-fake .slider input")
    one.page.keyboard.press("End")
    share = "getComputedStyle(document.querySelector('.of-fake .both')).getPropertyValue('--share')"
    assert one.page.evaluate(share) == "100%"
    # The picture says which side is which, and nothing below says otherwise.
    over = one.page.locator(".of-fake .both .over")
    ends = one.page.locator(".of-fake .slider label span").all_inner_texts()
    assert ends == ["Left of the line amplified, right of it as it is."]
    assert over.get_attribute("alt") == "The made face, amplified"
    one.page.keyboard.press("Home")
    assert one.page.evaluate(share) == "0%", "nothing of the amplified one"
    assert one.page.locator(".of-fake .both .tag:visible").all_inner_texts() == ["As it is"]
    place = one.page.locator(".of-fake .both").bounding_box()
    one.page.touchscreen.tap(place["x"] + place["width"] / 4, place["y"] + 20)
    assert one.page.evaluate(share) == "25%"
    tags = one.page.locator(".of-fake .both .tag:visible")
    assert tags.all_inner_texts() == ["Amplified", "As it is"], "as the line below says"


def test_a_second_look(player):
    one = player(width=390)

    def look(name: str) -> None:
        for width, dark in ((1440, False), (390, True)):
            one.shoot(f"second-{name}-{one.turn(width, dark)}")
            assert one.page.evaluate("document.documentElement.scrollWidth") <= width

    one.page.goto(one.address + "?tab=play&mode=second")
    for number in range(1, 11):
        one.page.wait_for_selector(f".score:text('Round {number} of 10')")
        one.page.wait_for_selector(".say:not([disabled])")
        first = "1" if number % 2 else "2"
        one.page.keyboard.press(first)
        one.page.wait_for_selector(".opinion:not([hidden])", timeout=180_000)
        assert one.page.query_selector(".card.real, .card.fake") is None, "the truth is hidden"
        if number == 1:
            places = [one.page.locator(s).bounding_box() for s in (".says", ".verdict", ".opinion")]
            tops = [place["y"] for place in places]
            assert 0 <= tops[0] < tops[1] < tops[2], "what to do now is in view, above the bars"
            look("opinion")
        if number == 2:
            said = one.page.inner_text(".opinion")
            one.page.reload()
            one.page.wait_for_selector(".opinion:not([hidden])")
            assert one.page.inner_text(".opinion") == said
            one.page.wait_for_selector(".say.chosen:not([disabled])")
        one.page.keyboard.press("2" if number % 3 else first)
        assert one.answered().startswith(("Right", "Wrong"))
        if number == 1:
            look("truth")
        one.page.keyboard.press("Enter")
    one.page.wait_for_selector(".result:not([hidden])")
    result = one.page.inner_text(".result")
    for expected in (
        "You and the machine",
        "You alone",
        "The machine alone",
        "Together",
        "McNemar",
    ):
        assert expected in result
    look("result")
    assert one.errors == []
