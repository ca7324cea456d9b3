"""Videos that are not as they seem: pixels that are not square, colours of HDR, damaged parts."""

import io
import time
from fractions import Fraction

import av
import cv2
import numpy as np
import pytest

from ganfake import clips
from ganfake.clip_io import Footage
from ganfake.clips import check_video
from ganfake.containers import container
from ganfake.detect import check_file
from ganfake.fileinfo import file_facts
from ganfake.frames import Reader
from ganfake.upright import MAX_SIDE, shown_size
from tests.filming import head, scene, turned, video
from tests.judging import judged, patience

pytestmark = pytest.mark.usefixtures("judged", "patience")
DARK = np.uint8(head() * 0.3)


# -- pixels that are not square ------------------------------------------------------
def squeezed(aspect: Fraction, kind: str = "mp4") -> bytes:
    """A frame of 640 x 360 as players show it, stored in pixels of this shape."""
    stored = cv2.resize(scene((DARK, 100, 40)), (round(640 / aspect), 360))
    return video([stored] * 3, kind=kind, aspect=aspect)


@pytest.mark.parametrize("kind", ["mp4", "mov", "matroska", "mpegts"])
@pytest.mark.parametrize("aspect", [Fraction(2), Fraction(4, 3), Fraction(8, 9)])
def test_what_is_stored_squeezed_is_judged_as_players_show_it(aspect, kind):
    straight = check_video(video([scene((DARK, 100, 40))] * 3)).persons[0]
    content = squeezed(aspect, kind)
    clip = check_video(content)
    assert (clip.width, clip.height) == (640, 360)
    [person] = clip.persons
    assert np.abs(np.subtract(person.box, straight.box)).max() < 12
    assert np.abs(person.points - straight.points).max() < 12
    if kind in ("mp4", "mov"):
        facts = file_facts(content)
        assert (facts.width, facts.height) == (640, 360)


def test_a_squeezed_video_may_be_turned_too():
    upright = scene((DARK, 30, 20), size=(400, 320))
    stored = cv2.resize(np.ascontiguousarray(np.rot90(upright)), (160, 400))
    content = turned(video([stored] * 3, aspect=Fraction(2)), 90)
    clip, facts = check_video(content), file_facts(content)
    assert (clip.width, clip.height) == (facts.width, facts.height) == (400, 320)
    assert np.abs(clip.persons[0].points[0] - [30 + 124, 20 + 102]).max() < 12


def test_pixels_keep_the_limits():
    assert shown_size(720, 576, Fraction(16, 15)) == (768, 576)
    assert shown_size(3840, 2160, Fraction(2)) == (MAX_SIDE, round(2160 * MAX_SIDE / 7680))
    for impossible in (Fraction(0), Fraction(1, 9999), Fraction(9999), Fraction(2**31, 1)):
        assert shown_size(640, 360, impossible) == (640, 360)
    clip = check_video(video([scene((DARK, 100, 40))] * 2, aspect=Fraction(99)))
    assert (clip.width, clip.height) == (640, 360) and clip.persons


# -- colours of HDR ------------------------------------------------------------------
@pytest.mark.parametrize(("curve", "said"), [(1, False), (2, False), (16, True), (18, True)])
def test_what_is_hdr_is_said(curve, said):
    film = video([scene((DARK, 100, 40))] * 3, curve=curve)
    checked = check_file(film)
    assert (clips.HDR in checked.reason) == said and checked.faces
    assert checked.clip.note == (clips.HDR if said else "")


def test_where_nobody_is_judged_colours_do_not_matter():
    assert check_video(video([scene()] * 3, curve=16)).note == ""


# -- several tracks, other containers ------------------------------------------------
@pytest.mark.parametrize("kind", ["matroska", "mp4"])
def test_of_several_tracks_the_one_that_players_show_is_judged(kind):
    """Else a harmless first track would hide the others."""
    shown, buffer = scene((DARK, 100, 60)), io.BytesIO()
    with av.open(buffer, "w", format=kind) as made:
        tracks = [made.add_stream("libx264", rate=25) for _ in range(2)]
        for number, track in enumerate(tracks):
            track.height, track.width, track.pix_fmt = *shown.shape[:2], "yuv420p"
            track.disposition = number
        for _ in range(5):
            for track, pixels in zip(tracks, (np.full_like(shown, 90), shown), strict=True):
                made.mux(track.encode(av.VideoFrame.from_ndarray(pixels, "rgb24")))
        for track in tracks:
            made.mux(track.encode())
    film = buffer.getvalue()
    _, picture = next(Reader(film, time.monotonic() + 60).frames())
    assert picture.std() > 10
    with Footage(film) as footage:
        assert next(footage.shots()).picture.std() > 10


def test_films_of_camcorders_are_videos():
    film = video([scene((DARK, 100, 60))] * 5, kind="mpegts")
    stamped = b"".join(b"\0\0\0\0" + film[at : at + 188] for at in range(0, len(film), 188))
    assert container(stamped[:1024]) == "mpegts"
    assert len(list(Reader(stamped, time.monotonic() + 60).frames())) == 5
