"""Stage 1 of the swap: what is kept and what is dropped, by person, with a report and a sheet."""

import numpy as np
import pytest
import skimage.data
from PIL import Image, ImageFilter

from ganfake import UserError, extract_look, extract_words
from ganfake.clip_io import Footage
from ganfake.extract import extract, extract_file
from ganfake.faces import TEMPLATE
from ganfake.generate import generate
from ganfake.images import encode_jpeg
from tests.filming import HEAD, head, scene, sound, turned, video

RNG = np.random.default_rng(0)


def photograph(picture: np.ndarray) -> bytes:
    return encode_jpeg(Image.fromarray(picture), 95)


def turning(count: int, light: int = 0):
    """A head that leans from one side to the other, so that no two frames are alike."""
    for number in range(count):
        angle = 24 * (number / max(1, count - 1) - 0.5)
        leaning = Image.fromarray(head(light=light)).rotate(angle, Image.Resampling.BICUBIC)
        yield scene((np.asarray(leaning), 120 + 3 * number, 40))


def blurred(picture: np.ndarray, radius: float) -> np.ndarray:
    return np.asarray(Image.fromarray(picture).filter(ImageFilter.GaussianBlur(radius)))


@pytest.fixture(scope="module")
def others() -> list[np.ndarray]:
    """Two faces made by our own model, (256, 256, 3)."""
    made = generate("portrait", 2, seed=1)
    return [np.asarray(face.resize((256, 256), Image.Resampling.BICUBIC)) for face in made]


# -- what is kept --------------------------------------------------------------------
def test_one_photograph():
    found = extract_file(photograph(skimage.data.astronaut()))
    assert {name: crops.shape for name, crops in found.faces.items()} == {
        "person_1": (1, 128, 128, 3)
    }
    assert found.faces["person_1"].dtype == np.uint8 and found.dropped == {}
    assert found.report[0].startswith("person_1: 1 face kept")


def test_a_clip_without_its_near_duplicates():
    still = [scene((head(), 100, 40))] * 6
    found = extract_file(video([*turning(12), *still]))
    [crops] = found.faces.values()
    assert 10 <= len(crops) <= 14
    assert found.dropped["near-duplicates"] == 18 - len(crops)
    assert any("near-duplicates" in line for line in found.report)


def test_blurred_frames_are_dropped_and_sharp_ones_are_not():
    frames = list(turning(10))
    film = [blurred(frame, 5) if number in (3, 4, 8) else frame
            for number, frame in enumerate(frames)]  # fmt: skip
    found = extract_file(video(film))
    assert found.dropped["blurred"] == 3
    assert len(found.faces["person_1"]) >= 6
    with pytest.raises(UserError, match="blurred"):
        extract_file(photograph(blurred(skimage.data.astronaut(), 5)))


def test_blur_is_measured_whatever_the_light():
    crops = extract_file(photograph(skimage.data.astronaut())).faces["person_1"][0]
    sharp = [extract_look._sharpness(np.uint8(crops * k)) for k in (1.0, 0.6, 0.4)]
    soft = [extract_look._sharpness(blurred(np.uint8(crops * k), 2)) for k in (1.0, 0.6, 0.4)]
    assert min(sharp) > 1.5 * max(soft) and min(sharp) > extract_look.SHARP > max(soft)


def test_small_faces_and_faces_at_the_edge_are_dropped():
    small = scene((head(0.3), 20, 30), (head(), 250, 40))
    found = extract_file(photograph(small))
    assert len(found.faces) == 1 and found.dropped == {"too small": 1}
    edge = extract_file(photograph(np.hstack([HEAD[:, 140:], HEAD])))
    assert len(edge.faces["person_1"]) >= 1
    assert set(edge.dropped) <= {"cut off by the border"}


def test_every_second_frame():
    film = video(turning(12))
    assert len(extract(film, every=2).faces["person_1"]) <= 6
    with pytest.raises(UserError, match="1 or more"):
        extract(film, every=0)


def test_upright_whatever_the_container_says():
    frames = [np.ascontiguousarray(np.rot90(frame)) for frame in turning(3)]
    found = extract_file(turned(video(frames), 90))
    aligned = extract_file(video(turning(3)))
    both = [f.faces["person_1"][0].astype(float) for f in (found, aligned)]
    assert np.abs(both[0] - both[1]).mean() < 12


# -- by person -----------------------------------------------------------------------
def test_two_people_at_once_are_two_the_one_seen_more_first(others):
    frames = []
    for number in range(10):
        grown = others[0][: 240 - number, : 240 - number]
        heads = [(np.asarray(Image.fromarray(grown).resize((220, 220))), 350 + number, 60)]
        if number >= 4:
            heads.append((head(0.9, light=3 * number), 20, 40 + number))
        frames.append(scene(*heads))
    found = extract_file(video(frames))
    assert list(found.faces) == ["person_1", "person_2"]
    counts = [len(crops) for crops in found.faces.values()]
    assert counts[0] > counts[1] >= 3


def test_a_cut_and_back_again_is_still_one_person(others):
    film = [*turning(6), *[scene((others[0], 100, 40))] * 5, *turning(6, light=8)]
    found = extract_file(video(film))
    assert len(found.faces) == 2
    assert len(found.faces["person_1"]) >= 8 > len(found.faces["person_2"])


def test_a_false_find_in_one_frame_is_no_person(others):
    film = list(turning(12))
    film[5] = scene((others[0], 20, 40), (head(), 320, 40))
    found = extract_file(video(film))
    assert list(found.faces) == ["person_1"] and found.dropped.get("seen only once") == 1


