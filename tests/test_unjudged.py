"""What cannot be judged has no number, settles nothing, and is the same in a clip as in a still."""

import hashlib
from dataclasses import replace

import cv2
import numpy as np
import pytest

from ganfake import UserError, clips, detect, detect_files
from ganfake.clips import CROWD, MAX_PERSONS, check_video
from ganfake.commands_detect import _row
from ganfake.detect import check_file
from ganfake.experts import ensemble, reasons
from ganfake.faces import find_faces
from ganfake.fileinfo import file_facts
from ganfake.report import report_dict, report_html
from ganfake.report_words import SOME_UNJUDGED, summary
from ganfake.ui import check, check_board
from ganfake.ui.check_board import Found, treat
from ganfake.ui.uploads import Upload
from ganfake.ui.words import translate
from tests.filming import HEAD, head, video
from tests.judging import judged
from tests.test_moving import animation

pytestmark = pytest.mark.usefixtures("judged")
LIGHT, LIGHTER = head(light=190), head(light=205)


@pytest.fixture(autouse=True)
def patience(monkeypatch):
    """A busy machine must not change what the tests see; nor do weights that are not there."""
    monkeypatch.setattr(clips, "_LOOKING", 300.0)
    monkeypatch.setattr(clips, "_JUDGED", 300.0)
    monkeypatch.setattr(ensemble, "frequency", lambda p: ensemble.Frequency(80, 100, 0.7, 0.9))


def found_in(content: bytes) -> Found:
    checked = check_file(content, "a.webp")
    assert checked.error is None
    return Found(checked, file_facts(content), None)


def small(picture: np.ndarray) -> bytes:
    """An animation in which the face is too small to be judged."""
    tiny = cv2.resize(picture, None, fx=0.2, fy=0.2, interpolation=cv2.INTER_AREA)
    return animation("WEBP", [tiny, tiny[:, ::-1]], 300)


def test_one_face_without_enough_pixels_has_no_number_anywhere():
    found = found_in(small(LIGHT))
    [face] = found.checked.faces
    assert face.reason == reasons.SMALL and reasons.SMALL in found.checked.reason
    whole = check.found_view(found)["whole"]
    assert (whole["percent"], whole["odds"]) == ("", "")
    page = report_html(found.checked, found.facts, b"").decode()
    assert "Probability of fake" not in page and "What each expert says" not in page
    [shown] = check.found_view(found)["faces"]
    assert not (shown["judged"] or shown["experts"] or shown["generator"] or shown["families"])
    assert _row(found.checked.as_dict()).split()[:2] == ["uncertain", "-"]
    larger = found_in(animation("WEBP", [LIGHT, LIGHTER], 300))
    assert check.found_view(larger)["whole"]["percent"]
    page = report_html(larger.checked, larger.facts, b"").decode()
    assert "Probability of fake" in page and "What each expert says" in page
    [shown] = check.found_view(larger)["faces"]
    assert shown["judged"] and shown["experts"]
    assert _row(larger.checked.as_dict()).split()[1] != "-"


def test_the_dial_knows_how_many_pixels_a_face_of_a_clip_had(monkeypatch):
    for content, expected in ((small(LIGHT), reasons.SMALL), (video([LIGHT] * 3), "")):
        found = found_in(content)
        upload = Upload("a.webp", len(content), content, found=found)
        monkeypatch.setattr(check_board.uploads, "whole", lambda token, it=upload: it)
        asked = {"token": "", "kind": "resize", "face": 0}
        if expected:
            with pytest.raises(UserError, match=expected):
                treat(asked)
        else:
            points = treat(asked)["points"]
            assert points[0]["reason"] == ""


