"""The Swap tab's calls: consent, marks on all that leaves, and the endpoint."""

import base64
import io
import json
import os
import re
import time

import gradio as gr
import numpy as np
import pytest
from PIL import Image

from ganfake import UserError, marks, provenance
from ganfake.left_out import FIRST_ONLY
from ganfake.persons import SHIPPED
from ganfake.swap import CONSENT, SwapOptions
from ganfake.ui import swap, swap_api, swap_board, swap_convert, swap_own, swap_view
from ganfake.ui.theme import layout, scripts
from ganfake.ui.uploads import GONE
from ganfake.writing import NO_FOLDER
from tests.check_calls import png
from tests.endless import Endless
from tests.swap_calls import (
    CALLS,
    COMPOSITE,
    drawn,
    fetched,
    of,
    opened,
    own_page,
    send,
    short_clip,
    swapped,
    two_heads,
    wish,
)
from tests.swapping import becoming, greenness, pictures_of


# -- the house -----------------------------------------------------------------------
def test_whom_one_may_become_and_what_one_agrees_to():
    house = CALLS["house"]({})
    assert [person["id"] for person in house["persons"]] == list(SHIPPED)
    assert house["persons"][3]["title"] == "Woman A" and house["consent"] == CONSENT
    for person in house["persons"]:
        content = of(person["portrait"])
        assert provenance.read(content).source_type == COMPOSITE
        assert not np.array_equal(opened(content), drawn("").portrait)
    for name, choice in house["choices"].items():
        assert choice["usual"] == getattr(SwapOptions(), name) in choice["all"]


def test_weights_that_are_missing_are_one_sentence(monkeypatch):
    def missing(name):
        raise UserError("The weights are missing; fetch them again.")

    monkeypatch.setattr(swap_board, "load_person", missing)
    house = CALLS["house"]({})
    assert house["persons"] == [] and "missing" in house["missing"]


# -- a picture -----------------------------------------------------------------------
def test_a_picture_from_file_to_marked_result(page, pair):
    token = send(png(pair), "../two heads.png")
    look = CALLS["look"]({"token": token})
    assert [face["index"] for face in look["faces"]] == [0, 1] and not look["clip"]
    assert look["size"] == (pair.shape[1], pair.shape[0])
    assert look["faces"][0]["box"][2] < 0.5 < look["faces"][1]["box"][0]
    found = swapped(token, options={"face": 1, "corner": "top left", "colour": "none"})["swapped"]
    assert (found["name"], found["kind"]) == ("two heads-as-man_a.png", "image/png")
    content = fetched(token, found["size"])
    mark = provenance.read(content)
    assert mark.source_type == COMPOSITE and mark.model == "swap"
    assert CONSENT.encode() in content and b"man_a" in content
    pixels = opened(content)
    assert marks.find(pixels).found and not marks.find(pair).found
    assert abs(pixels[:40, :150].astype(int) - pair[:40, :150]).max() > 60, "the visible mark"
    assert greenness(pixels[120:240, 400:480]) > 40 > greenness(pixels[120:240, 80:180])
    assert [stage["name"] for stage in found["stages"]] == list(swap_view.STAGES)
    assert page[0].get(token).session == "mine"
    json.dumps(found, allow_nan=False)


def test_generated_stages_are_marked_and_ones_own_pixels_are_not(pair):
    found = swapped(send(png(pair)))["swapped"]
    ai = {s["name"]: provenance.read(of(s["picture"])) is not None for s in found["stages"]}
    assert ai == {"found": False, "aligned": False, "encoded": False, "decoded": True,
                  "masked": True, "blended": True}  # fmt: skip


