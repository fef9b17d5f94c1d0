"""Rows, items and "Key: value" lines whose numbers can be compared: of one table or list, or of several documents.

Which numbers belong together is told by where they stand: in one column, or as the only ones of their kind in lines of
one list, or behind one key in several documents. In sentences only those count that say of the number what was asked.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from rag.columns import cells_of
from rag.days import is_day_first
from rag.quantities import AGE, COUNT, MONEY, Quantity, quantities, unit_of
from rag.types import Evidence
from rag.words import content

_KEY = re.compile(r"(?P<key>[^\W\d_][^:|.!?\d\n]{0,40}):[ \t]+\S")
_HEAD = re.compile(r"(?P<head>[^:|]{1,60}): ")
_SENTENCE = re.compile(r"[.!?…][\"'”’)\]»*_\s]*$")
_PARTS = re.compile(r"[,;|()–—]|: | - ")
"""What parts a line: a number is told what it counts by the words of its part."""
_OF_MONEY = content(
    "price cost fee rent rate amount salary wage budget fare deposit total sum expense donation payment"
)
_OF_AGE = content("age aged")
_OF_YEARS = content("year date built founded since hired born opened joined established started published")
LEAST = 2
"""Members of what can be compared."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A number, the column that it stands in ("" outside of tables), and the words that say what it is."""

    quantity: Quantity
    column: str
    label: frozenset[str]


@dataclass(frozen=True, slots=True)
class Member:
    """A row, an item, a line or a sentence: where it stands in the evidence, its numbers, and its words by cell."""

    index: int
    figures: tuple[Figure, ...]
    cells: tuple[frozenset[str], ...]

    @property
    def words(self) -> frozenset[str]:
        """All of its words."""
        return frozenset[str]().union(*self.cells)


@dataclass(frozen=True, slots=True)
class Series:
    """Members that stand together, and the words of what they stand under: title, heading, heads of columns."""

    members: tuple[Member, ...]
    about: frozenset[str]
    told: bool = False
    """They are sentences."""
    keyed: bool = False
    """They are "Key: value" lines of one key, of several documents."""


def series_of(evidence: Sequence[Evidence], *, years: bool = False) -> list[Series]:
    """Return what of the evidence can be compared; with `years` a year alone is a day, too: "Opened in 1931"."""
    groups: dict[tuple[str, ...], list[int]] = {}
    for index, item in enumerate(evidence):
        for key in _keys(item):
            groups.setdefault(key, []).append(index)
    found: list[Series] = []
    for key, indices in groups.items():
        ordered = sorted(indices, key=lambda at: (evidence[at].document_id, evidence[at].start))
        if key[0] == "record" and len({evidence[at].document_id for at in ordered}) < LEAST:
            continue
        one = _table(evidence, ordered, years) if key[0] == "row" else _lines(evidence, ordered, years, key[0])
        found += [one] if len(one.members) >= LEAST else []
    return found


def is_sentence(text: str) -> bool:
    """Say whether a text ends as a sentence does, and is no row."""
    return bool(_SENTENCE.search(text)) and not cells_of(text)


def _keys(item: Evidence) -> Iterator[tuple[str, ...]]:
    """Yield with what an item may belong together."""
    if cells := cells_of(item.text):
        # Rows of a sheet have their heads in their cells, and none for an empty one; else a table is told by its width
        # and the head of its first column.
        labelled = all(_HEAD.match(cell) for cell in cells if cell)
        width = "" if labelled else f"{len(cells)} {cells_with_heads(item)[0][0]}"
        yield "row", item.document_id, item.heading, width
    elif is_sentence(item.text):
        yield ("told",)
    else:
        yield "item", item.document_id, item.heading
        if key := _KEY.match(item.text):
            yield "record", " ".join(key["key"].casefold().split())


