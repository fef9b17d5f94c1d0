"""Does a quote say of the very thing that was asked what it says, or of another one that is much like it?

"What park covers 74 ha?" is not answered by "The park covers 76 ha.", nor "What has the Court required to be less
accessible?" by "… should be more accessible": near misses are made of such changes (Rajpurkar et al., "Know What You
Don't Know", ACL 2018). So the question itself is held against the quote as a claim is, by the two conditions that
seldom err there: a name or number that is another one in a quote that goes along with the question, and an opposite.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence, Set

from rag.bindings import UNITS
from rag.edits import swapped
from rag.hold import claim_of, covered, hold
from rag.markers import without_markers
from rag.polarity import opposed
from rag.reading import Reading
from rag.siblings import siblings
from rag.types import Evidence
from rag.words import OWNED, VAGUE, Token, content

_ACRONYM = re.compile(r"(?:[A-Z]\.?){2,}")
_YEAR = re.compile(r"1[0-9]\d\d|20\d\d")
_OPEN = re.compile(r"\b(?:who|whom|whose|what|which|when|where|why|how|name|list)\b", re.IGNORECASE)
"""Questions of what is so. What is denied to "Is it so?" is its answer."""
_WHICH = re.compile(
    r"\b(?P<what>[A-Z][a-z]\w*|[a-z]{3,}) (?P<which>(?:[A-Z]{1,3}-?|(?<=\b[Ff]lat )|(?<=\b[Rr]oom )|(?<=\b[Uu]nit )"
    r"|(?<=\b[Aa]rticle )|(?<=\b[Ss]ection )|(?<=\b[Cc]hapter ))\d{1,4})\b"
)
"""What tells two of one kind apart: "Kestrel K2", "gate B12"."""
_MEASURES = UNITS | VAGUE

Changed = tuple[str, str]
"""What was asked, and what the quote has in its place."""


def otherwise(question: str, item: Evidence) -> Changed | None:
    """Return a word of the question, and what a quote that is much like the question has in its place; None if nothing.

    Units and acronyms don't count: a quote may put or spell them out in another way.
    """
    asked = claim_of(question, "")
    quote = hold(asked, 0, item) if _OPEN.search(question) else None
    if not quote:
        return None
    changed = next(_changed(asked.reading, quote.reading), None) or next(_numbered(question, item), None)
    return changed or next(_of_its_kind(asked.reading, quote.reading, item), None)


def _of_its_kind(asked: Reading, quote: Reading, item: Evidence) -> Iterator[Changed]:
    """Yield the other of its kind that a quote has, if what was asked for isn't what it stands under."""
    above = content(f"{item.title} {item.heading}")
    yield from (pair for pair in siblings(asked, quote) if not content(pair[0]) & above)


def _numbered(question: str, item: Evidence) -> Iterator[Changed]:
    """Yield what is told apart by a number or a letter with one, if the quote has another: "K3", "the K2"; "Flat 6"."""
    theirs = [(content(f"x {match['what']}"), match) for match in _WHICH.finditer(item.text)]
    said = f"{item.title} {item.heading} {item.text}"
    for match in _WHICH.finditer(question):
        what = content(f"x {match['what']}")
        if not what or re.search(rf"(?<!\w){re.escape(match['which'])}(?!\w)", said):
            continue
        others = [other for its, other in theirs if its == what and _shape(other) == _shape(match)]
        if others:
            yield match.group(), others[0].group()


def _shape(match: re.Match[str]) -> str:
    return re.sub(r"\d+", "0", match["which"])


def instead(sentence: str, evidence: Sequence[Evidence], question: str) -> Changed | None:
    """Return a name or number of the question that a sentence says, and what the quote it runs along has in its place.

    A model that was asked of Mazda says of Mazda what it read of Honda.
    """
    claim = claim_of(without_markers(sentence, [item.text for item in evidence]), question)
    quotes = [quote for index, item in enumerate(evidence) if (quote := hold(claim, index, item))]
    near = max(quotes, key=lambda quote: (covered(claim, quote.held), -quote.index), default=None)
    asked = content(question)
    return next(_swapped(claim.reading, near.reading, asked), None) if near else None


def _changed(asked: Reading, quote: Reading) -> Iterator[Changed]:
    yield from _swapped(asked, quote, asked.places.keys())
    for mine, its, is_beside in opposed(asked, [quote]):
        # "The second item" and "the first item" are two; else a second may be a time, and a first lady no other one.
        if not content(mine) & _MEASURES or (is_beside and mine.lower() == "second"):
            yield mine, its


def _swapped(claim: Reading, quote: Reading, asked: Set[str]) -> Iterator[Changed]:
    for mine, its in swapped(claim, quote):
        alike = bool(_YEAR.fullmatch(mine.key)) == bool(_YEAR.fullmatch(its.key))
        if mine.key in asked and alike and not _ACRONYM.fullmatch(mine.text) and not _is_named(mine, claim, quote):
            yield OWNED.sub("", mine.text), OWNED.sub("", its.text)


def _is_named(mine: Token, claim: Reading, quote: Reading) -> bool:
    """Say whether a quote has another word of the same name: "Mr Blinken" for "Antony Blinken"."""
    at = next(at for at, token in enumerate(claim.tokens) if token.start == mine.start)
    beside = claim.tokens[max(0, at - 1) : at] + claim.tokens[at + 1 : at + 2]
    said = {token.key for token in quote.tokens}
    return not mine.number and any(token.text[:1].isupper() and token.key in said for token in beside if token.content)
