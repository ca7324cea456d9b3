"""Persons over the cuts of a video: whom a cut joined is parted, and whom it parted is joined.

`tracks` follows faces by place and looks, so two people of like light and framing who come one
after the other are one to it, and one who is seen in another place after a cut is two. Within a
shot it is right; between shots it is asked who it is (`identity`).
"""

from dataclasses import dataclass

import cv2
import numpy as np

from ganfake.identity import describe, unit
from ganfake.tracks import Sight, Track

_SIDE, _SCENE = 128, 16  # pixels on a side of a face that is described, and of a frame compared
# Correlation of neighbouring frames from which there is no cut between them: those of four talking
# heads reach 0.89 and more over seconds, frames of two of them 0.84 at most.
_ONE_SHOT = 0.88
# Likeness from which two shots show one person: of those that place and looks joined, and others.
# The means over eight pictures of two persons who are not in its training reach 0.35 in one of a
# hundred pairs and 0.46 at most; those over three frames of one talking head and eight later ones
# are 0.41 and more.
_JOINED, _APART = 0.38, 0.5
_ENOUGH = 3  # sights by which a shot is known
_MOST = 8  # sights of a shot that are described


@dataclass(eq=False)
class Seen(Sight):
    """A face in a frame. crop: (S, S, 3) uint8, aligned; scene: its frame, by `scene`."""

    crop: np.ndarray
    scene: np.ndarray


def scene(picture: np.ndarray) -> np.ndarray:
    """A frame (H, W, 3) uint8 as a unit vector; products are correlations."""
    small = cv2.resize(picture, (_SCENE, _SCENE), interpolation=cv2.INTER_AREA)
    small = small.astype(np.float32).ravel()
    return unit((small - small.mean())[None])[0]


def by_person(tracks: list[Track]) -> list[Track]:
    """The same sights, of `Seen`, in order of time, in one track for each person."""
    parts = [(number, shot) for number, track in enumerate(tracks) for shot in _shots(track)]
    if len(parts) < 2:
        return [Track(shot) for _, shot in parts]
    groups = [shot for _, shot in parts]
    owner = np.array([number for number, _ in parts])
    kin = owner[:, None] == owner
    times = [{sight.time for sight in shot} for shot in groups]
    never = np.array([[bool(a & b) for b in times] for a in times])  # one is not twice in a frame
    sums = _described(groups) * np.array([len(shot) for shot in groups])[:, None]
    likeness = unit(sums) @ unit(sums).T
    while True:
        margin = np.where(never, -np.inf, likeness - np.where(kin, _JOINED, _APART))
        if margin.max() < 0:
            few = [len(shot) < _ENOUGH for shot in groups]  # too little to be somebody else
            margin = np.where(kin & ~never & np.add.outer(few, few), margin, -np.inf)
            if margin.max() == -np.inf:
                return [Track(sorted(shot, key=lambda s: s.time)) for shot in groups]
        one, other = sorted(np.unravel_index(margin.argmax(), margin.shape))
        groups[one] = groups[one] + groups.pop(other)
        sums[one] += sums[other]
        likeness[one] = likeness[:, one] = unit(sums) @ unit(sums[one : one + 1])[0]
        for relation in (kin, never):
            relation[one] |= relation[other]
            relation[:, one] = relation[one]
        left = np.arange(len(sums)) != other
        sums = sums[left]
        likeness, kin, never = (r[np.ix_(left, left)] for r in (likeness, kin, never))


def _shots(track: Track) -> list[list[Seen]]:
    """Its sights in order of time, parted where the scene changes."""
    shots: list[list[Seen]] = []
    for sight in sorted(track.sights, key=lambda s: s.time):
        if not shots or float(shots[-1][-1].scene @ sight.scene) < _ONE_SHOT:
            shots.append([])
        shots[-1].append(sight)
    return shots


def _described(shots: list[list[Seen]]) -> np.ndarray:
    """The mean embedding (N, D) of some faces of each shot, spread over its time."""
    some = [[shot[i] for i in _spread(len(shot))] for shot in shots]
    faces = [
        cv2.resize(sight.crop, (_SIDE, _SIDE), interpolation=cv2.INTER_AREA)
        for shot in some
        for sight in shot
    ]
    ends = np.cumsum([len(shot) for shot in some])
    return unit(np.stack([part.mean(0) for part in np.split(describe(faces), ends[:-1])]))


def _spread(count: int) -> np.ndarray:
    return np.unique(np.linspace(0, count - 1, _MOST).round().astype(int))
