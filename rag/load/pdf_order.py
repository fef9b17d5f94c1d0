"""The reading order of a PDF page: columns one after the other, tables row by row. A part of `rag.load.pdf`.

By white space, as in the XY-cut (Nagy and Seth, ICPR 1984), but a gutter may be crossed by what spans the page: what
crosses it parts the page in zones, and within a zone the left side is read before the right.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from itertools import pairwise
from statistics import median

from rag.load.pdf_lines import Line, Piece, joined, whole
from rag.load.pdf_wrapped import wrapped

_PROSE = 18
"""Characters: the median line of a column of text has more; of a table's cells, fewer."""
_EDGES = 150
"""Places where a gutter is looked for: a page of a dense table has thousands, and each costs a look at all of it."""
_LINES = 3
"""Fewer lines side by side are no columns."""
_CELL = 30
"""Characters: in a row of cells within a page of columns, none is longer."""
_EVEN = 1.5
"""Times: the widest white space of a stretched line is less than so much of the narrowest."""


Group = list[Line]
"""Lines of one column that follow each other."""


def ordered(rows: Sequence[Sequence[Piece]], depth: int = 0) -> list[Group]:
    """Return the lines of a page in the order they are read, in groups."""
    tabular = _tabular(rows)
    # What would span the gutter has no say in where it is: a wide table above two columns has cells on both sides.
    pieces = [piece for row, is_table in zip(rows, tabular, strict=True) if not is_table for piece in row]
    gutter = (_gutter(pieces) or _gutter([piece for piece in pieces if not piece.table])) if depth < 4 else None
    if gutter is None:
        return [_lines(wrapped(_unstretched(rows)))] if rows else []
    groups: list[Group] = []
    for zone, spans in _zones(rows, tabular, gutter):
        if spans:
            groups.append(_lines(wrapped(_unstretched(zone))))
            continue
        left = [part for row in zone if (part := [p for p in row if p.middle and p.right <= gutter])]
        right = [part for row in zone if (part := [p for p in row if p.left >= gutter])]
        if min(len(left), len(right)) < 2 and max(len(left), len(right)) < 4:
            groups.append(_lines(_unstretched(zone)))
        else:
            groups += ordered(left, depth + 1) + ordered(right, depth + 1)
    return groups


