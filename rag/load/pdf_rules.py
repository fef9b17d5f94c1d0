"""The lines that are drawn on a PDF page, across and down, and the edges of shaded areas. A part of `rag.load.pdf`."""

from __future__ import annotations

import ctypes
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, NamedTuple

_THIN = 3.5
"""Points: a filled area that is no thicker is a line."""
_SHORT = 5.0
"""Points: what is shorter is a tick or a dash."""
_OBJECTS = 4000
"""A page with more drawn things than that is a map or a plot."""
_POINTS = 4000
"""More corners than that on a page are a drawing, of which only the first part is looked at."""
_DEPTH = 4
"""Forms within forms."""
_LIGHT = 250
"""Of 255: a lighter area is paper."""

Box = tuple[float, float, float, float]
"""Left, bottom, right, top in points from the page's lower left corner."""


class Rule(NamedTuple):
    """A line: its height for one that runs across, its place from the left for one that runs down; then its ends."""

    at: float
    start: float
    end: float


@dataclass(slots=True)
class Rules:
    """The lines of a page in points, in the coordinates of its words."""

    across: list[Rule] = field(default_factory=list)
    down: list[Rule] = field(default_factory=list)


class _Matrix(NamedTuple):
    a: float = 1.0
    b: float = 0.0
    c: float = 0.0
    d: float = 1.0
    e: float = 0.0
    f: float = 0.0

    def point(self, x: float, y: float) -> tuple[float, float]:
        """Return where a point comes to stand."""
        return self.a * x + self.c * y + self.e, self.b * x + self.d * y + self.f

    def after(self, inner: _Matrix) -> _Matrix:
        """Return what does the inner one first, then this."""
        e, f = self.point(inner.e, inner.f)
        return _Matrix(
            self.a * inner.a + self.c * inner.b,
            self.b * inner.a + self.d * inner.b,
            self.a * inner.c + self.c * inner.d,
            self.b * inner.c + self.d * inner.d,
            e,
            f,
        )


def drawn(page: Any) -> list[Box]:
    """Return the straight lines of a page, across or down, each as a box without width or without height."""
    import pypdfium2.raw as raw

    found: list[Box] = []
    points = 0
    for number, (path, outer) in enumerate(_paths(raw, page.raw, _Matrix(), 0)):
        points += raw.FPDFPath_CountSegments(path)
        if number >= _OBJECTS or points > _POINTS:
            break
        found += _of_path(raw, path, outer)
    return found


def _paths(raw: Any, holder: Any, outer: _Matrix, depth: int) -> Iterator[tuple[Any, _Matrix]]:
    """Yield the paths of a page or form, in the order they are drawn, with what brings each to its place."""
    count = raw.FPDFFormObj_CountObjects(holder) if depth else raw.FPDFPage_CountObjects(holder)
    for index in range(min(count, 100 * _OBJECTS)):
        found = raw.FPDFFormObj_GetObject(holder, index) if depth else raw.FPDFPage_GetObject(holder, index)
        kind = raw.FPDFPageObj_GetType(found)
        if kind == raw.FPDF_PAGEOBJ_PATH:
            yield found, outer.after(_matrix(raw, found))
        elif kind == raw.FPDF_PAGEOBJ_FORM and depth < _DEPTH:
            yield from _paths(raw, found, outer.after(_matrix(raw, found)), depth + 1)


def _matrix(raw: Any, found: Any) -> _Matrix:
    matrix = raw.FS_MATRIX()
    if not raw.FPDFPageObj_GetMatrix(found, ctypes.byref(matrix)):
        return _Matrix()
    return _Matrix(matrix.a, matrix.b, matrix.c, matrix.d, matrix.e, matrix.f)


def _of_path(raw: Any, path: Any, outer: _Matrix) -> Iterator[Box]:
    fill, stroke = ctypes.c_int(), ctypes.c_int()
    raw.FPDFPath_GetDrawMode(path, ctypes.byref(fill), ctypes.byref(stroke))
    if not fill.value and not stroke.value:
        return
    shade = fill.value and not _is_light(raw, path)
    curved, outlines = _outlines(raw, path, outer)
    for corners in outlines:
        left, right = min(x for x, _ in corners), max(x for x, _ in corners)
        bottom, top = min(y for _, y in corners), max(y for _, y in corners)
        thin = min(right - left, top - bottom) <= _THIN
        if fill.value and not curved and len(corners) > 2 and thin:
            yield _middle(left, bottom, right, top)
        elif stroke.value:
            yield from _edges(corners)
        elif shade and not curved and len(corners) in {4, 5} and all(_is_straight(*edge) for edge in _pairs(corners)):
            yield from ((left, y, right, y) for y in (bottom, top))
            yield from ((x, bottom, x, top) for x in (left, right))


