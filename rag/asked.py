"""A claim that is the question with an answer put in: does a quote give that answer to that question?

"Rollo was the Norse leader." has little but the question's words and a name, and so has every other name of the quote
put in its place. What tells them apart is where the answer stands: close to the words of the question, closer than
another name or number of its kind, on the same side of them, and of the kind that was asked for. None of that is
certain, so nothing of it is a condition: it is measured here, and weighed as fitted (fitted.json, "answered").
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rag.alike import light, synonyms
from rag.bindings import TURNED, Pair
from rag.hold import NEIGHBOURS, Claim, Quote, covered, union
from rag.reading import Reading, Word
from rag.understand.kind import SIZES
from rag.words import MONTHS, content

FEATURES = (
    "own", "own_names", "own_common", "all", "near", "lead", "rivals", "kind", "order", "governed", "by", "beside",
    "apposed", "exact", "answer_words", "answer_name", "answer_number", "tied_otherwise", "overlap", "added", "length",
    "wanted", "person", "free",
)  # fmt: skip
MOST_ANSWER = 14
"""Words of an answer; what adds more says more than was asked, and is checked as any other sentence."""
RESTATES = 0.5
"""Share of the question's words that a claim has to have to count as the question with its answer."""
_FADES = 0.8
"""What a word of the question counts for with each word that stands between it and the answer."""
_WALL = 3
"""Words that the end of a clause counts for."""
_VAGUE = content("x name year date day month time number amount kind type many much long tall old far city country")
_ASKS = re.compile(r"\b(?:who|whom|whose|what|which|when|where|how)\b", re.IGNORECASE)
_KINDS = (
    ("number", rf"\bhow (?:many|much|long|old|far|big|large|high|tall|often|fast)\b|\b(?:{SIZES})\b"),
    ("time", r"\bwhen\b|\b(?:what|which) (?:\w+ )?(?:year|date|day|month|time|century|decade|era)s?\b"),
    ("person", r"\b(?:who|whom|whose)\b"),
    ("place", r"\bwhere\b|\b(?:what|which) (?:\w+ )?(?:country|city|state|town|river|island|place)\b"),
)
_THINGS = content(
    "x north south east west university college school church street avenue park city county kingdom union council "
    "committee court act war world house state states department party company corporation group bank news times "
    "institute association league cup records studio album film museum empire club island lake river monday tuesday "
    "wednesday thursday friday saturday sunday january february march april june july august september october "
    "november december american british french german english chinese european russian"
)
_TIMES = {*MONTHS.values(), *content("x monday tuesday wednesday thursday friday saturday sunday century decade")}
_AT = frozenset("in at near on from to of into within around".split())
_PLACES = _AT - {"of", "to", "on"}
_BE = frozenset("is was are were".split())
_ARTICLES = frozenset("the a an its his her their".split())
_IS = frozenset("is was are were be the a an called named as by".split())


@dataclass(frozen=True, slots=True)
class Asked:
    """What a claim has of its question and what it adds: places among the claim's words."""

    answer: tuple[int, ...]
    asked: tuple[int, ...]
    kind: str
    """"number", "time", "person", "place", or "" for anything."""


def asked(claim: Claim) -> Asked | None:
    """Return the parts of a claim that restates its question with an answer; None for any other claim."""
    about = claim.asked - light() - _VAGUE or claim.asked
    own = {word.key for word in claim.words}
    if not about or not _ASKS.search(claim.question) or len(about & own) < RESTATES * len(about):
        return None
    answer = tuple(at for at, word in enumerate(claim.words) if word.key not in claim.asked)
    there = tuple(at for at, word in enumerate(claim.words) if word.key in claim.asked)
    if not there or not 0 < len(answer) <= MOST_ANSWER:
        return None
    return Asked(
        answer, there, next((kind for kind, pattern in _KINDS if re.search(pattern, claim.question, re.IGNORECASE)), "")
    )


