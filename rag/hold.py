"""Quotes held against a claim: which of its words each has, and which quotes may be put together to bear it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass, field, replace
from itertools import combinations

from rag.alike import EXACT, alike, light, loose, synonyms
from rag.bindings import Pair, pairs, tie
from rag.edits import changes, in_place
from rag.reading import Reading, Word, read
from rag.types import Evidence
from rag.words import UNSPACED, VAGUE, content, is_negator, tokens

MOST_QUOTES = 3
MOST_MERGED = 24
"""Quotes from which pairs and triples are tried; beyond, only those that cover most."""
WORTH_A_QUOTE = 0.12
"""Share of a claim's weight that each of several quotes has to have alone, unless it alone has a name or number."""
HARD, COMMON, LIGHT = 2.0, 1.0, 0.25
"""Weights of a name or number, a common word, and a word that a paraphrase adds at will."""
TITLE = 0.5
"""What a common word counts for that only the document's title has."""
WORTH_A_LOOK = 0.35
"""Share of a claim's weight that quotes have to cover before anything else is looked at."""
CLOSE = 0.5
"""From this tie on, a word that one of several quotes adds stands beside a neighbour that it has in the claim."""
NEIGHBOURS = 600
"""Characters of a document within which two quotes may speak of the same without naming it."""
NEXT = 60
"""Characters between a sentence and the one beside it."""

_FREE = content(
    "x yes whether first earliest original old older new day daily week every each instead either another fact note "
    "provide offer serve consist involve specific specifically particular available regard per etc together pm"
)
"""Words that a paraphrase needs and a quote doesn't, as `light` are; "first" and "every" are seen to by rag.added."""
_DONE_OR_HOW = re.compile(r"(?:ed|ing|ly)$")
_CONTRACTED = re.compile(r"['’](?:ve|ll|re|d|m)$", re.IGNORECASE)
_BEFORE_THINGS = frozenset(
    "the a an his her its their your my our this that these those of in on at for with to from by and or no any some "
    "all every own against into about as than without".split()
)
_GRAMMAR = re.compile(r"[\u3040-\u309f的了是在于於和与與及也都就将將会會被把对對从從到為为之所其这這那有已过過地得着]")
"""Characters that hold words together in Chinese and Japanese, or inflect them."""
_COUNTS = frozenset("年月日号號时時分秒人元円岁歳")
"""Characters that stand behind a number, and so meet whatever follows."""
_NAMING = re.compile(r"[A-ZÀ-ÞΑ-ΩА-Я][^\W\d_]*[^\W\d_s]")


@dataclass(frozen=True, slots=True)
class Claim:
    """A sentence of an answer, taken apart for the check; `weights` and `hard` are by word."""

    reading: Reading
    weights: tuple[float, ...]
    hard: tuple[bool, ...]
    """It has to be in a quote: a name or a number."""
    pairs: tuple[Pair, ...]
    asked: frozenset[str]
    """Keys of the question's words."""
    question: str

    @property
    def words(self) -> tuple[Word, ...]:
        """Its content words in order."""
        return self.reading.words


@dataclass(frozen=True, slots=True)
class Quote:
    """A piece of evidence held against the claim."""

    index: int
    item: Evidence
    reading: Reading
    """With the claim's words entered where the quote has a like one."""
    held: tuple[float, ...]
    """For each word of the claim, what the quote counts for, 0 to 1."""
    titled: frozenset[int]
    """Words that only the title has."""
    mask: int
    """Bit n is set where word n of the claim is held."""
    beside: frozenset[str] = frozenset()
    """Words of the sentences beside it and of its heading, which may say what it leaves out."""
    known_ties: list[tuple[float, ...]] = field(default_factory=list, compare=False)
    """The ties, once they have been asked for."""
    known_changes: list[tuple[str, ...]] = field(default_factory=list, compare=False)

    @property
    def headed(self) -> tuple[str, str]:
        """Return what it stands under."""
        return self.item.title, self.item.heading

    def ties(self, claim: Claim) -> tuple[float, ...]:
        """Return how closely the quote ties each pair of the claim (bindings.tie)."""
        if not self.known_ties:
            self.known_ties.append(tuple(tie(pair, self.reading) for pair in claim.pairs))
        return self.known_ties[0]

    def changes(self, claim: Claim) -> tuple[str, ...]:
        """Return what the claim changed in the quote, if it runs along it (edits.changes)."""
        if not self.known_changes:
            self.known_changes.append(tuple(changes(claim.reading, self.reading)))
        return self.known_changes[0]


