"""A report on one checked file that can be filed: as JSON, and as one self-contained page.

The page needs no other file and asks no host: its pictures stand in it, it has no script, and a
policy in its head forbids both. All that comes from the file is escaped.
"""

import json
import re
from datetime import UTC, datetime
from html import escape
from pathlib import Path
from string import Template

from ganfake import UserError, __version__
from ganfake import report_words as words
from ganfake.c2pa_info import plain
from ganfake.checked import Checked, CheckedFace, Clip
from ganfake.detect import NO_FACE
from ganfake.fileinfo import FileFacts
from ganfake.images import open_picture
from ganfake.report_face import address, sections
from ganfake.weights import list_weights, read_card

MAX_SIDE = 1200  # pixels of the picture in the report
_COUNTED = " Of all this, the verdict above counts the quality of the last saving alone."
_TEMPLATE = Path(__file__).with_name("assets_report.html")


def report_dict(checked: Checked, facts: FileFacts, when: datetime | None = None) -> dict:
    """The report as plain values; when: now, unless given."""
    when = (when or datetime.now(UTC)).astimezone(UTC)
    judged = any(face.judged for face in checked.faces)
    return {
        "report": "ganfake check",
        "date": when.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "program": {"name": "ganfake", "version": __version__, "weights": _weights()},
        "file": {
            "name": _name(checked),
            "sha256": facts.sha256,
            "size": facts.size,
            "kind": checked.kind,
            "width": checked.width,
            "height": checked.height,
            **_length(checked),
        },
        "verdict": checked.verdict,
        "probability_fake": _rounded(checked.probability_fake) if judged else None,
        "reason": checked.reason or checked.error or "",
        "caveats": words.caveats(checked.kind, checked.counted),
        "faces": _faces(checked),
        "file_says": {
            "facts": facts.as_dict(),
            "lines": [{"label": label, "text": text} for label, text in facts.lines()],
        },
        "limits": list(words.LIMITS),
    }


def report_json(checked: Checked, facts: FileFacts, when: datetime | None = None) -> bytes:
    """The report as a JSON file."""
    said = report_dict(checked, facts, when)
    return (json.dumps(said, indent=2, ensure_ascii=False) + "\n").encode()


def _length(checked: Checked) -> dict:
    """Of a video: its seconds, and how many frames of it were looked at."""
    clip = checked.clip
    return {"duration": round(clip.duration, 3), "frames_looked_at": clip.frames} if clip else {}


def _name(checked: Checked) -> str:
    """The file's name without folders, fit to be shown."""
    return plain(re.split(r"[\\/]", checked.file)[-1]) or "without a name"


def _rounded(probability: float | None) -> float | None:
    return None if probability is None else round(float(probability), 6)


def _weights() -> list[dict[str, str]]:
    """All that judge, each with its SHA-256; the rebuilders were for training."""
    detector = [name for name in list_weights() if name.startswith("detector-")]
    names = [name for name in detector if not name.startswith("detector-rebuild-")]
    return [{"name": n, "sha256": str(read_card(n).get("sha256", ""))} for n in names]


def _faces(checked: Checked) -> list[dict]:
    faces = [_face(number, face) for number, face in enumerate(checked.faces, 1)]
    if checked.clip:
        for face, person in zip(faces, checked.clip.persons, strict=True):
            face |= person.over_time()
    return faces


def _face(number: int, face: CheckedFace) -> dict:
    """All that the page says of a face; no numbers where it cannot be judged."""
    found = {
        "number": number,
        "box": [round(float(edge), 1) for edge in face.box],
        "side_of_crop_in_pixels": round(float(face.crop_px), 1),
        "verdict": face.verdict,
        "reason": face.reason,
        "judged": face.judged,
        "probability_fake": None,
    }
    if not face.judged:
        return found
    seen = words.frequency(face.probability_fake)
    return found | {
        "probability_fake": _rounded(face.probability_fake),
        "experts": {name: _rounded(p) for name, p in face.experts.items()},
        "generator": face.generator or None,
        "generators": {name: _rounded(p) for name, p in face.generators.items()},
        "held_out_like_this": {
            "fake": seen.fake, "of": seen.of, "low": _rounded(seen.low), "high": _rounded(seen.high)
        },
        "finding_wrong": words.wrong(face.verdict, seen),
        "words": words.odds_of_half(seen),
    }  # fmt: skip


