"""The numbers of a sentence and what they count, so that they can be compared with those of another sentence."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import pairwise, takewhile

from rag.changed import change_to
from rag.superseded import is_superseded
from rag.understand.kind import DAY
from rag.words import WEEKDAYS, Token, content, tokens


def _key(word: str) -> str:
    return next(iter(content(word)))


CURRENCIES = {
    _key(word): _key(names.split()[0])
    for names in ("dollar USD", "euro EUR", "pound GBP", "yen JPY", "yuan CNY RMB", "franc CHF", "rupee INR")
    for word in names.split()
}
"""Key of a word -> that of its currency; signs have the keys of their names."""
_IN_SECONDS = {"second": 1, "minute": 60, "hour": 3600, "day": 86_400, "week": 604_800}
_IN_MONTHS = {"month": 1, "year": 12, "decade": 120, "century": 1200}
_TIMES = {
    _key(word): (scale, worth) for scale, words in enumerate((_IN_SECONDS, _IN_MONTHS)) for word, worth in words.items()
}
"""Key of a word -> which of the two scales it is of, which have no common measure, and how much it is there."""
_SHORT = {"m": _key("metre"), "h": _key("hour"), "min": _key("minute")}
_WEEKDAYS = content(" ".join(WEEKDAYS))
_LONGEST_UNIT = 3
"""Words after a number that are looked at for what it counts."""
_PASSED_OVER = frozenset({"other", "more", "the", "such", "different"})
_SCALED = re.compile(r"[a-z]+[\s-]+(?:hundred|thousand|million|billion|trillion)\b", re.IGNORECASE)
"""A number in words; a token may have only its beginning."""
_GLUED = re.compile(r"(?:[Kk]|M|[bmt]n)\b")
"""A scale without a space, which a token hasn't read."""
_HOW = content("long tall high far big large wide deep heavy thick fast loud much many often")
"""What "how" asks for is in no unit: "10 km long", "how long"."""
_YEAR = re.compile(r"1[5-9]\d\d|20\d\d")
_FIGURE = re.compile(r"\d+(?:\.\d+)?")
_COST = re.compile(
    r"\bhow much (?:do|does|did|is|was|were|are|will|would|can|could|has|have|had|money)\b|\b(?:what|which)\b.*"
    r"\b(?:costs?|price|fee|rent|salary|budget|value|worth|turnover|revenue|profit|loss|fine|sum|damage|reward|prize"
    r"|donation|investment)\b",
    re.IGNORECASE,
)
_SHARE = re.compile(r"\b(?:what|which)\b.*\b(?:percentage|per ?cent|proportion|share|rate)\b", re.IGNORECASE)
_IN_TIME = re.compile(
    r"\bhow (?:long|many (?:more |full )?(?:second|minute|hour|day|night|week|month|year|decade)s)\b", re.IGNORECASE
)
_HOW_MANY = re.compile(r"\bhow many\b", re.IGNORECASE)
_PERCENT = _key("percent")
_PER, _HUNDREDTHS = _key("per"), content("cent percent")
_MEASURED = ("how much", "scale")
"""What the key of a time has; that of another number has only how much."""
_APART = re.compile(
    rf"{DAY.pattern}|^\W*\d+(?:\.\d+)*[.)]?\s+(?=[^\W\d_a-z])|\b\d{{1,2}}:\d\d(?!\d)"
    r"|\b\d{1,2}(?:\.\d\d)?\s*(?:[ap]\.?m\b|o['’]clock\b)",
    re.MULTILINE,
)
"""Numbers that count nothing: a day of the calendar, the number of a paragraph or an item, a time of day."""


@dataclass(frozen=True, slots=True)
class Amount:
    """A number: `key` to compare, `shown` as it stands there, and what it counts, as keys of words."""

    key: tuple[Decimal | int, ...]
    shown: str
    unit: frozenset[str]
    text: str = ""
    """The sentence."""
    superseded: bool = False
    """The sentence says that it isn't so, or no longer."""

    @property
    def is_changed_to(self) -> bool:
        """The sentence says that something is changed to it: "the price rises to 16"."""
        change = None if self.superseded else change_to(self.text, self.text.find(self.shown))
        return bool(change and change.what)

    @property
    def is_money(self) -> bool:
        """It counts a currency."""
        return bool(self.unit) and self.unit <= frozenset(CURRENCIES.values())


def amounts(text: str, apart: AbstractSet[str]) -> list[Amount]:
    """Return the numbers of a sentence and what they count, but for those `apart`, years, ages, days and times of day.

    Of several a number that nothing says what it counts is left out, unless it is one that no longer holds.
    """
    words = tokens(text)
    spans = [match.span() for match in _APART.finditer(text)]
    found: list[Amount] = []
    for place, token in enumerate(words):
        aside = token.key in apart or any(start <= token.start < end for start, end in spans)
        if token.number and not aside and _is_figure(text, token) and (one := _counted(text, words, place)):
            found.append(one)
    if sum(not one.superseded for one in found) < 2:
        return [_like(one, found) if one.superseded and not one.unit else one for one in found]
    changed = [one for one in found if one.is_changed_to]
    return [one for one in found if one.unit or one.superseded or (changed == [one])]


