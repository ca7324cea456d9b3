"""What the Check tab says and draws: odds, summaries, bars, marks and plots."""

import pytest
import skimage.data

from ganfake import check_plot, provenance, report_words
from ganfake.experts import NAMES, ensemble
from ganfake.provenance import Mark
from ganfake.ui import addresses, check_view


# -- words ---------------------------------------------------------------------------
def test_odds_are_told_in_hundreds(monkeypatch):
    seen = ensemble.Frequency(fake=37, of=40, low=0.801, high=0.974)
    monkeypatch.setattr(ensemble, "frequency", lambda p: seen)
    words = check_view.odds(0.93)
    assert "about 92 were fake (measured on 40; 95 % interval: 80 to 97)" in words
    assert "Half of all those photos were fake" in words
    seen = ensemble.Frequency(0, 0, 0.0, 1.0)
    assert check_view.odds(0.5).startswith("No held-out picture scored like this")


@pytest.mark.parametrize(
    ("verdicts", "whole", "sentence"),
    [
        ([], "uncertain", "No face was found."),
        (["fake"], "fake", "One face: probably fake."),
        (["uncertain"], "uncertain", "One face: uncertain."),
        (["real", "fake", "real"], "fake",
         "3 faces: 1 probably fake, 2 probably real. Altogether: probably fake."),
    ],
)  # fmt: skip
def test_the_summary_that_is_read_aloud(verdicts, whole, sentence):
    assert check_view.summary(verdicts, whole) == sentence


def test_where_a_fake_may_come_from():
    shares = {"StyleGAN": 0.8, "ours": 0.15, "DCGAN": 0.05, "swap": 0.0}
    assert report_words.generator_words("real", "StyleGAN", shares) == ""
    assert report_words.generator_words("fake", "", shares) == ""
    assert "most like StyleGAN (80" in report_words.generator_words("fake", "StyleGAN", shares)
    assert "point to no generator" in report_words.generator_words("uncertain", "unknown", shares)
    rows = check_view.families_view("fake", "StyleGAN", shares)
    assert [row["name"] for row in rows] == ["StyleGAN", "this project", "DCGAN"]
    assert check_view.families_view("real", "", shares) == []
    assert check_view.families_view("uncertain", "unknown", shares) == [], "nor do bars"


def test_a_composite_is_named_so_that_the_sentences_around_it_stay_sentences():
    said = report_words.generator_words("fake", "composite", {"composite": 0.72})
    assert "most like a composite made by hand from photographs (72" in said
    rows = check_view.families_view("fake", "composite", {"composite": 0.72, "swap": 0.28})
    assert [row["name"] for row in rows] == ["composites", "face swaps"], "usual for composites"


def test_small_shares_do_not_make_more_than_the_whole():
    shares = {"swap": 0.987, "ours": 0.006, "DCGAN": 0.004, "StyleGAN": 0.003}
    rows = check_view.families_view("fake", "swap", shares)
    said = [row["percent"].replace("\N{NO-BREAK SPACE}", " ") for row in rows]
    assert said == ["99 %", "1 %", "<1 %", "<1 %"]


def test_every_expert_and_family_has_plain_words():
    assert set(report_words.EXPERTS) == set(NAMES)
    assert set(report_words.GENERATORS) >= set(ensemble.FAMILIES)


def test_bars_say_which_way_they_lean():
    rows = check_view.experts_view({"colour": 0.05, "warp": 0.45, "mesonet": 0.95})
    assert [row["leans"] for row in rows] == ["real", "cannot say", "fake"]


def test_a_mark_of_another_program_stays():
    pixels = skimage.data.astronaut()[:64, :64]
    for kind in ("PNG", "WEBP"):
        kept = provenance.read(addresses.encoded(pixels, Mark("algorithmicMedia"), kind))
        assert kept.source_type == "algorithmicMedia" and kept.model is None
        assert provenance.read(addresses.encoded(pixels, None, kind)) is None


# -- plots ---------------------------------------------------------------------------
def test_signs_differ_in_shape_not_in_colour_alone():
    shapes = {check_plot.marker(0, 0, v).split()[0] + check_plot.marker(0, 0, v).split("fill")[0]
              for v in ("fake", "real", "uncertain")}  # fmt: skip
    assert len(shapes) == 3


def test_the_spectrum_says_what_lies_outside():
    band = {"frequency": [0.0, 0.5, 0.75, 1.0], "low": [1.0] * 4, "middle": [2.0] * 4,
            "high": [3.0] * 4}  # fmt: skip
    words = check_plot.spectrum_words
    assert words(band | {"face": [2.0] * 4}).endswith("within the band of real photographs.")
    assert "more power than real photographs in 25 %" in words(band | {"face": [2, 2, 2, 9.0]})
    assert "less power than real photographs in 50 %" in words(band | {"face": [2, 2, 0, 0.0]})
    both = words(band | {"face": [9.0, 2, 2, 0]})
    assert "more power" in both and "and less in 25 %" in both
    assert check_plot.spectrum_plot(band | {"face": [2.0] * 4}).count("<polyline") == 2
    with_family = band | {"face": [2.0] * 4, "family": [1.5] * 4}
    drawn = check_plot.spectrum_plot(with_family, "<StyleGAN>")
    assert drawn.count("<polyline") == 3 and "usual for &lt;StyleGAN&gt;" in drawn