# -- the page ------------------------------------------------------------------------
def report_html(
    checked: Checked, facts: FileFacts, content: bytes, when: datetime | None = None
) -> bytes:
    """The report as one HTML page; content: the file itself, for a small copy of it."""
    said = report_dict(checked, facts, when)
    verdict = checked.verdict or "uncertain"
    number = checked.own_number
    page = Template(_TEMPLATE.read_text(encoding="utf-8")).substitute(
        name=escape(said["file"]["name"]),
        verdict=verdict,
        sign=words.SIGNS[verdict],
        title=words.TITLES[verdict] if checked.faces else "No face found",
        chance="" if number is None else f"Probability of fake: {words.percent(number)}.",
        reason=escape(" ".join([said["reason"].removeprefix(NO_FACE).strip(), *said["caveats"]])),
        names_ai=words.pointer(facts.names_ai, verdict),
        summary=escape(words.summary(checked)),
        about=_table(_about(said, facts, checked.clip)),
        picture=_picture(checked, facts, content),
        faces=sections(checked, facts),
        claims=_table(facts.lines()),
        counted=_COUNTED if counts_quality(checked, facts) else "",
        weights=_table(
            [(row["name"], row["sha256"][:16] + "…") for row in said["program"]["weights"]]
        ),
        limits="".join(f"<li>{escape(text)}</li>" for text in words.LIMITS),
        date=said["date"].replace("T", " ").replace("Z", " UTC"),
    )
    return page.encode()


def counts_quality(checked: Checked, facts: FileFacts) -> bool:
    """Whether the quality of the last saving counted for a verdict."""
    return bool(checked.faces) and checked.kind == "image" and facts.jpeg_quality is not None


def _table(rows) -> str:
    """Pairs of plain text as a description list."""
    return "".join(f"<div><dt>{escape(k)}</dt><dd>{escape(v)}</dd></div>" for k, v in rows)


def _about(said: dict, facts: FileFacts, clip: Clip | None) -> list[tuple[str, str]]:
    file = said["file"]
    kind = {"image": "Picture", "video": "Video"}.get(file["kind"], file["kind"])
    kind = "Animated picture" if clip and clip.moving else kind
    size = f", {file['width']} × {file['height']} pixels" if file["width"] else ""
    return [
        ("File", file["name"]),
        ("SHA-256", file["sha256"]),
        ("Kind and size", f"{kind}{size}, {facts.size:,} bytes"),
        *([("Looked at", words.looked_at(clip))] if clip else []),
        ("Checked on", said["date"].replace("T", " ").replace("Z", " UTC")),
        ("Program", f"ganfake {said['program']['version']}"),
    ]


def _picture(checked: Checked, facts: FileFacts, content: bytes) -> str:
    """A small copy of the picture with a numbered box for each face; "" for a video."""
    if checked.kind != "image":
        return ""
    try:
        picture = open_picture(content, MAX_SIDE)
    except UserError:
        return ""
    width, height = checked.width or picture.width, checked.height or picture.height
    boxes = []
    for number, face in enumerate(checked.faces, 1):
        x0, x1 = (100 * min(max(face.box[i] / width, 0.0), 1.0) for i in (0, 2))
        y0, y1 = (100 * min(max(face.box[i] / height, 0.0), 1.0) for i in (1, 3))
        place = f"left:{x0:.2f}%;top:{y0:.2f}%;width:{x1 - x0:.2f}%;height:{y1 - y0:.2f}%"
        where = " inside" if y0 < 6 else ""  # no room for its number above it
        where += " right" if x0 + x1 > 100 else ""  # nor on its other side
        boxes.append(
            f'<span class="box {face.verdict}{where}" style="{place}"><b>{number}'
            f" <span>{words.SIGNS[face.verdict]}</span></b></span>"
        )
    return (
        f'<figure class="stage{" crowd" if len(boxes) > words.CROWD else ""}"><div>'
        f'<img src="{address(picture, facts)}" width="{picture.width}" height="{picture.height}"'
        f' alt="The checked picture; {len(boxes)} boxes are numbered as the faces below.">'
        f"{''.join(boxes)}</div></figure>"
    )
