"""Persons in a video: each followed from frame to frame and judged over time."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

import cv2
import numpy as np

from ganfake.experts import SIDE, ensemble
from ganfake.faces import Face, align_face, crop_side, find_faces, search_faces
from ganfake.frames import MAX_FRAMES, MAX_SECONDS, Reader

MAX_PERSONS = 12
_LOOKING, _JUDGING = 9.0, 6.0  # seconds that finding faces, and judging them, may take
_ROUND = 8  # crops judged at once
_ALIKE = 0.62, 0.85  # correlation of faces from which two at one place, or apart, are one person
_TELLING = 3  # frames shown of the most and of the least suspicious

SHORT_OF_TIME = "The time allowed ran out, so only a part of the video was judged."
START_ONLY = f"Only the first {MAX_SECONDS:.0f} seconds of the video were looked at."


@dataclass(frozen=True, eq=False)
class Person:
    """One person of a video. Lists are by frame, in order of time (seconds).

    probability_fake: the mean of the frames in log-odds. telling: (time, crop) of the frames
    that speak loudest, the one nearest to the verdict first. box, points, crop_px: in that
    first frame. experts, generators: means over the frames.
    """

    times: list[float]
    probabilities: list[float]
    verdicts: list[str]
    probability_fake: float
    verdict: str
    reason: str
    telling: list[tuple[float, np.ndarray]]
    experts: dict[str, float]
    generator: str
    generators: dict[str, float]
    box: tuple[float, float, float, float]
    points: np.ndarray
    crop_px: float


@dataclass(frozen=True, eq=False)
class Clip:
    """What was found in a video: its persons, those seen most first. duration: in seconds.

    frames: how many were looked at. width, height: of a frame as a person sees it. note: a
    sentence about what was left out, or "".
    """

    persons: list[Person]
    duration: float
    width: int
    height: int
    frames: int
    note: str = ""


@dataclass(eq=False)
class _Sight:
    """One face in one frame; `said` once it is judged."""

    time: float
    face: Face
    crop: np.ndarray
    thumb: np.ndarray
    side: float
    said: ensemble.Assessment | None = None


@dataclass(eq=False)
class _Track:
    sights: list[_Sight] = field(default_factory=list)


def check_video(content: bytes, progress: Callable[[float], object] | None = None) -> Clip:
    """Judge every person of a video over time.

    About 48 frames of the first two minutes are looked at, by their time of presentation.
    When the time allowed runs out, `note` says so. Raises UserError, one sentence, for what
    is damaged, over the limits, or no video. progress: hears the share done, in [0, 1].
    """
    tell = progress or (lambda share: None)
    reader = Reader(content, time.monotonic() + _LOOKING)
    tracks: list[_Track] = []
    frames = 0
    for frames, (moment, picture) in enumerate(reader.frames(), 1):
        _follow(tracks, moment, _sights(moment, picture))
        tell(min(0.6, 0.6 * frames / MAX_FRAMES))
    for track in tracks:
        track.sights.sort(key=lambda sight: sight.time)
    tracks = _lasting(tracks, frames)
    whole = _judge(tracks, time.monotonic() + _JUDGING, lambda share: tell(0.6 + 0.4 * share))
    persons = [_person(track) for track in tracks]
    notes = [] if whole and not reader.late else [SHORT_OF_TIME]
    notes += [START_ONLY] if reader.duration > MAX_SECONDS else []
    return Clip(persons, reader.duration, *reader.size, frames, " ".join(notes))


# -- persons -------------------------------------------------------------------------
def _sights(moment: float, picture: np.ndarray) -> list[_Sight]:
    found = find_faces(picture)
    if not found and max(picture.shape[:2]) <= 640:
        found = search_faces(picture)
    sights = []
    for face in found[:MAX_PERSONS]:
        crop = align_face(picture, face, SIDE)
        thumb = cv2.resize(crop, (8, 8), interpolation=cv2.INTER_AREA).astype(np.float32).ravel()
        thumb -= thumb.mean()
        thumb /= np.linalg.norm(thumb) + 1e-6
        sights.append(_Sight(moment, face, crop, thumb, crop_side(face.points)))
    return sights


def _follow(tracks: list[_Track], moment: float, sights: list[_Sight]) -> None:
    """Give each face of a frame to the track it continues best, or a new one."""
    scored = [
        (_likeness(track, sight), t, s)
        for t, track in enumerate(tracks)
        for s, sight in enumerate(sights)
    ]
    taken_tracks, taken = set(), set()
    for likeness, t, s in sorted(scored, reverse=True):
        if likeness <= 0 or t in taken_tracks or s in taken:
            continue
        taken_tracks.add(t)
        taken.add(s)
        tracks[t].sights.append(sights[s])
    tracks += [_Track([sight]) for s, sight in enumerate(sights) if s not in taken]


def _likeness(track: _Track, sight: _Sight) -> float:
    """Above 0: the same person; from place, size and how the aligned faces look.

    Compared with the sight of the track that is nearest in time, for frames come out of order.
    """
    last = min(track.sights, key=lambda other: abs(other.time - sight.time))
    a, b = last.face, sight.face
    apart = float(np.linalg.norm(a.centre - b.centre)) / max(np.sqrt(a.area), np.sqrt(b.area), 1.0)
    grown = abs(np.log(max(a.area, 1.0) / max(b.area, 1.0))) / 2
    alike = max(float(other.thumb @ sight.thumb) for other in track.sights[-8:])
    near = max(0.0, 1.0 - 0.5 * apart - 0.5 * grown)
    # Neighbouring frames of one person correlate by 0.8 and more, other people seldom by 0.6:
    # so a cut to another person at the same place is one, and a walk across the picture none.
    return near + alike if alike >= _ALIKE[0] * near + _ALIKE[1] * (1 - near) else 0.0


def _lasting(tracks: list[_Track], frames: int) -> list[_Track]:
    """Those seen most, without passing false finds where there is better."""
    tracks.sort(key=lambda t: (-len(t.sights), -max(s.face.area for s in t.sights)))
    if tracks and len(tracks[0].sights) >= 4:
        tracks = [t for t in tracks if len(t.sights) > 1]
    return tracks[:MAX_PERSONS]


def _judge(tracks: list[_Track], deadline: float, tell: Callable[[float], object]) -> bool:
    """Judge faces in rounds, coarse to fine in time, until all are or time is up."""
    ranked = [
        (rank, track.sights[index].time, track.sights[index])
        for track in tracks
        for rank, index in enumerate(_halving(len(track.sights)))
    ]
    order = [sight for *_, sight in sorted(ranked, key=lambda row: row[:2])]
    first = max(_ROUND, len(tracks))
    start = 0
    while start < len(order):
        part = order[start : start + (_ROUND if start else first)]
        crops = np.stack([sight.crop for sight in part])
        assessments = ensemble.assess(crops, [s.side for s in part], [None] * len(part))
        for sight, said in zip(part, assessments, strict=True):
            sight.said = said
        start += len(part)
        tell(start / len(order))
        if time.monotonic() > deadline and start < len(order):
            return False
    return True


def _halving(count: int) -> list[int]:
    """0 ... count - 1 so that every beginning of the list is spread over all of it."""
    step = 1 << max(count - 1, 0).bit_length()
    order: dict[int, None] = {}
    while step:
        order |= dict.fromkeys(range(0, count, step))
        step //= 2
    return list(order)


def _person(track: _Track) -> Person:
    sights = [sight for sight in track.sights if sight.said]
    chances = np.array([sight.said.probability_fake for sight in sights])
    odds = np.log(np.clip(chances, 1e-4, 1 - 1e-4) / (1 - np.clip(chances, 1e-4, 1 - 1e-4)))
    mean = float(1 / (1 + np.exp(-odds.mean())))
    verdict, reason = _verdict(sights, mean)
    falling = sorted(sights, key=lambda s: -s.said.probability_fake)
    most, least = falling[:_TELLING], falling[::-1][:_TELLING]
    ordered = [*least, *most] if verdict == "real" else [*most, *least]
    telling = list({id(s): s for s in ordered}.values())
    front = telling[0]
    families = {
        name: float(np.mean([s.said.generators[name] for s in sights]))
        for name in sights[0].said.generators
    }
    named = [s.said.generator for s in sights if s.said.generator]
    return Person(
        times=[s.time for s in sights],
        probabilities=chances.tolist(),
        verdicts=[s.said.verdict for s in sights],
        probability_fake=mean,
        verdict=verdict,
        reason=reason,
        telling=[(s.time, s.crop) for s in telling],
        experts={
            name: float(np.mean([s.said.experts[name] for s in sights]))
            for name in sights[0].said.experts
        },
        generator="" if verdict == "real" or not named else max(set(named), key=named.count),
        generators=families,
        box=front.face.box,
        points=front.face.points,
        crop_px=front.side,
    )


def _verdict(sights: list[_Sight], mean: float) -> tuple[str, str]:
    """By the ensemble's thresholds, unless most frames cannot be judged at all."""
    unfit = [s.said.reason for s in sights if s.said.reason in (ensemble.SMALL, ensemble.NOVEL)]
    if 2 * len(unfit) > len(sights):
        return "uncertain", max(set(unfit), key=unfit.count)
    limits = ensemble.load_ensemble()
    if mean >= limits.high:
        return "fake", ""
    if mean <= limits.low:
        return "real", ""
    return "uncertain", ensemble.CLOSE
