"""Rows with their header to text: each row says by itself what its cells are, so that it can be quoted alone.

| Name: Yellen | Month: July |
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from rag.load.draft import Draft, flat

Cells = Sequence[str]
Numbered = tuple[int, Cells]
"""A row with its number in the file, from 1."""

_NUMBER = re.compile(r"[-+−(]?[$€£¥]?\s?\d[\d\s.,:/%-]*[)%]?|\d{4}-\d{2}-\d{2}.*")
_ABOVE = 4
"""Rows in which the header of a table may stand."""
_LABEL = 60
"""Characters: what is longer is no column's name."""


def sheet(draft: Draft, name: str, rows: Sequence[Numbered], *, named: bool = True, certain: bool = False) -> None:
    """Add the rows of a sheet; blocks between empty rows are tables of their own.

    Args:
        draft: what the rows are added to.
        name: the sheet's name: a heading where `named`, and part of each row's place ("Sheet1!A7:C7").
        rows: every row, also the empty ones.
        named: there are several sheets, or the name says something.
        certain: the first row is known to be the header (CSV by its convention).
    """
    if named and any(any(cells) for _, cells in rows):
        draft.heading(name, 2)
    for block in _blocks(rows):
        _block(draft, name, block, certain)


def column(index: int) -> str:
    """Return a column's letters: 0 is A, 26 is AA."""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def _blocks(rows: Sequence[Numbered]) -> Iterator[list[Numbered]]:
    block: list[Numbered] = []
    for number, cells in rows:
        if any(cell.strip() for cell in cells):
            block.append((number, [flat(cell) for cell in cells]))
        elif block:
            yield block
            block = []
    if block:
        yield block


def _block(draft: Draft, name: str, block: list[Numbered], certain: bool) -> None:
    widest = max(_filled(cells) for _, cells in block)
    while widest > 1 and len(block) > 1 and _filled(block[0][1]) == 1:
        number, cells = block.pop(0)  # a title above the table
        draft.row([next(filter(None, cells))], _where(name, number, cells))
    above, header = _header(block, certain)
    for number, cells in block[:above]:
        draft.row(cells, _where(name, number, cells))
    for number, cells in block[above + 1 :] if header else block[above:]:
        labelled = [
            f"{header.get(index, '')}: {cell}".removeprefix(": ") if cell else "" for index, cell in enumerate(cells)
        ]
        shown = [cell for cell in labelled if cell] if header else labelled
        draft.row(shown, _where(name, number, cells))


def _header(block: Sequence[Numbered], certain: bool) -> tuple[int, dict[int, str]]:
    """Return how many rows stand above the header, and the names of the columns; 0 and nothing where there are none.

    A sheet for printing has a line or two of headings over some of the columns first ("January–June 2023").
    """
    for above in range(1 if certain else min(_ABOVE, len(block) - 1)):
        names = _names(block[above:], certain)
        if names:
            return above, names
        if any(_NUMBER.fullmatch(cell) for cell in block[above][1]):
            break
    return 0, {}


def _names(block: Sequence[Numbered], certain: bool) -> dict[int, str]:
    first = {index: cell for index, cell in enumerate(block[0][1]) if cell}
    body = [cells for _, cells in block[1:]]
    widest = max((_filled(cells) for cells in body), default=0)
    if not certain and len(first) < 0.6 * widest:
        return {}
    if len(first) < 2 or not body or len(set(first.values())) < len(first):
        return {}
    if any(_NUMBER.fullmatch(cell) or len(cell) > _LABEL for cell in first.values()):
        return {}
    numeric = sum(bool(_NUMBER.fullmatch(cells[index])) for cells in body for index in first if index < len(cells))
    # With two columns of words the first row may be the first pair: "Name | Yellen", "Office | Treasury".
    return first if certain or numeric or (len(first) > 2 and len(body) > 1) else {}


def _filled(cells: Cells) -> int:
    return sum(bool(cell) for cell in cells)


def _where(name: str, number: int, cells: Cells) -> str:
    filled = [index for index, cell in enumerate(cells) if cell]
    if not name:
        return f"row {number}"
    first, last = f"{column(filled[0])}{number}", f"{column(filled[-1])}{number}"
    quoted = f"'{name}'" if re.search(r"[^\w.]", name) else name
    return f"{quoted}!{first}" if first == last else f"{quoted}!{first}:{last}"
