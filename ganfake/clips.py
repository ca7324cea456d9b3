"""Persons in a video, or an animated picture: each followed and judged over time."""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from scipy.special import expit, logit

from ganfake import marks
from ganfake.checked import Clip, Person
from ganfake.experts import ensemble, reasons
from ganfake.experts.cropping import found_crop
from ganfake.faces import Face, find_faces, is_cut_off, search_faces
from ganfake.frames import MAX_FRAMES, MAX_SECONDS, Reader
from ganfake.moving import Moving, is_moving
from ganfake.shots import Seen, by_person, scene
from ganfake.sideways import Stance
from ganfake.tracks import Track, follow, thumb

MAX_PERSONS = 12
_LOOKING, _JUDGED = 9.0, 15.0  # seconds until which faces are looked for, and judged
_ROUND = 8  # crops judged at once
_MARKED = 8  # frames in which our hidden mark is looked for; it is in each or in none
_SURE = 0.99  # probability of being a face from which one of a single frame is missed
_TELLING = 3  # frames shown of the most and of the least suspicious

SHORT_OF_TIME = (
    "The time allowed ran out, so fewer frames than usual were judged, spread over the video as"
    " widely as there was time for."
)
ANIMATED = "This picture moves, so its frames were judged over time, like those of a video."
BROKEN = "A part of this file is damaged and was not judged."
FLEETING = "A face that was seen in only one of the frames looked at was not judged."
CROWD = f"Only the {MAX_PERSONS} people who were seen most were judged."
START_ONLY = f"Only the first {MAX_SECONDS:.0f} seconds of the video were looked at."
HDR = "The video is HDR; it was judged as a common screen shows it."


@dataclass(eq=False)
class _Sight(Seen):
    """One face in one frame; `said` once it is judged. cut: by the border of the frame."""

    side: float
    cut: bool
    said: ensemble.Assessment | None = None


def check_video(content: bytes, progress: Callable[[float], object] | None = None) -> Clip:
    """Judge every person of a video or an animated picture over time.

    About 48 frames of the first two minutes are looked at, by their time of presentation.
    Where a frame takes long they are fewer; when the time allowed runs out, `note` says so.
    Raises UserError, one sentence, for what is damaged, over the limits, or no video. progress:
    hears the share done, in [0, 1].
    """
    tell = progress or (lambda share: None)
    moving = is_moving(content)
    begun = time.monotonic()
    reader = (Moving if moving else Reader)(content, begun + _LOOKING)
    tracks: list[Track] = []
    looked_for: list[marks.PixelMark] = []
    frames, crowded, stance = 0, False, Stance()
    for frames, (moment, picture) in enumerate(reader.frames(), 1):
        found = stance.search(picture, _found)
        crowded = crowded or len(found) > MAX_PERSONS
        grown = np.divide(reader.size, picture.shape[1::-1])  # a call's frames change their size
        now = moment, picture, scene(picture), grown
        follow(tracks, [_sight(*now, face) for face in found[:MAX_PERSONS]])
        if len(looked_for) < _MARKED:
            looked_for.append(marks.find(picture))
        tell(min(0.6, 0.6 * frames / MAX_FRAMES))
    tracks, fleeting = _lasting(by_person(tracks))
    crowded = crowded or len(tracks) > MAX_PERSONS
    tracks = tracks[:MAX_PERSONS]
    whole = _judge(tracks, begun + _JUDGED, lambda share: tell(0.6 + 0.4 * share))
    persons = [_person(track) for track in tracks]
    notes = [ANIMATED] if moving else []
    notes += [] if whole and not reader.late else [SHORT_OF_TIME]
    notes += [BROKEN] if reader.broken else []
    notes += [CROWD] if crowded else []
    notes += [FLEETING] if fleeting else []
    notes += [HDR] if reader.hdr and persons else []
    notes += [START_ONLY] if reader.duration > MAX_SECONDS else []
    mark = marks.best(looked_for)
    return Clip(persons, reader.duration, *reader.size, frames, " ".join(notes), mark, moving)


