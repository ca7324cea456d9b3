"""A finished page or plot in another language: its texts and the attributes that are read out."""

from html import escape, unescape
from html.parser import HTMLParser

from ganfake.ui.words import LANGUAGES, translate

ATTRIBUTES = ("alt", "title", "aria-label", "aria-valuetext", "placeholder")
_KEPT = {"script", "style", "code", "pre", "kbd", "textarea"}  # their texts stay as they are


def translate_html(html: str, lang: str) -> str:
    """HTML or SVG with its texts in the language `lang`; all else is byte by byte the same."""
    if lang == "en":
        return html
    reader = _Reader(lang)
    reader.feed(html)
    reader.close()
    reader.flush()
    return "".join(reader.parts)


class _Reader(HTMLParser):
    def __init__(self, lang: str):
        super().__init__(convert_charrefs=False)
        self.lang = lang
        self.parts: list[str] = []
        self._run: list[str] = []  # a text, in pieces between which a reference may stand
        self._open: list[str] = []  # elements whose texts stay

    def flush(self) -> None:
        """What was read as one text goes out."""
        raw = "".join(self._run)
        self._run.clear()
        if self._open:
            self.parts.append(raw)
            return
        text = unescape(raw)
        found = translate(text, self.lang)
        self.parts.append(raw if found == text else escape(found, quote=False))

    def handle_starttag(self, tag: str, attrs: list) -> None:
        self._start(attrs)
        kept = tag in _KEPT or any(name == "data-verbatim" for name, _ in attrs)
        if kept or self._open[-1:] == [tag]:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list) -> None:
        self._start(attrs)

    def _start(self, attrs: list) -> None:
        self.flush()
        raw = self.get_starttag_text() or ""
        if raw.startswith("<html"):
            raw = raw.replace('lang="en"', f'lang="{LANGUAGES[self.lang]}"')
        for name, value in attrs:
            if name not in ATTRIBUTES or not value or self._open:
                continue
            found = translate(value, self.lang)
            if found != value:
                for quote in ('"', "'"):
                    for old in (escape(value), escape(value, quote=False), value):
                        raw = raw.replace(
                            f" {name}={quote}{old}{quote}", f' {name}="{escape(found)}"', 1
                        )
        self.parts.append(raw)

    def handle_endtag(self, tag: str) -> None:
        self.flush()
        if self._open and self._open[-1] == tag:
            self._open.pop()
        self.parts.append(f"</{tag}>")

    def handle_data(self, data: str) -> None:
        self._run.append(data)

    def handle_entityref(self, name: str) -> None:
        self._run.append(f"&{name};")

    def handle_charref(self, name: str) -> None:
        self._run.append(f"&#{name};")

    def handle_comment(self, data: str) -> None:
        self.flush()
        self.parts.append(f"<!--{data}-->")

    def handle_decl(self, decl: str) -> None:
        self.flush()
        self.parts.append(f"<!{decl}>")
