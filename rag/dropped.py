"""What a quote says with a limit that a claim leaves out: "the vice president", "if it rains", "her mother was born".

Every word of such a claim stands in the quote, and it is wrong all the same. A limit counts where each place that has
the claim's word has it: another quote may say it without.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import islice

from rag.alike import alike
from rag.reading import Reading, Word, read
from rag.words import ordinal

_LESSER = frozenset(
    "former ex vice deputy acting assistant associate interim future aspiring prospective alleged accused suspected "
    "presumed proclaimed onetime erstwhile ousted retired outgoing honorary undersecretary sub".split()
)
"""Before an office or another noun, these say that somebody is it not quite, or no longer."""
_OFFICES = frozenset(
    "president minister secretary director chairman chairwoman chair governor mayor chancellor king queen pope ceo cfo "
    "cto chief head leader ambassador commissioner speaker premier manager captain coach editor champion".split()
)
_MOST = 30
"""Places of one word that are looked at: beyond these a sentence is none."""
_NEAR = 3
"""Words of a noun phrase that are looked at before its noun."""
_IF = re.compile(
    r"(?<!even )(?<!as )(?<!what )(?<!see )(?<!know )(?<!ask )(?<!asked )(?<!wonder )\bif\b(?! (?:not|any)\b)"
    r"|\bunless\b|\bprovided that\b|\bon condition\b|\bassuming (?:that|the|it|he|she|they)\b",
    re.IGNORECASE,
)
_CONDITIONED = re.compile(
    r"\b(?:if|unless|provided|condition\w*|as long as|assuming|when|once|depend\w*)\b", re.IGNORECASE
)
_SEGMENT = re.compile(r"[,;:]\s")
_FAR = 5
"""Words from "one" to what it is one of: "one of the world's most visited"."""
_MOSTLY = 0.5
"""Share of a claim's words that stand under a condition from which the claim does."""
_CLAIMED = re.compile(
    r"(?<!the )(?<!a )(?<!his )(?<!her )(?<!its )(?<!their )(?<!any )\bclaim(?:s|ed)?\b(?! to [A-Z])(?! (?:the )?lives)"
    r"|\b(?:alleg(?:es|ed|ing|ations?)(?: that)?|accus(?:es|ed|ing|ations?)|suspects?"
    r"|speculat\w+|rumou?rs?|demand(?:s|ed|ing)|urg(?:es|ed|ing)|pretend(?:s|ed)|predict(?:s|ed)?|joked|imagin(?:es|ed)"
    r"|call(?:s|ed) (?:for|on)|nominated for|candidates? for)\b",
    re.IGNORECASE,
)
_TO_DO = re.compile(
    r"\b(?:ready|willing|asked|urged|ordered|offer(?:s|ed)|call(?:s|ed) on \w+) to (\w+)", re.IGNORECASE
)
"""What somebody is to do isn't done: "was asked to rule"."""
_LARGEST = re.compile(r"(?:[a-z]{2,}est|most|best|worst|least)$")
_DEGREES = frozenset(("most", "least"))
_ALL = frozenset("all every each".split())
_SOME = frozenset("some many several few most".split())
_ONE_OF = frozenset("one some among several many".split())
_IS = frozenset("is are".split())
_WAS = frozenset("was were been".split())
_BOTH = re.compile(r"\b([A-Z][\w’'-]+) and (?:[A-Z][\w’'-]+ ){0,3}?([A-Z][\w’'-]+)\b")
_OWNED = re.compile(r"(?:['’]s|s['’])$")


def dropped(claim: Reading, quotes: Sequence[Reading]) -> Iterator[str]:
    """Yield the limits of the quotes that a claim leaves out, as clauses for people."""
    for word in {word.key: word for word in reversed(claim.words)}.values():
        there = [(quote, quote.words[at]) for quote in quotes for at in quote.places.get(word.key, ())][:_MOST]
        if there:
            yield from _lesser(claim, word, there)
            yield from _one_of_many(claim, word, there)
            yield from _of_another(claim, word, there)
            yield from _no_longer(claim, word, there)
            yield from _some(claim, word, there)
    yield from _conditions(claim, quotes)
    yield from _claims(claim, quotes)
    yield from _to_do(claim, quotes)
    yield from _either(claim, quotes)


