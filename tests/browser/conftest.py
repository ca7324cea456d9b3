"""A real Chromium."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from playwright.sync_api import Error, Page, sync_playwright

from tests.browser.visits import Visits
from tests.serving import start_server

ROOT = Path(__file__).parents[2]
SCREENSHOTS = ROOT / "build" / "screenshots"
_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--no-first-run",
    "--use-fake-device-for-media-stream",  # a camera that shows a drawing
    "--process-per-site",  # or visits would compile the page's scripts anew
]


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


@pytest.fixture(scope="package")
def server(tmp_path_factory):
    """The page's address; one server for all files of a worker: it takes seven seconds to start."""
    data = tmp_path_factory.mktemp("data")
    child, address = start_server(data, GANFAKE_CACHE=str(tmp_path_factory.mktemp("cache")))
    yield address
    child.terminate()
    try:
        child.wait(60)
    except subprocess.TimeoutExpired:
        child.kill()


@pytest.fixture(scope="package")
def visits(browser, server):
    opened = Visits(browser, server)
    yield opened
    opened.end()


class Player:
    """One person at the page, with what their browser asked for and complained of."""

    def __init__(self, page: Page, address: str):
        self.page = page
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

    def reach(self, selector: str, key: str = "Tab") -> None:
        """Press a key until what is meant has the focus."""
        for _ in range(150):
            self.page.keyboard.press(key)
            if self.page.evaluate("(s) => document.activeElement.matches(s)", selector):
                return
        raise AssertionError(f"{key} does not lead to {selector}")

    def go_to_tab(self, name: str) -> None:
        """By keys: the tabs are one stop, with arrows to the others."""
        self.reach("[role=tab]")
        self.reach(f"[role=tab][data-tab-id={name}]", "ArrowRight")
        self.page.keyboard.press("Enter")

    def other_hosts(self) -> list[str]:
        """Every address that the page asked for and that is not its own server's."""
        own = (f"{self.address}/", "data:", f"blob:{self.address}/")
        return [url for url in self.requests if not url.startswith(own)]

    def score(self) -> str:
        return self.page.inner_text(".score")

    def turn(self, width: int = 1440, dark: bool = False) -> str:
        """Make the window as wide and the page as dark as that; returns words for it."""
        self.page.set_viewport_size({"width": width, "height": 844 if width < 600 else 1000})
        self.page.emulate_media(color_scheme="dark" if dark else "light")
        self.page.wait_for_selector("body.dark", state="attached" if dark else "detached")
        return f"{'wide' if width > 600 else 'narrow'}-{'dark' if dark else 'light'}"

    def shoot(self, name: str, full: bool = True) -> None:
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=str(SCREENSHOTS / f"{name}.png"), full_page=full)


@pytest.fixture
def player(visits):
    """Makes players; their pages are closed afterwards."""
    made: list[Player] = []

    def make(width: int = 1440, dark: bool = False) -> Player:
        height = 844 if width < 600 else 1000
        page = visits.open(width, height, dark=dark, has_touch=width < 600)
        made.append(Player(page, visits.address))
        return made[-1]

    yield make
    for one in made:
        visits.close(one.page)
