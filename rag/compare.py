"""The rows, items or lines that satisfy the bound of a question, or have the extreme that it asks for.

"Which rooms cost less than €90?" is answered by the rows whose price is, and by no other one; "Which is the cheapest
room?" by the row with the lowest price. Where it isn't sure which numbers are meant, or they don't count the same
thing, nothing is said, and the answer is what it would be without.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from functools import lru_cache

from rag.alike import SYNONYM, alike
from rag.quantities import (
    AGE,
    AREA,
    CLOCK,
    COUNT,
    DAY,
    LENGTH,
    MONEY,
    SHARE,
    SPEED,
    TIME,
    VOLUME,
    WARMTH,
    WEIGHT,
    Quantity,
)  # fmt: skip
from rag.series import LEAST, Figure, Member, Series, is_sentence, series_of
from rag.task import Task
from rag.types import Evidence
from rag.understand.comparing import Bound, Extreme, comparison_of
from rag.wanted import Wanted, wanted_of
from rag.words import VAGUE, content, numbers

_IN_ALL = content("total amount sum")
_SAME = tuple(
    content(group)
    for group in (
        "score scored points marks grade result",
        "flat apartment",
        "salary wage pay income earn",
        "seats places capacity",
        "cost price rate fee fare charge",
        "birthday born birth",
        "leave depart departure",
        "employee staff",
    )
)
"""What says the same of rows, beside what the check knows (rag.alike)."""
_TOTALS = content("total totals sum subtotal overall average mean altogether")
"""What a row is called that adds up the others."""
_MEASURES = content("height width depth length distance duration size area weight age temperature")
_RARE = frozenset({SHARE, LENGTH, AREA, WEIGHT, TIME, VOLUME, SPEED, WARMTH, AGE})
"""Measures of which a folder seldom has more than one column."""
_WITH_YEAR = 10_000
"""From here on a day has a year."""
HALF, MOST = 0.5, 0.65
"""Shares of the question that rows have to have which are within a bound, or of which one is the extreme."""
NONE = -1.0
"""Share of rows that lack what they have to have."""
IN_OTHER_WORDS = 0.9
"""What a word counts for that says the same."""
_SURE = 0.75
"""Share of what was asked that rows have of which none is within the bound, for that to be said."""

Column = list[tuple[Member, Quantity]]


@dataclass(frozen=True, slots=True)
class Compared:
    """What became of a comparison: the evidence that satisfies it, or the one that comes nearest where none does."""

    found: tuple[int, ...]
    nearest: int | None = None
    asked: str = ""
    """The bound in the question's words: "less than €90"."""
    sure: bool = False
    """All that was asked of is there: more than the outlook can tell, which knows no bounds."""


@dataclass(frozen=True, slots=True)
class _Rated:
    """A series whose numbers may be compared, and which share of the question it has."""

    series: Series
    column: Column
    label: frozenset[str]
    share: float


def compared(task: Task) -> Compared | None:
    """Return what satisfies the bound or is the extreme that a question asks for; None where it can't be told."""
    if comparison_of(task.standalone) is None:
        return None
    return _compared(task.standalone, task.evidence, task.situation == "whole")


@lru_cache(maxsize=8)
def _compared(question: str, evidence: tuple[Evidence, ...], whole: bool) -> Compared | None:
    comparison = comparison_of(question)
    wanted = wanted_of(comparison) if comparison else None
    if wanted is None:
        return None
    rated = _rated(evidence, wanted)
    best = _best([one for one in rated if one.share >= (MOST if wanted.extreme else HALF)]) or _only(
        rated, wanted, evidence
    )
    if not best:
        return None
    column = [one for rated in best for one in _narrowed(rated, wanted)]
    column = list({member.index: (member, one) for member, one in column}.values())
    in_part = not whole and any(evidence[member.index].in_part for one in best for member in one.series.members)
    if wanted.extreme is None:
        return _within(best[0], wanted, column, in_part)
    documents = {evidence[member.index].document_id for member, _ in column}
    # What one document tells in sentences of several numbers is seldom of one kind: "100 points in a game".
    told = best[0].series.told and (len(documents) < len(column) or column[0][1].dimension == MONEY)
    if in_part or told or any(one.label != best[0].label for one in best):
        return None
    return _extreme(wanted.extreme, column, best[0].share)