Place = tuple[Reading, Word]


def _before(reading: Reading, at: int, near: int = _NEAR) -> list[str]:
    """Return the words right before a place, in lower case, last first."""
    return [token.text.lower().rstrip(".") for token in reversed(reading.tokens[max(0, at - near) : at])]


def _lesser(claim: Reading, word: Word, there: Sequence[Place]) -> Iterator[str]:
    """ "the vice president" is no president, "a former mayor" no mayor."""
    if word.kind and word.token.text.lower() not in _OFFICES:
        return
    own = {token.text.lower() for token in claim.tokens}
    found = [next((low for low in _phrase(quote, other) if low in _LESSER), "") for quote, other in there]
    if all(found) and not own & set(found):
        yield f"the quote has “{found[0]} {word.token.text}”"


def _phrase(reading: Reading, word: Word) -> Iterator[str]:
    """Yield the words of a noun phrase before its noun, last first, up to an article, a preposition or a comma."""
    for at in range(word.at - 1, max(-1, word.at - 1 - _NEAR), -1):
        token = reading.tokens[at]
        behind = reading.text[token.start + len(token.text) : reading.tokens[at + 1].start]
        if re.search(r"[,()]", behind) or not (token.content or token.text.lower() in _LESSER):
            return
        yield token.text.lower()


def _one_of_many(claim: Reading, word: Word, there: Sequence[Place]) -> Iterator[str]:
    """ "one of the largest" and "the second largest" are not the largest."""
    if not (_LARGEST.search(word.token.text.lower()) or {*_before(claim, word.at)[:1]} & _DEGREES):
        return
    mine = {token.text.lower() for token in claim.tokens[: word.at]}
    found = [_lesser_rank(quote, other) for quote, other in there]
    if all(found) and not mine & {*_ONE_OF, *found}:
        yield f"the quote has “{found[0]} … {word.token.text}”"


def _lesser_rank(quote: Reading, word: Word) -> str:
    lows = _before(quote, word.at, _FAR)
    rank = next((token.text.lower() for token in quote.tokens[max(0, word.at - 1) : word.at] if ordinal(token)), "")
    return rank if rank != "first" and rank else next((low for low in lows if low in _ONE_OF), "")


def _of_another(claim: Reading, word: Word, there: Sequence[Place]) -> Iterator[str]:
    """ "Ann Lee's mother was born in Rome" says nothing of where Ann Lee was born."""
    if word.kind != "name" or _OWNED.search(word.token.text) or _is_owned(claim, word):
        return
    owned = [quote.tokens[other.at + 1] for quote, other in there if _owns(quote, other)]
    if len(owned) < len(there):
        return
    own = [other.key for other in claim.words]
    if not any(alike(key, token.key, False) for token in owned for key in own):
        yield f"the quote speaks of “{there[0][1].token.text} {owned[0].text}”"


def _owns(quote: Reading, word: Word) -> bool:
    """Say whether what follows a name is its own: "Lee's mother", not "Spain's Nadal" nor "Storm's"."""
    following = quote.tokens[word.at + 1] if word.at + 1 < len(quote.tokens) else None
    return bool(_OWNED.search(word.token.text) and following and following.content and not following.name)


def _is_owned(claim: Reading, word: Word) -> bool:
    return word.at + 1 < len(claim.tokens) and claim.tokens[word.at + 1].text.lower() in {"s", "’s"}


def _no_longer(claim: Reading, word: Word, there: Sequence[Place]) -> Iterator[str]:
    """ "was the mayor until 1999" doesn't say that somebody is the mayor."""
    if word.kind and word.token.text.lower() not in _OFFICES:
        return
    if not _follows(claim, word, _IS) or not all(_follows(quote, other, _WAS) for quote, other in there):
        return
    if not any(token.text.lower() in _IS for quote, _ in there for token in quote.tokens):
        yield f"the quote says that of the past: “was … {there[0][1].token.text}”"


def _follows(reading: Reading, word: Word, verbs: frozenset[str]) -> bool:
    """Say whether a word is what something is: "is the mayor", "was a Danish mayor", but not "was built"."""
    lows = _before(reading, word.at)
    verb = next((at for at, low in enumerate(lows) if low in verbs), None)
    return verb is not None and bool(set(lows[:verb]) & {"the", "a", "an"})


