"""Mark what we make as AI-made, and read such marks back: IPTC's digital source type in XMP.

The vocabulary: https://cv.iptc.org/newscodes/digitalsourcetype. A mark is a courtesy, not
a proof: anyone can remove one, and anyone can write one.
"""

import io
import re
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from xml.etree import ElementTree
from xml.sax.saxutils import escape

from PIL import Image, PngImagePlugin

from ganfake import UserError
from ganfake.file_words import AI_TYPES, SOURCE_TYPES
from ganfake.images import MISSING, open_header, read_file
from ganfake.mp4_boxes import append_xmp, is_movie, read_xmp

RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
IPTC = "http://iptc.org/std/Iptc4xmpExt/2008-02-29/"
OURS = "urn:ganfake:provenance:1.0/"  # the namespace of model, seed and extras
VOCABULARY = "http://cv.iptc.org/newscodes/digitalsourcetype/"

MAX_XMP = 2**20  # bytes
_MOST_NOTES = 64
_MAX_NOTE = 400  # characters

SAVE_OPTIONS = {
    "PNG": {},
    "JPEG": {"subsampling": 0},
    "WEBP": {},
}


@dataclass(frozen=True)
class Mark:
    """What a file says of its origin; model and seed are None where we did not write it."""

    source_type: str  # a code of IPTC's vocabulary
    model: str | None = None
    seed: int | None = None

    @property
    def is_ai(self) -> bool:
        """Whether the code means made, or made in part, by a trained model."""
        return self.source_type in AI_TYPES


def encode(
    picture: Image.Image,
    format: str,
    source_type: str = "trainedAlgorithmicMedia",
    *,
    model: str,
    seed: int | None = None,
    extra: dict | None = None,
    quality: int = 95,
) -> bytes:
    """A PNG, JPEG or WebP file of an RGB picture that says it is made by AI.

    source_type: a code of IPTC's vocabulary. extra: more to note, each key an XML name.
    The same input gives the same bytes; no time, no other metadata.
    Raises UserError for another format, ValueError for a code or key that is no name.
    """
    kind = format.upper().replace("JPG", "JPEG")
    if kind not in SAVE_OPTIONS:
        raise UserError("Pictures are saved as PNG, JPEG or WebP; choose one of these.")
    packet = _packet(source_type, model, seed, extra)
    options = dict(SAVE_OPTIONS[kind])
    if kind == "PNG":
        options["pnginfo"] = PngImagePlugin.PngInfo()
        options["pnginfo"].add_itxt("XML:com.adobe.xmp", packet)
    else:
        options |= {"xmp": packet.encode(), "quality": quality}
    picture = picture.convert("RGB")
    picture.info.clear()  # else Pillow copies a colour profile or comment
    buffer = io.BytesIO()
    picture.save(buffer, kind, **options)
    return buffer.getvalue()


def mark_mp4(
    content: bytes,
    *,
    source_type: str = "trainedAlgorithmicMedia",
    model: str,
    seed: int | None = None,
    extra: dict | None = None,
) -> bytes:
    """An MP4 file, finished otherwise, that says it is made by AI; arguments as `encode`.

    Raises UserError when the file is no whole MP4.
    """
    file = io.BytesIO(content)
    append_xmp(file, _packet(source_type, model, seed, extra).encode())
    return file.getvalue()


def read(source: bytes | Path) -> Mark | None:
    """The mark of an MP4 or of a picture in any format that open_picture opens, or None.

    None also where there is XMP without a digital source type, or XMP that is damaged
    or too long. Of a video only the headers of its boxes and the mark are read, so it may
    be of any length. Raises UserError when the file is neither.
    """
    root = _xmp(source)
    if root is None:
        return None
    code = _code(find_property(root, IPTC, "DigitalSourceType") or "")
    if not code:
        return None
    model = find_property(root, OURS, "model")
    seed = find_property(root, OURS, "seed")
    return Mark(
        code,
        "".join(c for c in model if c.isprintable())[:200] if model else None,
        int(seed) if seed and re.fullmatch("-?[0-9]{1,20}", seed) else None,
    )