def _gutter(pieces: Sequence[Piece]) -> float | None:
    """Return the x that parts a page in columns of text, or None."""
    if len(pieces) < 2 * _LINES:
        return None
    total = sum(len(piece.text) for piece in pieces)
    best: tuple[float, float] | None = None
    edges = sorted({round(piece.right) + 0.5 for piece in pieces})
    for x in edges[:: len(edges) // _EDGES + 1]:
        left = [piece for piece in pieces if piece.right <= x]
        right = [piece for piece in pieces if piece.left >= x]
        sides = sum(len(p.text) for p in left), sum(len(p.text) for p in right)
        if min(sides) < 0.12 * total or sum(sides) < 0.4 * total or not _are_columns(left, right):
            continue
        white = min(piece.left for piece in right) - max(piece.right for piece in left)
        score = (sum(sides) / total) + min(white, 20) / 100
        if best is None or score > best[0]:
            best = (score, x)
    return best[1] if best else None


def _are_columns(left: Sequence[Piece], right: Sequence[Piece]) -> bool:
    """Say whether two sides are columns of text, not cells of the same rows."""
    if min(len(left), len(right)) < _LINES:
        return False
    low, high = max(_low(left), _low(right)), min(_high(left), _high(right))
    if high - low < 0.3 * min(_high(left) - _low(left), _high(right) - _low(right)):
        return False
    typical = min(median(len(p.text) for p in left), median(len(p.text) for p in right))
    if typical >= _PROSE:
        return True
    few, many = (left, right) if len(left) < len(right) else (right, left)
    if len(few) < 5:
        return False
    bottoms = sorted(piece.bottom for piece in many)
    beside = sum(_has_near(bottoms, piece.bottom, 0.15 * piece.size) for piece in few)
    return beside < 0.4 * len(few)


def _has_near(values: Sequence[float], value: float, reach: float) -> bool:
    """Say whether one of some sorted values is less than `reach` away."""
    at = bisect_left(values, value - reach)
    return at < len(values) and values[at] < value + reach


def _low(pieces: Sequence[Piece]) -> float:
    return min(piece.bottom for piece in pieces)


def _high(pieces: Sequence[Piece]) -> float:
    return max(piece.top for piece in pieces)


def _tabular(rows: Sequence[Sequence[Piece]]) -> list[bool]:
    """Say of each row whether it is one of several of a table of four columns or more."""
    cells = [len(row) >= 4 and all(len(piece.text) < _CELL for piece in row) for row in rows]
    near = (cells[max(0, index - 2) : index + 3] for index in range(len(rows)))
    return [is_row and sum(around) >= _LINES for is_row, around in zip(cells, near, strict=True)]


def _zones(
    rows: Sequence[Sequence[Piece]], tabular: Sequence[bool], gutter: float
) -> Iterator[tuple[list[Sequence[Piece]], bool]]:
    """Yield runs of rows, and whether they span the gutter."""
    spans = [_spans(row, gutter, is_table) for row, is_table in zip(rows, tabular, strict=True)]
    zone: list[Sequence[Piece]] = []
    for index, row in enumerate(rows):
        if zone and spans[index] != spans[index - 1]:
            yield zone, spans[index - 1]
            zone = []
        zone.append(row)
    if zone:
        yield zone, spans[-1]


def _spans(row: Sequence[Piece], gutter: float, is_table: bool) -> bool:
    """Say whether a row goes over a gutter; cells do if there are some on both sides, else they are of one column."""
    if any(piece.left < gutter < piece.right for piece in row):
        return True
    return is_table and row[0].right <= gutter <= row[-1].left


def _unstretched(rows: Sequence[Sequence[Piece]]) -> list[Sequence[Piece]]:
    """Return rows with those lines of a text whole that are stretched to its width: their words stand as far as cells.

    The white space between all of their words is the same, and they end where the line above or below does.
    """
    result = list(rows)
    for at in [*range(len(rows)), *reversed(range(len(rows)))]:  # of several on end, each by the one that is told
        row, beside = result[at], [*result[max(0, at - 1) : at], *result[at + 1 : at + 2]]
        if len(row) > 1 and _is_even(row) and _is_beside(row, beside):
            result[at] = [_whole(row)]
    return result


def _whole(row: Sequence[Piece]) -> Piece:
    """Return a row as one piece, bold and large where most of it is."""
    if len(row) < 2:
        return row[0]
    return joined([word for piece in sorted(row, key=lambda piece: piece.left) for word in piece.words])


def _is_even(row: Sequence[Piece]) -> bool:
    gaps = [two.left - one.right for one, two in pairwise(word for piece in row for word in piece.words)]
    return 0 < max(gaps, default=0.0) < _EVEN * min(gaps, default=0.0)


def _is_beside(row: Sequence[Piece], others: Sequence[Sequence[Piece]]) -> bool:
    """Say whether a line of text close to a row begins and ends where it does; the first of a paragraph is indented."""
    lines = [other[0] for other in others if len(other) == 1 and not other[0].table]
    left, right, size = row[0].left, row[-1].right, row[0].size
    return any(
        abs(line.left - left) < 3 * size
        and abs(line.right - right) < 0.3 * size
        and abs(line.middle - row[0].middle) < 2 * size
        for line in lines
    )


def _lines(rows: Sequence[Sequence[Piece]]) -> Group:
    """Return rows as lines; where several that follow each other have cells, as rows of a table."""
    group: Group = []
    run: list[Sequence[Piece]] = []
    for above, row, below in zip([[], *rows], [*rows, []], [*rows[1:], [], []], strict=True):
        hangs = _hangs(row, below)
        if len(row) > 1 and not hangs:
            run.append(row)
            continue
        group += _table(run)
        run = []
        if row:
            opens = hangs or bool(above and above[0].table)
            group += row[0].table or [Line([_whole(row)], opens=opens)]
    return group


def _hangs(row: Sequence[Piece], below: Sequence[Piece]) -> bool:
    """Say whether a paragraph begins here that is set beside its number or label: "2.1   The tenant pays …"."""
    if len(row) != 2 or len(below) != 1 or below[0].table or row[1].table:
        return False
    label, text, more = *row, below[0]
    aligned = abs(text.left - more.left) < 0.3 * text.size and text.bottom - more.top < 0.7 * text.size
    return aligned and len(label.text) < _PROSE < len(text.text) and more.text[0].islower()


def _table(run: Sequence[Sequence[Piece]]) -> Group:
    if len(run) < 2:
        return [Line(list(row), "row") if len(row) > 2 else Line([_whole(row)]) for row in run]
    columns: list[tuple[float, float]] = []
    for piece in sorted((piece for row in run for piece in row), key=lambda piece: piece.left):
        if columns and piece.left < columns[-1][1]:
            columns[-1] = (columns[-1][0], max(columns[-1][1], piece.right))
        else:
            columns.append((piece.left, piece.right))
    if len(columns) < max(len(row) for row in run):
        # Cells that span others, or none that line up: each row has just what stands in it.
        return [Line(list(row), "row") for row in run]
    return [Line(_cells(row, [left for left, _ in columns]), "row") for row in run]


def _cells(row: Sequence[Piece], lefts: Sequence[float]) -> list[Piece | None]:
    """Return the cells of a row by the left edges of the columns; a piece is of one, even where columns touch."""
    at = [bisect_right(lefts, piece.left) for piece in row]
    return [
        _cell([piece for piece, nth in zip(row, at, strict=True) if nth == column + 1]) for column in range(len(lefts))
    ]


def _cell(found: Sequence[Piece]) -> Piece | None:
    if len(found) < 2:
        return found[0] if found else None
    # What stands in one column because something above or below spans it.
    return whole(" ".join(piece.text for piece in found), [word for piece in found for word in piece.words])
