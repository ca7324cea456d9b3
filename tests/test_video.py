"""Videos that browsers play: their form, their colours, the same bytes again."""

import io

import av
import numpy as np
import pytest

from ganfake import UserError
from ganfake.mp4_boxes import top_boxes
from ganfake.video import encode_mp4
from ganfake.writing import FULL, NO_FOLDER
from tests.swapping import little_space

COLOURS = [(255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255), (0, 0, 0), (200, 140, 110)]


def flat(colour, height=64, width=96) -> np.ndarray:
    return np.full((height, width, 3), colour, np.uint8)


def decoded(content: bytes) -> list[np.ndarray]:
    with av.open(io.BytesIO(content)) as container:
        return [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]


def test_the_form_that_browsers_play():
    content = encode_mp4([flat(colour) for colour in COLOURS], 12)
    with av.open(io.BytesIO(content)) as container:
        (stream,) = container.streams
        assert stream.codec_context.name == "h264"
        assert stream.codec_context.pix_fmt == "yuv420p"
        assert stream.codec_context.profile in ("Constrained Baseline", "Main", "High")
        assert (stream.width, stream.height, stream.frames) == (96, 64, 6)
        assert stream.average_rate == 12
        assert float(stream.duration * stream.time_base) == pytest.approx(0.5)
    kinds = [box.kind for box in top_boxes(io.BytesIO(content))]
    assert kinds[0] == b"ftyp"
    assert kinds.index(b"moov") < kinds.index(b"mdat")  # playing starts before all is there


def test_colours_survive():
    frames = [flat(colour) for colour in COLOURS for _ in range(3)]
    shown = decoded(encode_mp4(frames, 24))
    assert len(shown) == len(frames)
    for frame, asked in zip(shown, frames, strict=True):
        assert np.abs(frame.astype(int) - asked).max() <= 6


@pytest.mark.parametrize(("height", "width"), [(64, 64), (63, 64), (64, 63), (33, 35)])
def test_odd_sides_become_even(height, width):
    rng = np.random.default_rng(0)
    frames = [rng.integers(0, 256, (1, 1, 3), np.uint8) * np.ones((height, width, 1), np.uint8)]
    (shown,) = decoded(encode_mp4(frames, 24))
    assert shown.shape == (height + height % 2, width + width % 2, 3)
    assert np.abs(shown.astype(int) - frames[0][0, 0]).max() <= 6


def test_the_same_frames_give_the_same_bytes():
    rng = np.random.default_rng(1)
    frames = rng.integers(0, 256, (30, 64, 64, 3), np.uint8)
    first = encode_mp4(frames, 24)
    assert first == encode_mp4((frame for frame in frames), 24)
    assert first != encode_mp4(frames[::-1], 24)


@pytest.mark.parametrize(
    "frames",
    [[], [flat(COLOURS[0]), flat(COLOURS[0], 32)], [flat(COLOURS[0]).astype(np.float32)]],
    ids=["none", "two sizes", "floats"],
)
def test_frames_that_make_no_video(frames):
    with pytest.raises(ValueError, match="frame"):
        encode_mp4(frames, 24)


def test_no_folder_for_unfinished_files_is_one_sentence(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "none"))
    with pytest.raises(UserError, match=NO_FOLDER):
        encode_mp4([flat(colour) for colour in COLOURS], 12)


def test_no_space_is_one_sentence_and_odd_frames_are_not():
    frames = np.random.default_rng(0).integers(0, 256, (9, 240, 320, 3), np.uint8)
    with little_space(1000), pytest.raises(UserError, match=FULL):
        encode_mp4(frames, 12)
    with pytest.raises(ValueError, match="one size"):
        encode_mp4([frames[0], frames[1, :200]], 12)