# -- persons -------------------------------------------------------------------------
def _found(picture: np.ndarray) -> list[Face]:
    found = find_faces(picture)
    if not found and max(picture.shape[:2]) <= 640:
        found = search_faces(picture)
    return found


def _sight(
    moment: float, picture: np.ndarray, shown: np.ndarray, grown: np.ndarray, face: Face
) -> _Sight:
    """A face of a frame (H, W, 3) uint8, in pixels of the first, which are `grown` (2,) times as
    many."""
    crop, side = found_crop(picture, face.points)
    cut = is_cut_off(face, picture.shape[1::-1])
    box = tuple((np.reshape(face.box, (2, 2)) * grown).reshape(-1).tolist())
    face = replace(face, box=box, points=face.points * grown)
    return _Sight(moment, face, thumb(crop), crop, shown, side, cut)


def _lasting(tracks: list[Track]) -> tuple[list[Track], bool]:
    """Those seen most first, without passing false finds where there is better; and whether one of
    these was surely a face."""
    tracks.sort(key=lambda t: (-len(t.sights), -max(s.face.area for s in t.sights)))
    if not tracks or len(tracks[0].sights) < 4:
        return tracks, False
    single = [t.sights[0].face for t in tracks if len(t.sights) == 1]
    return tracks[: len(tracks) - len(single)], any(f.probability >= _SURE for f in single)


def _judge(tracks: list[Track], deadline: float, tell: Callable[[float], object]) -> bool:
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
            sight.said = said.cut_off() if sight.cut else said
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


def _person(track: Track) -> Person:
    sights = [sight for sight in track.sights if sight.said]
    counted = [sight for sight in sights if sight.said.reason not in reasons.UNFIT] or sights
    chances = np.clip([sight.said.probability_fake for sight in counted], 1e-4, 1 - 1e-4)
    mean = float(expit(logit(chances).mean()))
    verdict, reason = _verdict(sights, counted, mean)
    falling = sorted(counted, key=lambda s: -s.said.probability_fake)
    most, least = falling[:_TELLING], falling[::-1][:_TELLING]
    ordered = [*least, *most] if verdict == "real" else [*most, *least]
    telling = list({id(s): s for s in ordered}.values())
    families = {
        name: float(np.mean([s.said.generators[name] for s in counted]))
        for name in counted[0].said.generators
    }
    named = [s.said.generator for s in counted if s.said.generator]
    return Person(
        times=[s.time for s in sights],
        probabilities=[s.said.probability_fake for s in sights],
        verdicts=[s.said.verdict for s in sights],
        judged=[s.said.reason not in reasons.UNJUDGED for s in sights],
        probability_fake=mean,
        verdict=verdict,
        reason=reason,
        telling=[(s.time, s.crop) for s in telling],
        telling_px=[s.side for s in telling],
        telling_boxes=[s.face.box for s in telling],
        telling_experts=[s.said.experts for s in telling],
        experts={
            name: float(np.mean([s.said.experts[name] for s in counted]))
            for name in counted[0].said.experts
        },
        generator="" if verdict == "real" or not named else max(named, key=named.count),
        generators=families,
        points=telling[0].face.points,
    )


def _verdict(sights: list[_Sight], counted: list[_Sight], mean: float) -> tuple[str, str]:
    """By the ensemble's band, unless most frames cannot be judged at all."""
    unfit = [s.said.reason for s in sights if s.said.reason in reasons.UNFIT]
    if 2 * len(unfit) > len(sights):
        return "uncertain", max(unfit, key=unfit.count)
    if mean >= np.mean([s.said.fake_from for s in counted]):
        return "fake", ""
    band = ensemble.load_ensemble().band
    if mean <= band.real:
        return "real", ""
    return "uncertain", reasons.SOFT if mean >= band.sharp else ensemble.undecided(mean)
