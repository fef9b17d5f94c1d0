"""Numbers with their units in a text, so that those of rows can be compared: "€90", "$46k", "1500 m", "7 June".

Unlike rag.amounts, which tells whether two sentences disagree, this reads every number of a row and brings each into
one measure: metres, seconds, grams. A number without a unit counts what its column or the word behind it says.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation

from rag.amounts import CURRENCIES
from rag.days import moments
from rag.words import content, tokens

MONEY, SHARE, LENGTH, AREA, WEIGHT, TIME = "money", "share", "length", "area", "weight", "time"
VOLUME, SPEED, WARMTH, AGE, DAY, CLOCK, COUNT = "volume", "speed", "warmth", "age", "day", "clock", "count"
ENERGY, STORAGE = "energy", "storage"
_DAY_IN_SECONDS = 86_400
_UNITS: tuple[tuple[str, str, float], ...] = (
    (SHARE, r"%|per ?cents?\b|percents?\b|pct\b", 1),
    (AGE, r"(?:years?|yrs?)[ -]old\b|y/o\b|years of age\b", 1),
    (AREA, r"m²|m2\b|sqm\b|sq\.? ?m\b|square met(?:er|re)s?\b", 1),
    (AREA, r"km²|km2\b|square kilomet(?:er|re)s?\b", 1e6),
    (AREA, r"sq\.? ?ft\b|ft²|square (?:feet|foot)\b", 0.092903),
    (AREA, r"ha\b|hectares?\b", 1e4),
    (AREA, r"acres?\b", 4046.86),
    (ENERGY, r"kWh\b", 1),
    (ENERGY, r"MWh\b", 1000),
    (STORAGE, r"GB\b|gigabytes?\b", 1),
    (STORAGE, r"TB\b|terabytes?\b", 1000),
    (STORAGE, r"MB\b|megabytes?\b", 0.001),
    (SPEED, r"km/h\b|kph\b|kilomet(?:er|re)s? (?:per|an) hour\b", 1),
    (SPEED, r"mph\b|miles (?:per|an) hour\b", 1.609344),
    (WARMTH, r"°C?\b|°(?!F)|degrees?\b", 1),
    (LENGTH, r"km\b|kilomet(?:er|re)s?\b", 1000),
    (LENGTH, r"m\b|met(?:er|re)s?\b", 1),
    (LENGTH, r"cm\b|centimet(?:er|re)s?\b", 0.01),
    (LENGTH, r"mm\b|millimet(?:er|re)s?\b", 0.001),
    (LENGTH, r"mi\b|miles?\b", 1609.344),
    (LENGTH, r"ft\b|feet\b|foot\b", 0.3048),
    (LENGTH, r"inch(?:es)?\b", 0.0254),
    (WEIGHT, r"kg\b|kilos?\b|kilograms?\b", 1000),
    (WEIGHT, r"g\b|grams?\b", 1),
    (WEIGHT, r"lbs?\b", 453.592),
    (WEIGHT, r"tonnes?\b|tons?\b", 1e6),
    (VOLUME, r"l\b|lit(?:er|re)s?\b", 1),
    (VOLUME, r"ml\b", 0.001),
    (TIME, r"seconds?\b|secs?\b", 1),
    (TIME, r"min(?:ute)?s?\b", 60),
    (TIME, r"h\b|hrs?\b|hours?\b", 3600),
    (TIME, r"(?:full |working )?days?\b|nights?\b", _DAY_IN_SECONDS),
    (TIME, r"weeks?\b|wks?\b", 7 * _DAY_IN_SECONDS),
    (TIME, r"months?\b", 30.44 * _DAY_IN_SECONDS),
    (TIME, r"years?\b|yrs?\b", 365.25 * _DAY_IN_SECONDS),
)
_UNIT = tuple(
    (dimension, re.compile(rf"[ -]?(?:{unit})", re.IGNORECASE), Decimal(str(worth)))
    for dimension, unit, worth in _UNITS
)
_TELLS_WHICH = frozenset("year day month week night min".split())
"""What in a head tells which one, or the least: of "Year" and "Years" only the second one counts."""
_SPELT = (
    r"\b(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|eighteen"
    r"|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety)\b"
)
_SCALES = {
    "k": 10**3,
    "m": 10**6,
    "mn": 10**6,
    "bn": 10**9,
    "hundred": 100,
    "thousand": 10**3,
    "million": 10**6,
    "billion": 10**9,
}
_PLAIN = r"\d{1,3}(?:[,.'’ \u00a0\u202f]\d{3})+(?![\d])(?:[.,]\d{1,2})?|\d+(?:[.,]\d+)?"
_SIGN = r"(?P<{0}>[$€£¥]|\b(?:EUR|USD|GBP|CHF|JPY|INR)\b)"
_SCALE = r"(?:k\b|K\b|M\b|bn\b|mn\b|[ -](?:hundred|thousand|million|billion|bn|mn)\b)"
_NUMBER = re.compile(
    rf"(?:{_SIGN.format('before')}\s?)?(?<![\w./-])(?P<minus>[-−](?=\d))?(?P<number>{_PLAIN}|{_SPELT})(?P<scale>{_SCALE})?"
    rf"(?:\s?(?:-|–|—|to)\s?[$€£¥]?(?P<last>{_PLAIN})(?P<last_scale>{_SCALE})?(?![\d-]))?"
    r"(?:\s?(?P<after>[$€£¥]|(?:EUR|USD|GBP|CHF|JPY|INR|[Ee]uros?|[Dd]ollars?|[Pp]ounds?|[Ff]rancs?|[Yy]en|[Rr]upees?)\b))?",
)
_FREE = re.compile(r"\b(?:free of charge|for free|gratis|free (?:entry|admission))\b|^\W*free\W*$", re.IGNORECASE)
_GLUED = re.compile(r"[^\W\d_]|\d|-\d|[./:]\d")
"""What follows a number that is none: "12a", "2025-011"."""
_THOUSANDS = re.compile(r"\d{1,3}(?:([,.'’ \u00a0\u202f])\d{3})(?:\1\d{3})*")


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number of a text, or of the two ends of a span, in the measure of its dimension, and where it stands."""

    dimension: str
    """What is measured; COUNT where no unit stands with it."""
    low: Decimal
    high: Decimal
    start: int
    end: int
    unit: str = ""
    """The key of the currency, "" where none is named."""
    bare: Decimal | None = None
    """The number without its unit; None for a day or a time of day."""

    def in_unit(self, dimension: str, worth: Decimal, unit: str = "") -> Quantity:
        """Return a number without a unit as one of this, which its column has: "Height (cm)"."""
        return replace(self, dimension=dimension, low=self.low * worth, high=self.high * worth, unit=unit)


