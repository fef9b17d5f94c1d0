"""Which of several a quote says it of: of two clauses, of some of many, of what something is compared with.

"The seller pays the fee; the buyer pays the tax" doesn't say that the seller pays the tax, nor "two of the five
suspects were convicted" that five were. Each word of such a claim stands in the quote, and none is a name to tie.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import islice

from rag.added import MOST
from rag.alike import light, synonyms
from rag.reading import Reading, Word
from rag.words import Token, content, is_past, tokens

_CUT = re.compile(r";\s|(?<=[a-z\d)]{2})[.!?]\s+(?=[A-Z])|,\s*(?:but|while|whereas)\b")
_HELPS = frozenset(
    "is are was were be been has have had do does did will would can could may might must should shall to not also "
    "then still later".split()
)
_BE = frozenset("is are was were be been being get gets got".split())
_PRONOUNS = frozenset(
    "it he she they this that these those we you i which who its his her their there both one".split()
)
_ARTICLES = frozenset("the a an its their his her our all these those this that".split())
_OF_WHICH = re.compile(
    r"\b(?:(?P<q>[\w.]+) of (?:which|whom)|of (?:which|whom) (?:only |about |some )?(?P<r>[\w.]+))\b(?P<rest>[^,;()]*)"
)
_WHOSE = re.compile(r"\bwhose (?P<rest>[^,;()]*)")
_THAN = re.compile(
    r"\b(?:as (?:many|much) (?:\w+ )?as|(?:more|less|fewer|other|\w+er) than|compared (?:with|to)|(?:up|down) from"
    r"|contrary to|"
    r"unlike)\b(?P<rest>[^,;()]*)",
    re.IGNORECASE,
)
_COMPARES = re.compile(r"\b(?:as|than|compared|unlike|contrary|from|versus|against|over)\b|\w+er\b", re.IGNORECASE)
_LED = frozenset("to from against by".split())
_GIVES = content(
    "x give send tell show offer award pay teach lend hand grant ask bring promise owe deny leave sell write read "
    "serve "
    "guarantee allow charge cost save"
)
"""Verbs that have before them whom "to" would lead to: "gave Ann a book"."""
_QUANTITIES = frozenset("half third quarter fifth percent some few several many most none minority fraction".split())


def apart(claim: Reading, quotes: Sequence[Reading]) -> Iterator[str]:
    """Yield what quotes say of another part than a claim, as clauses for people."""
    for quote in quotes:
        others = [other for other in quotes if other is not quote]
        yield from _of_another_clause(claim, quote, others)
        yield from _of_which(claim, quote, others)
        yield from _compared_with(claim, quote, others)
    yield from _of_many(claim, quotes)
    yield from _turned_passive(claim, quotes)
    yield from _led_to(claim, quotes)


def _subject(claim: Reading) -> tuple[list[Word], Word | None]:
    """Return the words that a claim opens with up to its verb, and that verb if one is told."""
    words: list[Word] = []
    helped = False
    for at, token in enumerate(claim.tokens):
        low = token.text.lower()
        word = next((word for word in claim.words if word.at == at), None)
        helped = helped or bool(words and low in _HELPS)
        if words and word is not None and not word.run == words[-1].run >= 0:
            acts = helped or is_past(token) or _is_present(token) or not _is_glued(claim, at)
            if acts or len(words) > 2:
                return words, word
        if low in {"of", "in", "on", "at", "for", "with", "from", "by", "to"} and words:
            return words, None
        if word is not None:
            words.append(word)
    return words, None


def _is_present(token: Token) -> bool:
    """Say whether a word behind a noun may be its verb: "pays"."""
    return len(token.text) > 3 and token.text.endswith("s") and not (token.name or token.number)


def _is_glued(claim: Reading, at: int) -> bool:
    return at > 0 and claim.tokens[at - 1].content


def _of_another_clause(claim: Reading, quote: Reading, others: Sequence[Reading]) -> Iterator[str]:
    """What a claim says of one may not come from a clause that says it of another."""
    cuts = [match.end() for match in islice(_CUT.finditer(quote.text), MOST)]
    if not cuts or _CUT.search(claim.text):
        return
    clauses = [quote.text[start:end] for start, end in zip([0, *cuts], [*cuts, len(quote.text)], strict=True)]
    have = [content(f"x {clause}") for clause in clauses]
    subject, _ = _subject(claim)
    mine = {word.key for word in subject} - light()
    home = [at for at, keys in enumerate(have) if mine and mine & keys]
    if len(home) != 1 or any(mine & other.places.keys() for other in others):
        return
    few = light()
    for word in claim.words:
        if word in subject or word.key in few:
            continue
        there = [at for at, keys in enumerate(have) if word.key in keys]
        if len(there) == 1 and there != home and not any(word.key in other.places for other in others):
            theirs = _opening(clauses[there[0]])
            if theirs and not any(key in claim.places for one in theirs for key in synonyms(one)):
                yield f"the quote has “{word.token.text}” in another clause than “{subject[0].token.text}”"
                return


def _opening(clause: str) -> list[str]:
    """Return what a clause opens with: the nouns before its verb; none where that is a pronoun, or no verb is seen."""
    found: list[str] = []
    for token in tokens(clause):
        low = token.text.lower()
        if low in _PRONOUNS and not found:
            return []
        if low in _HELPS or is_past(token) or (found and _is_present(token)):
            return found
        if token.content:
            found.append(token.key)
        elif low not in _ARTICLES and low not in {"and", "but", "while", "whereas", "of"}:
            return []
        if len(found) > 4:
            return []
    return []


def _quantity(token: Token) -> bool:
    return token.number or token.text.lower() in _QUANTITIES


def _of_which(claim: Reading, quote: Reading, others: Sequence[Reading]) -> Iterator[str]:
    """What holds of "12 of which", or of "whose father", holds of these."""
    for match in islice(_OF_WHICH.finditer(quote.text), MOST):
        head = tokens(f"x {match['q'] or match['r']}")[1:]
        if head and head[0].number:
            yield from _said_of(claim, quote, others, match, frozenset({head[0].key}))
    for match in islice(_WHOSE.finditer(quote.text), MOST):
        behind = tokens(f"x {match['rest']}")[1:]
        until = next((at for at, token in enumerate(behind) if token.text.lower() in _HELPS or is_past(token)), 2)
        own = [token.key for token in behind[:until] if token.content]
        yield from _said_of(claim, quote, others, match, frozenset(own))


def _said_of(
    claim: Reading, quote: Reading, others: Sequence[Reading], match: re.Match[str], heads: frozenset[str]
) -> Iterator[str]:
    start, end = match.span("rest")
    inside = {word.key for word in quote.words if start <= word.token.start < end}
    outside = {word.key for word in quote.words if not start <= word.token.start < end}
    alone = (inside - outside - heads - light()) & claim.places.keys()
    if alone and not heads & claim.places.keys() and not any(alone & other.places.keys() for other in others):
        yield f"the quote says that only of “{match.group().strip()}”"


def _compared_with(claim: Reading, quote: Reading, others: Sequence[Reading]) -> Iterator[str]:
    """ "twice as many as in 2019" says nothing of 2019 that a claim without a comparison could have."""
    if _COMPARES.search(claim.text):
        return
    for match in islice(_THAN.finditer(quote.text), MOST):
        start = match.start("rest")
        end = start + len(re.split(r"\b(?:and|but)\b", match["rest"])[0])
        inside = [word for word in quote.words if start <= word.token.start < end]
        if not inside or (inside[0].token.number and inside[0].kind != "year"):
            continue
        for word in claim.words:
            there = quote.places.get(word.key, ())
            within = bool(there) and all(quote.words[at] in inside[:2] for at in there)
            if word.kind and within and not any(word.key in other.places for other in others):
                yield f"the quote has “{word.token.text}” only as what it is compared with"


def _of_many(claim: Reading, quotes: Sequence[Reading]) -> Iterator[str]:
    """ "Two of the five suspects" are not five suspects, nor "the suspects"."""
    for word in claim.words:
        if word.token.name or word.token.number or not _is_whole(claim, word):
            continue
        there = [(quote, quote.words[at]) for quote in quotes for at in quote.places.get(word.key, ())]
        heads = [_counted(quote, other) for quote, other in there]
        lows = {token.text.lower() for token in claim.tokens}
        if heads and all(heads) and not any(h in claim.places or h in lows or h == "1" for h in heads):
            yield f"the quote has “{heads[0]} of … {word.token.text}”"


def _is_whole(claim: Reading, word: Word) -> bool:
    """Say whether a claim speaks of all that a noun names: it opens with it, or has "the" or a number before it."""
    before = claim.tokens[word.at - 1] if word.at else None
    return before is None or before.number or before.text.lower() in {"the", "all"}


def _counted(quote: Reading, word: Word) -> str:
    """Return how many of something a quote speaks of: "2" of "two of the five suspects"; "" for no part of it."""
    at = word.at - 1
    while at > 0 and word.at - at < 4 and (quote.tokens[at].number or quote.tokens[at].text.lower() in _ARTICLES):
        at -= 1
    if at < 1 or quote.tokens[at].text.lower() != "of":
        return ""
    head = quote.tokens[at - 1]
    return (head.key if head.number else head.text.lower()) if _quantity(head) else ""


def _turned_passive(claim: Reading, quotes: Sequence[Reading]) -> Iterator[str]:
    """ "The nurse praised the hospital" is not what "was praised by the hospital" says."""
    for verb, thing in zip(claim.words, claim.words[1:], strict=False):
        between = {token.text.lower() for token in claim.tokens[verb.at + 1 : thing.at]}
        before = {token.text.lower() for token in claim.tokens[max(0, verb.at - 2) : verb.at]}
        if not is_past(verb.token) or verb.kind or between - _ARTICLES or before & _BE:
            continue
        there = [quote.words[at] for quote in quotes for at in quote.places.get(thing.key, ())]
        acts = [
            other.preposition == "by" and any(0 < other.at - act.at <= 3 for act in _places(quote, verb.key))
            for quote in quotes
            for other in _places(quote, thing.key)
        ]
        if there and acts and all(acts):
            yield f"the quote has “{verb.token.text} by … {thing.token.text}”"


def _places(quote: Reading, key: str) -> list[Word]:
    return [quote.words[at] for at in quote.places.get(key, ())]


def _led_to(claim: Reading, quotes: Sequence[Reading]) -> Iterator[str]:
    """ "sold it to Core" is not "sold Core"."""
    for verb, name in zip(claim.words, claim.words[1:], strict=False):
        if verb.kind or name.kind != "name" or name.at != verb.at + 1 or verb.key in _GIVES - {"sell"}:
            continue
        acts = [quote for quote in quotes if verb.key in quote.places]
        there = [word for quote in quotes for word in _places(quote, name.key)]
        behind = any(
            claim.tokens[other.at - 1].text.lower() in _ARTICLES
            for other in claim.words
            if 0 < other.at - name.at <= 3 and other.run != name.run and not other.preposition
        )
        if acts and there and is_past(verb.token) and not behind and all(word.preposition in _LED for word in there):
            yield f"the quote has “{verb.token.text} … {there[0].preposition} {name.token.text}”"
