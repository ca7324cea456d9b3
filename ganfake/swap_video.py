"""Swap one person in a clip: follow the face, swap it in every frame, mark it, keep the sound.

Two passes over the file: the first finds the face in all frames, so that landmarks can be
smoothed by what comes after as well as by what came before; the second changes the frames.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property, partial
from itertools import islice
from pathlib import Path

import numpy as np

from ganfake import UserError, marks, provenance
from ganfake.clip_io import Footage, Shot
from ganfake.left_out import NO_HDR
from ganfake.persons import Person
from ganfake.reel import Reel
from ganfake.swap import (
    DEFAULTS,
    SOURCE_TYPE,
    SwapOptions,
    check_consent,
    notes,
    source_notes,
    swap_frames,
)
from ganfake.swap_choice import place_of
from ganfake.tracks import SPREAD, Follower, Place, Track, landmarks, resembles
from ganfake.weights import write_atomically
from ganfake.writing import plain_writing, unfinished

NO_FACE = "No face was found in the video; use one in which a face looks towards the camera."
NOWHERE = "The chosen face is not in this clip; choose the face again."
_FINDING, _SWAPPING = 0.35, 0.98  # shares of the work done after each pass
_BATCH = 16  # frames whose faces are decoded together
_HELD = 8_000_000  # pixels of the frames that are held at once
_THREADS = 2

Progress = Callable[[float], object]


@dataclass(frozen=True, eq=False)
class Followed:
    """One person through a clip. By frame: times in seconds, smoothed landmarks (5, 2) or None.

    track: what was found, before smoothing. size: (width, height) of a frame, upright;
    aspect: of a pixel, width by height. hdr: as Footage has it.
    """

    times: list[float]
    landmarks: list[np.ndarray | None]
    track: Track
    size: tuple[int, int]
    aspect: Fraction
    hdr: bool

    def place(self, shot: Shot) -> np.ndarray | None:
        """Landmarks (5, 2) in a frame of the same video; None where the face is not in sight."""
        points = self.landmarks[shot.number] if shot.number < len(self.landmarks) else None
        if points is None or shot.seconds in self._found:
            return points
        return points if resembles(self.track, shot.seconds, shot.picture, points) else None

    @cached_property
    def _found(self) -> set[float]:
        """Times of the frames in which the face was found, not filled in."""
        return {sight.time for sight in self.track.sights}


@dataclass(frozen=True)
class VideoResult:
    """What was made: frames in all and with a swapped face, seconds, size (width, height).

    sound: "copied", "re-encoded" or "none". note: a sentence on what was left out, or "".
    """

    frames: int
    swapped: int
    seconds: float
    size: tuple[int, int]
    sound: str
    note: str = ""


def swap_video(
    content: bytes,
    person: Person,
    target: Path,
    options: SwapOptions = DEFAULTS,
    consent: str = "",
    progress: Progress | None = None,
) -> VideoResult:
    """Swap one person of a video and write it to `target`, an MP4 with all the marks.

    Frames, their times and the sound stay; frames without the person only get the marks.
    options.face counts the faces that `swap_choice.offered` offers, options.place says where
    the face is, without a number. progress hears the share
    done; what it raises ends the work, and `target` is as it was. Raises UserError when
    consent is not CONSENT, and in one sentence for all that cannot be read or written.
    """
    check_consent(consent)
    tell = progress or (lambda share: None)
    followed = follow_face(
        content,
        options.face if options.place is None else options.place,
        options.smoothing,
        lambda share: tell(_FINDING * share),
    )
    with unfinished() as folder:
        path = Path(folder) / "result.mp4"
        swapped, sound = _convert(content, followed, person, path, options, tell)
        with plain_writing():
            told = notes(person) | source_notes(content)
            made = provenance.mark_mp4(
                path.read_bytes(), source_type=SOURCE_TYPE, model="swap", extra=told
            )
            write_atomically(target, made)
    tell(1.0)
    seconds = followed.times[-1] - followed.times[0]
    note = NO_HDR if followed.hdr else ""
    return VideoResult(len(followed.times), swapped, seconds, followed.size, sound, note)


def follow_face(
    content: bytes,
    face: int | Place | None = None,
    spread: float = SPREAD,
    progress: Progress | None = None,
) -> Followed:
    """Follow one face through a video; errors as `swap_video`.

    face: its place, or its number in what `swap_choice.offered` offers; None is the face largest
    and longest in sight. spread: of the smoothing in time, in seconds; 0 leaves it out.
    """
    tell = progress or (lambda share: None)
    wanted = place_of(content, face) if isinstance(face, int) else face
    follower, times = Follower(wanted), []
    with Footage(content) as footage:
        for shot in footage.shots():
            follower.look(shot.seconds, shot.picture)
            times.append(shot.seconds)
            tell(footage.share(shot.seconds))
        size, aspect, hdr = footage.size, footage.aspect, footage.hdr
    track = follower.chosen()
    if track is None:
        raise UserError(NO_FACE if wanted is None else NOWHERE)
    return Followed(times, landmarks(track, times, spread), track, size, aspect, hdr)


def _convert(content, followed: Followed, person, path: Path, options, tell: Progress):
    """Write changed frames and sound to `path`; how many were swapped, what became of sound."""
    swapped, count = 0, max(1, min(_BATCH, _HELD // (followed.size[0] * followed.size[1])))
    with (
        Footage(content) as footage,
        Reel(path, footage, followed.size, followed.aspect) as reel,
        ThreadPoolExecutor(_THREADS) as pool,
        closing(footage.shots(reel.hear)) as shots,
    ):
        for batch in _batches(shots, count):
            pictures, changed = _swap(batch, followed, person, options, pool)
            swapped += changed
            stamp = partial(marks.stamp, corner=options.corner)
            for shot, picture in zip(batch, pool.map(stamp, pictures), strict=True):
                reel.show(shot, picture)
            share = (batch[-1].number + 1) / len(followed.times)
            tell(_FINDING + (_SWAPPING - _FINDING) * min(1.0, share))
    return swapped, reel.sound


def _batches(shots: Iterator[Shot], count: int) -> Iterator[list[Shot]]:
    while batch := list(islice(shots, count)):
        yield batch


def _swap(batch: list[Shot], followed: Followed, person, options, pool):
    """The pictures of a batch, with the face swapped where it is in sight, and how many are."""
    points = [followed.place(shot) for shot in batch]
    pictures = [shot.picture for shot in batch]
    seen = [index for index, found in enumerate(points) if found is not None]
    if seen:
        swapped = swap_frames(
            [pictures[i] for i in seen], [points[i] for i in seen], person, options, pool.map
        )
        for index, picture in zip(seen, swapped, strict=True):
            pictures[index] = picture
    return pictures, len(seen)
