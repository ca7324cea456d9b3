"""Is a face fake? Pictures and videos in, verdicts with their reasons out."""

import hashlib
import time
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from ganfake import UserError, marks
from ganfake.checked import Checked, CheckedFace, Person, failed
from ganfake.clips import check_video
from ganfake.containers import MAX_BYTES as VIDEO_BYTES
from ganfake.containers import is_video
from ganfake.devices import trim_memory
from ganfake.experts import NAMES, ensemble, load, reasons
from ganfake.experts.band import any_fake
from ganfake.experts.cropping import found_crop
from ganfake.experts.ensemble import WORDS
from ganfake.faces import Face, is_cut_off
from ganfake.identity import load_projection
from ganfake.images import MAX_SIDE, NO_PICTURE, open_header, open_picture
from ganfake.jpeg_traces import jpeg_quality
from ganfake.moving import holds_several, is_moving
from ganfake.sideways import search_any_way_up

MAX_FACES = 64  # assessed in one picture, the largest
_AT_ONCE = 16  # faces of a picture
_SOON = 8.0  # seconds after which no more of them are begun, on a slow machine
_COUNTED = 500  # faces in a picture; of a denser crowd some are left unseen, to save time

NO_FACE = "No face was found."
NEITHER = (
    "This is neither a picture nor a video; use a JPEG, PNG, WebP, GIF, BMP, TIFF, HEIC or AVIF"
    " file, or an MP4, MOV, WebM, MKV or AVI."
)
SEVERAL = "This file holds several pictures; only the one that is shown first was judged."


def check_picture(
    picture: np.ndarray,
    jpeg_quality: float | None = None,
    name: str = "",
    progress: Callable[[float], object] | None = None,
) -> Checked:
    """Find and judge the faces of a picture (H, W, 3) uint8, RGB and upright: at most MAX_FACES,
    and on a slow machine as many as there is time for, the largest; left to right. progress: as
    in `check_file`."""
    height, width = picture.shape[:2]
    begun = time.monotonic()
    found, faces = search_any_way_up(picture), []
    most = min(len(found), MAX_FACES)
    for start in range(0, most, _AT_ONCE):
        if faces and time.monotonic() > begun + _SOON:
            break
        if progress:
            progress((start + 1) / (most + 1))  # to find them is one part of the work
        part = found[start : min(start + _AT_ONCE, most)]
        faces += _judge(picture, part, jpeg_quality)
    verdict, probability, reason = _whole(faces)
    faces.sort(key=lambda face: face.box[0] + face.box[2])  # by the places that they have in Swap
    if len(found) > len(faces):
        many = f"more than {_COUNTED}" if len(found) > _COUNTED else len(found)
        why = ", for the time ran out; try again when less is going on" * (len(faces) < most)
        reason = (
            f"Only the {len(faces)} largest of {many} faces were checked{why}. {reason}".strip()
        )
    return Checked(
        name, "image", verdict, probability, faces, reason=reason, width=width, height=height,
        pixel_mark=marks.find(picture),
    )  # fmt: skip


def _judge(picture: np.ndarray, found: list[Face], quality: float | None) -> list[CheckedFace]:
    """Some faces of a picture in one batch."""
    crops, sides = zip(*(found_crop(picture, face.points) for face in found), strict=True)
    assessments = ensemble.assess(np.stack(crops), sides, [quality] * len(found))
    faces = []
    for face, crop, side, said in zip(found, crops, sides, assessments, strict=True):
        said = said.cut_off() if is_cut_off(face, picture.shape[1::-1]) else said
        faces.append(
            CheckedFace(
                face.box, face.points, said.verdict, said.probability_fake, said.reason,
                said.experts, said.generator, said.generators, crop, side,
            )
        )  # fmt: skip
    return faces


def _whole(faces: list[CheckedFace]) -> tuple[str, float | None, str]:
    """Verdict, probability and reason of a picture or video by its faces."""
    if not faces:
        return "uncertain", None, NO_FACE
    counted = [face for face in faces if face.judged] or faces
    worst = max(counted, key=lambda face: (WORDS.index(face.verdict), face.probability_fake))
    chances = np.array([face.probability_fake for face in counted])
    said = np.array([WORDS.index(face.verdict) - 1 for face in counted])
    word = ensemble.load_ensemble().band.whole(chances, said)
    doubted = [face for face in counted if not face.judged or face.reason in reasons.DOUBTED]
    if word < 0 and doubted:
        word, worst = 0, doubted[0]
    chance, reason = any_fake(chances), worst.reason if word >= 0 else ""
    if word == 0 and worst.verdict == "fake":
        reason = reasons.AMONG
    elif word == 0 and len(counted) > 1 and reason in reasons.UNDECIDED:
        reason = ensemble.undecided(chance)  # that of all of them, not of the worst
    return WORDS[word + 1], chance, reason


def check_file(
    content: bytes, name: str = "", progress: Callable[[float], object] | None = None
) -> Checked:
    """Check a picture or a video, whatever its name says; mistakes are in `error`.

    progress: hears the share that is done, in [0, 1]; what it raises ends the check.
    """
    kind = "video" if is_video(content) or is_moving(content) else "image"
    try:
        if kind == "video":
            checked = _check_clip(content, name, progress)
        else:
            checked = _check_image(content, name, progress)
        return replace(checked, sha256=hashlib.sha256(content).hexdigest())
    except UserError as error:
        whole = len(content) <= VIDEO_BYTES  # what is longer is not read to its end
        sentence = NEITHER if str(error) == NO_PICTURE else str(error)
        return failed(name, sentence, kind, hashlib.sha256(content).hexdigest() if whole else "")
    finally:
        trim_memory()


def _check_image(content: bytes, name: str, progress: Callable | None) -> Checked:
    picture = np.asarray(open_picture(content))
    checked = check_picture(picture, jpeg_quality(content), name, progress)
    # Not of a JPEG: phones put more of the same picture into it, such as how bright it gleams.
    if holds_several(content, ("TIFF", "HEIF")):
        checked = replace(checked, reason=f"{checked.reason} {SEVERAL}".strip())
    width, height = open_header(content).size
    if max(width, height) <= MAX_SIDE:
        return checked
    if (width > height) != (checked.width > checked.height):
        width, height = height, width  # EXIF turned it
    ratio = np.array([width / checked.width, height / checked.height])
    faces = [
        replace(
            face,
            box=tuple(map(float, np.tile(ratio, 2) * face.box)),
            points=face.points * ratio,
            crop_px=float(face.crop_px * ratio.mean()),
        )
        for face in checked.faces
    ]
    return replace(checked, width=width, height=height, faces=faces)


def _check_clip(content: bytes, name: str, progress: Callable | None) -> Checked:
    clip = check_video(content, progress)
    faces = [_person(person) for person in clip.persons]
    verdict, probability, reason = _whole(faces)
    reason = " ".join(part for part in (reason, clip.note) if part)
    return Checked(
        name, "video", verdict, probability, faces, reason=reason, width=clip.width,
        height=clip.height, clip=clip, pixel_mark=clip.pixel_mark,
    )  # fmt: skip


def _person(person: Person) -> CheckedFace:
    return CheckedFace(
        person.box, person.points, person.verdict, person.probability_fake, person.reason,
        person.experts, person.generator, person.generators, person.telling[0][1],
        person.telling_px[0],
    )  # fmt: skip


def load_experts() -> None:
    """All weights that a verdict needs; UserError when some are missing or damaged."""
    ensemble.load_ensemble()
    for name in NAMES:
        load(name)
    load_projection()
