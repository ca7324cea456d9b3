"""How the page looks: system fonts, one accent colour, light and dark."""

import re
from pathlib import Path

import gradio as gr

ASSETS = Path(__file__).parent / "assets"
_SYSTEM = ["system-ui", "-apple-system", "Segoe UI", "Roboto", "Helvetica", "Arial", "sans-serif"]
_MONO = ["ui-monospace", "Consolas", "Menlo", "monospace"]
# As Gradio's own, but in rem: all text grows with the size that a visitor's browser is set to.
_TEXT = gr.themes.Size(
    name="text_rem", xxs="0.5625rem", xs="0.625rem", sm="0.75rem", md="0.875rem", lg="1rem",
    xl="1.375rem", xxl="1.625rem",
)  # fmt: skip


def theme() -> gr.themes.Base:
    """A theme whose fonts are on every machine, so that no other host is asked for them."""
    return gr.themes.Base(
        text_size=_TEXT,
        primary_hue=gr.themes.colors.blue,
        neutral_hue=gr.themes.colors.slate,
        font=[gr.themes.Font(name) for name in _SYSTEM],
        font_mono=[gr.themes.Font(name) for name in _MONO],
    ).set(
        button_large_padding="10px 16px",
        button_small_padding="10px 14px",
        # The default greys are too pale to read at 4.5 to 1.
        body_text_color_subdued="*neutral_600",
        body_text_color_subdued_dark="*neutral_300",
        # So is the default blue, behind white and on it.
        color_accent="*primary_600",
        button_primary_background_fill="*primary_600",
        button_primary_background_fill_hover="*primary_700",
        button_primary_background_fill_hover_dark="*primary_700",
        button_primary_border_color="*primary_600",
    )


def asset(name: str) -> str:
    """The text of a file beside this module."""
    return (ASSETS / name).read_text(encoding="utf-8")


def layout(name: str, **words: object) -> str:
    """A tab's HTML with words in place of their names, and other files where it includes them."""
    whole = re.sub("<!-- include (.+?) -->", lambda found: asset(found[1]).strip(), asset(name))
    for key, word in words.items():
        whole = whole.replace(key, str(word))
    return whole


def scripts(*names: str) -> str:
    """A tab's scripts as one, behind what they share with other tabs."""
    return "".join(map(asset, ("common.js", *names)))
