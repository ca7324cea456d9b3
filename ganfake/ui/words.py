"""The page in another language: one table of sentences, keyed by the English text.

The keys and values of assets/zh/*.json are whole sentences with placeholders, which stand for
what varies: {n}, {n2}... for numbers, {t}, {t2}... for words that are translated in their turn,
any other name ({file}, {model}) for what stays as it is. assets/words.js does the same in the
browser; tests hold the two together.
"""

import json
import re
from functools import cache

from ganfake.ui.theme import ASSETS, asset

LANGUAGES = {"en": "en", "zh": "zh-CN"}  # as the page calls them: as HTML does
_PLACEHOLDER = re.compile(r"\{([a-z]+\d*)\}")
_NUMBER = r"([-+−]?\d[\d.,]*)"
_SPACE = re.compile(r"\s+")
_LETTER = re.compile(r"[A-Za-z]")
_DEEPEST = 4  # a translated part within a part...
_MOST_PIECES = 12  # sentences in a row; longer texts are no row of known ones


def read_language(given: object) -> str:
    """The language that a visitor's browser names; English for anything unknown."""
    return given if isinstance(given, str) and given in LANGUAGES else "en"


@cache
def table() -> dict[str, str]:
    """English to Chinese, all files together; the labels first, which the browser turns back."""
    rows: dict[str, str] = {}
    files = (ASSETS / "zh").glob("*.json")
    for path in sorted(files, key=lambda path: (path.stem != "labels", path.stem)):
        rows.update(json.loads(path.read_text(encoding="utf-8")))
    return rows


def translate(text: str, lang: str) -> str:
    """`text` in the language `lang` ("zh"); as it is where the table does not know it.

    A whole text of the table comes first, then a row of sentences of the table, then one that
    fits a row with placeholders. What is around the text, spaces for instance, stays.
    """
    plain = _SPACE.sub(" ", text).strip()
    if lang != "zh" or not _LETTER.search(plain):
        return text
    found = _whole(plain, 0)
    if found is None:
        return text
    start = len(text) - len(text.lstrip())
    end = len(text.rstrip())
    return text[:start] + found + text[end:]


@cache
def _patterns() -> list[tuple[re.Pattern, list[str], str]]:
    """Rows with placeholders: (pattern, names, value); those that say most come first."""
    rows = [(key, value) for key, value in table().items() if _PLACEHOLDER.search(key)]
    rows.sort(key=lambda row: (-len(_PLACEHOLDER.sub("", row[0])), row[0]))
    return [(_compiled(key), _PLACEHOLDER.findall(key), value) for key, value in rows]


def _compiled(key: str) -> re.Pattern:
    parts = _PLACEHOLDER.split(key)
    for at, part in enumerate(parts):
        if at % 2:
            parts[at] = _NUMBER if re.fullmatch(r"n\d*", part) else "(.+?)"
        else:
            parts[at] = re.escape(part)
    return re.compile("".join(parts), re.DOTALL | re.ASCII)


def _whole(text: str, depth: int) -> str | None:
    """A text of the table, or a row or a list of such; None for anything else."""
    if text in table():
        return table()[text]
    cuts = [at + 1 for at in range(len(text) - 1) if text[at] in ".!?" and text[at + 1] == " "]
    if len(cuts) >= _MOST_PIECES:
        return _fitting(text, depth)
    found = _row(text, [0, *cuts, len(text)], depth)
    return _listed(text, depth) if found is None else found


def _listed(text: str, depth: int) -> str | None:
    """Parts in a list, all of them known: "a; b, c"."""
    for mark, sign in (("; ", "；"), (", ", "、")):
        if mark in text and text.count(mark) < _MOST_PIECES and depth < _DEEPEST:
            parts = [_whole(one, depth + 1) for one in text.split(mark)]
            return None if None in parts else sign.join(filter(None, parts))
    return None


def _row(text: str, cuts: list[int], depth: int) -> str | None:
    """Sentences in a row from the first cut on, the shortest that are known first."""
    for end in range(1, len(cuts)):
        piece = text[cuts[0] : cuts[end]].strip()
        found = _sentence(piece, depth)
        if found is None:
            continue
        if end == len(cuts) - 1:
            return found
        rest = _row(text, cuts[end:], depth)
        if rest is not None:
            # A number before its words keeps its space; a Chinese full stop needs none.
            return f"{found} {rest}" if "!" <= found[-1:] <= "~" else found + rest
    return None


def _sentence(text: str, depth: int) -> str | None:
    if text in table():
        return table()[text]
    if not _LETTER.search(text):
        return text
    return _fitting(text, depth)


def _fitting(text: str, depth: int) -> str | None:
    """By the first row with placeholders that fits."""
    for pattern, names, value in _patterns():
        if match := pattern.fullmatch(text):
            parts = dict(zip(names, match.groups(), strict=True))
            return _PLACEHOLDER.sub(lambda hole: _part(hole[1], parts[hole[1]], depth), value)  # noqa: B023
    return None


def _part(name: str, text: str, depth: int) -> str:
    """What stands in a placeholder: words in the language, the rest as it is."""
    if not re.fullmatch(r"t\d*", name) or depth >= _DEEPEST:
        return text
    found = _whole(text, depth + 1)
    return text if found is None else found


def script() -> str:
    """assets/words.js with the table, as one inline script for the head of the page."""
    rows = json.dumps(table(), ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")
    return asset("words.js").replace("TABLE", rows, 1)
