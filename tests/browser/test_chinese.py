"""Every tab in Chinese, with a mistake in each: no English sentence, no key of a translation.

What is looked at is all text in the document, hidden or not, and the attributes that are read
out. English is two words in Latin letters in a row, or one that stands alone.
"""

import json
import re

import pytest

pytestmark = pytest.mark.browser

_COLLECT = """() => {
  const found = new Set(), names = ["alt", "title", "aria-label", "aria-valuetext", "placeholder", "data-title"];
  const kept = "script, style, noscript, code, pre, kbd, [data-verbatim]";
  const walker = document.createTreeWalker(document.documentElement, NodeFilter.SHOW_ALL, {
    acceptNode: (node) => node.nodeType === 1 && node.matches(kept) ? NodeFilter.FILTER_REJECT : NodeFilter.FILTER_ACCEPT,
  });
  while (walker.nextNode()) {
    const node = walker.currentNode;
    if (node.nodeType === 3 && !node.parentElement.matches("textarea")) found.add(node.data);
    if (node.nodeType === 1) for (const name of names) found.add(node.getAttribute(name) ?? "");
  }
  return [...found];
}"""  # noqa: E501 - a line of JavaScript
# Names, and nothing else; where there are several words they are one name.
_NAMES = (
    "ganfake", "English", "Labeled Faces in the Wild", "Eileen Collins", "NASA",
    "Nightingale & Farid", "Goodfellow et al", "Radford et al", "Gulrajani et al",
    "Mirza & Osindero", "Miyato & Koyama", "Wilson", "McNemar", "Newcombe", "Boschloo",
    "Bradley-Terry", "Wasserstein", "Reinhard", "Alpha", "StyleGAN", "ProGAN", "BEGAN", "StarGAN",
    "UTC", "PNG", "JPEG", "WebP", "SHA", "HTML", "JSON", "MP", "Ctrl", "Enter", "mlp", "portrait",
    "dcgan-cars", "cdcgan-cars", "wgan-cars", "cwgan-cars", "dcgan", "cdcgan", "wgan", "cwgan",
)  # fmt: skip
_NAMED = re.compile(
    r"\b(" + "|".join(map(re.escape, sorted(_NAMES, key=len, reverse=True))) + r")\b"
)
_FILE = re.compile(r"[\w-]+\.(png|jpg|txt|html|json|zip|mp4)\b|\b[0-9a-f]{16,}\b")  # or a checksum
_CALLS = re.compile("component_server")
_CHINESE = re.compile(r"[\u4e00-\u9fff]")
_RAW = re.compile(r"__i18n__|translation_metadata|\b(common|upload_text|blocks|errors)\.[a-z_]+")


def english(text: str) -> bool:
    """Whether there is English in a text that is not a name."""
    rest = _NAMED.sub(" · ", _FILE.sub(" · ", text))
    if re.search(r"[A-Za-z]{2,}[\s,.;:'’“”()/-]+[A-Za-z]{2,}", rest):
        return True
    return not _CHINESE.search(text) and bool(re.search(r"[A-Za-z]{3,}", rest))


@pytest.mark.parametrize(
    "text",
    [
        "Which face is real?",
        "The face",
        "答对了。 It is a photograph.",
        "Stop",
        "由 the visitor 放入",
        "Next ",
    ],
)
def test_english_is_found(text):
    assert english(text)


@pytest.mark.parametrize(
    "text", ["dcgan, 7", "由 dcgan 生成", "a.b-c.png", "D(x)，为真的概率", "43 %", "GAN 实验室"]
)
def test_names_are_no_english(text):
    assert not english(text)


class Reader:
    """A visitor whose browser speaks Chinese, and who looks at everything."""

    def __init__(self, page):
        self.page = page
        self.found: set[str] = set()

    def look(self) -> None:
        """Take note of every English text and every key that is on the page."""
        self.page.wait_for_timeout(300)
        for text in self.page.evaluate(_COLLECT):
            plain = " ".join(text.split())
            if english(plain) or _RAW.search(plain):
                self.found.add(plain)

    def click(self, selector: str) -> None:
        self.page.click(selector)

    def see(self, selector: str, timeout: float = 120_000) -> None:
        self.page.wait_for_selector(selector, timeout=timeout)

    def mistake(self, selector: str) -> None:
        """Wait for a mistake's sentence, look at it, and see that it is in Chinese."""
        self.see(selector)
        self.look()
        assert _CHINESE.search(self.page.locator(selector).first.inner_text())