def _only(rated: Sequence[_Rated], wanted: Wanted, evidence: Sequence[Evidence]) -> list[_Rated]:
    """Return the only series that has such a measure, if it has the likeliest answer: nobody calls pets "animals".

    Of money and mere numbers there may be any.
    """
    lines = [one for one in rated if not one.series.told]
    if wanted.extreme or len(lines) != 1 or not wanted.dimensions <= _RARE:
        return []
    there = {member.index for member, _ in lines[0].column}
    first = next((index for index, item in enumerate(evidence) if item.fits), None)
    return lines if first in there and lines[0].share > NONE else []


def _rated(evidence: tuple[Evidence, ...], wanted: Wanted) -> list[_Rated]:
    found: list[_Rated] = []
    for series in series_of(evidence, years=any(bound.when for bound, _ in wanted.ends)):
        column, label = _column(series, wanted)
        share = _share(series, wanted, column) if len(column) >= LEAST else 0.0
        found += [_Rated(series, column, label, share)] if len(column) >= LEAST else []
    return found


def _best(rated: Sequence[_Rated]) -> list[_Rated]:
    """Return the series that have most of what was asked; sentences only where no rows or lines have as much."""
    most = max((one.share for one in rated), default=0.0)
    best = [one for one in rated if one.share == most]
    best = [one for one in best if not one.series.told] or best
    # Several keys of one document may count the same: "Subtotal", "VAT", "Total".
    return [one for one in best if one.label & _IN_ALL] or best


def _said(key: str, words: AbstractSet[str]) -> float:
    """Return 1 where a word is among these, less where another word is that says the same."""
    # Stems of one word may differ by an "e": "buses" and "bus".
    if key in words or any(key.rstrip("e") == word.rstrip("e") for word in words):
        return 1.0
    same = next((group for group in _SAME if key in group), frozenset[str]())
    return IN_OTHER_WORDS * bool(same & words or any(alike(key, word, names=False) >= SYNONYM for word in words))


def _score(label: frozenset[str], wanted: Wanted) -> float:
    asked = sum(_said(key, label) * (1 if key in VAGUE else 2) for key in wanted.labels)
    return asked + bool(wanted.hints & label)


def _column(series: Series, wanted: Wanted) -> tuple[Column, frozenset[str]]:
    """Return the numbers of a series that are to be compared, each with its member, and what its column is called.

    None where that isn't sure: two columns that may be meant, numbers in two currencies, a line with two prices.
    """
    columns: dict[tuple[str, str], list[tuple[Member, Figure]]] = {}
    for member in series.members:
        for figure in member.figures if _may_tell(series, member, wanted) else ():
            if _may_be(figure, wanted, series):
                columns.setdefault((figure.column, figure.quantity.dimension), []).append((member, figure))
    full = [column for column in columns.values() if len({member.index for member, _ in column}) >= LEAST]
    scored = [(max(_score(figure.label, wanted) for _, figure in column), column) for column in full]
    most = max((score for score, _ in scored), default=0.0)
    best = [_one_each(column, wanted) for score, column in scored if score == most]
    if len(best) > 1:
        best = [column for column in best if any(figure.label & _IN_ALL for _, figure in column)]
    if len(best) != 1 or not _are_alike(best[0]):
        return [], frozenset()
    label = best[0][0][1].label if best[0][0][1].column else frozenset[str]()
    return [(member, _as_asked(figure.quantity, wanted)) for member, figure in best[0]], label


def _as_asked(one: Quantity, wanted: Wanted) -> Quantity:
    """Return a number without the measure of its unit where the question names none: "height above 50"."""
    if wanted.dimensions != {COUNT} or one.bare is None or not one.low:
        return one
    return replace(one, low=one.bare, high=one.bare * one.high / one.low)


