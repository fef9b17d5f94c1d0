"""The bound or the extreme that a question puts to rows: "… less than €90", "… after March 15", "the cheapest room".

What the bound is worth is read where the rows are read (rag.quantities); here it is told from the question's words
which of its words ask for a bound, and what they would have to be compared by.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from rag.words import is_negator, tokens

Relation = Literal["<", "<=", ">", ">=", "in"]

_SPELT = (
    r"(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|fifteen|twenty|thirty|forty|fifty|sixty|seventy"
    r"|eighty|ninety)\b"
)
_MONTH = (
    r"(?:January|February|March|April|May|June|July|August|September|October|November|December|Jan|Feb|Mar|Apr|Jun|Jul"
    r"|Aug|Sept?|Oct|Nov|Dec)\b"
)
_ABOUT = r"(?:(?:the|a|an|about|around|end of)\s+)*"
_FIGURE = rf"(?P<value>{_ABOUT}(?:[$€£¥]\s?|(?:EUR|USD|GBP|CHF)\s?)?(?:\d|{_SPELT}).*)"
_CLOCK = r"(?:\d{1,2}(?:[:.]\d\d)?\s?[ap]\.?m\b|\d{1,2}[:h]\d\d|noon\b|midday\b|midnight\b)"
_DATE = (
    rf"(?:\d{{1,2}}(?:st|nd|rd|th)?(?: of)? {_MONTH}|(?-i:{_MONTH})|\d{{4}}-\d\d|\d{{1,2}}[./]\d{{1,2}}[./]\d{{2,4}}"
    r"|(?:1[5-9]|20)\d\d\b)"
)
_WHEN = rf"(?P<value>{_ABOUT}(?:{_CLOCK}|{_DATE}).*)"
_MONTH_OR_YEAR = rf"(?P<value>(?:the month of )?(?:(?-i:{_MONTH})|(?:1[5-9]|20)\d\d\b).*)"
_LOW = "less|fewer|cheaper|shorter|lower|smaller|younger|lighter|closer|nearer|narrower|cooler|colder"
_HIGH = (
    "more|greater|higher|larger|bigger|longer|taller|older|heavier|wider|warmer|hotter|dearer|more expensive|further"
    "|farther"
)
_OR_MORE = re.compile(
    rf"(?P<value>(?:[$€£¥]\s?)?(?:\d[\d.,]*k?|{_SPELT})(?:\s?%|\s[^\W\d]+){{0,2}}?)\s+(?:or|and)\s+"
    r"(?:(?P<more>more|over|above|older|later|higher|longer|up|after|larger|bigger|taller|heavier)|less|fewer|under|below"
    r"|younger|earlier|before|lower|shorter|cheaper|smaller|lighter)\b(?P<after>.*)",
    re.IGNORECASE | re.DOTALL,
)
_LEADS = re.compile(r"(?P<when>\b(?:in|from|since|on|by))?\s*(?:\b(?:the|for|at|of|aged?))?\s*$", re.IGNORECASE)
_WORDS: tuple[tuple[Relation, str, str], ...] = (
    ("<=", rf"(?:no|not) (?:{_HIGH}) than|not (?:over|above|exceed(?:ing)?)|at most|up to|maximum(?: of)?", _FIGURE),
    ("<=", r"within|max\.?|<=|≤", _FIGURE),
    (">=", rf"(?:no|not) (?:{_LOW}) than|not (?:under|below)|at least|minimum(?: of)?|min\.?|>=|≥", _FIGURE),
    ("<=", r"no later than|not after|until|till|up to|by", _WHEN),
    (">=", r"no earlier than|not before|since|from(?!.* to )|starting (?:from|on|in)", _WHEN),
    ("<", r"before|prior to|earlier than|sooner than", _WHEN),
    (">", r"after|later than", _WHEN),
    ("in", r"in|during", _MONTH_OR_YEAR),
    ("<", rf"(?:{_LOW}) than|under|below|<", _FIGURE),
    (">", rf"(?:{_HIGH}) than|over|above|exceed(?:s|ed|ing)?|in excess of|>", _FIGURE),
)
_RELATIONS = tuple(
    (relation, re.compile(rf"(?:^|(?<=[\s(]))(?:{words})(?:\s+|(?<=[<>=≤≥])){value}", re.I | re.S), value != _FIGURE)
    for relation, words, value in _WORDS
)
_BETWEEN = re.compile(
    r"\bbetween\s+(?P<one>[^?]{1,40}?)\s+and\s+(?P<value>(?:[$€£¥]\s?)?\d.*)", re.IGNORECASE | re.DOTALL
)
_ASKS = re.compile(
    r"^\W*(?:(?:and|so|but|ok(?:ay)?|please|hi|hello)\b,?\s+)*(?:(?:can|could) you (?:tell me|list|show me)\s+)?"
    r"(?:(?:in|on|at|from|to|for|by|with) )?(?:which|what|who|whose|when|where|list|show|find|name|give me|tell me"
    r"|are there|is there|is any|are any|does any|do any|do we have|do you have|any|(?:the )?\w+est\b|all)\b",
    re.IGNORECASE,
)
_MONEY, _PLACE = ("money",), ("length",)
_SIZES = ("area", "volume")
# Word of an extreme -> whether the highest is meant, what it measures, and how columns call that.
_EXTREMES: dict[str, tuple[bool, tuple[str, ...], str]] = {
    "cheapest": (False, _MONEY, "price cost rate fare fee rent"),
    "priciest": (True, _MONEY, "price cost rate fare fee rent"),
    "costliest": (True, _MONEY, "price cost rate fare fee rent"),
    "dearest": (True, _MONEY, "price cost rate fare fee rent"),
    "largest": (True, _SIZES, "size area"),
    "biggest": (True, _SIZES, "size area"),
    "smallest": (False, _SIZES, "size area"),
    "highest": (True, (), ""),
    "lowest": (False, (), ""),
    "tallest": (True, _PLACE, "height"),
    "longest": (True, ("length", "time"), "length distance duration"),
    "shortest": (False, ("length", "time"), "length distance duration height"),
    "nearest": (False, _PLACE, "distance"),
    "closest": (False, _PLACE, "distance"),
    "farthest": (True, _PLACE, "distance"),
    "furthest": (True, _PLACE, "distance"),
    "heaviest": (True, ("weight",), "weight"),
    "lightest": (False, ("weight",), "weight"),
    "oldest": (True, ("age", "day"), "age born founded built issued dated date year"),
    "youngest": (False, ("age",), "age"),
    "earliest": (False, ("clock", "day"), "departure departs leaves start starts begins date time"),
    "soonest": (False, ("clock", "day"), "departure departs leaves start starts begins date time"),
    "latest": (True, ("clock", "day"), "departure departs leaves start starts begins date time"),
    "fastest": (False, ("time", "speed"), "duration speed time"),
    "quickest": (False, ("time", "speed"), "duration speed time"),
    "slowest": (True, ("time", "speed"), "duration speed time"),
    "warmest": (True, ("warmth",), "temperature"),
    "hottest": (True, ("warmth",), "temperature"),
    "coldest": (False, ("warmth",), "temperature"),
    "most expensive": (True, _MONEY, "price cost rate fare fee rent"),
    "least expensive": (False, _MONEY, "price cost rate fare fee rent"),
    "most affordable": (False, _MONEY, "price cost rate fare fee rent"),
    "most": (True, (), ""),
    "least": (False, (), ""),
    "fewest": (False, (), ""),
}
_EXTREME = re.compile(
    rf"(?:\b(?P<before>{_SPELT}|\d{{1,2}}|\w+(?:st|nd|rd|th)|second|third|next)\s+)?"
    rf"\b(?P<word>{'|'.join(sorted(_EXTREMES, key=len, reverse=True))})\b",
    re.IGNORECASE,
)
"""What stands before it may ask for another one than the first: "the second cheapest"."""
_IDIOMS = re.compile(
    r"\bat (?:the )?(?:least|most|latest|earliest)\b"
    r"|\b(?:most|least) (?!expensive|affordable)(?:of|people|likely|recent\w*|well|popular|common"
    r"|\w+(?:ful|ous|ant|ent|ive|ic|al|able|ible|ed|ing|ly))\b"
    r"|\b(?:\w+est|most|least) (?:that )?(?:I|you|we|one|they|he|she|it|anyone|members|guests) (?:can|could|may|might"
    r"|should|must|need to|have to|has to|am allowed|are allowed|is allowed)\b"
    r"|\blatest (?:news|version|update|status|state|on|word|reports?|announcement|develop\w*)\b",
    re.IGNORECASE,
)
_ADDED_UP = re.compile(
    r"\b(?:total|average|mean|sum|how (?:many|much)|altogether|differences?|change|increase|decrease|growth|except"
    r"|besides|other than)\b",
    re.IGNORECASE,
)
"""What no single row tells, or is turned round."""


@dataclass(frozen=True, slots=True)
class Bound:
    """One side of what is asked for: `value` is the text that begins with it, "€90 a night?"."""

    relation: Relation
    value: str
    said: str
    """The words of the relation: "less than"."""
    when: bool = False
    """It is a day, a year or a time of day."""


@dataclass(frozen=True, slots=True)
class Extreme:
    """What is asked for is the one with the highest or the lowest number."""

    highest: bool
    dimensions: tuple[str, ...]
    """What the word measures; () where only the question's other words tell: "the highest score"."""
    called: str
    """What columns of such numbers are called."""
    said: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """The bounds or the extreme that a question asks for, and its words without these."""

    bounds: tuple[Bound, ...]
    extreme: Extreme | None
    rest: str
    """The question up to the bound, or without the word of the extreme."""


