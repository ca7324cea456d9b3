"""Whether the tables of an MP4 or MOV are of a size that FFmpeg can unfold.

A table may say "170 million frames of one byte each" in twelve bytes; FFmpeg makes a row of memory
for every one of them, gigabytes, before it reads the first, and does so again for every edit.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

_MOST_SAMPLES = 2_000_000  # of all tracks; three hours of sound are half a million
_MOST_BOXES = 500_000
# Edits of a track times its samples, or times a thousand where these are fewer; and how many edits
# may be in any track.
_MOST_EDITED, _FEW_EDITS = 5_000_000, 4
_HOLDERS = (b"moov", b"trak", b"mdia", b"minf", b"stbl", b"edts", b"moof", b"traf", b"mvex",
            b"udta", b"wave", b"ilst")  # fmt: skip
_PACKED = b"cmov"  # a description in zlib, of QuickTime's first years


@dataclass
class _Track:
    samples: int = 0
    edits: int = 0
    even: int = 0  # bytes of all samples, where all are of one size
    ticking: bool = False  # one sample a tick, as in plain sound, which FFmpeg keeps by chunks
    sound: bool = False


def are_sane(content: bytes) -> bool:
    """Whether the movie has as many boxes, samples and edits as movies have; it may be cut off."""
    tracks, fragments = [_Track()], 0
    for number, (kind, start, end) in enumerate(_boxes(content, 0, len(content))):
        if number > _MOST_BOXES or kind == _PACKED:
            return False
        if kind == b"trak":
            tracks.append(_Track())
        elif kind == b"trun":
            fragments += _number(content, start + 4, end)
        else:
            _note(tracks[-1], kind, content, start, end)
    unfolded = sum(t.samples for t in tracks if not _is_plain_sound(t, len(content)))
    return fragments + unfolded <= _MOST_SAMPLES and all(
        t.edits <= _FEW_EDITS or t.edits * max(t.samples, 1000) <= _MOST_EDITED for t in tracks
    )


def _note(track: _Track, kind: bytes, content: bytes, start: int, end: int) -> None:
    """What one box says of its track."""
    if kind in (b"stsz", b"stz2"):
        count = _number(content, start + 8, end)
        track.samples = max(track.samples, count)
        track.even = count * _number(content, start + 4, end) if kind == b"stsz" else 0
    elif kind in (b"stts", b"ctts"):
        rows = content[start + 8 : min(end, start + 8 + 8 * _number(content, start + 4, end))]
        pairs = np.frombuffer(rows, ">u4", len(rows) // 8 * 2).reshape(-1, 2)
        track.samples = max(track.samples, int(pairs[:, 0].sum(dtype=np.uint64)))
        track.ticking |= kind == b"stts" and len(pairs) == 1 and pairs[0, 1] == 1
    elif kind == b"elst":
        track.edits += _number(content, start + 4, end)
    elif kind == b"hdlr":
        track.sound |= content[start + 8 : start + 12] == b"soun"


def _is_plain_sound(track: _Track, length: int) -> bool:
    return track.sound and track.ticking and 0 < track.even <= length


def _number(content: bytes, at: int, end: int) -> int:
    return int.from_bytes(content[at : at + 4], "big") if at + 4 <= end else 0


def _boxes(content: bytes, at: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    """(kind, where its content begins, where it ends) of every box, those that hold others too."""
    waiting = [(at, end)]
    while waiting:
        at, end = waiting.pop()
        if at + 8 > end:
            continue
        size, kind = struct.unpack_from(">I4s", content, at)
        start = at + 8
        if size == 1 and at + 16 <= end:
            (size,), start = struct.unpack_from(">Q", content, start), at + 16
        last = min(end, at + size) if size else end
        if last < start:
            continue
        yield kind, start, last
        waiting.append((last, end))
        if kind in _HOLDERS:
            waiting.append((start, last))
