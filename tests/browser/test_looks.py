"""Every tab in both languages, wide and on a phone: pictures to look at, and nothing too wide."""

import pytest

from ganfake.quiz.lesson import Effect
from ganfake.quiz.report import make_report
from ganfake.quiz.scores import Answer
from ganfake.stats import change
from ganfake.ui.learn_plot import effect_plot
from ganfake.ui.plot import rounds_plot
from tests.browser.conftest import SCREENSHOTS

pytestmark = pytest.mark.browser


def _play(page) -> None:
    page.wait_for_selector(".card:not([disabled]) img[src]")
    page.click(".card >> nth=0")
    page.wait_for_selector(".next:not([disabled])")
    page.wait_for_selector("#standings p, #standings table")


def _learn(page) -> None:
    page.wait_for_selector("#learn .steps button >> nth=7")
    page.click("#learn .steps button >> nth=2")
    page.wait_for_selector("#learn .clue:not(.busy) .slider")


def _make(page) -> None:
    page.wait_for_selector("#make .detail:not([hidden]) .large[src]")
    page.locator("#film").scroll_into_view_if_needed()
    page.wait_for_selector("#film svg")


def _lab(page) -> None:
    page.click("#lab-step-d")
    page.wait_for_selector("#lab-view figcaption")


def _compare(page) -> None:
    page.wait_for_selector("#compare .row:last-child .tile:not([disabled]) >> nth=0")
    page.locator("#compare .learning").scroll_into_view_if_needed()
    page.wait_for_selector("#compare .reel svg")
    page.locator("#compare .blind .table").scroll_into_view_if_needed()
    page.click("#compare .blind .card:not([disabled]) >> nth=0")
    page.wait_for_selector("#compare .next:not([disabled])")


def _swap(page) -> None:
    page.wait_for_selector("#swap .card >> nth=3")
    page.click("#swap .sample-list button >> nth=1")
    page.wait_for_selector("#swap .source:not([hidden])")


def _check(page) -> None:
    page.click("#check .sample-list button >> nth=1")
    page.wait_for_selector("#check .spectrum svg")


TABS = {
    "play": _play, "learn": _learn, "make": _make, "lab": _lab, "compare": _compare, "swap": _swap,
    "check": _check,
}  # fmt: skip


@pytest.fixture
def opened(visits):
    """Opens an empty page; it is closed afterwards."""
    pages = []

    def open_page(width: int, height: int = 900, **options):
        page = visits.open(width, height, **options)
        page.set_default_timeout(120_000)
        pages.append(page)
        return page

    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    yield open_page
    for page in pages:
        visits.close(page)


# The size of all text that is seen, by what it says; nothing may still be on its way to its size.
_SIZES = """(root) => {
  document.documentElement.style.fontSize = root;
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), found = {};
  while (walker.nextNode()) {
    const text = walker.currentNode.data.trim(), element = walker.currentNode.parentElement;
    if (!text || !element.checkVisibility() || element.closest("svg")) continue;
    found[`${element.tagName} ${text}`] = parseFloat(getComputedStyle(element).fontSize);
  }
  return found;
}"""


@pytest.mark.parametrize("tab", TABS)
def test_every_tab_fits(opened, server, tab):
    """Also when what was opened on a phone is turned into another language and made wide."""
    page = opened(390)
    page.goto(f"{server}?lang=zh&tab={tab}")
    TABS[tab](page)
    wide = {}
    # Chinese is the shorter: where English fits a wide page, it does.
    for lang, width in (("zh-CN", 390), ("en", 390), ("en", 1440)):
        page.set_viewport_size({"width": width, "height": 900})
        page.click(f".languages [lang={lang}]")
        page.wait_for_timeout(500)
        page.evaluate("scrollTo(0, 0)")
        shot = SCREENSHOTS / f"{tab}-{lang[:2]}-{width}.png"
        page.screenshot(path=str(shot), full_page=True)
        wide[lang, width] = page.evaluate("document.documentElement.scrollWidth")
    assert all(found <= width for (_, width), found in wide.items()), wide
    # Who sets the browser to a larger text size gets all of it larger.
    page.add_style_tag(content="* { transition: none !important; }")
    usual, large = (page.evaluate(_SIZES, root) for root in ("", "24px"))
    small = {text: size for text, size in usual.items() if large.get(text, 99) < 1.45 * size}
    assert len(usual) > 20 and small == {}


# The contrast of an element's text with what is behind it, as WCAG 2 counts it.
_CONTRAST = """(element) => {
  const numbers = (colour) => colour.match(/[\\d.]+/g).map(Number);
  const light = (colour) => {
    const [r, g, b] = numbers(colour).slice(0, 3).map((c) => c / 255)
      .map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  let at = element, behind = "rgb(255, 255, 255)";
  for (; at; at = at.parentElement) {
    const colour = getComputedStyle(at).backgroundColor;
    if ((numbers(colour)[3] ?? 1) > 0) { behind = colour; break; }
  }
  const [low, high] = [light(getComputedStyle(element).color), light(behind)].sort((a, b) => a - b);
  return (high + 0.05) / (low + 0.05);
}"""


