"""What is in a sentence: its content words, names, numbers, and what it denies. Shared by retrieval and the check."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from Stemmer import Stemmer

_TOKEN = re.compile(r"(?:[^\W\d_]\.){2,}|\d+(?:[.,:]\d+)*|[^\W\d_]+(?:['’][^\W\d_]+)*", re.UNICODE)
_FUNCTION_WORDS = """
    a about above after again against all also am an and any are as at be because been before being below between both
    but by can could did do does doing down during each few for from further had has have having he her here hers him
    his how i if in into is it its itself just many may me might more most much must my myself no nor not now of off on
    once only or other our ours out over own said same say says shall she should so some such than that the their theirs
    them themselves then there these they this those through to too under until up upon us very was we were what when
    where which while who whom whose why will with would you your yours one's name tell give list please documents
    document according sources source text mention mentioned describe however additionally moreover furthermore
    therefore overall thus also
"""
STOP_WORDS = frozenset(_FUNCTION_WORDS.split())
"""English words that carry a sentence's grammar or address the machine, not what it is about."""
_NEGATORS = frozenset(
    "no not never none nor neither without cannot deny denied denies refuse refused refuses fail failed n't".split()
)
_NUMBER_WORDS = {
    word: str(value)
    for value, word in enumerate(
        "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
        "seventeen eighteen nineteen twenty".split()
    )
} | {"thirty": "30", "forty": "40", "fifty": "50", "sixty": "60", "seventy": "70", "eighty": "80", "ninety": "90"}
_ORDINALS = {"first": "1", "second": "2", "third": "3", "fourth": "4", "fifth": "5", "sixth": "6", "seventh": "7"}
_MONTHS = {
    name[:3]: name
    for name in "january february march april may june july august september october november december".split()
}
_ALIASES = {"u.s": "us", "usa": "us", "u.s.a": "us", "u.k": "uk", "u.n": "un", "e.u": "eu"}
_OPENS = re.compile(r"[.!?:;\n“\"•–]")
_LATIN_ORDINAL = re.compile(r"\d+(?:st|nd|rd|th)\b", re.IGNORECASE)
_NEGATED_WITHIN = 3
"""Content words behind a negator that it is taken to deny."""


@dataclass(frozen=True, slots=True)
class Token:
    """A word as it stands in the text and as it is compared."""

    text: str
    start: int
    key: str
    """Lower case, stemmed, one form for "U.S." and "US", digits for number words."""
    content: bool
    number: bool
    name: bool
    """Capitalised where a sentence does not start, or an acronym: taken for (part of) a name."""


@lru_cache(maxsize=8192)
def tokens(text: str) -> tuple[Token, ...]:
    """Return the words of a text in order."""
    found: list[Token] = []
    opens = True
    end = 0
    plain = _LATIN_ORDINAL.sub(lambda m: m.group()[:-2] + "  ", text)
    for match in _TOKEN.finditer(plain):
        between = plain[end : match.start()]
        initial = between.startswith(".") and len(found[-1].text) == 1 if found else False
        opens = opens or (not initial and bool(_OPENS.search(between)))
        word = match.group()
        found.append(_token(word, match.start(), opens))
        opens = False
        end = match.end()
    return tuple(found)


def _token(word: str, start: int, opens: bool) -> Token:
    low = word.lower().replace("’", "'").rstrip(".")
    negated = low.endswith("n't")
    low = low.removesuffix("'s")
    number = low[0].isdigit() or low in _NUMBER_WORDS
    content = (number or (len(low) > 1 and low not in STOP_WORDS)) and not negated
    acronym = len(word) > 1 and word.isupper()
    name = content and not number and word[0].isupper() and (acronym or not opens)
    return Token(word, start, "n't" if negated else _key(low), content, number, name)


@cache
def _stemmer() -> Stemmer:
    import Stemmer

    return Stemmer.Stemmer("english")


@lru_cache(maxsize=65536)
def _key(low: str) -> str:
    if low in _NUMBER_WORDS:
        return _NUMBER_WORDS[low]
    if low[0].isdigit():
        return low.replace(",", "") if not re.search(r",\d{1,2}$", low) else low
    if low in _ALIASES:
        return _ALIASES[low]
    if low[:3] in _MONTHS and low == _MONTHS[low[:3]][: len(low)] and low != "may":
        return _MONTHS[low[:3]]
    return str(_stemmer().stemWord(low.replace("'", "")))


def content(text: str) -> frozenset[str]:
    """Return the keys of the words that a text is about."""
    return frozenset(token.key for token in tokens(text) if token.content)


def keys(text: str) -> frozenset[str]:
    """Return the keys of all words, function words too."""
    return frozenset(token.key for token in tokens(text))


def names(text: str) -> frozenset[str]:
    """Return the keys of words that are capitalised within a sentence, and of acronyms."""
    return frozenset(token.key for token in tokens(text) if token.name)


def numbers(text: str) -> frozenset[str]:
    """Return the numbers of a text as digits; "two" and "2" are one, "first" is not a number."""
    return frozenset(token.key for token in tokens(text) if token.number)


def ordinals(text: str) -> frozenset[str]:
    """Return "1" for "first" and so on: a number that a text may state in either way."""
    return frozenset(_ORDINALS[token.text.lower()] for token in tokens(text) if token.text.lower() in _ORDINALS)


def denied(text: str) -> frozenset[str]:
    """Return the content words that a negator stands shortly before."""
    found: set[str] = set()
    left = 0
    for token in tokens(text):
        low = token.text.lower().replace("’", "'")
        if low in _NEGATORS or token.key == "n't":
            left = _NEGATED_WITHIN
        elif token.content and left:
            found.add(token.key)
            left -= 1
    return frozenset(found)


def weigh(texts: Iterable[str]) -> dict[str, float]:
    """Return the inverse document frequency of each content word over `texts`: log((n + 1) / (df + 0.5))."""
    import math

    frequency: dict[str, int] = {}
    total = 0
    for text in texts:
        total += 1
        for key in content(text):
            frequency[key] = frequency.get(key, 0) + 1
    return {key: math.log((total + 1) / (count + 0.5)) for key, count in frequency.items()}
