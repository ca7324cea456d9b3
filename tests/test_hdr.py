"""What is filmed in HDR is seen as on a common screen."""

import time
import tracemalloc

import numpy as np
import pytest

from ganfake.frames import Reader
from ganfake.hdr import to_standard
from tests.filming import HEAD, HLG, PQ, of_high_range, video


def eight_bits(signal: np.ndarray) -> np.ndarray:
    return np.uint8(np.round(255 * signal))


@pytest.mark.parametrize("curve", [PQ, HLG])
def test_what_is_no_brighter_than_paper_comes_back(curve):
    filmed = eight_bits(of_high_range(HEAD, curve))
    shown = to_standard(filmed, curve)
    assert shown.dtype == np.uint8 and shown.shape == HEAD.shape
    dim = HEAD.max(2) < 225  # what is brighter makes room for what outshines paper
    off = np.abs(shown.astype(int) - HEAD)[dim]
    assert off.mean() < 1.5 and np.abs(filmed.astype(int) - HEAD)[dim].mean() > 10
    assert np.abs(shown.astype(int) - HEAD).mean() < 4


@pytest.mark.parametrize("curve", [PQ, HLG])
def test_brighter_stays_brighter_and_grey_stays_grey(curve):
    ramp = np.repeat(np.arange(256, dtype=np.uint8)[:, None, None], 3, 2)
    shown = to_standard(ramp, curve)[:, 0].astype(int)
    assert (np.diff(shown, axis=0) >= 0).all() and shown[0].max() == 0 and shown[-1].min() >= 254
    assert np.ptp(shown, axis=1).max() <= 1


def test_colours_that_are_not_wide_are_left():
    red = np.array([[[150, 60, 60]]], np.uint8)
    wide, narrow = (to_standard(red, HLG, colours)[0, 0].astype(int) for colours in (9, 1))
    assert wide[0] - wide[1] > narrow[0] - narrow[1] > 0


@pytest.mark.parametrize("curve", [PQ, HLG])
def test_a_video_is_seen_as_it_was_filmed(curve):
    common, filmed = (
        next(iter(Reader(video([HEAD] * 2, curve=way), time.monotonic() + 300).frames()))[1]
        for way in (2, curve)
    )
    assert np.abs(filmed.astype(int) - common).mean() < 6


@pytest.mark.parametrize("curve", [PQ, HLG])
def test_a_large_frame_needs_little_memory(curve):
    frame = np.resize(HEAD, (2160, 3840, 3))
    tracemalloc.start()
    try:
        shown = to_standard(frame, curve)
        most = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert most < 2 * frame.nbytes  # as numbers of 32 bits it would take a dozen times its own
    assert np.array_equal(shown[-1], to_standard(frame[-1:], curve)[0])
