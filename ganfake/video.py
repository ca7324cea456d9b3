"""Frames to an MP4 that every browser plays."""

from collections.abc import Iterable
from fractions import Fraction
from itertools import chain
from pathlib import Path

import av
import numpy as np
from av.video.reformatter import ColorRange, Colorspace

from ganfake.writing import unfinished, unwritten

# One thread: x264 cuts a picture differently on another number of processors.
_X264 = {"preset": "veryfast", "crf": "18", "threads": "1"}
# bitexact: no name and version of the muxer, which would change the file with every update.
_MP4 = {"movflags": "+faststart", "fflags": "+bitexact"}


def encode_mp4(frames: Iterable[np.ndarray], fps: int) -> bytes:
    """Frames (H, W, 3) uint8, RGB and all of one size, as an MP4 file (H.264, 4:2:0).

    An odd side is made even by repeating its last row or column, as 4:2:0 demands. The
    same frames give the same bytes. Raises ValueError for no frames, or odd ones, and UserError
    where there is no room for a temporary file.
    """
    remaining = iter(frames)
    first = next(remaining, None)
    if first is None:
        raise ValueError("a video needs a frame")
    try:
        return _encoded(chain([first], remaining), first.shape, fps)
    except (av.FFmpegError, OSError) as error:
        raise unwritten(error) from None


def _encoded(frames: Iterable[np.ndarray], shape: tuple[int, ...], fps: int) -> bytes:
    height, width = (side + side % 2 for side in shape[:2])
    # A file, because faststart opens what was written a second time.
    with unfinished() as folder:
        path = Path(folder) / "video.mp4"
        with av.open(str(path), "w", format="mp4", options=_MP4) as container:
            stream = container.add_stream("libx264", rate=fps, options=_X264)
            stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
            context = stream.codec_context
            # Said in the file, else players guess, and the colours shift.
            context.color_range = ColorRange.MPEG
            context.colorspace = context.color_primaries = context.color_trc = 1  # BT.709
            for number, pixels in enumerate(frames):
                if pixels.shape != shape or pixels.dtype != np.uint8:
                    raise ValueError("frames must be uint8 and of one size")
                frame = yuv_frame(pixels)
                frame.pts, frame.time_base = number, Fraction(1, fps)
                container.mux(stream.encode(frame))
            container.mux(stream.encode())
        return path.read_bytes()


def yuv_frame(pixels: np.ndarray) -> av.VideoFrame:
    """(H, W, 3) uint8 for an encoder: 4:2:0, BT.709, odd sides made even by their last row."""
    height, width = pixels.shape[:2]
    even = np.pad(pixels, ((0, height % 2), (0, width % 2), (0, 0)), mode="edge")
    return av.VideoFrame.from_ndarray(even, "rgb24").reformat(
        format="yuv420p", dst_colorspace=Colorspace.ITU709, dst_color_range=ColorRange.MPEG
    )
