"""How likely a sentence answers a question, and how likely anything that was found does: the features of both.

Cheap and explainable on purpose: cosines of the embedder, word overlap weighted by rarity, and whether the sentence
holds the kind of thing that was asked for (a name for "who", a number for "how many").
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rag.fitted import fitted
from rag.types import Evidence
from rag.words import content, names, numbers, tokens, weigh

_TIME = re.compile(
    r"\b(?:1[5-9]|20)\d\d\b|\b(?:January|February|March|April|May|June|July|August|September|October|November|December"
    r"|Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday|today|tomorrow|yesterday|weekend|week|month|year"
    r"|century|summer|winter|spring|autumn|morning|evening|night)s?\b",
    re.IGNORECASE,
)
_THING = r"(?:country|city|state|person|people|officials?|company|team|island|river)"
_KINDS = {
    "number": re.compile(
        r"\bhow (?:many|much|long|old|far|big|large|high|tall|often)\b|\bwhat (?:percentage|number|amount|share)\b",
        re.I,
    ),
    "time": re.compile(
        r"\bwhen\b|\b(?:what|which) (?:year|date|day|month|time|century|decade)s?\b|\bon (?:what|which) dates?\b", re.I
    ),
    "name": re.compile(
        rf"\b(?:who|whom|whose|where)\b|\b(?:which|what) {_THING}\b|\bwhat (?:name|is the name)\b", re.I
    ),
}
RELEVANCE = (
    "cosine",
    "passage_cosine",
    "neighbour_cosine",
    "covered",
    "covered_near",
    "kind",
    "first_passages",
    "length",
    "news",
)
OUTLOOK = ("best", "covered", "covered_near", "cosine", "missing", "missing_names", "kind")


@dataclass(frozen=True, slots=True)
class Question:
    """A question taken apart: its content words with their rarity among the candidates, and what it asks for."""

    text: str
    weights: dict[str, float]
    names: frozenset[str]
    kind: str
    """"name", "time", "number", or "" where any kind of thing may answer."""

    @classmethod
    def of(cls, text: str, candidates: Iterable[str]) -> Question:
        """Take a question apart; a word is worth the more, the fewer candidates have it."""
        rarity = weigh(candidates)
        highest = max(rarity.values(), default=1.0)
        weights = {key: max(0.1, rarity.get(key, highest + 0.5)) for key in content(text)}
        kind = next((name for name, pattern in _KINDS.items() if pattern.search(text)), "")
        return cls(text, weights, names(text) & weights.keys(), kind)

    def covered(self, words: frozenset[str]) -> float:
        """Return the weight of the question's words that are in `words`, 0 to 1."""
        total = sum(self.weights.values())
        return sum(weight for key, weight in self.weights.items() if key in words) / total if total else 0.0


@dataclass(frozen=True, slots=True)
class Candidate:
    """A sentence with what surrounds it and its cosines to the question."""

    evidence: Evidence
    rank: int
    """Rank of its passage, from 0."""
    place: int
    """Its place in the passage, from 0."""
    passage: tuple[str, ...]
    """All sentences of the passage."""
    cosine: float = 0.0
    passage_cosine: float = 0.0
    neighbour_cosine: float = 0.0

    @property
    def text(self) -> str:
        """The sentence."""
        return self.evidence.text

    @property
    def near(self) -> str:
        """The document's title, the sentence, and one on either side."""
        around = self.passage[max(0, self.place - 1) : self.place + 2]
        return " ".join((self.evidence.title + ".", *around))


def features(asked: Question, candidate: Candidate) -> tuple[float, ...]:
    """Return the numbers that say whether a sentence answers, in the order of RELEVANCE."""
    words = content(candidate.text)
    return (
        candidate.cosine,
        candidate.passage_cosine,
        candidate.neighbour_cosine,
        asked.covered(words),
        asked.covered(content(candidate.near)),
        holds(asked, candidate.text),
        1 / (1 + candidate.rank),
        math.log1p(len(tokens(candidate.text))) / 4,
        min(1.0, len((names(candidate.text) | numbers(candidate.text)) - asked.weights.keys()) / 4),
    )


def holds(asked: Question, sentence: str) -> float:
    """Return 1 where the sentence holds the kind of thing that was asked for, 0 where not, 0.5 if any will do."""
    if asked.kind == "name":
        return float(bool(names(sentence) - asked.weights.keys()))
    if asked.kind == "number":
        return float(bool(numbers(sentence) - asked.weights.keys()))
    if asked.kind == "time":
        return float(any(content(m.group()) - asked.weights.keys() for m in _TIME.finditer(sentence)))
    return 0.5


def outlook(asked: Question, ranked: Sequence[Candidate]) -> tuple[float, tuple[str, ...]]:
    """Return how likely the ranked sentences hold an answer, and the question's words that none of them has."""
    if not ranked:
        return 0.0, tuple(sorted(asked.weights))
    values, missing = outlook_features(asked, ranked)
    shown = {token.key: token.text for token in tokens(asked.text)}
    return fitted("answerable")(values), tuple(shown[key] for key in shown if key in missing)


def outlook_features(asked: Question, ranked: Sequence[Candidate]) -> tuple[tuple[float, ...], frozenset[str]]:
    """Return the numbers of OUTLOOK and the keys of the question's words that stand nowhere in the candidates."""
    relevance = fitted("relevance")
    top = ranked[:3]
    there = frozenset[str]().union(*(content(candidate.near) for candidate in ranked))
    missing = frozenset(asked.weights) - there
    values = (
        max(relevance(features(asked, candidate)) for candidate in top),
        max(asked.covered(content(candidate.text)) for candidate in top),
        max(asked.covered(content(candidate.near)) for candidate in top),
        max(candidate.cosine for candidate in top),
        asked.covered(missing),
        float(bool(asked.names & missing)),
        max(holds(asked, candidate.text) for candidate in top),
    )
    return values, missing
