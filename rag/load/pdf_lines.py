"""Words of a PDF page to rows and to the pieces of rows that stand apart. A part of `rag.load.pdf`."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median
from typing import Literal

from rag.load.pdf_chars import Word

APART = 0.95
"""Em: words of one row further apart than this are of two pieces: columns, or the cells of a table."""
_SHARED = 0.5
"""Of the lower of two words: what they share of their height where they stand in one row; raised figures do, too."""
_BULLET = re.compile(r"(?:[•◦▪‣●○■□–—*·-]|\(?(?:\d{1,3}|[a-zA-Z]|[ivxIVX]{1,5})[.)])")
_NUMBERED = 5
"""Rows: so many that are numbered on end have line numbers; fewer may be a list."""
_HEAD = 10
"""Characters: the head of a column of numbers has no more."""
_CELL = 18
"""Characters: the median line of a text has more, the cells of a table have fewer."""


@dataclass(slots=True)
class Piece:
    """Words of one row that stand together; points, from the lower left corner."""

    text: str
    left: float
    bottom: float
    right: float
    top: float
    size: float
    bold: bool
    words: Sequence[Word] = ()
    """What it is made of, in the order it is read."""
    table: Sequence[Line] = ()
    """Of a whole table, which stands on the page as one piece: its lines."""

    @property
    def middle(self) -> float:
        """Height of its middle."""
        return (self.bottom + self.top) / 2


@dataclass(slots=True)
class Line:
    """A line of text, or a row of a table with one piece a column (None where a cell is empty)."""

    cells: list[Piece | None]
    kind: Literal["text", "row"] = "text"
    follows: bool = False
    """Whether it surely belongs to the table of the line before, however far below that it stands."""
    opens: bool = False
    """Whether it is the first of a cell that is a text of its own."""

    @property
    def first(self) -> Piece:
        """Its first piece."""
        return next(piece for piece in self.cells if piece is not None)


def rows(words: Sequence[Word]) -> list[list[Piece]]:
    """Return the rows of a page from top to bottom, each with its pieces from left to right; no line numbers."""
    return _without_line_numbers(lines(words))


def lines(words: Sequence[Word]) -> list[list[Piece]]:
    """Return the lines that words stand in from top to bottom, each with its pieces from left to right."""
    found: list[list[Word]] = []
    reach: list[tuple[float, float]] = []
    for word in sorted(words, key=lambda word: (-word.middle, word.left)):
        best, at = 0.0, -1
        for index in range(max(0, len(found) - 6), len(found)):
            bottom, top = reach[index]
            # Most lines nearby are above all of the word: that is seen without a look at their words.
            if word.top > bottom and word.bottom < top and (shared := _shared(found[index], word)) > best:
                best, at = shared, index
        if best < _SHARED:
            found.append([word])
            reach.append((word.bottom, word.top))
        else:
            found[at].append(word)
            reach[at] = min(reach[at][0], word.bottom), max(reach[at][1], word.top)
    return [_pieces(sorted(row, key=lambda word: word.left)) for row in found]


def single(found: Sequence[Piece]) -> list[Piece]:
    """Return the pieces of a page with each table in its cells."""
    return [
        cell
        for piece in found
        for cell in ([c for line in piece.table for c in line.cells if c] if piece.table else [piece])
    ]


def _shared(row: Sequence[Word], word: Word) -> float:
    """Return how much of its height a word shares with the word of a row that is nearest to it.

    The nearest, because the lines of two columns may overlap a taller one in a third without being one row.
    """
    near = min(row, key=lambda other: max(other.left - word.right, word.left - other.right, 0.0))
    overlap = min(near.top, word.top) - max(near.bottom, word.bottom)
    return overlap / max(min(near.top - near.bottom, word.top - word.bottom), 0.1)


def _pieces(row: Sequence[Word]) -> list[Piece]:
    groups: list[list[Word]] = [[row[0]]]
    for word in row[1:]:
        before = groups[-1][-1]
        right = max(other.right for other in groups[-1])
        apart = word.left - right > APART * max(before.size, word.size, 1.0)
        bullet = len(groups[-1]) == 1 and _BULLET.fullmatch(before.text) and word.left - right < 3 * word.size
        if apart and not bullet:
            groups.append([word])
        else:
            groups[-1].append(word)
    return [joined(group) for group in groups]


def joined(words: Sequence[Word]) -> Piece:
    """Return the words of one line, from left to right, as one piece."""
    from_right = sum(_direction(word.text) for word in words) < 0
    ordered = list(reversed(words)) if from_right else words
    return whole(_spaced(ordered), ordered)


def whole(text: str, words: Sequence[Word]) -> Piece:
    """Return words, in the order they are read, as one piece."""
    return Piece(
        text=text,
        left=min(word.left for word in words),
        bottom=min(word.bottom for word in words),
        right=max(word.right for word in words),
        top=max(word.top for word in words),
        # Raised and lowered figures don't say how large a line is set.
        size=median([word.size for word in words for _ in range(min(len(word.text), 20))]),
        bold=sum(len(word.text) for word in words if word.bold) * 2 > sum(len(word.text) for word in words),
        words=words,
    )


def _spaced(words: Sequence[Word]) -> str:
    parts = [words[0].text]
    for before, word in pairwise(words):
        wide = _is_wide(before.text[-1]) and _is_wide(word.text[0])
        near = word.left - before.right < 0.5 * word.size
        parts.append(word.text if wide and near else f" {word.text}")
    return "".join(parts)


def _is_wide(character: str) -> bool:
    """Say whether a script that sets no spaces between words uses this character (Korean does set them)."""
    return unicodedata.east_asian_width(character) in {"W", "F"} and not "\uac00" <= character <= "\ud7a3"


def _direction(text: str) -> int:
    """Return how many letters run from left to right, less those that run from right to left."""
    kinds = [unicodedata.bidirectional(character) for character in text]
    return kinds.count("L") - kinds.count("R") - kinds.count("AL")


def _without_line_numbers(found: list[list[Piece]]) -> list[list[Piece]]:
    """Drop the numbers along the margin of a transcript or draft: 1, 2, 3 … in one column, beside the text."""
    numbered = [(index, int(row[0].text)) for index, row in enumerate(found) if _is_number(row)]
    run: list[tuple[int, int]] = []
    drop: set[int] = set()
    for entry in [*numbered, (-1, -1)]:
        if run and entry[1] != run[-1][1] + 1:
            beside = [index for index, _ in run if len(found[index]) > 1]
            along = len(beside) * 2 > len(run) >= _NUMBERED and _aligned([found[i][0] for i, _ in run])
            if along and not _has_head(found, run[0][0]) and not _are_cells([found[index] for index in beside]):
                drop.update(index for index, _ in run)
            run = []
        run.append(entry)
    result = [row[1:] if index in drop else row for index, row in enumerate(found)]
    return [row for row in result if row]


def _is_number(row: Sequence[Piece]) -> bool:
    return row[0].text.isascii() and row[0].text.isdigit() and len(row[0].text) <= 3


def _has_head(found: Sequence[Sequence[Piece]], first: int) -> bool:
    """Say whether the row above the first number is the head of a table: "No. | Name"."""
    head, below = found[first - 1] if first else [], found[first][0]
    if len(head) < 2 or len(head[0].text) > _HEAD or head[0].bottom - below.top > 2 * below.size:
        return False
    return head[0].left < below.right and below.left < head[0].right


def _are_cells(numbered: Sequence[Sequence[Piece]]) -> bool:
    """Say whether several short texts stand beside most numbers: these count the rows of a table."""
    several = [row for row in numbered if len(row) > 2]
    return len(several) * 2 > len(numbered) and median(len(p.text) for row in several for p in row[1:]) < _CELL


def _aligned(pieces: Sequence[Piece]) -> bool:
    rights, lefts = [piece.right for piece in pieces], [piece.left for piece in pieces]
    return min(max(rights) - min(rights), max(lefts) - min(lefts)) < 4