def _code(said: str) -> str:
    """The code that a digital source type names; "" where it names none.

    The address of the vocabulary belongs before it, but some programs leave it out; then it has
    to be a code that we know, for any word may stand there.
    """
    address = VOCABULARY.replace("http:", "https?:")
    if code := re.fullmatch(address + "([A-Za-z]{1,64})/?", said):
        return code[1]
    return said if said in SOURCE_TYPES else ""


def notes(source: bytes | Path) -> dict[str, str]:
    """All that our own mark says, by its names; {} without one. Raises as `read`.

    At most 64 notes, each of at most 400 characters, its name of at most 64.
    """
    root, prefix = _xmp(source), f"{{{OURS}}}"
    found = {}
    for element in () if root is None else root.iter():
        name = element.tag.removeprefix(prefix)
        if element.tag != name and re.fullmatch("[A-Za-z][A-Za-z0-9_]{0,63}", name):
            text = "".join(c for c in element.text or "" if c.isprintable())
            found.setdefault(name, text[:_MAX_NOTE])
    return dict(islice(found.items(), _MOST_NOTES))


def _xmp(source: bytes | Path) -> ElementTree.Element | None:
    """The root of a file's XMP; None where there is none that can be read."""
    start = source[:12] if isinstance(source, bytes) else read_file(Path(source), 12)
    xmp = _movie_xmp(source) if is_movie(start) else open_header(source).info.get("xmp")
    return parse_xmp(xmp) if isinstance(xmp, bytes | str) else None


def _movie_xmp(source: bytes | Path) -> bytes | None:
    if isinstance(source, bytes):
        return read_xmp(io.BytesIO(source), MAX_XMP)
    try:
        with Path(source).open("rb") as file:
            return read_xmp(file, MAX_XMP)
    except OSError:
        raise UserError(MISSING) from None


def _packet(source_type: str, model: str, seed: int | None, extra: dict | None) -> str:
    """XMP that holds the source type, and the rest as properties of our namespace."""
    given = {**(extra or {}), "model": model, "seed": seed}
    notes = {k: str(v) for k, v in given.items() if v is not None}
    for name in (source_type, *notes):
        if not re.fullmatch("[A-Za-z][A-Za-z0-9_]*", name):
            raise ValueError(f"{name!r} is not a name")
    lines = "".join(f"<ganfake:{k}>{_xml(v)}</ganfake:{k}>\n" for k, v in notes.items())
    return (
        '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>\n'
        '<x:xmpmeta xmlns:x="adobe:ns:meta/">\n'
        f'<rdf:RDF xmlns:rdf="{RDF}">\n'
        f'<rdf:Description rdf:about="" xmlns:Iptc4xmpExt="{IPTC}" xmlns:ganfake="{OURS}">\n'
        f"<Iptc4xmpExt:DigitalSourceType>{VOCABULARY}{source_type}"
        f"</Iptc4xmpExt:DigitalSourceType>\n{lines}"
        '</rdf:Description>\n</rdf:RDF>\n</x:xmpmeta>\n<?xpacket end="r"?>'
    )


def _xml(text: str) -> str:
    """Text for an XML element; characters that XML cannot hold become U+FFFD."""
    legal = re.sub("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", "\ufffd", text)
    return escape(legal, {"\r": "&#13;"})


def parse_xmp(xmp: bytes | str) -> ElementTree.Element | None:
    """The root of an XMP packet; None when it is too long, broken, or has a DOCTYPE."""
    if len(xmp) > MAX_XMP:
        return None
    try:
        # As text: a packet that names another encoding cannot hide its DOCTYPE in it.
        text = xmp.decode() if isinstance(xmp, bytes) else xmp
        text = text.strip("\ufeff\x00 \r\n\t")
        # Without a DOCTYPE there are no entities, so nothing outside and nothing that grows.
        return None if "<!DOCTYPE" in text else ElementTree.fromstring(text)
    except (ElementTree.ParseError, ValueError):
        return None


def find_property(root: ElementTree.Element, namespace: str, name: str) -> str | None:
    """A property, in any of the three ways that RDF allows to write one."""
    key = f"{{{namespace}}}{name}"
    for element in root.iter():
        if key in element.attrib:
            return element.attrib[key].strip()
        if element.tag == key:
            return element.get(f"{{{RDF}}}resource", element.text or "").strip()
    return None
