"""More limits that a claim leaves out: "except on Mondays", "only with a guide", "who work nights", "no longer".

As in rag.dropped every word of the claim stands in the quote. A limit counts where no other quote says it without, and
a claim keeps it that has some of its words.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import islice

from rag.added import MOST
from rag.polarity import excludes
from rag.reading import Reading
from rag.words import content, is_negator, keys

_HALF = 0.5
_SHORT = 8
"""Content words of a clause up to which an exception at its end is taken to be one from whatever it says."""
_EXCEPT = re.compile(
    r"\b(?:except(?:ing)?|other than|apart from|aside from|excluding|with the exception of"
    r"|but not(?! (?:only|before|until|always|necessarily|yet|without|just)\b))\b(?: for\b)?"
    r" ?(?P<what>[^,;.()]*)",
    re.IGNORECASE,
)
_ONLY = re.compile(
    r"\b(?:only|solely|exclusively) (?:if|when|after|with|for|by|in|during|on|at|before|until|from|as|where|between"
    r"|under|upon|once|to) (?P<what>[^,;.()]*)",
    re.IGNORECASE,
)
_WHO = re.compile(
    r"(?:^|[,;:] |\b(?:only|all|any|for|by|to|of|and|or|but|that) )"
    r"(?P<host>(?:[a-z-]+ )??[A-Za-z][a-z-]+s|people|children"
    r"|men|women|anyone|everyone) (?:who|whose) (?P<what>(?:[\w’'%€$£.-]+ ){1,4}?[\w’'%-]+)\b",
    re.IGNORECASE,
)
"""Plural things of one kind: "the man who …" tells which one, "tenants who …" tells which of all."""
_KEEPS = re.compile(r"\b(?:except\w*|apart|aside|exclud\w*|other than|exception|some|most|certain)\b", re.IGNORECASE)
_OVER = re.compile(r"\bno longer\b(?! than)|\bn[o’'](?:t|t)\b[^,;.]{0,30}\bany ?(?:longer|more)\b", re.IGNORECASE)
_WAS = re.compile(
    r"\b(?:longer|any ?more|stop\w*|ceas\w*|former\w*|once|until|used to|previous\w*|end(?:s|ed)|was|were|had|did"
    r"|gave up|discontinu\w*|quit)\b",
    re.IGNORECASE,
)
_NEAR = 6
"""Tokens between two of which a claim says both."""
_FOLLOWS = 3
"""Content words behind "no longer" that are over."""
_UNIT = (
    "year month week day season spring summer autumn fall winter quarter decade century term monday tuesday wednesday "
    "thursday friday saturday sunday january february march april may june july august september october november "
    "december weekend"
)
_WHEN = re.compile(
    rf"\b(?P<which>this|next|last|previous|past|coming|following)(?: \w+)?? "
    rf"(?P<unit>{'|'.join(_UNIT.split())})s?\b",
    re.IGNORECASE,
)
_SIDES = {"last": "last", "previous": "last", "past": "last", "this": "this", "next": "next", "coming": "next",
          "following": "next"}  # fmt: skip
_UNLESS = re.compile(r"\bunless\b([^,;.]*)", re.IGNORECASE)
_IF = re.compile(r"\b(?:if|when|where|once)\b(?! not\b)([^,;.]*)", re.IGNORECASE)
_OR = re.compile(r"(?P<one>[\w-]+) or (?:an? |the |at least )?(?P<two>[\w-]+(?: [\w-]+)?)")
_NEEDS = re.compile(r"\b(?:needs?|must|requir\w+|ha(?:s|ve) to)\b", re.IGNORECASE)
_ONCE = re.compile(r"\b(?:once|formerly|previously|used to be|long) (?P<what>\w+(?:ed|en|n|t))\b", re.IGNORECASE)
_CONTRARY = re.compile(r"\b(?:contrary to|despite) (?P<what>[^,;.]{1,40})", re.IGNORECASE)
_ACCORDING = re.compile(r"\baccording to (?P<what>[^,;.]{1,40})", re.IGNORECASE)
_BEHIND_ONLY = re.compile(r"(?P<what>[a-z-]+) (?P<head>[a-z-]+) only(?=[.,;]|$)")
_DID = re.compile(
    r"\bbut (?:the |an? |his |her |its |their )?(?P<who>[\w’'-]+(?: [\w’'-]+)?)"
    r" (?:did|does|do|was|were|is|are|has|have|had"
    r"|can|could|will|would)(?P<not>n[’']t| not)?(?=\s*(?:[.,;!]|$))",
    re.IGNORECASE,
)


def limited(claim: Reading, quotes: Sequence[Reading]) -> Iterator[str]:
    """Yield the limits of the quotes that a claim leaves out or turns round, as clauses for people."""
    said = content(claim.text)
    yield from _exceptions(claim, said, quotes)
    yield from _of_some(claim, said, quotes)
    yield from _over(claim, quotes)
    yield from _other_time(claim, quotes)
    yield from _unless(claim, quotes)
    yield from _otherwise_done(claim, quotes)
    yield from _or(claim, quotes)
    yield from _no_more(claim, quotes)


def _exceptions(claim: Reading, said: frozenset[str], quotes: Sequence[Reading]) -> Iterator[str]:
    """ "daily, except Mondays" is not daily, "only with a guide" not at all without."""
    for pattern, kept in ((_EXCEPT, _KEEPS), (_ONLY, None)):
        found = [next((match for match in islice(pattern.finditer(quote.text), MOST)), None) for quote in quotes]
        for match, quote in zip(found, quotes, strict=True):
            if match is None or (kept and kept.search(claim.text)):
                continue
            what, ruled = content(match["what"]), _clause(quote.text, match.start()) - content(match["what"])
            about = said & ruled
            states = len(what & said) >= _HALF * len(what)
            if kept and about and states and not any(map(is_negator, claim.tokens)) and what:
                yield f"the quote excepts that: “{match.group().strip()}”"
            whole = len(about) >= (_HALF * len(said) if len(ruled) <= _SHORT else _HALF * max(len(said), len(ruled)))
            if what and not states and whole and len(about) > 1 and not _elsewhere(about, quote, quotes):
                yield f"the quote has “{match.group().strip()}”"


def _clause(text: str, at: int) -> frozenset[str]:
    """Return the content words before a place, as far as they are of one clause, or those behind."""
    before = re.split(r"[;:]\s|[.!?]\s", text[:at])[-1]
    return content(before) or content(text[at:])


def _elsewhere(about: frozenset[str], quote: Reading, quotes: Sequence[Reading]) -> bool:
    return any(about <= other.places.keys() for other in quotes if other is not quote)


def _of_some(claim: Reading, said: frozenset[str], quotes: Sequence[Reading]) -> Iterator[str]:
    """ "Employees who work nights get a bonus" says nothing of employees."""
    for quote in quotes:
        for match in islice(_WHO.finditer(quote.text), MOST):
            host, what = content(f"x {match['host']}"), content(f"x {match['what']}")
            head = next((token for token in claim.tokens if token.key in host), None)
            if head is None or not what or what & said or _elsewhere(host & said, quote, quotes):
                continue
            behind = content(quote.text[match.end("host") :]) - what
            bare = claim.tokens.index(head) <= 1 and claim.text[: head.start].strip().lower() not in {"some", "many"}
            if bare and len(said & behind) >= _HALF * len(said - host):
                yield f"the quote says that only of those who “{match['what']}”"


def _over(claim: Reading, quotes: Sequence[Reading]) -> Iterator[str]:
    if _WAS.search(claim.text) or any(word.denied for word in claim.words):
        return
    for quote in quotes:
        for match in islice(_OVER.finditer(quote.text), MOST):
            ended = [word.key for word in quote.words if word.token.start >= match.end() and not word.kind][:_FOLLOWS]
            if match.group().lower().endswith(("any more", "anymore", "any longer")):
                ended = [word.key for word in quote.words if match.start() < word.token.start < match.end()]
            mine = [key for key in ended if key in claim.places]
            if ended and ended[0] in mine and not any(mine[0] in q.places for q in quotes if q is not quote):
                yield f"the quote has “{match.group()}”"


def _other_time(claim: Reading, quotes: Sequence[Reading]) -> Iterator[str]:
    """ "next year" is not this one."""
    theirs = [(match, _told(match)) for quote in quotes for match in islice(_WHEN.finditer(quote.text), MOST)]
    for match in islice(_WHEN.finditer(claim.text), MOST):
        unit, side = _told(match)
        there = [(other, its) for other, (its_unit, its) in theirs if its_unit == unit]
        if there and all(its != side for _, its in there):
            yield f"the quote has “{there[0][0].group()}”, not “{match.group()}”"


def _told(match: re.Match[str]) -> tuple[str, str]:
    return match["unit"].lower(), _SIDES[match["which"].lower()]


def _unless(claim: Reading, quotes: Sequence[Reading]) -> Iterator[str]:
    """ "unless it rains" is not "if it rains", nor the other way round; one denial more and it is."""
    for mine, its in ((_IF, _UNLESS), (_UNLESS, _IF)):
        here = mine.search(claim.text)
        if not here or its.search(claim.text):
            continue
        for quote in (quote for quote in quotes if not mine.search(quote.text)):
            there = its.search(quote.text)
            same = there and content(here[1]) & content(there[1])
            if same and _denies(claim) == _denies(quote) and not _excluding(claim, quote):
                yield f"the quote has “{there.group().split()[0] if there else ''}”, not “{here.group().split()[0]}”"


def _or(claim: Reading, quotes: Sequence[Reading]) -> Iterator[str]:
    """ "a degree or three years of work" is not both, nor is one of them what is needed."""
    lows = [token.text.lower() for token in claim.tokens]
    if "or" in lows or "either" in lows:
        return
    for match in (match for quote in quotes for match in islice(_OR.finditer(quote.text), MOST)):
        one, two = content(f"x {match['one']}"), content(f"x {match['two']}")
        has_one, has_two = one & claim.places.keys(), two & claim.places.keys()
        firsts, seconds = (
            [claim.words[at].at for key in has for at in claim.places[key]] for has in (has_one, has_two)
        )
        joined = any("and" in lows[i:j] and j - i <= _NEAR for i in firsts for j in seconds)
        both = joined and not one & two and not {"can", "may", "both"} & set(lows)
        bound = _NEEDS.search(claim.text) and bool(has_one) != bool(has_two) and _NEEDS.search(match.string)
        if (both or bound) and one and two and not any(token.number for token in claim.tokens if token.key in one):
            yield f"the quote has “{match.group()}”"


def _no_more(claim: Reading, quotes: Sequence[Reading]) -> Iterator[str]:
    """What was once so is not so, "contrary to reports" is not what reports say, "indoor use only" is not any use."""
    lows = {token.text.lower() for token in claim.tokens}
    for quote in quotes:
        once = _ONCE.search(quote.text)
        present = lows & {"is", "are"} and not lows & {"was", "were", "once", "formerly"}
        if once and present and content(f"x {once['what']}") & claim.places.keys():
            yield f"the quote has “{once.group()}”"
        contrary, according = _CONTRARY.search(quote.text), _ACCORDING.search(claim.text)
        if contrary and according and content(f"x {contrary['what']}") & content(f"x {according['what']}"):
            yield f"the quote has “{contrary.group()}”"
        narrow = _BEHIND_ONLY.search(quote.text)
        if narrow and content(f"x {narrow['head']}") & claim.places.keys():
            what = content(f"x {narrow['what']}")
            if what and not what & claim.places.keys():
                yield f"the quote has “{narrow.group()}”"


def _denies(reading: Reading) -> bool:
    return sum(map(is_negator, reading.tokens)) % 2 == 1


def _excluding(claim: Reading, quote: Reading) -> bool:
    return any(excludes(one.key, other.key) for one in claim.words for other in quote.words)


def _otherwise_done(claim: Reading, quotes: Sequence[Reading]) -> Iterator[str]:
    """ "Neither Ann nor Bo came, but Cy did." says that Cy came."""
    for quote in quotes:
        for match in islice(_DID.finditer(quote.text), MOST):
            who = keys(match["who"])
            opens = next((word for word in claim.words), None)
            denies = any(word.denied for word in claim.words)
            if opens and opens.key in who and denies != bool(match["not"]):
                yield f"the quote has “{match.group()}”"