@pytest.mark.parametrize("consent", ["", "yes", None, True, CONSENT.lower()])
def test_without_the_statement_nothing_is_swapped(page, pair, consent):
    token = send(png(pair))
    assert "Agree to the statement" in swapped(token, consent=consent)["error"]
    assert "no result" in CALLS["piece"]({"token": token, "at": 0})["error"]
    told = swap_own.learn_lines(json.dumps({"number": 1, "minutes": 1, "consent": consent}), "s")
    assert "Agree to the statement" in json.loads(next(told))["error"]
    with pytest.raises(UserError, match="agree to this statement"):
        swap_api.swap_content(base64.b64encode(png(pair)).decode(), "man_a", consent)


@pytest.mark.parametrize(
    ("options", "sentence"),
    [({"mask": "../x"}, "The mask is one of"), ({"corner": "nowhere"}, "The corner is one of"),
     ({"face": 9}, "2 faces"), ({"face": -1}, "whole number"), ({"face": True}, "whole number"),
     ({"face": "0"}, "whole number"), ([1], "a few names"), ({"blend": ["x"]}, "is one of")],
)  # fmt: skip
def test_options_that_are_none(pair, options, sentence):
    assert sentence in swapped(send(png(pair)), options=options)["error"]


@pytest.mark.parametrize("person", [None, "", "nobody", "../man_a", 7, ["man_a"], {"a": 1}])
def test_persons_that_are_none(pair, person):
    assert swapped(send(png(pair)), person=person)["error"].endswith(".")


@pytest.mark.parametrize("given", ["", "[]", "{}", "null", "[" * 3000, '{"number": -1}', None, 7])
def test_wishes_that_are_none(given):
    for lines in (swap_convert.swap_lines, swap_own.gather_lines, swap_own.learn_lines):
        [line] = lines(given, "s")
        assert "reload the page" in json.loads(line)["error"]


def test_no_face_and_no_picture_are_one_sentence():
    noise = np.random.default_rng(0).integers(0, 256, (200, 200, 3), np.uint8)
    for file in (png(noise), b"hello", b"\xff\xd8\xff\xe0" + bytes(300)):
        for said in (CALLS["look"]({"token": send(file)}), swapped(send(file))):
            assert said["error"].endswith(".") and said["error"].count(". ") == 0


def test_pieces_that_are_not_there(pair):
    token = send(png(pair))
    swapped(token)
    for at in (-1, 10**9, "0", None, True):
        assert "no such piece" in CALLS["piece"]({"token": token, "at": at})["error"]


def test_what_is_left_out_is_said(pair, monkeypatch):
    buffer = io.BytesIO()
    first = Image.fromarray(pair)
    first.save(buffer, "GIF", save_all=True, append_images=[first.rotate(90)])
    found = swapped(send(buffer.getvalue(), "a.gif"))["swapped"]
    assert found["note"] == FIRST_ONLY
    assert swapped(send(png(pair)))["swapped"]["note"] == ""
    told = []
    monkeypatch.setattr(swap_api.gr, "Info", told.append)
    with gr.Blocks() as blocks:
        swap_api.swap_endpoint()
    [call] = [one.fn for one in blocks.fns.values()]
    for content in (buffer.getvalue(), png(pair)):
        call(base64.b64encode(content).decode(), "man_a", CONSENT)
    assert told == [FIRST_ONLY]


