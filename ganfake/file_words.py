"""What a file says of itself, in words: each fact with what it means and where it ends."""

import math
from collections.abc import Iterator

AI_TYPES = ("trainedAlgorithmicMedia", "compositeWithTrainedAlgorithmicMedia")
SOURCE_TYPES = {
    "trainedAlgorithmicMedia": "made by a trained model, that is by AI",
    "compositeWithTrainedAlgorithmicMedia": "put together or edited with the help of AI",
    "algorithmicMedia": "made by a program, though not by a trained one",
    "algorithmicallyEnhanced": "improved by a program",
    "digitalCapture": "taken by a digital camera",
    "computationalCapture": "taken by a camera that computes one picture from many",
    "negativeFilm": "scanned from a negative",
    "positiveFilm": "scanned from a slide",
    "print": "scanned from a print",
    "humanEdits": "edited by a person",
    "minorHumanEdits": "edited a little by a person",
    "compositeCapture": "put together from several photographs",
    "composite": "put together from several parts",
    "compositeSynthetic": "put together from parts of which one at least is synthetic",
    "digitalCreation": "drawn by a person on a computer",
    "digitalArt": "drawn by a person on a computer",
    "dataDrivenMedia": "drawn from data",
    "virtualRecording": "recorded from a virtual scene",
    "screenCapture": "captured from a screen",
}
_RAISED = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
_VIDEOS = ("MP4", "MOV", "AVI", "Matroska or WebM")
_UNREAD = ("AVI", "Matroska or WebM", "unknown")  # containers in which nobody looked for such data
_ACTIONS = {
    "c2pa.created": "created", "c2pa.opened": "opened", "c2pa.placed": "another picture placed",
    "c2pa.edited": "edited", "c2pa.cropped": "cropped", "c2pa.resized": "resized",
    "c2pa.color_adjustments": "colours changed", "c2pa.filtered": "filtered",
    "c2pa.drawing": "drawn on", "c2pa.converted": "converted", "c2pa.published": "published",
    "c2pa.transcoded": "saved in another format", "c2pa.redacted": "parts of the record removed",
    "c2pa.removed": "something removed", "c2pa.orientation": "turned",
    "c2pa.repackaged": "repackaged", "c2pa.unknown": "something unknown",
}  # fmt: skip
_SIGNED = {
    "intact": "The signature is intact and the file is as it was signed, but we cannot say who"
    " stands behind it: anyone can make a certificate, and this program has no list of trusted"
    " signers.",
    "changed": "The file was changed after it was signed, so what the record says no longer"
    " holds for it.",
    "broken": "The record or its signature does not hold together, so it proves nothing.",
}


def lines(facts) -> list[tuple[str, str]]:
    """(short label, sentences) for each thing that a FileFacts holds."""
    parts = (
        _file,
        _ours,
        _hidden,
        _source,
        _credentials,
        _settings,
        _camera,
        _software,
        _saving,
        _thumbnail,
    )
    found = [line for part in parts for line in part(facts)]
    return found + list(_nothing(facts))


def _file(facts) -> Iterator[tuple[str, str]]:
    size = f"{facts.width} × {facts.height} pixels, " if facts.width else ""
    kind = f"{facts.container}, " if facts.container != "unknown" else ""
    yield "File", f"{kind}{size}{facts.size:,} bytes."


def _ours(facts) -> Iterator[tuple[str, str]]:
    if facts.model:
        seed = f" with seed {facts.seed}" if facts.seed is not None else ""
        seed += " and further settings" if seed and facts.further else ""
        swapped = facts.model == "swap"
        what = "one in which it swapped a face" if swapped else f"made by its model {facts.model}"
        yield (
            "Our mark",
            f"This program marked it as {what}{seed}. Anyone can write or remove such a mark.",
        )
    if facts.person:
        yield "Who it became", f"The mark says that the face was turned into {facts.person}."
    if facts.put_on:
        yield "Who it became", f"The mark says that a made face was put on: {facts.put_on}."
    if facts.before:
        yield (
            "Before the swap",
            f"The mark says that the picture before it was itself made by AI: {facts.before}.",
        )


def _hidden(facts) -> Iterator[tuple[str, str]]:
    if facts.pixel_mark and facts.pixel_mark.found:
        tenfold = min(30, int(-math.log10(max(facts.pixel_mark.false_alarm, 1e-300))))
        yield (
            "Mark in the pixels",
            "It carries the hidden mark that this program puts into the pixels when it swaps a"
            " face. The mark survives saving and resizing, but not cropping, and is in a picture"
            f" by chance less than once in 10{str(tenfold).translate(_RAISED)}. Anyone with this"
            " program can write it or remove it.",
        )