def reversed_or_torn(claim: Claim, parts: Asked, ties: Sequence[tuple[Pair, float]]) -> Iterator[Pair]:
    """Yield the pairs that no score makes good: who did what to whom turned round, names put together of two."""
    answer = {claim.words[at] for at in parts.answer}
    for pair, closest in ties:
        inside = {pair.first, pair.second} & answer
        torn = closest < 0 and inside and (len(inside) == 2 or pair.one_name)
        if torn or closest <= TURNED:
            yield pair


def misplaced(claim: Claim, parts: Asked, group: Sequence[Quote]) -> Iterator[str]:
    """Yield, where "who" is answered with a name that quotes have only as a place, what says so: "from Norway"."""
    first = claim.words[parts.answer[0]]
    if parts.kind != "person" or first.preposition:
        return
    there = [q.reading.words[at].preposition for q in group for at in q.reading.places.get(first.key, ())]
    if there and all(preposition in _PLACES for preposition in there):
        yield f"the quote has “{there[0]} {first.token.text}”, which is not who was asked for"


def contexts(claim: Claim, parts: Asked, quotes: Sequence[Quote]) -> Iterator[tuple[Quote, ...]]:
    """Yield each quote that has the whole answer, alone and with a sentence that says of whom it speaks.

    That is one before it, close by, or the one that its document opens with. Together they have every name and number.
    """
    must = [at for at, hard in enumerate(claim.hard) if hard]
    for quote in quotes:
        if not all(quote.held[at] and at not in quote.titled for at in parts.answer):
            continue
        lacking = [at for at in must if not quote.held[at]]
        if not lacking:
            yield (quote,)
        for other in quotes:
            adds = any(other.held[at] and not quote.held[at] for at in parts.asked)
            if adds and all(other.held[at] for at in lacking) and _introduces(other, quote):
                yield (quote, other)


def _introduces(other: Quote, quote: Quote) -> bool:
    one, two = other.item, quote.item
    before = one.document_id == two.document_id and one.start < two.start
    return before and (one.start == 0 or two.start - one.end <= NEIGHBOURS)


def features(claim: Claim, parts: Asked, group: Sequence[Quote], ties: Sequence[float]) -> tuple[float, ...] | None:
    """Return the numbers that say how well quotes answer as the claim does; None where none has the whole answer."""
    main = next((q for q in group if all(q.held[at] and at not in q.titled for at in parts.answer)), None)
    if main is None:
        return None
    reading = main.reading
    window = _window(claim, parts, reading)
    if window is None:
        return None
    found = {at: [p for p in _places(claim, main, at) if p not in window] for at in parts.asked}
    common = [at for at in parts.asked if not claim.hard[at]]
    return (
        *_coverage(claim, parts, main, union(group), common),
        *_nearer(claim, parts, reading, window, found),
        *_place(claim, parts, reading, window, found, common),
        sum(main.held[at] for at in parts.answer) / len(parts.answer),
        min(len(parts.answer), 6) / 6,
        float(_kind(claim, parts) == "name"),
        float(_kind(claim, parts) in {"number", "time"}),
        sum(tie < 0 for tie in ties) / len(ties) if ties else 0.0,
        covered(claim, union(group)),
        float(len(group) - 1),
        min(len(reading.words), 60) / 60,
        _wanted(claim, reading, window),
        _person(claim, parts, reading, window),
        float(not _kind(claim, parts) and not parts.kind),
    )


def _coverage(
    claim: Claim, parts: Asked, main: Quote, held: Sequence[float], common: Sequence[int]
) -> tuple[float, ...]:
    own = [0.0 if at in main.titled else worth for at, worth in enumerate(main.held)]
    named = [at for at in parts.asked if claim.hard[at]]
    return (
        _share(own, parts.asked, claim),
        _share(own, named, claim),
        _share(own, common, claim),
        _share(held, parts.asked, claim),
    )


