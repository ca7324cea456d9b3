"""What a swap leaves out of a picture or a clip, in sentences that go with the result."""

from ganfake.images import DAMAGED, MAX_SIDE, open_header, plain_errors
from ganfake.moving import holds_several

FIRST_ONLY = "The file holds several pictures; only the first one was swapped."
ON_WHITE = "What was transparent is white now."
SMALLER = f"The picture was over {MAX_SIDE} pixels on a side, so the result is smaller."
NO_HDR = "The clip is in HDR, which the result is not: it looks as on a common screen."
_SEVERAL = ("GIF", "WEBP", "PNG", "AVIF", "TIFF", "HEIF")  # not MPO: its others are for 3D and HDR


def left_out(content: bytes) -> str:
    """Sentences on what a swap of a picture file leaves out of it; "" where it is nothing.

    UserError for what is no picture, or damaged.
    """
    picture = open_header(content)
    found = [FIRST_ONLY] if holds_several(content, _SEVERAL) else []
    if max(picture.size) > MAX_SIDE:
        found.append(SMALLER)
    if picture.has_transparency_data:
        with plain_errors(DAMAGED):
            if picture.convert("RGBA").getchannel("A").getextrema()[0] < 255:
                found.append(ON_WHITE)
    return " ".join(found)


def loss_notes(content: bytes) -> dict[str, str]:
    """The same as a note of the result's file."""
    sentences = left_out(content)
    return {"left_out": sentences} if sentences else {}
