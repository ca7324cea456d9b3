"""What a file says of itself, apart from what its pixels show: marks, signatures, camera data.

These are claims: anyone can write them, and anyone can remove them. Nothing here raises for
a damaged file, nothing opens the network, and no text of a file leaves it longer than 200
characters. Where a picture was taken is never read out, only that the file says it.
"""

import hashlib
import io
import re
from contextlib import suppress
from dataclasses import asdict, dataclass, replace

from PIL import Image

from ganfake import UserError, provenance
from ganfake.c2pa_info import Credentials, plain, read_credentials
from ganfake.exif import MAX_FIELD, Exif, read_exif
from ganfake.file_words import AI_TYPES, lines
from ganfake.images import DAMAGED, open_header, plain_errors
from ganfake.jpeg_traces import jpeg_quality, thumbnail_differs
from ganfake.marks import PixelMark
from ganfake.movie_info import read_movie_info
from ganfake.mp4_boxes import is_movie, read_xmp

_XMP = "http://ns.adobe.com/xap/1.0/"
_DCTERMS = "http://purl.org/dc/terms/"
_EXIF_LIMIT = 4 * 2**20  # bytes of a block in another picture than a TIFF
# Texts that image generators leave behind: by whom, under which key, and how they look.
_SETTINGS = (
    ("ComfyUI", r"prompt|workflow|make|model|comment|description", r'"class_type"|"nodes"'),
    ("InvokeAI", r"invokeai_metadata|invokeai_graph|sd-metadata|dream", r"."),
    ("NovelAI", r"software|source", r"^NovelAI"),
    ("Midjourney", r"description", r"Job ID: [0-9a-f-]{36}"),
    ("Stable Diffusion", r"parameters|comment|description", r"Steps: \d+, "),
)


@dataclass(frozen=True)
class FileFacts:
    """Plain values; "" and None where the file says nothing.

    container: "JPEG", "PNG", "MP4", ..., "unknown". width, height: as a person sees the picture.
    model, seed: of our own mark; further: whether it names more settings; of a swap also the
    person that the face became, or the made face that was put on, and what made the picture
    before it, both like "dcgan, seed 7". source_type: IPTC's code of how it was made, from XMP.
    remote: host that is said to keep the content credentials. taken: date and time by the camera.
    thumbnail_differs: None where there is none to compare. pixel_mark: our hidden mark, as
    whoever has seen the pixels looked for it.
    """

    sha256: str
    size: int
    container: str = "unknown"
    width: int | None = None
    height: int | None = None
    model: str = ""
    seed: int | None = None
    further: bool = False
    source_type: str = ""
    person: str = ""
    before: str = ""
    put_on: str = ""
    credentials: Credentials | None = None
    remote: str = ""
    make: str = ""
    camera: str = ""
    taken: str = ""
    exposure: bool = False
    place: bool = False
    software: str = ""
    tool: str = ""
    generator: str = ""
    settings: str = ""
    jpeg_quality: float | None = None
    thumbnail_differs: bool | None = None
    pixel_mark: PixelMark | None = None

    @property
    def names_ai(self) -> bool:
        """Whether anything in the file says that AI made it, or had a part in it."""
        signed = self.credentials.source_types if self.credentials else []
        named = {self.source_type, *signed} & {*AI_TYPES}
        return bool(named or self.model or self.generator)

    def as_dict(self) -> dict:
        """The same as plain values, for JSON."""
        return asdict(self)

    def lines(self) -> list[tuple[str, str]]:
        """(short label, sentences) of what is there, with what it means and its limits."""
        return lines(self)


def file_facts(content: bytes, pixel_mark: PixelMark | None = None) -> FileFacts:
    """All that a picture or video file says of itself; never raises.

    pixel_mark: from a check of the file, for its pixels are not decoded here.
    """
    sha256 = hashlib.sha256(content).hexdigest()
    facts = FileFacts(sha256, len(content), pixel_mark=pixel_mark)
    if is_movie(content[:12]):
        facts = _movie(facts, content)
    else:
        facts = replace(facts, container=_container(content))
        with suppress(UserError), plain_errors(DAMAGED):
            facts = _picture(facts, open_header(content))
    return replace(facts, **_origin(content), credentials=read_credentials(content))


def _origin(content: bytes) -> dict:
    """Our mark, and anyone's digital source type."""
    try:
        mark, notes = provenance.read(content), provenance.notes(content)
    except UserError:
        mark = None
    if mark is None:
        return {}
    found = {"source_type": mark.source_type, "model": plain(mark.model), "seed": mark.seed}
    if mark.model != "swap":
        return {**found, "further": _has_further(notes)}
    before, put_on = _maker(notes, "source"), _maker(notes, "person")
    person = "" if put_on else plain(notes.get("person"))
    return {**found, "person": person, "before": before, "put_on": put_on}


