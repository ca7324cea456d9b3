"""Walks: they pass every stop, close without a jump, say what they are, and know limits."""

import io
from itertools import pairwise

import av
import numpy as np
import pytest
from PIL import Image

from ganfake import UserError, provenance
from ganfake.generate import Face, render
from ganfake.models import available, load
from ganfake.walk import walk

STOPS = [Face("dcgan", seed, 0.8) for seed in (1, 2, 3)]


def frames_of(content: bytes) -> np.ndarray:
    with av.open(io.BytesIO(content)) as container:
        return np.stack([f.to_ndarray(format="rgb24") for f in container.decode(video=0)])


def enlarged(face: Face) -> np.ndarray:
    (picture,) = render([face])
    factor = -(-256 // picture.width)
    size = (picture.width * factor, picture.height * factor)
    return np.asarray(picture.resize(size, Image.Resampling.LANCZOS), int)


def apart(first, second) -> float:
    return float(np.abs(np.asarray(first, int) - np.asarray(second, int)).mean())


@pytest.fixture(scope="module")
def loop() -> bytes:
    return walk(STOPS, seconds=0.5, fps=24)


def test_the_way_passes_every_stop(loop):
    frames = frames_of(loop)
    assert frames.shape == (36, 256, 256, 3)
    faces = [enlarged(face) for face in STOPS]
    for index, face in enumerate(faces):
        distances = [apart(frames[12 * index], other) for other in faces]
        assert distances[index] < 4
        assert min(d for i, d in enumerate(distances) if i != index) > 10
        assert apart(frames[12 * index + 6], face) > 8  # half way it is somebody else


def test_a_loop_closes_without_a_jump(loop):
    frames = frames_of(loop)
    steps = [apart(a, b) for a, b in pairwise(frames)]
    assert apart(frames[-1], frames[0]) <= max(steps)
    assert max(steps) < 0.5 * apart(frames[0], frames[12])  # nor does it jump on the way


def test_without_a_loop_it_ends_at_the_last_stop():
    frames = frames_of(walk(STOPS[:2], seconds=0.25, fps=24, loop=False))
    assert len(frames) == 7
    assert apart(frames[0], enlarged(STOPS[0])) < 4
    assert apart(frames[-1], enlarged(STOPS[1])) < 4


def test_it_says_what_it_is_and_comes_out_the_same_again(loop):
    mark = provenance.read(loop)
    assert (mark.is_ai, mark.model, mark.seed) == (True, "dcgan", 1)
    assert b"<ganfake:seeds>1 2 3</ganfake:seeds>" in loop
    assert b"<ganfake:truncation>0.8</ganfake:truncation>" in loop
    assert walk(STOPS, seconds=0.5, fps=24) == loop


@pytest.mark.parametrize("name", available())
def test_every_model_walks(name):
    content = walk([Face(name, 1), Face(name, 2, 0.7)], seconds=0.2, fps=10)
    frames = frames_of(content)
    size = load(name).config.image_size
    assert len(frames) == 4
    assert frames.shape[1] == frames.shape[2] >= 256
    assert frames.shape[1] % size == 0
    assert apart(frames[0], frames[2]) > 3


def test_attributes_change_on_the_way():
    name = next((n for n in available() if load(n).fields), None)
    if name is None:
        pytest.skip("no conditional model has weights yet")
    (field, values), *_ = load(name).fields
    stops = [Face(name, 4, labels={field: value}) for value in values[:2]]
    frames = frames_of(walk(stops, seconds=0.2, fps=10, loop=False))
    assert apart(frames[-1], enlarged(stops[1])) < 4
    assert apart(frames[0], frames[-1]) > 2


def test_progress_is_told_and_reaches_the_end():
    told = []
    walk(STOPS, seconds=1.0, fps=24, progress=told.append)
    assert told == sorted(told)
    assert len(told) > 1
    assert 0 < told[0] < 1
    assert told[-1] == 1


@pytest.mark.parametrize(
    ("stops", "options"),
    [
        ([], {}),
        (STOPS[:1], {}),
        (STOPS * 7, {}),
        ([STOPS[0], Face("other", 1)], {}),
        (STOPS, {"seconds": 0.1}),
        (STOPS, {"seconds": 10.5}),
        (STOPS, {"seconds": float("nan")}),
        (STOPS, {"fps": 0}),
        (STOPS, {"fps": 1000}),
        ([Face("nobody", 1), Face("nobody", 2)], {}),
    ],
)
def test_what_is_no_walk_is_one_sentence(stops, options):
    with pytest.raises(UserError, match=r"^[A-Z][^\n]+\.$"):
        walk(stops, **options)
