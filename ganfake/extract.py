"""Stage 1 of the swap: faces from photographs, folders and videos, sorted by person.

Within a video a face is followed from frame to frame; what is so followed, and the faces of
photographs, are put together by the identity embedding. Blurred faces and near-duplicates
teach nothing and are dropped.
"""

from collections.abc import Callable, Iterable
from pathlib import Path

import cv2
import numpy as np
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.spatial.distance import squareform

from ganfake import UserError, identity
from ganfake.clip_io import Footage
from ganfake.containers import MAX_BYTES
from ganfake.detect_files import list_files
from ganfake.extract_look import Gathering, Seen, grey, look_into
from ganfake.extract_words import contact_sheet, report
from ganfake.extracted import MAX_FACES, MAX_PERSONS, Extracted, read_folder, write
from ganfake.images import read_file

__all__ = ["Extracted", "extract", "extract_file", "read_folder", "write"]

_MOST_LOOKED_AT = 450  # frames of a clip on the page
_SHARP = 0.55  # of the person's median, the sharpness that is needed
_INNER = slice(24, 116), slice(20, 108)  # of a crop: the face without hair and ground
_ALIKE = 2.0  # grey levels by which a near-duplicate's thumbnail differs
_THUMB = 24  # pixels on its side
# Mean likeness of faces from which they are one person's: faces of photographs, and of clips,
# where people are in the same light, so that others are alike too (up to 0.19).
_SAME_PHOTOGRAPHS, _SAME_CLIPS = 0.08, 0.3
_EMBEDDED = 6  # faces of a track that are embedded

Progress = Callable[[float], object]


def extract(
    sources: str | Path | bytes | Iterable[str | Path | bytes],
    progress: Progress | None = None,
    every: int = 1,
) -> Extracted:
    """Faces of photographs and videos: paths, folders (recursively), or contents.

    every: only each so-many-th frame of a video. progress: hears the share that is done; what
    it raises ends the work. Files that cannot be read are named in the report; UserError
    when there is no face at all, and for what is wrong with a single file.
    """
    if isinstance(sources, str | Path | bytes):
        sources = [sources]
    if every < 1:
        raise UserError("Of a video each frame is looked at, or each so-many-th: give 1 or more.")
    files = _files(sources)
    tell, found, failed = progress or (lambda share: None), Gathering(), []
    for number, file in enumerate(files):
        if found.count >= MAX_FACES:
            break
        try:
            content = file if isinstance(file, bytes) else read_file(Path(file), MAX_BYTES + 1)
            told = _part(tell, number / len(files), 1 / len(files))
            look_into(found, content, number, told, lambda footage: every)
        except UserError as error:
            if len(files) == 1:
                raise
            failed.append(f"{_name(file)}: {error}")
        tell(0.9 * (number + 1) / len(files))
    return _sorted(found, failed, tell)


def extract_file(content: bytes, progress: Progress | None = None) -> Extracted:
    """As `extract`, of one photograph or clip; of a long clip frames are left out evenly."""
    tell, found = progress or (lambda share: None), Gathering()
    look_into(found, content, 0, _part(tell, 0, 1), lambda footage: _thinned(footage, content))
    return _sorted(found, [], tell)


def _thinned(footage: Footage, content: bytes) -> int:
    frames = footage.length * footage.rate
    if not frames:  # as browsers record: the packets alone tell
        with Footage(content) as counted:
            frames = counted.count()
    return max(1, round(frames / _MOST_LOOKED_AT))


def _files(sources: Iterable[str | Path | bytes]) -> list[str | bytes]:
    files: list[str | bytes] = []
    for source in sources:
        files += [source] if isinstance(source, bytes) else list_files([source])
    if not files:
        raise UserError("There is no file in there; name photographs, videos, or their folder.")
    return files


def _name(file: str | bytes) -> str:
    return "a file" if isinstance(file, bytes) else Path(file).name


def _part(tell: Progress, begun: float, share: float) -> Progress:
    return lambda done: tell(0.9 * (begun + share * min(done, 1.0)))


