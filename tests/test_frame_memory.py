"""Frames of a video take little memory, and none once it has been looked at."""

import gc
import time

import av
import pytest

from ganfake import UserError
from ganfake.containers import HEAVY, check_size
from ganfake.frames import Reader
from tests.filming import scene, video


@pytest.mark.parametrize("kind", ["yuv444p10le", "rgba64be"])
def test_large_frames_of_deep_colours_are_refused(kind):
    with pytest.raises(UserError, match=HEAVY):  # a decoder may keep twenty of them
        check_size(4096, 4096, av.VideoFormat(kind, 4096, 4096))


@pytest.mark.parametrize(
    ("width", "height", "kind"),
    [(4096, 4096, "yuv420p"), (4096, 2160, "yuv422p10le"), (1920, 1080, "yuva444p10le")],
)
def test_what_cameras_film_is_taken(width, height, kind):
    check_size(width, height, av.VideoFormat(kind, width, height))


def test_nothing_of_a_video_stays_in_memory():
    reader = Reader(video([scene()] * 9, gop=3), time.monotonic() + 60)
    gc.collect()
    gc.disable()
    try:
        assert len(list(reader.frames())) == 9
        left = [o for o in gc.get_objects() if type(o) is av.VideoFrame]
    finally:
        gc.enable()
    assert left == []