def test_a_face_over_the_border_is_not_judged_in_a_clip_either(monkeypatch):
    [whole] = find_faces(HEAD)
    cut = replace(whole, points=whole.points - np.array([whole.points[0, 0] + 20, 0]))
    for face, reason in ((whole, ""), (cut, reasons.CUT_OFF)):
        monkeypatch.setattr(detect, "search_any_way_up", lambda picture, it=face: [it])
        monkeypatch.setattr(clips, "find_faces", lambda picture, it=face: [it])
        still = check_file(animation("PNG", [LIGHT]))
        moving = check_file(animation("WEBP", [LIGHT, LIGHTER], 300))
        assert [still.kind, moving.kind] == ["image", "video"]
        [person] = moving.clip.persons
        assert still.reason == person.reason == reason
        expected = "uncertain" if reason else "fake"
        assert {still.verdict, person.verdict, *person.verdicts} == {expected}


def test_what_does_not_count_is_not_said_to_decide_and_not_shown_first(monkeypatch):
    [whole] = find_faces(HEAD)
    tiny = replace(whole, points=whole.points / 6)
    monkeypatch.setattr(detect, "search_any_way_up", lambda picture: [tiny, whole])
    checked = detect.check_picture(np.uint8(HEAD * 0.3))
    seen = check.found_view(Found(checked, file_facts(b"x"), None))
    assert (checked.verdict, seen["first"]) == ("real", 1)
    assert SOME_UNJUDGED in seen["whole"]["reason"]
    assert summary(checked).endswith(SOME_UNJUDGED)
    for face in checked.faces:  # where all count alike nothing is said of it
        alike = replace(checked, faces=[face, face])
        assert SOME_UNJUDGED not in summary(alike)
        assert alike.own_number is None
    assert report_dict(checked, file_facts(b"x"))["caveats"] == [], "one alone decides"
    assert replace(checked, faces=checked.faces[:1]).own_number is None
    assert replace(checked, faces=checked.faces[1:]).own_number == checked.probability_fake


def test_more_people_than_are_judged_are_mentioned(monkeypatch):
    [whole] = find_faces(HEAD)
    several = [
        replace(whole, points=whole.points + np.array([n, 0])) for n in range(MAX_PERSONS + 1)
    ]
    for count in (1, MAX_PERSONS + 1):
        monkeypatch.setattr(clips, "find_faces", lambda picture, n=count: several[:n])
        clip = check_video(animation("WEBP", [HEAD, LIGHT], 300))
        assert (CROWD in clip.note) == (count > MAX_PERSONS)
    assert translate(CROWD, "zh") != CROWD


def test_a_file_that_is_not_read_to_its_end_has_no_sha256(monkeypatch, tmp_path):
    monkeypatch.setattr(detect, "VIDEO_BYTES", 100)
    for size in (100, 101, 5000):
        file = tmp_path / f"{size}.bin"
        file.write_bytes(b"x" * size)
        whole = hashlib.sha256(file.read_bytes()).hexdigest()
        checked = detect_files.check_path(str(file))
        assert checked.error and checked.sha256 == (whole if size == 100 else "")


def test_the_crops_of_a_check_count_for_the_servers_memory():
    found = found_in(video([LIGHT] * 3))
    crops = sum(crop.nbytes for _, crop in found.clip.persons[0].telling)
    assert found.held == crops
    assert Upload("a.mp4", 3, b"abc", found=found).held == 3 + found.held
    assert not found.gives_way, "the page asks for more of it"


def test_of_faces_of_which_none_can_be_judged_none_is_said_to_decide(monkeypatch):
    [whole] = find_faces(HEAD)
    tiny = replace(whole, points=whole.points / 6)
    monkeypatch.setattr(detect, "search_any_way_up", lambda picture: [tiny, tiny])
    checked = detect.check_picture(HEAD)
    facts = file_facts(b"x")
    said = check.found_view(Found(checked, facts, None))["whole"]["reason"]
    assert said == f"2 faces were found: 2 uncertain. {reasons.SMALL}"
    assert summary(checked) == "2 faces were found: 2 uncertain."
    assert report_dict(checked, facts)["caveats"] == []
