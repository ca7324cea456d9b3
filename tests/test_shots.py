"""Persons over the cuts of a video, whom our model made: two who look alike when small."""

import cv2
import numpy as np
import pytest

from ganfake.clips import check_video
from ganfake.faces import TEMPLATE, Face
from ganfake.generate import Face as Made
from ganfake.generate import render
from ganfake.shots import Seen, by_person
from ganfake.shots import scene as scene_of
from ganfake.tracks import Track, thumb
from tests.filming import scene, video
from tests.judging import (
    judged,
    patience,
)

pytestmark = pytest.mark.usefixtures("judged", "patience")
ONE, OTHER = (
    cv2.resize(np.asarray(p), (256, 256)) for p in render([Made("portrait", n) for n in (3, 49)])
)
STAGES = [np.random.default_rng(n).normal(size=768).astype(np.float32) for n in range(4)]


def walk(face: np.ndarray, stage: int, x: int, y: int = 40, frames: int = 8) -> list[np.ndarray]:
    """A face that moves a little before a wall of its own pattern."""
    wall = np.random.default_rng(stage).integers(0, 200, (6, 8, 3)).astype(np.uint8)
    wall = cv2.resize(wall, (960, 440), interpolation=cv2.INTER_NEAREST)
    empty = scene(size=(960, 440))
    shots = (scene((face, x + 2 * n, y), size=(960, 440)) for n in range(frames))
    return [np.where((shot == empty).all(2)[..., None], wall, shot) for shot in shots]


def seen(face: np.ndarray, time: float, stage: int) -> Seen:
    """A sight of an aligned face."""
    there = Face((0.0, 0.0, 256.0, 256.0), TEMPLATE * 256, 1.0)
    stage = STAGES[stage] / np.linalg.norm(STAGES[stage])
    return Seen(time, there, thumb(face), face, stage)


def track(*parts: tuple[np.ndarray, int, range]) -> Track:
    """Of (face, stage, times)."""
    return Track([seen(face, float(n), stage) for face, stage, times in parts for n in times])


def lengths(tracks: list[Track]) -> list[int]:
    """Of all persons, by when they come."""
    return [len(t.sights) for t in sorted(by_person(tracks), key=lambda t: t.sights[0].time)]


def test_who_looks_alike_at_one_place_is_parted_by_a_cut_and_joined_again():
    assert thumb(ONE) @ thumb(OTHER) > 0.75, "or this is no test of it"
    film = [*walk(ONE, 0, 100), *walk(OTHER, 1, 100), *walk(ONE, 0, 100)]
    assert [len(person.times) for person in check_video(video(film)).persons] == [16, 8]


def test_one_who_is_elsewhere_after_a_cut_stays_one():
    small = cv2.resize(ONE, (150, 150), interpolation=cv2.INTER_AREA)
    film = [*walk(ONE, 0, 40), *walk(small, 1, 760, 240), *walk(OTHER, 2, 640)]
    assert [len(person.times) for person in check_video(video(film)).persons] == [16, 8]


def test_within_a_shot_nobody_is_parted():
    """However much a face turns: its track is believed."""
    assert lengths([track((ONE, 0, range(6)), (OTHER, 0, range(6, 12)))]) == [12]
    assert lengths([track((ONE, 0, range(6)), (OTHER, 1, range(6, 12)))]) == [6, 6]


def test_two_in_one_frame_are_never_one():
    twins = [track((ONE, 0, range(6))), track((ONE, 0, range(6)))]
    assert lengths(twins) == [6, 6]
    later = [*twins, track((ONE, 1, range(6, 12)))]
    assert sorted(lengths(later)) == [6, 12]


def test_too_little_to_be_somebody_else_stays_where_it_was():
    parts = (ONE, 0, range(6)), (OTHER, 1, range(6, 8)), (ONE, 0, range(8, 14))
    assert lengths([track(*parts)]) == [14]
    assert lengths([track((ONE, 0, range(2))), track((OTHER, 1, range(2, 4)))]) == [2, 2]


def test_nobody_and_one_alone():
    assert by_person([]) == []
    (alone,) = by_person([Track([seen(ONE, 3.0, 0), seen(ONE, 1.0, 0)])])
    assert [sight.time for sight in alone.sights] == [1.0, 3.0]


def test_scenes_are_compared_by_what_they_show():
    picture = np.random.default_rng(0).integers(0, 255, (90, 160, 3)).astype(np.uint8)
    assert scene_of(picture) @ scene_of(picture // 2 + 40) > 0.99
    assert scene_of(picture) @ scene_of(picture[:, ::-1]) < 0.5
    flat = scene_of(np.full((90, 160, 3), 90, np.uint8))
    assert np.isfinite(flat).all() and flat @ scene_of(picture) == pytest.approx(0)
