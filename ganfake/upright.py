"""A frame of a video as a person sees it: its colours, its pixels' shape, its turn."""

import struct
from fractions import Fraction

import av
import cv2
import numpy as np
from av.sidedata.sidedata import SideDataContainer

from ganfake.hdr import BT2020, HLG, PQ, to_standard

MAX_SIDE = 4096  # pixels of a frame
_BT709, _UNSAID, _RESERVED, _CONSTANT = 1, 2, 3, 10  # colour spaces, ITU-T H.273
_HD = 720  # pixels of the short side from which unlabelled colours are BT.709
_MOST_ASPECT = 4  # no camera's pixels are wider or higher; a hostile file may say anything


def upright(frame: av.VideoFrame, aspect: Fraction | None = None) -> np.ndarray:
    """A frame as a person sees it, (H, W, 3) uint8: turned and mirrored as its display matrix says,
    of HDR in standard range, and where the file does not say its colours, in those that players
    take.

    aspect: of its pixels, width by height; where they are not square it is widened or narrowed, as
    players do, to at most MAX_SIDE.
    """
    if frame.colorspace == _RESERVED:  # FFmpeg refuses it, and players take no notice of it
        frame.colorspace = _UNSAID
    if frame.colorspace == _CONSTANT or (frame.colorspace == _UNSAID and is_hdr(frame)):
        # BT.2020's kind with constant luminance cannot be read either, and is close to the other.
        frame.colorspace = BT2020
    elif frame.colorspace == _UNSAID and min(frame.width, frame.height) >= _HD:
        frame.colorspace = _BT709
    picture = _squared(frame.to_ndarray(format="rgb24"), aspect or Fraction(1))
    if is_hdr(frame):
        told = frame.color_primaries
        picture = to_standard(picture, frame.color_trc, BT2020 if told == _UNSAID else told)
    turns = quarter_turns(frame)
    if _is_mirrored(frame):  # then the angle is that of the mirrored frame, half a turn away
        picture, turns = picture[:, ::-1], turns + 2
    return np.ascontiguousarray(np.rot90(picture, turns % 4))


def quarter_turns(frame: av.VideoFrame) -> int:
    """By which a player turns a frame; none where its display matrix states no angle."""
    angle = frame.rotation or 0  # then it is far out of range
    return round(angle / 90) if abs(angle) <= 360 else 0


def shown_size(width: int, height: int, aspect: Fraction) -> tuple[int, int]:
    """(width, height) in square pixels of what is stored in pixels of this shape."""
    wide = round(width * aspect)
    if wide == width or not Fraction(1, _MOST_ASPECT) <= aspect <= _MOST_ASPECT:
        return width, height
    scale = min(1, MAX_SIDE / max(wide, 1))
    return max(1, round(wide * scale)), max(1, round(height * scale))


def _squared(picture: np.ndarray, aspect: Fraction) -> np.ndarray:
    height, width = picture.shape[:2]
    size = shown_size(width, height, aspect)
    if size == (width, height):
        return picture
    how = cv2.INTER_LINEAR if size[0] > width else cv2.INTER_AREA
    return cv2.resize(picture, size, interpolation=how)


def is_hdr(frame: av.VideoFrame) -> bool:
    """Whether a frame's brightness is of a wider range than screens commonly show."""
    return frame.color_trc in (PQ, HLG)


def _is_mirrored(frame: av.VideoFrame) -> bool:
    # Not frame.side_data, which the frame keeps: they would hold each other in memory.
    for data in SideDataContainer(frame):
        if data.type.name == "DISPLAYMATRIX":
            a, b, _, c, d = struct.unpack_from("=5i", bytes(data))
            return a * d < b * c
    return False
