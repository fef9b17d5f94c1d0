"""Small words by which a claim says more than its quotes: "first", "most", "all", "only", "because", "more than".

"Storm was released in 1999" doesn't say that Storm was released first, nor "Workers were laid off" that all were. Every
other word of such a claim may be true, and models add these lightly; so a quote has to have them, or one of their kin.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import islice

from rag.reading import Reading, Word
from rag.understand.options import options_of
from rag.words import content, keys

MOST = 30
"""Places of one word that are looked at: a text that has it more often is no sentence."""
_FIRST = "first earliest earlier original originally initial initially inaugural oldest eldest pioneer debut premiere"
_LAST = "last latest later final finally recent recently youngest newest ultimate"
_MOST = (
    "most mostly majority mainly main chiefly chief largest largely highest greatest biggest primarily primary best "
    "top leading predominantly predominant all nearly almost percent"
)
_LEAST = "least fewest lowest smallest minimum worst hardly"
_ALL = "all every each entire entirely whole both any everyone everybody everything none no throughout full fully total"
_ONLY = "only sole solely alone exclusive exclusively just merely single unique except"
_WORDS = {
    "first": _FIRST,
    "earliest": _FIRST,
    "last": _LAST,
    "final": _LAST,
    "most": _MOST,
    "majority": _MOST,
    "least": _LEAST,
    "all": _ALL,
    "each": _ALL,
    "every": f"{_ALL} daily weekly monthly yearly annual annually hourly per",
    "whole": _ALL,
    "entire": _ALL,
    "always": f"{_ALL} constantly consistently never usual",
    "again": "again return returned returns returning second another renewed repeatedly back anew twice once",
    "half": "half halves 50 fifty ½",
    "only": _ONLY,
    "sole": _ONLY,
    "solely": _ONLY,
    "alone": _ONLY,
    "still": "still remain remains remained continue continues continued yet current currently is are has have",
}
_WEIGHED = {
    "earlier": f"{_FIRST} before prior previous previously",
    "later": f"{_LAST} after subsequent subsequently following next",
    "more": f"{_MOST} more greater higher larger bigger better over exceed exceeding",
    "fewer": f"{_LEAST} fewer less lower smaller under below",
}
"""Words that rank only where the question weighs two things: "he later moved" tells a story."""
_OPENS_NAMES = frozenset("First Last Final Half All Still".split())
"""What a name may open with; "Only Ann" is none."""
_SAID = re.compile(rf"\b(?:{'|'.join((*_WORDS, *_WEIGHED))})\b", re.IGNORECASE)
_SIZES = (
    "old young large big small tall high low long short fast slow heavy light rich poor strong weak near far cheap "
    "deep wide early late new great few hard hot cold warm close"
)
SUPERLATIVE = re.compile(
    rf"\b(?:{'|'.join(f'{size}e?st' for size in _SIZES.split())}|biggest|hottest|farthest|best|worst"
    r"|[a-z]{3,}iest)\b",
    re.IGNORECASE,
)
_COMPARATIVE = re.compile(rf"\b(?:{'|'.join(f'{size}e?r' for size in _SIZES.split())}|bigger|hotter|farther)\b", re.I)
_COMPARES = re.compile(
    r"\b(?:most|least|top|first|record|maximum|minimum|eldest|main|chief|leading|principal|latest|than (?:any|all))\b",
    re.IGNORECASE,
)
_NO_RANK = re.compile(
    r"\bat (?:first|last|most|least|all)\b|\b(?:last|first) (?:name|week|month|year|night|summer|winter|spring|autumn"
    r"|monday|tuesday|wednesday|thursday|friday|saturday|sunday|\d+|few|two|three)\b|\bmost (?:likely|recent\w*)\b"
    r"|\b(?:will|would|to|can|may|did|does) last\b|\ball (?:\d+|two|three|four|five|six|seven|eight|nine|ten|over)\b"
    r"|\b(?:above|after|in|first of) all\b|\bnot only\b|\beach (?:day|week|month|year)\b|\bevery (?:few|other)\b",
    re.IGNORECASE,
)
_BECAUSE = re.compile(r"\b(?:because|due to|owing to)\b(?: of)?", re.IGNORECASE)
_CAUSES = re.compile(
    r"\b(?:because|since|due|owing|thanks|reasons?|caus\w+|therefore|thus|hence|result\w*|led|leads?|prompt\w*|forc\w+"
    r"|cit(?:es|ed|ing)|blam\w+|attribut\w+|sparked|trigger\w*|brought|meant|why|in response|so that)\b",
    re.IGNORECASE,
)
_CAUSE = re.compile(r"\bcaus(?:e|es|ed|ing)\b", re.IGNORECASE)
_MAKES = re.compile(
    r"\b(?:caus\w+|because|due|owing|thanks|result\w*|led|leads?|leading|prompt\w*|forc\w+|blam\w+|attribut\w+|spark\w*"
    r"|trigger\w*|brought|brings?|mak(?:e|es|ing)|made|induc\w+|produc\w+|creat\w+|kill\w*|responsible|behind|effects?"
    r"|rise to|provok\w+|(?:died?|deaths?|dying|suffer\w*|arises?|stems?|comes?|follow\w*) (?:of|from)|by|driven|so)\b",
    re.IGNORECASE,
)
"""What says that one thing makes another; what is only found together ("associated with") does not."""
_GIVES_REASON = frozenset("for by as after amid over following with from given on in".split())
_UNIT = r"(?:an? |the |some |about |US|[$€£¥] ?)?$"
_BELOW = r"\b(?:(?:no|not) more than|as (?:many|much) as|not exceed\w*|less than|fewer than|under|below|at most|up to"
_BELOW += r"|maximum of) "
_ABOVE = r"\b(?:more than|(?<!took )(?<!take )(?<!taken )over|above|at least|exceed\w*|minimum of|in excess of) "
_BOUNDS = (
    ("below", re.compile(rf"(?:{_BELOW}|(?<=[\w):]) ?(?:<=?|≤) ?){_UNIT}", re.IGNORECASE)),
    ("above", re.compile(rf"(?:{_ABOVE}|(?<=[\w):]) ?(?:>=?|≥) ?){_UNIT}", re.IGNORECASE)),
)
_BOUNDS_BEHIND = (
    ("below", re.compile(r"(?: [a-z%]+){0,2} (?:or (?:less|fewer|under|younger)|at most)\b")),
    ("above", re.compile(r"(?: [a-z%]+){0,2} (?:or (?:more|over|above|older)|and over|at least)\b")),
)
_LASTS = re.compile(r"\W*(?:years?|months?|weeks?|days?|hours?|minutes?|decades?)\b")
_NEAR = 25
"""Characters beside a number in which its bound stands."""


def added(claim: Reading, question: str, quotes: Sequence[Reading]) -> Iterator[str]:
    """Yield what a claim adds to its quotes, as clauses for people. Names add nothing: "the First World War"."""
    weighs = bool(options_of(question))
    plain = _NO_RANK.sub(" ", claim.text)
    said = [match.group().lower() for match in islice(_SAID.finditer(plain), MOST) if not _is_named(plain, match)]
    there = frozenset[str]().union(*(keys(quote.text) for quote in quotes)) if said else frozenset()
    for word in said:
        kin = _WORDS.get(word, _WEIGHED[word] if weighs and word in _WEIGHED else "")
        if kin and not there & keys(f"{word} {kin}"):
            yield f"no quote says “{word}”"
    yield from _degrees(claim, weighs, quotes)
    yield from _reasons(claim, quotes)
    yield from _bounds(claim, quotes)


def _is_named(text: str, match: re.Match[str]) -> bool:
    """Say whether a word is part of a name: "the Last Supper", and "First Bank" where a sentence opens with it."""
    opens = not re.search(r"\w", text[: match.start()])
    followed = match.group() in _OPENS_NAMES and text[match.end() :].lstrip()[:1].isupper()
    return match.group()[0].isupper() and (followed or not opens)


def _degrees(claim: Reading, weighs: bool, quotes: Sequence[Reading]) -> Iterator[str]:
    """ "the oldest" takes a quote that compares; so does "older", where the question weighs two."""
    found = [*SUPERLATIVE.finditer(claim.text), *(_COMPARATIVE.finditer(claim.text) if weighs else ())]
    for match in found[:MOST]:
        word = match.group()
        compares = _COMPARES, SUPERLATIVE, *((_COMPARATIVE,) if not SUPERLATIVE.fullmatch(word) else ())
        if word.islower() and not any(pattern.search(quote.text) for quote in quotes for pattern in compares):
            yield f"no quote says “{word}”"


def _reasons(claim: Reading, quotes: Sequence[Reading]) -> Iterator[str]:
    """A reason has to be given as one: "because", "forced", or the reason behind "for", "amid", "after"."""
    causes = _CAUSE.search(claim.text)
    if causes and not any(_MAKES.search(quote.text) for quote in quotes):
        yield f"no quote says “{causes.group()}”"
    match = _BECAUSE.search(claim.text)
    if not match or any(_CAUSES.search(quote.text) for quote in quotes):
        return
    reason = content(claim.text[match.end() :])
    places = ((quote, at) for quote in quotes for key in reason for at in quote.places.get(key, ())[:MOST])
    if not any(_GIVES_REASON & _leading(quote, quote.words[at]) for quote, at in places):
        yield f"no quote says “{match.group()}”"


def _leading(quote: Reading, word: Word) -> set[str]:
    """Return what governs a word, and the small word right before it."""
    before = quote.tokens[word.at - 1].text.lower() if word.at else ""
    return {word.preposition, before}


def _bounds(claim: Reading, quotes: Sequence[Reading]) -> Iterator[str]:
    """ "more than 300" is not what "300" says, nor the other way round."""
    for word in {word.key: word for word in claim.words if word.token.number and word.kind != "year"}.values():
        places = ((quote, quote.words[at]) for quote in quotes for at in quote.places.get(word.key, ())[:MOST])
        theirs = {_bound(quote, other) for quote, other in places}
        mine = _bound(claim, word)
        if theirs and mine not in theirs:
            side = "the sentence" if mine else "the quote"
            yield f"only {side} has a number {mine or max(theirs)} “{word.token.text}”"


def _bound(reading: Reading, word: Word) -> str:
    """Return "above" or "below" where a number is only a bound, "" where it is the number itself."""
    end = word.token.start + len(word.token.text)
    before, after = reading.text[max(0, word.token.start - _NEAR) : word.token.start], reading.text[end : end + _NEAR]
    if re.search(r"\bover $", before, re.IGNORECASE) and _LASTS.match(after):
        return ""  # "over three years" mostly says how long
    found = (name for name, pattern in _BOUNDS if pattern.search(before))
    behind = (name for name, pattern in _BOUNDS_BEHIND if pattern.match(after))
    return next(found, "") or next(behind, "")
