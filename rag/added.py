"""Small words by which a claim says more than its quotes: "first", "most", "all", "only", "because", "more than".

"Storm was released in 1999" doesn't say that Storm was released first, nor "Workers were laid off" that all were. Every
other word of such a claim may be true, and models add these lightly; so a quote has to have them, or one of their kin.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from rag.reading import Reading, Word
from rag.words import keys

_FIRST = "first earliest earlier original originally initial initially inaugural oldest eldest pioneer debut premiere"
_LAST = "last latest later final finally recent recently youngest newest ultimate"
_MOST = (
    "most mostly majority mainly main chiefly chief largest largely highest greatest biggest primarily primary best "
    "top leading predominantly predominant all nearly almost"
)
_LEAST = "least fewest lowest smallest minimum worst hardly"
_ALL = "all every each entire entirely whole both any everyone everybody everything none no throughout full fully total"
_ONLY = "only sole solely alone exclusive exclusively just merely single unique one nothing except but"
_BECAUSE = (
    "because since due owing thanks reason reasons cause caused causes causing therefore thus hence result resulted "
    "resulting led lead leads prompt prompted after following amid given over so why blamed attributed sparked"
)
_WORDS = {
    "first": _FIRST,
    "last": _LAST,
    "most": _MOST,
    "least": _LEAST,
    "all": _ALL,
    "always": f"{_ALL} constantly consistently never usual",
    "half": "half halves 50 fifty",
    "only": _ONLY,
    "solely": _ONLY,
    "alone": _ONLY,
    "because": _BECAUSE,
    "still": "still remain remains remained continue continues continued yet current currently is are has have",
}
_SIZES = (
    "old young large big small tall high low long short fast slow heavy light rich poor strong weak near far cheap "
    "deep wide early late new great few hard hot cold warm good bad"
)
_SUPERLATIVE = re.compile(
    rf"\b(?:{'|'.join(f'{size}e?st' for size in _SIZES.split())}|biggest|hottest|farthest)\b", re.I
)
_COMPARATIVE = re.compile(rf"\b(?:{'|'.join(f'{size}e?r' for size in _SIZES.split())}|bigger|hotter|farther)\b", re.I)
_WEIGHED = {
    "earlier": f"{_FIRST} before prior previous previously",
    "later": f"{_LAST} after subsequent subsequently following next",
    "more": f"{_MOST} more greater higher larger bigger better over exceed exceeding",
    "fewer": f"{_LEAST} fewer less lower smaller under below",
}
"""Words that rank only where the question does: "he later moved" tells a story."""
_COMPARES = re.compile(
    r"\b(?:most|more|less|least|than|top|first|best|worst|record|maximum|minimum|eldest|elder)\b", re.I
)
_NO_RANK = re.compile(
    r"\bat (?:first|last|most|least|all)\b|\b(?:last|first) (?:name|week|month|year|night|summer|winter|spring|autumn"
    r"|monday|tuesday|wednesday|thursday|friday|saturday|sunday|\d+|few|two|three)\b|\bmost (?:likely|recent\w*)\b"
    r"|\b(?:will|would|to|can|may|did|does) last\b|\ball (?:\d+|two|three|four|five|six|seven|eight|nine|ten|over|of)\b"
    r"|\b(?:above|after|in|first of) all\b|\bnot only\b",
    re.IGNORECASE,
)
_BOUNDS = {
    "above": re.compile(
        r"\b(?:more than|over|above|at least|exceed\w*|minimum of|in excess of|upwards? of)\W+(?:\w+\W+)?$"
    ),
    "below": re.compile(r"\b(?:less than|fewer than|under|below|at most|up to|maximum of|no more than)\W+(?:\w+\W+)?$"),
}
_BEFORE = 25
"""Characters before a number in which its bound stands."""


def added(claim: Reading, question: str, quotes: Sequence[Reading]) -> Iterator[str]:
    """Yield what a claim adds to its quotes, as clauses for people. Names add nothing: "the First World War"."""
    plain = _NO_RANK.sub(" ", claim.text)
    wanted = _WORDS | {word: kin for word, kin in _WEIGHED.items() if re.search(rf"\b{word}\b", question)}
    said = re.findall(rf"(?:\b|(?<=^)[A-Z])(?:{'|'.join(wanted)})\b", plain[:1].lower() + plain[1:])
    there = frozenset[str]().union(*(keys(quote.text) for quote in quotes)) if said else frozenset()
    yield from (f"no quote says “{word}”" for word in said if not there & keys(f"{word} {wanted[word]}"))
    yield from _degrees(claim, question, quotes)
    yield from _bounds(claim, quotes)


def _degrees(claim: Reading, question: str, quotes: Sequence[Reading]) -> Iterator[str]:
    """ "the oldest" takes a quote that compares; so does "older", where the question weighs two."""
    asked = {match.group().lower() for match in _COMPARATIVE.finditer(question)}
    for match in (*_SUPERLATIVE.finditer(claim.text), *_COMPARATIVE.finditer(claim.text)):
        word = match.group().lower()
        weighs = bool(_SUPERLATIVE.fullmatch(word)) or word in asked
        if weighs and not any(_compares(quote.text) for quote in quotes):
            yield f"no quote says “{word}”"


def _compares(text: str) -> bool:
    found = _SUPERLATIVE.search(text) or _COMPARATIVE.search(text) or _COMPARES.search(text)
    return bool(found)


def _bounds(claim: Reading, quotes: Sequence[Reading]) -> Iterator[str]:
    """ "more than 300" is not what "300" says, nor the other way round."""
    for word in claim.words:
        if not word.token.number or word.kind == "year":
            continue
        theirs = {_bound(quote, quote.words[at]) for quote in quotes for at in quote.places.get(word.key, ())}
        mine = _bound(claim, word)
        if theirs and mine not in theirs:
            side = "the sentence" if mine else "the quote"
            yield f"only {side} has a number {mine or max(theirs)} “{word.token.text}”"


def _bound(reading: Reading, word: Word) -> str:
    """Return "above" or "below" where a number is only a bound, "" where it is the number itself."""
    before = reading.text[max(0, word.token.start - _BEFORE) : word.token.start].lower()
    return next((name for name, pattern in _BOUNDS.items() if pattern.search(before)), "")
