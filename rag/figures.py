"""What hangs on a number and is no word: "5 mg" or "5 g", "3 am" or "3 pm", "room 3B", "gate B12", "-5", "₹500", "¼".

rag.words has nothing of it, because a ranking has no use for single letters and signs; to the check they are what
differs. The same number with something else beside it is another one, whatever else of the sentence is in the quote.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from rag.words import keys, tokens

_SHORT = (
    "g kg mg µg μg ug mcg ng t m cm mm km nm µm μm ft yd mi l ml cl dl s sec ms min h hr hrs hz khz mhz ghz w kw mw gw "
    "v kv mv a ma j kj kcal cal pa kpa hpa k kb mb gb tb oz lb lbs ha mph rpm db mol mmol n b"
)
LONG = {
    "g": "grams? grammes?", "kg": "kilograms? kilogrammes? kilos?", "mg": "milligrams?", "µg": "micrograms?",
    "t": "tonnes? tons?", "m": "met(?:re|er)s?", "cm": "centimet(?:re|er)s?", "mm": "millimet(?:re|er)s?",
    "km": "kilomet(?:re|er)s?", "l": "lit(?:re|er)s?", "ml": "millilit(?:re|er)s?", "s": "seconds? secs?",
    "min": "minutes?", "h": "hours?", "w": "watts?", "kw": "kilowatts?", "v": "volts?", "°c": "celsius centigrade",
    "°f": "fahrenheit", "k": "kelvin thousand", "am": "morning", "pm": "afternoon evening night noon",
    "a": "amp(?:ere)?s?", "n": "newtons?", "j": "joules?", "b": "bytes? billions?", "mi": "miles?", "oz": "ounces?",
    "ft": "feet foot", "lb": "pounds?", "ha": "hectares?",
}  # fmt: skip
"""Unit -> the words for it, as patterns."""
_WORDS = [(unit, re.compile("|".join(words.split()), re.IGNORECASE)) for unit, words in LONG.items()]
_SAME = {"ug": "µg", "μg": "µg", "mcg": "µg", "μm": "µm", "sec": "s", "hr": "h", "hrs": "h", "lbs": "lb"}
_FRACTIONS = "½⅓⅔¼¾⅕⅖⅗⅘⅙⅚⅛⅜⅝⅞"
_SPELT = {
    "½": r"1/2|half|0?\.5", "⅓": "1/3|third", "⅔": "2/3|two[ -]thirds", "¼": r"1/4|quarter|0?\.25",
    "¾": r"3/4|three[ -]quarters|0?\.75",
}  # fmt: skip
_LONE_FRACTION = re.compile(rf"(?<!\d)(?<!\d )[{_FRACTIONS}]")
_BEHIND = re.compile(
    rf"\s?(?P<fraction>[{_FRACTIONS}])"
    r"|\)?(?P<point>\((?:[a-z]|[ivx]{1,5})\))"
    r"|\s?(?P<hour>[ap])\.?\s?m\b"
    r"|\s?(?:[°º]\s?|degrees? )(?P<degree>[CFK]\b|celsius|centigrade|fahrenheit)"
    r"|(?:-|['’](?=s))?(?P<glued>[a-zµμ]{1,4}(?:/[a-z]{1,4})?)(?![\w’'])"
    rf"|[\s-](?P<unit>(?:{'|'.join(_SHORT.split())})(?:/[a-z]{{1,4}})?)(?![\w’']|\.\s*\w)"
    rf"|[\s-](?P<long>(?:{'|'.join('|'.join(words.split()) for words in LONG.values())})\b(?: per [a-z]+)?)",
    re.IGNORECASE,
)
_ENDS_ORDINAL = frozenset("st nd rd th".split())
_NO_UNIT = frozenset("a A I".split())
"""Behind a number and a space these are words of the sentence."""
_DECADE = re.compile(r"\d{3}0['’]?s\b")
_PREFIX = re.compile(r"(?<![^\W_])([A-Za-z])[-–]?$")
_MINUS = re.compile(r"(?:(?P<before>\S?)(?:^|[\s(\[=:<>≤≥~≈])[-−–][$€£]?|(?P<word>\b(?:minus|negative)) )$")
_BELOW_ZERO = re.compile(r"[^,.;]{0,20}\bbelow (?:zero|freezing)", re.IGNORECASE)
_FALLS = re.compile(
    r"\b(?:fell|fall\w*|drop\w*|declin\w*|decreas\w*|los[est]\w*|shr[aiu]nk\w*|down|lower\w*|reduc\w*|cut\w*|less|below"
    r"|deficit|contract\w*)\b",
    re.IGNORECASE,
)
"""Words that say of a number that it is negative."""
_MONEY = "\u20a0-\u20ab\u20ad-\u20c0฿"
"""Signs of money that rag.words does not read, "€" is no such one."""
_PAID = re.compile(rf"([{_MONEY}])\s?-?$")
_PAID_BEHIND = re.compile(rf"\s?([{_MONEY}])")
_NAMED = {
    "₹": "rupees inr rs", "₽": "roubles rubles rub", "₩": "won krw", "₺": "lira try", "₴": "hryvnia uah",
    "₪": "shekels ils", "₫": "dong vnd", "₦": "naira ngn", "฿": "baht thb",
}  # fmt: skip
_NEAR = 14
"""Characters before a number that are looked at."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A number with what hangs on it."""

    value: str
    shown: str
    unit: str
    """In one form, "" for none; "½" and "(a)" stand here, too."""
    glued: bool
    """The unit is no measure, but a part of the number: "3B", "1½", "£5m"."""
    prefix: str
    """The letter of "B12"."""
    below_zero: bool
    money: str
    follows: str
    """The word before it, which it names a thing with: "gate"."""


