"""The endpoint /swap: one face of one picture as somebody else, marked."""

import gradio as gr

from ganfake import UserError, provenance
from ganfake.containers import is_video
from ganfake.images import MAX_BYTES
from ganfake.persons import SHIPPED, load_person
from ganfake.swap import swap_file
from ganfake.ui.addresses import data_address
from ganfake.ui.api import shown
from ganfake.ui.calls import turn
from ganfake.ui.handed import decoded
from ganfake.ui.swap_convert import read_options


def swap_endpoint() -> None:
    """Register /swap inside the current gr.Blocks."""

    def swap(
        file: str, person: str = SHIPPED[0], consent: str = "", face: int = -1, mask: str = "",
        colour: str = "", blend: str = "", corner: str = "",
    ) -> str:  # fmt: skip
        """Show one face of a picture as another person, and say so in every way.

        The result has a visible mark, a mark in its pixels and one in its file. Of an animation
        the first picture is swapped, transparent parts become white, and no side stays over
        4096 pixels; the file says so, and a message. Nothing is fetched from other hosts, and
        nothing is written to disk.

        Args:
            file: The picture itself in base64, or as a data address: data:image/png;base64,...; or
                what handle_file of Gradio's clients makes of a file.
            person: Whom the face becomes: man_a, man_b, man_c or woman_a.
            consent: The statement of consent, word for word; a call without it answers with it.
            face: Which face, counted from the left; 0 is the first and -1 the largest.
            mask: How the face is cut out, a name of the Swap tab; empty is the usual one.
            colour: How its colours are fitted, a name of the Swap tab; empty is the usual one.
            blend: How it is put back, a name of the Swap tab; empty is the usual one.
            corner: Where the visible mark stands, such as "top left"; empty is bottom right.

        Returns:
            The swapped picture as a data address (PNG or JPEG).
        """
        options = {"mask": mask, "colour": colour, "blend": blend, "corner": corner,
                   "face": None if face == -1 else face}  # fmt: skip
        result = shown(swap_content, file, person, consent, options)
        if note := provenance.notes(decoded(result, len(result))).get("left_out"):
            gr.Info(note)
        return result

    gr.api(swap, api_name="swap", concurrency_id="gpu", concurrency_limit=1)


def swap_content(file: object, person: object, consent: object, options: object = None) -> str:
    """What /swap does; UserError for what is no picture, no person, or without consent."""
    if person not in SHIPPED:
        raise UserError(f"There is no such person; choose one of: {', '.join(SHIPPED)}.")
    chosen = read_options(options)
    with turn():
        content = decoded(file, MAX_BYTES)
        if is_video(content):
            raise UserError("A clip is swapped in the Swap tab, or with `python -m ganfake swap`.")
        swapped = swap_file(content, load_person(str(person)), chosen, str(consent or ""))
    kind = "jpeg" if swapped[:2] == b"\xff\xd8" else "png"
    return data_address(swapped, f"image/{kind}")
