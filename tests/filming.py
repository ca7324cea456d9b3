"""Small videos for tests, made here: frames at given times, turned frames, sound alone."""

import io
import struct
from fractions import Fraction

import av
import cv2
import numpy as np
import skimage.data

HEAD = skimage.data.astronaut()[:260, 80:400]
PQ, HLG, BT2020 = 16, 18, 9  # ITU-T H.273


def brighter(picture: np.ndarray, to: int) -> np.ndarray:
    """Black becomes `to`, white stays."""
    return np.uint8(255 - (255 - picture.astype(float)) * (255 - to) / 255)


def scene(*heads: tuple[np.ndarray, int, int], size: tuple[int, int] = (640, 360)) -> np.ndarray:
    """A frame (H, W, 3) with heads at x, y on a plain ground; size: (width, height)."""
    frame = np.full((size[1], size[0], 3), 90, np.uint8)
    for head, x, y in heads:
        part = frame[y : y + head.shape[0], x : x + head.shape[1]]
        part[:] = head[: part.shape[0], : part.shape[1]]
    return frame


def head(scale: float = 1.0, light: int = 0) -> np.ndarray:
    """The astronaut's, (H, W, 3) with even sides."""
    size = [2 * round(side * scale / 2) for side in HEAD.shape[1::-1]]
    return brighter(cv2.resize(HEAD, size, interpolation=cv2.INTER_AREA), light)


def video(
    frames, times=None, kind: str = "mp4", codec: str = "libx264", gop: int = 250, curve: int = 2,
    aspect: Fraction | None = None, live: bool = False,
) -> bytes:  # fmt: skip
    """A video with frames at `times` (seconds); 25 a second if none are given.

    curve: of the brightness, as ITU-T H.273 numbers them; 2 says nothing, and those of HDR are
    of what a camera would have filmed. aspect: of a pixel. live: Matroska as browsers record it.
    """
    buffer = io.BytesIO()
    frames = list(frames)
    options = {"live": "1"} if live else {}
    with av.open(buffer, "w", format=kind, options=options) as container:
        stream = container.add_stream(codec, rate=1000)
        stream.height, stream.width = frames[0].shape[:2]
        stream.pix_fmt, stream.gop_size = "yuv420p", gop
        stream.codec_context.time_base = Fraction(1, 1000)
        stream.codec_context.color_trc = curve
        if aspect:
            stream.codec_context.sample_aspect_ratio = aspect
        for number, pixels in enumerate(frames):
            frame = _filmed(pixels, curve)
            moment = number / 25 if times is None else times[number]
            frame.pts, frame.time_base = round(1000 * moment), Fraction(1, 1000)
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return buffer.getvalue()


def _filmed(pixels: np.ndarray, curve: int) -> av.VideoFrame:
    if curve not in (PQ, HLG):
        return av.VideoFrame.from_ndarray(pixels, "rgb24")
    coded = np.uint16(np.round(65535 * of_high_range(pixels, curve)))
    frame = av.VideoFrame.from_ndarray(coded, "rgb48le").reformat(
        format="yuv420p", dst_colorspace=BT2020
    )
    frame.color_trc, frame.colorspace, frame.color_primaries = curve, BT2020, BT2020
    return frame


def of_high_range(pixels: np.ndarray, curve: int) -> np.ndarray:
    """(H, W, 3) uint8 in sRGB as signals of BT.2100 in [0, 1], white at 203 cd/m2."""
    value = pixels / 255
    light = np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)
    to_wide = [[0.6274, 0.3293, 0.0433], [0.0691, 0.9195, 0.0114], [0.0164, 0.0880, 0.8956]]
    light = 203 * light @ np.transpose(to_wide)
    if curve == PQ:
        power = (light / 10_000) ** 0.1593017578125
        return ((0.8359375 + 18.8515625 * power) / (1 + 18.6875 * power)) ** 78.84375
    brightness = light @ [0.2627, 0.6780, 0.0593] / 1000
    scene = light / 1000 * np.maximum(brightness, 1e-9)[..., None] ** (1 / 1.2 - 1)
    bright = 0.17883277 * np.log(np.maximum(12 * scene - 0.28466892, 1e-9)) + 0.55991073
    return np.where(scene <= 1 / 12, np.sqrt(3 * scene), bright).clip(0, 1)


def sound(kind: str = "mp4", codec: str = "aac", seconds: float = 1.0) -> bytes:
    """A tone and no picture."""
    buffer = io.BytesIO()
    with av.open(buffer, "w", format=kind) as container:
        stream = container.add_stream(codec, rate=44100)
        for start in range(0, int(44100 * seconds), 1024):
            wave = np.sin(np.arange(start, start + 1024) * 0.05).astype(np.float32)
            planar = codec in ("aac", "libmp3lame")
            samples = wave[None] if planar else np.int16(3e4 * wave)[None]
            frame = av.AudioFrame.from_ndarray(samples, "fltp" if planar else "s16", "mono")
            frame.sample_rate, frame.pts = 44100, start
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return buffer.getvalue()


def turned(content: bytes, degrees: int, mirrored: bool = False) -> bytes:
    """The MP4 with a display matrix: players mirror its frames, if at all, from left to right, and
    then turn them clockwise by 0, 90, 180 or 270."""
    cosine, sine = {0: (1, 0), 90: (0, 1), 180: (-1, 0), 270: (0, -1)}[degrees]
    one, side = 1 << 16, -1 if mirrored else 1
    matrix = [side * cosine * one, side * sine * one, 0, -sine * one, cosine * one, 0]
    matrix += [0, 0, 1 << 30]
    place = content.index(b"tkhd") + 4 + 40  # after version, times, number, length, layer
    return content[:place] + struct.pack(">9i", *matrix) + content[place + 36 :]
