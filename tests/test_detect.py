"""A picture of any kind to faces with verdicts; many files in order, whatever becomes of each."""

import hashlib
import io
import json
import re
from dataclasses import replace

import cv2
import numpy as np
import pytest
import skimage.data
from PIL import Image

from ganfake import marks
from ganfake.checked import CheckedFace
from ganfake.detect import (
    NO_FACE,
    _whole,
    check_file,
    check_picture,
)
from ganfake.experts import NAMES, SIDE, ensemble, reasons
from ganfake.experts.band import any_fake
from ganfake.experts.cropping import expert_crop
from ganfake.faces import TEMPLATE, find_faces, search_faces
from ganfake.generate import generate
from ganfake.images import encode_jpeg
from ganfake.ui.words import translate
from tests.judging import (
    HIGH,
    LOW,
    assess,
    judged,
)

pytestmark = pytest.mark.usefixtures("judged")


@pytest.fixture(scope="module")
def astronaut() -> np.ndarray:
    return skimage.data.astronaut()


def _brighter(picture: np.ndarray, to: int) -> np.ndarray:
    return np.uint8(255 - (255 - picture.astype(float)) * (255 - to) / 255)


def _file(picture: np.ndarray, kind: str = "PNG", **options) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(picture).save(buffer, kind, **options)
    return buffer.getvalue()


def test_one_face_of_a_photograph(astronaut):
    checked = check_picture(astronaut, None, "a.png")
    [face] = checked.faces
    assert (checked.file, checked.kind, checked.error) == ("a.png", "image", None)
    assert (checked.width, checked.height) == (512, 512)
    assert face.box[0] == pytest.approx(179, abs=8)
    assert face.crop_px == pytest.approx(4 * 42, rel=0.2)
    assert np.array_equal(face.crop, expert_crop(astronaut, find_faces(astronaut)[0].points))
    assert face.probability_fake == checked.probability_fake
    assert checked.verdict == face.verdict == "uncertain"
    assert checked.reason == face.reason == ensemble.undecided(face.probability_fake)


def test_faces_decide_together(astronaut):
    head = astronaut[:260, 80:400]
    light, dark = _brighter(head, 190), np.uint8(head * 0.3)
    for others, expected in ((light, "fake"), (head, "uncertain"), (dark, "real")):
        checked = check_picture(np.concatenate([dark, others], 1))
        assert [checked.verdict, len(checked.faces)] == [expected, 2]
        assert checked.probability_fake == any_fake([f.probability_fake for f in checked.faces])


@pytest.mark.parametrize(
    ("faces", "verdict", "reason"),
    [
        ([0.95, 0.1], "fake", ""),
        ([0.9] + [0.1] * 7, "uncertain", reasons.AMONG),
        ([0.999] + [0.1] * 7, "fake", ""),
        ([0.4] + [0.1] * 2, "real", ""),
        ([0.6, 0.1], "uncertain", reasons.RATHER_REAL),
        ([0.7, 0.3], "uncertain", reasons.CLOSE),
        ([0.4, reasons.CUT_OUT] + [0.1] * 5, "uncertain", reasons.CUT_OUT),
        ([0.9, reasons.NOVEL] + [0.1] * 7, "uncertain", reasons.AMONG),
        ([0.1, reasons.SMALL] + [0.1] * 2, "real", ""),
        ([reasons.SMALL, reasons.SMALL], "uncertain", reasons.SMALL),
        ([0.9, 0.9, 0.9, 0.1], "fake", ""),
    ],
)
def test_one_among_many_needs_stronger_evidence(faces, verdict, reason):
    """By the band of tests.judging; a reason stands for a face that is uncertain for it."""
    found = [_whole_face(one) for one in faces]
    assert _whole(found)[::2] == (verdict, reason)
    for shuffled in (found[::-1], sorted(found, key=lambda face: face.probability_fake)):
        assert _whole(shuffled)[::2] == _whole(found)[::2]


def _whole_face(one: float | str) -> CheckedFace:
    chance = 0.1 if isinstance(one, str) else one
    verdict = "fake" if chance >= HIGH else "real" if chance <= LOW else "uncertain"
    reason = one if isinstance(one, str) else reasons.CLOSE if verdict == "uncertain" else ""
    crop = np.zeros((SIDE, SIDE, 3), np.uint8)
    verdict = "uncertain" if reason else verdict
    box = (0.0, 0.0, 9.0, 9.0)
    return CheckedFace(box, TEMPLATE, verdict, chance, reason, {}, "", {}, crop, 200.0)


