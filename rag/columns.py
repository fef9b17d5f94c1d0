"""A table's row with the heads of its columns: "Week: 2; Theme: pottery; Price per child: £110".

"| 2 | pottery | £110 |" alone says nothing of a price, to a model or to whoever looks for its words. What is quoted
stays the row as it stands in the document. Where it isn't sure which row has the heads, none is taken for it: a number
under a wrong head is worse than one under none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import takewhile

MOST_LINES = 600
"""Lines above a row that are gone through for the heads of its columns."""
MOST_BELOW = 4000
"""Characters below a row that are looked through for whether it has the heads of those there."""
LONGEST = 2000
"""Characters: a longer line is no row that anybody reads."""
LEAST_COLUMNS = 3
"""Of a table that no line of dashes tells the heads of: of two columns the first row may be like any other."""
MOST_LONGER = 4
"""Times that a row with its heads may be as long as without."""
_BAR = re.compile(r"(?<!\\)\|")
_PERIOD = re.compile(
    r"(?:(?:FY|Q[1-4]|H[12]|[A-Z][a-z]{2,8})[ -]?)?(?:19|20)\d\d(?: ?[-/–] ?(?:\d\d|(?:19|20)\d\d))?(?: \([^)\d]*\))?"
)
"""A year that a column is for: "2023-24", "Q1 2024", "2023 (restated)"."""
_DASHES = re.compile(r":?-{2,}:?")


def in_full(text: str, start: int, end: int) -> str:
    """Return the row of a table that text[start:end] is, with the heads of its columns; "" where nothing tells them."""
    cells = _row(text, start, end)
    if not cells:
        return ""
    heads = _heads(list(_lines_above(text, start)), cells)
    if not any(heads):
        return ""
    said = "; ".join(f"{head}: {cell}" if head else cell for head, cell in zip(heads, cells, strict=False) if cell)
    return said if len(said) <= MOST_LONGER * (end - start) + LEAST_COLUMNS * 40 else ""


def is_head(text: str, start: int, end: int) -> bool:
    """Say whether text[start:end] is the row that has the heads of a table's columns, which itself answers nothing.

    In doubt it is not: a line of dashes is below it, or no row is above it and all below have numbers.
    """
    cells = _row(text, start, end)
    if not cells:
        return False
    rows = [row for row in map(_cells, _lines_below(text, end)) if row]
    below = list(takewhile(lambda row: len(row) == len(cells), rows))
    if below and _is_dashes(below[0]):
        return True
    return bool(below) and not any(_lines_above(text, start)) and bool(_first_row([cells, *below[:-1]], below[-1]))


def _lines_below(text: str, end: int) -> list[str]:
    """Return the rows below a place, as long as there are no other lines but blank ones."""
    lines = text[_line_end(text, end) : _line_end(text, end) + MOST_BELOW].splitlines()
    return list(takewhile(lambda line: not line.strip() or _cells(line), lines))


def _row(text: str, start: int, end: int) -> list[str]:
    """Return the cells of the row that text[start:end] is, [] where it is none."""
    line = text[text.rfind("\n", 0, start) + 1 : _line_end(text, end)]
    cells = _cells(line)
    return cells if len(cells) > 1 and line.strip() == text[start:end].strip() and not _is_dashes(cells) else []


def cells_of(row: str) -> list[str]:
    """Return the cells of a row as they are read; [] for what is none."""
    cells = _cells(row)
    return [] if _is_dashes(cells) else cells


def _line_end(text: str, at: int) -> int:
    found = text.find("\n", at)
    return len(text) if found < 0 else found


def _cells(line: str) -> list[str]:
    """Return the cells of a row without its outer bars and without marks of emphasis; [] for what has none."""
    bare = line.strip()
    if "|" not in bare or len(bare) > LONGEST:
        return []
    bare = bare.removeprefix("|")
    bare = bare[:-1] if bare.endswith("|") and not bare.endswith("\\|") else bare
    return [cell.strip().strip("*`").strip() for cell in _BAR.split(bare)]


def _is_dashes(cells: Sequence[str]) -> bool:
    return bool(cells) and all(_DASHES.fullmatch(cell) for cell in cells)


def _lines_above(text: str, start: int) -> Iterator[str]:
    """Yield the rows above a place, the nearest first, and "" for blank lines, as long as there are no other lines."""
    at = text.rfind("\n", 0, start) + 1
    for _ in range(MOST_LINES):
        if at == 0:
            return
        begin = text.rfind("\n", 0, at - 1) + 1
        line = text[begin : at - 1].strip()
        if line and not _cells(line):
            return
        yield line
        at = begin


def _heads(above: Sequence[str], cells: Sequence[str]) -> list[str]:
    """Return the head of each column of a row, [] where nothing tells it; of `above` the nearest line is the first."""
    block = list(reversed(above[: above.index("")] if "" in above else above))
    rows = [_cells(line) for line in block]
    dashes = [at for at, row in enumerate(rows) if _is_dashes(row)]
    if dashes:
        return _over_dashes(rows, dashes[0], cells) if len(dashes) == 1 else []
    # Readers of web pages and of Word set a blank line between two rows; in plain text, what has bars may be code.
    return (
        [] if block or len(above) == MOST_LINES else _first_row([_cells(line) for line in above if line][::-1], cells)
    )


def _over_dashes(rows: Sequence[Sequence[str]], dashes: int, cells: Sequence[str]) -> list[str]:
    """Return the heads that one row over a line of dashes has, with those below it that have no first cell.

    These are years under "Year ended", or units under years; a row that is one of them itself has no heads.
    """
    if dashes != 1:
        return []
    more = next((at for at, row in enumerate(rows[2:]) if row[0]), len(rows) - 2)
    if not cells[0] and more == len(rows) - 2:
        return []
    heads = (rows[0], *rows[2 : 2 + more])
    said = ([row[at] for row in heads if at < len(row) and row[at]] for at in range(len(cells)))
    return [" ".join(dict.fromkeys(names)) for names in said]


def _first_row(rows: Sequence[Sequence[str]], cells: Sequence[str]) -> list[str]:
    """Return the first row of a table without a line of dashes if it alone has no number: another may begin a table.

    The years that columns are for are no numbers there: "Income | 2022-23 | 2023-24".
    """
    if not rows:
        return []
    first, others = rows[0], [*rows[1:], cells]
    labels = [cell for cell in first if not _is_period(cell)]
    whole = len(first) >= LEAST_COLUMNS and all(first) and not any(map(_has_digit, labels))
    alone = all(len(row) == len(first) and any(map(_has_digit, row)) for row in others)
    # Where the first row has years, it has some, and those below have something else.
    counted = len(labels) == len(first) or (
        len(labels) + 1 < len(first) and any(_has_digit(c) and not _is_period(c) for row in others for c in row)
    )
    return list(first) if whole and alone and counted else []


def _has_digit(cell: str) -> bool:
    return any(character.isdigit() for character in cell)


def _is_period(cell: str) -> bool:
    return bool(_PERIOD.fullmatch(cell))
