"""Who does it to whom, and which number is of which, where a claim has just these words and has them exchanged.

"The postman bit the dog", "10 of the 5 members", "1-3": every word is there. rag.bindings tells such ties only of
names; here it is short sentences about anybody.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import pairwise

from rag.reading import Reading
from rag.words import Token, content, tokens

_HELPS = frozenset(
    "must can could may might will would shall should has have had do does did to not never also is are was were be "
    "been being".split()
)
_BE = frozenset("is are was were be been being".split())
_ARTICLES = frozenset(
    "the a an his her its their our my your this that these those some any all every each both no".split()
)
BOTH_WAYS = content(
    "meet marry wed divorce resemble equal match fight date border face play differ collide merge cooperate compete "
    "correspond adjoin intersect cross become mean contact neighbour join include know associate "
    "correlate link relate compare similar"
)
"""Verbs that say the same of either."""
_SPACE = re.compile(r"[\s’'-]{1,3}")
_MOST = 3
"""Words of a noun phrase that are looked at."""
_OF = re.compile(r" (?:out of|of|in) (?:the |its |their |our |all |a total of )?")
_TO = re.compile(r" ?[-–:/] ?| to ")
_FROM = re.compile(r"\b(?:from|between) $", re.IGNORECASE)
_LOST = re.compile(r"\b(?:lost|los(?:e|es|ing)|beaten|defeated)\b", re.IGNORECASE)

Act = tuple[str, str, str]


def exchanged(claim: Reading, quotes: Sequence[Reading]) -> Iterator[str]:
    """Yield what a claim has the other way round than the quotes, as clauses for people."""
    for agent, verb, other in _acts(claim.text):
        there = [quote for quote in quotes if {agent, verb, other} <= quote.places.keys()]
        if any((other, verb, agent) in _acts(quote.text) for quote in there) and not any(
            (agent, verb, other) in _acts(quote.text) for quote in quotes
        ):
            yield f"the quote has it the other way round: who “{_shown(claim, verb)}” whom"
            break
    for first, joint, second in _ratios(claim.text):
        found = [_ratios(quote.text) for quote in quotes]
        turned = any((second, joint, first) in ratios for ratios in found)
        if turned and not any((first, joint, second) in ratios for ratios in found) and _is_same_side(claim, quotes):
            yield f"the quote has “{second}” before “{first}” there"


def _is_same_side(claim: Reading, quotes: Sequence[Reading]) -> bool:
    """Say whether scores are told from one side: who won 3-1 is told of as one who lost 1-3."""
    return bool(_LOST.search(claim.text)) == any(_LOST.search(quote.text) for quote in quotes)


def _shown(claim: Reading, verb: str) -> str:
    return next(token.text for token in claim.tokens if token.key == verb)


@lru_cache(maxsize=4096)
def _acts(text: str) -> frozenset[Act]:
    """Return who may be said to do what to whom, for each word that may be a verb."""
    found = tokens(text)
    acts: set[Act] = set()
    for at, verb in enumerate(found):
        if not at or verb.number or verb.name or not verb.content or verb.key in BOTH_WAYS:
            continue
        helped, before = _before(text, found, at)
        behind = _behind(text, found, at + 1)
        if helped & _BE and not verb.text.endswith("ing"):
            by = at + 1 < len(found) and found[at + 1].text.lower() == "by"
            before, behind = (_behind(text, found, at + 2), before) if by else ([], [])
        acts |= {(one, verb.key, other) for one in before for other in behind if one != other}
    return frozenset(acts)


def _before(text: str, found: Sequence[Token], at: int) -> tuple[set[str], list[str]]:
    """Return the small words before a verb, and the content words that stand before these without a break."""
    helped: set[str] = set()
    here = at - 1
    while here >= 0 and _glued(text, found, here):
        low = found[here].text.lower()
        if low not in _HELPS and not low.endswith("ly"):
            break
        helped.add(low)
        here -= 1
    words: list[str] = []
    while here >= 0 and len(words) < _MOST and _is_part(found[here]) and _glued(text, found, here):
        words.append(found[here].key)
        here -= 1
    return helped, words


def _behind(text: str, found: Sequence[Token], at: int) -> list[str]:
    """Return the content words that follow from there on, behind an article."""
    if at < len(found) and found[at].text.lower() in _ARTICLES and _glued(text, found, at - 1):
        at += 1
    words: list[str] = []
    while at < len(found) and len(words) < _MOST and _is_part(found[at]) and _glued(text, found, at - 1):
        words.append(found[at].key)
        at += 1
    return words


def _is_part(token: Token) -> bool:
    return token.content and not token.text.endswith("ly")


def _glued(text: str, found: Sequence[Token], at: int) -> bool:
    """Say whether nothing but a space stands between a word and the next."""
    end = found[at].start + len(found[at].text)
    return at + 1 < len(found) and bool(_SPACE.fullmatch(text, end, found[at + 1].start))


@lru_cache(maxsize=4096)
def _ratios(text: str) -> frozenset[Act]:
    """Return the numbers that are told of each other: "5 of the 10", "3-1"."""
    numbers = [token for token in tokens(text) if token.number]
    return frozenset().union(*(_ratio(text, one, other) for one, other in pairwise(numbers)))


def _ratio(text: str, one: Token, other: Token) -> set[Act]:
    if not (one.number and other.number) or one.key == other.key:
        return set()
    end = one.start + len(one.text)
    if _OF.fullmatch(text, end, other.start):
        return {(one.key, "of", other.key)}
    if _TO.fullmatch(text, end, other.start) and not _FROM.search(text[max(0, one.start - 10) : one.start]):
        return {(one.key, "to", other.key)}
    return set()
