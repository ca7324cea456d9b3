"""The page's first script, and the labels of Gradio's components."""

import ast
from html.parser import HTMLParser
from pathlib import Path

import gradio as gr
from fastapi import FastAPI
from fastapi.responses import HTMLResponse, PlainTextResponse
from fastapi.testclient import TestClient

import ganfake
from ganfake.ui.theme import ASSETS
from ganfake.ui.words import table, translate
from ganfake.ui.words_html import ATTRIBUTES
from ganfake.ui.words_page import i18n, label_components, middleware

PACKAGE = Path(ganfake.__file__).parent
# Sentences that no visitor of the page can meet, or that are put together from parts.
_NOT_SHOWN = (
    "No port from", "PORT is a number", "Port ",
    "There is no picture ", "There is no face ", "The data address must be",
)  # fmt: skip


def test_the_script_is_the_first_in_the_head_and_nothing_else_changes():
    app = FastAPI(middleware=middleware())
    page = "<!doctype html><html><head><title>é</title></head><body><head></body></html>"
    app.add_api_route("/", lambda: HTMLResponse(page))
    app.add_api_route("/other", lambda: PlainTextResponse("<head>"))
    client = TestClient(app)
    got = client.get("/?lang=zh")
    before, _, rest = got.text.partition("<script>")
    script, _, after = rest.partition("</script>")
    assert before + after == page
    assert before.endswith("<head>")
    assert "哪张脸是真的？" in script
    assert int(got.headers["content-length"]) == len(got.content)
    assert client.get("/other").text == "<head>"
    assert client.get("/missing").status_code == 404


def test_labels_become_keys_and_values_stay():
    with gr.Blocks() as page:
        name = gr.Textbox(label="Nickname", value="Save")
        other = gr.Textbox(label="A label that nobody has translated")
        button = gr.Button("Save")
        scope = gr.Radio(["Everybody"], value="Everybody", label="Show")
    label_components(page)
    assert isinstance(name.label, gr.i18n.I18nData)
    assert isinstance(button.value, gr.i18n.I18nData)
    assert name.value == "Save"
    assert other.label == "A label that nobody has translated"
    assert scope.value == "Everybody"
    said = i18n().translations_dict
    assert said["zh-CN"]["Nickname"] == table()["Nickname"] == "昵称"
    assert said["en"]["Nickname"] == "Nickname"


class _Texts(HTMLParser):
    """Texts and attributes of a page that are to be translated."""

    def __init__(self):
        super().__init__()
        self.found: list[str] = []
        self._kept = 0

    def handle_starttag(self, tag, attrs):
        self._kept += tag in ("style", "pre", "kbd")
        self.found += [value for name, value in attrs if name in ATTRIBUTES and value]

    def handle_endtag(self, tag):
        self._kept -= tag in ("style", "pre", "kbd")

    def handle_data(self, data):
        if not self._kept and data.strip():
            self.found.append(data.replace("PICTURE_MB", "40").replace("VIDEO_MB", "200"))


def _known(text: str) -> bool:
    return translate(text, "zh") != text or not any(
        letter.isascii() and letter.isalpha() for letter in text
    )


def test_every_text_of_every_tab_is_in_the_table():
    names = {"PNG", "JPEG", "WebP", "A"}
    for path in sorted(ASSETS.glob("*.html")):
        texts = _Texts()
        texts.feed(path.read_text(encoding="utf-8"))
        missing = [text.strip() for text in texts.found if not _known(text)]
        assert set(missing) <= names, path.name


def _sentences(path: Path):
    """What UserErrors of a module say, with something in the place of what varies."""
    for call in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not (isinstance(call, ast.Call) and getattr(call.func, "id", "") == "UserError"):
            continue
        said = call.args[0] if call.args else None
        if isinstance(said, ast.Constant):
            yield {said.value}
        elif isinstance(said, ast.JoinedStr):
            fills = ("7", "'xx'", "A push", "Pushes", "mask", "face", "one usable face was")
            yield {
                "".join(p.value if isinstance(p, ast.Constant) else fill for p in said.values)
                for fill in fills
            }


def test_every_mistake_of_the_page_and_the_game_is_in_the_table():
    missing = []
    for path in sorted([*(PACKAGE / "ui").glob("*.py"), *(PACKAGE / "quiz").glob("*.py")]):
        for variants in _sentences(path):
            hidden = any(one.startswith(_NOT_SHOWN) for one in variants)
            if not hidden and not any(map(_known, variants)):
                missing.append((path.name, min(variants)))
    assert missing == []
