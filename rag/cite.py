"""Claim <-> evidence: which quotes support a sentence of an answer, or none do.

The model's own markers are not trusted. A sentence is supported when the quotes (at most three, as few as cover it)
hold every number and every name in it, deny what it denies and nothing that it asserts, and hold enough of its other
content words. What "enough" is, is fitted on labelled answers (fitted.json, "support").
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from rag.fitted import fitted
from rag.types import Evidence, Support
from rag.words import Token, content, denied, ordinals, tokens

MOST_QUOTES = 3
WORTH_A_QUOTE = 0.12
"""Share of a claim's weight that a further quote has to add."""
HARD = 2.0
"""Weight of a name or a number; other content words weigh 1."""

_MARKER = re.compile(r"\s*(?:\[\s*\d+(?:\s*[,;–-]\s*\d+)*\s*\]|【[^】]{0,20}】)")


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the check found for one sentence: `quotes` are indices into the evidence that was given."""

    status: Support
    quotes: tuple[int, ...]
    score: float
    why: str = ""


def without_markers(text: str) -> str:
    """Return a sentence without the "[1]" and "【2】" that models write."""
    return _MARKER.sub("", text).strip()


def check(sentence: str, evidence: Sequence[Evidence]) -> Verdict:
    """Return which quotes support a sentence, and whether they do.

    Names, numbers and negation are conditions, not scores: one that is in no quote makes a sentence unsupported.
    """
    words = [token for token in tokens(without_markers(sentence)) if token.content]
    if not words:
        return Verdict("unsupported", (), 0.0, "it states nothing that could be checked")
    said = [_said(item) for item in evidence]
    quotes = _fewest(words, said)
    held = frozenset[str]().union(*(said[i] for i in quotes))
    lost = [token.text for token in words if _hard(token, words) and token.key not in held]
    if lost:
        return Verdict("unsupported", quotes, 0.0, f"no quote has {_listed(lost)}")
    turned = _turned(sentence, [evidence[i].text for i in quotes])
    if turned:
        return Verdict("unsupported", quotes, 0.0, f"a quote says the opposite of {_listed(sorted(turned))}")
    support = fitted("support")
    score = support((_covered(words, held),))
    if score >= support.thresholds["supported"]:
        return Verdict("supported", quotes, score)
    missing = [token.text for token in words if token.key not in held]
    status: Support = "partly" if score >= support.thresholds["partly"] else "unsupported"
    return Verdict(status, quotes, score, f"no quote has {_listed(missing)}")


def _said(item: Evidence) -> frozenset[str]:
    """What a quote says: its own words and, as what it speaks of, its document's title."""
    return content(item.text) | ordinals(item.text) | content(item.title)


def _weight(token: Token) -> float:
    return HARD if token.name or token.number else 1.0


def _hard(token: Token, words: Sequence[Token]) -> bool:
    """Say whether a word has to be in a quote to the letter: numbers, and what is capitalised like a name."""
    if token.number or token.name:
        return True
    opens = token is words[0] and token.text[:1].isupper()
    return opens and len(words) > 1 and words[1].name and words[1].start == token.start + len(token.text) + 1


def _covered(words: Sequence[Token], held: frozenset[str]) -> float:
    total = sum(_weight(token) for token in words)
    return sum(_weight(token) for token in words if token.key in held) / total


def _fewest(words: Sequence[Token], said: Sequence[frozenset[str]]) -> tuple[int, ...]:
    """Choose greedily: the quote that covers most, then one that adds a name, a number, or enough else."""
    chosen: list[int] = []
    held: frozenset[str] = frozenset()
    while len(chosen) < MOST_QUOTES and said:
        gains = [_covered(words, held | words_of) - _covered(words, held) for words_of in said]
        best = max(range(len(said)), key=lambda i: (gains[i], -i))
        lost = {token.key for token in words if _hard(token, words)} - held
        if gains[best] <= 0 or (chosen and gains[best] < WORTH_A_QUOTE and not lost & said[best]):
            break
        chosen.append(best)
        held |= said[best]
    return tuple(sorted(chosen))


def _turned(sentence: str, quotes: Sequence[str]) -> frozenset[str]:
    """Return the words that the sentence denies and no quote does, or that every quote with them denies."""
    claimed, denies = content(sentence), denied(sentence)
    found: set[str] = set()
    for word in claimed:
        with_it = [quote for quote in quotes if word in content(quote)]
        denying = sum(word in denied(quote) for quote in with_it)
        if with_it and ((word in denies and not denying) or (word not in denies and denying == len(with_it))):
            found.add(word)
    return frozenset(found)


def _listed(words: Sequence[str]) -> str:
    return ", ".join(f"“{word}”" for word in dict.fromkeys(words[:5]))