@pytest.fixture
def reader(visits):
    pages = []

    def make(tab: str) -> Reader:
        page = visits.open(locale="zh-CN")
        pages.append(page)
        page.set_default_timeout(90_000)
        page.goto(f"{visits.address}?tab={tab}")
        page.wait_for_selector(".languages [aria-pressed=true]:text('中文')")
        return Reader(page)

    yield make
    for page in pages:
        visits.close(page)


def play(one: Reader) -> None:
    one.see(".card:not([disabled]) img[src]")
    for name in ("photographs", "rooms"):
        one.click(f"#{name} > button")
    one.click("#open-room")
    one.see("#room-state .room-code")
    one.page.fill("#nickname input, #nickname textarea", "Ada Lovelace")
    one.click("#save-nickname")
    one.look()
    one.click("#own .use")  # without having chosen any
    one.mistake("#own .message.wrong")
    for _ in range(10):
        one.see(".card:not([disabled])")
        one.click(".card >> nth=0")
        one.see(".next:not([disabled])")
        one.look()
        one.click(".next")
    one.see(".result:not([hidden])")
    one.see("#standings td:text('Ada Lovelace')")
    one.look()
    for mode in ("single", "timed", "daily", "second"):
        one.click(f"[data-mode={mode}]")
        one.see(f"[data-mode={mode}][aria-pressed=true]")
        one.look()
    one.see(".say:not([disabled])")
    one.click(".say >> nth=0")
    one.see(".opinion:not([hidden])")
    one.look()
    one.click(".say >> nth=1")
    one.see(".next:not([disabled])")
    one.look()


def learn(one: Reader) -> None:
    one.see("#learn .steps button >> nth=7")
    steps = one.page.locator("#learn .steps button")
    for number in range(steps.count()):
        steps.nth(number).click()
        one.page.wait_for_selector("#learn .wait", state="detached")
        one.look()

    def unknown_clue(route):
        route.continue_(post_data=route.request.post_data.replace("symmetry", "nose"))

    one.page.route(_CALLS, unknown_clue)
    steps.nth(2).click()
    one.click("#learn .clue-names button >> nth=4")
    one.mistake("#learn .mishap")
    one.page.unroute(_CALLS)
    names = one.page.locator("#learn .clue-names button")
    for number in range(names.count()):
        names.nth(number).click()
        one.see("#learn .clue:not(.busy) .slider")
        one.look()
    steps.nth(0).click()
    one.page.locator("#learn [data-part=before] .main").click()
    for _ in range(10):
        one.see("#learn [data-part=before] .says:not([hidden])")
        one.look()
        number = one.page.locator("#learn [data-part=before] progress").get_attribute("value")
        one.click("#learn [data-part=before] [data-say=real]")
        one.page.wait_for_function(
            "(was) => document.querySelector('#learn [data-part=before] progress').value > was",
            arg=float(number or 0),
        )
    one.look()


def make(one: Reader) -> None:
    one.see("#make .grid:not(.busy) .face")
    one.see("#make .detail:not([hidden]) .large[src]")
    one.page.locator("#film").scroll_into_view_if_needed()
    one.see("#film svg")
    one.look()
    one.page.fill("#make-seed", "x")
    one.page.keyboard.press("Enter")
    one.mistake("#make .message.wrong")
    one.page.fill("#make-seed", "5")
    for model in one.page.locator("#make-model option").all_inner_texts():
        one.page.select_option("#make-model", model)
        one.page.wait_for_function(
            f"document.querySelector('#make .message').textContent.includes({model!r})"
        )
        one.look()
    for name in (".as-start", ".as-end", ".keep", ".copy-link"):
        one.click(f"#make {name}")
        one.look()
    one.see("#make .slot.mixed.full")
    one.click("#make .walk")
    # By the script: a walk may be over before Playwright has scrolled to the button.
    one.page.evaluate("document.querySelector('#make .halt').click()")
    with one.page.expect_download():
        one.click("#make .one")
    one.look()


def lab(one: Reader) -> None:
    one.see("#lab-run")
    one.click("#lab-knobs > button")
    one.look()

    def without_network(route):
        said = json.loads(route.request.post_data)
        said["data"] = [None if value == "mlp" else value for value in said["data"]]
        route.continue_(post_data=json.dumps(said))

    one.page.route("**/queue/join*", without_network)
    one.click("#lab-step-d")
    one.mistake(".toast-body")
    one.page.unroute("**/queue/join*")
    for name in ("step-d", "step-g", "run"):
        one.click(f"#lab-{name}")
        one.see("#lab-view figcaption")
        one.look()
    one.click("#lab-pause")
    one.look()


