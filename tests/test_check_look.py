"""The Check tab's calls: one face in detail, the report, the examples."""

import hashlib
import io
import json
import zipfile

import numpy as np
import pytest
import skimage.data
from PIL import Image

from ganfake import check_plot, explain, provenance
from ganfake.experts import SIDE, reasons
from tests.check_calls import CALLS, checked, content, send


def test_a_look_into_a_face(uploads, photograph):
    token, _ = checked(photograph)
    found = CALLS["look"]({"token": token, "face": 0})
    heat = Image.open(io.BytesIO(content(found["heat"])))
    assert heat.mode == "RGBA" and heat.size == (SIDE, SIDE)
    assert found["cold"] == (np.asarray(heat)[..., 3].max() == 0)
    assert "<svg" in found["spectrum"] and found["spectrum_words"].startswith("The spectrum ")


@pytest.mark.parametrize("face", [-1, 1, 99, "0", None, True, 0.0])
def test_a_face_that_is_not_there(uploads, photograph, face):
    token, _ = checked(photograph)
    assert "no such face" in CALLS["look"]({"token": token, "face": face})["error"]


def test_looking_before_the_check_is_a_sentence(uploads, photograph):
    token = send(photograph)
    assert "not been checked" in CALLS["look"]({"token": token, "face": 0})["error"]


@pytest.mark.parametrize("kind", list(explain.STRENGTHS))
def test_the_dial(uploads, photograph, kind):
    token, found = checked(photograph)
    curve = CALLS["treat"]({"token": token, "face": 0, "kind": kind})
    assert len(curve["points"]) == len(curve["places"]) == len(explain.STRENGTHS[kind])
    assert curve["places"] == sorted(curve["places"])
    assert 'class="marker"' in curve["plot"]
    for point in curve["points"]:
        assert point["title"] and point["percent"] and point["odds"]
        assert bool(point["reason"]) == (point["verdict"] == "uncertain")
    # At the beginning nothing is done to it.
    judged = found["faces"][0]["probability"]
    assert curve["points"][0]["strength"] == "as it is"
    assert curve["points"][0]["probability"] == pytest.approx(judged, abs=0.02)
    verdicts = [point["verdict"] for point in curve["points"]]
    assert ("survives" in curve["says"]) == (len(set(verdicts)) == 1)
    assert "choose one" in CALLS["treat"]({"token": token, "face": 0, "kind": "magic"})["error"]


def test_the_dial_says_where_the_verdict_changes_and_where_there_is_none():
    def at(strength, chance, verdict, reason=""):
        return explain.Treated(strength, np.zeros((1, 1, 3), np.uint8), chance, verdict, reason)

    held = [at(strength, 0.95, "fake") for strength in (100, 80, 40)]
    assert check_plot.survival_words("resize", held) == "The verdict survives all of it."
    lost = [*held[:2], at(40, 0.97, "uncertain", reasons.SMALL)]
    assert check_plot.survival_words("resize", lost) == (
        "The verdict changes from fake to uncertain at size 40 %."
    )
    back = [*lost, at(20, 0.9, "fake")]
    assert check_plot.survival_words("resize", back) == (
        "The verdict changes from fake to uncertain at size 40 %."
        " It changes again further on; see the curve."
    )
    assert check_plot.strength_words("blur", 1) == "a blur of 1 pixel"
    signs = [check_plot.robustness_plot("resize", some).count("<polygon") for some in (held, lost)]
    assert signs == [3, 2]


# -- the report ----------------------------------------------------------------------
def test_it_is_sent_back_with_its_report(uploads, photograph):
    token, _ = checked(photograph, "astronaut.png")
    packed = CALLS["send_back"]({"token": token, "kind": "zip"})
    assert packed["name"] == "astronaut-with-report.zip"
    with zipfile.ZipFile(io.BytesIO(content(packed["content"]))) as archive:
        assert archive.read("astronaut.png") == photograph, "the very file"
        page = archive.read("astronaut-report.html").decode()
        data = json.loads(archive.read("astronaut-report.json"))
    digest = hashlib.sha256(photograph).hexdigest()
    assert digest in page and digest in json.dumps(data)
    assert data["date"].replace("T", " ").replace("Z", " UTC") in page, "one report, one date"
    for kind in ("html", "json"):
        one = CALLS["send_back"]({"token": token, "kind": kind})
        assert one["name"] == f"astronaut-report.{kind}"
        assert digest.encode() in content(one["content"])


# -- examples ------------------------------------------------------------------------
def test_examples_are_marked_or_in_the_public_domain(uploads):
    rows = CALLS["examples"]({})["examples"]
    assert rows[0]["name"] == "astronaut.png" and len(rows) >= 3
    for row in rows:
        file = content(CALLS["example"]({"name": row["name"]})["content"])
        mark = provenance.read(file)
        if row["name"] == "astronaut.png":
            assert mark is None
            assert np.array_equal(Image.open(io.BytesIO(file)), skimage.data.astronaut())
        else:
            assert mark.is_ai and provenance.read(content(row["picture"])).is_ai
    for name in ("../astronaut.png", "portrait-seed6.png", None, 7, ["x"]):
        assert "no such example" in CALLS["example"]({"name": name})["error"]