def quantities(text: str, *, day_first: bool | None = None, years: bool = False) -> list[Quantity]:
    """Return the numbers, days and times of day of a text, as they stand; see rag.days.moments for the arguments."""
    when = moments(text, day_first=day_first, years=years)
    found = [Quantity(CLOCK if m.of_day else DAY, m.low, m.high, m.start, m.end) for m in when]
    taken = [(moment.start, moment.end) for moment in when]
    free = [Quantity(MONEY, Decimal(0), Decimal(0), *match.span(), "", Decimal(0)) for match in _FREE.finditer(text)]
    for one in (*free, *_numbers(text)):
        if not any(start < one.end and one.start < end for start, end in taken):
            found.append(one)
    return sorted(found, key=lambda one: one.start)


def unit_of(head: str) -> tuple[str, Decimal, str] | None:
    """Return the unit that a column's head names for its numbers: "Height (cm)", "Price in €", "Hours per week"."""
    for word in re.finditer(r"[$€£¥%°]|[^\W\d]+[²2]?(?:/h)?", head):
        if key := CURRENCIES.get(next(iter(content(word.group())), "")):
            return MONEY, Decimal(1), key
        if not ("(" in head or " in " in head) and (word.group().lower() in _TELLS_WHICH or len(word.group()) == 1):
            continue
        for dimension, unit, worth in _UNIT:
            if unit.fullmatch(word.group()):
                return dimension, worth, ""
    return None


def _numbers(text: str) -> Iterator[Quantity]:
    for match in _NUMBER.finditer(text):
        is_money = bool(match["before"] or match["after"])
        low, high = _value(match["number"], match["scale"], is_money), None
        if match["last"]:
            high = _value(match["last"], match["last_scale"], is_money)
        if low is None or (match["last"] and (high is None or high <= low)):  # "2025-011" is no span
            continue
        low = -low if match["minus"] else low
        yield from _measured(text, match, low, low if high is None else high)


def _measured(text: str, match: re.Match[str], low: Decimal, high: Decimal) -> Iterator[Quantity]:
    sign = match["before"] or match["after"]
    if sign:
        key = next(iter(content(sign)), "")
        yield Quantity(MONEY, low, high, *match.span(), CURRENCIES.get(key, key), low)
        return
    for dimension, unit, worth in _UNIT:
        if found := unit.match(text, match.end()):
            yield Quantity(dimension, low * worth, high * worth, match.start(), found.end(), "", low)
            return
    if not _GLUED.match(text, match.end()):
        yield Quantity(COUNT, low, high, *match.span(), "", low)


def _value(number: str, scale: str | None, is_money: bool) -> Decimal | None:
    worth = _SCALES[scale.strip(" -").lower()] if scale else 1
    if number[:1].isalpha():
        return Decimal(tokens(number)[0].key) * worth
    plain = number.replace(",", ".")
    grouped = _THOUSANDS.match(number)
    # "1.609 km" is a mile, "2.340 €" is not two euros.
    if grouped and (grouped[1] != "." or is_money or grouped.group().count(".") > 1):
        plain = re.sub(r"\D", "", grouped.group()) + number[grouped.end() :].replace(",", ".")
    try:
        return Decimal(plain) * worth
    except InvalidOperation:
        return None
