"""Days and times of day in a text as spans that can be compared: "14 May", "2025-05-14", "14/05/2025", "7:40 am".

A day without a year is compared by its month and day alone, and only with others without one or of a single year.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from itertools import chain

from rag.words import MONTHS

_MONTH = (
    r"(?:January|February|March|April|May|June|July|August|September|October|November|December"
    r"|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept|Sep|Oct|Nov|Dec)\b\.?"
)
_YEAR = r"(?:1[5-9]|20)\d\d"
_TO = r"\s?(?:-|–|—|to|until|till)\s?"
_TH = r"(?:st|nd|rd|th)?"
_DATES = (
    re.compile(rf"\b(?P<year>{_YEAR})-(?P<month>\d\d)(?:-(?P<day>\d\d))?(?![\d-])"),
    re.compile(
        rf"\b(?P<month>{_MONTH}) (?P<day>\d{{1,2}}){_TH}(?![\d:.]\d)(?:{_TO}\d{{1,2}}{_TH}\b)?"
        rf"(?:,? (?P<year>{_YEAR})\b)?"
    ),
    re.compile(
        rf"\b(?P<day>\d{{1,2}}){_TH}(?:{_TO}\d{{1,2}}{_TH})?(?: of)? (?P<month>{_MONTH})(?:,? (?P<year>{_YEAR})\b)?"
    ),
    re.compile(rf"\b(?P<month>{_MONTH})(?: (?:of )?(?P<year>{_YEAR})\b)?"),
)
_FIGURES = re.compile(
    rf"(?<![\d/.-])(?P<one>\d{{1,2}})(?P<by>[./])(?P<two>\d{{1,2}})(?P=by)(?P<year>{_YEAR}|\d\d)(?![\d/])"
)
_ALONE = re.compile(rf"(?<![\d.,/$€£¥-])\b{_YEAR}\b(?![\d%/-]|[.,]\d)")
_CLOCK = re.compile(
    r"(?<![\d:.])(?P<hour>[01]?\d|2[0-4])(?:[:.](?P<minute>[0-5]\d))?\s?(?P<half>[ap])\.?m\b\.?"
    r"|(?<![\d:.])(?P<hour24>[01]?\d|2[0-4])[:h](?P<minute24>[0-5]\d)(?![\d:])"
    r"|\b(?P<word>noon|midday|midnight)\b",
    re.IGNORECASE,
)
_LAST_OF_MONTH = 31
_MOST_OF_MONTHS = 12
_NOON = 12 * 60


@dataclass(frozen=True, slots=True)
class Moment:
    """A day, month or year, or a time of day, with where it stands; `low` and `high` are its first and last.

    Days are numbers of the form YYYYMMDD, or MMDD where no year is named; times of day are minutes.
    """

    low: Decimal
    high: Decimal
    start: int
    end: int
    of_day: bool = False
    """It is a time of day."""


def moments(text: str, *, day_first: bool | None = None, years: bool = False) -> list[Moment]:
    """Return the days and times of day in a text, as they stand.

    Args:
        text: a sentence, or the cell of a table.
        day_first: whether "03/04/2025" is in April; None where nobody knows, then it is left out.
        years: a year alone is one, too: "2019" of a column with the head "Hired".
    """
    found: list[Moment] = []
    for moment in chain(_dates(text), _in_figures(text, day_first), _clocks(text), _years(text) if years else ()):
        if not any(other.start < moment.end and moment.start < other.end for other in found):
            found.append(moment)
    return sorted(found, key=lambda moment: moment.start)


def is_day_first(text: str) -> bool | None:
    """Return whether the dates in figures of a text have the day first ("21/09/2021"), None where none tells."""
    pairs = [(int(match["one"]), int(match["two"])) for match in _FIGURES.finditer(text)]
    first, second = (any(pair[at] > _MOST_OF_MONTHS for pair in pairs) for at in (0, 1))
    return first if first != second else None


def _dates(text: str) -> Iterator[Moment]:
    for pattern in _DATES:
        for match in pattern.finditer(text):
            month = match["month"]
            of_year = int(month) if month.isdigit() else list(MONTHS).index(month[:3].lower()) + 1
            day = match.groupdict().get("day")
            yield from _moment(match, match["year"], of_year, int(day) if day else None)


def _in_figures(text: str, day_first: bool | None) -> Iterator[Moment]:
    for match in _FIGURES.finditer(text):
        first = True if match["by"] == "." else day_first
        if first is None:
            continue
        day, month = (match["one"], match["two"]) if first else (match["two"], match["one"])
        year = match["year"] if len(match["year"]) > 2 else f"20{match['year']}"
        yield from _moment(match, year, int(month), int(day))


def _moment(match: re.Match[str], year: str | None, month: int, day: int | None) -> Iterator[Moment]:
    if 1 <= month <= _MOST_OF_MONTHS and (day is None or 1 <= day <= _LAST_OF_MONTH):
        begin = int(year or 0) * 10_000 + month * 100
        low, high = begin + (day or 1), begin + (day or _LAST_OF_MONTH)
        yield Moment(Decimal(low), Decimal(high), *match.span())


def _years(text: str) -> Iterator[Moment]:
    for match in _ALONE.finditer(text):
        year = int(match.group()) * 10_000
        yield Moment(Decimal(year + 101), Decimal(year + 1231), *match.span())


def _clocks(text: str) -> Iterator[Moment]:
    for match in _CLOCK.finditer(text):
        if match["word"]:
            minutes = 0 if match["word"].lower() == "midnight" else _NOON
        elif match["half"]:
            hour = int(match["hour"]) % 12 + (12 if match["half"].lower() == "p" else 0)
            minutes = hour * 60 + int(match["minute"] or 0)
        else:
            minutes = int(match["hour24"]) * 60 + int(match["minute24"])
        yield Moment(Decimal(minutes), Decimal(minutes), *match.span(), of_day=True)
