"""What a quote says with a limit that a claim leaves out: "the vice president", "if it rains", "her mother was born".

Every word of such a claim stands in the quote, and it is wrong all the same. A limit counts where each place that has
the claim's word has it: another quote may say it without.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import islice, repeat

from rag.added import MOST, SUPERLATIVE
from rag.alike import alike
from rag.reading import Reading, Word, read
from rag.words import Token, content, ordinal

_LESSER = frozenset(
    "vice deputy acting assistant associate interim future aspiring prospective alleged accused suspected presumed "
    "proclaimed honorary undersecretary sub co".split()
)
_ONCE = frozenset("former ex retired outgoing onetime erstwhile ousted previous then".split())
"""Before an office or another noun, these say that somebody is it not quite, or no longer."""
_OFFICES = frozenset(
    "president minister secretary director chairman chairwoman chair governor mayor chancellor king queen pope ceo cfo "
    "cto chief head leader ambassador commissioner speaker premier manager captain coach editor champion".split()
)
_KIN = frozenset(
    "mother father parent parents son daughter child children brother sister wife husband spouse widow widower uncle "
    "aunt cousin nephew niece grandfather grandmother grandson granddaughter friend successor predecessor".split()
)
_RELATED = _KIN | frozenset(
    "law partner lawyer attorney spokesman spokeswoman spokesperson assistant aide adviser advisor secretary rival "
    "opponent colleague boss neighbour neighbor manager coach".split()
)
"""What somebody's are: what is said of them isn't said of somebody."""
_NEAR = 3
"""Words of a noun phrase that are looked at beside its noun."""
_FAR = 5
"""Words from "one" to what it is one of: "one of the world's most visited"."""
_PAST = re.compile(
    r"\b(?:was|were|had|served|succeed\w*|replaced|until|used to|previous\w*|former\w*|once|ex)\b", re.IGNORECASE
)
_ASKS = "even as what see know ask asked wonder unclear decide determine check out learn tell unsure"
_IF = re.compile(
    "".join(rf"(?<!\b{word} )" for word in _ASKS.split())
    + r"\bif\b(?! (?:not|any)\b)|\bunless\b|\bprovided that\b|\bon condition\b|\bin (?:case|the event) of\b"
    r"|\bassuming (?:that|the|it|he|she|they)\b",
    re.IGNORECASE,
)
_CONDITIONED = re.compile(
    r"\b(?:if|unless|provided|condition\w*|as long as|assuming|when|once|depend\w*|in case|in the event|without"
    r"|whether)\b|^\W*(?:in order )?to\b",
    re.IGNORECASE,
)
_SEGMENT = re.compile(r"[,;:]\s|(?<=[a-z\d]{2})[.!?]\s")
_HALF = 0.5
"""Share of a claim's words under a condition from which the claim is, and of a condition's words that state it."""
_CLAIMED = re.compile(
    r"\bclaim(?:s|ed)? (?:that\b|to (?:be|have)\b|(?:\S+ ){1,4}?(?:is|are|was|were|has|have|had|will|would|did)\b)"
    r"|\b(?:alleg(?:es|ed|ing|ations?)|accus(?:es|ed|ing|ations?)|suspects?|speculat\w+|rumou?rs?|demand(?:s|ed|ing)"
    r"|urg(?:es|ed|ing)|pretend(?:s|ed)|predict(?:s|ed)?|joked|imagin(?:es|ed)|believes|call(?:s|ed) (?:for|on)"
    r"|nominated for|charged with|(?:critics|opponents|detractors|rivals) (?:say|said|argue\w*))\b",
    re.IGNORECASE,
)
_ATTRIBUTED = re.compile(
    r"\b(?:claim\w*|say|says|said|according|expect\w*|wants?|asks?|likely|forecast|may|might|predict\w*|suspect\w*"
    r"|alleg\w*|accus\w*|demand\w*|urg\w*|believ\w*|nominated|charge\w*|call(?:s|ed) (?:for|on))\b",
    re.IGNORECASE,
)
_THOUGHT = re.compile(
    r"\b(?:thought|believed|said|reported|rumou?red|supposed|understood|estimated|expected|alleged|feared|assumed|reputed"
    r"|considered|suspected|claimed) to (?:be|have|date|come|stem)\b",
    re.IGNORECASE,
)
_MOVED = re.compile(
    r"\b(?:(?P<off>postpon\w+|reschedul\w+|mov(?:ed|ing)|delay\w*|brought forward|put (?:off|back)|pushed back)"
    r"|rais\w+|increas\w+|rose|rises?|grew|fell|falls?|cut|reduc\w+|lower\w+|chang\w+|switch\w+|renam\w+|dropp\w+)\b"
    r"(?: [\w’'%]+){0,5}? from (?P<before>[^,;.]{1,40}?) to (?P<after>(?:the )?[^\s,;.]+)",
    re.IGNORECASE,
)
_FROM = re.compile(
    r"\b(?:from|before|previous\w*|original\w*|former\w*|first|had been|until|planned|scheduled)\b", re.I
)
_TO_DO = re.compile(
    r"\b(?:ready|willing|asked|urged|ordered|told|pressed|invited|agreed|vowed|pledged|prepared|offer(?:s|ed)"
    r"|call(?:s|ed) on \w+) to ([^\W\d_]{2,})",
    re.IGNORECASE,
)
"""What somebody is to do isn't done: "was asked to rule"."""
_MODAL = re.compile(
    r"\b(?:must|should|will|would|can|could|may|might|let|lets|shall|has to|have to|required"
    r"|agree\w*|offer\w*|order\w*|ask\w*|urg\w*)\b",
    re.IGNORECASE,
)
_ALMOST = frozenset(("almost", "nearly"))
_ALL = frozenset("all every each".split())
_SOME = frozenset("some many several few most".split())
_FEW = frozenset("some several few".split())
_ARTICLES = frozenset("the a an his her their".split())
_ONE_OF = frozenset("one some among several many".split())
_IS = frozenset("is are".split())
_WAS = frozenset("was were".split())
_OWNED = re.compile(r"['’]s$")
_EITHER = re.compile(r"\b([A-Z][\w’'-]+) or (?:[A-Z][\w’'-]+ ){0,3}?([A-Z][\w’'-]+)\b")
_MAY = re.compile(r"\b(?:or|either|can|may|might|could)\b", re.IGNORECASE)

