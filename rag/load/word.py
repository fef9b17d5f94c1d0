"""Word documents of before 2007 (.doc): the text by the piece table of MS-DOC, with olefile.

Formatting is not read, so headings are told by their look, as in a plain text.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from typing import Any

from rag.errors import DocumentError
from rag.load.dates import stated_date
from rag.load.draft import Draft, flat
from rag.load.parsed import Parsed, Source
from rag.load.rtf import read as read_rtf

SUFFIXES = (".doc", ".dot")
_ENCRYPTED, _TABLE_1 = 0x0100, 0x0200
_FIELD = re.compile(r"\x13[^\x13\x14\x15]*(?:\x14([^\x13\x14\x15]*))?\x15")
_SIGNS = str.maketrans({"\r": "\n", "\x0b": "\n", "\x0c": "\n\n", "\x1e": "-", "\x1f": ""})
"""Ends of paragraphs, lines and pages; hyphens that don't break, and that only show where a word does."""
_CONTROL = re.compile(r"[\x00-\x06\x08\x0e-\x1f]")


def read(source: Source) -> Parsed:
    """Extract the text of an old Word document.

    Raises:
        DocumentError: it is no Word document, damaged, encrypted or without text.
    """
    import olefile

    if source.data.lstrip().startswith(b"{\\rtf"):
        return read_rtf(source)
    try:
        with olefile.OleFileIO(io.BytesIO(source.data)) as ole:
            text = _text(ole, source.name)
            facts = ole.get_metadata()
            title, author = (_fact(value) for value in (facts.title, facts.author))
    except (OSError, ValueError, IndexError, TypeError, AttributeError, KeyError) as error:
        raise DocumentError(f"{source.name}: is no Word document or is damaged; save it as .docx.") from error
    draft = Draft()
    for line in text.split("\n"):
        cells = line.split("\x07")
        if len(cells) > 1:
            for row in _rows(cells):
                draft.row(row)
        else:
            draft.paragraph(line)
    if not draft.length:
        raise DocumentError(f"{source.name}: has no text.")
    whole = draft.text()
    return Parsed(whole, title, "application/msword", stated_date(whole), author or None)


def _fact(value: Any) -> str:
    return flat(value.decode("utf-8", "replace").replace("\x00", "")) if isinstance(value, bytes) else ""


def _text(ole: Any, name: str) -> str:
    data = ole.openstream("WordDocument").read()
    flags = int.from_bytes(data[0x0A:0x0C], "little")
    if flags & _ENCRYPTED:
        raise DocumentError(f"{name}: is encrypted with a password; save a copy without one.")
    table = ole.openstream("1Table" if flags & _TABLE_1 else "0Table").read()
    start, length = (int.from_bytes(data[at : at + 4], "little") for at in (0x01A2, 0x01A6))
    pieces = _piece_table(table[start : start + length])
    text = "".join(_pieces(data, pieces))
    previous = ""
    while previous != text:  # fields stand within fields
        previous, text = text, _FIELD.sub(lambda match: match.group(1) or "", text)
    return _CONTROL.sub("", text.translate(_SIGNS))


def _piece_table(clx: bytes) -> bytes:
    """Return the table of pieces behind the properties that come before it in a Clx."""
    at = 0
    while at < len(clx) and clx[at] == 1:
        at += 3 + int.from_bytes(clx[at + 1 : at + 3], "little")
    if at >= len(clx) or clx[at] != 2:
        raise ValueError("no piece table")
    return clx[at + 5 : at + 5 + int.from_bytes(clx[at + 1 : at + 5], "little")]


def _pieces(data: bytes, table: bytes) -> Iterator[str]:
    count = (len(table) - 4) // 12
    ends = [int.from_bytes(table[4 * i : 4 * i + 4], "little") for i in range(count + 1)]
    for index in range(count):
        at = 4 * (count + 1) + 8 * index + 2
        place = int.from_bytes(table[at : at + 4], "little")
        characters = max(0, ends[index + 1] - ends[index])
        if place & 0x40000000:  # one byte a character
            first = (place & 0x3FFFFFFF) // 2
            yield data[first : first + characters].decode("cp1252", "replace")
        else:
            yield data[place : place + 2 * characters].decode("utf-16-le", "replace")


def _rows(cells: list[str]) -> Iterator[list[str]]:
    """Yield the rows of a table: an empty cell ends each."""
    row: list[str] = []
    for cell in cells:
        if cell.strip():
            row.append(cell)
        elif row:
            yield row
            row = []
    if row:
        yield row
