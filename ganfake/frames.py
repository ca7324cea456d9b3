"""Frames of a video, few and spread over its time."""

import time
from collections.abc import Iterator
from fractions import Fraction

import av
import numpy as np

from ganfake import UserError
from ganfake.containers import (
    DAMAGED,
    begin,
    check_size,
    open_video,
    video_kind,
)
from ganfake.damage import Damage
from ganfake.upright import is_hdr, upright

MAX_SECONDS = 120.0  # of the video that are looked at
MAX_FRAMES = 48
_MOST_PACKETS = 200_000
_MOST_BROKEN = 200  # packets
_JOINABLE = ("mpegts", "mpeg")  # may begin with frames that need others
_TICK = 1e-3  # seconds by which two clocks may differ


class Reader:
    """Frames of a video by time of presentation, few and spread, within limits.

    Until `deadline` (time.monotonic), after which it is `late`. duration: in seconds; size:
    width and height of a frame as a person sees it; hdr: whether its brightness is
    of a wider range; broken: whether a part of the file could not be read. All are known at the
    end. Raises UserError, one sentence, for what is damaged, over the limits, or no video.
    """

    def __init__(self, content: bytes, deadline: float):
        self._kind = video_kind(content)
        self._content, self._begun, self._deadline = content, time.monotonic(), deadline
        self.late, self.hdr, self.duration, self.size = False, False, 0.0, (0, 0)
        self.broken, self._seen = False, set()

    def frames(self) -> Iterator[tuple[float, np.ndarray]]:
        """(seconds, (H, W, 3) uint8); not in order: key frames come first, where they do."""
        try:
            times, keys = self._moments()
            # Key frames first: they need no others, so all of a long video is seen in time.
            if len(keys) > 1:
                yield from self._decode(spread(keys, MAX_FRAMES), keys_only=True)
            if len(self._seen) < MAX_FRAMES // 2:
                fewer = MAX_FRAMES - len(self._seen)  # else the last would never be reached
                yield from self._decode(spread(times, fewer), keys_only=False)
            if not self._seen:
                raise UserError(DAMAGED)
        except UserError:
            raise
        except MemoryError:
            raise UserError("There is not enough memory for the video; make it smaller.") from None
        except (av.FFmpegError, OSError, ValueError, LookupError, OverflowError):
            if not self._seen:
                raise UserError(DAMAGED) from None
            self.broken = True  # cut off in the middle: what came before is judged

    def _moments(self) -> tuple[list[float], list[float]]:
        """Times of all frames and of the key frames in the part looked at, without decoding."""
        times, keys, number = [], [], 0
        opened, stream = open_video(self._content, self._kind)
        with opened:
            damage, whole = Damage(self._content, self._kind, opened), False
            packets = opened.demux()  # of sound, too: it tells how far the file goes
            while number <= _MOST_PACKETS and time.monotonic() <= self._middle():
                try:
                    packet = next(packets, None)
                except av.FFmpegError:
                    self.broken = True
                    break
                if packet is None:
                    whole = True
                    break
                damage.hear(packet)
                if packet.stream_index != stream.index:
                    continue
                number += 1
                if packet.pts is None:
                    continue
                moment = float(packet.pts * stream.time_base) - begin(stream)
                length = float((packet.duration or 0) * stream.time_base)
                self.duration = max(self.duration, moment + length)
                if 0 <= moment <= MAX_SECONDS:
                    times.append(moment)
                    if packet.is_keyframe:
                        keys.append(moment)
        # Frames that nobody has heard of are not looked at either.
        self.late |= not (whole or self.broken) and self.duration < MAX_SECONDS
        self.broken |= damage.found(whole)
        return sorted(times), sorted(keys)

    def _middle(self) -> float:
        return (self._begun + self._deadline) / 2

    def _decode(self, wanted: list[float], keys_only: bool) -> Iterator[tuple[float, np.ndarray]]:
        """Frames from each wanted time on, not yet seen; all where no times are known."""
        opened, stream = open_video(self._content, self._kind)
        with opened:
            if keys_only:
                stream.codec_context.skip_frame = "NONKEY"
            due, begun = list(wanted), time.monotonic()
            for number, frame in enumerate(self._steady(opened, stream)):
                if time.monotonic() > self._deadline:
                    self.late = True
                    return
                known = frame.time is not None
                moment = float(frame.time) - begin(stream) if known else number / 25
                if moment > MAX_SECONDS or (wanted and not due) or len(self._seen) >= MAX_FRAMES:
                    return
                if wanted and moment < due[0] - _TICK:
                    continue
                while due and moment >= due[0] - _TICK:
                    due.pop(0)
                late = behind(moment, wanted, begun, self._deadline)
                if late or round(moment, 3) in self._seen:
                    continue
                yield max(0.0, moment), self._picture(frame, moment, stream.sample_aspect_ratio)

    def _steady(self, opened, stream) -> Iterator[av.VideoFrame]:
        """Decoded frames; broken packets are passed over while there are not too many."""
        packets, broken, begun = opened.demux(stream), 0, self._kind not in _JOINABLE
        while broken <= _MOST_BROKEN:
            if time.monotonic() > self._deadline:  # there are frames that are never shown
                self.late = True
                return
            try:
                packet = next(packets, None)
                if packet is None:
                    return
                frames = packet.decode()
            except av.error.EOFError:
                return
            except av.FFmpegError:
                broken += 1
                self.broken |= begun
                continue
            begun |= bool(frames)
            self.broken |= any(frame.is_corrupt for frame in frames)
            yield from frames

    def _picture(self, frame: av.VideoFrame, moment: float, aspect: Fraction | None) -> np.ndarray:
        check_size(frame.width, frame.height, frame.format)
        picture = upright(frame, aspect)
        self._seen.add(round(moment, 3))
        self.duration = max(self.duration, moment)
        if not any(self.size):
            self.size, self.hdr = picture.shape[1::-1], is_hdr(frame)
        return picture


def behind(moment: float, wanted: list[float], begun: float, deadline: float) -> bool:
    """Whether a frame has to be passed over for the last of those wanted to be reached in time."""
    if not wanted or wanted[-1] <= wanted[0]:
        return False
    used = (time.monotonic() - begun) / max(deadline - begun, 1e-3)
    return used > 0.1 + 0.8 * (moment - wanted[0]) / (wanted[-1] - wanted[0])


def spread(times: list[float], count: int) -> list[float]:
    """At most `count` of sorted times, evenly spread in time (not in number)."""
    if len(times) <= count:
        return list(times)
    goals = np.linspace(times[0], times[-1], count)
    return [times[i] for i in sorted(set(np.searchsorted(times, goals - 1e-6).tolist()))]
