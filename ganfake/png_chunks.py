"""Chunks of PNG files, in the order in which Pillow reads them without decoding pixels."""

_START = b"\x89PNG\r\n\x1a\n"
_TEXTS = (b"tEXt", b"zTXt", b"iTXt", b"eXIf")
_FRAME = 12  # bytes around a chunk's content: length, name, checksum
_MOST = 200_000  # chunks that are walked


def text_first(content: bytes) -> bytes:
    """A PNG file with the texts that stand behind its pixels before them; others as they are.

    The format allows both places, and some programs write their metadata at the end.
    """
    if not content.startswith(_START):
        return content
    at, pixels, late = len(_START), None, []
    for _ in range(_MOST):
        end = at + _FRAME + int.from_bytes(content[at : at + 4], "big")
        name = content[at + 4 : at + 8]
        if end > len(content) or name == b"IEND":
            break
        if name == b"IDAT" and pixels is None:
            pixels = at
        elif name in _TEXTS and pixels is not None:
            late.append((at, end))
        at = end
    if not late:
        return content
    parts, start = [content[:pixels], *(content[a:b] for a, b in late)], pixels
    for first, last in late:
        parts.append(content[start:first])
        start = last
    return b"".join([*parts, content[start:]])
