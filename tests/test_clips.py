"""Videos: persons over time, by time of presentation, upright, within limits."""

import time

import av
import cv2
import numpy as np
import pytest

from ganfake import clips, frames, marks
from ganfake.clips import check_video
from ganfake.containers import container
from ganfake.detect import check_file
from ganfake.experts import SIDE, ensemble, reasons
from ganfake.frames import MAX_FRAMES, Reader
from ganfake.generate import generate
from ganfake.upright import upright
from tests.filming import head, scene, turned, video
from tests.judging import judged, patience

pytestmark = pytest.mark.usefixtures("judged", "patience")
DARK, LIGHT = np.uint8(head() * 0.3), head(light=200)


@pytest.fixture(scope="module")
def walk() -> bytes:
    """One second: a dark head that wanders to the right."""
    return video(scene((DARK, 6 * i, 40)) for i in range(25))


def test_one_person_over_time(walk):
    clip = check_video(walk)
    [person] = clip.persons
    assert (clip.width, clip.height, clip.frames, clip.note) == (640, 360, 25, "")
    assert clip.duration == pytest.approx(1.0, abs=0.05)
    assert person.times == pytest.approx([i / 25 for i in range(25)], abs=0.002)
    assert len(person.probabilities) == len(person.verdicts) == 25
    assert (person.verdict, person.reason, person.generator) == ("real", "", "")
    odds = np.log(np.divide(person.probabilities, np.subtract(1, person.probabilities)))
    assert person.probability_fake == pytest.approx(1 / (1 + np.exp(-odds.mean())))
    x0, _, x1, _ = person.box
    assert 0 <= x0 < x1 <= 640 and person.telling_px[0] > 100


def test_a_few_key_frames_do_not_thin_the_end():
    ground = [np.full((64, 64, 3), n, np.uint8) for n in range(250)]
    for gop in (250, 25, 10):
        reader = Reader(video(ground, gop=gop), time.monotonic() + 300)
        moments = np.array([moment for moment, _ in reader.frames()])
        parts = np.histogram(moments, 4, (0, 10))[0]
        assert 36 <= parts.sum() <= MAX_FRAMES and parts.min() >= 0.6 * parts.max(), (gop, parts)


def test_telling_frames_begin_with_those_for_the_verdict():
    fading = video(scene((head(light=light), 100, 40)) for light in range(120, 240, 8))
    [person] = check_video(fading).persons
    best = person.times[int(np.argmax(person.probabilities))]
    worst = person.times[int(np.argmin(person.probabilities))]
    assert person.verdict == "fake" and person.telling[0][0] == best
    assert worst in [moment for moment, _ in person.telling]
    assert all(crop.shape == (SIDE, SIDE, 3) for _, crop in person.telling)
    crops = np.stack([crop for _, crop in person.telling])
    alone = ensemble.assess(crops, person.telling_px, [None] * len(crops))
    for said, one in zip(person.telling_experts, alone, strict=True):
        assert said == pytest.approx(one.experts, abs=0.02), "each says it of its own frame"


def test_two_persons_are_kept_apart_even_where_they_pass():
    size = (960, 440)
    dark, light = np.uint8(head(0.8) * 0.3), head(0.8, light=180)[:, ::-1]
    film = video(scene((dark, 28 * i, 0), (light, 690 - 28 * i, 220), size=size) for i in range(24))
    clip = check_video(film)
    assert sorted(person.verdict for person in clip.persons) == ["fake", "real"]
    for person in clip.persons:
        assert len(set(person.verdicts)) == 1 and len(person.times) >= 22
    file = check_file(film)
    assert (file.verdict, file.reason) == ("uncertain", reasons.AMONG), "0.17 and 0.88"


def test_who_is_seen_in_one_frame_alone_is_told_of():
    """A face of 40 ms among eight frames of another one: not judged, and not passed over."""
    one, other = (cv2.resize(np.asarray(p), (256, 256)) for p in generate("portrait", 2, seed=1))
    film = [scene((one, 100, 40))] * 8 + [scene((other, 100, 40))] + [scene((one, 100, 40))] * 8
    clip = check_video(video(film))
    assert [len(person.times) for person in clip.persons] == [16]
    assert clip.note == clips.FLEETING


def test_a_cut_to_another_person_begins_another_person():
    faces = [cv2.resize(np.asarray(p), (256, 256)) for p in generate("portrait", 2, seed=1)]
    film = [scene((face, 100, 40)) for face in faces for _ in range(8)]
    assert [len(person.times) for person in check_video(video(film)).persons] == [8, 8]


def test_frames_are_taken_by_their_time_not_by_their_number():
    """400 frames in the first second, then one each second: all seconds are looked at."""
    times = [*np.arange(0, 1, 1 / 100), *range(1, 21)]
    film = video((scene((DARK, 100, 40)) for _ in times), times)
    [person] = check_video(film).persons
    assert len([t for t in person.times if t < 1]) < 10
    assert len([t for t in person.times if t >= 1]) >= 19
    assert person.times == sorted(person.times)
    assert person.times[-1] == pytest.approx(20, abs=0.01)