def _outlines(raw: Any, path: Any, outer: _Matrix) -> tuple[bool, list[list[tuple[float, float]]]]:
    """Return whether a path has curves, and the corners of each part of it that has none."""
    x, y = ctypes.c_float(), ctypes.c_float()
    curved, parts = False, list[list[tuple[float, float]]]()
    for index in range(raw.FPDFPath_CountSegments(path)):
        segment = raw.FPDFPath_GetPathSegment(path, index)
        kind = raw.FPDFPathSegment_GetType(segment)
        raw.FPDFPathSegment_GetPoint(segment, ctypes.byref(x), ctypes.byref(y))
        place = outer.point(x.value, y.value)
        if not all(map(math.isfinite, place)):
            return True, []
        curved = curved or kind == raw.FPDF_SEGMENT_BEZIERTO
        if kind != raw.FPDF_SEGMENT_LINETO or not parts:
            parts.append([])
        parts[-1].append(place)
        if raw.FPDFPathSegment_GetClose(segment) and not curved and place != parts[-1][0]:
            parts[-1].append(parts[-1][0])
    return curved, [part for part in parts if len(part) > 1]


def _pairs(corners: Sequence[tuple[float, float]]) -> Iterator[tuple[tuple[float, float], tuple[float, float]]]:
    yield from pairwise(corners)


def _is_straight(one: tuple[float, float], two: tuple[float, float]) -> bool:
    return abs(one[0] - two[0]) < 0.7 or abs(one[1] - two[1]) < 0.7


def _edges(corners: Sequence[tuple[float, float]]) -> Iterator[Box]:
    for one, two in _pairs(corners):
        if _is_straight(one, two):
            yield _middle(min(one[0], two[0]), min(one[1], two[1]), max(one[0], two[0]), max(one[1], two[1]))


def _middle(left: float, bottom: float, right: float, top: float) -> Box:
    """Return a thin area without its thickness."""
    if right - left > top - bottom:
        return left, (bottom + top) / 2, right, (bottom + top) / 2
    return (left + right) / 2, bottom, (left + right) / 2, top


def _is_light(raw: Any, path: Any) -> bool:
    """Say whether an area is not seen on paper: white, or clear."""
    red, green, blue, alpha = (ctypes.c_uint() for _ in range(4))
    known = raw.FPDFPageObj_GetFillColor(path, *(ctypes.byref(part) for part in (red, green, blue, alpha)))
    return bool(known) and (alpha.value < 5 or min(red.value, green.value, blue.value) >= _LIGHT)


def rules(boxes: Sequence[Box]) -> Rules:
    """Return lines by their direction, those that go on in each other as one."""
    across = [Rule(bottom, left, right) for left, bottom, right, top in boxes if right - left >= _SHORT]
    down = [Rule(left, bottom, top) for left, bottom, right, top in boxes if top - bottom >= _SHORT]
    return Rules(_joined(across), _joined(down))


def _joined(found: list[Rule], near: float = 1.5) -> list[Rule]:
    """Return lines that lie in one another, or behind each other with hardly a gap, as one each."""
    lanes: list[list[Rule]] = []
    for rule in sorted(found):
        if lanes and rule.at - lanes[-1][0].at <= near:
            lanes[-1].append(rule)
        else:
            lanes.append([rule])
    result: list[Rule] = []
    for lane in lanes:
        at = sum(rule.at for rule in lane) / len(lane)
        run: Rule | None = None
        for rule in sorted(lane, key=lambda rule: rule.start):
            if run is not None and rule.start - run.end <= 2 * near:
                run = Rule(at, run.start, max(run.end, rule.end))
                continue
            if run is not None:
                result.append(run)
            run = Rule(at, rule.start, rule.end)
        result += [run] if run else []
    return result
