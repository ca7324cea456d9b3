"""How fast a clip is converted: `python -m benchmarks.swap_speed [--seconds 10] [--side 512]`.

A clip of NASA's astronaut, moving and turning, with flashes and beeps, is swapped from its
bytes to the finished file with all marks. Printed as JSON: frames a second, and the processor
time of a frame, which a busy machine changes less; whether the number of frames and their times
stayed, by how much sound and picture drifted apart, and how much the landmarks tremble with
smoothing and without. Without the weights of a person the networks are untrained ones of the
same size, and the result says so.
"""

import io
import json
import os
import tempfile
import time
from fractions import Fraction
from pathlib import Path
from typing import Annotated

import av
import cv2
import numpy as np
import skimage.data
import torch
import typer

from benchmarks.swap_quality import OUT
from ganfake import persons
from ganfake.models.swap import Decoder, Encoder, SwapConfig
from ganfake.swap import CONSENT
from ganfake.swap_video import follow_face, swap_video
from ganfake.tracks import jitter, landmarks
from ganfake.weights import list_weights, write_atomically
from ganfake.workers import cores

FPS, RATE = 25, 44100
EVENT, BEEP = 2.0, 0.1  # seconds between flashes, and length of a beep
GOAL = 5.0  # frames a second


def frames(count: int, side: int):
    """Frames (side, side, 3): a head that moves, turns and comes nearer, with sensor noise."""
    rng = np.random.default_rng(0)
    picture = skimage.data.astronaut()
    for number in range(count):
        t = number / FPS
        scale = side / 512 * (1.5 + 0.25 * np.sin(0.9 * t))
        matrix = cv2.getRotationMatrix2D((225.0, 115.0), 8 * np.sin(1.7 * t), scale)
        aim = side * np.array([0.5 + 0.08 * np.sin(1.3 * t), 0.45 + 0.05 * np.sin(2.1 * t)])
        matrix[:, 2] += aim - (225.0, 115.0)
        frame = cv2.warpAffine(picture, matrix, (side, side), borderMode=cv2.BORDER_REFLECT)
        noise = rng.normal(0, 3, frame.shape)
        is_flash = number % round(EVENT * FPS) == 0 and number > 0
        yield np.full_like(frame, 255) if is_flash else np.uint8(np.clip(frame + noise, 0, 255))


def beeps(seconds: float) -> np.ndarray:
    """Samples (N,) int16: a tone that begins with each flash."""
    t = np.arange(int(RATE * seconds)) / RATE
    return np.int16(2e4 * np.sin(2 * np.pi * 1000 * t) * ((t > 1) & (t % EVENT < BEEP)))


def clip(seconds: float, side: int) -> bytes:
    """An MP4 of such frames and beeps."""
    buffer = io.BytesIO()
    with av.open(buffer, "w", format="mp4") as container:
        stream = container.add_stream("libx264", rate=FPS)
        stream.width = stream.height = side
        stream.pix_fmt = "yuv420p"
        sound = container.add_stream("aac", rate=RATE, layout="mono")
        for number, pixels in enumerate(frames(round(seconds * FPS), side)):
            frame = av.VideoFrame.from_ndarray(pixels, "rgb24")
            frame.pts, frame.time_base = number, Fraction(1, FPS)
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
        wave = av.AudioFrame.from_ndarray(beeps(seconds)[None], "s16", "mono")
        wave.sample_rate, wave.pts, wave.time_base = RATE, 0, Fraction(1, RATE)
        container.mux(sound.encode(wave))
        container.mux(sound.encode())
    return buffer.getvalue()


def heard_and_seen(content: bytes) -> tuple[list[float], list[float], list[float]]:
    """When frames are shown, when flashes begin, when beeps begin, all in seconds."""
    with av.open(io.BytesIO(content)) as container:
        lights = [(f.time, f.to_ndarray(format="gray").mean()) for f in container.decode(video=0)]
    with av.open(io.BytesIO(content)) as container:
        parts = [(f.time, f.to_ndarray()[0]) for f in container.decode(audio=0)]
    flashes = [moment for moment, light in lights if light > 215]
    tones, last = [], -1.0
    for moment, wave in parts:
        for place in np.flatnonzero(np.abs(wave) > 0.2):
            now = moment + place / RATE
            if now - last > BEEP:
                tones.append(float(now))
            last = now
    return [moment for moment, _ in lights], flashes, tones


def drift(before: bytes, after: bytes) -> dict:
    """What happened to frames and sound on the way."""
    old_times, old_flashes, old_tones = heard_and_seen(before)
    new_times, new_flashes, new_tones = heard_and_seen(after)
    if not len(old_flashes) == len(old_tones) == len(new_flashes) == len(new_tones) > 0:
        raise SystemExit("flashes or beeps got lost")
    old = np.subtract(old_tones, old_flashes)
    new = np.subtract(new_tones, new_flashes)
    same = len(old_times) == len(new_times) and np.allclose(old_times, new_times, atol=1e-4)
    return {
        "frames_before_and_after": [len(old_times), len(new_times)],
        "times_stayed": bool(same),
        "sound_offset_ms": round(1000 * float(np.abs(new - old).max()), 2),
        "one_frame_ms": 1000 / FPS,
    }


def trembling(content: bytes) -> dict:
    """How much the landmarks of a clip tremble, in percent of the distance of the eyes."""
    followed = follow_face(content)
    plain = landmarks(followed.track, followed.times, spread=0)
    return {
        "without_smoothing": round(jitter(plain), 2),
        "with_smoothing": round(jitter(followed.landmarks), 2),
    }


def somebody(name: str) -> tuple[persons.Person, str]:
    """A person that ships; without weights untrained networks of the same size."""
    if {"swap-encoder", persons.weights_of(name)} <= set(list_weights()):
        return persons.load_person(name), name
    torch.manual_seed(0)
    config = SwapConfig()
    encoder = Encoder(config).eval().requires_grad_(False).to(memory_format=torch.channels_last)
    persons.encoder = lambda: encoder
    person = persons.make_person(name, Decoder(config), torch.zeros(config.code_dim), {})
    return person, "untrained networks of the same size: no weights here"


def main(
    seconds: Annotated[float, typer.Option(help="Of the clip.")] = 10.0,
    side: Annotated[int, typer.Option(help="Pixels of a frame's side.")] = 512,
    person: Annotated[str, typer.Option(help="Who to become.")] = "man_a",
    out: Annotated[Path, typer.Option(help="Folder of speed.json.")] = OUT,
) -> None:
    """Measure, and write and print what was found as JSON."""
    somebody_, named = somebody(person)
    content = clip(seconds, side)
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "result.mp4"
        since, used = time.perf_counter(), time.process_time()
        result = swap_video(content, somebody_, target, consent=CONSENT)
        took, used = time.perf_counter() - since, time.process_time() - used
        found = drift(content, target.read_bytes())
    found = {
        "cores": cores(),
        "threads": torch.get_num_threads(),
        "person": named,
        "clip": f"{seconds:g} s, {side}x{side}, {FPS} frames a second",
        "swapped": result.swapped,
        "sound": result.sound,
        "seconds": round(took, 1),
        "frames_a_second": round(result.frames / took, 1),
        "processor_ms_a_frame": round(1000 * used / result.frames, 1),
        "load_average": round(os.getloadavg()[0], 1),
        "goal": GOAL,
        **found,
        "jitter_percent": trembling(content),
    }
    text = json.dumps(found, indent=2) + "\n"
    write_atomically(out / "speed.json", text.encode())
    print(text, end="")


if __name__ == "__main__":
    typer.run(main)
