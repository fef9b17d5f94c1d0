"""Cells of a table whose text wraps: their lines, put together, and whether side by side they are one row.

A part of `rag.load.pdf`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from rag.load.pdf_chars import Word
from rag.load.pdf_lines import Line, Piece, joined, lines, whole

LONG = 400
"""Characters: a cell that says more is a text of its own, and its row no sentence."""
TALL = 12
"""Lines: so is one with more of them."""
SENTENCES = 3
"""So is one with so many sentences: each is quoted by itself."""
_SENTENCE = re.compile(r"[^\W\d_]{2}[.!?][\"'”’)]?(?=\s+[^\W\d_a-z]|$)")
_FEW = 6
"""Lines: a cell that is likely one has no more."""
_LINE = 30
"""Characters: the median line of a column of text has more."""
_WRAPPED = 0.75
"""Of the breaks between the lines of cells: so many come where the next word had no room, if they wrap."""
_GOES_ON = 0.3
"""Of these breaks: behind so many a line goes on in lower case, if they wrap."""
_SPACE = 0.33
"""Em: the widest space between words."""
GUTTER = 0.9
"""Em: white space that parts columns is no narrower."""


@dataclass(slots=True)
class Cell:
    """The lines of a cell, each one piece; `room` is what a line can take, in points, or 0 where that isn't known."""

    lines: list[Piece]
    room: float = 0.0

    @property
    def text(self) -> str:
        """All it says, on one line; a word that was divided at the end of a line keeps its hyphen."""
        said = self.lines[0].text
        for line in self.lines[1:]:
            divided = said.endswith(("-", "‐")) and said[-2:-1].isalpha() and line.text[:1].islower()
            said += line.text if divided else f" {line.text}"
        return said

    @property
    def is_prose(self) -> bool:
        """Whether it is a text rather than what a table has in its cells."""
        text = self.text
        return len(self.lines) > TALL or len(text) > LONG or len(_SENTENCE.findall(text)) >= SENTENCES

    @property
    def is_set_in_column(self) -> bool:
        """Whether its lines are so many and so long as those of a column of text, not what is in several rows."""
        return len(self.lines) > _FEW and median(len(line.text) for line in self.lines) >= _LINE

    @property
    def counts(self) -> bool:
        """Whether figures stand below each other in it: these are several rows, or the marks of an axis."""
        return any(_is_figure(one.text) and _is_figure(two.text) for one, two in pairwise(self.lines))

    def piece(self) -> Piece:
        """Return it as one piece."""
        return whole(self.text, [word for line in self.lines for word in line.words])


def cell(words: Sequence[Word], room: float = 0.0) -> Cell | None:
    """Return words as a cell, or None where there are none."""
    found = [joined(sorted((w for piece in line for w in piece.words), key=lambda w: w.left)) for line in lines(words)]
    return Cell(found, room) if found else None


def is_one_row(cells: Sequence[Cell], likely: bool = False) -> bool:
    """Say whether cells that stand side by side are one row with wrapped text, not several rows.

    They are several if two cells or more have lines that stand side by side, unless these look like a text that
    wraps: lines end where the next word had no room, and go on in lower case; figures below each other never do, and
    are of one cell only beside texts that do, in another number of lines. Where one row is `likely`, because what is
    above and below is one, figures and the number of lines have the say.
    """
    several = [cell for cell in cells if len(cell.lines) > 1]
    level = [cell for cell in several if any(_is_level(cell, other) for other in several if other is not cell)]
    if not level:
        return True
    texts = [cell for cell in level if not cell.counts]
    breaks = [(cell, *pair) for cell in texts for pair in pairwise(cell.lines)]
    figures = [len(cell.lines) for cell in level if cell.counts]
    if not texts or len(figures) > 1 or any(len(cell.lines) in figures for cell in texts):
        return False
    if likely and len(texts) == len(level) and max(len(cell.lines) for cell in level) <= _FEW:
        return True
    wrapped = sum(_has_no_room(cell, one, two) for cell, one, two in breaks)
    goes_on = sum(_goes_on(one.text, two.text) for _, one, two in breaks)
    return wrapped >= _WRAPPED * len(breaks) and goes_on >= _GOES_ON * len(breaks)


def _is_level(cell: Cell, other: Cell) -> bool:
    """Say whether two lines or more of each cell stand beside one of the other's."""
    beside = sum(any(abs(line.bottom - near.bottom) < 0.25 * line.size for near in other.lines) for line in cell.lines)
    return beside > 1


def _is_figure(text: str) -> bool:
    letters = sum(character.isalpha() for character in text)
    return any(character.isdigit() for character in text) and letters <= 3


def _has_no_room(cell: Cell, one: Piece, two: Piece) -> bool:
    room = max(cell.room, *(line.right - line.left for line in cell.lines))
    return (one.right - one.left) + _SPACE * one.size + (two.words[0].right - two.words[0].left) > room


def _goes_on(one: str, two: str) -> bool:
    first = next((character for character in two if character.isalnum()), "")
    return one.endswith((",", "-", "–", "‐", "/", "(")) or first.islower() or (first.isalpha() and not first.isupper())


def columns(found: Sequence[Piece | Word], gutter: float = GUTTER) -> list[tuple[float, float]]:
    """Return the columns that pieces or words stand in, each from where to where in points: parted by white space."""
    result: list[tuple[float, float]] = []
    for one in sorted(found, key=lambda one: one.left):
        if result and one.left < result[-1][1] + gutter * one.size:
            result[-1] = (result[-1][0], max(result[-1][1], one.right))
        else:
            result.append((one.left, one.right))
    return result


def table(found: Sequence[Line]) -> Piece:
    """Return lines that are one table, as the piece that stands for them on the page."""
    for line in found[1:]:
        line.follows = line.kind == "row"
    cells = [cell for line in found for cell in line.cells if cell]
    one = whole(" ".join(cell.text for cell in cells), [word for cell in cells for word in cell.words])
    one.table = found
    return one