@lru_cache(maxsize=4096)
def figures(text: str) -> tuple[Figure, ...]:
    """Return the numbers of a text with what hangs on them, each once."""
    found = tokens(text)
    return tuple(dict.fromkeys(_figure(text, at) for at, token in enumerate(found) if token.number))


def _figure(text: str, at: int) -> Figure:
    found = tokens(text)
    token = found[at]
    end = token.start + len(token.text)
    before = text[max(0, token.start - _NEAR) : token.start]
    unit, glued, until = _unit(text, end, before)
    prefix = _PREFIX.search(before)
    paid = _PAID.search(before) or _PAID_BEHIND.match(text, end)
    lead = at - (2 if prefix else 1)
    shown = text[token.start - (len(prefix.group()) if prefix else 0) : until]
    follows = found[lead].key if lead >= 0 and found[lead].content and not found[lead].number else ""
    letter = prefix[1].lower() if prefix else ""
    return Figure(
        token.key, shown, unit, glued, letter, _is_below_zero(text, end, before), paid[1] if paid else "", follows
    )


def _unit(text: str, end: int, before: str) -> tuple[str, bool, int]:
    """Return what stands behind a number, whether it is a part of the number, and where it ends."""
    match = _BEHIND.match(text, end)
    kind = match.lastgroup if match else None
    if not match or not kind or match[kind].lower() in _ENDS_ORDINAL or (kind == "unit" and match[kind] in _NO_UNIT):
        return "", False, end
    unit = match[kind]
    if kind == "hour":
        return f"{unit.lower()}m", False, match.end()
    if kind == "degree":
        return f"°{_one_form(unit)[-1]}", False, match.end()
    if kind in {"fraction", "point"}:
        return unit.lower(), kind == "fraction", match.end()
    form = _one_form(unit)
    part = len(unit) == 1 and (unit.isupper() or before.rstrip()[-1:] in {*"$€£¥"} or _DECADE.match(text, end - 4))
    return form, kind == "glued" and bool(part), match.end()


@lru_cache(maxsize=2048)
def _one_form(unit: str) -> str:
    """Return one form for "µg" and "mcg", "km" and "kilometres", "km/h" and "kilometres per hour"."""
    first, _, per = unit.replace(" per ", "/").partition("/")
    low = first.lower()
    form = next((short for short, words in _WORDS if words.fullmatch(low)), _SAME.get(low, low))
    if len(first) == 2 and first[0] in "mM" and first[1] in "WVJA":
        form = first  # a million times as much, or a thousandth
    return f"{form}/{_one_form(per)}" if per else form


