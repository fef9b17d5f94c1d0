"""Plain text and Markdown: the file as it is, so that a quote is found in it; only a byte order mark goes.

Accents that stand beside their letters are put on them in `rag.load`, for every kind of file.
"""

from __future__ import annotations

import re

from rag.layout import Paragraph, front_matter, is_title, paragraphs
from rag.load.dates import stated_date
from rag.load.encoding import decode
from rag.load.parsed import Parsed, Source

SUFFIXES = (".txt", ".text", ".md", ".markdown")

_FIELD = r"^{name}[ \t]*:[ \t]*[\"']?(?P<value>[^\n\"']+?)[\"']?[ \t\r]*$"
_TITLE = re.compile(_FIELD.format(name="title"), re.MULTILINE | re.IGNORECASE)
_AUTHOR = re.compile(_FIELD.format(name="author"), re.MULTILINE | re.IGNORECASE)
_MARKUP = re.compile(r"[*_`]+|\s+#+$")
_TOP = 20_000
"""Characters in which a title may stand."""


def read(source: Source) -> Parsed:
    """Decode a text; title, date and author are taken from its front matter or its first lines."""
    text = decode(source.data, source.name)
    head = front_matter(text)
    fields = head.of(text) if head else ""
    author = _AUTHOR.search(fields)
    return Parsed(
        text=text,
        title=_title(text, fields),
        media_type="text/markdown" if source.name.lower().endswith((".md", ".markdown")) else "text/plain",
        published_at=stated_date(fields) or stated_date(text[head.end :] if head else text),
        author=author["value"].strip() if author else None,
    )


def _title(text: str, fields: str) -> str:
    if match := _TITLE.search(fields):
        return match["value"].strip()
    found = paragraphs(text[:_TOP])[:5]
    marked = next((p for p in found if p.kind == "heading" and text[: p.start].rstrip(" ").endswith("#")), None)
    first = marked or (found[0] if found and found[0].kind in {"heading", "text"} else None)
    if first is None:
        return ""
    line = _line(text, first)
    return line if marked or is_title(line) else ""


def _line(text: str, paragraph: Paragraph) -> str:
    return _MARKUP.sub("", text[paragraph.start : paragraph.end]).strip()