Place = tuple[Reading, Word]


def dropped(claim: Reading, quotes: Sequence[Reading]) -> Iterator[str]:
    """Yield the limits of the quotes that a claim leaves out, as clauses for people."""
    for word in {word.key: word for word in reversed(claim.words)}.values():
        there = [(quote, quote.words[at]) for quote in quotes for at in quote.places.get(word.key, ())][:MOST]
        if there:
            yield from _lesser(claim, word, there)
            yield from _of_another(claim, word, there)
            yield from _no_longer(claim, word, there)
            yield from _some(claim, word, there)
    yield from _one_of_many(claim, quotes)
    yield from _conditions(claim, quotes)
    yield from _claims(claim, quotes)
    yield from _to_do(claim, quotes)
    yield from _either(claim, quotes)
    yield from _thought(claim, quotes)
    yield from _moved(claim, quotes)


def _before(reading: Reading, at: int, near: int = _NEAR) -> list[str]:
    """Return the words right before a place, in lower case, last first."""
    return [token.text.lower().rstrip(".") for token in reversed(reading.tokens[max(0, at - near) : at])]


def _is_office(word: Word) -> bool:
    return word.token.text.lower().removesuffix("'s").removesuffix("’s") in _OFFICES


def _lesser(claim: Reading, word: Word, there: Sequence[Place]) -> Iterator[str]:
    """ "the vice president" is no president, "a former mayor" no mayor, though he was one."""
    if word.kind and not _is_office(word):
        return
    limits = _LESSER if _PAST.search(claim.text) else _LESSER | _ONCE
    own = {token.text.lower() for token in claim.tokens}
    found = [next((low for low in _phrase(quote, other) if low in limits), "") for quote, other in there]
    if all(found) and not own & set(found):
        yield f"the quote has “{found[0]} {word.token.text}”"


def _phrase(reading: Reading, word: Word) -> Iterator[str]:
    """Yield the words of a noun phrase before its noun, last first, up to an article, a preposition or a comma."""
    for at in range(word.at - 1, max(-1, word.at - 1 - _NEAR), -1):
        token = reading.tokens[at]
        behind = reading.text[token.start + len(token.text) : reading.tokens[at + 1].start]
        if re.search(r"[,()]", behind) or not (token.content or token.text.lower() in _LESSER | _ONCE):
            return
        yield token.text.lower()


def _of_another(claim: Reading, word: Word, there: Sequence[Place]) -> Iterator[str]:
    """ "Ann Lee's mother was born in Rome" says nothing of where Ann Lee was born."""
    says = any(not other.kind for other in claim.words)  # else it is the name alone, which answers "whose"
    if not _is_office(word) and (word.kind != "name" or not says):
        return
    owned = [token for quote, other in there if (token := _related(quote, other))]
    if len(owned) == len(there) and not any(alike(key, owned[0].key, False) for key in claim.places):
        yield f"the quote speaks of the {owned[0].text} of “{word.token.text}”"