def test_small_faces_count_only_when_alone(astronaut, monkeypatch):
    whole = find_faces(astronaut)[0]
    tiny = replace(whole, points=whole.points / 6)  # 7 pixels between the eyes
    monkeypatch.setattr("ganfake.detect.search_any_way_up", lambda picture: [whole, tiny])
    checked = check_picture(np.uint8(astronaut * 0.3))
    assert [face.verdict for face in checked.faces] == ["real", "uncertain"]
    assert (checked.verdict, checked.reason) == ("real", "")
    monkeypatch.setattr("ganfake.detect.search_any_way_up", lambda picture: [tiny])
    alone = check_picture(astronaut)
    assert (alone.verdict, alone.reason) == ("uncertain", reasons.SMALL)


def test_a_face_over_the_border_is_not_judged(astronaut, monkeypatch):
    whole = find_faces(astronaut)[0]
    cut = replace(whole, points=whole.points - [225, 0])  # the eye on the left is outside
    monkeypatch.setattr("ganfake.detect.search_any_way_up", lambda picture: [cut])
    checked = check_picture(np.ascontiguousarray(_brighter(astronaut, 190)[:, 225:]))
    assert (checked.verdict, checked.reason) == ("uncertain", reasons.CUT_OFF)
    both = [replace(whole, points=whole.points + np.array([100, 0])), cut]
    monkeypatch.setattr("ganfake.detect.search_any_way_up", lambda picture: both)
    assert reasons.CUT_OFF not in (checked := check_picture(astronaut)).reason
    assert checked.faces[1].reason == reasons.CUT_OFF


def test_no_face_has_no_probability():
    checked = check_picture(skimage.data.coffee())
    assert (checked.verdict, checked.probability_fake) == ("uncertain", None)
    assert (checked.reason, checked.faces, checked.error) == (NO_FACE, [], None)


def test_at_most_64_faces_and_no_more_than_there_is_time_for(monkeypatch):
    faces = [np.asarray(p) for p in generate("portrait", 8, seed=3)]
    rows = [np.concatenate([faces[(i + j) % 8] for j in range(12)], 1) for i in range(6)]
    asked = []
    monkeypatch.setattr(
        ensemble, "assess", lambda *given: asked.append(len(given[0])) or assess(*given)
    )
    crowd = np.concatenate(rows)
    checked = check_picture(crowd)
    assert asked == [16] * 4 and len(checked.faces) == 64
    assert re.match(r"Only the 64 largest of 7\d faces were checked\. ?", checked.reason)
    monkeypatch.setattr("ganfake.detect._SOON", 0.0)
    late = check_picture(crowd)
    assert len(late.faces) == 16 and re.match(
        r"Only the 16 largest of 7\d faces were checked, for the time ran out; ", late.reason
    )
    by_size = sorted(checked.faces, key=lambda f: (f.box[0] - f.box[2]) * (f.box[3] - f.box[1]))
    assert {face.box for face in late.faces} == {face.box for face in by_size[:16]}
    for one in (checked, late):
        middles = [face.box[0] + face.box[2] for face in one.faces]
        assert middles == sorted(middles), "left to right, as Swap counts them"


def test_the_check_of_a_picture_tells_how_far_it_is_and_can_be_stopped(astronaut, monkeypatch):
    face = find_faces(astronaut)[0]
    monkeypatch.setattr("ganfake.detect.search_any_way_up", lambda picture: [face] * 40)
    told = []
    assert len(check_file(_file(astronaut), progress=told.append).faces) == 40
    assert told == pytest.approx([1 / 41, 17 / 41, 33 / 41])

    def stop(share: float) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        check_file(_file(astronaut), progress=stop)


def test_of_a_dense_crowd_no_number_of_faces_is_told(astronaut, monkeypatch):
    whole = search_faces(astronaut)[0]
    monkeypatch.setattr("ganfake.detect.search_any_way_up", lambda picture: [whole] * 501)
    reason = check_picture(astronaut).reason
    assert reason.startswith("Only the 64 largest of more than 500 faces were checked.")
    assert translate(reason, "zh").startswith("超过 500 张人脸中只检测了最大的 64 张。")


