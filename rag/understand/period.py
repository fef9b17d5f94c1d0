"""Dates in a question -> the time its answer was likely written: "latest", "last week", "after June 16", "in 2021".

Nearly every date in a question is that of an event: then documents from about that time are nearer, and others stay in.
Only where the question speaks of the documents themselves ("articles published before May") does it rule others out.
"""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from rag.words import MONTHS

Prefer = Literal["newest", "oldest"]

_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?"
    r"|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)"
)
_YEAR = r"(?:1[5-9]\d\d|20\d\d)"
_DATE = re.compile(
    rf"\b(?P<iso>\d{{4}}-\d\d(?:-\d\d)?)\b"
    rf"|\b(?P<month>{_MONTH})\.?(?: (?P<day>\d{{1,2}})(?:st|nd|rd|th)?\b(?!,?\d)(?: ?(?:[-–]|to|until"
    rf"|and) ?(?P<until>\d{{1,2}})(?:st|nd|rd|th)?\b(?!,?\d))?)?(?:,? (?:of )?(?P<year>{_YEAR})\b)?"
    rf"|\b(?P<day2>\d{{1,2}})(?:st|nd|rd|th)?(?: of)? (?P<month2>{_MONTH})\b\.?(?:,? (?P<year2>{_YEAR})\b)?"
    rf"|\b(?P<decade>(?:1[5-9]|20)\d0)['’]?s\b"
    rf"|(?<![\d.,$€£#/-])\b(?P<alone>{_YEAR})\b(?![\d%]|[.,/-]\d| (?:people|miles|km|dollars|feet|metres"
    rf"|meters|words))",
    re.IGNORECASE,
)
_RELATIVE = re.compile(
    r"\b(?P<day>today|yesterday|tonight|last night|this morning|right now)\b"
    r"|\b(?P<which>this|last|past|previous) (?P<unit>week|weekend|month|year|quarter)\b"
    r"|\b(?:the |in the |over the |within the )?(?:last|past) (?P<count>\d{1,3}|two|three|four|five|six|seven"
    r"|ten|few|couple of)"
    r" (?P<units>day|week|month|year)s\b"
    r"|\b(?P<ago>\d{1,3}|an?|two|three|four|five|six|seven|ten) (?P<agos>day|week|month|year)s? ago\b",
    re.IGNORECASE,
)
_NEWEST = re.compile(
    r"\b(?:latest|newest|most recent(?:ly)?|recent(?:ly)?|current(?:ly)?|nowadays|these days|up[- ]to[- ]date"
    r"|now|so far"
    r"|as of today|today['’]s|at the moment|at present|to date)\b(?! known\b)",
    re.IGNORECASE,
)
_DOCUMENT = (
    r"(?:document|article|report|paper|news|story|stories|memo|email|e-mail|letter|note|post|file"
    r"|source|minutes|press release|brief|version)s?"
)
_OLDEST = re.compile(rf"\b(?:earliest|oldest|first|original) (?:\w+ )?{_DOCUMENT}\b", re.IGNORECASE)
_WRITTEN = r"(?:published|written|dated|posted|released|sent)"
_WITHIN = r"(?:in|on|from|of|before|after|since|between|by|until|during)"
_OF_DOCUMENTS = re.compile(
    rf"\b{_DOCUMENT}(?: (?:that|which))?(?: (?:is|are|was|were))?(?: {_WRITTEN})?(?: {_WITHIN})?\s+(?:the )?$",
    re.IGNORECASE,
)
_WAS_WRITTEN = re.compile(rf"\b{_WRITTEN}(?: {_WITHIN})?\s+(?:the )?$", re.IGNORECASE)
_ANY_DOCUMENT = re.compile(rf"\b{_DOCUMENT}\b", re.IGNORECASE)
_BEFORE = re.compile(
    r"\b(?:before|until|till|prior to|up to|no later than|earlier than)\s+(?:the )?(?:end of )?$", re.IGNORECASE
)
_AFTER = re.compile(r"\b(?:after|later than)\s+(?:the )?$", re.IGNORECASE)
_SINCE = re.compile(r"\b(?:since|starting|beginning)\s+(?:in |on |from )?(?:the )?$", re.IGNORECASE)
_FROM = re.compile(r"\b(?:from|between)\s+(?:the )?$", re.IGNORECASE)
_LEADS = re.compile(
    r"\b(?:in|on|of|by|during|from|to|and|early|late|mid|year|for|dated|through|around|about|as of|season"
    r"|week of|since)[\s-]+(?:the )?$",
    re.IGNORECASE,
)
_COUNTS = {
    "a": 1,
    "an": 1,
    "couple of": 2,
    "two": 2,
    "three": 3,
    "few": 3,
    "four": 4,
    "five": 5,
    "six": 6,
    "seven": 7,
    "ten": 10,
}
_DAYS = {"day": 1, "week": 7, "month": 30, "year": 365}


