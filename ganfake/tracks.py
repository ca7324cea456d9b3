"""Faces from frame to frame: whose is whose, and landmarks that do not jitter."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial

import cv2
import numpy as np

from ganfake.faces import TEMPLATE, Face, align, find_faces, overlap
from ganfake.sideways import Stance, search_any_way_up

_THUMB = 8  # pixels on a side by which faces are compared
_ALIKE = 0.62, 0.85  # correlation of faces from which two at one place, or apart, are one person
_RECENT = 8  # sights of a track that a new one is compared with
_SMALLEST_SHARE = 0.4  # of the smallest followed face: narrower ones are not looked for
_LONG_SIDE, _MIN_FACE = 640, 24  # of `find_faces`
# A wanted face narrower than this is looked for in up to so many times larger pictures.
_SURE, _CLOSEST, _MIN_SMALL = 40, 3.0, 20
_SAME = 0.5  # of the smaller box that the other one covers: one face
_TICK = 1e-3  # seconds by which one time may differ
_BRIDGED = 0.35  # seconds without a find that are filled from both sides
_JUMP = 0.6  # of its width that a face moves from frame to frame: a cut, not a movement
SPREAD = 0.07  # seconds, the spread of the weights by which landmarks are smoothed
_FULL_DEGREE = 2  # a parabola in time, so that turning heads are not held back


@dataclass(eq=False)
class Sight:
    """One face in one frame. time: in seconds; thumb: (192,), by which persons are compared."""

    time: float
    face: Face
    thumb: np.ndarray


@dataclass(eq=False)
class Track:
    """One person, seen in several frames; `landmarks` needs them in order of time."""

    sights: list[Sight] = field(default_factory=list)

    def nearest(self, time: float) -> Sight:
        """What was seen of the person nearest to a time in seconds."""
        return min(self.sights, key=lambda sight: abs(sight.time - time))


@dataclass(frozen=True)
class Place:
    """Where a face is in a clip. seconds: of the frame; box: (x0, y0, x1, y1), shares of it."""

    seconds: float
    box: tuple[float, float, float, float]

    def pixels(self, picture: np.ndarray) -> tuple[float, ...]:
        """The box in a frame (H, W, 3)."""
        height, width = picture.shape[:2]
        return tuple((np.array(self.box) * [width, height, width, height]).tolist())


class Follower:
    """Follows the faces of a video; `look` is given all frames in order.

    wanted: the place of the face to follow, from there on and before it; None means the one
    that is largest and longest in sight.
    """

    def __init__(self, wanted: Place | None = None):
        self._wanted, self._chosen = wanted, None
        self._reached = False  # the frame of the wanted face
        self._tracks: list[Track] = []
        self._stance = Stance()

    def look(self, time: float, picture: np.ndarray) -> None:
        """Find faces in the next frame, (H, W, 3) uint8, and give each to its track."""
        found, own = self._stance.search(picture, self._finding(time, picture)), None
        if self._wanted and not self._reached and time >= self._wanted.seconds - _TICK:
            self._reached = True
            own = _at(search_any_way_up(picture), self._wanted.pixels(picture))
            if own is not None:  # as it was offered, whether it was found just now or not
                found = [own, *(face for face in found if overlap(face, own) <= _SAME)]
        sights = [Sight(time, face, _thumb_at(picture, face.points)) for face in found]
        follow(self._tracks, sights)
        if own is not None:
            self._chosen = next(t for t in self._tracks if t.sights[-1].face is own)

    def _finding(self, time: float, picture: np.ndarray) -> Callable[[np.ndarray], list[Face]]:
        """Finds faces of a frame; much smaller ones than the followed one are not looked for."""
        ratio = min(1.0, _LONG_SIDE / max(picture.shape[:2]))
        if self._wanted is not None:
            box = self._chosen.sights[-1].face.box if self._chosen else self._wanted.pixels(picture)
            return partial(_find_like, width=ratio * (box[2] - box[0]))
        smallest = partial(find_faces, max_side=_LONG_SIDE, min_face=_MIN_FACE)
        last = max((track.sights[-1].time for track in self._tracks), default=None)
        seen = [t.sights[-1].face for t in self._tracks if t.sights[-1].time == last]
        if seen and time - last <= _BRIDGED:
            # The largest: people behind it are of no interest.
            followed = max(seen, key=lambda face: face.area)
            least = int(_SMALLEST_SHARE * ratio * (followed.box[2] - followed.box[0]))
            larger = partial(find_faces, max_side=_LONG_SIDE, min_face=max(_MIN_FACE, least))
            return lambda frame: larger(frame) or smallest(frame)
        return smallest

    def chosen(self) -> Track | None:
        """The track of the face that was asked for; None when there is none."""
        if self._wanted is not None or not self._tracks:
            return self._chosen
        return max(self._tracks, key=lambda t: sum(s.face.area**0.5 for s in t.sights))


def _find_like(picture: np.ndarray, width: float) -> list[Face]:
    """Faces about as wide as `width`, in pixels of the shrunken picture, and wider ones."""
    zoom = min(max(_SURE / max(width, 1.0), 1.0), _CLOSEST)
    least = max(_MIN_FACE if zoom == 1 else _MIN_SMALL, int(_SMALLEST_SHARE * zoom * width))
    return find_faces(picture, round(zoom * _LONG_SIDE), least)


def _at(faces: list[Face], box: tuple[float, ...]) -> Face | None:
    """The face that is at a box, in pixels; None when there is none."""
    there = Face(box, np.zeros((5, 2)), 1.0)
    best = max(faces, key=lambda face: overlap(face, there), default=None)
    return best if best is not None and overlap(best, there) > _SAME else None


def thumb(crop: np.ndarray) -> np.ndarray:
    """An aligned face (S, S, 3) uint8 as a unit vector (192,); products are correlations."""
    small = cv2.resize(crop, (_THUMB, _THUMB), interpolation=cv2.INTER_AREA)
    small = small.astype(np.float32).ravel()
    small -= small.mean()
    return small / (np.linalg.norm(small) + 1e-6)


def _thumb_at(picture: np.ndarray, points: np.ndarray) -> np.ndarray:
    return thumb(align(picture, points, TEMPLATE, 4 * _THUMB))


def resembles(track: Track, time: float, picture: np.ndarray, points: np.ndarray) -> bool:
    """Whether a frame in which nothing was found shows the person at landmarks (5, 2) after all.

    A face that is missed for a moment does, a flash or another scene in between does not.
    """
    return float(_thumb_at(picture, points) @ track.nearest(time).thumb) >= _ALIKE[0]


def follow(tracks: list[Track], sights: list[Sight]) -> None:
    """Give each face of the next frame to the track it continues best, or to a new one."""
    scored = [
        (likeness(track, sight), t, s)
        for t, track in enumerate(tracks)
        for s, sight in enumerate(sights)
    ]
    taken_tracks, taken = set(), set()
    for score, t, s in sorted(scored, reverse=True):
        if score <= 0 or t in taken_tracks or s in taken:
            continue
        taken_tracks.add(t)
        taken.add(s)
        tracks[t].sights.append(sights[s])
    tracks += [Track([sight]) for s, sight in enumerate(sights) if s not in taken]


def likeness(track: Track, sight: Sight) -> float:
    """Above 0: the same person; from place, size and how the aligned faces look.

    Compared with what of the track is nearest in time, for frames may come out of order.
    """
    a, b = track.nearest(sight.time).face, sight.face
    apart = float(np.linalg.norm(a.centre - b.centre)) / max(np.sqrt(a.area), np.sqrt(b.area), 1.0)
    grown = abs(np.log(max(a.area, 1.0) / max(b.area, 1.0))) / 2
    alike = max(float(other.thumb @ sight.thumb) for other in track.sights[-_RECENT:])
    near = max(0.0, 1.0 - 0.5 * apart - 0.5 * grown)
    # Neighbouring frames of one person correlate by 0.9 and more, by 0.8 a while later; other
    # people mostly by less than 0.6: so a cut to another person at the same place is one, and a
    # walk across the picture none. People of like light and framing reach 0.84: `shots` parts them.
    return near + alike if alike >= _ALIKE[0] * near + _ALIKE[1] * (1 - near) else 0.0


def landmarks(
    track: Track, times: Sequence[float], spread: float = SPREAD
) -> list[np.ndarray | None]:
    """Landmarks (5, 2) for each frame's time, None where the person is not in sight.

    A parabola in time is fitted around each frame with Gaussian weights (local regression,
    Cleveland 1979; the same on both sides, so that nothing lags), never across a cut; it also
    fills gaps of up to a third of a second. spread: in seconds, 0 gives what was found.
    """
    result: list[np.ndarray | None] = [None] * len(times)
    moments = np.asarray(times, np.float64)
    for part in _parts(track.sights):
        known = np.array([sight.time for sight in part])
        points = np.stack([sight.face.points for sight in part])
        first, last = np.searchsorted(moments, [known[0] - 1e-6, known[-1] + 1e-6])
        for index in range(first, last):
            result[index] = _fit(known, points, moments[index], spread)
    return result


def _parts(sights: list[Sight]) -> list[list[Sight]]:
    """Sights that belong to one movement: no gap between them, and no cut."""
    parts: list[list[Sight]] = []
    for sight in sights:
        before = parts[-1][-1] if parts else None
        if before is None or sight.time - before.time > _BRIDGED or _is_cut(before, sight):
            parts.append([])
        parts[-1].append(sight)
    return parts


def _is_cut(before: Sight, after: Sight) -> bool:
    width = before.face.box[2] - before.face.box[0]
    return float(np.linalg.norm(after.face.centre - before.face.centre)) > _JUMP * max(width, 1.0)


def _fit(known: np.ndarray, points: np.ndarray, moment: float, spread: float) -> np.ndarray:
    """The value at `moment` of the parabola that fits points (N, 5, 2) at times (N,) near it."""
    if spread <= 0:
        return points[np.abs(known - moment).argmin()]
    span = spread
    while True:  # wider where frames are far apart, so that a parabola is not a mere copy
        near = np.flatnonzero(np.abs(known - moment) <= 3 * span)
        if len(near) >= min(len(known), _FULL_DEGREE + 2):
            break
        span *= 1.5
    offsets = (known[near] - moment) / span
    degree = min(_FULL_DEGREE, len(near) - 1)
    root = np.exp(-(offsets**2) / 4)[:, None]  # the root of the weights
    powers = np.vander(offsets, degree + 1, increasing=True)
    goal = points[near].reshape(len(near), -1)
    fitted = np.linalg.lstsq(root * powers, root * goal, rcond=None)[0]
    return fitted[0].reshape(points.shape[1:])


def jitter(series: Sequence[np.ndarray | None]) -> float:
    """How much landmarks (5, 2) of successive frames tremble, in percent of the eyes' distance.

    The root mean square of the second differences, which a steady movement does not have. NaN
    when there are no three frames in a row.
    """
    squares = []
    for first, second, third in zip(series, series[1:], series[2:], strict=False):
        if first is None or second is None or third is None:
            continue
        eyes = max(float(np.linalg.norm(second[1] - second[0])), 1e-6)
        bend = (first - 2 * second + third) / eyes
        squares.append(float((bend**2).sum(1).mean()))
    return 100 * float(np.sqrt(np.mean(squares))) if squares else float("nan")