def _is_below_zero(text: str, end: int, before: str) -> bool:
    match = _MINUS.search(before)
    signed = match is not None and (bool(match["word"]) or not re.search(r"[\d%°]", match["before"]))
    return signed or bool(_BELOW_ZERO.match(text, end))


def altered(claim: str, quotes: Sequence[str], around: Sequence[str]) -> Iterator[str]:
    """Yield what a claim has beside a number that no quote has beside it, as clauses for people.

    `around` has the titles and headings, which may tell a unit for all numbers below.
    """
    for mine in figures(claim):
        theirs = [figure for quote in quotes for figure in figures(quote) if figure.value == mine.value]
        if theirs and any(_differs(mine, theirs, claim, quotes, around)):
            its, own = theirs[0].shown.strip(), mine.shown.strip()
            yield f"the quote has “{its}”, not “{own}”" if its != own else f"the quote has another “{own}”"
    for match in _LONE_FRACTION.finditer(claim):
        said = rf"(?<!\d)(?<!\d )(?:{match.group()}|\b(?:{_SPELT.get(match.group(), match.group())})\b)"
        if not any(re.search(said, quote, re.IGNORECASE) for quote in quotes):
            yield f"no quote has “{match.group()}”"


def _differs(
    mine: Figure, theirs: Sequence[Figure], claim: str, quotes: Sequence[str], around: Sequence[str]
) -> Iterator[bool]:
    yield _is_of_other_unit(mine, theirs, quotes, around)
    yield _is_of_other_prefix(mine, theirs, quotes)
    signs = {figure.below_zero for figure in theirs}
    if mine.below_zero not in signs:
        yield not any(_FALLS.search(text) for text in (claim, *quotes))
    if mine.money and mine.money not in {figure.money for figure in theirs}:
        yield not any(keys(quote) & keys(_NAMED.get(mine.money, "")) for quote in quotes)


def _is_of_other_unit(mine: Figure, theirs: Sequence[Figure], quotes: Sequence[str], around: Sequence[str]) -> bool:
    units = {figure.unit for figure in theirs}
    if mine.unit in units:
        return False
    if not mine.unit:
        return all(figure.glued and (not figure.unit.isalpha() or _is_short_for(mine, figure)) for figure in theirs)
    if mine.unit[0] == "(":
        return not any(mine.unit in quote.lower() for quote in quotes)
    if "" not in units:
        return not _is_said_with(mine, quotes) if mine.unit in {"am", "pm"} else True
    bare = len(mine.unit) == 1 or mine.unit in {"am", "pm", "°c", "°f"}
    return bare and not any(mine.unit in _units_of(text) for text in (*quotes, *around))


def _is_short_for(mine: Figure, figure: Figure) -> bool:
    """Say whether a claim leaves a letter out of the name of a thing ("room 3"), or of an amount ("£5" for "£5m")."""
    return figure.unit.isalpha() and (mine.follows == figure.follows or not figure.follows)


def _is_said_with(mine: Figure, quotes: Sequence[str]) -> bool:
    return any(mine.unit in _units_of(quote) for quote in quotes) and not any(
        figure.unit in {"am", "pm"} for quote in quotes for figure in figures(quote) if figure.value == mine.value
    )


@lru_cache(maxsize=1024)
def _units_of(text: str) -> frozenset[str]:
    """Return the units that a text has anywhere: a table's head tells them once, "5 to 10 mg" behind the second."""
    words = {_one_form(token.text.removesuffix("'s")) for token in tokens(text)}
    degrees = {f"°{unit}" for unit in words & {"c", "f"}}
    hours = {f"{word[0]}m" for word in words if word in {"a.m.", "p.m.", "a.m", "p.m"}}
    return frozenset({figure.unit for figure in figures(text)} | words | degrees | hours)


def _is_of_other_prefix(mine: Figure, theirs: Sequence[Figure], quotes: Sequence[str]) -> bool:
    prefixes = {figure.prefix for figure in theirs}
    if mine.prefix in prefixes:
        return False
    if not mine.prefix:
        return bool(mine.follows) and all(figure.follows == mine.follows for figure in theirs)
    if "" not in prefixes:
        return True
    alone = {token.text.lower() for quote in quotes for token in tokens(quote) if len(token.text) == 1}
    return mine.shown[0].isupper() and mine.prefix not in alone
