"""A real Chromium."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Error, Page, sync_playwright

from tests.serving import start_server

ROOT = Path(__file__).parents[2]
SCREENSHOTS = ROOT / "build" / "screenshots"
_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--no-first-run",
    "--use-fake-device-for-media-stream",
]  # a camera that shows a drawing


@pytest.fixture(scope="session")
def browser():
    path = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, _NAMES)), None)
    with sync_playwright() as playwright:
        try:
            opened = playwright.chromium.launch(executable_path=path, args=_FLAGS)
        except Error as error:
            if os.environ.get("CI"):
                raise
            pytest.skip(f"no Chromium: set CHROMIUM to one ({error.message.splitlines()[0]})")
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """The page's address; each file has a server of its own, so that none finds another's votes."""
    data = tmp_path_factory.mktemp("data")
    child, address = start_server(data, GANFAKE_CACHE=str(tmp_path_factory.mktemp("cache")))
    yield address
    child.terminate()
    try:
        child.wait(60)
    except subprocess.TimeoutExpired:
        child.kill()


class Player:
    """One person at the page, with what their browser asked for and complained of."""

    def __init__(self, browser: Browser, address: str, width: int = 1440, dark: bool = False):
        height = 844 if width < 600 else 1000
        self.context = browser.new_context(
            viewport={"width": width, "height": height},
            color_scheme="dark" if dark else "light",
            has_touch=width < 600,
        )
        self.page: Page = self.context.new_page()
        self.page.set_default_timeout(90_000)  # two busy cores are slow to answer
        self.requests: list[str] = []
        self.errors: list[str] = []
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("websocket", lambda socket: self.requests.append(socket.url))
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("console", self._complaint)
        self.address = address

    def _complaint(self, message) -> None:
        if message.type == "error":
            self.errors.append(message.text)

    def open(self, query: str = "") -> None:
        self.page.goto(self.address + query)
        self.dealt()

    def dealt(self) -> None:
        """Wait until a round is on the table."""
        self.page.wait_for_selector(".card:not([disabled]) img[src], .say:not([disabled])")

    def answered(self) -> str:
        """Wait until the verdict is there; returns it."""
        self.page.wait_for_selector(".next:not([disabled])")
        return self.page.inner_text(".verdict")

    def other_hosts(self) -> list[str]:
        """Every address that the page asked for and that is not its own server's."""
        own = (f"{self.address}/", "data:", f"blob:{self.address}/")
        return [url for url in self.requests if not url.startswith(own)]

    def score(self) -> str:
        return self.page.inner_text(".score")

    def shoot(self, name: str, full: bool = True) -> None:
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=str(SCREENSHOTS / f"{name}.png"), full_page=full)


@pytest.fixture
def player(browser, server):
    """Makes players; their browser contexts are closed afterwards."""
    made: list[Player] = []

    def make(**options) -> Player:
        made.append(Player(browser, server, **options))
        return made[-1]

    yield make
    for one in made:
        one.context.close()
