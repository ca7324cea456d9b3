"""The endpoint /check: the verdict on a picture or video, as the command line gives it."""

import base64
import binascii

import gradio as gr

from ganfake import UserError
from ganfake.detect import check_file
from ganfake.frames import MAX_BYTES
from ganfake.ui.api import shown
from ganfake.ui.calls import turn

_MAX_NAME = 200  # characters


def check_endpoint() -> None:
    """Register /check inside the current gr.Blocks."""

    def check(file: str, name: str = "") -> dict:
        """Check the faces of a picture or a video.

        file: the file in base64, or as a data address ("data:image/jpeg;base64,..."). name:
        comes back as "file". Returns the object that `python -m ganfake detect --json` prints:
        file, verdict ("fake", "real", "uncertain"; null with an error), probability_fake (null
        without a face), faces (box, verdict, probability_fake, experts, generator, reason),
        error (one sentence, or null). Nothing is written to disk.
        """
        return shown(check_content, file, name)

    gr.api(check, api_name="check", concurrency_id="gpu", concurrency_limit=1)


def check_content(file: object, name: object = "") -> dict:
    """What /check does; UserError for what is no base64 or too long."""
    content = _decoded(file)
    label = str(name)[:_MAX_NAME] if isinstance(name, str) else ""
    with turn():
        return check_file(content, label).as_dict()


def _decoded(file: object) -> bytes:
    if not isinstance(file, str) or not file:
        raise UserError("Send the file in base64, or as a data address.")
    if file.startswith("data:"):
        head, _, file = file.partition(",")
        if not head.endswith(";base64"):
            raise UserError("The data address must be in base64: data:image/jpeg;base64,...")
    if len(file) > MAX_BYTES * 4 // 3 + 8:
        raise UserError(f"The file is over {MAX_BYTES >> 20} MB; use a smaller or shorter one.")
    try:
        content = base64.b64decode(file, validate=True)
    except (binascii.Error, ValueError):
        raise UserError("The file is not valid base64; encode it anew.") from None
    if not content:
        raise UserError("The file is empty; choose another one.")
    return content