def compare(one: Reader) -> None:
    one.see("#compare .row:last-child .tile:not([disabled]) >> nth=0")
    one.click("#compare .tile >> nth=0")
    one.click("#compare summary")
    one.page.locator("#compare .learning").scroll_into_view_if_needed()
    one.see("#compare .reel svg")
    one.look()
    one.page.locator("#compare .blind .table").scroll_into_view_if_needed()
    one.see("#compare .blind .card:not([disabled])")
    one.look()
    one.click("#compare .blind .card >> nth=0")
    one.see("#compare .next:not([disabled])")
    one.see("#compare .standing td .number, #compare .standing svg")
    one.look()
    one.page.select_option("#compare .first", index=1)
    one.page.select_option("#compare .second", index=1)  # the same, which is a mistake
    one.page.wait_for_function(
        "document.querySelector('#compare .blind .verdict').textContent.includes('两个不同')"
    )
    one.look()
    one.click("#compare [data-family=cars]")
    one.see("#compare .row[data-model=cwgan-cars] .tile:not([disabled]) >> nth=0")
    one.look()
    one.page.fill("#compare-seed", "x")
    one.page.keyboard.press("Enter")
    one.mistake("#compare .message:not(:empty)")


def swap(one: Reader) -> None:
    one.see("#swap .card >> nth=3")
    one.see("#swap .sample-list button >> nth=0")
    one.look()
    text = {"name": "text.txt", "mimeType": "text/plain", "buffer": b"not a picture"}
    one.page.set_input_files("#swap .chosen", files=[text])
    one.mistake("#swap .left ~ .message.wrong, #swap .message.wrong")
    one.click("#swap .sample-list button >> nth=0")
    one.see("#swap .source:not([hidden])")
    one.see("#swap .why-not:not(:empty)")
    one.page.check("#swap .agree")
    one.page.wait_for_function("!document.querySelector('#swap .go').disabled")
    one.click("#swap .go")
    one.look()
    one.see("#swap .outcome:not([hidden])")
    one.look()
    one.page.set_input_files("#swap .own-clip >> nth=0", files=[text])
    one.mistake("#swap .own-message.wrong")


def check(one: Reader) -> None:
    one.see("#check .sample-list button >> nth=1")
    one.look()
    text = {"name": "text.txt", "mimeType": "text/plain", "buffer": b"not a picture"}
    one.page.set_input_files("#check .chosen", files=[text])
    one.mistake("#check .message.wrong")
    for sample, name in enumerate(("astronaut", "portrait")):
        one.click(f"#check .sample-list button >> nth={sample}")
        one.see(f"#check .outcome:not([hidden]) .stage img[alt^='{name}']")  # not the last one
        one.see("#check .spectrum svg")
        one.look()
    for kind in ("jpeg", "resize", "blur"):
        one.click(f"#check .kinds [data-kind={kind}]")
        one.see("#check .turned:not([hidden]) .curve svg")
        one.look()
    with one.page.expect_download() as download:
        one.click("#check .send[data-kind=html]")
    report = download.value.path().read_text(encoding="utf-8")
    assert '<html lang="zh-CN">' in report
    body = re.sub(r"<style>.*?</style>|<[^>]*>", "\n", report, flags=re.DOTALL)
    lines = {line.strip() for line in body.splitlines()}
    one.found.update(line for line in lines if english(line) and "detector-" not in line)


VISITS = {
    "play": play, "learn": learn, "make": make, "lab": lab, "compare": compare, "swap": swap,
    "check": check,
}  # fmt: skip


def test_every_tab_is_visited(reader):
    one = reader("play")
    tabs = one.page.get_attribute(".loop", "data-tabs").split()
    assert tabs == [*VISITS], "a new tab belongs into this test"


_LONG = ("play", "learn", "make", "lab", "compare")  # up to half a minute on two busy cores


@pytest.mark.parametrize(
    "tab", [pytest.param(t, marks=[pytest.mark.slow] if t in _LONG else []) for t in VISITS]
)
def test_no_english_and_no_key(reader, tab):
    one = reader(tab)
    VISITS[tab](one)
    assert not one.found, "\n".join(sorted(one.found))
