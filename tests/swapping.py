"""For tests of the swap: a person who needs no network, clips with flashes and beeps."""

import io
import resource
from contextlib import contextmanager
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace

import av
import cv2
import numpy as np
import pytest

from ganfake import persons
from ganfake.clip_io import Footage
from ganfake.reel import Reel
from tests.filming import head

RATE = 44100
PERSON = SimpleNamespace(name="drawn <b>", made={})
GREEN = np.array([40, 200, 90])


def green(person, crops: np.ndarray) -> np.ndarray:
    """Stands for `persons.become`: the same faces in green, so that they are seen at once."""
    assert crops.ndim == 4 and crops.shape[1:] == (128, 128, 3) and crops.dtype == np.uint8
    grey = crops.mean(3, keepdims=True)
    return np.clip(0.3 * grey + 0.7 * GREEN, 0, 255).astype(np.uint8)


@pytest.fixture
def becoming(monkeypatch):
    """Every swap makes a green face; its stages need no encoder."""
    monkeypatch.setattr(persons, "become", green)
    monkeypatch.setattr(persons, "code_picture", lambda crop: crop[:16, :16])


def greenness(picture: np.ndarray) -> float:
    """How much greener than red a part of a picture is on average."""
    return float((picture[..., 1].astype(int) - picture[..., 0]).mean())


def wandering(count: int, size: tuple[int, int] = (320, 240), light: int = 0):
    """Frames (H, W, 3) with a head that moves and grows a little, sub-pixel."""
    face = head(0.6, light)
    for number in range(count):
        scale = 1 + 0.05 * np.sin(number / 9)
        x, y = 40 + 1.3 * number % 60, 20 + 8 * np.sin(number / 5)
        matrix = np.array([[scale, 0, x], [0, scale, y]])
        yield cv2.warpAffine(face, matrix, size, borderValue=(90, 90, 90))


def beeping(
    frames, fps: int = 25, seconds: float = 0, kind: str = "mp4", sound: str = "aac", events=()
) -> bytes:
    """A clip with sound; at each event (seconds) a white frame and a beep begin together."""
    frames = list(frames)
    buffer = io.BytesIO()
    with av.open(buffer, "w", format=kind) as container:
        stream = container.add_stream("libx264", rate=fps)
        stream.height, stream.width = frames[0].shape[:2]
        stream.pix_fmt = "yuv420p"
        audio = container.add_stream(sound, rate=RATE, layout="mono")
        for number, pixels in enumerate(frames):
            if any(0 <= number / fps - event < 1 / fps for event in events):
                pixels = np.full_like(pixels, 255)
            frame = av.VideoFrame.from_ndarray(pixels, "rgb24")
            frame.pts, frame.time_base = number, Fraction(1, fps)
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
        time = np.arange(int(RATE * (seconds or len(frames) / fps))) / RATE
        loud = np.zeros_like(time)
        for event in events:
            loud[(time >= event) & (time < event + 0.1)] = 0.8
        wave = np.int16(3e4 * loud * np.sin(2 * np.pi * 1000 * time))
        for start in range(0, len(wave), 1024):
            part = av.AudioFrame.from_ndarray(wave[None, start : start + 1024], "s16", "mono")
            part.sample_rate, part.pts = RATE, start
            part.time_base = Fraction(1, RATE)
            container.mux(audio.encode(part))
        container.mux(audio.encode())
    return buffer.getvalue()


def times_of(content: bytes) -> list[float]:
    """When each frame is shown, in seconds."""
    with av.open(io.BytesIO(content)) as container:
        return [frame.time for frame in container.decode(video=0)]


def pictures_of(content: bytes) -> list[np.ndarray]:
    """All frames as they are stored, (H, W, 3) uint8."""
    with av.open(io.BytesIO(content)) as container:
        return [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]


def flashes(content: bytes) -> list[float]:
    """When white frames begin, in seconds."""
    with av.open(io.BytesIO(content)) as container:
        lights = [
            (frame.time, frame.to_ndarray(format="gray").mean() > 215)
            for frame in container.decode(video=0)
        ]
    return [b[0] for a, b in pairwise(lights) if b[1] and not a[1]]


def beeps(content: bytes) -> list[float]:
    """When beeps begin, in seconds, to about two milliseconds."""
    with av.open(io.BytesIO(content)) as container:
        begins, last = [], -1.0
        for frame in container.decode(audio=0):
            wave = frame.to_ndarray().astype(np.float64).reshape(-1)
            wave = wave / (2**15 if frame.format.name.startswith("s16") else 1)
            for place in np.flatnonzero(np.abs(wave) > 0.25):
                moment = float(frame.time) + place / frame.sample_rate
                if moment - last > 0.05:
                    begins.append(moment)
                last = moment
    return begins


EVENTS = (0.4, 0.8)


def flat(number: int, size: tuple[int, int] = (96, 64)) -> np.ndarray:
    """A frame whose grey tells its number."""
    return np.full((size[1], size[0], 3), 20 + 8 * number, np.uint8)


def again(content: bytes, path: Path) -> tuple[bytes, str]:
    """The clip read and written, unchanged, and what became of its sound."""
    with Footage(content) as first:
        for _ in first.shots():
            pass
    with Footage(content) as footage, Reel(path, footage, first.size, first.aspect) as made:
        for shot in footage.shots(made.hear):
            made.show(shot, shot.picture)
    return path.read_bytes(), made.sound


@contextmanager
def little_space(count: int):
    """No file of this process may grow beyond `count` bytes: a disk that is full."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (count, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
