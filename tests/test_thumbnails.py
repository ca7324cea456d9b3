"""A thumbnail in a file that shows something else than the file."""

import pytest
from PIL import Image

from ganfake import jpeg_traces
from ganfake.fileinfo import file_facts
from tests.facts import jpeg, said, with_thumbnail


def test_a_thumbnail_that_shows_something_else(picture):
    small = picture.resize((160, 120))
    turned = picture.transpose(Image.Transpose.ROTATE_90)
    letterboxed = Image.new("RGB", (160, 160))
    letterboxed.paste(small, (0, 20))
    same = {
        "same": (picture, small),
        "turned": (turned, small),
        "letterboxed": (picture, letterboxed),
        "brighter": (picture.point(lambda v: min(255, 20 + int(v * 0.9))), small),
    }
    for name, pair in same.items():
        facts = file_facts(with_thumbnail(*pair))
        assert facts.thumbnail_differs is False, name
        assert said(facts, "Thumbnail") == ""
    pasted = picture.copy()
    pasted.paste("white" if picture.convert("L").getpixel((130, 90)) < 128 else "black",
                 (110, 60, 190, 150))  # fmt: skip
    other = {
        "pasted": (pasted, small),
        "cropped": (picture.crop((140, 80, 320, 240)), small),
        "another": (picture.transpose(Image.Transpose.FLIP_LEFT_RIGHT), small),
    }
    for name, pair in other.items():
        facts = file_facts(with_thumbnail(*pair))
        assert facts.thumbnail_differs is True, name
        assert "probably edited" in said(facts, "Thumbnail")
    assert file_facts(jpeg(picture)).thumbnail_differs is None


@pytest.mark.parametrize("upright", [False, True])
def test_a_thumbnail_whose_edges_are_not_whole_numbers(picture, upright):
    """1200 x 900 pixels are decoded at 150 x 113, so rounding has its say where the edges lie."""
    large, small = picture.resize((1200, 900)), picture.resize((160, 120))
    if upright:
        large = large.transpose(Image.Transpose.ROTATE_90)
    facts = file_facts(with_thumbnail(large, small))
    assert facts.thumbnail_differs is False
    assert (facts.container, facts.make) == ("JPEG", "Canon") and facts.width == large.width


def test_a_thumbnail_that_cannot_be_compared_costs_nothing_else(picture, monkeypatch):
    def fail(*_):
        raise ValueError("box offset can't be negative")

    monkeypatch.setattr(jpeg_traces, "_compare", fail)
    facts = file_facts(with_thumbnail(picture, picture.resize((160, 120))))
    assert facts.thumbnail_differs is None
    assert (facts.container, facts.make, facts.width) == ("JPEG", "Canon", 320)


# -- hostile files -------------------------------------------------------------------
