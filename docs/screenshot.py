"""The pictures of the README: `python -m docs.screenshot`, with a Chromium.

Nobody's photograph may stand in the project, so a second pile of our own made faces
takes the place of the deck's photographs. The pictures are marked as AI-made.
"""

import io
import os
import shutil
import tempfile
from pathlib import Path

import numpy as np
from PIL import Image
from playwright.sync_api import Page, sync_playwright

from ganfake import provenance
from ganfake.generate import generate
from ganfake.quiz.cards import Pack
from ganfake.quiz.decks.folder import FolderDeck
from ganfake.quiz.table import FAKES_BY, Table
from ganfake.ui.page import build_page, launch_options

HERE = Path(__file__).parent
_SWAPPED = 5  # the seed of the face that is swapped


def _save(view: Page, name: str) -> None:
    picture = Image.open(io.BytesIO(view.screenshot()))
    content = provenance.encode(picture, "PNG", model=FAKES_BY)
    (HERE / f"{name}.png").write_bytes(content)


def _shoot_make(view: Page) -> None:
    view.get_by_role("tab", name="Make").click()
    view.wait_for_selector(".grid .face img[src]")
    view.set_viewport_size({"width": 1440, "height": 1000})
    view.click(".grid .face >> nth=2")
    view.click(".as-start")
    view.click(".grid .face >> nth=0")
    view.click(".as-end")
    view.wait_for_timeout(1500)
    _save(view, "make")


def _shoot_compare(view: Page) -> None:
    view.get_by_role("tab", name="Compare").click()
    view.wait_for_function(
        "() => document.querySelectorAll('.compare .rows img[src]').length >= 42"
    )
    view.set_viewport_size({"width": 1440, "height": 1250})
    view.wait_for_timeout(1500)
    _save(view, "compare")


def _shoot_check(view: Page) -> None:
    view.get_by_role("tab", name="Check").click()
    view.click("#check .sample-list button:has-text('cdcgan')")
    view.wait_for_selector("#check .spectrum svg", timeout=120_000)
    # The one example that is a photograph of somebody.
    view.evaluate("document.querySelector('#check .sample-list button').remove()")
    view.set_viewport_size({"width": 1440, "height": 1700})
    view.wait_for_timeout(1500)
    _save(view, "check")


def _shoot_swap(view: Page) -> None:
    """A face that our own network made, as one of the people that ship."""
    source = io.BytesIO()
    generate("portrait", count=1, seed=_SWAPPED, truncation=0.7)[0].resize((512, 512)).save(
        source, "PNG"
    )
    view.get_by_role("tab", name="Swap").click()
    view.wait_for_selector("#swap .card >> nth=3", timeout=120_000)
    made = {"name": "made.png", "mimeType": "image/png", "buffer": source.getvalue()}
    view.set_input_files("#swap .chosen", made)
    view.wait_for_selector("#swap .source:not([hidden])", timeout=120_000)
    view.click("#swap .card >> nth=2")
    view.check("#swap .agree")
    view.click("#swap .go")
    view.wait_for_selector("#swap .message:has-text('marked')", timeout=120_000)
    # The one example that is a photograph of somebody.
    view.evaluate("document.querySelector('#swap .sample-list button').remove()")
    view.set_viewport_size({"width": 1440, "height": 1500})
    view.wait_for_timeout(1500)
    _save(view, "swap")


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        table = Table(Path(folder))
        made = generate(FAKES_BY, count=100, seed=2026, truncation=0.7)
        deck = FolderDeck(np.stack([np.asarray(face) for face in made]), title="Made faces")
        deck.about = "For this picture only: both faces were made by our network."
        table.packs["pocket"] = Pack(deck, table._supply)
        table.packs["pocket"].fill()
        page = build_page(table)
        _, address, _ = page.launch(prevent_thread_lock=True, **launch_options())
        chromium = os.environ.get("CHROMIUM") or shutil.which("chromium")
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=chromium, args=["--no-sandbox", "--disable-gpu"]
            )
            view = browser.new_page(viewport={"width": 1440, "height": 960})
            view.goto(address)
            view.wait_for_selector(".card:not([disabled]) img[src]")
            view.wait_for_timeout(500)
            _save(view, "play")
            _shoot_make(view)
            _shoot_compare(view)
            _shoot_check(view)
            _shoot_swap(view)
            browser.close()
        page.close()
        table.scores.close()


if __name__ == "__main__":
    main()
