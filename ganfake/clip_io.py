"""All frames of a video in order, by PyAV; `reel` writes them again with the same sound.

`frames` looks at a few spread frames; here every frame is read once, one at a time, so that
memory does not grow with the video's length.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from fractions import Fraction

import av
import cv2
import numpy as np

from ganfake import UserError
from ganfake.containers import (
    DAMAGED,
    check_size,
    open_video,
    video_kind,
)
from ganfake.upright import is_hdr, quarter_turns, upright

MAX_SECONDS = 120.0
MAX_FRAMES = 14_400  # two minutes at 120 a second
_MOST_BROKEN = 200  # packets
_MOST_HIDDEN = 300  # packets one after the other of which no frame comes
_MOST_GROWN = 60 * 30 * 1920 * 1088  # pixels of all frames that are beyond the size in the head
_FINEST = 1_000_000  # ticks a second of a clock that an MP4 keeps as it is

GROWING = "The pictures of this video become much larger in it; save it anew in one size."
LONG = f"The video is too long; cut it to at most {MAX_SECONDS:.0f} seconds."


@dataclass(frozen=True, eq=False)
class Shot:
    """One frame. number: from 0; ticks: its time by the clock of the footage, the same in
    seconds; picture: (H, W, 3) uint8, upright, all of one size.
    """

    number: int
    ticks: int
    seconds: float
    picture: np.ndarray


class Footage:
    """One pass over a video: its frames in order, its sound packets beside them.

    clock: seconds of a tick; rate: frames a second, nominal; length: in seconds, as the file
    says, or 0; start: seconds by its clock at which it begins. size (width, height) and
    aspect (of a pixel, width by height), both upright, are right from the first frame on, and
    hdr: whether its brightness is of a wider range, of which pictures show a common screen's.
    sound: the stream of sound, or None. UserError, one sentence, for what is damaged, over the
    limits or no video.
    """

    def __init__(self, content: bytes):
        self.kind = video_kind(content)
        with _plain_reading():
            self._opened, self._stream = open_video(content, self.kind)
        try:
            with _plain_reading():
                self._prepare()
        except BaseException:
            self._opened.close()
            raise

    def _prepare(self) -> None:
        self.sound = next((s for s in self._opened.streams.audio if s.codec_context), None)
        self.length = float(Fraction(self._opened.duration or 0, av.time_base))
        if self.length > MAX_SECONDS + 1:
            raise UserError(LONG)
        own = self._stream.time_base
        fine = own and own.numerator > 0 and own.denominator <= _FINEST
        self.clock = Fraction(own) if fine else Fraction(1, 90_000)
        rate = self._stream.average_rate or self._stream.guessed_rate or 25
        self.rate = Fraction(min(max(rate, 1), 240)).limit_denominator(1001)
        self.aspect = Fraction(self._stream.sample_aspect_ratio or 1)
        context = self._stream.codec_context
        self.size, self._first, self.hdr = (context.width, context.height), None, False
        self._stated = context.width * context.height
        # All streams move by the same time, so that they stay in step; an MP4 starts at 0.
        self.start = max(Fraction(self._opened.start_time or 0, av.time_base), Fraction(0))

    def __enter__(self) -> "Footage":
        return self

    def __exit__(self, *_) -> None:
        self._opened.close()

    def count(self) -> int:
        """Of all frames, by the packets of the file; after it there are no shots."""
        with suppress(av.FFmpegError, ValueError):  # what is broken is met again later
            return sum(packet.size > 0 for packet in self._opened.demux(self._stream))
        return 0

    def share(self, seconds: float) -> float:
        """How much of it is over at a time of a shot, 0 to 1; a guess where it says no length."""
        return min(1.0, seconds / (self.length or seconds + 1))

    def pixels(self) -> int:
        """Of all frames together, as `count`."""
        return self.count() * self._stated

    def shots(self, hear: Callable[[av.Packet], object] | None = None) -> Iterator[Shot]:
        """All frames in order; `hear` is given each packet of sound as it comes.

        What is broken is passed over, while not all of it is. UserError for no frame at all,
        for more than two minutes of them, and for many that are larger than was said.
        """
        number, ticks, grown = 0, -1, 0
        for frame in self._frames(hear):
            with _plain_reading():
                check_size(frame.width, frame.height, frame.format)
                # Of what is beyond it `pixels`, by which a clip is let in, knew nothing.
                grown += max(0, frame.width * frame.height - self._stated)
                if grown > _MOST_GROWN:
                    raise UserError(GROWING)
                ticks = self._ticks(frame, ticks)
                seconds = float(ticks * self.clock)
                if seconds > MAX_SECONDS or number >= MAX_FRAMES:
                    raise UserError(LONG)
                picture = upright(frame)
                if number == 0:
                    self.size, self.hdr = picture.shape[1::-1], is_hdr(frame)
                    if quarter_turns(frame) % 2:
                        self.aspect = 1 / self.aspect
                elif picture.shape[1::-1] != self.size:  # some files change it half-way
                    picture = cv2.resize(picture, self.size, interpolation=cv2.INTER_AREA)
            yield Shot(number, ticks, seconds, picture)
            number += 1
        if not number:
            raise UserError(DAMAGED)

    def _frames(self, hear) -> Iterator[av.VideoFrame]:
        """Decoded frames; sound packets go to `hear`, whose errors are its own."""
        wanted = [self._stream, self.sound] if hear and self.sound else [self._stream]
        packets, broken, hidden = self._opened.demux(wanted), 0, 0
        while broken <= _MOST_BROKEN and hidden <= _MOST_HIDDEN:
            try:
                packet = next(packets, None)
                if packet is None:
                    return
                frames = packet.decode() if packet.stream is self._stream else None
            except av.error.EOFError:
                return
            except (av.FFmpegError, ValueError):
                broken += 1
                continue
            if frames is None:
                hear(packet)
            else:
                hidden = 0 if frames else hidden + 1
                yield from frames

    def _ticks(self, frame: av.VideoFrame, last: int) -> int:
        """A frame's time by the clock, later than the one before; 0 is the video's start."""
        moment = frame.pts
        if self.kind == "avi":  # has no times of presentation, only an order of decoding
            self._first = frame.dts if self._first is None else self._first
            moment = frame.dts - self._first if frame.dts is not None else None
        if moment is None:
            return last + max(1, round(1 / (self.rate * self.clock))) if last >= 0 else 0
        seconds = moment * Fraction(self._stream.time_base) - self.start
        return max(round(seconds / self.clock), last + 1)


@contextmanager
def _plain_reading() -> Iterator[None]:
    try:
        yield
    except MemoryError:
        raise UserError("There is not enough memory for the video; make it smaller.") from None
    except (av.FFmpegError, OSError, ValueError, LookupError, OverflowError):
        raise UserError(DAMAGED) from None
