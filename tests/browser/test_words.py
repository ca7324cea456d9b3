"""The switch between English and Chinese, and the browser's half of the translation."""

import pytest

from tests.test_words import CASES

pytestmark = pytest.mark.browser
_TABS = "() => [...document.querySelectorAll('[role=tab]')].map((tab) => tab.innerText)"


@pytest.fixture
def visitor(visits):
    """Opens the page as a browser of some language does."""
    pages = []

    def open_page(locale: str, query: str = ""):
        page = visits.open(1200, 900, locale=locale)
        pages.append(page)
        page.set_default_timeout(90_000)
        page.goto(visits.address + query)
        page.wait_for_selector(".card:not([disabled]) img[src]")
        return page

    yield open_page
    for page in pages:
        visits.close(page)


def pressed(page) -> str:
    return page.inner_text(".languages [aria-pressed=true]")


def test_the_browser_says_what_the_server_says(visitor):
    page = visitor("en-US")
    said = page.evaluate(
        "(texts) => texts.map((text) => window.ganfakeWords.translate(text))",
        [text for text, _ in CASES.values()],
    )
    expected = [text if chinese is None else chinese for text, chinese in CASES.values()]
    assert said == expected


def test_a_language_is_chosen_by_browser_by_switch_and_by_link(visitor):
    english = visitor("en-US")
    assert pressed(english) == "English"
    assert english.evaluate("document.documentElement.lang") == "en"
    assert english.title() == "ganfake: which face is real?"
    english.click(".languages [lang=zh-CN]")
    english.wait_for_function("document.querySelector('.question').innerText === '哪张脸是真的？'")
    assert english.evaluate("document.documentElement.lang") == "zh-CN"
    assert english.title() == "ganfake：哪张脸是真的？"
    english.reload()
    english.wait_for_selector(".card:not([disabled]) img[src]")
    assert pressed(english) == "中文", "it is remembered"

    chinese = visitor("zh-TW")
    assert pressed(chinese) == "中文"
    linked = visitor("zh-CN", "?lang=en")
    assert pressed(linked) == "English"
    linked.click(".languages [lang=zh-CN]")
    assert "lang=zh" in linked.url, "a reload keeps what was switched"


def test_the_switch_works_without_a_mouse(visitor):
    page = visitor("en-US")
    page.focus(".languages [lang=zh-CN]")
    page.keyboard.press("Enter")
    assert pressed(page) == "中文"
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Space")
    assert pressed(page) == "English"


@pytest.mark.parametrize("locale", ["en-US", "zh-CN"])
def test_there_and_back_is_the_same_page_and_nothing_typed_is_touched(visitor, locale):
    """Also what Gradio's own I18n put there in Chinese, when the page began in it."""
    page = visitor(locale)
    page.click(".languages [lang=en]")
    page.wait_for_selector("#standings p, #standings table")
    before = page.evaluate("document.querySelector('.gradio-container').innerText")
    for word in ("Leaderboard", "Nickname", "Everybody", "Which face is real?"):
        assert word in before
    assert not any("\u4e00" <= letter <= "\u9fff" for letter in before.replace("中文", ""))
    page.click(".card >> nth=0")
    page.wait_for_selector(".next:not([disabled])")  # who has not played is on no board
    page.fill("#nickname input, #nickname textarea", "Right.")
    page.click("#save-nickname")
    page.wait_for_selector("#standings td:text('Right.')")
    page.get_by_role("tab").nth(2).click()
    page.wait_for_selector("#make .large[alt^='A face by ']")
    page.fill("#make-seed", "31")
    tabs = page.evaluate(_TABS)
    assert tabs == ["Play", "Learn", "Make", "GAN lab", "Compare", "Swap", "Check"]
    page.click(".languages [lang=zh-CN]")
    page.wait_for_function("document.querySelector('#make .go').innerText === '生成'")
    assert page.input_value("#make-seed") == "31"
    assert page.get_attribute("#make .large", "alt").startswith("一张人脸，portrait 生成，种子 ")
    page.click(".languages [lang=en]")
    assert page.evaluate(_TABS) == tabs
    assert page.input_value("#make-seed") == "31"
    assert page.get_attribute("#make .large", "alt").startswith("A face by ")
    page.get_by_role("tab").nth(0).click()
    assert page.input_value("#nickname input, #nickname textarea") == "Right."
    page.click(".languages [lang=zh-CN]")
    names = page.locator("#standings td.name").all_inner_texts()
    assert "Right." in names, "a nickname is no sentence of the page"


def test_what_changes_later_comes_in_the_language_and_is_written_once(visitor):
    """A live region's text is turned before anybody can hear it, by a single change."""
    page = visitor("zh-CN")
    page.evaluate(
        """() => {
          window.heard = [];
          const verdict = document.querySelector(".verdict");
          new MutationObserver(() => window.heard.push(verdict.innerText.trim()))
            .observe(verdict, { childList: true, characterData: true, subtree: true });
        }"""
    )
    page.click(".card >> nth=0")
    page.wait_for_selector(".next:not([disabled])")
    heard = page.evaluate("window.heard")
    assert heard
    assert all(text.startswith(("答对了。", "答错了。")) for text in heard), heard
    assert len(set(heard)) == 1


def test_a_question_of_the_browser_is_asked_in_the_language(visitor):
    page = visitor("zh-CN")
    asked = []
    page.on("dialog", lambda dialog: (asked.append(dialog.message), dialog.dismiss()))
    page.evaluate("confirm('Delete every score of this room?')")
    assert asked == ["要删除这个房间的所有成绩吗？"]


def test_many_changes_are_quick(visitor):
    page = visitor("zh-CN")
    took = page.evaluate(
        """async () => {
          const box = document.createElement("div");
          document.querySelector(".gradio-container").append(box);
          const begun = performance.now();
          for (let i = 0; i < 3000; i += 1) {
            const line = document.createElement("p");
            line.textContent = i % 2 ? `Round ${i} of 10` : "Nobody knows this sentence.";
            box.append(line);
          }
          await new Promise((done) => setTimeout(done));
          const first = box.children[1].textContent;
          box.remove();
          return [first, performance.now() - begun];
        }"""
    )
    assert took[0] == "第 1 轮，共 10 轮"
    assert took[1] < 3000, "3,000 texts, half of them new, in less than 3 s on a busy machine"