def _may_tell(series: Series, member: Member, wanted: Wanted) -> bool:
    """Say whether a member may be compared: a sentence has all that was asked, a row is not the sum of the others."""
    if series.told:
        return all(_said(key, member.words) for key, weight in wanted.words.items() if weight)
    return series.keyed or not any(cell and cell <= _TOTALS for cell in member.cells)


def _may_be(figure: Figure, wanted: Wanted, series: Series) -> bool:
    """Say whether a number is of the kind that is asked for."""
    one = figure.quantity
    named = any(_said(key, figure.label) > 0 for key in wanted.labels)
    hinted = bool(wanted.hints & figure.label)
    if series.told and (not named or one.dimension in {DAY, CLOCK}):
        return False
    if wanted.dimensions == {COUNT}:
        # A bound without a unit: whatever its column has, as it stands there; "under 6" may be an age.
        return one.dimension == AGE or (named and one.bare is not None)
    if wanted.extreme and not wanted.dimensions:
        return named
    if wanted.extreme and figure.column and not (named or hinted or one.dimension in {MONEY, AGE}):
        return False
    if one.dimension == COUNT:
        return bool(wanted.extreme and figure.column and hinted)
    if wanted.hints and figure.label & _MEASURES and not (named or hinted):
        return False  # a width is no height
    fitting = one.dimension in wanted.dimensions
    return fitting and (not wanted.unit or not one.unit or one.unit == wanted.unit)


def _one_each(column: Sequence[tuple[Member, Figure]], wanted: Wanted) -> list[tuple[Member, Figure]]:
    """Return one number a member: of several the one whose words are asked for; [] where that is not one."""
    by_member: dict[int, list[tuple[Member, Figure]]] = {}
    for member, figure in column:
        by_member.setdefault(member.index, []).append((member, figure))
    most = max(_score(figure.label, wanted) for _, figure in column)
    several = any(len(own) > 1 for own in by_member.values())
    kept = [[one for one in own if not several or _score(one[1].label, wanted) == most] for own in by_member.values()]
    told = [own for own in kept if own]
    if any(one[1].quantity.low != own[0][1].quantity.low for own in told for one in own):
        return []
    return [own[0] for own in told]


def _are_alike(column: Sequence[tuple[Member, Figure]]) -> bool:
    """Say whether the numbers of a column have one unit, and its days years or not."""
    units = {figure.quantity.unit for _, figure in column} - {""}
    days = {figure.quantity.low >= _WITH_YEAR for _, figure in column if figure.quantity.dimension == DAY}
    return bool(column) and len(units) <= 1 and len(days) <= 1


def _share(series: Series, wanted: Wanted, column: Column) -> float:
    """Return which share of the question's words a series has, by what it stands under and its members."""
    there = series.about.union(*(member.words for member, _ in column))
    there |= frozenset[str]().union(*(f.label for member, _ in column for f in member.figures))
    if not all(_said(key, there) for key in wanted.needed):
        return NONE
    words = dict(wanted.words)
    if wanted.hints & there:
        words[min(wanted.hints & there)] = 1.0
    every = sum(words.values())
    return sum(weight * _said(key, there) for key, weight in words.items()) / every if every else 0.0


def _narrowed(rated: _Rated, wanted: Wanted) -> Column:
    """Return the members that have what else is asked: "Which double rooms …", where some have it in a cell."""
    column = rated.column
    labels = frozenset[str]().union(*(f.label for m, _ in column for f in m.figures if f.column))
    for key in wanted.words.keys() - rated.series.about - labels:
        have = [one for one in column if key in one[0].words]
        told = key in wanted.needed or any(
            key in cell and cell <= wanted.words.keys() for member, _ in have for cell in member.cells
        )
        # "Which bikes …" of a list of all that a shop sells: those that are called so.
        is_noun = wanted.words[key] > 1 and not rated.series.told and not any(_said(key, {word}) for word in labels)
        if (told or is_noun) and have:
            column = have
    return column


