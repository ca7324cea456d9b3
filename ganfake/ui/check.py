"""The Check tab: is a face fake, how sure is that, and why?"""

import json
from collections.abc import Iterator

import gradio as gr

from ganfake import UserError, provenance
from ganfake import report_words as words
from ganfake.checked import Checked
from ganfake.detect import check_file
from ganfake.fileinfo import file_facts
from ganfake.remake import tells_how
from ganfake.report import counts_quality
from ganfake.ui import check_view as view
from ganfake.ui.calls import read_wish
from ganfake.ui.check_board import Found, board_functions, uploads
from ganfake.ui.long_work import leave_with_page, long_work
from ganfake.ui.progress import told
from ganfake.ui.theme import asset, layout, scripts
from ganfake.ui.uploads import LIMITS, Upload

STILL = "Shown is the frame that is looked into below."


def check_lines(wish: str, session: str = "") -> Iterator[str]:
    """Check a file that has come and tell of it in JSON lines: {"done"} from 0 to 1, then all.

    wish: {"number", "token"}; every line has its number. The last line is what the script
    shows, or {"error"}. When the iterator is closed, a video is left at its next frame.
    """
    number = None
    try:
        number, said = read_wish(wish)
        token = said.get("token")
        file = uploads.whole(token)
        file.session = session
        yield json.dumps({"number": number, "done": 0})
        for share, found in _checked(file):
            uploads.get(token)  # a long check is no idleness; once it is gone, no verdict
            if found is None:
                yield json.dumps({"number": number, "done": round(share, 3)})
            else:
                uploads.keep(token, found)
                yield json.dumps({"number": number, "found": found_view(found)})
    except UserError as error:
        yield json.dumps({"number": number, "error": str(error)})


def _checked(file: Upload) -> Iterator[tuple[float, Found | None]]:
    """(share done, None) as a thread checks the file, then (1, what was found)."""
    return told(
        lambda tell: _find(file.content, file.name, tell),
        "check",
        "The check took too long; try a smaller file.",
    )


def _find(content: bytes, name: str, tell) -> Found:
    """What the pixels say and what the file says; `tell` hears the share done."""
    checked = check_file(content, name, progress=tell)
    if checked.error:
        raise UserError(checked.error)
    try:
        mark = provenance.read(content)
    except UserError:  # a video in another container than MP4
        mark = None
    facts = file_facts(content, checked.pixel_mark)
    return Found(checked, facts, mark, tells_how(content))


# -- for the script ------------------------------------------------------------------
def found_view(found: Found) -> dict:
    """All that the script shows at once; the rest it asks for face by face."""
    checked = found.checked
    video = checked.kind == "video"
    faces = _persons(found) if video else _faces(found)
    verdicts = [face["verdict"] for face in faces]
    whole = _whole(checked)
    summary = view.summary(verdicts, checked.verdict, "person" if video else "face")
    if there := words.pointer(found.facts.names_ai, checked.verdict):
        whole["reason"] = f"{whole['reason']} {there}".strip()
        summary += f" {there}"
    first = max(range(len(faces)), key=lambda n: checked.faces[n].suspicion, default=0)
    return {
        "kind": checked.kind,
        "size": [checked.width, checked.height],  # as it was seen here
        "moving": bool(found.clip and found.clip.moving),
        "ours": found.again,
        "summary": summary,
        "whole": whole,
        "faces": faces,
        "crowd": len(faces) > words.CROWD,
        "first": first,
        "file": [*map(list, found.facts.lines()), ["SHA-256", found.facts.sha256]],
        "counts": counts_quality(found.checked, found.facts),
        "note": _note(found, len(faces)),
    }


def _whole(checked: Checked) -> dict:
    """The verdict on the whole file; without a face there is a reason and no number."""
    verdict = checked.verdict or "uncertain"
    if checked.probability_fake is None:
        reason = f"{checked.reason} {view.LARGER}"
        return {"verdict": verdict, "title": view.NO_FACE, "reason": reason}
    shown = view.verdict_view(verdict, checked.probability_fake, checked.reason)
    if checked.own_number is None:
        shown |= {"odds": "", "percent": ""}
    if len(checked.faces) > 1:
        several = words.several(checked.counted) if checked.counted > 1 else ""
        parts = words.summary(checked), shown["reason"], several
        shown["reason"] = " ".join(filter(None, parts))
    return shown


def _note(found: Found, count: int) -> str:
    clip = found.clip
    looked = f"{words.looked_at(clip)} " if clip else ""
    if not count:
        return looked + ("Shown is the first frame." if clip and clip.moving else "")
    if clip:
        return looked + (f"{STILL} " if clip.moving else "") + words.GUIDE
    marks = "triangle fake, circle real, diamond uncertain"
    return f"The signs: {marks}." + (" Choose a face to look into it." if count > 1 else "")


def _faces(found: Found) -> list[dict]:
    size = (found.checked.width, found.checked.height)
    return [
        view.face_view(index, face, size, found.mark)
        for index, face in enumerate(found.checked.faces)
    ]


def _persons(found: Found) -> list[dict]:
    clip = found.clip
    return [
        view.person_view(index, person, clip.duration, found.mark)
        for index, person in enumerate(clip.persons)
    ]


# -- the page ------------------------------------------------------------------------
def build() -> None:
    """Lay out the tab inside the current gr.Blocks and wire it."""
    board = gr.HTML(
        html_template=layout("check.html", **LIMITS),
        css_template=asset("check.css"),
        js_on_load=scripts("files.js", "check.js", "check_stage.js", "check_detail.js"),
        server_functions=board_functions(),
        elem_id="check",
        apply_default_css=False,
    )
    long_work(board, "check", check_lines, pool="gpu")
    leave_with_page(board, uploads)