def _table(evidence: Sequence[Evidence], indices: Sequence[int], years: bool) -> Series:
    """Return the rows of a table, without the one that has the heads of its columns."""
    read = [(index, cells_with_heads(evidence[index])) for index in indices]
    if len(read) > LEAST and not any(head for _, cells in read for head, _ in cells):
        first, others = [cell for _, cell in read[0][1]], [[cell for _, cell in cells] for _, cells in read[1:]]
        if not any(map(_has_digit, first)) and all(any(map(_has_digit, row)) for row in others):
            read = [
                (index, [(head, cell) for head, (_, cell) in zip(first, cells, strict=True)])
                for index, cells in read[1:]
            ]
    elif any(evidence[index].in_full for index in indices):
        read = [(index, cells) for index, cells in read if evidence[index].in_full]
    first_of_day = is_day_first(" ".join(evidence[index].text for index in indices))
    members = [
        Member(
            index,
            tuple(
                figure
                for at, (head, cell) in enumerate(cells)
                for figure in _of_cell(head, cell, at, first_of_day, years)
            ),
            tuple(content(cell) for _, cell in cells),
        )
        for index, cells in read
    ]
    heads = content(" . ".join(dict.fromkeys(head for _, cells in read for head, _ in cells)))
    return Series(tuple(members), heads | _above(evidence, indices))


def cells_with_heads(item: Evidence) -> list[tuple[str, str]]:
    """Return the cells of a row, each with the head of its column, "" where nothing tells it."""
    found: list[tuple[str, str]] = []
    rest = item.in_full
    for cell in cells_of(item.text):
        labelled = _HEAD.match(cell)
        before, there, behind = rest.partition(cell) if cell else ("", "", rest)
        if rest and there:
            found.append((before.strip("; ").removesuffix(":"), cell))
            rest = behind
        elif not item.in_full and labelled:
            found.append((labelled["head"].strip(), cell[labelled.end() :]))
        else:
            found.append(("", cell))
    return found


def _of_cell(head: str, cell: str, at: int, day_first: bool | None, years: bool) -> Iterator[Figure]:
    """Yield the number of a cell; of several only the first, in a table cell others explain it."""
    label = content(head)
    of_years = bool(label & _OF_YEARS) or (years and not head)
    found = quantities(cell, day_first=day_first, years=of_years)
    for one in found[:1]:
        yield Figure(_typed(one, head, label), head.casefold() or str(at), label)


def _typed(one: Quantity, head: str, label: frozenset[str]) -> Quantity:
    """Return a number without a unit as one of what its head or key says: "Height (cm)", "Price", "Age"."""
    if one.dimension != COUNT:
        return one
    if unit := unit_of(head):
        return one.in_unit(*unit)
    kind = AGE if label & _OF_AGE else MONEY if label & _OF_MONEY else COUNT
    return one.in_unit(kind, Decimal(1))


def _lines(evidence: Sequence[Evidence], indices: Sequence[int], years: bool, kind: str) -> Series:
    first_of_day = is_day_first(" ".join(evidence[index].text for index in indices))
    members = [
        Member(index, tuple(_of_line(evidence[index].text, first_of_day, years)), _parts(evidence[index].text))
        for index in indices
    ]
    members = [member for member in members if member.figures]
    told = kind == "told"
    return Series(tuple(members), frozenset() if told else _above(evidence, indices), told, kind == "record")


def _of_line(text: str, day_first: bool | None, years: bool) -> Iterator[Figure]:
    """Yield the numbers of a line, each with the words of its part of it, up to the next number."""
    key = _KEY.match(text)
    found = quantities(text, day_first=day_first, years=years or bool(key and content(key["key"]) & _OF_YEARS))
    ends = [0, *(one.end for one in found), len(text)]
    starts = [one.start for one in found] + [len(text)]
    for at, one in enumerate(found):
        before = _PARTS.split(text[ends[at] : one.start])[-1]
        behind = _PARTS.split(text[one.end : starts[at + 1]])[0]
        # The unit of a count is the word behind it: "12 places"; "Anger 9" is none of apples.
        label = content(f"{before} {text[one.start : one.end]} {behind}")
        head = key["key"] if key and at == 0 else ""
        yield Figure(_typed(one, head, label | content(head)), "", label | content(head))


def _parts(text: str) -> tuple[frozenset[str], ...]:
    return tuple(content(part) for part in _PARTS.split(text))


def _above(evidence: Sequence[Evidence], indices: Iterable[int]) -> frozenset[str]:
    above = {f"{evidence[index].title}. {evidence[index].heading}" for index in indices}
    return frozenset[str]().union(*map(content, above))


def _has_digit(text: str) -> bool:
    return any(character.isdigit() for character in text)
