"""Persons from frame to frame: who is who, and landmarks that stay still."""

import numpy as np
import pytest

from ganfake import tracks
from ganfake.faces import TEMPLATE, Face, search_faces
from ganfake.tracks import Follower, Place, Sight, Track, jitter, landmarks, resembles
from tests.filming import head, scene

SHAPE = TEMPLATE * 200
DARK, LIGHT = np.uint8(head() * 0.35), head(light=140)


def seen(time: float, points: np.ndarray, thumb: int = 0) -> Sight:
    low, high = points.min(0) - 30, points.max(0) + 30
    marks = np.eye(192, dtype=np.float32)[thumb]
    return Sight(time, Face((*low.tolist(), *high.tolist()), points, 0.99), marks)


def path(times: np.ndarray) -> np.ndarray:
    """Landmarks (T, 5, 2) of a head that sways by two eye distances in a second and a half."""
    sway = np.stack([50 * np.sin(4 * times), 20 * np.cos(3 * times)], 1)
    return SHAPE + sway[:, None]


def test_smoothing_takes_the_noise_and_leaves_the_movement():
    times = np.arange(100) / 25
    true = path(times)
    noise = np.random.default_rng(0).normal(0, 1.0, true.shape)
    track = Track([seen(t, points) for t, points in zip(times, true + noise, strict=True)])
    plain, smooth = landmarks(track, times, 0), landmarks(track, times)
    assert np.array_equal(np.stack(plain), true + noise)
    before, after = np.abs(noise).mean(), np.abs(np.stack(smooth) - true).mean()
    assert after < 0.7 * before
    assert jitter(smooth) < 0.35 * jitter(plain)
    # Without noise nearly nothing moves: a smoothing that lags would be off by pixels.
    still = Track([seen(t, points) for t, points in zip(times, true, strict=True)])
    assert np.abs(np.stack(landmarks(still, times)) - true).max() < 0.25


def test_times_count_not_frames():
    times = np.cumsum(np.random.default_rng(1).uniform(0.005, 0.08, 120))
    true = path(times)
    track = Track([seen(t, points) for t, points in zip(times, true, strict=True)])
    assert np.abs(np.stack(landmarks(track, times)) - true).max() < 0.4


@pytest.mark.parametrize("count", [1, 2, 3, 5])
def test_short_tracks(count):
    times = np.arange(count) / 25
    track = Track([seen(t, SHAPE + 3 * t) for t in times])
    found = landmarks(track, [*times, 5.0])
    assert found[-1] is None
    assert np.allclose(np.stack(found[:-1]), SHAPE + 3 * times[:, None, None])


def test_nothing_is_smoothed_across_a_cut():
    times = np.arange(40) / 25
    track = Track([seen(t, SHAPE + 300 * (t >= 0.8)) for t in times])
    found = np.stack(landmarks(track, times))
    assert np.allclose(found, SHAPE + 300 * (times >= 0.8)[:, None, None])


def test_short_gaps_are_filled_and_long_ones_left():
    times = np.arange(75) / 25
    true = path(times)
    missing = {*range(20, 25), *range(40, 60)}
    track = Track([seen(t, true[i]) for i, t in enumerate(times) if i not in missing])
    found = landmarks(track, times)
    assert [i for i, points in enumerate(found) if points is None] == list(range(40, 60))
    assert np.abs(np.stack(found[20:25]) - true[20:25]).max() < 1.5


def test_jitter_is_what_a_steady_movement_does_not_have():
    steady = [SHAPE + 4.0 * number for number in range(10)]
    assert jitter(steady) == pytest.approx(0, abs=1e-9)
    shaking = [SHAPE + np.array([(-1) ** number, 0]) for number in range(10)]
    assert jitter(shaking) == pytest.approx(100 * 4 / 50)  # eyes are 50 pixels apart
    assert np.isnan(jitter([SHAPE, None, SHAPE, SHAPE]))


def test_a_face_keeps_its_track_where_two_pass():
    size = (960, 440)
    follower = Follower(Place(0.0, (0.08, 0.1, 0.3, 0.9)))
    for number in range(22):
        right, left = np.uint8(head(0.8) * 0.3), head(0.8, light=180)[:, ::-1]
        frame = scene((right, 28 * number, 0), (left, 690 - 28 * number, 220), size=size)
        follower.look(number / 25, frame)
    centres = [sight.face.centre[0] for sight in follower.chosen().sights]
    assert len(centres) >= 20 and all(np.diff(centres) > 10)


@pytest.mark.parametrize(("place", "near"), [("left", 110), ("right", 470), ("none", None)])
@pytest.mark.parametrize("moment", [0.0, 0.08])
def test_the_face_at_a_place_is_followed_from_there_and_before(place, near, moment):
    boxes = {
        "left": (0.08, 0.3, 0.25, 0.8),
        "right": (0.6, 0.2, 0.85, 0.75),
        "none": (0, 0, 0.1, 0.1),
    }
    follower = Follower(Place(moment, boxes[place]))
    small = np.uint8(head(0.7) * 0.35)
    for number in range(4):
        follower.look(number / 25, scene((small, 20, 100), (LIGHT, 300, 50)))
    track = follower.chosen()
    if near is None:
        assert track is None
    else:
        assert len(track.sights) == 4
        assert track.sights[0].face.centre[0] == pytest.approx(near, abs=60)


def test_a_small_face_is_followed_where_it_is_wanted():
    """Beside large ones, and too small for the usual look."""
    frame = scene((head(0.28), 30, 200), (DARK, 600, 200), (LIGHT, 1100, 200), size=(1600, 900))
    small = min(search_faces(frame), key=lambda face: face.area)
    assert small.centre[0] < 150
    box = np.array(small.box) / [1600, 900, 1600, 900]
    follower = Follower(Place(0.08, tuple(box)))
    for number in range(4):
        follower.look(number / 25, frame)
    centres = [sight.face.centre[0] for sight in follower.chosen().sights]
    assert centres == pytest.approx([small.centre[0]] * 4, abs=6)


def test_people_behind_are_passed_over_until_the_front_is_free():
    small = head(0.25)
    follower = Follower()
    for number in range(4):
        follower.look(number / 25, scene((DARK, 300, 50), (small, 20, 100)))
    follower.look(0.2, scene((small, 20, 100)))
    assert len(follower._tracks[0].sights) == 4
    assert follower._tracks[-1].sights[-1].time == 0.2


def test_a_missed_face_is_told_from_a_flash():
    follower, frame = Follower(), scene((DARK, 300, 50))
    follower.look(0.0, frame)
    points = follower.chosen().sights[0].face.points
    dim = np.uint8(0.5 * frame.astype(float) + 20)
    assert resembles(follower.chosen(), 0.04, dim, points + 1)
    assert not resembles(follower.chosen(), 0.04, np.full_like(frame, 255), points)
    assert not resembles(follower.chosen(), 0.04, frame[:, ::-1].copy(), points)


def test_no_face_is_no_track():
    follower = Follower()
    follower.look(0.0, np.zeros((90, 120, 3), np.uint8))
    assert follower.chosen() is None
    assert tracks.SPREAD > 0
