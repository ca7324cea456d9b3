"""A clip with one person swapped: marks, sound, the right face, and nothing half-written."""

import tempfile

import numpy as np
import pytest

from ganfake import UserError, marks, provenance, swap_video
from ganfake.swap import CONSENT, SwapOptions
from ganfake.swap_video import follow_face
from ganfake.tracks import jitter, landmarks
from ganfake.writing import FULL, UNWRITABLE
from tests.filming import head, scene, turned, video
from tests.swapping import (
    PERSON,
    becoming,
    beeping,
    beeps,
    flashes,
    greenness,
    little_space,
    pictures_of,
    times_of,
    wandering,
)

pytestmark = pytest.mark.usefixtures("becoming")
PLAIN = SwapOptions(colour="none")
EMPTY = np.full((240, 320, 3), 90, np.uint8)


@pytest.fixture(autouse=True)
def own_temp(tmp_path, monkeypatch):
    """Temporary files go where the test sees what is left of them."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


@pytest.fixture(scope="module")
def clip() -> bytes:
    """A head, seen in frames 0-19 and 40-49, gone in between, and sound."""
    frames = list(wandering(50))
    frames[20:40] = [EMPTY] * 20
    return beeping(frames, events=(1.0, 1.4))


@pytest.fixture(scope="module")
def short() -> bytes:
    """Half a second of a head, with sound."""
    return beeping(wandering(12), events=(0.2,))


def convert(content, target, options=PLAIN, progress=None):
    return swap_video.swap_video(content, PERSON, target, options, CONSENT, progress)


def green_at(content: bytes, pictures: list[np.ndarray]) -> list[bool]:
    """In which pictures of a result the face that the original shows there is green."""
    followed, found = follow_face(content), []
    for points, picture in zip(followed.landmarks, pictures, strict=True):
        if points is None:
            found.append(False)
            continue
        x, y = points[2].round().astype(int)
        found.append(greenness(picture[y - 8 : y + 8, x - 8 : x + 8]) > 40)
    return found


def test_a_clip_from_end_to_end(tmp_path, own_temp, clip):
    shares = []
    target = tmp_path / "result.mp4"
    result = convert(clip, target, progress=shares.append)
    made = target.read_bytes()
    seen = [i for i in range(50) if not 20 <= i < 40 and i not in (25, 35)]
    assert (result.frames, result.swapped, result.size) == (50, len(seen), (320, 240))
    assert result.sound == "copied"
    pictures = pictures_of(made)
    assert times_of(made) == pytest.approx(times_of(clip), abs=1e-4)
    assert [i for i, green in enumerate(green_at(clip, pictures)) if green] == seen
    assert np.subtract(beeps(made), flashes(made)) == pytest.approx([0, 0], abs=0.005)
    assert shares == sorted(shares) and shares[-1] == 1.0 and len(shares) > 50
    assert not list(own_temp.iterdir())


def test_every_frame_and_the_file_are_marked(tmp_path, clip):
    target = tmp_path / "result.mp4"
    convert(clip, target, SwapOptions(corner="top left"))
    mark = provenance.read(target)
    assert mark.source_type == "compositeWithTrainedAlgorithmicMedia"
    content = target.read_bytes()
    assert CONSENT.encode() in content and b"drawn &lt;b&gt;" in content
    pictures = pictures_of(content)
    for number in (0, 10, 18, 30, 49):  # the fourth shows no face
        assert marks.find(pictures[number]).found, number
    corner = np.stack([p[:14, :60] for p in pictures]).astype(int)
    assert np.abs(corner[30] - EMPTY[:14, :60]).mean() > 20  # the label
    assert np.abs(pictures[30][60:].astype(int) - EMPTY[60:]).mean() < 3


@pytest.mark.parametrize("wanted", [0, 1, None])
def test_one_of_two_persons(tmp_path, wanted):
    small, large = np.uint8(head(0.6) * 0.6), head(0.9)
    content = video(scene((small, 10 + 2 * i, 150), (large, 300, 20 + 2 * i)) for i in range(8))
    target = tmp_path / "result.mp4"
    convert(content, target, SwapOptions(colour="none", face=wanted))
    before, after = pictures_of(content), pictures_of(target.read_bytes())
    changed = [
        [abs(greenness(new[:, part]) - greenness(old[:, part])) > 2 for part in halves]
        for old, new in zip(before, after, strict=True)
        for halves in [(np.s_[:280], np.s_[300:])]
    ]
    assert changed == [[wanted == 0, wanted != 0]] * 8


def test_a_face_that_is_not_there(tmp_path, short):
    with pytest.raises(UserError, match="one face only"):
        convert(short, tmp_path / "result.mp4", SwapOptions(face=3))
    with pytest.raises(UserError, match="No face was found in the video"):
        convert(video([EMPTY] * 5), tmp_path / "result.mp4")
    assert not (tmp_path / "result.mp4").exists()


def test_a_vertical_clip(tmp_path):
    lying = [np.ascontiguousarray(np.rot90(frame)) for frame in wandering(6)]
    content = turned(video(lying), 90)
    result = convert(content, tmp_path / "result.mp4")
    assert result.size == (320, 240) and result.swapped == 6 and result.sound == "none"
    pictures = pictures_of((tmp_path / "result.mp4").read_bytes())
    assert all(green_at(content, pictures))


def test_faces_do_not_jitter():
    followed = follow_face(video(wandering(40)))
    plain = jitter(landmarks(followed.track, followed.times, 0))
    assert jitter(followed.landmarks) < 0.4 * plain


def test_no_swap_without_the_statement(tmp_path, short):
    with pytest.raises(UserError, match="agree to this statement"):
        swap_video.swap_video(short, PERSON, tmp_path / "result.mp4")


class Cancelled(Exception):
    pass


@pytest.mark.parametrize("share", [0.1, 0.3, 0.6])
def test_cancelling_leaves_the_old_result(tmp_path, own_temp, short, share):
    target = tmp_path / "result.mp4"
    target.write_bytes(b"a good one")

    def stop(done: float) -> None:
        if done > share:
            raise Cancelled

    with pytest.raises(Cancelled):
        convert(short, target, progress=stop)
    assert target.read_bytes() == b"a good one"
    assert {p.name for p in tmp_path.iterdir()} == {"result.mp4", "temporary"}
    assert not list(own_temp.iterdir())


@pytest.mark.parametrize("share", [0.0, 0.5, 0.99])  # two results differ by 0.1 %
def test_a_full_disk_leaves_the_old_result(tmp_path, own_temp, short, share):
    """The last share is enough for the video and too little for its mark."""
    target = tmp_path / "result.mp4"
    convert(short, target)
    old = target.read_bytes()
    with little_space(int(share * len(old))), pytest.raises(UserError) as error:
        convert(short, target)
    assert str(error.value) == FULL
    assert target.read_bytes() == old
    assert {p.name for p in tmp_path.iterdir()} == {"result.mp4", "temporary"}
    assert not list(own_temp.iterdir())


def test_a_place_that_cannot_be_written_to(tmp_path, short):
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(UserError) as error:
        convert(short, tmp_path / "file" / "result.mp4")
    assert str(error.value) == UNWRITABLE


def test_a_damaged_clip(tmp_path, short):
    with pytest.raises(UserError):
        convert(short[:3000], tmp_path / "result.mp4")
    assert not (tmp_path / "result.mp4").exists()
