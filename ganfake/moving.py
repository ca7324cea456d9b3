"""Frames of an animated picture (GIF, WebP, APNG, AVIF), few and spread, as those of a video."""

import time
from collections.abc import Iterator

import numpy as np
from PIL import Image

from ganfake import UserError
from ganfake.frames import MAX_FRAMES, MAX_SECONDS, behind, spread
from ganfake.images import DAMAGED, as_seen, check_least, open_header, plain_errors
from ganfake.upright import MAX_SIDE

_KINDS = ("GIF", "WEBP", "PNG", "AVIF")  # a TIFF's or HEIC's pictures do not follow each other
_SHORTEST, _USUAL = 0.01, 0.1  # seconds: viewers show frames that ask for so little longer
_PATIENCE = 15.0  # seconds for one frame
LARGE = f"The animated picture is over {MAX_SIDE} pixels on a side; make it smaller."
SLOW = "This frame could not be shown in time; try again."


def is_moving(content: bytes) -> bool:
    """Whether a file is a picture of several frames that viewers show one after the other."""
    return holds_several(content, _KINDS)


def holds_several(content: bytes, kinds: tuple[str, ...]) -> bool:
    """Whether a file is of one of Pillow's formats `kinds` and holds more than one picture."""
    try:
        picture = open_header(content)
        return picture.format in kinds and picture.is_animated
    except Exception:  # noqa: BLE001 - opening what is broken tells what is wrong with it
        return False


class Moving:
    """Frames of an animated picture by their own times; all else as frames.Reader has it."""

    def __init__(self, content: bytes, deadline: float):
        size = open_header(content).size
        check_least(size)
        if max(size) > MAX_SIDE:  # decoding keeps several copies of it
            raise UserError(LARGE)
        self._content, self._begun, self._deadline = content, time.monotonic(), deadline
        self.late, self.hdr, self.duration, self.size = False, False, 0.0, (0, 0)
        self.broken = False

    def frames(self) -> Iterator[tuple[float, np.ndarray]]:
        """(seconds, (H, W, 3) uint8) in order; a frame that is broken ends them."""
        # Only decoding tells when frames are shown, so they are decoded twice: none is kept.
        third = self._begun + (self._deadline - self._begun) / 3
        times = [moment for moment, _ in self._walk(third)]
        wanted, begun = set(spread(times, MAX_FRAMES)), time.monotonic()
        for moment, picture in self._walk(self._deadline):
            if moment > times[-1]:
                return
            late = any(self.size) and behind(moment, times, begun, self._deadline)
            if moment in wanted and not late:
                shown = np.asarray(as_seen(picture, MAX_SIDE))
                self.size = shown.shape[1], shown.shape[0]
                yield moment, shown

    def at(self, seconds: float, max_side: int) -> np.ndarray:
        """The frame (H, W, 3) uint8 that is shown from `seconds` on, no side over `max_side`."""
        for moment, picture in self._walk(self._deadline):
            if moment >= seconds - 1e-6:
                return np.asarray(as_seen(picture, max_side))
        raise UserError(SLOW)

    def _walk(self, deadline: float) -> Iterator[tuple[float, Image.Image]]:
        """Each frame, decoded, with its time; `late` where the deadline came before the last."""
        picture, moment, number = open_header(self._content), 0.0, 0
        promised = 0 if picture.format == "GIF" else picture.n_frames  # a GIF does not say
        while moment <= MAX_SECONDS:
            if number and time.monotonic() > deadline:
                self.late = True
                return
            with plain_errors(DAMAGED):
                try:
                    picture.seek(number)
                    if max(picture.size) > MAX_SIDE:  # a GIF grows with a frame that is larger
                        raise UserError(LARGE)
                    picture.load()
                except UserError:
                    raise
                except Exception as error:  # the end, or what is broken
                    if not number:
                        raise
                    self.broken |= not isinstance(error, EOFError) or number < promised
                    return
            yield moment, picture
            moment, number = moment + _shown_for(picture), number + 1
            self.duration = max(self.duration, moment)


def _shown_for(picture: Image.Image) -> float:
    """How long viewers show a frame, in seconds."""
    asked = float(picture.info.get("duration") or 0) / 1000
    return asked if asked > _SHORTEST else _USUAL


def frame_at(content: bytes, seconds: float, max_side: int) -> np.ndarray:
    """One frame of an animated picture, (H, W, 3) uint8: the one shown from `seconds` on."""
    return Moving(content, time.monotonic() + _PATIENCE).at(seconds, max_side)