def test_folders_photographs_and_videos_together(tmp_path):
    (tmp_path / "in/deep").mkdir(parents=True)
    (tmp_path / "in/a.jpg").write_bytes(photograph(skimage.data.astronaut()))
    (tmp_path / "in/deep/b.mp4").write_bytes(video(turning(5)))
    (tmp_path / "in/notes.txt").write_text("no picture")
    heard = []
    found = extract([tmp_path / "in"], heard.append)
    assert sum(map(len, found.faces.values())) == 6
    assert heard == sorted(heard) and heard[-1] == 1.0
    assert any(
        line.startswith("Not read: notes.txt: This is not a picture") for line in found.report
    )


# -- what is wrong -------------------------------------------------------------------
def test_bad_input_is_one_sentence(tmp_path):
    for content, said in (
        (photograph(np.full((200, 200, 3), 90, np.uint8)), "No face was found"),
        (b"hello", "not a picture"),
        (b"", "empty"),
        (sound(), "sound"),
        (video(turning(4))[:2000], "damaged"),
    ):
        with pytest.raises(UserError, match=said):
            extract_file(content)
        with pytest.raises(UserError, match=said):
            extract([content])
    with pytest.raises(UserError, match="no such file"):
        extract(tmp_path / "missing.jpg")
    (tmp_path / "empty").mkdir()
    with pytest.raises(UserError, match="no file in there"):
        extract(tmp_path / "empty")


def test_what_progress_raises_ends_the_work():
    class Stop(Exception):
        pass

    def stop(share):
        raise Stop

    with pytest.raises(Stop):
        extract_file(video(turning(6)), stop)


def test_no_more_faces_than_fit(monkeypatch):
    monkeypatch.setattr(extract_look, "MAX_FACES", 4)
    monkeypatch.setattr("ganfake.extract.MAX_FACES", 4)
    photographs = [encode_jpeg(Image.fromarray(frame), 95) for frame in turning(8)]
    for found in (extract_file(video(turning(8))), extract(photographs)):
        assert len(found.faces["person_1"]) == 4
        assert any("more faces than can be used" in line for line in found.report)


def test_a_clip_that_does_not_say_how_long_it_is_is_thinned_too(monkeypatch):
    monkeypatch.setattr("ganfake.extract._MOST_LOOKED_AT", 4)
    live = video(turning(12), kind="matroska", live=True)
    with Footage(live) as footage:
        assert footage.length == 0
    shares = []
    assert len(extract_file(live, shares.append).faces["person_1"]) == 4
    looked = [share for share in shares if share < 0.9]
    assert len(set(looked)) > 1 and shares == sorted(shares)


# -- words and the sheet -------------------------------------------------------------
def posed(yaw: float = 0.0, nod: float = 0.0, lean: float = 0.0) -> np.ndarray:
    """Landmarks of a simple head in three dimensions, in degrees; right and down are above 0."""
    flat = np.column_stack([TEMPLATE - TEMPLATE[:2].mean(0), [0, 0, 0.13, 0, 0]])
    turn, dip, tip = np.radians([yaw, nod, lean])
    turned = flat @ _about(1, turn) @ _about(0, dip)
    plane = np.array([[np.cos(tip), -np.sin(tip)], [np.sin(tip), np.cos(tip)]])
    return 200 * (turned[:, :2] @ plane.T) + 300


def _about(axis: int, angle: float) -> np.ndarray:
    matrix = np.eye(3)
    one, two = (i for i in range(3) if i != axis)
    matrix[one, one] = matrix[two, two] = np.cos(angle)
    matrix[one, two], matrix[two, one] = -np.sin(angle), np.sin(angle)
    return matrix


@pytest.mark.parametrize("lean", [-25, 0, 25])
def test_which_way_a_face_looks_whatever_it_leans(lean):
    angles = [float(extract_words.yaw(posed(a, lean=lean)[None])[0]) for a in (-35, -20, 0, 20, 35)]
    assert angles == sorted(angles) and abs(angles[2]) < 2
    assert abs(angles[1] + 20) < 10 and abs(angles[3] - 20) < 10


def test_the_report_says_which_sides_are_missing():
    straight = np.stack([posed(a) for a in np.linspace(-9, 9, 60)])
    right = np.stack([posed(a) for a in np.linspace(20, 30, 60)])
    lines = extract_words.report({"anna": np.concatenate([straight, right])}, {}, [], False)
    assert lines[0] == "anna: 120 faces kept, 0 looking left, 60 straight ahead, 60 right."
    assert any("too few looking left" in line for line in lines)
    assert not any("few looking right" in line for line in lines)
    assert not any("longer clip" in line for line in lines)
    few = extract_words.report({"anna": straight[:7]}, {"blurred": 2}, ["a.jpg: Bad."], True)
    assert few[1] == "anna: 7 of at least 100 faces; add a longer clip."
    assert not any("looking left;" in line for line in few)
    assert "Dropped: 2 blurred." in few and "Not read: a.jpg: Bad." in few


def test_the_report_tells_up_from_down():
    lean = np.stack([posed(nod=a) for a in (-25, 0, 25)])
    tilts = extract_words.tilt(lean)
    assert tilts[0] != tilts[2] and min(tilts[0], tilts[2]) < tilts[1] < max(tilts[0], tilts[2])


def test_the_sheet_shows_everybody_and_what_was_dropped():
    crops = RNG.integers(0, 256, (25, 128, 128, 3), np.uint8)
    sheet = extract_words.contact_sheet({"a": crops, "b": crops[:1]}, {"blurred": [crops[0]] * 3})
    assert sheet.dtype == np.uint8 and sheet.ndim == 3
    strips = [2, 1, 1]  # rows of faces of each
    assert len(sheet) == sum(84 * rows + 28 for rows in strips)
    ground = (sheet == 246).all(2).mean()
    assert 0.2 < ground < 0.9