def test_the_json_object_is_that_of_the_issue(astronaut):
    content = encode_jpeg(Image.fromarray(astronaut))
    checked = check_file(content, "ä\udcff.jpg")
    said = json.loads(json.dumps(checked.as_dict()))
    assert list(said)[:5] == ["file", "verdict", "probability_fake", "faces", "error"]
    assert said["file"] == "ä\udcff.jpg" and said["error"] is None
    assert said["sha256"] == hashlib.sha256(content).hexdigest()
    [face] = said["faces"]
    assert set(face) >= {"box", "verdict", "probability_fake", "experts", "generator"}
    assert set(face["experts"]) == set(NAMES) and len(face["box"]) == 4
    assert said["probability_fake"] == pytest.approx(face["probability_fake"])


def test_our_mark_in_the_pixels_is_read_and_changes_no_verdict(astronaut):

    def half(picture: np.ndarray) -> np.ndarray:
        return cv2.resize(picture, (256, 256), interpolation=cv2.INTER_AREA)

    stamped = marks.stamp(astronaut)
    there = check_file(encode_jpeg(Image.fromarray(half(stamped)), 75))
    plain = check_file(encode_jpeg(Image.fromarray(half(marks.visible(astronaut))), 75))
    said = there.as_dict()["pixel_mark"]
    assert said["found"] is True and said["score"] > 0.8 and said["false_alarm"] < 1e-9
    assert plain.as_dict()["pixel_mark"]["found"] is False
    assert there.verdict == plain.verdict
    assert there.probability_fake == pytest.approx(plain.probability_fake, abs=0.02)
    assert check_file(b"no picture").as_dict()["pixel_mark"] is None


def test_the_quality_of_a_jpeg_reaches_the_experts(astronaut, monkeypatch):
    heard = []
    monkeypatch.setattr(ensemble, "assess", lambda *given: heard.append(given[2]) or assess(*given))
    check_file(encode_jpeg(Image.fromarray(astronaut), 70))
    check_file(_file(astronaut))
    assert heard == [[pytest.approx(70, abs=2)], [None]]


@pytest.mark.parametrize("orientation", [3, 6, 8])
def test_boxes_are_in_the_picture_as_a_person_sees_it(astronaut, orientation):
    wide = astronaut[:400]
    exif = Image.Exif()
    exif[0x0112] = orientation
    stored = np.rot90(wide, {3: 2, 6: 1, 8: 3}[orientation])
    checked = check_file(_file(stored, "JPEG", quality=95, exif=exif))
    assert (checked.width, checked.height) == (512, 400)
    assert np.abs(np.subtract(checked.faces[0].box, check_picture(wide).faces[0].box)).max() < 8


def test_boxes_of_a_huge_picture_are_in_its_own_pixels(astronaut):
    picture = cv2.copyMakeBorder(astronaut, 0, 3000, 4600, 0, cv2.BORDER_CONSTANT)
    [face] = check_file(encode_jpeg(Image.fromarray(picture))).faces
    small = check_picture(astronaut).faces[0]
    assert np.abs(np.subtract(face.box, small.box) - [4600, 0, 4600, 0]).max() < 12
    assert np.abs(face.points - small.points - [4600, 0]).max() < 8
    assert face.crop_px == pytest.approx(small.crop_px, rel=0.05)


def test_experts_hear_how_large_a_face_was_when_they_saw_it(astronaut, monkeypatch):
    heard = []
    monkeypatch.setattr(ensemble, "assess", lambda *given: heard.append(given[1]) or assess(*given))
    picture = cv2.copyMakeBorder(astronaut, 0, 3000, 7680, 0, cv2.BORDER_CONSTANT)
    [face] = check_file(encode_jpeg(Image.fromarray(picture))).faces
    assert face.crop_px == pytest.approx(2 * heard[0][0])


def test_the_name_says_nothing_of_the_kind(astronaut):
    assert check_file(_file(astronaut, "WEBP"), "film.mp4").faces
    assert check_file(_file(astronaut), "notes.txt").kind == "image"
