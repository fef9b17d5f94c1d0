"""A claim's dates and measures, written as its quotes do: "June 18, 2023" for "18 June 2023", "5 g" for "5 grams".

They say the same; what follows, the order of words and the units, is checked as it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from rag.figures import LONG

_MONTH = (
    r"(?P<month>(?:January|February|March|April|May|June|July|August|September|October|November|December"
    r"|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)\.?)"
)
_DAY = r"(?P<day>[0-3]?\d)(?:st|nd|rd|th)?"
_YEAR = r"(?P<year>,? ?\b[12]\d\d\d\b)?"
_DAY_FIRST = re.compile(rf"\b(?:the )?{_DAY} (?:of )?{_MONTH}\b{_YEAR}")
_MONTH_FIRST = re.compile(rf"\b{_MONTH} (?:the )?{_DAY}\b(?!\d|:|[.,]\d){_YEAR}")
_DEGREES = re.compile(r"(?P<number>\d) degrees (?P<unit>Celsius|centigrade|Fahrenheit|C|F)\b", re.IGNORECASE)
_LONG = {
    unit: re.compile(rf"(?P<number>\d)(?P<space>[ -]?)(?:{'|'.join(words.split())})\b", re.IGNORECASE)
    for unit, words in LONG.items()
    if unit.isalpha() and unit not in {"am", "pm", "k", "a", "b", "t"}
}


def as_spelt(claim: str, quotes: Sequence[str]) -> str:
    """Return a claim with its dates and units in the quotes' form, where these have only that one."""
    text = _dated(claim, quotes, _MONTH_FIRST, _DAY_FIRST)
    text = _dated(text, quotes, _DAY_FIRST, _MONTH_FIRST)
    if _DEGREES.search(text) and not any(_DEGREES.search(quote) for quote in quotes):
        text = _DEGREES.sub(lambda match: f"{match['number']} °{_sign(match['unit'])}", text)
    for unit, words in _LONG.items():
        if words.search(text):
            text = _shortened(text, quotes, unit, words)
    return text


def _sign(unit: str) -> str:
    return "F" if unit[0] in "fF" else "C"


def _days(pattern: re.Pattern[str], texts: Iterable[str]) -> set[tuple[str, int]]:
    return {(match["month"].rstrip(".")[:3], int(match["day"])) for text in texts for match in pattern.finditer(text)}


def _dated(claim: str, quotes: Sequence[str], mine: re.Pattern[str], its: re.Pattern[str]) -> str:
    if not mine.search(claim):
        return claim
    theirs = _days(its, quotes) - _days(mine, quotes)

    def other(match: re.Match[str]) -> str:
        day, month, year = match["day"], match["month"], match["year"] or ""
        if (month.rstrip(".")[:3], int(day)) not in theirs:
            return match.group()
        year = year.strip(" ,")
        if its is _DAY_FIRST:
            return f"{day} {month} {year}".rstrip()
        return f"{month} {day}, {year}" if year else f"{month} {day}"

    return mine.sub(other, claim)


def _shortened(text: str, quotes: Sequence[str], unit: str, words: re.Pattern[str]) -> str:
    """Put the short form of a unit for the words of it, behind numbers that the quotes have with the short one."""
    if any(words.search(quote) for quote in quotes):
        return text
    short = re.compile(rf"\d ?-?{unit}\b")
    return words.sub(rf"\g<number>\g<space>{unit}", text) if any(short.search(quote) for quote in quotes) else text
