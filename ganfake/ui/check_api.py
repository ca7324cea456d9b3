"""The endpoint /check: the verdict on a picture or video, as the command line gives it."""

import gradio as gr

from ganfake.containers import MAX_BYTES
from ganfake.detect import check_file
from ganfake.ui.api import shown
from ganfake.ui.calls import turn
from ganfake.ui.handed import decoded, name_of

_MAX_NAME = 200  # characters


def check_endpoint() -> None:
    """Register /check inside the current gr.Blocks."""

    def check(file: str, name: str = "") -> dict:
        """Say how likely the faces of a picture or a video are fake, and why.

        Seven experts look at each face; together they are calibrated, and nothing they say is
        proof. Nothing is fetched from other hosts, and nothing is written to disk.

        Args:
            file: The file itself in base64, or as a data address: data:image/jpeg;base64,...; or
                what handle_file of Gradio's clients makes of a file.
            name: A name for the file, if it is to have another one; it comes back as "file".

        Returns:
            What `python -m ganfake detect --json` prints: file, verdict ("fake", "real" or
            "uncertain"), probability_fake (of several faces that any of them is; null without
            a face), faces (box, verdict, probability_fake, experts, generator, reason, judged:
            whether its numbers mean anything), error (one sentence, or null),
            pixel_mark (whether our own hidden mark is found; no part of the verdict).
        """
        return shown(check_content, file, name)

    gr.api(check, api_name="check", concurrency_id="gpu", concurrency_limit=1)


def check_content(file: object, name: object = "") -> dict:
    """What /check does; UserError for what is no base64 or too long."""
    label = (str(name)[:_MAX_NAME] if isinstance(name, str) else "") or name_of(file)
    with turn():
        return check_file(decoded(file, MAX_BYTES), label).as_dict()
