"""Words that rank one thing among others: "first", "last", "most". A quote has to say them.

"Storm was released in 1999" doesn't say that Storm was released first, true as every word of it else may be: that
takes another quote, and somebody who weighs the two.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from rag.words import content, keys

_FIRST = "first earliest earlier original originally initial initially inaugural oldest eldest pioneer debut premiere"
_LAST = "last latest later final finally recent recently youngest newest ultimate"
_MOST = (
    "most mostly majority mainly main chiefly chief largest largely highest greatest biggest primarily primary best top "
    "leading predominantly predominant all nearly almost"
)
_LEAST = "least fewest lowest smallest minimum worst hardly"
_WORDS = {"first": _FIRST, "last": _LAST, "most": _MOST, "least": _LEAST}
_WEIGHED = {
    "earlier": f"{_FIRST} before prior previous previously",
    "later": f"{_LAST} after subsequent subsequently following next",
    "more": f"{_MOST} more greater higher larger bigger better over exceed exceeding",
    "fewer": f"{_LEAST} fewer less lower smaller under below",
}
"""Words that rank only where the question does: "he later moved" tells a story."""
_NO_RANK = re.compile(
    r"\bat (?:first|last|most|least)\b|\b(?:last|first) (?:name|week|month|year|night|summer|winter|spring|autumn|monday"
    r"|tuesday|wednesday|thursday|friday|saturday|sunday|\d+|few|two|three)\b|\bmost (?:likely|recent\w*)\b"
    r"|\b(?:will|would|to|can|may|did|does) last\b",
    re.IGNORECASE,
)


def unranked(claim: str, question: str, quotes: Sequence[str]) -> str:
    """Return a word by which a claim ranks what it speaks of, where none of the quotes does; "" where there is none.

    Names don't rank: "the First World War".
    """
    plain = _NO_RANK.sub(" ", claim)
    wanted = _WORDS | {word: kin for word, kin in _WEIGHED.items() if re.search(rf"\b{word}\b", question)}
    said = re.findall(rf"\b(?:{'|'.join(wanted)})\b", plain)
    there = frozenset[str]().union(*(keys(quote) | content(quote) for quote in quotes)) if said else frozenset()
    return next((word for word in said if not there & keys(wanted[word])), "")
