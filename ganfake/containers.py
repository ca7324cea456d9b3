"""Containers of videos: known by their first bytes, opened within limits; which track is seen."""

import io
import re

import av
from av.stream import Disposition

from ganfake import UserError
from ganfake.mp4_tables import are_sane
from ganfake.upright import MAX_SIDE

MAX_BYTES = 200 * 2**20
_LARGE = 1280 * 720  # pixels from which two threads decode a frame
_MOST_FRAME = 40 * 2**20  # bytes of a decoded frame, of which some codecs keep twenty
# Opening decodes a frame of every track, before anything else can be asked about them. A phone's
# video has up to a dozen tracks, one or two of them of pictures.
_MOST_TRACKS = 16
_MOST_SEEN = 4  # tracks of pictures where the container's head names them, as these do:
_SEEN = {"mov": rb"hdlr.{8}vide", "avi": rb"strh.{4}vids", "matroska": rb"\x83\x81\x01"}
_TRACKS = b"\x16\x54\xae\x6b"  # Matroska's: elsewhere three bytes may happen to be the same
_PROBED = 2**20  # bytes that opening reads of such a container
_START = 1024  # bytes in which a container shows

DAMAGED = "The video is damaged or of a kind that cannot be read; save it as an MP4."
HEAVY = "The video has large frames of deep colours; make it smaller, or save it as a common MP4."
MANY_TRACKS = "The video has too many tracks; save it with its pictures and sound alone."
SOUND = "The file holds sound but no moving picture; choose a video or a photograph."

# Containers by their first bytes; FFmpeg's guess would also take playlists and plain text.
_CONTAINERS = (
    (rb"[\x00-\x1f]...(ftyp|moov|mdat|free|skip|wide|pnot)", "mov"),  # of up to 512 MB
    (rb"\x1a\x45\xdf\xa3", "matroska"),
    (rb"RIFF....AVI ", "avi"),
    (rb"FLV\x01", "flv"),
    (rb"\x30\x26\xb2\x75\x8e\x66\xcf\x11", "asf"),
    (rb"OggS", "ogg"),
    (rb"\x00\x00\x01\xba", "mpeg"),
    (rb"G.{187}G.{187}G", "mpegts"),
    (rb".{4}G.{191}G.{191}G", "mpegts"),  # camcorders' M2TS
    (rb"ID3|\xff[\xfb\xf3\xf2]", "mp3"),
    (rb"\xff[\xf1\xf9]", "aac"),
    (rb"fLaC", "flac"),
    (rb"RIFF....WAVE", "wav"),
    (rb"#!AMR", "amr"),
    (rb"FORM....AIF[FC]", "aiff"),
)
SOUNDS = ("mp3", "aac", "flac", "wav", "amr", "aiff")
_STILLS = rb"....ftyp(hei[cxms]|hev[cxms]|mif[12]|msf1|miaf|avi[fs])"


def container(start: bytes) -> str | None:
    """FFmpeg's name of the container that a file begins with; None when it is no video.

    Sound counts, so that it is named as what it is. _START bytes are enough.
    """
    if re.match(_STILLS, start, re.DOTALL):
        return None
    for pattern, name in _CONTAINERS:
        if re.match(pattern, start, re.DOTALL):
            return name
    return None


def is_video(content: bytes) -> bool:
    """Whether a file is a video, or sound, by its first bytes."""
    return container(content[:_START]) is not None


def video_kind(content: bytes) -> str:
    """The container of a video, as FFmpeg names it; UserError for what is none, or over the limits
    that show before it is opened."""
    if len(content) > MAX_BYTES:
        raise UserError(f"The video is over {MAX_BYTES >> 20} MB; make it shorter or smaller.")
    kind = container(content[:_START])
    if kind is None or kind in SOUNDS:
        raise UserError(SOUND if kind else DAMAGED)
    if kind == "mov" and not are_sane(content):
        raise UserError(DAMAGED)
    if _seen(content, kind) > _MOST_SEEN:
        raise UserError(MANY_TRACKS)
    return kind


def _seen(content: bytes, kind: str) -> int:
    """How many tracks of pictures the head of a container names; 0 where it names none."""
    if kind not in _SEEN:
        return 0
    if kind == "matroska":
        begun = max(0, content.find(_TRACKS))
        content = content[begun : begun + _PROBED]
    return len(re.findall(_SEEN[kind], content, re.DOTALL))


def open_video(content: bytes, kind: str) -> tuple[av.container.InputContainer, av.VideoStream]:
    """A video of a known kind and the track of it that is seen, its decoder prepared; UserError,
    and av's errors."""
    opened = _open(content, kind)
    try:
        track = _main_track(opened)
        if track is None or track.codec_context is None:
            raise UserError(SOUND if opened.streams.audio and track is None else DAMAGED)
        _prepare(track.codec_context)
    except BaseException:
        opened.close()
        raise
    return opened, track


def _open(content: bytes, kind: str) -> av.container.InputContainer:
    limits = {"max_pixels": str(MAX_SIDE * MAX_SIDE), "max_streams": str(_MOST_TRACKS)}
    limits |= {"probesize": str(_PROBED)} if kind in _SEEN else {}
    try:
        return av.open(io.BytesIO(content), format=kind, metadata_errors="ignore", options=limits)
    except MemoryError:  # so FFmpeg calls one track too many
        raise UserError(MANY_TRACKS) from None


def _prepare(context: av.VideoCodecContext) -> None:
    """Limits and threads of a decoder; UserError for frames that are too large."""
    check_size(context.width, context.height, context.format)
    # Small frames are decoded sooner than another thread wakes up on a busy machine.
    large = context.width * context.height > _LARGE
    context.thread_type, context.thread_count = ("AUTO", 2) if large else ("NONE", 1)
    context.options = {"max_pixels": str(MAX_SIDE * MAX_SIDE)}


def check_size(width: int, height: int, kind: av.VideoFormat | None) -> None:
    """UserError for frames that are too large to be decoded."""
    if max(width, height) > MAX_SIDE:
        raise UserError(f"The video is over {MAX_SIDE} pixels on a side; make it smaller.")
    if kind and width * height * _bytes_of_pixel(kind) > _MOST_FRAME:
        raise UserError(HEAVY)


def _bytes_of_pixel(kind: av.VideoFormat) -> float:
    """What a decoded pixel takes, its share of the colours' coarser planes included."""
    whole = kind.components[0].width * kind.components[0].height
    return sum(-(-c.bits // 8) * c.width * c.height / max(whole, 1) for c in kind.components)


def begin(stream) -> float:
    """When a stream begins by its own clock, in seconds."""
    return float((stream.start_time or 0) * (stream.time_base or 0))


def _is_cover(stream) -> bool:
    """Whether a video stream is the picture on the cover of a piece of music."""
    return bool(stream.disposition & Disposition.attached_pic)


def _main_track(opened: av.container.InputContainer) -> av.VideoStream | None:
    """The pictures that a player shows: of several tracks the one that is marked as the default,
    else the first; none where there are only covers."""
    tracks = [track for track in opened.streams.video if not _is_cover(track)]
    marked = (track for track in tracks if track.disposition & Disposition.default)
    return next(marked, tracks[0] if tracks else None)