def _nearer(
    claim: Claim, parts: Asked, reading: Reading, window: Sequence[int], found: dict[int, list[int]]
) -> tuple[float, ...]:
    """Return how near the answer stands to the question's words, how much nearer than its rivals, and how many."""
    weight = sum(claim.weights[at] for at in parts.asked)
    near = _nearness(claim, reading, window, found)
    rivals = list(_rivals(claim, reading, window, _kind(claim, parts)))
    best = max((_nearness(claim, reading, rival, found) for rival in rivals), default=0.0)
    return near / weight, (near - best) / weight, min(len(rivals), 6) / 6


def _place(
    claim: Claim,
    parts: Asked,
    reading: Reading,
    window: Sequence[int],
    found: dict[int, list[int]],
    common: Sequence[int],
) -> tuple[float, ...]:
    preposition = reading.words[min(window)].preposition
    return (
        _fits(parts, reading, window, _kind(claim, parts)),
        _sides(claim, parts, found, window),
        float(preposition != "" and preposition == claim.words[parts.answer[0]].preposition),
        float(preposition == "by"),
        _beside(reading, window, found, common),
        _apposed(reading, window, found),
    )


def _share(held: Sequence[float], places: Sequence[int], claim: Claim) -> float:
    weight = sum(claim.weights[at] for at in places)
    return sum(claim.weights[at] * held[at] for at in places) / weight if weight else 1.0


def _places(claim: Claim, quote: Quote, at: int) -> tuple[int, ...]:
    return quote.reading.places.get(claim.words[at].key, ()) if quote.held[at] and at not in quote.titled else ()


def _window(claim: Claim, parts: Asked, reading: Reading) -> tuple[int, ...] | None:
    """Return where the answer stands: of each of its words the place closest to the others."""
    places = [reading.places.get(claim.words[at].key, ()) for at in parts.answer]
    if not all(places):
        return None
    best: tuple[int, ...] | None = None
    for start in min(places, key=len):
        chosen = tuple(min(found, key=lambda place: (abs(place - start), place)) for found in places)
        if best is None or max(chosen) - min(chosen) < max(best) - min(best):
            best = chosen
    return best


def _distance(reading: Reading, i: int, j: int) -> int:
    low, high = min(i, j), max(i, j)
    inside = {reading.words[low].aside, reading.words[high].aside, -1}
    between = sum(word.aside in inside for word in reading.words[low + 1 : high])
    return between + _WALL * abs(reading.words[low].clause - reading.words[high].clause)


def _nearness(claim: Claim, reading: Reading, window: Sequence[int], found: dict[int, list[int]]) -> float:
    """Return the weight of the question's words, each for the less, the farther it stands from these words."""
    return sum(
        claim.weights[at] * max((_FADES ** _distance(reading, i, j) for i in window for j in places), default=0.0)
        for at, places in found.items()
    )


def _kind(claim: Claim, parts: Asked) -> str:
    words = [claim.words[at] for at in parts.answer]
    if any(_class(word) == "time" for word in words):
        return "time"
    if any(word.token.number for word in words):
        return "number"
    return "name" if any(claim.hard[at] for at in parts.answer) else ""


def _rivals(claim: Claim, reading: Reading, window: Sequence[int], kind: str) -> Iterator[list[int]]:
    """Yield what else of the answer's kind a quote has that the question doesn't name: each name, each number."""
    taken = {reading.words[at].key for at in window} | {word.key for word in claim.words} | claim.asked
    runs: dict[int, list[int]] = {}
    members = {reading.words[at].member for at in window} - {-1}
    for place, word in enumerate(reading.words):
        if _class(word) == kind and kind and word.key not in taken and word.member not in members:
            runs.setdefault(word.run if word.run >= 0 else -2 - place, []).append(place)
    yield from runs.values()


def _class(word: Word) -> str:
    if word.kind == "year" or word.key in _TIMES:
        return "time"
    return "number" if word.token.number else word.kind


