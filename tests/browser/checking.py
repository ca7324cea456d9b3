"""What the browser tests of Check send, and how they wait for what is found."""

from pathlib import Path

import numpy as np
import skimage.data
from PIL import Image

from ganfake.generate import Face, encode_face, generate, render
from ganfake.images import MAX_BYTES
from ganfake.video import encode_mp4
from tests.browser.conftest import Player

PATIENCE = 120_000  # milliseconds; the first check loads all experts
GROUP = "458712345_10231234567890123_1234567890123456789_n.png"  # such names come from elsewhere


def write_files(folder: Path) -> Path:
    """What is uploaded; all of it made here but the public-domain astronaut."""
    Image.fromarray(skimage.data.astronaut()).save(folder / "astronaut.jpg", quality=92)
    face = Face("portrait", 5)
    (folder / "made.png").write_bytes(encode_face(face, render([face])[0]))
    ground = Image.new("RGB", (1200, 800), (120, 130, 140))
    pictures = generate("portrait", 5, 11)
    for index, picture in enumerate([*pictures, Image.open(folder / "astronaut.jpg")]):
        x, y = 60 + 390 * (index % 3), 60 + 390 * (index // 3)
        ground.paste(picture.resize((300, 300)), (x, y))
    ground.save(folder / GROUP)
    frames = []
    for index in range(36):
        ground = Image.new("RGB", (480, 360), (90, 100, 110))
        ground.paste(pictures[0].resize((220, 220)), (60 + 3 * index, 70))
        frames.append(np.asarray(ground))
    (folder / "clip.mp4").write_bytes(encode_mp4(frames, 12))
    first, *others = [Image.new("RGB", (480, 360), "white"), *map(Image.fromarray, frames[::6])]
    first.save(folder / "moving.png", save_all=True, append_images=others, duration=300)
    (folder / "broken.jpg").write_bytes(b"\xff\xd8\xff\xe0" + bytes(500))
    with open(folder / "large.jpg", "wb") as large:
        large.truncate(MAX_BYTES + 1)
    return folder


def open_check(player: Player) -> None:
    player.open()
    player.page.get_by_role("tab", name="Check").click()
    player.page.wait_for_selector("#check .sample-list button")


def upload(player: Player, path) -> str:
    """Send a file and wait for its outcome; returns the sentence of the live region."""
    player.page.set_input_files("#check .chosen", str(path))
    return verdict(player, path.name)


def verdict(player: Player, name: str = "") -> str:
    page = player.page
    page.wait_for_selector("#check .outcome:not([hidden])", timeout=PATIENCE)
    if name and not name.endswith((".mp4", ".avi")):
        page.wait_for_selector(f"#check .stage img[alt^='{name}']")
    return page.inner_text("#check .message")


def explained(player: Player) -> None:
    """Wait for heat map and spectrum of the chosen face."""
    player.page.wait_for_selector("#check .spectrum svg", timeout=PATIENCE)
    player.page.wait_for_function(
        "() => { const i = document.querySelector('#check .layers .crop');"
        " return i.complete && i.naturalWidth === 240; }"
    )