# -- a clip --------------------------------------------------------------------------
def test_a_clip_is_swapped_and_leaves_nothing_on_the_disk(clip, tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    before = set(tmp_path.rglob("*"))
    token = send(clip, "clip.mp4")
    look = CALLS["look"]({"token": token})
    assert look["clip"] and len(look["faces"]) == 1
    found = swapped(token)["swapped"]
    assert found["clip"] and (found["name"], found["kind"]) == ("clip-as-man_a.mp4", "video/mp4")
    content = fetched(token, found["size"])
    assert provenance.read(content).source_type == COMPOSITE
    frames = pictures_of(content)
    assert len(frames) == 12 and marks.best([marks.find(frame) for frame in frames]).found
    assert set(tmp_path.rglob("*")) == before


def test_a_stopped_or_left_clip_ends_at_its_next_frame(page, clip, monkeypatch, tmp_path):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    for stop in ("close", "leave"):
        endless = Endless()

        def half(content, person, target, options, consent, progress, endless=endless):
            target.write_bytes(b"half")
            endless(progress)

        monkeypatch.setattr(swap_convert, "swap_video", half)
        before, token = set(tmp_path.iterdir()), send(clip, "clip.mp4")
        told = swap_convert.swap_lines(wish(token), "mine")
        next(told), next(told)
        if stop == "close":
            told.close()
        else:
            page[0].leave("mine")
            assert json.loads(list(told)[-1])["error"] == GONE
        assert endless.ended.wait(5)
        end = time.monotonic() + 5
        # listed without rglob, which fails when a folder goes while it is being walked
        while {tmp_path / name for name in os.listdir(tmp_path)} != before:
            assert time.monotonic() < end
            time.sleep(0.01)
        assert len(swap_convert.clips) == 0


def test_a_result_takes_room_and_the_page_is_told_where_there_is_none(page, clip, monkeypatch):
    token = send(clip, "clip.mp4")
    size = swapped(token)["swapped"]["size"]
    assert page[0].get(token).held == len(clip) + size
    # Not one byte less: two results of one clip differ by a few.
    monkeypatch.setattr(page[0]._room, "total", len(clip) + size // 2)
    assert "Other visitors" in swapped(token)["error"]
    assert "no result" in CALLS["piece"]({"token": token, "at": 0})["error"]


def test_no_folder_for_unfinished_files_is_one_sentence(clip, tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "none"))
    assert swapped(send(clip, "clip.mp4"))["error"] == NO_FOLDER


# -- the endpoint --------------------------------------------------------------------
def test_the_endpoint_gives_a_marked_picture(pair):
    address = swap_api.swap_content(
        "data:image/png;base64," + base64.b64encode(png(pair)).decode(), "woman_a", CONSENT,
        {"face": 0, "corner": "top right", "colour": "none"},
    )  # fmt: skip
    assert address.startswith("data:image/png;base64,")
    content = of(address)
    assert provenance.read(content).source_type == COMPOSITE and b"woman_a" in content
    pixels = opened(content)
    assert marks.find(pixels).found
    assert greenness(pixels[120:240, 80:180]) > 15 > greenness(pixels[120:240, 400:480])


@pytest.mark.parametrize(
    ("change", "sentence"),
    [({"file": "ä"}, "base64"), ({"file": None}, "base64"), ({"person": "nobody"}, "man_a"),
     ({"person": ["man_a"]}, "man_a"), ({"options": {"mask": "x"}}, "The mask is one of")],
)  # fmt: skip
def test_what_the_endpoint_refuses(pair, change, sentence):
    given = {"file": base64.b64encode(png(pair)).decode(), "person": "man_a", "consent": CONSENT}
    with pytest.raises(UserError, match=sentence):
        swap_api.swap_content(**given | change)


def test_the_endpoint_leaves_clips_to_the_tab(clip):
    with pytest.raises(UserError, match="Swap tab"):
        swap_api.swap_content(base64.b64encode(clip).decode(), "man_a", CONSENT)


def test_it_is_registered_and_documented():
    with gr.Blocks() as blocks:
        swap_api.swap_endpoint()
    [endpoint] = blocks.get_api_info()["named_endpoints"].items()
    assert endpoint[0] == "/swap"
    names = [parameter["parameter_name"] for parameter in endpoint[1]["parameters"]]
    assert names == ["file", "person", "consent", "face", "mask", "colour", "blend", "corner"]


# -- the script ----------------------------------------------------------------------
def test_the_script_asks_only_for_what_there_is():
    script = scripts(*swap.SCRIPTS)
    asked = set(re.findall(r'ask\("(\w+)"', script))
    assert asked == set(CALLS)
    wanted = set(re.findall(r'\$\$?\("[.](\w[\w-]*)', script)) - {"plot"}
    given = set(" ".join(re.findall(r'class="([^"]+)"', layout("swap.html"))).split())
    assert wanted <= given | {"choices"}
