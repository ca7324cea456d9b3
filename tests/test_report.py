"""Reports that can be filed: complete, self-contained, and safe to open."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from ganfake import __version__
from ganfake import report_words as words
from ganfake.experts import NAMES, ensemble
from ganfake.experts.ensemble import Frequency
from ganfake.fileinfo import file_facts
from ganfake.marks import PixelMark
from ganfake.report import report_dict, report_html, report_json
from ganfake.stats import wilson
from tests.reporting import WHEN, Page, cards, checked, face, frequency, heat, photo


# -- JSON ----------------------------------------------------------------------------
def test_the_values(photo):
    faces = face("fake", 0.95), face("real", 0.02), face("uncertain", 0.5)
    facts = file_facts(photo)
    said = report_dict(checked(*faces), facts, WHEN)
    assert said["date"] == "2026-11-21T10:00:05Z"
    assert said["file"]["sha256"] == facts.sha256 and said["file"]["size"] == len(photo)
    assert said["program"]["version"] == __version__
    assert said["program"]["weights"] == [
        {"name": "detector-colour", "sha256": "lour" * 16},
        {"name": "detector-spectrum", "sha256": "trum" * 16},
        {"name": "detector-warp", "sha256": "warp" * 16},
    ]
    assert said["verdict"] == "fake" and said["probability_fake"] == 0.95
    assert [f["number"] for f in said["faces"]] == [1, 2, 3]
    low, high = wilson(190, 200)
    assert said["faces"][0]["held_out_like_this"] == {
        "fake": 190, "of": 200, "low": round(low, 6), "high": round(high, 6)
    }  # fmt: skip
    assert said["faces"][0]["finding_wrong"] == pytest.approx(
        {"share": 0.05, "low": 1 - high, "high": 1 - low}
    )
    assert said["faces"][1]["finding_wrong"]["share"] == pytest.approx(0.02)
    assert said["faces"][2]["finding_wrong"] is None
    assert all(words.HALF in f["words"] for f in said["faces"])
    assert "not proof" in said["limits"][0]
    assert said["caveats"] == [words.several(3)]
    assert said["file_says"]["facts"]["jpeg_quality"] == 80
    assert json.loads(report_json(checked(*faces), facts, WHEN)) == json.loads(json.dumps(said))


def test_the_mark_in_the_pixels_is_apart_from_the_verdict(photo):
    mark = PixelMark(True, 0.93, 1e-40)
    facts = file_facts(photo, mark)
    for one in (checked(face("real", 0.02)), checked(face("real", 0.02), pixel_mark=mark)):
        said = report_dict(one, facts)
        assert said["verdict"] == "real" and said["probability_fake"] == 0.02
        assert said["file_says"]["facts"]["pixel_mark"]["found"] is True
        assert "Mark in the pixels" in [line["label"] for line in said["file_says"]["lines"]]
        assert "Mark in the pixels" not in str(said["faces"])
        page = Page(report_html(one, facts, photo))
        assert "hidden mark that this program puts into the pixels" in page.text
        pixels, _, file = page.text.partition("What the file itself says")
        assert "Mark in the pixels" in file and "Mark in the pixels" not in pixels


def test_the_date_is_now(photo):
    said = report_dict(checked(), file_facts(photo))
    date = datetime.strptime(said["date"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    assert abs(datetime.now(UTC) - date) < timedelta(minutes=1)


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("/home/anna/secret/photo.jpg", "photo.jpg"),
        (r"C:\Users\anna\photo.jpg", "photo.jpg"),
        ("", "without a name"),
        ("a\x00\u202ename\n.png", "a name .png"),
        ("x" * 900, "x" * 199 + "…"),
    ],
)
def test_names_are_plain(photo, given, shown):
    assert report_dict(checked(name=given), file_facts(photo))["file"]["name"] == shown


# -- words ---------------------------------------------------------------------------
def test_what_a_score_means_in_words():
    seen = Frequency(184, 200, 0.874, 0.951)
    assert words.odds(seen) == (
        "Of 100 held-out photos that score like this, about 92 were fake"
        " (measured on 200; 95 % interval: 87 to 95)."
    )
    assert "about 8 of 100 held-out photos: the faces were real photographs" in words.wrong_words(
        "fake", seen
    )
    assert "95 % interval: 5 to 13" in words.wrong_words("fake", seen)
    # 184.5 / 16.5 to one, times 1 to 99: about 10 of 100.
    assert "about 10 of 100 such findings would be right" in words.wrong_words("fake", seen)
    assert "about 92 of 100 held-out photos: the faces were fakes" in words.wrong_words(
        "real", seen
    )
    assert "makes no finding" in words.wrong_words("uncertain", seen)
    none = Frequency(0, 0, 0.0, 1.0)
    assert "nobody can say" in words.odds(none) and "no finding" in words.wrong_words("real", none)
    assert "more than 99 were fake" in words.odds(Frequency(500, 500, 0.99, 1.0))
    assert "fewer than 1 were fake" in words.odds(Frequency(0, 500, 0.0, 0.01))


def test_every_expert_and_family_has_a_name():
    assert set(words.EXPERTS) == set(NAMES)
    assert set(words.GENERATORS) == set(ensemble.FAMILIES)
    assert words.generator_words("real", "ours", {}) == ""
    assert "this project's own" in words.generator_words("fake", "ours", {"ours": 0.8})
    assert "point to no generator" in words.generator_words("fake", "unknown", {"ours": 0.2})


def test_without_a_face(photo):
    one = checked(reason="No face was found.")
    page = Page(report_html(one, file_facts(photo), photo))
    assert "◆ No face found" in page.text and "Probability of fake" not in page.text
    assert page.text.count("No face was found") == 1 and len(page.all("img")) == 1
    said = report_dict(one, file_facts(photo))
    assert said["faces"] == [] and said["probability_fake"] is None


def test_a_file_that_could_not_be_read():
    one = checked(error="The picture is damaged.", verdict=None, width=0, height=0)
    page = Page(report_html(one, file_facts(b"damaged"), b"damaged"))
    assert "The picture is damaged." in page.text and not page.all("img")
    assert report_dict(one, file_facts(b"damaged"))["reason"] == "The picture is damaged."
