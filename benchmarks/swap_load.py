"""Three visitors train a person each while five convert: `python -m benchmarks.swap_load`.

The page runs in another process; the visitors speak to it as its script does (functions of
the server, events of the queue, lines of JSON). Everybody has to be told their place while
they wait, and to finish: trainings with a person, conversions with a marked file.
"""

import argparse
import base64
import io
import json
import secrets
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from PIL import Image

from benchmarks.load import running_page
from benchmarks.swap_quality import OUT
from ganfake.weights import write_atomically

LEARNERS, CLIPS, PICTURES, MINUTES = 3, 2, 3, 1.0
_PATIENCE = 3600.0  # seconds for one visitor
_TOLD_AFTER = 1.5  # seconds of waiting, with some time for the way
_SEEDS = ((5, 11), (7, 3), (2, 9))


# -- what is sent: faces that our own network made -------------------------------------
def made_clip(first: int, second: int, frames: int = 40, fps: int = 10) -> bytes:
    """An MP4 in which the face of one seed becomes that of another, and moves about."""
    from ganfake.video import encode_mp4

    pictures = []
    for number, face in enumerate(_between(first, second, frames)):
        ground = Image.new("RGB", (360, 300), (110, 118, 126))
        ground.paste(face.resize((230, 230)), (30 + 2 * number % 70, 30 + number % 20))
        pictures.append(np.asarray(ground))
    return encode_mp4(pictures, fps)


def made_picture(first: int, second: int) -> bytes:
    """A JPEG of a made face on a plain ground."""
    [face] = _between(first, second, 1)
    ground = Image.new("RGB", (800, 600), (110, 118, 126))
    ground.paste(face.resize((400, 400)), (200, 100))
    buffer = io.BytesIO()
    ground.save(buffer, "JPEG", quality=92)
    return buffer.getvalue()


def _between(first: int, second: int, count: int) -> list[Image.Image]:
    from ganfake.generate import Face, render

    shares = np.linspace(0, 1, count)
    return render([Face("portrait", first, mix_seed=second, mix_share=float(s)) for s in shares])


# -- a visitor, as the tab's script is one ---------------------------------------------
@dataclass
class Visitor:
    """What one visitor was told, and how many seconds all of it took."""

    address: str
    name: str
    session: str = field(default_factory=lambda: secrets.token_hex(8))
    places: list[int] = field(default_factory=list)
    last: dict = field(default_factory=dict)
    seconds: float = 0.0
    shown: int = 0  # previews of a lesson
    faces: str = ""  # seen by a lesson
    marked: bool = False
    error: str = ""

    def __post_init__(self):
        import httpx

        self._http = httpx.Client(base_url=self.address, timeout=_PATIENCE)
        config = self._http.get("/config").json()
        self._board = next(
            part["id"] for part in config["components"] if part["props"].get("elem_id") == "swap"
        )
        self._events = {
            target[1]: event["id"]
            for event in config["dependencies"]
            for target in event["targets"]
            if target[0] == self._board
        }

    def ask(self, function: str, **said) -> dict:
        """Call a function of the server."""
        body = {
            "data": said, "component_id": self._board, "fn_name": function,
            "session_hash": self.session,
        }  # fmt: skip
        answer = self._http.post("/gradio_api/component_server", json=body).raise_for_status()
        return self._good(answer.json())

    def lines(self, event: str, **wish) -> Iterator[dict]:
        """Long work, line by line."""
        from gradio_client.utils import apply_diff

        body = {
            "data": [None], "event_data": {"wish": json.dumps({"number": 1, **wish})},
            "fn_index": self._events[event], "session_hash": self.session,
            "trigger_id": self._board,
        }  # fmt: skip
        self._http.post("/gradio_api/queue/join", json=body).raise_for_status()
        told, asked = None, {"session_hash": self.session}
        with self._http.stream("GET", "/gradio_api/queue/data", params=asked) as answer:
            for line in answer.iter_lines():
                message = json.loads(line[5:]) if line.startswith("data:") else {}
                if message.get("msg") == "process_generating":
                    [given] = message["output"]["data"]
                    told = given if told is None else apply_diff(told, given)
                    yield self._good(json.loads(told))
                elif message.get("msg") == "process_completed":
                    if not message["success"]:
                        raise RuntimeError(str(message["output"]))
                    return

    @staticmethod
    def _good(answer: dict) -> dict:
        if answer.get("error"):
            raise RuntimeError(answer["error"])
        return answer

    def send(self, name: str, content: bytes) -> str:
        """A file into the server's memory; returns its token."""
        begun = self.ask("begin", name=name, size=len(content))
        for at in range(0, len(content), begun["chunk"]):
            piece = base64.b64encode(content[at : at + begun["chunk"]]).decode()
            self.ask("put", token=begun["token"], at=at, content=piece)
        return begun["token"]

    def follow(self, event: str, **wish) -> None:
        """Long work to its end, remembering what was told."""
        for said in self.lines(event, **wish):
            self.last = said
            if "place" in said:
                self.places.append(said["place"])
            if "board" in said:
                self.shown += 1
                self.faces = said["board"]["images"]


