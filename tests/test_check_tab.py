"""The Check tab's calls: files in memory, words for numbers, and one sentence for mistakes."""

import hashlib
import io
import json
import re
from dataclasses import replace

import numpy as np
import pytest
import skimage.data
from PIL import Image

from ganfake import check_plot, clips, marks, provenance, report_words
from ganfake.experts import NAMES, SIDE
from ganfake.generate import Face, encode_face, generate, render
from ganfake.ui import check, check_view
from tests.check_calls import CALLS, checked, clip, content, drift, lines, png, send


@pytest.fixture(scope="module")
def made() -> bytes:
    """A finished picture file of ours, marked."""
    face = Face("portrait", 5)
    return encode_face(face, render([face])[0])


@pytest.fixture(scope="module")
def person() -> clips.Person:
    """Who is found in `clip`."""
    [found] = clips.check_video(clip()).persons
    return found


def group(count: int = 4) -> np.ndarray:
    """Faces that we made, side by side on a grey ground."""
    ground = Image.new("RGB", (300 * count, 340), (120, 130, 140))
    for index, picture in enumerate(generate("portrait", count, 11)):
        ground.paste(picture.resize((240, 240)), (30 + 300 * index, 50))
    return np.asarray(ground)


# -- a check -------------------------------------------------------------------------
def test_a_photograph_from_file_to_verdict(uploads, photograph):
    token = send(photograph, "astronaut.png")
    said = lines(token, 4, "a-session")
    assert {line["number"] for line in said} == {4} and said[0]["done"] == 0
    assert uploads.get(token).session == "a-session"
    found = said[-1]["found"]
    assert found["kind"] == "image" and found["summary"].startswith("One face: ")
    assert found["ours"] is False
    [face] = found["faces"]
    x0, y0, x1, y1 = face["box"]
    assert 0.3 < x0 < x1 < 0.6 and 0.05 < y0 < y1 < 0.4, "where her face is"
    assert [one["name"] for one in face["experts"]] == list(NAMES)
    assert all(one["title"] and one["meaning"] and one["leans"] for one in face["experts"])
    assert face["odds"].startswith("Of 100 held-out photos that score like this, ")
    assert "Half of all those photos were fake" in face["odds"]
    assert bool(face["reason"]) == (face["verdict"] == "uncertain")
    assert Image.open(io.BytesIO(content(face["crop"]))).size == (SIDE, SIDE)
    assert provenance.read(content(face["crop"])) is None
    assert ["SHA-256", hashlib.sha256(photograph).hexdigest()] in found["file"]
    assert all(label and words for label, words in found["file"])
    json.dumps(found, allow_nan=False)


def test_the_mark_in_the_pixels_is_among_the_facts_of_the_file(uploads):
    _, found = checked(png(marks.stamp(skimage.data.astronaut())))
    assert "hidden mark that this program puts" in dict(found["file"])["Mark in the pixels"]
    assert "in the pixels" not in json.dumps([found["whole"], found["faces"][0]["experts"]])


def test_a_made_face_keeps_its_mark_in_every_picture(uploads, made):
    token, found = checked(made, "portrait-seed5.png")
    assert "portrait" in dict(found["file"])["Our mark"] and found["ours"] is True
    assert "Mark in the pixels" not in dict(found["file"])
    pictures = [found["faces"][0]["crop"], CALLS["preview"]({"token": token})["picture"],
                CALLS["look"]({"token": token, "face": 0})["crop"]]  # fmt: skip
    curve = CALLS["treat"]({"token": token, "face": 0, "kind": "jpeg"})
    pictures += [point["crop"] for point in curve["points"]]
    for picture in pictures:
        mark = provenance.read(content(picture))
        assert (mark.is_ai, mark.model, mark.seed) == (True, "portrait", 5)


def test_a_group_has_a_verdict_for_everybody(uploads):
    _, found = checked(png(group()))
    assert len(found["faces"]) == 4
    assert [face["index"] for face in found["faces"]] == [0, 1, 2, 3]
    assert found["summary"].startswith("4 faces: ") and "Altogether: " in found["summary"]
    whole = found["whole"]
    assert whole["odds"] == whole["percent"] == "", "they hold for single faces"
    assert report_words.several(4) in whole["reason"]
    chosen = found["faces"][found["first"]]
    if any(face["verdict"] == "fake" for face in found["faces"]):
        assert chosen["verdict"] == "fake"


def test_the_page_hears_how_wide_and_high_a_turned_picture_was_seen(uploads):
    turned, buffer = Image.Exif(), io.BytesIO()
    turned[0x112] = 6
    Image.new("RGB", (512, 400)).save(buffer, "WEBP", exif=turned.tobytes())
    token, found = checked(buffer.getvalue(), "a.webp")
    shown = Image.open(io.BytesIO(content(CALLS["preview"]({"token": token})["picture"])))
    assert found["size"] == [400, 512] == list(shown.size)


