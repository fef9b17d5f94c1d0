"""A table's row with the heads of its columns: "Week: 2; Theme: pottery; Price per child: £110".

"| 2 | pottery | £110 |" alone says nothing of a price, to a model or to whoever looks for its words. What is quoted
stays the row as it stands in the document.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import takewhile

MOST_ROWS = 300
"""Rows above one that are gone through for the heads of its columns."""
LEAST_COLUMNS = 3
"""Of a table that no line of dashes tells the heads of: of two columns the first row may be like any other."""
_CELLS = re.compile(r"[ \t]*\|[ \t]*")
_DASHES = re.compile(r"^[ \t]*\|?(?:[ \t]*:?-{2,}:?[ \t]*\|)+(?:[ \t]*:?-{2,}:?)?[ \t]*$")
_MARKS = re.compile(r"^[*_`#\s]+|[*_`\s]+$")


def in_full(text: str, start: int, end: int) -> str:
    """Return the row of a table that text[start:end] is, with the heads of its columns; "" where it is none."""
    line = text[text.rfind("\n", 0, start) + 1 : _line_end(text, end)]
    cells = _cells(line)
    if len(cells) < 2 or line.strip() != text[start:end].strip() or _DASHES.match(line):
        return ""
    above = list(_rows_above(text, start))[::-1]
    heads = _heads(above, cells)
    if not heads:
        return ""
    named = zip(heads, cells, strict=False)
    return "; ".join(f"{head}: {cell}" if head else cell for head, cell in named if cell)


def _line_end(text: str, at: int) -> int:
    found = text.find("\n", at)
    return len(text) if found < 0 else found


def _cells(line: str) -> list[str]:
    """Return the cells of a row without its outer bars and without marks of emphasis; [] for what has none."""
    if "|" not in line:
        return []
    bare = line.strip()
    bare = bare[1:] if bare.startswith("|") else bare
    bare = bare[:-1] if bare.endswith("|") else bare
    return [_MARKS.sub("", cell) for cell in _CELLS.split(bare.strip(" \t"))]


def _rows_above(text: str, start: int) -> Iterator[str]:
    """Yield the rows of the same table above a place, the nearest first; blank lines may stand between two."""
    at = text.rfind("\n", 0, start) + 1
    for _ in range(2 * MOST_ROWS):
        if at == 0:
            return
        begin = text.rfind("\n", 0, at - 1) + 1
        line = text[begin : at - 1]
        if line.strip() and "|" not in line:
            return
        if line.strip():
            yield line
        at = begin


def _heads(above: Sequence[str], cells: Sequence[str]) -> list[str]:
    """Return the head of each column of a row; [] where nothing tells it, or where the row is one of heads itself."""
    dashes = next((at for at, line in enumerate(above) if _DASHES.match(line)), None)
    if dashes is None:
        return _first_row(above, cells)
    rows = [_cells(line) for line in above[:dashes]]
    # A second row of heads, without a first cell: years under "Year ended", units under years.
    below = list(takewhile(lambda row: not row[0], (_cells(line) for line in above[dashes + 1 :])))
    if not cells[0] and len(below) == len(above) - dashes - 1:
        return []
    said = ([row[at] for row in (*rows, *below) if at < len(row) and row[at]] for at in range(len(cells)))
    return [" ".join(dict.fromkeys(heads)) for heads in said]


def _first_row(above: Sequence[str], cells: Sequence[str]) -> list[str]:
    """Return the first row of a table without a line of dashes if it has words alone where others have numbers."""
    first = _cells(above[0]) if above else []
    whole = len(first) >= LEAST_COLUMNS and len(first) == len(cells) and all(first)
    told = any(map(_has_digit, (*cells, *above[1:])))
    return first if whole and told and not any(map(_has_digit, first)) else []


def _has_digit(cell: str) -> bool:
    return any(character.isdigit() for character in cell)