def _like(old: Amount, found: Sequence[Amount]) -> Amount:
    """Return what no longer holds in the measure of what does: "21 hours, not nine" denies nine hours."""
    now = next((one for one in found if not one.superseded), old)
    if len(now.key) < len(_MEASURED) or not (figure := _FIGURE.search(now.shown)):
        return old
    return replace(old, key=(old.key[0] * Decimal(now.key[0]) / Decimal(figure.group()), *now.key[1:]))


def counted_by(question: str, found: Sequence[Amount]) -> Callable[[Amount], bool]:
    """Return what says of an amount whether it counts what was asked for, or else the same as the first of those found.

    "11 sets", "15 boxes" and "three people" are no answers to one question. What is asked for is money for "How much
    does it cost?", time for "How long …?", what stands behind "how many", else what any word of the question counts.
    """
    money = [one for one in found if one.is_money] if _COST.search(question) else []
    asked = next((units for units in _units_asked(question) if any(one.unit & units for one in found)), frozenset())
    named = [one for one in found if one.unit & asked]
    first = next(iter(money or named or found), Amount((), "", frozenset()))
    if named and not money:
        return lambda one: bool(one.unit & asked or (not one.unit and first.unit & content(one.text)))
    return lambda one: bool(one.unit & first.unit) or _of_rate(one.unit) == _of_rate(first.unit)


def _of_rate(unit: frozenset[str]) -> frozenset[str]:
    """Return nothing for what is only said to be so much for each: "14 per child" is compared with "16"."""
    return frozenset() if _PER in unit and not unit & _HUNDREDTHS else unit


def _units_asked(question: str) -> tuple[frozenset[str], frozenset[str]]:
    """Return the words of a question that may say what is counted: those behind "how many", then all."""
    words = content(question) - _HOW
    words = words if _IN_TIME.search(question) else words - _TIMES.keys()
    words |= {_PERCENT} if _SHARE.search(question) else frozenset()
    counted = _HOW_MANY.search(question)
    behind = takewhile(lambda word: word.content, tokens(question[counted.end() :])) if counted else ()
    return frozenset(word.key for word in behind) & words, words


def _is_figure(text: str, token: Token) -> bool:
    scaled, end = _SCALED.match(text, token.start), _end(token)
    in_words = bool(scaled and scaled.end() > end)
    return bool(_FIGURE.fullmatch(token.key)) and not (
        in_words or _GLUED.match(text, end) or _YEAR.fullmatch(token.text)
    )


def _counted(text: str, words: Sequence[Token], place: int) -> Amount | None:
    number = Decimal(words[place].key)
    old = is_superseded(text, words[place].start, _end(words[place]))
    before = CURRENCIES.get(words[place - 1].key) if place else None
    if place and not before and _is_called_so(text, words[place - 1], words[place]):
        return None
    if before:
        shown = text[words[place - 1].start : _end(words[place])]
        return Amount((number,), shown, frozenset({before}), text, old)
    unit = _unit(text, words, place)
    keys = [_SHORT.get(word.text, word.key) for word in unit]
    first = keys[0] if keys else ""
    if first in CURRENCIES:
        return Amount((number,), text[words[place].start : _end(unit[0])], frozenset({CURRENCIES[first]}), text, old)
    shown = text[words[place].start : _end(unit[-1] if unit else words[place])]
    if first in _TIMES:
        scale, worth = _TIMES[first]
        return None if "old" in keys else Amount((number * worth, scale), shown, frozenset(_TIMES), text, old)
    return Amount((number,), shown, frozenset(keys), text, old)


def _is_called_so(text: str, before: Token, token: Token) -> bool:
    """Say whether a number is part of a name: "Presto 6", "Halcyon-2"; not "at Skerra 91.4 per cent"."""
    beside = text[_end(before) : token.start] in {" ", "-", ""}
    called = before.name and before.key not in _WEEKDAYS
    return beside and called and token.key.isdecimal() and len(token.key) < len("1000")


def _unit(text: str, words: Sequence[Token], place: int) -> list[Token]:
    """Return the words after a number, up to the next small one: "rooms" of "400 rooms of state"."""
    found: list[Token] = []
    for before, word in pairwise(words[place : place + _LONGEST_UNIT + 1]):
        passed = word.key in _PASSED_OVER or (word.key == "of" and not found)
        if re.search(r"[.,;:()]", text[_end(before) : word.start]) or word.number:
            break
        if word.content or word.text in _SHORT:
            found.append(word)
        elif not passed:
            break
    return found


def _end(token: Token) -> int:
    return token.start + len(token.text)
