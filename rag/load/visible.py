"""The visible text of a page, whatever its state: one pass over the characters, no tree, no recursion."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape

_BLOCK = re.compile(
    "p|div|br|li|ul|ol|tr|table|section|article|header|footer|nav|aside|main|blockquote|pre|figure|figcaption|form|dl|dt"
    "|dd|hr|option|body"
)
_CELL = re.compile("td|th")
_EDGE = "\x1f"
"""Stands between the cells of a row until the row is complete; it is in no text."""
_LONGEST_CELL = 200
"""Characters: pages that are laid out in tables have whole texts in a cell, tables of facts don't."""
_HEADING = re.compile(r"h[1-6]")
_HIDDEN = re.compile("script|style|title|noscript|template|svg|head|iframe|textarea|select|canvas")
_NAME = re.compile(r"/?([A-Za-z][A-Za-z0-9]*)")
_SPACE = re.compile(r"\s+")


def visible_text(page: str) -> str:
    """Return what a reader would see of a page, a paragraph for each block; scripts and styles are never in it."""
    parts: list[str] = []
    run: list[str] = []
    for piece in _pieces(page):
        if piece.startswith("\n"):
            _flush(run, parts)
            run = [piece[1:]] if piece[1:] else []
        else:
            run.append(piece)
    _flush(run, parts)
    return "\n\n".join(parts)


def _flush(run: list[str], parts: list[str]) -> None:
    cells = [_SPACE.sub(" ", unescape(cell)).strip() for cell in "".join(run).split(_EDGE)]
    filled = [cell for cell in cells if cell.strip("#- ")]
    if len(filled) > 1 and max(map(len, filled)) <= _LONGEST_CELL:
        parts.append("| " + " | ".join(cells[0:] if cells[0] else cells[1:]) + " |")
    else:
        parts += filled


def _pieces(page: str) -> Iterator[str]:
    """Yield text as it stands, and "\\n" for the edge of a block (with "# " behind it where a heading starts)."""
    position, length = 0, len(page)
    while position < length:
        start = page.find("<", position)
        if start < 0:
            start = length
        if start > position:
            yield page[position:start].replace(_EDGE, " ")
        if start == length:
            return
        edge, position = _tag(page, start)
        if edge is not None:
            yield edge


def _tag(page: str, start: int) -> tuple[str | None, int]:
    """Return what the tag at `start` does to the text (None: nothing) and where the text goes on behind it."""
    if page.startswith("<!--", start):
        end = page.find("-->", start + 4)
        return None, len(page) if end < 0 else end + 3
    match = _NAME.match(page, start + 1)
    if match is None and not page.startswith(("<!", "<?"), start):
        return "<", start + 1
    end = page.find(">", start)
    if end < 0:
        return None, len(page)
    name = match.group(1).lower() if match else ""
    closing = page.startswith("</", start)
    if _HIDDEN.fullmatch(name) and not closing and page[end - 1] != "/":
        return "\n", _behind(page, name, end + 1)
    if _HEADING.fullmatch(name):
        return "\n" if closing else "\n" + "#" * int(name[1]) + " ", end + 1
    if name == "li" and not closing:
        return "\n- ", end + 1
    if _CELL.fullmatch(name):
        return None if closing else _EDGE, end + 1
    return ("\n" if _BLOCK.fullmatch(name) else None), end + 1


def _behind(page: str, name: str, position: int) -> int:
    """Return where a hidden element ends; one that is never closed hides nothing but itself, save script and style."""
    closing = re.compile(rf"</{name}\s*>", re.IGNORECASE).search(page, position)
    if closing:
        return closing.end()
    return len(page) if name in {"script", "style"} else position
