"""Where something is: a place in a name is no place ("the University of Chicago"), and where something happened is not
where those who did it are ("The Bank of Scotland opened a branch in Leeds")."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from rag.reading import Reading, Word, read
from rag.words import Token

_IN = frozenset("in near from to into around within".split())
_WHERE = frozenset("in at near on within".split())
_LANDS = frozenset(
    "city town state kingdom republic province county isle island district region commonwealth borough municipality "
    "territory port principality village area united states".split()
)
"""What is called after the very place that it is: "the City of Chicago"."""
_BODIES = (
    frozenset(
        "university college school academy institute bank council court museum gallery library times post herald "
        "tribune "
        "news club party association society festival prize award hospital clinic airport station bridge street road "
        "avenue lane square company corporation group inc ltd orchestra choir opera theatre theater church cathedral "
        "treaty declaration agreement convention protocol accord summit hotel united city rovers stadium".split()
    )
    - _LANDS
)
_IS = frozenset("is are".split())
_LIES = frozenset("located situated based headquartered lies stands sits lie stand found home".split())
_PUT = _LIES | frozenset("founded built established erected set opened housed moved held".split())
_BE = frozenset("is are was were has have been a an the its".split())
_HAS = frozenset("home host has hosts houses site seat is are the a an to of where".split())
_NEAR = 6
"""Tokens between something and the place that it is said to be in."""


def located(claim: Reading, quotes: Sequence[Reading], around: Sequence[str] = ()) -> Iterator[str]:
    """Yield the places of a claim that the quotes don't have as such, as clauses for people."""
    headings = [read(text) for text in around if text]
    for word in claim.words:
        if word.kind == "name" and word.preposition in _IN:
            yield from _only_named(word, [*quotes, *headings])
    yield from _elsewhere(claim, quotes)


def _only_named(word: Word, texts: Sequence[Reading]) -> Iterator[str]:
    there = [(text, text.words[at]) for text in texts for at in text.places.get(word.key, ())]
    named = [_name_of(text, other) for text, other in there if _is_in_name(text, other, word)]
    if there and len(named) == len(there):
        yield f"the quote has “{word.token.text}” only in a name: “{named[0]}”"


def _run(text: Reading, word: Word) -> list[Word]:
    return [other for other in text.words if other.run == word.run >= 0]


def _name_of(text: Reading, word: Word) -> str:
    run = _run(text, word)
    return text.text[run[0].token.start : run[-1].token.start + len(run[-1].token.text)]


def _is_in_name(text: Reading, there: Word, mine: Word) -> bool:
    """Say whether a word stands in the name of something else than the place that a claim means by it."""
    run = _run(text, there)
    others = [other for other in run if other is not there and other.key not in mine.others]
    at = run.index(there) if there in run else -1
    if not others or at < 0:
        return False
    lows = {other.token.text.lower().rstrip(".") for other in others}
    before = text.tokens[there.at - 1].text.lower() if there.at else ""
    if before in {"of", "de"} and at > 0:
        return not lows & _LANDS
    return bool(lows & _BODIES) and not (lows <= _BODIES & {"city", "united"})


def _elsewhere(claim: Reading, quotes: Sequence[Reading]) -> Iterator[str]:
    """A claim that something is somewhere takes a quote that puts it there, not one that has it act there."""
    said = _said(claim)
    if said is None:
        return
    thing, place = said
    puts = [_puts(quote, thing, place) for quote in quotes if place.key in quote.places]
    if puts and all(put is False for put in puts):
        yield f"the quote does not say that “{thing[-1].token.text}” is in “{place.token.text}”"


def _said(claim: Reading) -> tuple[list[Word], Word] | None:
    """Return what a claim says to be in a place, if it says nothing else: "The Ash Bank is located in Leeds"."""
    names = [word for word in claim.words if word.kind == "name"]
    if not names:
        return None
    thing = [word for word in names if word.run == names[0].run]
    behind = [token.text.lower() for token in claim.tokens[thing[-1].at + 1 :]]
    place = next((word for word in names if word.run != names[0].run and word.preposition in _WHERE), None)
    if place is None or not behind or behind[0] not in _IS:
        return None
    between = claim.tokens[thing[-1].at + 2 : place.at]
    plain = all(token.text.lower() in _LIES | _WHERE | {"the"} for token in between)
    return (thing, place) if plain else None


def _puts(quote: Reading, thing: Sequence[Word], place: Word) -> bool | None:
    """Say whether a quote says that something is in a place; None where it does not name the one."""
    if not all(word.key in quote.places for word in thing):
        return None
    ends = [quote.words[at] for at in quote.places[thing[-1].key]]
    spots = [quote.words[at] for at in quote.places[place.key]]
    return any(_is_put(quote, end, spot) for end in ends for spot in spots)


def _is_put(quote: Reading, end: Word, spot: Word) -> bool:
    if end.run == spot.run:
        return False
    if spot.at < end.at:
        between = quote.tokens[spot.at + 1 : end.at]
        plain = all(not token.content or token.name or token.text.lower() in _HAS for token in between)
        return plain or bool(re.search(r"['’]s$|-based$", spot.token.text))
    between = quote.tokens[end.at + 1 : spot.at]
    first = quote.text[end.token.start + len(end.token.text) :].lstrip()[:1]
    if first in {",", "("}:
        return True
    return _is_state(between)


def _is_state(between: Sequence[Token]) -> bool:
    """Say whether words between something and a place only say that it is there: "is a large bank in"."""
    lows = [token.text.lower() for token in between]
    if not lows or lows[0] in _WHERE or lows[0] in _LIES:
        return True
    if lows[0] not in _BE:
        return False
    acts = (token for token in between[1:] if token.text.lower().endswith(("ing", "ed")))
    return all(token.text.lower() in _PUT for token in acts)
