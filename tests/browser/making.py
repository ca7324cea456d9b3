"""What tests of the Make tab do on the page again and again."""

from tests.browser.conftest import Player


def open_make(player: Player) -> None:
    player.open()
    player.page.get_by_role("tab", name="Make").click()
    made(player)


def made(player: Player) -> None:
    """Wait until the grid is there and one picture is shown large."""
    player.page.wait_for_selector("#make .grid:not(.busy) .face")
    player.page.wait_for_selector("#make .detail:not([hidden]) .large[src]")


def grid(player: Player) -> list[str]:
    return player.page.eval_on_selector_all("#make .grid img", "all => all.map((i) => i.src)")


def changed(player: Player, selector: str, before: str) -> str:
    """Wait until a picture is another one; returns its address."""
    player.page.wait_for_function(
        "([s, before]) => { const i = document.querySelector(s);"
        " return i && i.src && i.src !== before; }",
        arg=[selector, before],
    )
    return player.page.get_attribute(selector, "src")


def choose(player: Player, index: int) -> None:
    """Click a face of the grid and wait for its details."""
    src = grid(player)[index]
    player.page.click(f"#make .grid .face >> nth={index}")
    player.page.wait_for_function(
        "(src) => document.querySelector('#make .large').src === src", arg=src
    )


def saved(player: Player, selector: str) -> bytes:
    """What “save picture as” or “save video as” writes: the bytes behind the element."""
    with player.page.expect_download() as download:
        player.page.evaluate(
            """async (selector) => {
              const link = document.createElement("a");
              link.href = document.querySelector(selector).src;
              link.download = "saved";
              link.click();
            }""",
            selector,
        )
    return download.value.path().read_bytes()


def downloaded(player: Player, button: str) -> tuple[str, bytes]:
    with player.page.expect_download() as download:
        player.page.click(button)
    return download.value.suggested_filename, download.value.path().read_bytes()
