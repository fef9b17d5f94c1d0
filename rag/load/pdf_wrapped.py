"""Tables without lines whose cells wrap: rows told by the white space between them. A part of `rag.load.pdf`.

Only where it is plain: several rows, the same columns in each, more white space between rows than between the lines of
a cell, across all columns at once. Columns of prose have their paragraphs end at unlike heights.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from rag.load.pdf_bands import Band, of_bands, of_pieces, runs, shared
from rag.load.pdf_cells import Cell
from rag.load.pdf_lines import Piece

Row = Sequence[Piece]

_APART = (0.3, 0.6)
"""Em: white space that parts rows, where lines are set close together and where they are not."""
_FAR = 3.0
"""Em: more white space than that parts tables."""
_MORE = 0.25
"""Em: so much wider is the white space between rows than between lines."""
_ROWS = 3
_MOST = 150
"""Rows: each costs a look at all before it."""
_SAID = 25
"""Characters: a cell that says so much is rather part of a text if the next one begins in lower case."""
_LONG = 250
"""Characters: a cell that says more is rather a column of prose."""


def wrapped(found: Sequence[Row]) -> list[Row]:
    """Return the rows of a page, tables without lines whose cells wrap each as one piece."""
    for apart in _APART:
        found = _joined(found, apart)
    return list(found)


def _joined(found: Sequence[Row], apart: float) -> list[Row]:
    result: list[Row] = []
    for part in _parts(found, _FAR):
        chunks = _parts(part, apart)
        if not _ROWS <= len(chunks) < min(len(part), _MOST) or all(len(row) == 1 for row in part):
            result += part
            continue
        bands = [of_pieces([piece for row in chunk for piece in row]) for chunk in chunks]
        at = 0
        for run in runs(bands):
            first = next(number for number in range(at, len(bands) + 1) if not run or bands[number] is run[0])
            table = _table(run, chunks[first : first + len(run)]) if run else None
            if table:
                result += [row for chunk in chunks[at:first] for row in chunk] + [[table]]
                at = first + len(run)
        result += [row for chunk in chunks[at:] for row in chunk]
    return result


def parted(found: Sequence[Row]) -> Sequence[Sequence[Row]]:
    """Return lines of a table by its rows, as white space tells these; each by itself where it doesn't."""
    for apart in _APART:
        chunks = _parts(found, apart)
        if _ROWS <= len(chunks) < len(found) and _between(chunks) >= _within(chunks) + _MORE:
            return chunks
    return [[row] for row in found]


def _parts(found: Sequence[Row], apart: float) -> list[list[Row]]:
    """Return rows in parts between which there is white space of so many em."""
    parts: list[list[Row]] = []
    low, before = 0.0, False
    for row in found:
        is_table = any(piece.table for piece in row)
        gap = low - max(piece.top for piece in row)
        if not parts or is_table or before or gap > apart * max(piece.size for piece in row):
            parts.append([])
            low = min(piece.bottom for piece in row)
        parts[-1].append(row)
        low, before = min(low, *(piece.bottom for piece in row)), is_table
    return parts


def _table(run: Sequence[Band], chunks: Sequence[Sequence[Row]]) -> Piece | None:
    """Return rows as a table, or None where they might be something else."""
    several = [one for one in run if one.may_be_row]
    across = shared(several)
    rows = [one.cells(across) for one in several]
    cells = [cell for row in rows for cell in row if cell]
    if len(several) < _ROWS or not any(len(cell.lines) > 1 for cell in cells):
        return None
    if any(len(cell.text) > _LONG or cell.counts or not is_even(cell.lines) for cell in cells) or _flows(rows):
        return None
    if not all(map(_is_column, zip(*rows, strict=True))) or _between(chunks) < _within(chunks) + _MORE:
        return None
    return of_bands(run)


def is_even(lines: Sequence[Piece]) -> bool:
    """Say whether lines are of one size and begin, end or have their middle below each other."""
    if max(line.size for line in lines) > 1.1 * min(line.size for line in lines):
        return False
    reach = 0.25 * lines[0].size
    places = ([line.left for line in lines], [line.right for line in lines], [line.left + line.right for line in lines])
    return any(max(place) - min(place) <= reach for place in places)


def _is_column(cells: Sequence[Cell | None]) -> bool:
    """Say whether most cells of a column begin, end or have their middle below each other; its head may not."""
    lines = [cell.piece() for cell in cells if cell]
    return len(lines) < 3 or any(is_even(part) for part in (lines, lines[1:]))


def _flows(rows: Sequence[Sequence[Cell | None]]) -> bool:
    """Say whether a text goes on from one row to the next: then these are columns of prose."""
    return any(
        one and two and len(one.text) > _SAID and not one.text.endswith((".", ":", "!", "?")) and two.text[0].islower()
        for above, below in pairwise(rows)
        for one, two in zip(above, below, strict=True)
    )


def _between(chunks: Sequence[Sequence[Row]]) -> float:
    """Return the least white space between parts, in em."""
    return min(_gap(above, below) for above, below in pairwise(chunks))


def _within(chunks: Sequence[Sequence[Row]]) -> float:
    """Return the most white space between the lines of one part, in em."""
    return max(_gap(chunk[:at], chunk[at:]) for chunk in chunks for at in range(1, len(chunk)))


def _gap(above: Sequence[Row], below: Sequence[Row]) -> float:
    low = min(piece.bottom for row in above for piece in row)
    high = max(piece.top for row in below for piece in row)
    return (low - high) / max(0.1, *(piece.size for row in below for piece in row))
