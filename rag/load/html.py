"""Web pages: the main text by trafilatura; where it finds none, or a page is out of all measure, the visible text.

The extracted text marks headings as Markdown does ("## "), sets an empty line between paragraphs and " | " between the
cells of a table row, so that the stages behind see the same structure as in a text file.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from typing import Any

from rag.errors import DocumentError
from rag.load.encoding import decode
from rag.load.parsed import Parsed, Source
from rag.load.visible import visible_text

SUFFIXES = (".html", ".htm", ".xhtml")
TAGS = 50_000
"""Tags: trafilatura takes about 0.1 ms for one, so a page of more would hold up an ingestion for many seconds."""
SHORT = 250
"""Characters: of less main text the extractor itself is not sure."""
ATTRIBUTES = 500
"""libxml2 takes quadratic time in the attributes of one tag."""

_log = logging.getLogger(__name__)
_CHARSET = re.compile(rb"<(?:meta|\?xml)[^>]{0,200}?(?:charset|encoding)\s*=\s*[\"']?\s*([A-Za-z0-9_.:-]{2,40})", re.I)
_TITLE = re.compile(r"<title[^>]{0,500}>([^<]{1,500})</title", re.IGNORECASE)
LINKED = 0.08
"""Share of a page's text in links from which it is a page among others, with menus and teasers. Of 181 news pages none
of which only paragraphs are found has less than .09."""
_SPACE = re.compile(r"\s+")
_MENU = re.compile(r"<nav\b", re.IGNORECASE), re.compile(r"</nav\s*>", re.IGNORECASE)
_LINK = re.compile(r"<a\b", re.IGNORECASE), re.compile(r"</a\s*>", re.IGNORECASE)
_SCRIPT = re.compile(r"<script\b", re.IGNORECASE), re.compile(r"</script\s*>", re.IGNORECASE)
_QUOTED = re.compile(r"\"[^\"]*\"|'[^']*'")
_BLOCKS = {"p", "head", "item", "quote", "row", "code", "fw", "ab"}
_LEVELS = {"h1": 1, "h2": 2, "h3": 3, "h4": 4, "h5": 5, "h6": 6}


def read(source: Source) -> Parsed:
    """Extract the main text of a page with its title, date and author.

    Raises:
        DocumentError: the bytes are no text, or the page has none.
    """
    declared = _CHARSET.search(source.data[:4096])
    page = decode(source.data, source.name, declared.group(1).decode("ascii") if declared else None)
    found = _extract(page) if _is_ordinary(page) else None
    text = _render(found.body) if found is not None else ""
    if len(text) < SHORT or _is_bare(found):
        whole = visible_text(_without(page, _MENU))
        # On a small or plain page there is little to leave out, and the extractor's last resort loses its structure.
        plain = len(text) < SHORT or _linked(page) < LINKED * len(whole)
        text = whole if not text or (plain and len(whole) < 4 * len(text)) else text
    if not text:
        raise DocumentError(f"{source.name}: has no text.")
    return Parsed(
        text=text,
        title=_title(page, found),
        media_type="text/html",
        published_at=(found.date or None) if found is not None else None,
        author=(found.author or None) if found is not None else None,
    )


def _is_bare(found: Any) -> bool:
    """Say whether only paragraphs were found: the extractor's last resort, which drops headings and lists."""
    kinds = {element.tag for element in found.body.iter()} if found is not None and found.body is not None else set()
    return not kinds & {"head", "list", "item"}


def _linked(page: str) -> int:
    """Return the characters of a page's text that are links."""
    return sum(len(visible_text(page[start:end])) for start, end in _elements(page, _LINK))


def _is_ordinary(page: str) -> bool:
    if page.count("<") > TAGS:
        return False
    # What stands between quotes is one value, however long: pages keep their whole data in one.
    bare = (_QUOTED.sub('""', tag) for tag in _tags(_without(page, _SCRIPT)))
    return all(tag.count("=") <= ATTRIBUTES and tag.count(" ") <= 20_000 for tag in bare)


def _without(page: str, kind: tuple[re.Pattern[str], re.Pattern[str]]) -> str:
    """Return a page without the elements of a kind: scripts, in which "<" is less than, or menus."""
    parts, position = [], 0
    for start, end in _elements(page, kind):
        parts.append(page[position:start])
        position = end
    return "".join([*parts, page[position:]])


def _elements(page: str, kind: tuple[re.Pattern[str], re.Pattern[str]]) -> Iterator[tuple[int, int]]:
    """Yield where elements begin and end, in one pass; one that is never closed is none."""
    first, last = kind
    position = 0
    while (opened := first.search(page, position)) and (closed := last.search(page, opened.end())):
        yield opened.start(), closed.end()
        position = closed.end()


def _tags(page: str) -> Iterator[str]:
    """Yield what stands between `<` and `>` where that is long enough to hold too many attributes."""
    position = page.find("<")
    while position >= 0:
        end = page.find(">", position)
        end = len(page) if end < 0 else end
        if end - position > ATTRIBUTES * 4:
            yield page[position:end]
        position = page.find("<", end)


def _extract(page: str) -> Any:
    """Return trafilatura's document, or None when it finds nothing or trips."""
    from trafilatura import bare_extraction

    try:
        return bare_extraction(
            page,
            with_metadata=True,
            include_comments=False,
            date_extraction_params={"original_date": True, "extensive_search": False},
        )
    except Exception:
        # Whatever a page makes it trip over, the visible text is still to be had.
        _log.warning("The main text of a page could not be told from the rest; all of it is read.", exc_info=True)
        return None


def _title(page: str, found: Any) -> str:
    title = found.title if found is not None else ""
    if not title and (match := _TITLE.search(page)):
        from html import unescape

        title = unescape(match.group(1))
    return _SPACE.sub(" ", title or "").strip()


def _render(body: Any) -> str:
    """Return the text of trafilatura's tree, one paragraph for each of its blocks."""
    if body is None:
        return ""
    parts: list[str] = []
    before = ""
    for element in _blocks(body):
        line = _block_text(element)
        if not line:
            continue
        if parts:
            parts.append("\n" if element.tag == before and element.tag in {"item", "row"} else "\n\n")
        parts.append(line)
        before = element.tag
    return "".join(parts)


def _blocks(body: Any) -> Iterator[Any]:
    """Yield the outermost elements that make a paragraph; anything else is looked into, without recursion."""
    stack = [body]
    while stack:
        element = stack.pop()
        if _has_blocks(element):
            stack.extend(reversed(element))
        else:
            yield element


def _has_blocks(element: Any) -> bool:
    return element.tag != "row" and any(child.tag in _BLOCKS or child.tag in {"list", "table"} for child in element)


def _block_text(element: Any) -> str:
    if element.tag == "row":
        cells = [_flat(cell) for cell in element]
        return " | ".join(cells) if any(cells) else ""
    text = _flat(element)
    if text and element.tag == "head":
        return "#" * _LEVELS.get(element.get("rend") or "", 2) + " " + text
    return f"- {text}" if text and element.tag == "item" else text


def _flat(element: Any) -> str:
    return _SPACE.sub(" ", "".join(_pieces(element))).strip()


def _pieces(element: Any) -> Iterator[str]:
    for event, node in _walk(element):
        if event == "start":
            yield " " if node.tag == "lb" else node.text or ""
        elif node is not element:
            yield node.tail or ""


def _walk(element: Any) -> Iterator[tuple[str, Any]]:
    from lxml import etree

    yield from etree.iterwalk(element, events=("start", "end"))