def _fits(parts: Asked, reading: Reading, window: Sequence[int], kind: str) -> float:
    """Say whether the answer is of the kind that was asked for: 1, or -1 where it can't be, 0 where nobody knows."""
    if not parts.kind:
        return 0.0
    if parts.kind in {"number", "time"}:
        both = {"number", "time"}
        return 1.0 if kind == parts.kind else 0.3 if kind in both else -1.0
    if kind in {"number", "time"}:
        return -1.0
    if parts.kind == "place":
        return 1.0 if reading.words[min(window)].preposition in _AT else 0.3 if kind == "name" else 0.0
    return 1.0 if kind == "name" else 0.0


def _sides(claim: Claim, parts: Asked, found: dict[int, list[int]], window: Sequence[int]) -> float:
    """Say whether the answer stands before or behind the question's words as in the claim: 1 all, -1 none."""
    places = {at: min(there, key=lambda p: abs(p - window[0])) for at, there in found.items() if there}
    if not places:
        return 0.0
    if _is_equation(claim, parts):
        return 1.0
    weight = sum(claim.weights[at] for at in places)
    agree = sum(
        claim.weights[at] * (1 if (at < parts.answer[0]) == (place < window[0]) else -1) for at, place in places.items()
    )
    return agree / weight


def _wanted(claim: Claim, reading: Reading, window: Sequence[int]) -> float:
    """Say how close to the answer a quote has words that only the question has ("museum" in "Which museum keeps …")."""
    own = {word.key for word in claim.words}
    left = [key for key in claim.asked - own - light() if key not in _VAGUE]
    if not left:
        return 0.5
    places = [[j for other in synonyms(key) for j in reading.places.get(other, ())] for key in left]
    near = [max((_FADES ** _distance(reading, i, j) for i in window for j in there), default=0.0) for there in places]
    return max(near)


def _person(claim: Claim, parts: Asked, reading: Reading, window: Sequence[int]) -> float:
    """Say whether "who" is answered with what may be a person: no known thing, not "in" or "from" it, best in full."""
    if parts.kind != "person":
        return 0.0
    words = [reading.words[at] for at in window if reading.words[at].kind == "name"]
    place = bool(words) and words[0].preposition in _AT - {"of", "to"}
    if not words or place or any(word.key in _THINGS for word in words):
        return -1.0
    return 1.0 if len(words) > 1 else 0.5


def _is_equation(claim: Claim, parts: Asked) -> bool:
    """Say whether a claim says that one thing is the other ("Rollo was the leader"), which may be turned round."""
    first, last = claim.words[parts.answer[0]].at, claim.words[parts.answer[-1]].at
    lows = [token.text.lower() for token in claim.reading.tokens]
    after, before = lows[last + 1 : last + 3], lows[max(0, first - 2) : first]
    equals = len(after) == 2 and after[0] in _BE and after[1] in _ARTICLES
    return (
        equals
        or any(low in _BE for low in before[-1:])
        or (len(before) == 2 and before[0] in _BE and before[1] in _ARTICLES)
    )


def _beside(reading: Reading, window: Sequence[int], found: dict[int, list[int]], common: Sequence[int]) -> float:
    """Say how close the nearest common word of the question stands to the answer, 1 side by side."""
    steps = [_distance(reading, i, j) for at in common for j in found[at] for i in window]
    return _FADES ** min(steps) if steps else 0.0


def _apposed(reading: Reading, window: Sequence[int], found: dict[int, list[int]]) -> float:
    """Say whether only "is", "called", articles or a comma stand between the answer and a word of the question."""
    first, last = reading.words[min(window)].at, reading.words[max(window)].at
    for places in found.values():
        for place in places:
            at = reading.words[place].at
            between = reading.tokens[at + 1 : first] if at < first else reading.tokens[last + 1 : at]
            if all(token.text.lower() in _IS for token in between):
                return 1.0
    return 0.0
