"""Tables whose rows are parted by lines across, or by shading, and whose columns by white space.

A part of `rag.load.pdf`.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby

from rag.load.pdf_cells import GUTTER, Cell, cell, columns, is_one_row, table
from rag.load.pdf_chars import Word
from rag.load.pdf_frames import NEAR, Frame, goes_on, levels
from rag.load.pdf_lines import Line, Piece, lines

_PADDING = 0.9
"""Em: what stands further from the line across is no row of its table."""
_APART = 0.5
"""Em: white space between lines that are not of one cell."""
_GUTTER = 0.55
"""Em: white space that parts columns where it does so in several rows."""
_WORDS = 400
"""So many are more than a row."""
_SURE = 0.6
"""Of rows: so many have to be surely such for the others to be taken for rows, too."""

Column = tuple[float, float]
"""From where to where, in points."""


@dataclass
class Band:
    """What stands between two lines across, or between white space above and below: may be a row of a table."""

    words: Sequence[Word]
    pieces: Sequence[Piece]
    columns: Sequence[Column]
    top: float = 0.0
    bottom: float = 0.0
    """Where the lines above and below it are, in points."""

    @cached_property
    def is_row(self) -> bool:
        """Whether it is a row of cells."""
        return self._is_row(likely=False)

    @cached_property
    def may_be_row(self) -> bool:
        """Whether it is one if others near it are."""
        return self.is_row or self._is_row(likely=True)

    def _is_row(self, likely: bool) -> bool:
        cells = [one for one in self.cells(self.columns) if one] if len(self.columns) > 1 else []
        return len(cells) > 1 and is_one_row(cells, likely) and not any(one.is_prose for one in cells)

    @property
    def is_head(self) -> bool:
        """Whether it is a line over all columns, or in one of them."""
        return len(self.pieces) == 1

    def cells(self, across: Sequence[Column]) -> list[Cell | None]:
        """Return its cells in these columns."""
        parts: list[list[Word]] = [[] for _ in across]
        for word in self.words:
            middle = (word.left + word.right) / 2
            nearest = min(range(len(across)), key=lambda at: max(across[at][0] - middle, middle - across[at][1], 0.0))
            parts[nearest].append(word)
        return [cell(part) for part in parts]


def band(words: Sequence[Word], top: float = 0.0, bottom: float = 0.0) -> Band:
    """Return words as a band."""
    if len(words) > _WORDS:
        return Band(words, (), (), top, bottom)
    return of_pieces([piece for line in lines(words) for piece in line], top, bottom)


def of_pieces(pieces: Sequence[Piece], top: float = 0.0, bottom: float = 0.0) -> Band:
    """Return the pieces of lines as a band."""
    return Band([word for piece in pieces for word in piece.words], pieces, columns(pieces), top, bottom)


def banded(frame: Frame, words: Sequence[Word]) -> Iterator[Piece]:
    """Yield the tables in a frame of lines that run across."""
    inside, beside = frame.between(words), frame.beside(words)
    between = _between(levels(rule.at for rule in frame.across), inside, beside)
    # Boxes that stand apart are no rows; two lines close together are one.
    found = list(runs([one for one in between if one.words or one.top - one.bottom > 2 * NEAR]))
    taken = {id(word) for run in found for one in run for word in one.words}
    for run in found:
        rows = _extended(run, [word for word in inside if id(word) not in taken], beside)
        if one := of_bands(rows):
            taken |= {id(word) for word in one.words}
            yield one


def _between(ys: Sequence[float], inside: Sequence[Word], beside: Sequence[Word]) -> Iterator[Band]:
    """Yield what stands between each two lines across, from the top; nothing where a text goes on beside them."""
    parts: list[list[Word]] = [[] for _ in range(len(ys) + 1)]
    for word in inside:
        parts[bisect_left(ys, word.middle)].append(word)
    for at in range(len(ys) - 1, 0, -1):
        yield band([] if goes_on(parts[at], beside) else parts[at], ys[at], ys[at - 1])


def _extended(run: Sequence[Band], words: Sequence[Word], beside: Sequence[Word]) -> Sequence[Band]:
    """Return rows with the one above the first line across and the one below the last, if these fit to the others."""
    if sum(one.is_row for one in run) < 2:
        return run
    first, last = _beyond(words, beside, run[0].top, 1), _beyond(words, beside, run[-1].bottom, -1)
    if first.may_be_row and fit([first, *run]):
        run = [first, *run]
    return [*run, last] if last.may_be_row and fit([*run, last]) else run


def _beyond(words: Sequence[Word], beside: Sequence[Word], at: float, side: int) -> Band:
    """Return the lines next to the outermost line across, above (1) or below (-1), as far as they stand together."""
    taken: list[Word] = []
    outside = (word for word in words if (word.middle - at) * side > 0)
    for word in sorted(outside, key=lambda word: word.middle * side):
        gap = (word.bottom - at) if side > 0 else (at - word.top)
        if gap > (_APART if taken else _PADDING) * word.size:
            break
        taken.append(word)
        at = max(at, word.top) if side > 0 else min(at, word.bottom)
    return band([] if goes_on(taken, beside) else taken)


def runs(bands: Sequence[Band]) -> Iterator[list[Band]]:
    """Yield rows that follow each other and have the same columns, with lines over all columns among them."""
    run: list[Band] = []
    for one in bands:
        if (run and not (one.is_head or one.may_be_row)) or not fit([*run, one]):
            yield from _sure(run)
            run = []
        if one.may_be_row or (run and one.is_head):
            run.append(one)
    yield from _sure(run)


def _sure(run: list[Band]) -> Iterator[list[Band]]:
    """Yield the rows as they are if enough of them are surely such, else those parts that are."""
    rows = [one for one in run if one.may_be_row]
    if sum(one.is_row for one in rows) >= _SURE * len(rows):
        yield _trimmed(run)
        return
    for sure, part in groupby(run, key=lambda one: one.is_row or one.is_head):
        if sure:
            yield _trimmed(list(part))


def _trimmed(run: Sequence[Band]) -> list[Band]:
    """Return rows without the lines that stand before the first of them and behind the last."""
    rows = [at for at, one in enumerate(run) if one.may_be_row]
    return list(run[rows[0] : rows[-1] + 1]) if rows else []


def fit(run: Sequence[Band]) -> bool:
    """Say whether the columns of rows go together."""
    several = [one for one in run if not one.is_head]
    return len(shared(several)) >= max((len(one.columns) for one in several), default=0)


def shared(run: Sequence[Band]) -> list[Column]:
    """Return the columns of rows; what is never filled beside each other in a row is one column.

    Of several rows, less white space is enough, because words that only stand apart seldom do so at one place.
    """
    result: list[Column] = []
    gutter = _GUTTER if len(run) > 1 else GUTTER
    for column in columns([word for one in run for word in one.words], gutter):
        if result and not any(_fills(one, result[-1]) and _fills(one, column) for one in run):
            result[-1] = (result[-1][0], column[1])
        else:
            result.append(column)
    return result


def _fills(one: Band, column: Column) -> bool:
    return any(column[0] <= (word.left + word.right) / 2 <= column[1] for word in one.words)


def of_bands(run: Sequence[Band]) -> Piece | None:
    """Return rows as a table, or None where they are too few."""
    several = [one for one in run if one.may_be_row]
    if len(several) < 2:
        return None
    across = shared(several)
    return table([Line(_line(one, across), "row") for one in run])


def _line(one: Band, across: Sequence[Column]) -> list[Piece | None]:
    if one.is_head and sum(_fills(one, column) for column in across) > 1:
        return [one.pieces[0], *[None] * (len(across) - 1)]
    return [found.piece() if found else None for found in one.cells(across)]
