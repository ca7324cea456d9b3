"""A new MP4 from changed frames, at the times of the old ones and with the old one's sound.

Frames are written upright, so the file needs no display matrix, which not all players obey.
"""

import io
from contextlib import suppress
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.video.reformatter import ColorRange

from ganfake import UserError
from ganfake.clip_io import MAX_SECONDS, Footage, Shot
from ganfake.video import yuv_frame
from ganfake.writing import FULL, is_full, plain_writing

MAX_RESULT = 400 * 2**20  # bytes
# Sound that an MP4 and players take as it is, from containers that give each packet its time.
_COPIED = ("aac", "mp3", "ac3", "eac3", "alac", "opus")
_TIMED = ("mov", "matroska", "mpegts", "flv")
_AAC_RATES = (96000, 88200, 64000, 48000, 44100, 32000, 24000, 22050, 16000, 12000, 11025, 8000)
# Tuned for grain, for otherwise most of the mark in the pixels is smoothed away in moving
# frames. A fixed number of threads: x264 cuts a picture differently on another number of them.
_X264 = {"preset": "veryfast", "crf": "18", "tune": "grain", "threads": "2"}
# bitexact: no name and version of the muxer, which would change the file with every update.
_MP4 = {"movflags": "+faststart", "fflags": "+bitexact"}
_GAP = 0.04  # seconds without sound from which there is silence

TOO_LARGE = f"The result would be over {MAX_RESULT >> 20} MB; make the video shorter or smaller."


class Reel:
    """An MP4 being written: H.264 and the sound of `footage`, whose times it keeps.

    size, aspect: of frames and pixels as they were seen in an earlier pass. A context; on
    leaving it without an error the file is whole. sound: "copied", "re-encoded" or "none".
    UserError when it cannot be written.
    """

    def __init__(self, path: Path, footage: Footage, size: tuple[int, int], aspect: Fraction):
        self._footage, self.sound, self._bytes = footage, "none", 0
        self._heard = None  # decoding time of the last packet of sound that was copied
        self._samples = 0  # of sound that is encoded anew
        with plain_writing():
            self._file = av.open(str(path), "w", format="mp4", options=_MP4)
            self._add_picture(size, aspect)
            self._add_sound(footage)

    def _add_picture(self, size: tuple[int, int], aspect: Fraction) -> None:
        stream = self._file.add_stream("libx264", rate=self._footage.rate, options=_X264)
        stream.width, stream.height = (side + side % 2 for side in size)
        stream.pix_fmt, context = "yuv420p", stream.codec_context
        context.time_base = self._footage.clock
        context.color_range = ColorRange.MPEG
        context.colorspace = context.color_primaries = context.color_trc = 1  # BT.709
        if aspect != 1:
            context.sample_aspect_ratio = aspect
        self._picture = stream

    def _add_sound(self, footage: Footage) -> None:
        if not footage.sound:
            return
        context = footage.sound.codec_context
        name = context.codec.canonical_name
        if name in _COPIED and footage.kind in _TIMED and _fits_mp4(footage.sound):
            self._sound, self.sound = self._file.add_stream_from_template(footage.sound), "copied"
        elif context.sample_rate:
            rate = min(_AAC_RATES, key=lambda known: abs(known - context.sample_rate))
            layout = "mono" if context.channels == 1 else "stereo"
            self._sound, self.sound = self._file.add_stream("aac", rate=rate), "re-encoded"
            self._sound.layout = layout
            self._resampler = av.AudioResampler("fltp", layout, rate)

    def show(self, shot: Shot, picture: np.ndarray) -> None:
        """Write the next frame, (H, W, 3) uint8, at the time of `shot`."""
        frame = yuv_frame(picture)
        frame.pts, frame.time_base = shot.ticks, self._footage.clock
        with plain_writing():
            packets = self._picture.encode(frame)
            self._bytes += sum(packet.size for packet in packets)
            if self._bytes > MAX_RESULT:
                raise UserError(TOO_LARGE)
            self._file.mux(packets)

    def hear(self, packet: av.Packet) -> None:
        """Write a packet of the footage's sound: copied, or decoded and encoded anew."""
        if self.sound == "copied":
            self._copy(packet)
        elif self.sound == "re-encoded":
            with suppress(av.FFmpegError):  # a broken packet is a moment of silence
                for frame in packet.decode():
                    self._fill(frame)
                    frame.pts = None  # samples are counted; clocks of some files are coarse
                    for part in self._resampler.resample(frame):
                        self._encode(part.to_ndarray())

    def _fill(self, frame: av.AudioFrame) -> None:
        """Silence where sound is missing before a frame."""
        if frame.pts is None:
            return
        moment = float(frame.pts * frame.time_base - self._footage.start)
        missing = round(self._sound.rate * min(moment, MAX_SECONDS)) - self._samples
        if missing > _GAP * self._sound.rate:
            channels = self._sound.codec_context.channels
            self._encode(np.zeros((channels, missing), np.float32))

    def _encode(self, samples: np.ndarray) -> None:
        """Write the next samples, (channels, N) float32."""
        frame = av.AudioFrame.from_ndarray(samples, "fltp", self._sound.layout.name)
        frame.sample_rate = self._sound.rate
        frame.pts, frame.time_base = self._samples, Fraction(1, self._sound.rate)
        self._samples += frame.samples
        with plain_writing():
            self._file.mux(self._sound.encode(frame))

    def _copy(self, packet: av.Packet) -> None:
        if packet.size == 0 or packet.pts is None or packet.dts is None:
            return
        moved = round(self._footage.start / packet.time_base)
        packet.pts, packet.dts = packet.pts - moved, packet.dts - moved
        if self._heard is not None and packet.dts <= self._heard:
            return  # an MP4 has no two packets at one time
        self._heard = packet.dts
        packet.stream = self._sound
        try:
            self._file.mux(packet)
        except (av.FFmpegError, ValueError) as error:
            if is_full(error):
                raise UserError(FULL) from None
            # A packet that the MP4 does not take is a moment of silence.

    def __enter__(self) -> "Reel":
        return self

    def __exit__(self, kind, *_) -> None:
        if kind is not None:
            with suppress(av.FFmpegError, OSError, ValueError):
                self._file.close()  # the error that led here is the one to hear of
            return
        with plain_writing():
            try:
                self._file.mux(self._picture.encode())
                if self.sound == "re-encoded":
                    self._file.mux(self._sound.encode())
            finally:
                self._file.close()


def _fits_mp4(sound: av.AudioStream) -> bool:
    """Whether an MP4 takes the stream as it is; some rates and profiles it refuses."""
    try:
        with av.open(io.BytesIO(), "w", format="mp4") as trial:
            trial.add_stream_from_template(sound)
            trial.start_encoding()
    except (av.FFmpegError, ValueError):
        return False
    return True
