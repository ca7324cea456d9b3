"""The README's picture of the game: `python -m docs.screenshot`, with a Chromium.

Nobody's photograph may stand in the project, so a second pile of our own made faces
takes the place of the deck's photographs.
"""

import os
import shutil
import tempfile
from pathlib import Path

import numpy as np
from playwright.sync_api import sync_playwright

from ganfake.generate import generate
from ganfake.quiz.cards import Pack
from ganfake.quiz.decks.folder import FolderDeck
from ganfake.quiz.table import FAKES_BY, Table
from ganfake.ui.page import build_page, launch_options

TARGET = Path(__file__).with_name("play.png")


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
            view = browser.new_page(viewport={"width": 1440, "height": 900})
            view.goto(address)
            view.wait_for_selector(".card:not([disabled]) img[src]")
            view.wait_for_timeout(500)
            view.screenshot(path=str(TARGET))
            browser.close()
        page.close()
        table.scores.close()


if __name__ == "__main__":
    main()