@dataclass(frozen=True, slots=True)
class Period:
    """The time that a question speaks of; `start` and `end` (inclusive) are ISO dates, None where it is open."""

    start: str | None = None
    end: str | None = None
    prefer: Prefer | None = None
    strict: bool = False
    """It is the documents that are to be of this time, so others are out; else they are only less likely."""

    def holds(self, published_at: str | None) -> bool:
        """Say whether a document of this date is of the period; one without a date may always be."""
        if not published_at:
            return True
        day = published_at[:10]
        return (self.start is None or day >= self.start[: len(day)]) and (self.end is None or day <= self.end)

    def days_off(self, published_at: str | None) -> int | None:
        """Return how many days a document's date lies outside of the period, 0 within; None where it has no date."""
        day = _day_of(published_at)
        if day is None:
            return None
        if self.start and day < date.fromisoformat(self.start):
            return (date.fromisoformat(self.start) - day).days
        if self.end and day > date.fromisoformat(self.end):
            return (day - date.fromisoformat(self.end)).days
        return 0


def period(question: str, today: date) -> Period | None:
    """Return the time that a question asks about, or None if it names none.

    Args:
        question: one that stands alone.
        today: the day it is asked; "last week" and a month without its year count back from it.
    """
    prefer: Prefer | None = "oldest" if _OLDEST.search(question) else "newest" if _NEWEST.search(question) else None
    start, end = _named(question, today) or _relative(question, today) or (None, None)
    if start is None and end is None and prefer is None:
        return None
    strict = (start, end) != (None, None) and _is_of_documents(question)
    return Period(start.isoformat() if start else None, end.isoformat() if end else None, prefer, strict)


def _is_of_documents(question: str) -> bool:
    """Say whether the first date is when documents were written, and not when something happened."""
    dated = next((m for m in _DATE.finditer(question) if _is_date(question, m)), None) or _RELATIVE.search(question)
    before = question[: dated.start()] if dated else ""
    written = bool(_WAS_WRITTEN.search(before)) and bool(_ANY_DOCUMENT.search(question))
    return written or bool(_OF_DOCUMENTS.search(before))


def _named(question: str, today: date) -> tuple[date | None, date | None] | None:
    """Return the span of the dates that stand in a question: from the first to the last, or open on one side."""
    spans = [
        (match, span)
        for match in _DATE.finditer(question)
        if _is_date(question, match) and (span := _span(match, today)) is not None
    ]
    if not spans:
        return None
    match, (start, end) = spans[0]
    before = question[: match.start()]
    if len(spans) > 1:
        return min(span[0] for _, span in spans), max(span[1] for _, span in spans)
    if _BEFORE.search(before):
        return None, start - timedelta(days=1) if start > date.min else start
    if _AFTER.search(before):
        return (end + timedelta(days=1) if end < date.max else end), None
    if _SINCE.search(before) or (_FROM.search(before) and not match["until"]):
        return start, None
    return start, end