def test_no_face_is_uncertain_with_its_reason(uploads):
    noise = np.random.default_rng(0).integers(0, 256, (200, 200, 3), np.uint8)
    token, found = checked(png(noise))
    assert found["faces"] == [] and found["whole"]["verdict"] == "uncertain"
    assert found["whole"]["title"] == "No face" and found["whole"]["reason"]
    assert "percent" not in found["whole"], "there is no number where nothing was judged"
    assert "no such face" in CALLS["look"]({"token": token, "face": 0})["error"]


def test_a_video_has_a_timeline_and_frames(uploads):
    token, found = checked(clip(), "clip.mp4")
    assert found["kind"] == "video" and found["summary"].startswith("One person: ")
    [person] = found["faces"]
    assert "<svg" in person["timeline"] and "seconds" in person["timeline"]
    assert person["frames"] and all(0 <= frame["time"] <= 2 for frame in person["frames"])
    assert all(list(frame["experts"]) == list(NAMES) for frame in person["frames"])
    for frame in range(len(person["frames"])):
        assert "spectrum" in CALLS["look"]({"token": token, "face": 0, "frame": frame})
    late = len(person["frames"])
    assert "no such frame" in CALLS["look"]({"token": token, "face": 0, "frame": late})["error"]
    for frame, shown in enumerate(person["frames"][:2]):
        curve = CALLS["treat"]({"token": token, "face": 0, "frame": frame, "kind": "blur"})
        first = curve["points"][0]
        assert shown["words"].endswith(f", {first['percent']}"), "as it is, it is what was judged"
        assert first["verdict"] == shown["verdict"]


def test_the_timeline_of_a_long_video_ends_where_one_stopped_looking(person):
    """Half an hour long: its two minutes that were looked at fill the plot."""
    crop, last = person.telling[0][1], len(person.times) - 1
    times = [120.0 * index / last for index in range(last + 1)]
    alone = {"telling": [(0.0, crop)], "telling_experts": person.telling_experts[:1]}
    seen = replace(person, times=times, **alone)
    plot = check_view.person_view(0, seen, 1800.0, None)["timeline"]
    assert "over 120 seconds" in plot and ">120.0 s<" in plot and "1800" not in plot
    assert f'<text x="{check_plot._LEFT:.1f}" y="167.0" text-anchor="start">0.0 s<' in plot
    [line] = re.findall('polyline points="([^"]+)"', plot)
    places = [float(point.split(",")[0]) for point in line.split()]
    assert (places[0], places[-1]) == (check_plot._LEFT, check_plot._WIDTH - check_plot._RIGHT)


def test_the_ticks_of_a_very_short_video_differ(person):
    plot = check_plot.timeline_plot(person, 0.04, 1)
    assert "over 0.04 seconds" in plot
    ticks = re.findall(r">([0-9.]+) s<", plot)
    assert ticks == ["0.00", "0.01", "0.02", "0.03", "0.04"]


def test_an_animation_is_shown_as_it_was_judged(uploads):
    """White first, then a face that drifts: the frame that was judged, and where its face is."""
    drifting = [Image.fromarray(frame) for frame in drift(8)]
    white = Image.new("RGB", (360, 300), "white")
    buffer = io.BytesIO()
    white.save(buffer, "PNG", save_all=True, append_images=drifting, duration=100)
    token, found = checked(buffer.getvalue(), "photo.png")
    assert (found["kind"], found["moving"]) == ("video", True)
    assert (
        found["summary"].startswith("One person: ") and clips.ANIMATED in found["whole"]["reason"]
    )
    assert found["note"].startswith("Length 0.9 s, of which 9 frames were looked at. ")
    assert check.STILL in found["note"] and report_words.GUIDE in found["note"]
    [person] = found["faces"]
    assert "<svg" in person["timeline"]
    places = {}
    for frame, one in enumerate(person["frames"]):
        seen = CALLS["still"]({"token": token, "face": 0, "frame": frame})
        shown = Image.open(io.BytesIO(content(seen["picture"])))
        expected = drifting[round(10 * one["time"]) - 1]
        assert np.abs(np.subtract(shown, np.asarray(expected, float))).mean() < 8
        x0, y0, x1, y1 = seen["box"]
        assert 0 < x0 < x1 < 1 and 0 < y0 < y1 < 1
        places[one["time"]] = x0
    moved = np.diff([places[moment] for moment in sorted(places)])
    assert (moved > 0).all() or (moved < 0).all(), "each box is that of its frame"
    assert "no such person" in CALLS["still"]({"token": token, "face": 1})["error"]
    assert "no such frame" in CALLS["still"]({"token": token, "face": 0, "frame": 99})["error"]


def test_stills_are_of_animations_only(uploads, photograph):
    for file in (photograph, clip(4)):
        token, found = checked(file)
        assert found["moving"] is False and check.STILL not in found["note"]
        assert "error" in CALLS["still"]({"token": token, "face": 0})


def test_an_animation_without_a_face_says_what_is_shown(uploads):
    white, grey = (Image.new("RGB", (64, 64), colour) for colour in ("white", "grey"))
    buffer = io.BytesIO()
    white.save(buffer, "GIF", save_all=True, append_images=[grey])
    _, found = checked(buffer.getvalue(), "a.gif")
    assert found["moving"] and found["note"].endswith("looked at. Shown is the first frame.")
    assert clips.ANIMATED in found["whole"]["reason"]