def _within(best: _Rated, wanted: Wanted, column: Column, in_part: bool) -> Compared | None:
    """Return what is within the bounds; where nothing is, what comes nearest, if it is sure that this was asked."""
    column, ends = _in_years(column, wanted), wanted.ends
    # Who has had something "since 2003" got it in that year where a column says since when; not later.
    if not column or (ends[0][0].said.lower() == "since" and content("since") <= best.label):
        return None
    found = tuple(member.index for member, one in column if all(_holds(bound, end, one) for bound, end in ends))
    values = [bound.value[: end.end].strip() for bound, end in ends]
    asked = f"{ends[0][0].said} {' and '.join(values)}"
    if found:
        return Compared(found, asked=asked, sure=best.share >= IN_OTHER_WORDS)
    if best.share < _SURE or best.series.told or in_part or wanted.dimensions == {DAY}:
        return None
    nearest = min(column, key=lambda pair: min(abs(pair[1].low - end.low) for _, end in ends))
    return Compared((), nearest[0].index, asked, best.share >= IN_OTHER_WORDS)


def _in_years(column: Column, wanted: Wanted) -> Column:
    """Return a column of days if these can be compared with the bound: of one year, if that names none."""
    if wanted.dimensions != {DAY}:
        return column
    bound, day = wanted.ends[0]
    dated = day.low >= _WITH_YEAR
    if all((one.low >= _WITH_YEAR) == dated for _, one in column):
        return column
    years = {one.low // _WITH_YEAR for _, one in column}
    if dated or (len(years) > 1 and bound.relation != "in"):
        return []
    return [(member, replace(one, low=one.low % _WITH_YEAR, high=one.high % _WITH_YEAR)) for member, one in column]


def _holds(bound: Bound, end: Quantity, one: Quantity) -> bool:
    """Say whether a number is within a bound, both ends of a span; of days that goes on for several its first."""
    low, high = (one.low, one.low) if one.dimension in {DAY, CLOCK} else (one.low, one.high)
    holds: dict[str, Callable[[], bool]] = {
        "<": lambda: high < end.low,
        "<=": lambda: high <= end.high,
        ">": lambda: low > end.high,
        ">=": lambda: low >= end.low,
        "in": lambda: end.low <= low <= end.high,
    }
    return holds[bound.relation]()


def _extreme(extreme: Extreme, column: Column, share: float) -> Compared | None:
    dimension = column[0][1].dimension
    highest = extreme.highest != (dimension == SPEED or (dimension == DAY and extreme.said == "oldest"))
    best = (max if highest else min)(one.low for _, one in column)
    found = tuple(member.index for member, one in column if one.low == best)
    return (
        Compared(found, asked=extreme.said, sure=share >= IN_OTHER_WORDS)
        if len(found) < len(column) or len(column) == 1
        else None
    )


def with_statement(task: Task, found: Sequence[int]) -> list[int]:
    """Return the rows that have an extreme, and the likeliest sentence if that says itself what has it.

    "The oldest boat is the skiff Heron." stands ahead of its row; behind another row, as what may be meant instead.
    """
    comparison = comparison_of(task.standalone)
    first = next((index for index, item in enumerate(task.evidence) if item.fits), None)
    if first is None or first in found or not comparison or not comparison.extreme:
        return list(found)
    said, asked = task.evidence[first].text, content(task.standalone) - VAGUE
    if not is_sentence(said) or not asked | content(comparison.extreme.said) <= content(said):
        return list(found)
    own = [content(task.evidence[index].text) - asked - numbers(task.evidence[index].text) for index in found]
    return [first, *found] if all(words & content(said) for words in own) else [*found, first]


def in_order(evidence: Sequence[Evidence], indices: Iterable[int]) -> list[int]:
    """Return evidence in the order of its documents, each from top to bottom, the likeliest document first."""
    best: dict[str, float] = {}
    for index in indices:
        item = evidence[index]
        best[item.document_id] = max(item.score, best.get(item.document_id, 0.0))
    return sorted(
        indices, key=lambda at: (-best[evidence[at].document_id], evidence[at].document_id, evidence[at].start)
    )


def shown(item: Evidence) -> str:
    """Return a row or line for a sentence about it, without the bars around it."""
    return " ".join(item.text.strip("| \t").split())