def _is_date(question: str, match: re.Match[str]) -> bool:
    """Say whether it is a date and not a verb ("may", "march") or a number that looks like a year."""
    before = question[: match.start()]
    if match["month"] and match["month"].lower() in {"may", "march", "mar", "jan", "sep", "dec"} and not match["day"]:
        if not match["month"][0].isupper():
            return False
        return bool(match["year"] or _LEADS.search(before) or _bounded(before)) and not re.search(r"^\W*$", before)
    if match["alone"]:
        lately = question[match.end() :]
        return bool(
            _LEADS.search(before) or _bounded(before) or re.match(r"\W*$|,", lately) or re.match(r" [A-Z]", lately)
        )
    return True


def _bounded(before: str) -> bool:
    return any(pattern.search(before) for pattern in (_BEFORE, _AFTER, _SINCE, _FROM))


def _span(match: re.Match[str], today: date) -> tuple[date, date] | None:
    """Return the first and the last day of what a date names; None for a day that no calendar has."""
    try:
        if match["iso"]:
            year, month, *day = (int(part) for part in match["iso"].split("-"))
            return _days(year, month, day[0] if day else None)
        if match["decade"]:
            return date(int(match["decade"]), 1, 1), date(int(match["decade"]) + 9, 12, 31)
        if match["alone"]:
            return date(int(match["alone"]), 1, 1), date(int(match["alone"]), 12, 31)
        named, day_said = match["month"] or match["month2"], match["day"] or match["day2"]
        month = list(MONTHS).index(named[:3].lower()) + 1
        said = match["year"] or match["year2"]
        day_of = int(day_said) if day_said else None
        year = int(said) if said else today.year - ((month, day_of or 1) > (today.month, today.day))
        start, end = _days(year, month, day_of)
        return start, max(start, date(year, month, int(match["until"]))) if match["until"] else end
    except ValueError:
        return None


def _days(year: int, month: int, day: int | None) -> tuple[date, date]:
    if day is not None:
        return date(year, month, day), date(year, month, day)
    return date(year, month, 1), date(year, month, calendar.monthrange(year, month)[1])


def _relative(question: str, today: date) -> tuple[date | None, date | None] | None:
    """Return the span of "yesterday", "last week", "the past three months" or "two years ago"."""
    match = _RELATIVE.search(question)
    if match is None:
        return None
    if match["day"]:
        off = 1 if match["day"].lower() in {"yesterday", "last night"} else 0
        return today - timedelta(days=off), today
    if match["unit"]:
        return _calendar_span(match["unit"].lower().removesuffix("end"), match["which"].lower() == "this", today)
    count, unit = match["count"] or match["ago"], (match["units"] or match["agos"]).lower()
    days = min(_COUNTS.get(count.lower(), 0) or int(count), 900) * _DAYS[unit]
    if match["count"]:
        return today - timedelta(days=days), today
    return today - timedelta(days=days + _DAYS[unit] // 2), today - timedelta(days=days - _DAYS[unit] // 2)


def _calendar_span(unit: str, this: bool, today: date) -> tuple[date, date]:
    """Return this or the last week (from Monday), month, quarter or year, up to today."""
    first = {
        "week": today - timedelta(days=today.weekday()),
        "month": today.replace(day=1),
        "quarter": date(today.year, 3 * ((today.month - 1) // 3) + 1, 1),
        "year": date(today.year, 1, 1),
    }[unit]
    if this:
        return first, today
    end = first - timedelta(days=1)
    return _calendar_span(unit, True, end)[0], end


def _day_of(published_at: str | None) -> date | None:
    """Return the day of an ISO date; a year or a month alone is its first day, what is no date None."""
    if not published_at:
        return None
    parts = published_at[:10].split("-")
    try:
        return date(int(parts[0]), int(parts[1]) if len(parts) > 1 else 1, int(parts[2]) if len(parts) > 2 else 1)
    except ValueError:
        return None
