"""Visitors of one server, each without a trace of those before."""

from playwright.sync_api import Browser, BrowserContext, Page


class Visits:
    """Opens pages in browser contexts that are used again, each by one visitor at a time.

    A context keeps a small page of the server open, and with it the process that has compiled
    the scripts of the large one: that saves two of the three seconds that a visit begins with.
    """

    def __init__(self, browser: Browser, address: str):
        self.address = address
        self._browser = browser
        self._free: dict[tuple, list[BrowserContext]] = {}
        self._kind: dict[BrowserContext, tuple] = {}

    def open(
        self, width: int = 1440, height: int = 1000, dark: bool = False, **options: object
    ) -> Page:
        """An empty page; options: has_touch, locale."""
        kind = tuple(sorted(options.items()))
        free = self._free.setdefault(kind, [])
        page = (free.pop() if free else self._new(kind)).new_page()
        page.set_viewport_size({"width": width, "height": height})
        page.emulate_media(color_scheme="dark" if dark else "light")
        return page

    def _new(self, kind: tuple) -> BrowserContext:
        context = self._browser.new_context(**dict(kind))
        self._kind[context] = kind
        context.new_page().goto(self.address + "/no-such-page")
        return context

    def close(self, page: Page) -> None:
        """End a visit, and forget what the visitor's browser kept."""
        context = page.context
        stays, *visited = context.pages
        for one in visited:
            one.close()
        stays.evaluate("localStorage.clear()")
        context.clear_cookies()
        context.clear_permissions()
        self._free[self._kind[context]].append(context)

    def end(self) -> None:
        for context in self._kind:
            context.close()