def claim_of(text: str, question: str) -> Claim:
    """Take a sentence apart."""
    reading = read(text)
    asked = content(question)
    few = light()
    hard = tuple(_is_hard(reading, at, asked) for at in range(len(reading.words)))
    weights = tuple(
        HARD if must else LIGHT if word.key in few else COMMON for word, must in zip(reading.words, hard, strict=True)
    )
    return Claim(reading, weights, hard, pairs(reading, loose()), asked, question)


def _is_hard(reading: Reading, at: int, asked: frozenset[str]) -> bool:
    """Say whether a word has to be in a quote: numbers, names, and an opening word that may be one."""
    word = reading.words[at]
    if word.token.number:
        following = reading.tokens[word.at + 1].text.lower() if word.at + 1 < len(reading.tokens) else ""
        return not (word.token.text.lower() == "one" and following in {"of", "another", "or"})
    if word.token.name:
        return not _is_explained(reading, at)
    if word.kind != "name" or not _NAMING.fullmatch(word.token.text):
        return False
    alone = sum(other.run == word.run for other in reading.words) == 1
    return not alone or word.key not in asked


def hold(claim: Claim, index: int, item: Evidence, around: Sequence[Evidence] = ()) -> Quote | None:
    """Hold a quote against a claim; None where they share nothing, or where it has no word to add to its title.

    `around` has the sentences beside it, and others.
    """
    reading, title = read(item.text), content(item.title)
    places = dict(reading.places)
    held: list[float] = []
    titled: set[int] = set()
    named: set[str] = set()
    """Words that the title alone has had: it says once whom the quote speaks of, and nothing of them."""
    for at, word in enumerate(claim.words):
        worth = EXACT if word.key in reading.places else 0.0
        if worth and not claim.hard[at]:
            others = (reading.places.get(key, ()) for key in synonyms(word.key))
            places[word.key] = tuple(sorted(place for found in others for place in found))
        if not worth and not word.token.number:
            near = [key for key in reading.places if key[0] == word.key[0] or key in synonyms(word.key)]
            worth, like = max(((alike(word.key, key, claim.hard[at]), key) for key in near), default=(0.0, ""))
            if worth:
                places[word.key] = reading.places[like]
        if not worth and claim.hard[at] and (spelt_out := expansion(word, reading)):
            worth, places[word.key] = EXACT, spelt_out
        if not worth and word.key in title - named and not word.token.number:
            worth = EXACT if claim.hard[at] else TITLE
            titled.add(at)
            named.add(word.key)
        held.append(worth)
    own = [at for at, worth in enumerate(held) if worth and at not in titled]
    if not own or (titled and all(claim.words[at].key in title | light() for at in own)):
        return None
    mask = sum(1 << at for at, worth in enumerate(held) if worth)
    beside = frozenset[str]().union(*(content(other.text) for other in around if _is_next(item, other)))
    if not any(map(is_negator, tokens(item.heading))):  # "Not included"
        beside |= content(item.heading)
    return Quote(index, item, replace(reading, places=places), tuple(held), frozenset(titled), mask, beside)


def _is_next(one: Evidence, other: Evidence) -> bool:
    gap = max(one.start, other.start) - min(one.end, other.end)
    return one.document_id == other.document_id and 0 <= gap <= NEXT


def foreign(claim: Claim, group: Sequence[Quote]) -> list[Word]:
    """Return the words of a claim that neither the quotes nor their title, heading, or sentences beside have.

    Nor a like one: it is "dog" where the quote has "laptop". What stands in the place of another word of the quote is
    foreign though the sentence beside has it: there it is what the quote is not about. Words that a paraphrase needs
    are not, unless they alone stand for one that none does ("the people" for "the horses").
    """
    steps = [step for quote in group for step in in_place(claim.reading, quote.reading)]
    instead = {key for mine, _ in steps for key in mine}
    alone = {mine[0] for mine, theirs in steps if len(mine) == len(theirs) == 1 and not _is_free(theirs[0])}
    held = zip(claim.words, union(group), strict=True)
    return [word for word, worth in held if not (worth or _is_borne(word, group, instead, alone, claim))]


