"""What one must and what one may: "tenants can paint the walls" doesn't say that they must, nor the other way round.

To rag.words these are words of grammar; in a contract or a rule they are what it says. "Has to" is "must", "is allowed
to" is "may"; what is denied ("may not", "need not") is left to rag.polarity.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rag.reading import Reading, Word
from rag.words import is_negator

_MUST = frozenset("must shall".split())
_MAY = frozenset("can could may might".split())
_TO_MUST = frozenset("has have had need needs needed required obliged obligated bound".split())
_TO_MAY = frozenset("able allowed permitted free entitled welcome eligible authorised authorized".split())
_BETWEEN = frozenset("be been have also then always still first".split())
_FAR = 4
"""Tokens between a verb and what governs it."""


def otherwise_bound(claim: Reading, quotes: Sequence[Reading]) -> Iterator[str]:
    """Yield what a claim makes a duty of and the quotes only allow, or the other way round, as clauses for people."""
    for word in claim.words:
        mine = _binds(claim, word)
        if not mine[0]:
            continue
        theirs = [_binds(quote, quote.words[at]) for quote in quotes for at in quote.places.get(word.key, ())]
        if theirs and all(its[0] not in {"", mine[0]} for its in theirs):
            yield f"the quote has “{theirs[0][1]} … {word.token.text}”, not “{mine[1]}”"


def _binds(reading: Reading, word: Word) -> tuple[str, str]:
    """Return "must" or "may" for a verb that is bound so, and the word that does it; "" and "" for any other."""
    at = word.at - 1
    while at >= 0 and word.at - at <= _FAR and (_low(reading, at) in _BETWEEN or _low(reading, at).endswith("ly")):
        at -= 1
    low = _low(reading, at)
    before = _low(reading, at - 1)
    if low in _MUST or (low in _MAY and reading.tokens[at].text != "May"):
        return ("must" if low in _MUST else "may"), low
    if low != "to" or before not in _TO_MUST | _TO_MAY:
        return "", ""
    earlier = reading.tokens[max(0, at - 4) : at - 1]
    if any(is_negator(token) or token.text.lower() in _MAY for token in earlier):
        return "", ""
    return ("must" if before in _TO_MUST else "may"), f"{before} to"


def _low(reading: Reading, at: int) -> str:
    return reading.tokens[at].text.lower() if at >= 0 else ""
