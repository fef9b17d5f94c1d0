"""Tables with lines between their columns: what stands between the same lines is a cell. A part of `rag.load.pdf`."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby, pairwise

from rag.load.pdf_cells import Cell, cell, columns, is_one_row, table
from rag.load.pdf_chars import Word
from rag.load.pdf_frames import NEAR, Frame, levels
from rag.load.pdf_lines import Line, Piece, lines
from rag.load.pdf_wrapped import parted

_OUTSIDE = 0.1
"""Of the words in a frame: if more than so many stand across its lines, it is no table."""
_FILLED = 0.4
"""Of the cells of a table: so many have something in them; between the lines of a plot there is hardly anything."""
_PLACES = 6000
"""Cells: a grid with more of them is graph paper."""
_SPACE = 0.4
"""Em: cells are further apart than words."""
_ROWS = 0.5
"""Of the rows of a table: so many have two cells or more with something in them."""

Place = tuple[int, int]
"""A row and a column of a grid, counted from the top and from the left."""


@dataclass
class _Area:
    """A cell, which may reach over several rows and columns."""

    rows: range
    columns: range
    words: list[Word] = field(default_factory=list)


@dataclass
class _Grid:
    """The lines of a frame: `xs` from left to right, `ys` from the top; between which places there is none."""

    xs: list[float]
    ys: list[float]
    open_right: set[Place] = field(default_factory=set)
    open_below: set[Place] = field(default_factory=set)

    def place(self, word: Word) -> Place:
        """Return where the middle of a word stands."""
        row = bisect_left([-y for y in self.ys], -word.middle) - 1
        column = bisect_left(self.xs, (word.left + word.right) / 2) - 1
        return min(max(row, 0), len(self.ys) - 2), min(max(column, 0), len(self.xs) - 2)


def walled(frame: Frame, words: Sequence[Word]) -> list[Piece]:
    """Return what stands in a frame as a table; as several where a text stands over all columns in between, or none."""
    grid = _grid(frame)
    if len(words) < 4 or len(grid.xs) < 3 or len(grid.ys) < 2:
        return []
    grid = _divided(grid, words)
    areas = _areas(grid)
    if areas is None or _stand_across(grid, areas, words) > _OUTSIDE * len(words):
        return []
    cells = {id(area): area for area in areas.values()}.values()
    if sum(bool(area.words) for area in cells) < _FILLED * len(cells):
        return []
    rows = _rows(grid, areas)
    if not _is_table([part for row in rows for part in row]):
        return []
    runs = groupby(range(len(rows)), key=lambda row: _is_note(grid, areas, row))
    found = ([line for row in run for part in rows[row] for line in part] for is_note, run in runs if not is_note)
    return [table(some) for some in found if some]


def _rows(grid: _Grid, areas: dict[Place, _Area]) -> list[list[list[Line]]]:
    """Return what stands between each two lines across."""
    single = [_alone(grid, areas, row) for row in range(len(grid.ys) - 1)]
    sure = [is_one_row(cells) for cells in single]
    likely = len(sure) > 2 and 2 * sum(sure) >= len(sure)
    return [list(_row(grid, areas, row, is_one_row(cells, likely))) for row, cells in enumerate(single)]


def _is_table(parts: Sequence[Sequence[Line]]) -> bool:
    """Say whether enough rows have several cells, or texts side by side, and these stand apart."""
    several = [
        part for part in parts if sum(line.opens for line in part) > 1 or any(len(_cells(line)) > 1 for line in part)
    ]
    marked = sum(_is_text(_cells(line)) for part in several for line in part)
    return len(several) > 1 and len(several) >= _ROWS * len(parts) and 2 * marked < len(several)


def _cells(line: Line) -> list[Piece]:
    return [cell for cell in line.cells if cell]


def _is_text(cells: Sequence[Piece]) -> bool:
    """Say whether cells are no further apart than the words of a sentence: lines that are marked in two colours."""
    return any(two.left - one.right < _SPACE * one.size for one, two in pairwise(cells))


def _grid(frame: Frame) -> _Grid:
    xs = levels([frame.left, frame.right, *(rule.at for rule in frame.down)])
    # A line that ends in the midst of a cell underlines a word.
    across = [rule for rule in frame.across if all(_is_near(xs, end) for end in (rule.start, rule.end))]
    ys = levels([frame.bottom, frame.top, *(rule.at for rule in across)])[::-1]
    grid = _Grid(xs, ys)
    if len(xs) * len(ys) > _PLACES:
        return _Grid([], [])
    down = [[rule for rule in frame.down if abs(rule.at - x) <= NEAR] for x in xs[1:]]
    along = [[rule for rule in across if abs(rule.at - y) <= NEAR] for y in ys[1:]]
    for row, (top, bottom) in enumerate(pairwise(ys)):
        for column, (left, right) in enumerate(pairwise(xs)):
            if not any(rule.start <= (top + bottom) / 2 <= rule.end for rule in down[column]):
                grid.open_right.add((row, column))
            if not any(rule.start <= (left + right) / 2 <= rule.end for rule in along[row]):
                grid.open_below.add((row, column))
    return grid


def _is_near(values: Sequence[float], value: float) -> bool:
    return any(abs(value - other) <= NEAR for other in values)


def _divided(grid: _Grid, words: Sequence[Word]) -> _Grid:
    """Return a grid with a line down wherever white space parts what stands between two lines in several rows."""
    by_place: dict[Place, list[Word]] = defaultdict(list)
    for word in words:
        by_place[grid.place(word)].append(word)
    xs, old = list(grid.xs[:1]), list[int]()
    for column, right in enumerate(grid.xs[1:]):
        found = [line for (_, at), some in by_place.items() if at == column for line in lines(some)]
        parts = columns([piece for line in found for piece in line])
        if sum(len(line) > 1 for line in found) > 1:
            xs += [(one[1] + two[0]) / 2 for one, two in pairwise(parts)]
        xs.append(right)
        old += [column] * (len(xs) - 1 - len(old))
    result = _Grid(xs, grid.ys)
    last = [index + 1 == len(old) or old[index + 1] != at for index, at in enumerate(old)]
    for row in range(len(grid.ys) - 1):
        result.open_right |= {(row, i) for i, at in enumerate(old) if last[i] and (row, at) in grid.open_right}
        result.open_below |= {(row, i) for i, at in enumerate(old) if (row, at) in grid.open_below}
    return result


def _areas(grid: _Grid) -> dict[Place, _Area] | None:
    """Return the cell of each place, or None where cells are no rectangles."""
    result: dict[Place, _Area] = {}
    high, wide = len(grid.ys) - 1, len(grid.xs) - 1
    for row in range(high):
        for column in range(wide):
            if (row, column) in result:
                continue
            right, below = column, row
            while right + 1 < wide and (row, right) in grid.open_right:
                right += 1
            while below + 1 < high and (below, column) in grid.open_below:
                below += 1
            area = _Area(range(row, below + 1), range(column, right + 1))
            places = [(r, c) for r in area.rows for c in area.columns]
            if not all(_is_within(grid, area, place) and place not in result for place in places):
                return None
            result.update(dict.fromkeys(places, area))
    return result


def _is_within(grid: _Grid, area: _Area, place: Place) -> bool:
    """Say whether a place is open to those beside it that are of its cell, and closed to the others."""
    row, column = place
    right = (place in grid.open_right) == (column < area.columns[-1])
    below = (place in grid.open_below) == (row < area.rows[-1])
    return (right or column + 2 == len(grid.xs)) and (below or row + 2 == len(grid.ys))


def _stand_across(grid: _Grid, areas: dict[Place, _Area], words: Sequence[Word]) -> int:
    """Give each word to its cell, and return how many reach over its edges."""
    across = 0
    for word in words:
        area = areas[grid.place(word)]
        area.words.append(word)
        left, right = grid.xs[area.columns.start], grid.xs[area.columns.stop]
        across += word.left < left - NEAR or word.right > right + NEAR
    return across


def _alone(grid: _Grid, areas: dict[Place, _Area], row: int) -> list[Cell]:
    """Return the cells that are in this row alone."""
    here = {id(area): area for column in range(len(grid.xs) - 1) if len((area := areas[row, column]).rows) == 1}
    return [one for area in here.values() if (one := _cell(grid, area))]


def _row(grid: _Grid, areas: dict[Place, _Area], row: int, is_one: bool) -> Iterator[list[Line]]:
    """Yield what stands between two lines across: a row, several, or texts side by side, one after the other."""
    here = [areas[row, column] for column in range(len(grid.xs) - 1) if areas[row, column].columns[0] == column]
    if not any(area.words for area in here if area.rows[0] == row):
        return  # only what rows above have said: boxes in one line, joined by arrows
    found = {area.columns[0]: one for area in here if (one := _cell(grid, area))}
    of_text = sum(one.is_set_in_column for one in found.values())
    if not is_one and of_text < 2:
        yield from ([line] for line in _several(grid, here))
    elif not is_one or any(one.is_prose for one in found.values()):
        yield [Line([line], opens=at == 0) for one in found.values() for at, line in enumerate(one.lines)]
    elif found:
        yield [Line([_piece(found.get(column)) for column in range(len(grid.xs) - 1)], "row")]


def _is_note(grid: _Grid, areas: dict[Place, _Area], row: int) -> bool:
    """Say whether what stands over all columns is no row: above the first or below the last, or several lines."""
    area = areas[row, 0]
    if len(area.columns) < len(grid.xs) - 1:
        return False
    edge = area.rows.start == 0 or area.rows.stop == len(grid.ys) - 1
    return bool(area.words) and (edge or len(lines(area.words)) > 1)


def _cell(grid: _Grid, area: _Area) -> Cell | None:
    left, right = grid.xs[area.columns.start], grid.xs[area.columns.stop]
    margin = min((min(word.left - left, right - word.right) for word in area.words), default=0.0)
    return cell(area.words, right - left - 2 * max(margin, 0.0))


def _piece(found: Cell | None) -> Piece | None:
    return found.piece() if found else None


def _several(grid: _Grid, here: Sequence[_Area]) -> Iterator[Line]:
    """Yield the rows between two lines across that hold more than one; a cell that reaches further is of each."""
    single = [word for area in here if len(area.rows) == 1 for word in area.words]
    further = {area.columns[0]: _piece(_cell(grid, area)) for area in here if len(area.rows) > 1}
    for part in parted(lines(single)):
        rows = [_columns(grid, part)]
        if not is_one_row([one for one in rows[0].values() if one]):
            rows = [_columns(grid, [line]) for line in part]
        for row in rows:
            cells = further | {column: _piece(one) for column, one in row.items()}
            yield Line([cells.get(column) for column in range(len(grid.xs) - 1)], "row")


def _columns(grid: _Grid, part: Sequence[Sequence[Piece]]) -> dict[int, Cell | None]:
    """Return lines by the columns that their words stand in."""
    found: dict[int, list[Word]] = defaultdict(list)
    for word in (word for line in part for piece in line for word in piece.words):
        found[grid.place(word)[1]].append(word)
    return {column: cell(some) for column, some in found.items()}