def _is_borne(word: Word, group: Sequence[Quote], instead: Set[str], alone: Set[str], claim: Claim) -> bool:
    """Say whether a word that no quote has needs none, or stands beside one and not in the place of another."""
    if _is_pair(word, group, claim) or word.token.text.lower().replace(".", "") in {"am", "pm"}:
        return True  # the hour is seen to by rag.figures
    if _is_free(word.key) or _CONTRACTED.search(word.token.text):
        return word.key not in alone
    return word.key not in instead and any(alike(word.key, key, False) for quote in group for key in quote.beside)


def _is_pair(word: Word, group: Sequence[Quote], claim: Claim) -> bool:
    """Say whether a word is two characters that only meet here: each is grammar, or of another pair that a quote has.

    One more character between two makes others of both; but one in the place of another ("南京" for "北京") is in no
    pair of a quote. A single one has to stand in a quote.
    """
    pair = word.token.text
    if not UNSPACED.search(pair):
        return False
    if len(pair) == 1:
        return any(pair in quote.item.text for quote in group)
    sides = [(pair[0], word.token.start - 1), (pair[1], word.token.start + 1)]
    if pair[0] in _COUNTS and any(pair[0] in quote.item.text for quote in group):
        sides = sides[1:]
    return all(_GRAMMAR.match(side) or _is_pair_there(claim, start, group) for side, start in sides)


def _is_pair_there(claim: Claim, start: int, group: Sequence[Quote]) -> bool:
    """Say whether a quote has the pair that begins at a place of the claim."""
    key = next((word.key for word in claim.words if word.token.start == start and len(word.token.text) == 2), "")
    return bool(key) and any(key in quote.reading.places for quote in group)


def _is_free(key: str) -> bool:
    """Say whether a paraphrase may add or drop a word."""
    return key in light() or key in VAGUE or key in _FREE


def is_thing(claim: Claim, word: Word) -> bool:
    """Say whether a word may be a thing: it opens the sentence, or stands behind an article, a preposition, a verb.

    What is done, or how ("plummeted", "quickly"), is none behind a word that says something.
    """
    before = claim.reading.tokens[: word.at]
    if not before or before[-1].text.lower() in _BEFORE_THINGS:
        return True
    return before[-1].content and not _DONE_OR_HOW.search(word.token.text)


def expansion(word: Word, reading: Reading) -> tuple[int, ...]:
    """Return the place of the words that an abbreviation stands for: "magnetic resonance imaging" for "MRI"."""
    short = word.token.text.removesuffix("s")
    if not (2 <= len(short) <= 6 and short.isupper() and short.isalpha()):
        return ()
    initials = "".join(other.token.text[0] for other in reading.words)
    at = initials.upper().find(short)
    return (at + len(short) - 1,) if at >= 0 and len(initials) == len(reading.words) else ()


def _is_explained(reading: Reading, at: int) -> bool:
    """Say whether a claim itself says what an abbreviation stands for: "DCs" in "dendritic cells (DCs)"."""
    word = reading.words[at]
    short = word.token.text.removesuffix("s")
    before = "".join(other.token.text[0] for other in reading.words[max(0, at - len(short)) : at])
    return short.isupper() and len(short) > 1 and before.upper() == short and word.aside >= 0


def covered(claim: Claim, held: Sequence[float]) -> float:
    """Return the share of a claim's weight that is held, 0 to 1."""
    return sum(weight * worth for weight, worth in zip(claim.weights, held, strict=True)) / sum(claim.weights)


def union(group: Sequence[Quote]) -> tuple[float, ...]:
    """Return for each word of the claim what the best of the quotes counts for."""
    return tuple(max(worths) for worths in zip(*(quote.held for quote in group), strict=True))


