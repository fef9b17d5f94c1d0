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
_SUMMARY = "\x05SummaryInformation"
_NARROW, _WIDE = 30, 31
"""Kinds of values: text in the code page of the file, text in UTF-16."""
_FACTS = 100
"""Facts that are looked at; Word writes 20."""
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
            title, author = _facts(ole)
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


def _facts(ole: Any) -> tuple[str, str]:
    """Return title and author (MS-OLEPS); olefile's own reading of them goes on for ever in a damaged file."""
    if not ole.exists(_SUMMARY):
        return "", ""
    data = ole.openstream(_SUMMARY).read()
    start = _number(data, 44)
    listed = range(start + 8, start + 8 + 8 * min(_number(data, start + 4), _FACTS), 8)
    places = {_number(data, at): start + _number(data, at + 4) for at in listed}
    page = _number(data, places[1] + 4, 2) if 1 in places else 0
    codec = {65001: "utf-8", 1200: "utf-16-le"}.get(page, f"cp{page}")
    title, author = (_fact(data, places[which], codec) if which in places else "" for which in (2, 4))
    return title, author


def _fact(data: bytes, at: int, codec: str) -> str:
    kind, length = _number(data, at), _number(data, at + 4)
    if kind not in {_NARROW, _WIDE}:
        return ""
    value = data[at + 8 : at + 8 + length * (2 if kind == _WIDE else 1)]
    try:
        text = value.decode("utf-16-le" if kind == _WIDE else codec, "replace")
    except LookupError:
        text = value.decode("cp1252", "replace")
    return flat(text.partition("\0")[0])


def _number(data: bytes, at: int, size: int = 4) -> int:
    return int.from_bytes(data[at : at + size], "little")


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
