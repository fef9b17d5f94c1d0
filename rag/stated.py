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
from rag.changed import Change, change_to
from rag.superseded import is_superseded
from rag.task import Task
from rag.words import VAGUE, content, numbers

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
_CLOCK = re.compile(
    r"\b(?P<hour>[01]?\d|2[0-4])(?:(?::(?P<minute>[0-5]\d))|(?:\.(?P<after>[0-5]\d))?(?=\s*[ap]\.?m\b))"
    r"(?!\d)(?:\s*(?P<half>[ap])\.?m\b\.?)?",
    re.IGNORECASE,
)
_OF_A_DATELINE = re.compile(r"\s*(?:\([^)]{1,40}\)\s*)?[—–-]\s")
_HEADER = re.compile(r"(?:Date|Sent|From|To|Cc|Subject): ")
"""A line of a mail's head: when it was written is not what it tells."""
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
    change: Change | None = None
    """What the sentence says the value is from now on."""

    @property
    def year(self) -> str:
        """The year of a day, if it has one; "" for a number."""
        return next(iter(self.years), "") if len(self.key) == _DAY else ""


def stated_days(task: Task) -> list[Stated]:
    """Return the days, or runs of days, that the evidence states, each as (first month, day, last month, day)."""
    asked = content(task.standalone) - VAGUE
    stating = ((at, item.text) for at, item in enumerate(task.evidence) if item.fits and not _HEADER.match(item.text))
    read = (_day(index, text, asked) for index, text in stating)
    return [day for day in read if day]


def stated_times(task: Task) -> list[Stated]:
    """Return the times of day that the evidence states, in minutes since midnight."""
    asked = content(task.standalone) - VAGUE
    stating = ((at, item.text) for at, item in enumerate(task.evidence) if item.fits and not _HEADER.match(item.text))
    read = (_value(at, text, list(_CLOCK.finditer(text)), asked, _minutes) for at, text in stating)
    return [time for time in read if time]


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
    at = one.text.find(one.shown)
    years = frozenset(_YEARS.findall(one.text))
    return Stated(index, one.key, one.shown, _clause(one.text, at), denied, one.unit, years, change_to(one.text, at))


def _day(index: int, text: str, asked: frozenset[str]) -> Stated | None:
    found = [*_MONTH_FIRST.finditer(text), *_DAY_FIRST.finditer(text)]
    return _value(index, text, [match for match in found if not _is_dateline(text, match)], asked, _days)


def _value(
    index: int, text: str, told: Sequence[re.Match[str]], asked: frozenset[str], key: Callable[[re.Match[str]], Key]
) -> Stated | None:
    """Return the one of these days or times that a sentence says holds, of several the one of what was asked."""
    old = [match for match in told if is_superseded(text, match.start(), match.end())]
    found = _of_what_was_asked(text, [match for match in told if match not in old], asked)
    if len(found) != 1:
        return None
    one, clause = found[0]
    years = frozenset(filter(None, [one.groupdict().get("year")]))
    change = change_to(text, one.start())
    return Stated(index, key(one), _shown(one), clause, frozenset(map(key, old)), years=years, change=change)


def _of_what_was_asked(
    text: str, days: Sequence[re.Match[str]], asked: frozenset[str]
) -> list[tuple[re.Match[str], str]]:
    """Return days with their clauses; of several the one ahead of which a word of the question stands, if just one is.

    "We hope to open Ash on 20 March and Birch on 2 April" tells one day of each; "on 3 May and on 18 June" tells both.
    """
    if len(days) == 1:
        return [(days[0], _clause(text, days[0].start()))]
    ends = [0, *(day.end() for day in sorted(days, key=lambda day: day.start()))]
    parts = [text[max(end for end in ends if end <= day.start()) : day.start()] for day in days]
    had = [asked & content(part) for part in parts]
    if sum(map(bool, had)) != 1 or not all(content(part) for part in parts):
        return [(day, part) for day, part in zip(days, parts, strict=True)]
    return [(day, part) for day, part, words in zip(days, parts, had, strict=True) if words]


def _shown(match: re.Match[str]) -> str:
    """Return a day without its year."""
    return match.group().removesuffix(match.groupdict().get("year") or "").rstrip(" ,")


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


def _minutes(match: re.Match[str]) -> Key:
    hour, half = int(match["hour"]), (match["half"] or "").lower()
    hour = hour % 12 + 12 * (half == "p") if half else hour
    return (60 * hour + int(match["minute"] or match["after"] or 0),)


def _month(name: str) -> int:
    return _MONTHS.index(name[:3].lower()) + 1
