"""What the rows of a comparison have to be of and their numbers have to measure, told from the question's words."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import dropwhile, takewhile

from rag.alike import light
from rag.amounts import CURRENCIES
from rag.quantities import AGE, CLOCK, COUNT, DAY, MONEY, TIME, Quantity, quantities
from rag.understand.comparing import Bound, Comparison, Extreme
from rag.words import UNASKED, VAGUE, content, tokens

_SPEAKS_OF_MONEY = content("cost price pay rent fee charge salary expensive cheap spend earn")
_IS_MONEY = content(
    "invoice bill expense payment donation order budget purchase salary fee rent price cost fine grant gift loan debt "
    "amount turnover revenue sale contribution quote contract deposit fare"
)
"""What is large or small by its money."""
_SAID_OF = {
    "older": "age", "younger": "age", "taller": "height", "heavier": "weight", "lighter": "weight",
    "cheaper": "price cost", "longer": "length distance duration", "shorter": "length distance duration height",
    "bigger": "size area", "larger": "size area", "smaller": "size area", "closer": "distance", "nearer": "distance",
}  # fmt: skip
"""What columns are called by which somebody is older, something taller."""
_WITH = frozenset("with without from in at for near by of on including".split())
_ARTICLES = frozenset("the a an our my your their its".split())
_ASKING = frozenset(
    "which what what's when where any all list show find name give tell me us are is was were there on in at the of"
    " does do have anyone".split()
)
_WHO_IS = re.compile(r"\W*who(?: is| are|['’]s)\W*$", re.IGNORECASE)
_NEAR_START = 14
"""Characters before the number of a bound: "the 1 June", "about €"."""
Ends = list[tuple[Bound, Quantity]]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a comparison looks for in rows."""

    words: Mapping[str, float]
    """Keys of the question's words that rows or what they stand under have to have, with their weights."""
    labels: frozenset[str]
    """Those that may say what a number is."""
    needed: frozenset[str]
    """Those of the words that have to be there: names, and what follows "with" or "from"."""
    hints: frozenset[str]
    """What columns of such numbers are called."""
    dimensions: frozenset[str]
    """What is measured; empty where only the labels tell."""
    unit: str = ""
    ends: tuple[tuple[Bound, Quantity], ...] = ()
    extreme: Extreme | None = None


def wanted_of(comparison: Comparison) -> Wanted | None:
    """Return what a comparison looks for; None where its bound can't be read or nothing else is asked for."""
    asked = list(dropwhile(lambda token: token.text.lower() in _ASKING, tokens(comparison.rest)))
    keys = [token.key for token in asked if token.content and not token.number]
    keys = [key for key in keys if key not in UNASKED | CURRENCIES.keys()]
    # "due" may say which day is meant, "is located" nothing that rows have to have; "months" are asked for at times.
    heavy = [key for key in keys if key not in light() | VAGUE]
    heavy = heavy or [key for key in keys if key not in _SPEAKS_OF_MONEY]
    words = {key: float(key in heavy) for key in keys}
    noun = heavy[0] if heavy and len(asked) < len(tokens(comparison.rest)) else ""
    words |= {noun: 2.0} if noun else {}
    needed = _needed(comparison) & words.keys()
    if comparison.extreme:
        return _for_extreme(comparison.extreme, words, needed, noun)
    return _for_bounds(comparison, words, needed)


def _needed(comparison: Comparison) -> frozenset[str]:
    """Return the names among the words, and those behind "with" or "from": without them other rows are meant."""
    found = tokens(f"{comparison.rest} {' '.join(bound.value for bound in comparison.bounds)}")
    named = frozenset(token.key for token in found if token.name)
    behind: set[str] = set()
    for at, token in enumerate(found):
        if token.text.lower() in _WITH:
            following = dropwhile(lambda token: token.text.lower() in _ARTICLES, found[at + 1 :])
            behind.update(token.key for token in takewhile(lambda token: token.content, following))
    return named | behind


def _for_extreme(extreme: Extreme, words: dict[str, float], needed: frozenset[str], noun: str) -> Wanted | None:
    dimensions = set(extreme.dimensions)
    if {"area", "volume"} & dimensions and noun in _IS_MONEY:
        dimensions = {MONEY}
    called = content(extreme.called)
    found = Wanted(words, frozenset(words), needed, called, frozenset(dimensions), extreme=extreme)
    return found if words else None


def _for_bounds(comparison: Comparison, words: dict[str, float], needed: frozenset[str]) -> Wanted | None:
    ends: Ends = []
    for bound in comparison.bounds:
        found = quantities(bound.value, years=bound.when)
        first = found[0] if found and found[0].start < _NEAR_START else None
        if first is None or (bound.when and first.dimension not in {DAY, CLOCK}):
            return None
        ends.append((bound, first))
    last = ends[-1][1]
    if last.bare is not None and any(one.dimension == COUNT for _, one in ends) and last.dimension != COUNT:
        worth = last.low / last.bare if last.bare else Decimal(1)
        ends = [
            (b, one.in_unit(last.dimension, worth, last.unit) if one.dimension == COUNT else one) for b, one in ends
        ]
    if len({one.dimension for _, one in ends}) > 1:
        return None
    return _of_dimension(comparison, words, needed, ends)


def _of_dimension(comparison: Comparison, words: dict[str, float], needed: frozenset[str], ends: Ends) -> Wanted | None:
    """Return what is wanted of numbers of one dimension: what the value says, or what the words around it do."""
    bound, last = ends[-1]
    said = frozenset(bound.said.lower().split())
    behind = [token.key for token in tokens(bound.value[last.end :]) if token.content and not token.number][:3]
    behind = [key for key in behind if key not in UNASKED and (last.dimension == COUNT or key not in light())]
    dimension = _dimension(comparison, words, last.dimension, said, behind)
    if dimension != last.dimension:
        ends = [(one, replace(q, dimension=dimension, low=q.bare or q.low, high=q.bare or q.high)) for one, q in ends]
    for key in words.keys() & (_SPEAKS_OF_MONEY if dimension == MONEY else frozenset()):
        words[key] = 0.0  # "cost" is said by the sign
    if not any(words.values()):
        words = {key: float(key not in _SPEAKS_OF_MONEY) for key in words}
    nouns = [key for key in behind if key not in VAGUE]
    for key in nouns:
        words[key] = max(words.get(key, 0.0), 2.0 if dimension == COUNT and key == nouns[0] else 1.0)
    hints = content(" ".join(_SAID_OF.get(word, "") for word in said))
    return Wanted(words, frozenset(words) | {*behind}, needed, hints, frozenset({dimension}), last.unit, tuple(ends))


def _dimension(
    comparison: Comparison, words: Mapping[str, float], own: str, said: AbstractSet[str], behind: Sequence[str]
) -> str:
    """Return what a bound measures: "cost less than 90" money, "older than 30" and "who is over 30" an age."""
    if own in {COUNT, TIME} and said & {"older", "younger"}:
        return AGE
    if own == COUNT and (words.keys() & _SPEAKS_OF_MONEY or "cheaper" in said):
        return MONEY
    return AGE if own == COUNT and not behind and _WHO_IS.match(comparison.rest) else own