def _related(quote: Reading, word: Word) -> Token | None:
    """Return whose relation a name is in a quote: "mother" of "Lee's French mother" and "the mother of Ann Lee"."""
    if _OWNED.search(word.token.text):
        following = quote.tokens[word.at + 1 : word.at + 1 + _NEAR]
        return next((token for token in following if token.text.lower() in _RELATED), None)
    before = list(reversed(quote.tokens[max(0, word.at - _FAR) : word.at]))
    at = next((at for at, token in enumerate(before) if token.text.lower() == "of"), len(before))
    named = all(token.name or token.text.lower() in _ARTICLES for token in before[:at])
    head = before[at + 1] if named and at + 1 < len(before) else None
    by_law = (
        head is not None and head.text.lower() == "law" and [t.text.lower() for t in before[at + 2 : at + 3]] == ["in"]
    )
    return head if head and (by_law or head.text.lower() in _KIN) else None


def _no_longer(claim: Reading, word: Word, there: Sequence[Place]) -> Iterator[str]:
    """ "was the mayor until 1999" doesn't say that somebody is the mayor."""
    if not _is_office(word) or not _follows(claim, word, _IS):
        return
    if all(_follows(quote, other, _WAS) for quote, other in there):
        yield f"the quote says that of the past: “was … {there[0][1].token.text}”"


def _follows(reading: Reading, word: Word, verbs: frozenset[str]) -> bool:
    """Say whether a word is what somebody is: "is mayor", "was the Danish mayor", but not "is led by the mayor"."""
    lows = _before(reading, word.at)
    verb = next((at for at, low in enumerate(lows) if low in verbs), len(lows))
    return verb < len(lows) and not set(lows[:verb]) & {"by", "of", "to", "in", "with", "from", "for"}


def _some(claim: Reading, word: Word, there: Sequence[Place]) -> Iterator[str]:
    """ "some of the workers" are not all, and who almost won didn't win."""
    if word.kind:
        return
    mine = set(_before(claim, word.at))
    some = _SOME if mine & _ALL else _FEW if _before(claim, word.at, 1) == ["the"] else frozenset()
    for limits in (some, frozenset() if mine & _ALMOST else _ALMOST):
        befores = [_before(quote, other.at, 1 if limits is _ALMOST else _NEAR) for quote, other in there]
        found = [next((low for low in lows if low in limits and not set(lows) & _ALL), "") for lows in befores]
        if all(found) and not mine & limits:
            yield f"the quote has “{found[0]} … {word.token.text}”"


def _one_of_many(claim: Reading, quotes: Sequence[Reading]) -> Iterator[str]:
    """ "one of the largest" and "the second most populous" are not the largest, nor the most populous."""
    mine = [word for word in claim.words if _is_highest(claim, word)]
    theirs = [(quote, word) for quote in quotes for word in quote.words if _is_highest(quote, word)][:MOST]
    found = [_lesser_rank(quote, word) for quote, word in theirs]
    said = {token.text.lower() for token in claim.tokens}
    if mine and found and all(found) and not said & {*_ONE_OF, *found}:
        yield f"the quote has “{found[0]} … {theirs[0][1].token.text}”"


def _is_highest(reading: Reading, word: Word) -> bool:
    """Say whether a word is "largest", or what stands behind "most"."""
    if word.kind:
        return False
    return bool(SUPERLATIVE.fullmatch(word.token.text)) or {"most", "least"} & {*_before(reading, word.at, 1)} != set()


def _lesser_rank(quote: Reading, word: Word) -> str:
    before = quote.tokens[max(0, word.at - 2) : word.at]
    rank = next((token.text.lower() for token in before if ordinal(token)), "")
    lows = _before(quote, word.at, _FAR)
    return rank if rank not in {"", "first"} else next((low for low in lows if low in _ONE_OF), "")


def _conditions(claim: Reading, quotes: Sequence[Reading]) -> Iterator[str]:
    """What holds on a condition doesn't hold without it; a claim may state that in other words of the same."""
    if _CONDITIONED.search(claim.text):
        return
    said = content(claim.text)
    spans = [_under_condition(quote.text, said) for quote in quotes]
    if not any(spans):
        return
    common = dict.fromkeys(word.key for word in claim.words if not word.kind)
    there = [key for key in common if any(key in quote.places for quote in quotes)]
    bound = [key for key in there if all(map(_is_within, quotes, repeat(key), spans))]
    if bound and len(bound) >= _HALF * len(common):
        yield "the quote says so only on a condition"


