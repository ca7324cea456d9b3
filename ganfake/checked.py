"""What is found in a file: faces with their verdicts, as values and as a JSON object."""

from dataclasses import asdict, dataclass, field

import numpy as np

from ganfake.experts.reasons import UNJUDGED
from ganfake.marks import PixelMark


@dataclass(frozen=True, eq=False)
class CheckedFace:
    """One face with its verdict; of a video one person, as seen in the most telling frame.

    Where it is not `judged`, the numbers mean nothing.
    box: (x0, y0, x1, y1), points: (5, 2), in pixels of the picture as a person sees it.
    probability_fake: in [0, 1]. verdict: "fake", "real" or "uncertain", then with a reason.
    crop: (240, 240, 3) uint8, aligned; crop_px: its side in pixels of the picture.
    """

    box: tuple[float, float, float, float]
    points: np.ndarray
    verdict: str
    probability_fake: float
    reason: str
    experts: dict[str, float]
    generator: str
    generators: dict[str, float]
    crop: np.ndarray
    crop_px: float

    @property
    def judged(self) -> bool:
        """Whether its numbers mean anything."""
        return self.reason not in UNJUDGED

    @property
    def suspicion(self) -> tuple[bool, int, float]:
        """The larger, the sooner one should look at it."""
        return self.judged, ("real", "uncertain", "fake").index(self.verdict), self.probability_fake

    def as_dict(self) -> dict:
        """What the command line and the endpoint say of a face."""
        return {
            "box": [round(float(edge), 1) for edge in self.box],
            "verdict": self.verdict,
            "probability_fake": round(self.probability_fake, 6),
            "experts": {name: round(p, 6) for name, p in self.experts.items()},
            "generator": self.generator or None,
            "generators": self.generators,
            "reason": self.reason,
            "judged": self.judged,
            "crop_px": round(self.crop_px, 1),
        }


@dataclass(frozen=True, eq=False)
class Person:
    """One person of a video. Lists are by frame, in order of time (seconds); of those that are not
    `judged` the probabilities mean nothing.

    probability_fake: the mean, in log-odds, of the frames whose reason is not in `reasons.UNFIT`,
    which are fewer than those `judged`; experts, generators: means over the same frames. Where
    there are none, all count. telling: (time, crop) of those that speak loudest, the one nearest
    to the verdict first; telling_px: the side of each crop in pixels of the frame; telling_boxes:
    where the faces are in theirs; telling_experts: what the experts say of them. points: in the
    first of them.
    """

    times: list[float]
    probabilities: list[float]
    verdicts: list[str]
    judged: list[bool]
    probability_fake: float
    verdict: str
    reason: str
    telling: list[tuple[float, np.ndarray]]
    telling_px: list[float]
    telling_boxes: list[tuple[float, float, float, float]]
    telling_experts: list[dict[str, float]]
    experts: dict[str, float]
    generator: str
    generators: dict[str, float]
    points: np.ndarray

    @property
    def box(self) -> tuple[float, float, float, float]:
        """Where the face is in the most telling frame, (x0, y0, x1, y1) in its pixels."""
        return self.telling_boxes[0]

    def over_time(self) -> dict[str, list]:
        """Times and probabilities as plain values; None of frames that cannot be judged."""
        rows = zip(self.probabilities, self.judged, strict=True)
        return {
            "times": [round(time, 3) for time in self.times],
            "probabilities": [round(p, 6) if judged else None for p, judged in rows],
        }


@dataclass(frozen=True, eq=False)
class Clip:
    """What was found in a video: its persons, those seen most first. duration: in seconds.

    frames: how many were looked at. width, height: of a frame as a person sees it. note: a
    sentence about what was left out, or "". pixel_mark: our hidden mark in its clearest frame.
    moving: it is an animated picture, no video.
    """

    persons: list[Person]
    duration: float
    width: int
    height: int
    frames: int
    note: str = ""
    pixel_mark: PixelMark | None = None
    moving: bool = False


@dataclass(frozen=True, eq=False)
class Checked:
    """What was found in one file. kind: "image", or "video", which an animated picture is too.

    probability_fake: that a face in it is fake (`experts.band.any_fake`); None without a face.
    verdict: by that and the faces' own (`Band.whole`); faces too small, cut off or drawn count only
    where there are no others. error: one sentence, and then there is no verdict.
    pixel_mark: our own hidden mark as it was looked for; it plays no part in the verdict.
    """

    file: str
    kind: str
    verdict: str | None
    probability_fake: float | None
    faces: list[CheckedFace] = field(default_factory=list)
    error: str | None = None
    reason: str = ""
    width: int = 0
    height: int = 0
    sha256: str = ""
    clip: Clip | None = None
    pixel_mark: PixelMark | None = None

    @property
    def counted(self) -> int:
        """How many faces can be judged."""
        return sum(face.judged for face in self.faces)

    @property
    def some_unjudged(self) -> bool:
        """Whether it is the verdict on some of the faces alone."""
        return 0 < self.counted < len(self.faces)

    @property
    def own_number(self) -> float | None:
        """Probability of fake of its only face; of several each has its own, and the file none."""
        alone = len(self.faces) == 1 and self.faces[0].judged
        return self.probability_fake if alone else None

    def as_dict(self) -> dict:
        """The JSON object of the command line and the endpoint."""
        probability = self.probability_fake
        said = {
            "file": self.file,
            "verdict": self.verdict,
            "probability_fake": None if probability is None else round(probability, 6),
            "faces": [face.as_dict() for face in self.faces],
            "error": self.error,
            "kind": self.kind,
            "reason": self.reason,
            "width": self.width,
            "height": self.height,
            "sha256": self.sha256,
            "pixel_mark": asdict(self.pixel_mark) if self.pixel_mark else None,
        }
        if self.clip:
            said |= {"duration": round(self.clip.duration, 3), "frames": self.clip.frames}
            for face, person in zip(said["faces"], self.clip.persons, strict=True):
                face |= person.over_time()
        return said


def failed(file: str, sentence: str, kind: str = "image", sha256: str = "") -> Checked:
    """What is found in a file that could not be checked, and why."""
    return Checked(file, kind, None, None, error=sentence, sha256=sha256)


def in_hundred(probability: float) -> int:
    """0.934 as 93; never 0 or 100, which nobody can know."""
    return min(99, max(1, round(100 * probability)))


def percent(probability: float) -> str:
    """0.934 as "93 %"."""
    return f"{in_hundred(probability)}\N{NO-BREAK SPACE}%"
