"""Whether a part of a video is missing or unreadable, as its container shows; what cannot be
decoded shows in `frames`.

FFmpeg passes over such parts without a word, so that a verdict on the rest would look whole.
Much that is odd is no damage: frames of any distance, sound that goes on, a last frame that
stays long, and a length that nobody wrote down.
"""

import io
import struct

import av

from ganfake.mp4_boxes import top_boxes

_STREAMED = ("mpegts", "mpeg")  # may be cut and joined anywhere, and promise nothing
_SKIPPING = ("matroska", "flv", "avi")  # whose readers look for the next sound place in silence
_HOLE = 2**18  # bytes between frames, or a twentieth of a small file; no index in them is as long
_EMPTY = 24  # bytes, and the index's, of a frame of an AVI that is the one before again
_EARLY = 0.9  # of the length that the file states
_UNKNOWN = 2**31 - 2**16  # bytes: programs that do not know the size yet write one from here on
_SLACK = 16  # bytes by which programs miscount


class Damage:
    """Hears every packet of a file, of sound too, and tells whether some of it is damaged."""

    def __init__(self, content: bytes, kind: str, opened: av.container.InputContainer):
        self._kind, self._length = kind, len(content)
        self._cut = _is_cut(content, kind)
        self._start = (opened.start_time or 0) / av.time_base
        self._stated = (opened.duration or 0) / av.time_base
        again = sum(stream.frames for stream in opened.streams.video) if kind == "avi" else 0
        self._large = min(_HOLE, len(content) // 20) + _EMPTY * again
        self._spans: list[tuple[int, int]] = []
        self._last, self._corrupt = 0.0, False

    def hear(self, packet: av.Packet) -> None:
        if not packet.size:  # the end of a stream
            return
        self._corrupt |= packet.is_corrupt and self._kind not in _STREAMED
        if self._kind in _SKIPPING and packet.pos is not None and packet.pos >= 0:
            self._join(packet.pos, packet.pos + packet.size)
        if packet.pts is not None and packet.time_base:
            end = float((packet.pts + (packet.duration or 0)) * packet.time_base) - self._start
            self._last = max(self._last, end)

    def _join(self, first: int, last: int) -> None:
        """One more span; it becomes one with the last where it follows, so that they stay few."""
        if self._spans and 0 <= first - self._spans[-1][1] <= self._large:
            first, _ = self._spans.pop()
        self._spans.append((first, last))

    def found(self, to_the_end: bool) -> bool:
        """Whether there is some. to_the_end: whether all packets have been heard."""
        return self._cut or self._corrupt or (to_the_end and self._has_hole())

    def _has_hole(self) -> bool:
        """Whether a large part of the file went by without packets, as noise does."""
        if not self._spans:
            return False
        self._spans.sort()
        end = self._spans[0][1]
        for first, last in self._spans:
            if first - end > self._large:
                return True
            end = max(end, last)
        # An index or a picture may stand at the end; then all that was promised has come.
        return self._length - end > self._large and self._last < _EARLY * self._stated


def _is_cut(content: bytes, kind: str) -> bool:
    """Whether the file ends before the size that it states of itself."""
    if kind == "mov":
        return _is_cut_movie(content)
    stated = _segment_end(content) if kind == "matroska" else 0
    if kind == "avi":
        stated = 8 + int.from_bytes(content[4:8], "little")
    return len(content) + _SLACK < stated < _UNKNOWN


def _is_cut_movie(content: bytes) -> bool:
    """Whether the last box of frames reaches beyond the end; other data at the end may be junk."""
    file, end = io.BytesIO(content), 0
    for box in top_boxes(file):
        end = box.end
    header = content[end : end + 16]
    if header[4:8] not in (b"mdat", b"moof"):
        return False
    size = int.from_bytes(header[:4], "big")
    if size == 1 and len(header) == 16:  # it follows in 64 bits
        (size,) = struct.unpack(">Q", header[8:])
    return end + size > len(content)


def _segment_end(content: bytes) -> int:
    """Where a Matroska's one large element ends; 0 where it does not say (RFC 8794, 4 and 6)."""
    size, at = _number(content, 4)  # of the EBML header
    at += size
    if content[at : at + 4] != b"\x18\x53\x80\x67":
        return 0
    size, begun = _number(content, at + 4)
    return begun + size if size else 0


def _number(content: bytes, at: int) -> tuple[int, int]:
    """(a number of one to eight bytes, 0 where all its bits are set; where it ends)."""
    length = 9 - content[at].bit_length() if at < len(content) and content[at] else 8
    most = (1 << 7 * length) - 1
    value = int.from_bytes(content[at : at + length], "big") & most
    return 0 if value == most else value, at + length
