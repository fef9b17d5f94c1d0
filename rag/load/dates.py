"""The date that a text gives itself near its top. One that can be read two ways is none."""

from __future__ import annotations

import re
from datetime import date

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = (
    r"(?P<month{n}>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?"
    r"|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?"
)
_DATE = (
    r"(?:(?P<y1>\d{4})-(?P<m1>\d{2})-(?P<d1>\d{2})(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?)?"
    rf"|{_MONTH.format(n=2)}\s+(?P<d2>\d{{1,2}})(?:st|nd|rd|th)?,?\s+(?P<y2>\d{{4}})"
    rf"|(?P<d3>\d{{1,2}})(?:st|nd|rd|th)?\s+(?:of\s+)?{_MONTH.format(n=3)},?\s+(?P<y3>\d{{4}})"
    r"|(?P<a4>\d{1,2})[/.](?P<b4>\d{1,2})[/.](?P<y4>\d{4}))"
)
_DAY = r"(?:(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?\.?,?\s+)?"
_TIME = r"(?:,?\s*(?:at\s+)?\d{1,2}:\d{2}.{0,20})?"
_LABEL = r"(?:first published|published|publication date|posted|date|dated|issued|released)(?:\s+(?:on|at))?\s*:?\s*"
_TRAIL = rf"{_TIME}\s*(?:$|[|(·•–—]|-\s|by\b|updated\b)"
_RULES = tuple(
    re.compile(rule, re.IGNORECASE)
    for rule in (
        # "Published: 15 June 2023"; "date: 2023-06-15" of front matter
        rf"[*_]*{_LABEL}[*_\"']*\s*{_DAY}{_DATE}",
        # a line of its own, with what a byline may hold behind it
        rf"[*_(\[]*{_DAY}{_DATE}[*_)\]]*{_TRAIL}",
        # "BEIJING, June 14, 2023 (Reuters) –", "By Jane Doe | June 14, 2023"
        rf"(?:by\s+)?[A-Z][\w .,'’-]{{1,50}}?\s*(?:[,|·•–—(]|-\s)\s*{_DAY}{_DATE}\)?{_TRAIL}",
    )
)
_LINES = 15
_CHARACTERS = 200


def stated_date(text: str) -> str | None:
    """Return the ISO date that one of the first lines states as the text's own, or None."""
    lines = [line.strip() for line in text[:8000].splitlines() if line.strip()][:_LINES]
    for rule in _RULES:
        for line in lines:
            match = rule.match(line[:_CHARACTERS])
            found = _iso(match) if match else None
            if found:
                return found
    return None


def _iso(match: re.Match[str]) -> str | None:
    get = match.groupdict().get
    if get("y1"):
        return _valid(get("y1"), get("m1"), get("d1"))
    for n in (2, 3):
        if get(f"y{n}"):
            month = _MONTHS.index((get(f"month{n}") or "")[:3].lower()) + 1
            return _valid(get(f"y{n}"), str(month), get(f"d{n}"))
    return _clear(int(get("a4") or 0), int(get("b4") or 0), get("y4"))


def _clear(first: int, second: int, year: str | None) -> str | None:
    """Read 15/06/2023 and 06/15/2023; 06/07/2023 is a different day on either side of an ocean, so it is none."""
    if first > 12:
        return _valid(year, str(second), str(first))
    if second > 12 or first == second:
        return _valid(year, str(first), str(second))
    return None


def _valid(year: str | None, month: str | None, day: str | None) -> str | None:
    try:
        found = date(int(year or 0), int(month or 0), int(day or 0))
    except ValueError:
        return None
    return found.isoformat() if found.year >= 1000 else None