def learn(visitor: Visitor, clips: list[bytes], minutes: float, consent: str) -> None:
    """Faces of A and B, then a lesson of some minutes of their own."""
    for role, clip in zip("AB", clips, strict=True):
        visitor.follow("gather", token=visitor.send(f"{role}.mp4", clip), role=role)
        if "gathered" not in visitor.last:
            raise RuntimeError(f"no faces: {visitor.last}")
    visitor.follow("learn", minutes=minutes, name=visitor.name, consent=consent)
    if "person" not in visitor.last:
        raise RuntimeError(f"no person: {visitor.last}")
    visitor.marked = True  # it has a person; there is no file


def convert(visitor: Visitor, name: str, content: bytes, consent: str) -> None:
    """A picture or a clip to its result, whose mark is looked for."""
    from ganfake import provenance

    token = visitor.send(name, content)
    visitor.follow("swap", token=token, person="man_a", consent=consent)
    size, made = visitor.last["swapped"]["size"], b""
    while len(made) < size:
        made += base64.b64decode(visitor.ask("piece", token=token, at=len(made))["content"])
    mark = provenance.read(made)
    visitor.marked = mark is not None and mark.is_ai


def visit_all(address: str, minutes: float = MINUTES) -> list[Visitor]:
    """Everybody at once, each with a session of their own."""
    consent = Visitor(address, "first").ask("house")["consent"]
    clips = [made_clip(*seeds) for seeds in _SEEDS[:2]]
    acts = [(f"learner {n + 1}", lambda v: learn(v, clips, minutes, consent))
            for n in range(LEARNERS)]  # fmt: skip
    acts += [(f"clip {n + 1}", lambda v: convert(v, "clip.mp4", clips[0], consent))
             for n in range(CLIPS)]  # fmt: skip
    picture = made_picture(*_SEEDS[2])
    acts += [(f"picture {n + 1}", lambda v: convert(v, "picture.jpg", picture, consent))
             for n in range(PICTURES)]  # fmt: skip
    together = threading.Barrier(len(acts))

    def one(name: str, act) -> Visitor:
        visitor = Visitor(address, name)
        together.wait()
        begun = time.monotonic()
        try:
            act(visitor)
        except Exception as error:  # noqa: BLE001 - it is a finding
            visitor.error = f"{type(error).__name__}: {error}"
        visitor.seconds = time.monotonic() - begun
        return visitor

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(one, *zip(*acts, strict=True)))


# -- the findings ----------------------------------------------------------------------
def problems(everyone: list[Visitor]) -> list[str]:
    """What went wrong; an empty list is what should be."""
    found = [f"{visitor.name}: {visitor.error}" for visitor in everyone if visitor.error]
    found += [f"{v.name}: no marked result" for v in everyone if not v.error and not v.marked]
    if any(place < 1 for visitor in everyone for place in visitor.places):
        found.append("somebody waited at no place")
    for kind in ("learner", "clip", "picture"):
        ours = [visitor for visitor in everyone if visitor.name.startswith(kind)]
        # One is told after a second of waiting: quick pictures may have nothing to be told.
        quick = min((visitor.seconds for visitor in ours), default=0.0)
        untold = [v for v in ours if not v.places and v.seconds > quick + _TOLD_AFTER]
        if kind == "learner" and sum(bool(v.places) for v in ours) < LEARNERS - 1:
            untold = ours  # they take turns, and end at about the same time
        if untold:
            found.append(f"{kind}: some waited and were not told their place")
        if kind == "learner" and any(visitor.shown < 2 for visitor in ours):
            found.append("a learner saw next to nothing")
    return found


def rows(everyone: list[Visitor]) -> list[dict]:
    """What is told of everybody."""
    return [
        {
            "visitor": one.name, "seconds": round(one.seconds, 1), "told a place": len(one.places),
            "furthest place": max(one.places, default=0), "previews": one.shown,
            "faces seen": one.faces,
        }
        for one in everyone
    ]  # fmt: skip


def main() -> None:
    """Run it, and exit 1 when something went wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=MINUTES, help="of each training")
    parser.add_argument("--out", type=Path, default=OUT)
    given = parser.parse_args()
    with running_page() as address:
        everyone = visit_all(address, given.minutes)
    told = rows(everyone)
    for row in told:
        print(*(f"{name}: {value};" for name, value in row.items()))
    found = problems(everyone)
    for problem in found:
        print("WRONG:", problem)
    if found:
        sys.exit(1)
    text = json.dumps({"minutes": given.minutes, "rows": told}, indent=1) + "\n"
    write_atomically(given.out / "load.json", text.encode())
    print("Everybody was told their place, and everybody finished.")


if __name__ == "__main__":
    main()
