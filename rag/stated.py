"""What a sentence states that another one may state otherwise: the day it tells, how many of what was asked for.

A sentence with several is read for the one that holds: "moved from 27 January to 3 February" tells the second and
denies the first, and so does "five people, not seven as first reported". Of two that both hold it is not clear which
was asked for, so neither counts.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from rag.amounts import Amount, amounts, counted_by
from rag.superseded import is_superseded
from rag.task import Task
from rag.words import numbers

_MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()
_MONTH = (
    r"(?P<{0}>Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sept?(?:ember)?"
    r"|Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?)\.?"
)
_TO = r"\s*(?:-|–|—|to|until|till|through|and)\s*"
_MONTH_FIRST = re.compile(
    rf"\b{_MONTH.format('month')}\s+(?P<first>\d{{1,2}})(?:st|nd|rd|th)?(?!\d)"
    rf"(?:{_TO}(?:{_MONTH.format('other')}\s+)?(?P<last>\d{{1,2}})(?:st|nd|rd|th)?(?!\d))?(?:,?\s+(?P<year>\d{{4}})\b)?"
)
_DAY_FIRST = re.compile(
    rf"\b(?P<first>\d{{1,2}})(?:st|nd|rd|th)?(?:{_TO}(?P<last>\d{{1,2}})(?:st|nd|rd|th)?)?\s+(?:of\s+)?"
    rf"{_MONTH.format('month')}\b(?:,?\s+(?P<year>\d{{4}})\b)?"
)
_OF_A_DATELINE = re.compile(r"\s*(?:\([^)]{1,40}\)\s*)?[—–-]\s")
_LONGEST_PLACE = 40
"""Characters before the day of a dateline: "CASTELMAR, Sept 10 — …" was written that day."""

_ENDS_CLAUSE = re.compile(
    r"[;:]|, (?=(?:provided|because|while|which|who|whose|where|after|before|when|if|unless|although|though|but|so|as"
    r"|and)\b)",
    re.IGNORECASE,
)

_DAY = 4
"""What a day is compared by: its month and day, and those of the last one of several."""
_YEARS = re.compile(r"\b(?:1[5-9]|20)\d\d\b(?![.,]\d)")
Key = tuple[Decimal | int, ...]


@dataclass(frozen=True, slots=True)
class Stated:
    """A value that a piece of evidence states: `key` to compare, `shown` as it stands there."""

    index: int
    key: Key
    shown: str
    clause: str
    """The part of the sentence that it stands in."""
    denied: frozenset[Key] = frozenset()
    """What the sentence says is not so, or no longer."""
    unit: frozenset[str] = frozenset()
    """What a number counts, as keys of words."""
    years: frozenset[str] = frozenset()
    """The year of a day; those that the sentence of a number names."""

    @property
    def year(self) -> str:
        """The year of a day, if it has one; "" for a number."""
        return next(iter(self.years), "") if len(self.key) == _DAY else ""


def stated_days(task: Task) -> list[Stated]:
    """Return the days, or runs of days, that the evidence states, each as (first month, day, last month, day)."""
    read = (_day(index, item.text) for index, item in enumerate(task.evidence) if item.fits)
    return [day for day in read if day]


def stated_numbers(task: Task) -> list[Stated]:
    """Return the numbers of the evidence that count what was asked for."""
    asked = numbers(task.standalone)
    read = [(index, amounts(item.text, asked)) for index, item in enumerate(task.evidence) if item.fits]
    counts = counted_by(task.standalone, [one for _, found in read for one in found])
    chosen = (_number(index, found, counts) for index, found in read)
    return [number for number in chosen if number]


def _number(index: int, found: Sequence[Amount], counts: Callable[[Amount], bool]) -> Stated | None:
    holding = [one for one in found if counts(one) and not one.superseded]
    if len({one.key for one in holding}) != 1:
        return None
    # "not seven" says no more what it counts.
    denied = frozenset(one.key for one in found if one.superseded)
    one = holding[0]
    clause = _clause(one.text, one.text.find(one.shown))
    return Stated(index, one.key, one.shown, clause, denied, one.unit, frozenset(_YEARS.findall(one.text)))


def _day(index: int, text: str) -> Stated | None:
    found = [*_MONTH_FIRST.finditer(text), *_DAY_FIRST.finditer(text)]
    told = [match for match in found if not _is_dateline(text, match)]
    old = [match for match in told if is_superseded(text, match.start(), match.end())]
    holding = [match for match in told if match not in old]
    if len(holding) != 1:
        return None
    day = holding[0]
    years = frozenset(filter(None, [day["year"]]))
    clause = _clause(text, day.start())
    return Stated(index, _days(day), _shown(day), clause, frozenset(map(_days, old)), years=years)


def _shown(match: re.Match[str]) -> str:
    """Return a day without its year."""
    return match.group().removesuffix(match["year"] or "").rstrip(" ,")


def _clause(text: str, at: int) -> str:
    """Return the part of a sentence around a place: in "on 1 July, if the Council agrees" nothing is the Council's."""
    ends = [match.start() for match in _ENDS_CLAUSE.finditer(text)]
    return text[max((end for end in ends if end < at), default=0) : min((e for e in ends if e > at), default=len(text))]


def _is_dateline(text: str, match: re.Match[str]) -> bool:
    place = text[: match.start()]
    written = len(place) < _LONGEST_PLACE and place.rstrip(" ,").isupper()
    return written and bool(_OF_A_DATELINE.match(text, match.end()))


def _days(match: re.Match[str]) -> Key:
    groups = match.groupdict()
    first, month = int(groups["first"]), _month(groups["month"])
    end = _month(groups["other"]) if groups.get("other") else month
    return (month, first, end, int(groups["last"] or first))


def _month(name: str) -> int:
    return _MONTHS.index(name[:3].lower()) + 1