def _under_condition(text: str, said: frozenset[str]) -> list[tuple[int, int]]:
    """Return the spans that a condition governs, unless `said` states it: its segment and the one that it belongs to.

    That is the next one where it opens the sentence, and else what stands before it.
    """
    found: list[tuple[int, int]] = []
    cuts = [0, *(cut.end() for cut in _SEGMENT.finditer(text)), len(text)]
    for match in islice(_IF.finditer(text), MOST):
        at = max(n for n in range(len(cuts) - 1) if cuts[n] <= match.start())
        condition = content(text[match.end() : cuts[at + 1]])
        if len(condition & said) >= _HALF * len(condition):
            continue
        opens = not text[cuts[at] : match.start()].strip()
        first = max(0, at - 1) if opens else at
        found.append((cuts[first], cuts[min(at + 2, len(cuts) - 1)] if opens and not at else cuts[at + 1]))
    return found


def _is_within(quote: Reading, key: str, spans: Sequence[tuple[int, int]]) -> bool:
    """Say whether a word stands in a quote only within these spans, if at all."""
    starts = (quote.words[at].token.start for at in quote.places.get(key, ()))
    return all(any(start <= place < end for start, end in spans) for place in starts)


def _claims(claim: Reading, quotes: Sequence[Reading]) -> Iterator[str]:
    """What critics claim, or somebody demands, is not so for that."""
    if _ATTRIBUTED.search(claim.text):
        return
    common = dict.fromkeys(word.key for word in claim.words if not word.kind)
    held = {key for key in common if any(key in quote.places for quote in quotes)}
    for quote in quotes:
        match = _CLAIMED.search(quote.text)
        start = match.start() + len(match.group().split()[0]) if match else 0
        after = {word.key for word in quote.words if match and word.token.start >= start}
        before = {word.key for word in quote.words if match and word.token.start < start}
        elsewhere = {key for other in quotes if other is not quote for key in other.places}
        if match and held and held <= after - before - elsewhere:
            yield f"the quote says so only as what somebody “{match.group().split()[0]}”"


def _thought(claim: Reading, quotes: Sequence[Reading]) -> Iterator[str]:
    """What something is thought to be it isn't for that: what a claim says behind "is" takes a quote that says so."""
    is_at = next((token.start for token in claim.tokens if token.text.lower() in _IS | _WAS), None)
    if is_at is None or _ATTRIBUTED.search(claim.text) or _THOUGHT.search(claim.text):
        return
    said = [word.key for word in claim.words if word.token.start > is_at]
    for quote in quotes:
        match = _THOUGHT.search(quote.text)
        there = [quote.words[at].token.start for key in said for at in quote.places.get(key, ())]
        elsewhere = any(key in other.places for other in quotes if other is not quote for key in said)
        if match and there and min(there) > match.start() and not elsewhere:
            yield f"the quote has “{match.group()}”"


def _moved(claim: Reading, quotes: Sequence[Reading]) -> Iterator[str]:
    """What was put off from Monday was not on Monday; what rose from 5 is not 5."""
    if _FROM.search(claim.text):
        return
    lows = {token.text.lower() for token in claim.tokens}
    for match in (match for quote in quotes for match in islice(_MOVED.finditer(quote.text), MOST)):
        before, after = content(f"x {match['before']}"), content(f"x {match['after']}")
        now = bool(lows & _IS) or bool(match["off"])
        if now and before and before <= content(f"x {claim.text}") and not after & content(f"x {claim.text}"):
            yield f"the quote has “{match.group()}”"


def _to_do(claim: Reading, quotes: Sequence[Reading]) -> Iterator[str]:
    """Who offers to buy hasn't bought."""
    if _MODAL.search(claim.text):
        return
    for match in (match for quote in quotes for match in islice(_TO_DO.finditer(quote.text), MOST)):
        verb = next((token.key for token in read(match[1]).tokens), "")
        there = [quote.words[at] for quote in quotes for at in quote.places.get(verb, ())]
        mine = [word for word in claim.words if word.key == verb and not word.kind]
        if len(there) == 1 and any("to" not in _before(claim, word.at, 1) for word in mine):
            yield f"the quote has “{match.group()}”"


def _either(claim: Reading, quotes: Sequence[Reading]) -> Iterator[str]:
    """ "Ann or Bo will come" doesn't say that Ann will, nor that both do."""
    if _MAY.search(claim.text):
        return
    named = {word.token.text for word in claim.words if word.kind == "name"}
    for quote in quotes:
        for match in islice(_EITHER.finditer(quote.text), MOST):
            alone = all(quote.text.count(name) == 1 for name in match.groups())
            if alone and named & set(match.groups()) and not _is_elsewhere(match, quote, quotes):
                yield f"the quote has “{match.group()}”"


def _is_elsewhere(match: re.Match[str], quote: Reading, quotes: Sequence[Reading]) -> bool:
    return any(name in other.text for other in quotes if other is not quote for name in match.groups())