def _has_further(notes: dict[str, str]) -> bool:
    """Whether model and seed alone make another picture: it was mixed, pushed, or asked for."""
    set_by_hand = any(name.startswith(("mix_", "push_", "set_")) for name in notes)
    return set_by_hand or notes.get("truncation", "1.0") != "1.0"


def _maker(notes: dict[str, str], whose: str) -> str:
    """What made the picture before a swap, or the face put on; "" where the mark does not say."""
    model, seed = notes.get(f"{whose}_model", ""), notes.get(f"{whose}_seed", "")
    return plain(f"{model}, seed {seed}" if model and seed else model)


# -- pictures ------------------------------------------------------------------------
def _picture(facts: FileFacts, picture: Image.Image) -> FileFacts:
    """What the header of a picture tells."""
    exif = _exif(picture)
    width, height = picture.size
    if exif.orientation > 4 and picture.format != "TIFF":  # of which Pillow has turned the size
        width, height = height, width
    names = {"MPO": "JPEG", "WEBP": "WebP", "HEIF": "HEIC"}
    generator, settings = _generator(picture, exif)
    from_comfy = generator == "ComfyUI" and '"' in exif.make + exif.model  # no camera's name
    return replace(
        facts,
        container=names.get(picture.format, picture.format),
        width=width,
        height=height,
        make="" if from_comfy else plain(exif.make),
        camera="" if from_comfy else plain(exif.model),
        taken=_date(exif.taken),
        exposure=exif.exposure,
        place=exif.place,
        software=plain(exif.software) or plain(_info(picture).get("software")),
        generator=generator,
        settings=settings,
        jpeg_quality=jpeg_quality(picture),
        **_from_xmp(picture.info.get("xmp")),
        thumbnail_differs=thumbnail_differs(picture, exif.thumbnail),  # last, for it decodes
    )


def _exif(picture: Image.Image) -> Exif:
    if picture.format == "TIFF":  # its directories may stand anywhere, often behind the pixels
        picture.fp.seek(0)
        return read_exif(picture.fp.read())
    block = picture.info.get("exif")
    return read_exif(block[:_EXIF_LIMIT]) if isinstance(block, bytes) else Exif()


def _info(picture: Image.Image) -> dict[str, str]:
    """Text chunks of a PNG, and comments of other formats, by key in small letters."""
    found = {}
    for key, value in picture.info.items():
        if isinstance(value, bytes) and key == "comment":
            value = value[:MAX_FIELD].decode("utf-8", "replace")
        if isinstance(key, str) and isinstance(value, str):
            found[key.lower()] = str(value[:MAX_FIELD])
    return found


def _generator(picture: Image.Image, exif: Exif) -> tuple[str, str]:
    """Which image generator left its settings in the file, and how they begin."""
    texts = _info(picture)
    for key in ("make", "model", "software", "comment", "description"):
        texts[key] = getattr(exif, key) or texts.get(key, "")
    for name, keys, look in _SETTINGS:
        for key, text in texts.items():
            if re.fullmatch(keys, key) and re.search(look, text[:MAX_FIELD]):
                return name, plain(text)
    return "", ""


def _date(text: str) -> str:
    """EXIF's "2024:05:01 12:00:00" as "2024-05-01 12:00"; "" when it is no date."""
    found = re.match(r"(\d{4})[:-](\d\d)[:-](\d\d)[ T](\d\d):(\d\d)", text)
    if not found or found[1] == "0000":
        return ""
    return "{}-{}-{} {}:{}".format(*found.groups())


def _from_xmp(xmp: object) -> dict[str, str]:
    """The program that wrote the XMP, and the host that keeps a C2PA record, if it says so."""
    root = provenance.parse_xmp(xmp) if isinstance(xmp, bytes | str) else None
    if root is None:
        return {}
    kept = provenance.find_property(root, _DCTERMS, "provenance") or ""
    host = re.match(r"https?://(?:[^/?#@]*@)?([^/?#@:]+)", kept)
    tool = provenance.find_property(root, _XMP, "CreatorTool")
    return {"tool": plain(tool), "remote": plain(host[1]) if host else ""}


# -- videos --------------------------------------------------------------------------
def _container(content: bytes) -> str:
    """The name of a container that is neither a picture's nor an MP4's, by its first bytes."""
    if content.startswith(b"RIFF") and content[8:12] == b"AVI ":
        return "AVI"
    return "Matroska or WebM" if content.startswith(b"\x1a\x45\xdf\xa3") else "unknown"


def _movie(facts: FileFacts, content: bytes) -> FileFacts:
    """What the boxes of an MP4 or MOV tell; its frames are not decoded."""
    kind = "MOV" if content[8:12] == b"qt  " else "MP4"
    file = io.BytesIO(content)
    info = read_movie_info(file)
    width, height = info.size or (None, None)
    return replace(
        facts,
        container=kind,
        width=width,
        height=height,
        make=plain(info.make),
        camera=plain(info.model),
        taken=_date(info.taken),
        place=info.place,
        software=plain(info.software),
        **_from_xmp(read_xmp(file, provenance.MAX_XMP)),
    )
