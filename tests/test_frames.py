"""Reading the frames of a video costs bounded memory, and leaves none behind."""

import gc
import time

import av

from ganfake import UserError, frames
from tests.filming import scene, video


def test_large_frames_of_deep_colours_are_refused():
    # A decoder may keep twenty such frames, of 100 MB each.
    assert _heavy(4096, 4096, "yuv444p10le")
    assert _heavy(4096, 4096, "rgba64be")
    assert not _heavy(4096, 4096, "yuv420p")
    assert not _heavy(4096, 2160, "yuv422p10le")
    assert not _heavy(1920, 1080, "yuva444p10le")


def _heavy(width: int, height: int, kind: str) -> bool:
    reader = frames.Reader(video([scene()] * 2), time.monotonic() + 9)
    try:
        reader._check_size(width, height, av.VideoFormat(kind, width, height))
    except UserError as error:
        assert str(error) == frames.HEAVY
        return True
    return False


def test_nothing_of_a_video_stays_in_memory():
    reader = frames.Reader(video([scene()] * 9, gop=3), time.monotonic() + 9)
    gc.collect()
    gc.disable()
    try:
        assert len(list(reader.frames())) == 9
        left = [thing for thing in gc.get_objects() if isinstance(thing, av.CodecContext)]
    finally:
        gc.enable()
    assert left == []
