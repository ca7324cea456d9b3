"""Looking for the faces of one photograph or video, each followed from frame to frame."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import partial

import cv2
import numpy as np

from ganfake.clip_io import Footage
from ganfake.containers import is_video
from ganfake.extracted import MAX_FACES, SIDE
from ganfake.faces import Face, align_face, find_faces, is_cut_off
from ganfake.images import open_picture
from ganfake.sideways import Stance, search_any_way_up
from ganfake.tracks import Sight, Track, follow, thumb

SHARP = 0.09  # sharpness under which a face is dropped at once
_FULL_LOOK = 10  # frames after which small faces are looked for again
_LONG_SIDE, _MIN_FACE = 640, 32  # of the search, in pixels
_EYES = 14.0  # pixels between the eyes, under which there is nothing to learn
_FLEETING = 8  # sights of a clip's longest track from which single sights are false finds
_SHOWN = 10  # dropped faces of each reason that are kept for the contact sheet


@dataclass(eq=False)
class Seen(Sight):
    """One face that may be kept. crop: (128, 128, 3) uint8, aligned."""

    crop: np.ndarray
    sharpness: float


@dataclass(eq=False)
class Gathering:
    """All faces so far. tracks: of one person each; moments: (file, time) of each track."""

    tracks: list[list[Seen]] = field(default_factory=list)
    moments: list[set[tuple[int, float]]] = field(default_factory=list)
    dropped: Counter = field(default_factory=Counter)
    examples: dict[str, list[np.ndarray]] = field(default_factory=dict)
    count: int = 0

    def keep(self, ones: list[Seen], moments: Iterable[tuple[int, float]]) -> None:
        """Faces that are one person's."""
        self.tracks.append(ones)
        self.moments.append(set(moments))

    def drop(self, reason: str, crop: np.ndarray) -> None:
        """A face that is not used; some are kept to be shown."""
        self.dropped[reason] += 1
        shown = self.examples.setdefault(reason, [])
        if len(shown) < _SHOWN:
            shown.append(crop)


def look_into(
    found: Gathering,
    content: bytes,
    room: int,
    tell: Callable[[float], object],
    step: Callable[[Footage], int],
) -> None:
    """All faces of one photograph or video, the file `room` of many.

    tell: hears the share that is done. step: of a video, which frames are looked at: each
    so-many-th. Raises UserError for a file that cannot be read.
    """
    if not is_video(content):
        picture = np.asarray(open_picture(content))
        for face in search_any_way_up(picture):
            if one := _seen(found, 0.0, picture, face):
                found.keep([one], [(room, 0.0)])
        return
    tracks: list[Track] = []
    stance = Stance()
    with Footage(content) as footage:
        every = step(footage)
        for shot in footage.shots():
            if found.count >= MAX_FACES:
                break
            if shot.number % every:
                continue
            finding = _finding(shot.picture, tracks, shot.number // every)
            faces = stance.search(shot.picture, finding)
            sights = [_seen(found, shot.seconds, shot.picture, face) for face in faces]
            follow(tracks, [one for one in sights if one])
            tell(footage.share(shot.seconds))
    longest = max((len(track.sights) for track in tracks), default=0)
    for track in tracks:
        if len(track.sights) == 1 and longest >= _FLEETING:
            found.drop("seen only once", track.sights[0].crop)
        else:
            found.keep(track.sights, [(room, one.time) for one in track.sights])


def _finding(
    picture: np.ndarray, tracks: list[Track], number: int
) -> Callable[[np.ndarray], list[Face]]:
    """Finds faces of the next frame; between full looks not much smaller ones than were just
    seen."""
    ratio = min(1.0, _LONG_SIDE / max(picture.shape[:2]))
    last = [track.sights[-1] for track in tracks]
    latest = max((one.time for one in last), default=0.0)
    widths = [one.face.box[2] - one.face.box[0] for one in last if one.time == latest]
    smallest = partial(find_faces, max_side=_LONG_SIDE, min_face=_MIN_FACE)
    if not widths or number % _FULL_LOOK == 0:
        return smallest
    least = max(_MIN_FACE, int(0.4 * ratio * min(widths)))

    def larger(frame: np.ndarray) -> list[Face]:
        found = find_faces(frame, _LONG_SIDE, least)
        return found if len(found) >= len(widths) else smallest(frame)

    return larger


def _seen(found: Gathering, time: float, picture: np.ndarray, face: Face) -> Seen | None:
    """The face, unless it is dropped at once, or there are enough."""
    if found.count >= MAX_FACES:
        return None
    found.count += 1
    crop = align_face(picture, face, SIDE)
    sharpness = _sharpness(crop)
    if face.eye_distance < _EYES:
        found.drop("too small", crop)
    elif is_cut_off(face, picture.shape[1::-1]):
        found.drop("cut off by the border", crop)
    elif sharpness < SHARP:
        found.drop("blurred", crop)
    else:
        return Seen(time, face, thumb(crop), crop, sharpness)
    return None


def _sharpness(crop: np.ndarray) -> float:
    """The deviation of the Laplacian against that of the face itself, so that light does little."""
    inner = cv2.GaussianBlur(grey(crop)[32:108, 24:104], (0, 0), 0.7)  # noise is no detail
    return float(cv2.Laplacian(inner, cv2.CV_32F).std() / (inner.std() + 8))


def grey(crop: np.ndarray) -> np.ndarray:
    """(H, W) float32 in [0, 255]."""
    return cv2.cvtColor(crop, cv2.COLOR_RGB2GRAY).astype(np.float32)