def _some(claim: Reading, word: Word, there: Sequence[Place]) -> Iterator[str]:
    """ "some of the workers" are not all."""
    if word.kind or not set(_before(claim, word.at)) & _ALL:
        return
    found = [next((low for low in _before(quote, other.at) if low in _SOME), "") for quote, other in there]
    if all(found):
        yield f"the quote has “{found[0]} … {word.token.text}”"


def _conditions(claim: Reading, quotes: Sequence[Reading]) -> Iterator[str]:
    """What holds on a condition doesn't hold without it."""
    if _CONDITIONED.search(claim.text):
        return
    common = dict.fromkeys(word.key for word in claim.words if not word.kind)
    there = [key for key in common if any(key in quote.places for quote in quotes)]
    bound = [key for key in there if all(_is_conditioned(quote, key) for quote in quotes)]
    if bound and len(bound) >= _MOSTLY * len(common):
        yield "the quote says so only on a condition"


def _is_conditioned(quote: Reading, key: str) -> bool:
    """Say whether a word stands in a quote only where a condition governs it, if at all."""
    spans = _under_condition(quote.text)
    return all(_is_within(quote.words[at], spans) for at in quote.places.get(key, ()))


def _under_condition(text: str) -> list[tuple[int, int]]:
    """Return the spans that a condition governs: its own segment, and the next where it opens the sentence."""
    found: list[tuple[int, int]] = []
    for match in islice(_IF.finditer(text), _MOST):
        cuts = [0, *(cut.end() for cut in _SEGMENT.finditer(text)), len(text)]
        at = next((n for n in range(len(cuts) - 1) if cuts[n] <= match.start() < cuts[n + 1]), 0)
        opens = not text[cuts[at] : match.start()].strip()
        found.append((cuts[at], cuts[min(at + 2, len(cuts) - 1)] if opens else cuts[at + 1]))
    return found


def _is_within(word: Word, spans: Sequence[tuple[int, int]]) -> bool:
    return any(start <= word.token.start < end for start, end in spans)


def _claims(claim: Reading, quotes: Sequence[Reading]) -> Iterator[str]:
    """What critics claim, or somebody demands, is not so for that."""
    if _CLAIMED.search(claim.text):
        return
    common = dict.fromkeys(word.key for word in claim.words if not word.kind)
    held = {key for key in common if any(key in quote.places for quote in quotes)}
    for quote in quotes:
        match = _CLAIMED.search(quote.text)
        after = {word.key for word in quote.words if match and word.token.start >= match.end()}
        before = {word.key for word in quote.words if match and word.token.start < match.end()}
        elsewhere = {key for other in quotes if other is not quote for key in other.places}
        if match and held and held <= after - before - elsewhere:
            yield f"the quote says so only as what somebody “{match.group().split()[0]}”"


def _to_do(claim: Reading, quotes: Sequence[Reading]) -> Iterator[str]:
    """Who offers to buy hasn't bought."""
    for match in (match for quote in quotes for match in islice(_TO_DO.finditer(quote.text), _MOST)):
        verb = read(match[1]).tokens[0].key
        there = [quote.words[at] for quote in quotes for at in quote.places.get(verb, ())]
        mine = [word for word in claim.words if word.key == verb and not word.kind]
        if len(there) == 1 and any(claim.tokens[word.at - 1].text.lower() != "to" for word in mine):
            yield f"the quote has “{match.group()}”"


def _either(claim: Reading, quotes: Sequence[Reading]) -> Iterator[str]:
    """ "Ann or Bo will come" doesn't say that both do."""
    for match in islice(_BOTH.finditer(claim.text), _MOST):
        one, other = match.groups()
        either = re.compile(rf"\b{re.escape(one)} or (?:[A-Z][\w’'-]+ ){{0,3}}?{re.escape(other)}\b")
        both = re.compile(rf"\b{re.escape(one)}\b(?:,| and)[^.;]*\b{re.escape(other)}\b")
        if any(either.search(q.text) for q in quotes) and not any(both.search(q.text) for q in quotes):
            yield f"the quote has “{one} or {other}”"
