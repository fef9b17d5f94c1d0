"""The one number of a sentence and what it counts, so that it can be compared with that of another sentence."""

from __future__ import annotations

import re
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from itertools import pairwise

from rag.words import Token, content, numbers, tokens


def _key(word: str) -> str:
    return next(iter(content(word)))


_CURRENCIES = {
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
_LONGEST_UNIT = 3
"""Words after a number that are looked at for what it counts."""
_PASSED_OVER = frozenset({"other", "more", "the", "such", "different"})
_SCALED = re.compile(r"[a-z]+[\s-]+(?:hundred|thousand|million|billion|trillion)\b", re.IGNORECASE)
"""A number in words; a token may have only its beginning."""
_GLUED = re.compile(r"(?:[Kk]|M|[bmt]n)\b")
"""A scale without a space, which a token hasn't read."""
_HOW = content("long tall high far big large wide deep heavy much many often")
"""What "how" asks for is in no unit: "10 km long", "how long"."""
_YEAR = re.compile(r"1[5-9]\d\d|20\d\d")
_COST = re.compile(
    r"\bhow much (?:do|does|did|is|was|were|are|will|would|can|could|has|have|had|money)\b", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Amount:
    """A number: `key` to compare, `shown` as it stands there, and what it counts, as keys of words."""

    key: tuple[int, ...]
    shown: str
    unit: frozenset[str]
    text: str
    """The sentence."""

    @property
    def is_money(self) -> bool:
        """It counts a currency."""
        return bool(self.unit) and self.unit <= frozenset(_CURRENCIES.values())


def amount(text: str, apart: AbstractSet[str]) -> Amount | None:
    """Return the number of a sentence that has just one, besides those `apart`; None: a year, an age, or not one."""
    others = numbers(text) - apart
    if len(others) != 1:
        return None
    words = tokens(text)
    place = next(place for place, token in enumerate(words) if token.number and token.key in others)
    token, end = words[place], _end(words[place])
    scaled = _SCALED.match(text, token.start)
    if _GLUED.match(text, end) or (scaled and scaled.end() > end) or not token.key.isdecimal():
        return None
    return None if _YEAR.fullmatch(token.key) else _counted(text, words, place)


def alike(found: Sequence[Amount], question: str) -> list[Amount]:
    """Return the amounts that count what was asked for, or else the same as the first of them.

    "11 sets", "15 boxes" and "three people" are no answers to one question. What is asked for is money for "How much
    does it cost?", else what a word of the question counts.
    """
    asked = content(question) - _HOW
    money = [one for one in found if one.is_money] if _COST.search(question) else []
    named = [one for one in found if one.unit & asked]
    first = next(iter(money or named or found), None)
    if first is None:
        return []
    if named and not money:
        return [one for one in found if one.unit & asked or (not one.unit and first.unit & content(one.text))]
    return [one for one in found if one.unit & first.unit or one.unit == first.unit]


def _counted(text: str, words: Sequence[Token], place: int) -> Amount | None:
    number = int(words[place].key)
    before = _CURRENCIES.get(words[place - 1].key) if place else None
    if before:
        shown = text[words[place - 1].start : _end(words[place])]
        return Amount((number,), shown, frozenset({before}), text)
    unit = _unit(text, words, place)
    keys = [_SHORT.get(word.text, word.key) for word in unit]
    first = keys[0] if keys else ""
    if first in _CURRENCIES:
        return Amount((number,), text[words[place].start : _end(unit[0])], frozenset({_CURRENCIES[first]}), text)
    shown = text[words[place].start : _end(unit[-1] if unit else words[place])]
    if first in _TIMES:
        scale, worth = _TIMES[first]
        return None if "old" in keys else Amount((number * worth, scale), shown, frozenset(_TIMES), text)
    return Amount((number,), shown, frozenset(keys), text)


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
