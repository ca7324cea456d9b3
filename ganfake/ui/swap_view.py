"""What the Swap tab shows, as plain values for its script; what is generated carries both marks."""

import numpy as np
from PIL import Image

from ganfake import provenance
from ganfake.faces import Face, align_face
from ganfake.marks import stamp
from ganfake.persons import SHIPPED, Person
from ganfake.provenance import Mark
from ganfake.swap import SOURCE_TYPE
from ganfake.ui.addresses import data_address, picture_address
from ganfake.ui.lab_view import plot

_CROP = 112  # pixels of a face to choose by
_STAGE = 320  # pixels of the long side of a stage
_MADE = ("decoded", "masked", "blended")  # the stages that show what the network made
_BLUE = ("#3b82f6", "")
# What each stage of the strip does.
STAGES = {
    "found": "Found: the face and its five landmarks.",
    "aligned": "Aligned: turned and scaled to the template.",
    "encoded": "Encoded: pose, expression and light as numbers.",
    "decoded": "Decoded: the same numbers as the other person.",
    "masked": "Masked: the part that is used, in the colours of the picture.",
    "blended": "Blended: back into the picture.",
}


# The same of a made face, which is encoded from nothing.
MADE_STAGES = {
    **{name: words for name, words in STAGES.items() if name != "encoded"},
    "decoded": "Taken: the made face, its features moved a little to fit those of the picture.",
}


def made_address(pixels: np.ndarray, model: str, kind: str = "WEBP") -> str:
    """Generated pixels (H, W, 3) uint8 as a data address, with visible and hidden marks."""
    picture = Image.fromarray(stamp(pixels))
    content = provenance.encode(picture, kind, SOURCE_TYPE, model=model)
    return data_address(content, f"image/{kind.lower()}")


def person_view(secret: str, person: Person) -> dict:
    """A person whom one may become, by their decoded portrait."""
    words = person.name.replace("_", " ").split()
    title = " ".join(w.upper() if len(w) == 1 else w[:1].upper() + w[1:] for w in words)
    return {
        "id": secret,
        "title": person.name if person.made else title,
        "portrait": made_address(person.portrait, person.name),
        "own": secret not in SHIPPED,
        "made": bool(person.made),
    }


def face_view(index: int, face: Face, picture: np.ndarray, mark: Mark | None) -> dict:
    """A face that may be swapped: where it is, as shares of the picture, and its crop."""
    height, width = picture.shape[:2]
    x0, y0, x1, y1 = face.box
    return {
        "index": index,
        "box": [x0 / width, y0 / height, x1 / width, y1 / height],
        "crop": picture_address(align_face(picture, face, _CROP), mark, "WEBP"),
    }


def stage_views(stages: list, person: Person, mark: Mark | None) -> list[dict]:
    """The strip of a swap: its stages, each (name, pixels), in words that hold for the person."""
    words = MADE_STAGES if person.made else STAGES
    return [
        {**stage_view(name, pixels, person.name, mark), "words": words[name]}
        for name, pixels in stages
        if name in words
    ]


def stage_view(name: str, pixels: np.ndarray, model: str, mark: Mark | None) -> dict:
    """One stage of the strip; the visitor's own pixels keep the mark that they came with."""
    ratio = min(1.0, _STAGE / max(pixels.shape[:2]))
    if ratio < 1:
        size = tuple(max(1, round(side * ratio)) for side in pixels.shape[1::-1])
        pixels = np.asarray(Image.fromarray(pixels).resize(size, Image.Resampling.BOX))
    shown = made_address(pixels, model) if name in _MADE else picture_address(pixels, mark, "WEBP")
    return {"name": name, "words": STAGES[name], "picture": shown}


def loss_plot(losses: list[float]) -> str:
    """The loss over the steps as an inline SVG; the first steps may leave it at the top."""
    steps = [float(number + 1) for number in range(len(losses))]
    settled = losses[min(len(losses) // 10, 20) :] or [1.0]
    return plot("Loss", steps, (("what it still gets wrong", losses, *_BLUE),), high=max(settled))


def time_words(seconds: float) -> str:
    """A length of time as people say it."""
    whole = max(0, round(seconds))
    return f"{whole} s" if whole < 100 else f"{whole // 60} min {whole % 60:02d} s"