def _source(facts) -> Iterator[tuple[str, str]]:
    if facts.source_type and not facts.model:
        words = SOURCE_TYPES.get(facts.source_type, f"of the kind “{facts.source_type}”")
        reason = "; few do so without reason." if facts.source_type in AI_TYPES else "."
        yield (
            "Origin (IPTC)",
            f"The file says that it was {words}. Anyone can write or remove this{reason}",
        )


def _credentials(facts) -> Iterator[tuple[str, str]]:
    found, label = facts.credentials, "Content credentials (C2PA)"
    if found is None and facts.remote:
        yield (
            label,
            f"The file says that its signed record is kept at {facts.remote}. It was not fetched:"
            " this program asks no other host.",
        )
    if found is None:
        return
    if found.state == "unreadable":
        yield label, "There is a signed record, but it is damaged and cannot be read."
        return
    by = f"The certificate names {found.signer}. " if found.signer else ""
    when = f"It is time-stamped {found.signed}. " if found.signed else ""
    yield label, f"{_SIGNED[found.state]} {by}{when}Anyone can remove such a record.".strip()
    if found.false_parts:
        yield (
            label,
            "A picture that it was made from does not fit its own record, so what that record says"
            " does not count.",
        )
    said = [f"written by {found.maker}"] if found.maker else []
    if found.actions:
        said.append("steps: " + ", ".join(_ACTIONS.get(a, a) for a in found.actions))
    said += [SOURCE_TYPES.get(t, f"of the kind “{t}”") for t in found.source_types]
    if said:
        text = "; ".join(said)
        yield "What they say", f"{text[0].upper()}{text[1:]}."


def _settings(facts) -> Iterator[tuple[str, str]]:
    if facts.generator:
        yield (
            "Image generator",
            f"It carries the settings of an image generator ({facts.generator}), beginning"
            f" “{facts.settings}”. Such text can be copied into any picture, but seldom is.",
        )


def _camera(facts) -> Iterator[tuple[str, str]]:
    known = facts.camera.lower().startswith(facts.make.lower())  # many models name the maker
    name = facts.camera if known else " ".join(filter(None, (facts.make, facts.camera)))
    said = [f"taken with {name}"] if name else []
    said += [f"on {facts.taken}"] if facts.taken else []
    said += ["with its exposure noted"] if facts.exposure else []
    if said:
        text = " ".join(said)
        text = text if name else f"taken {text}"
        video = facts.container in _VIDEOS
        yield (
            "Camera" if video else "Camera (EXIF)",
            f"It says it was {text}. Cameras write this, editing often keeps it, and anyone can"
            f" write it into any {'video' if video else 'picture'}.",
        )
    if facts.place:
        label = "Place" if facts.container in _VIDEOS else "Place (EXIF)"
        yield label, "It says where it was taken. This is not shown here."


def _software(facts) -> Iterator[tuple[str, str]]:
    names = list(dict.fromkeys(filter(None, (facts.software, facts.tool))))
    if names:
        yield (
            "Software",
            f"It names {' and '.join(names)}. Cameras, phones and editors all write this; it does"
            " not tell what was changed.",
        )


def _saving(facts) -> Iterator[tuple[str, str]]:
    if facts.jpeg_quality is not None:
        quality = facts.jpeg_quality
        how = "hardly" if quality >= 95 else "lightly" if quality >= 85 else (
            "clearly" if quality >= 65 else "strongly"
        )  # fmt: skip
        yield (
            "Last saving",
            f"It was last saved as a JPEG of a quality of about {quality:.0f} of 100, so it is"
            f" {how} compressed. The harder the compression, the fewer traces are left.",
        )


def _thumbnail(facts) -> Iterator[tuple[str, str]]:
    if facts.thumbnail_differs:
        yield (
            "Thumbnail",
            "The small preview inside the file shows something else than the picture: it was"
            " probably edited after the preview was made. That can be a harmless crop.",
        )


def _nothing(facts) -> Iterator[tuple[str, str]]:
    missing = []
    found = facts.credentials
    signed = found and (found.source_types or found.false_parts)  # these may have named AI
    hidden = facts.pixel_mark and facts.pixel_mark.found
    read = facts.container not in _UNREAD
    marked = facts.source_type or facts.model or facts.generator or signed or hidden
    if read and not marked:
        missing.append("no mark of AI")
    if facts.credentials is None and not facts.remote:
        missing.append("no content credentials")
    if read and not (facts.make or facts.camera or facts.taken or facts.exposure):
        missing.append("no camera data")
    if missing:
        words = " and ".join(filter(None, (", ".join(missing[:-1]), missing[-1])))
        most = "videos" if facts.container in _VIDEOS else "files" if not read else "pictures"
        yield (
            "Not there",
            f"{words[0].upper()}{words[1:]}. Most {most} on the web have lost theirs, so this"
            " proves nothing.",
        )