def test_the_blue_can_be_read(opened, server):
    page = opened(1280)
    page.goto(f"{server}?tab=lab")
    page.wait_for_selector("[role=tab][aria-selected=true]:has-text('GAN lab')")
    contrasts = {}
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        page.wait_for_selector("body.dark", state="detached" if scheme == "light" else "attached")
        page.wait_for_timeout(500)  # colours change slowly
        for name in (
            "[role=tab][aria-selected=true]",
            "#lab-run",
            ".languages [aria-pressed=true]",
        ):
            contrasts[scheme, name] = page.locator(name).first.evaluate(_CONTRAST)
    assert min(contrasts.values()) >= 4.5, contrasts


# Texts that are seen: what they say, and how light they and what is behind them are (0 to 1).
_SEEN = """() => {
  const light = (colour) => {
    const [r, g, b, a = 1] = colour.match(/[\\d.]+/g).map(Number);
    return [(0.2126 * r + 0.7152 * g + 0.0722 * b) / 255, a];
  };
  const behind = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const [how, much] = light(getComputedStyle(at).backgroundColor);
      if (much > 0) return how;
    }
    return 1;
  };
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), seen = [];
  while (walker.nextNode()) {
    const text = walker.currentNode.data.trim(), element = walker.currentNode.parentElement;
    if (!text || !element.checkVisibility()) continue;
    seen.push([text, light(getComputedStyle(element).color)[0], behind(element)]);
  }
  return seen;
}"""


@pytest.mark.parametrize(
    "tab", ["check", *(pytest.param(t, marks=pytest.mark.slow) for t in ("play", "learn", "make"))]
)
def test_on_paper_it_is_dark_on_white_and_nothing_to_press(opened, server, tab):
    page = opened(1440, dark=True)
    page.goto(f"{server}?tab={tab}")
    TABS[tab](page)
    page.emulate_media(media="print")
    texts = page.evaluate(_SEEN)
    assert texts
    assert [text for text in texts if text[1] > 0.2 or text[2] < 0.9] == []
    things = page.locator(
        "button:not(:has(img), .box), [role=tab], input, select, .languages, .drop, .samples"
    )
    assert things.locator("visible=true").all_inner_texts() == []
    if tab == "check":
        assert page.locator("#check .box").is_visible(), "the face that the verdict is about"
    if tab == "learn":
        said = {text for text, *_ in texts}
        for title in page.locator(".learn h3").all_text_contents():
            assert title in said, "the whole lesson"
    page.pdf(path=str(SCREENSHOTS / f"paper-{tab}.pdf"))
    page.screenshot(path=str(SCREENSHOTS / f"paper-{tab}.png"), full_page=True)


_CHART = """([box, drawn]) => {
  const place = document.querySelector(box);
  place.innerHTML = `<div class="plot">${drawn}</div>`;
  place.hidden = false;
  const chart = place.querySelector("svg"), whole = chart.getBoundingClientRect();
  const scale = whole.width / chart.viewBox.baseVal.width;
  return [...chart.querySelectorAll("text")].map((text) => {
    const { left, right, top, bottom } = text.getBoundingClientRect();
    const within = left >= whole.left && right <= whole.right && top >= whole.top && bottom <= whole.bottom;
    return [text.textContent, scale * parseFloat(getComputedStyle(text).fontSize), within];
  });
}"""  # noqa: E501 - a line of JavaScript


@pytest.mark.parametrize("lang", ["en", pytest.param("zh", marks=pytest.mark.slow)])
def test_text_in_charts_can_be_read_on_a_phone(opened, server, lang):
    page = opened(390, 844)
    reports = [make_report(_answers(right), paired=False) for right in (4, 9)]
    effect = Effect(*reports, change(4, 9, 10), "", [])
    for tab, box, drawn in (
        ("play", ".result", rounds_plot([True] * 5 + [False] * 5)),
        ("learn", ".effect", effect_plot(effect)),
    ):
        page.goto(f"{server}?lang={lang}&tab={tab}")
        TABS[tab](page)
        if tab == "learn":
            page.click("#learn .steps button >> nth=7")
            page.wait_for_selector(".effect .main")
        page.evaluate(_CHART, [box, drawn])
        page.wait_for_timeout(300)  # for its words to be turned
        texts = page.evaluate(_CHART.replace("place.innerHTML", "place.dataset.was"), [box, drawn])
        assert len(texts) >= 7
        assert [text for text in texts if text[1] < 11 or not text[2]] == []
        page.locator(box).screenshot(path=str(SCREENSHOTS / f"chart-{tab}-{lang}.png"))


def _answers(right: int) -> list[Answer]:
    return [Answer(n, n <= right, "real", "real", None, 1.0, 0, "", None) for n in range(1, 11)]