# -- sorting -------------------------------------------------------------------------
def _sorted(found: Gathering, failed: list[str], tell: Progress) -> Extracted:
    persons = _persons(found)
    tell(0.97)
    faces, points = {}, {}
    for number, ones in enumerate(persons, 1):
        if number > MAX_PERSONS:
            for one in ones:
                found.drop("of further people", one.crop)
            continue
        kept = _worth_keeping(found, ones)
        name = f"person_{number}"
        faces[name] = np.stack([one.crop for one in kept])
        points[name] = np.stack([one.face.points for one in kept])
    if not faces:
        raise UserError(_nothing(found, failed))
    words = report(points, dict(found.dropped), failed, found.count >= MAX_FACES)
    sheet = contact_sheet(faces, found.examples)
    tell(1.0)
    return Extracted(faces, words, sheet, dict(found.dropped))


def _nothing(found: Gathering, failed: list[str]) -> str:
    if found.dropped:
        reason, count = found.dropped.most_common(1)[0]
        return f"No face can be used: {count} were {reason}; choose sharper or larger pictures."
    if failed:
        return f"No file could be used; the first one is {failed[0]}"
    return "No face was found; choose pictures or a clip that show a face."


def _persons(found: Gathering) -> list[list[Seen]]:
    """The faces of each person, those seen most first: average linkage of their tracks."""
    count = len(found.tracks)
    labels = np.ones(count, int)
    if count > 1:
        # Not scaled to length 1, so that the product is the mean likeness of single faces.
        embedded = np.stack([_embedded(track) for track in found.tracks])
        in_clip = np.array([len(track) > 1 for track in found.tracks])
        needed = np.where(in_clip & in_clip[:, None], _SAME_CLIPS, _SAME_PHOTOGRAPHS)
        apart = 1.0 + needed - embedded @ embedded.T
        apart[_together(found)] = 3.0  # seen at the same time: two persons
        np.fill_diagonal(apart, 0)
        condensed = squareform(np.clip(apart, 0, 3), checks=False)
        labels = fcluster(linkage(condensed, "average"), 1.0, "distance")
    persons = [
        [one for track, label in zip(found.tracks, labels, strict=True) if label == person
         for one in track]
        for person in dict.fromkeys(labels)
    ]  # fmt: skip
    return sorted(persons, key=len, reverse=True)


def _embedded(track: list[Seen]) -> np.ndarray:
    """The mean embedding of a few of a track's faces."""
    chosen = np.linspace(0, len(track) - 1, min(len(track), _EMBEDDED)).round().astype(int)
    return identity.describe(np.stack([track[i].crop for i in chosen])).mean(0)


def _together(found: Gathering) -> np.ndarray:
    """(K, K) bool: tracks that were seen in one frame or photograph."""
    count = len(found.tracks)
    both = np.zeros((count, count), bool)
    seen_at: dict[tuple[int, float], list[int]] = {}
    for number, moments in enumerate(found.moments):
        for moment in moments:
            seen_at.setdefault(moment, []).append(number)
    for numbers in seen_at.values():
        both[np.ix_(numbers, numbers)] = True
    return both


def _worth_keeping(found: Gathering, ones: list[Seen]) -> list[Seen]:
    """Without those blurred against the others, and without near-duplicates."""
    least = _SHARP * float(np.median([one.sharpness for one in ones]))
    kept: list[Seen] = []
    thumbs = np.zeros((0, _THUMB * _THUMB), np.float32)
    for one in ones:
        thumb = _thumb(one.crop)
        if one.sharpness < least:
            found.drop("blurred", one.crop)
        elif len(thumbs) and ((thumbs - thumb) ** 2).mean(1).min() < _ALIKE**2:
            found.drop("near-duplicates", one.crop)
        else:
            kept.append(one)
            thumbs = np.concatenate([thumbs, thumb[None]])
    return kept


def _thumb(crop: np.ndarray) -> np.ndarray:
    """The inner face, small, whatever the light."""
    small = cv2.resize(grey(crop)[_INNER], (_THUMB, _THUMB), interpolation=cv2.INTER_AREA)
    return (small - small.mean()).ravel()
