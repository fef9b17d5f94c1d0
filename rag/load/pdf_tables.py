"""The rows of a PDF page with its tables put together, each as one piece. A part of `rag.load.pdf`."""

from __future__ import annotations

from collections.abc import Sequence

from rag.load.pdf_bands import banded
from rag.load.pdf_boxes import boxed
from rag.load.pdf_chars import Page, Word
from rag.load.pdf_frames import frames, stacks
from rag.load.pdf_grid import walled
from rag.load.pdf_lines import Piece, rows
from rag.load.pdf_rules import Rules

_LEVEL = 3.0
"""Points: tables whose upper edges are no further from each other are side by side."""


def page_rows(page: Page) -> list[list[Piece]]:
    """Return the rows of a page from top to bottom; a table whose cells are known is one row of one piece."""
    tables, rest = _ruled(page.words, page.rules)
    found = rows(rest)
    for table in sorted(tables, key=lambda table: (-round(table.top / _LEVEL), table.left)):
        below = (index for index, row in enumerate(found) if _height(row) < table.top - _LEVEL)
        found.insert(next(below, len(found)), [table])
    return found


def _height(row: Sequence[Piece]) -> float:
    return row[0].top if row[0].table else max(piece.middle for piece in row)


def _ruled(words: Sequence[Word], rules: Rules) -> tuple[list[Piece], Sequence[Word]]:
    """Return the tables that lines show, each as one piece, and the words that are in none."""
    tables: list[Piece] = []
    found = [frame for frame in frames(rules) if not frame.cuts(words)]
    opened = []
    for frame in sorted(found, key=lambda frame: (frame.right - frame.left) * (frame.top - frame.bottom)):
        is_walled = frame.is_walled and not frame.is_row_of(found)
        taken = walled(frame, frame.words(words)) if is_walled else []
        if not taken:
            opened.append(frame)
        for table in taken:
            tables.append(table)
            words = _without(words, table)
    for stack in stacks(opened):
        for table in banded(stack, words):
            tables.append(table)
            words = _without(words, table)
    for box in boxed(opened, words, tables):
        tables.append(box)
        words = _without(words, box)
    return tables, words


def _without(words: Sequence[Word], table: Piece) -> list[Word]:
    taken = {id(word) for word in table.words}
    return [word for word in words if id(word) not in taken]