@lru_cache(maxsize=64)
def comparison_of(question: str) -> Comparison | None:
    """Return the comparison that a question asks rows for; None where it asks for none, or turns it round."""
    if not _ASKS.match(question) or _ADDED_UP.search(question):
        return None
    found = _between(question) or _or_more(question) or _bounded(question) or _extreme(question)
    if found is None or any(is_negator(token) for token in tokens(found.rest)):
        return None
    return found


def _between(question: str) -> Comparison | None:
    match = _BETWEEN.search(question)
    if match is None:
        return None
    one, other = match["one"], match["value"]
    bounds = (Bound(">=", one, "between"), Bound("<=", other, "between"))
    return Comparison(bounds, None, question[: match.start()])


def _or_more(question: str) -> Comparison | None:
    """Return the bound of "10 or more years", "in 2021 or later": the value itself is within."""
    match = _OR_MORE.search(question)
    if match is None:
        return None
    before = question[: match.start()]
    leads = _LEADS.search(before)
    said = question[match.end("value") : match.start("after")].strip()
    value, when = match["value"] + match["after"], bool(leads and leads["when"])
    bound = Bound(">=" if match["more"] else "<=", value, said, when)
    return Comparison((bound,), None, before[: leads.start()] if leads else before)


def _bounded(question: str) -> Comparison | None:
    found = [(match, relation, when) for relation, pattern, when in _RELATIONS if (match := pattern.search(question))]
    if not found:
        return None
    # The first one that stands in the question; of two there the one that says more: "not more than".
    match, relation, when = min(found, key=lambda one: one[0].start())
    said = question[match.start() : match.start("value")].strip()
    return Comparison((Bound(relation, match["value"], said, when),), None, question[: match.start()])


def _extreme(question: str) -> Comparison | None:
    matches = list(_EXTREME.finditer(question))
    if len(matches) != 1 or matches[0]["before"] or _IDIOMS.search(question):
        return None
    match = matches[0]
    word = match["word"].lower()
    highest, dimensions, called = _EXTREMES[word]
    rest = question[: match.start("word")] + question[match.end("word") :]
    return Comparison((), Extreme(highest, dimensions, called, word), rest)