def groups(claim: Claim, quotes: Sequence[Quote], size: int) -> Iterator[tuple[Quote, ...]]:
    """Yield the sets of so many quotes that hold every name and number of a claim, each of them adding something."""
    useful = [quote for quote in quotes if _is_useful(claim, quote)]
    useful.sort(key=lambda quote: (-covered(claim, quote.held), quote.item.document_id, quote.item.start, quote.index))
    must = sum(1 << at for at, hard in enumerate(claim.hard) if hard)
    for group in combinations(useful if size == 1 else useful[:MOST_MERGED], size):
        whole = 0
        for quote in group:
            whole |= quote.mask
        if must & ~whole or (size > 1 and not all(_adds(claim, quote, group, must) for quote in group)):
            continue
        if covered(claim, union(group)) >= WORTH_A_LOOK and (size == 1 or _belong(claim, group)):
            yield group


def _adds(claim: Claim, quote: Quote, group: Sequence[Quote], must: int) -> bool:
    """Say whether a quote has a name or number, or enough else, that no other of the group has."""
    fresh = quote.mask
    for other in group:
        if other is not quote:
            fresh &= ~other.mask
    if fresh & must:
        return True
    weight = sum(weight for at, weight in enumerate(claim.weights) if fresh >> at & 1)
    return weight >= WORTH_A_QUOTE * sum(claim.weights)


def _is_useful(claim: Claim, quote: Quote) -> bool:
    own = [at for at, worth in enumerate(quote.held) if worth and at not in quote.titled]
    return len(own) >= min(2, len(claim.words)) or any(claim.hard[at] for at in own)


def _belong(claim: Claim, group: Sequence[Quote]) -> bool:
    """Say whether quotes may be put together: each speaks of what another speaks of and ties together what it adds."""
    for quote in group:
        others = [other for other in group if other is not quote]
        fresh = [at for at, worth in enumerate(quote.held) if worth and not any(other.held[at] for other in others)]
        if not _ties_in(claim, quote, fresh):
            return False
    linked, waiting = {group[0].index}, list(group[1:])
    for _ in group:
        for quote in [q for q in waiting if any(_linked(claim, q, other) for other in group if other.index in linked)]:
            linked.add(quote.index)
            waiting.remove(quote)
    return not waiting


def _ties_in(claim: Claim, quote: Quote, fresh: Sequence[int]) -> bool:
    """Say whether each word that only this quote has stands in it beside a neighbour that it has in the claim."""
    alone = {claim.words[at].key for at in fresh if at not in quote.titled}
    tied: set[str] = set()
    paired: set[str] = set()
    """Words that have a neighbour of the claim in this quote; one that has none comes along with others that do."""
    for pair, closest in zip(claim.pairs, quote.ties(claim), strict=True):
        both = {pair.first.key, pair.second.key}
        paired |= both if both <= quote.reading.places.keys() else frozenset()
        if both & alone and closest >= CLOSE:
            tied |= both
    untied = (alone & paired if tied else alone) - tied
    return not untied or _introduces(claim, quote, untied)


def _introduces(claim: Claim, quote: Quote, untied: set[str]) -> bool:
    """Say whether a quote only says who it is that another one calls "it" or "he": by one name, that it opens with."""
    runs = {word.run for word in claim.words if word.key in untied}
    opens = {word.run for word in quote.reading.words[:1]}
    there = {quote.reading.words[i].run for key in untied for i in quote.reading.places.get(key, ())[:1]}
    return len(runs) == 1 and min(runs) >= 0 and there == opens


def _linked(claim: Claim, one: Quote, other: Quote) -> bool:
    if are_neighbours(one, other):
        return True
    both = [at for at, word in enumerate(claim.words) if one.held[at] and other.held[at]]
    if any(claim.words[at].kind == "name" for at in both if at not in one.titled & other.titled):
        return True
    return bool(both) and _are_listed(claim, one, other)


def are_neighbours(one: Quote, other: Quote) -> bool:
    """Say whether two quotes stand so close in one document that the second may say "it" for what the first names."""
    near = max(one.item.start, other.item.start) - min(one.item.end, other.item.end) <= NEIGHBOURS
    return one.item.document_id == other.item.document_id and near


def _are_listed(claim: Claim, one: Quote, other: Quote) -> bool:
    """Say whether names that only one of two quotes has are in one list of the claim: "Ana and Ben may come"."""
    mine = {
        claim.words[at].member for at, must in enumerate(claim.hard) if must and one.held[at] and not other.held[at]
    }
    theirs = {
        claim.words[at].member for at, must in enumerate(claim.hard) if must and other.held[at] and not one.held[at]
    }
    return bool(mine) and mine == theirs