def test_many_key_frames_are_enough(monkeypatch):
    film = video((scene((DARK, 100, 40)) for _ in range(200)), gop=4)
    opened = []
    decode = Reader._decode
    monkeypatch.setattr(
        Reader, "_decode", lambda *given, **how: opened.append(how) or decode(*given, **how)
    )
    moments = [moment for moment, _ in Reader(film, time.monotonic() + 60).frames()]
    assert opened == [{"keys_only": True}]
    assert 24 <= len(moments) <= 48 and max(moments) > 7.5
    assert all(round(moment * 25) % 4 == 0 for moment in moments)


def test_frames_that_nobody_has_heard_of_are_missed(monkeypatch):
    film = video((scene((DARK, 100, 40)) for _ in range(60)), gop=1)
    monkeypatch.setattr(frames, "_MOST_PACKETS", 20)
    reader = Reader(film, time.monotonic() + 60)
    moments = [moment for moment, _ in reader.frames()]
    assert max(moments) < 1 and reader.late and not reader.broken
    monkeypatch.setattr(frames, "MAX_SECONDS", 0.5)
    reader = Reader(film, time.monotonic() + 60)
    assert max(moment for moment, _ in reader.frames()) <= 0.5 and not reader.late


@pytest.mark.parametrize("degrees", [90, 180, 270])
def test_turned_videos_are_seen_upright(degrees):
    upright = scene((DARK, 30, 20), size=(400, 320))
    stored = np.ascontiguousarray(np.rot90(upright, degrees // 90))
    clip = check_video(turned(video([stored] * 3), degrees))
    assert (clip.width, clip.height) == (400, 320)
    [person] = clip.persons
    assert np.abs(person.points[0] - [30 + 124, 20 + 102]).max() < 12


@pytest.mark.parametrize(("height", "matrix"), [(360, "ITU601"), (720, "ITU709")])
def test_where_colours_are_not_said_they_are_those_that_players_take(height, matrix):
    colour = (200, 60, 60)
    frame = av.VideoFrame.from_ndarray(np.full((height, 1280, 3), colour, np.uint8), "rgb24")
    stored = frame.reformat(format="yuv420p", dst_colorspace=matrix)
    stored.colorspace = 2  # not said
    assert np.abs(upright(stored).reshape(-1, 3).mean(0) - colour).max() < 3


@pytest.mark.parametrize("space", [3, 10])
def test_colours_that_ffmpeg_refuses_are_taken_for_those_next_to_them(space):
    colour = (200, 120, 90)
    frame = av.VideoFrame.from_ndarray(np.full((360, 640, 3), colour, np.uint8), "rgb24")
    stored = frame.reformat(format="yuv420p", dst_colorspace={3: "ITU601", 10: 9}[space])
    stored.colorspace = space
    assert np.abs(upright(stored).reshape(-1, 3).mean(0) - colour).max() < 3


@pytest.mark.parametrize(
    ("kind", "codec"),
    [("matroska", "libx264"), ("webm", "libvpx"), ("avi", "mpeg4"), ("mov", "mpeg4"),
     ("flv", "flv1"), ("mpegts", "libx264"), ("mpeg", "mpeg2video")],
)  # fmt: skip
def test_other_containers(kind, codec):
    try:
        film = video([scene((DARK, 100, 40))] * 6, kind=kind, codec=codec)
    except (ValueError, OSError) as error:
        pytest.skip(f"this FFmpeg writes no {kind} with {codec}: {error}")
    assert container(film) in (kind, "matroska")
    checked = check_file(film, "x.jpg")
    assert (checked.kind, checked.error, checked.verdict) == ("video", None, "real")


def test_our_mark_in_the_pixels_is_read():
    frames = [scene((DARK, 100 + 2 * i, 40)) for i in range(10)]
    marked = check_file(video(map(marks.stamp, frames)))
    assert marked.pixel_mark.found and marked.as_dict()["pixel_mark"]["false_alarm"] < 1e-9
    assert not check_file(video(frames)).pixel_mark.found


def test_one_frame():
    clip = check_video(video([scene((DARK, 100, 40))]))
    assert (clip.frames, len(clip.persons), clip.persons[0].verdict) == (1, 1, "real")


def test_no_face_and_no_probability():
    checked = check_file(video([scene()] * 5))
    assert (checked.verdict, checked.probability_fake) == ("uncertain", None)
    assert checked.reason == "No face was found." and checked.clip.persons == []


def test_the_json_object_of_a_video(walk):
    said = check_file(walk, "a.mp4").as_dict()
    assert (said["kind"], said["error"], said["verdict"]) == ("video", None, "real")
    [face] = said["faces"]
    assert len(face["times"]) == len(face["probabilities"]) == said["frames"] == 25


def test_a_face_too_small_in_most_frames_is_uncertain(walk, monkeypatch):
    monkeypatch.setattr(ensemble, "MIN_CROP", 10_000)
    [person] = check_video(walk).persons
    assert (person.verdict, person.reason) == ("uncertain", reasons.SMALL)


def test_progress_only_grows_and_may_stop_the_check(walk):
    heard = []
    check_video(walk, heard.append)
    assert heard == sorted(heard) and heard[-1] == 1.0 and len(heard) > 10

    class Stop(Exception):
        pass

    def stop(share):
        raise Stop

    with pytest.raises(Stop):
        check_video(walk, stop)
