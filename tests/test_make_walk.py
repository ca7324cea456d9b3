"""The Make tab's walks and films, and the endpoint that generates."""

import base64
import io
import itertools
import json
import threading
import time
from xml.etree import ElementTree

import numpy as np
import pytest
from PIL import Image

from ganfake import UserError, provenance
from ganfake.film import film
from ganfake.generate import Face, render
from ganfake.models import available
from ganfake.ui import api, make
from ganfake.ui.film import show_film
from tests.pictures import pixels

FACE = {"model": "dcgan", "seed": "7"}


def wish(**given) -> str:
    return json.dumps({"number": 1, "stops": [FACE, {**FACE, "seed": "8"}], "seconds": 0.5} | given)


# -- the walk ------------------------------------------------------------------------
def test_a_walk_tells_how_far_it_is_and_then_gives_the_video():
    lines = [json.loads(line) for line in make.walk_lines(wish())]
    assert {line["number"] for line in lines} == {1}
    *steps, last = lines
    assert [step["of"] for step in steps] == [24] * len(steps)
    assert steps[-1]["done"] == 24
    assert last["name"] == "dcgan-walk-7-8.mp4"
    assert provenance.read(base64.b64decode(last["content"])).is_ai


@pytest.mark.parametrize("said", [
    "", "x", "[" * 100_000, "null", "[]", "{}", None, wish(stops=[]), wish(stops=[FACE] * 99),
    wish(seconds=float("nan")),
    wish(seconds=1e9), wish(seconds="2"), wish(number="x"), wish(number=-1), wish(stops=[FACE]),
    wish(stops=[FACE, {"model": "cdcgan", "seed": 1}]),
])  # fmt: skip
def test_a_wrong_wish_is_one_sentence(said):
    [line] = make.walk_lines(said)
    assert "error" in json.loads(line)


def test_a_walk_that_is_stopped_stops_rendering(monkeypatch):
    steps = []
    left = threading.Event()

    def slow(stops, seconds, fps, loop, progress):
        try:
            for step in range(1, 200):
                time.sleep(0.01)
                steps.append(step)
                progress(step / 200)
        finally:
            left.set()
        return b""

    monkeypatch.setattr(make, "walk", slow)
    lines = make.walk_lines(wish())
    next(lines)
    lines.close()
    assert left.wait(5)
    assert len(steps) < 200


def test_what_goes_wrong_inside_a_walk_is_not_swallowed(monkeypatch):
    def broken(*_, **__):
        raise RuntimeError("a fault of ours")

    monkeypatch.setattr(make, "walk", broken)
    with pytest.raises(RuntimeError):
        list(make.walk_lines(wish()))


# -- the film ------------------------------------------------------------------------
@pytest.mark.parametrize("name", available())
def test_the_film_has_a_moment_for_every_frame(name):
    described = film(name)
    shown = show_film({"model": name})
    if described is None:
        assert shown == {"none": True}
        return
    frames = shown["frames"]
    assert [frame["images"] for frame in frames] == described.images
    assert all(a["x"] <= b["x"] for a, b in itertools.pairwise(frames))
    sprite = Image.open(io.BytesIO(base64.b64decode(shown["sprite"].split(",")[1])))
    side = described.side
    assert sprite.size == (shown["columns"] * side, shown["rows"] * side)
    for drawn in shown["plots"]:
        plot = ElementTree.fromstring(drawn)
        assert plot.find("line[@class='marker']") is not None
        lines = plot.findall("polyline")
        assert len(lines) == 2
        width = float(plot.get("viewBox").split()[2])
        for pair in " ".join(line.get("points") for line in lines).split():
            assert 0 <= float(pair.split(",")[0]) <= width, "no curve leaves the plot"
        assert "nan" not in drawn and "inf" not in drawn.replace("infinite", "")


# -- the API -------------------------------------------------------------------------
def test_the_endpoint_makes_marked_pictures():
    made = api.make_faces("cdcgan", 2, 5, 0.9, {"Smiling": "1"})
    expected = [Face("cdcgan", face["seed"], 0.9, {"Smiling": "1"}) for face in made]
    for face, picture in zip(made, render(expected), strict=True):
        assert np.array_equal(pixels(face["image"]), np.asarray(picture))
        mark = provenance.read(base64.b64decode(face["image"].split(",")[1]))
        assert (mark.is_ai, mark.model, mark.seed) == (True, "cdcgan", face["seed"])
        assert face["command"].startswith("python -m ganfake generate cdcgan")


@pytest.mark.parametrize("given", [
    ("nothing", 1, 0, 1.0, None), ("../dcgan", 1, 0, 1.0, None), ("dcgan", -1, 0, 1.0, None),
    ("dcgan", 1_000_000, 0, 1.0, None), ("dcgan", 1, "text", 1.0, None),
    ("dcgan", 1, 0, 2.0, None), ("cdcgan", 1, 0, 1.0, {"Nose": "1"}), ("dcgan", 1, 0, None, None),
])  # fmt: skip
def test_the_endpoint_refuses_in_one_sentence(given):
    with pytest.raises(UserError):
        api.make_faces(*given)
