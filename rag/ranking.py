"""What a passage is ranked by, once it was found: what each search said of it, as numbers."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache
from typing import TYPE_CHECKING

import numpy as np

from rag.understand.period import Period
from vectorstore.lexical import STOP_WORDS
from vectorstore.store import Hit, PassageRecord, Vectors

if TYPE_CHECKING:
    from Stemmer import Stemmer

FEATURES = (
    "cosine", "behind", "bm25", "dense_rank", "lexical_rank", "covered", "covered_title", "alike", "near_first",
    "names_of_first", "asked_by_title", "called_in_first", "timely", "length",
)  # fmt: skip
"""cosine: to the question; behind: how far that is behind the best one's; bm25: as a share of the best one's;
dense_rank, lexical_rank: reciprocal ranks; covered, covered_title: which share of the question's words it and its title
have, weighted by rarity among the candidates; alike: its cosine to question and first hits (relevance feedback:
Rocchio, 1971); near_first: to the question and one first hit; names_of_first: its BM25 for the names of a first hit, as
a share; asked_by_title, called_in_first: its document is called by a name of the question, or of a first hit; timely:
how near its document's date is to the time that the question names, or how new it is where it asks for the newest."""
WEEK = 7.0
"""Days outside of the time asked for after which a document counts a third."""
FADES = 60
"""Ranks count as 60 / (60 + rank): the constant of reciprocal rank fusion."""
FEEDBACK = 0.5
"""What the mean of the first hits counts for beside the question."""

_WORD = re.compile(r"\w+")


@dataclass(slots=True)
class Leads:
    """What the first hits lead to, by passage id; `first` are their vectors, shape (hits, dimensions)."""

    first: Vectors
    near: dict[str, None] = field(default_factory=dict)
    names: dict[str, float] = field(default_factory=dict)
    called: dict[str, float] = field(default_factory=dict)
    asked: dict[str, None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Found:
    """A question with all that the searches found; `titles` are by document id."""

    question: str
    vector: Vectors
    dense: Sequence[Hit]
    lexical: Sequence[Hit]
    leads: Leads
    titles: Mapping[str, str]
    dates: Mapping[str, str | None] = field(default_factory=dict)
    """By document id, as its document states it."""
    period: Period | None = None


def features(found: Found, passages: Sequence[PassageRecord], vectors: Vectors) -> list[tuple[float, ...]]:
    """Return a row a passage, in the order of FEATURES; `vectors` are theirs, shape (passages, dimensions)."""
    cosines = vectors @ found.vector
    alike = vectors @ _unit(found.vector + FEEDBACK * found.leads.first.mean(axis=0))
    near = np.max([vectors @ _unit(found.vector + row) for row in found.leads.first], axis=0)
    best = max((hit.score for hit in found.dense), default=0.0)
    dense = {hit.passage_id: FADES / (FADES + rank) for rank, hit in enumerate(found.dense, start=1)}
    lexical = {hit.passage_id: FADES / (FADES + rank) for rank, hit in enumerate(found.lexical, start=1)}
    top = max((hit.score for hit in found.lexical), default=0.0)
    bm25 = {hit.passage_id: hit.score / max(top, 1e-9) for hit in found.lexical}
    words = [_stems(passage.text) for passage in passages]
    titles = [_stems(found.titles.get(passage.document_id, "")) for passage in passages]
    weights = _rarity(_stems(found.question), words)
    total = sum(weights.values()) or 1.0
    timely = _timely(found)
    return [
        (
            float(cosines[i]),
            float(cosines[i]) - best,
            bm25.get(passage.id, 0.0),
            dense.get(passage.id, 0.0),
            lexical.get(passage.id, 0.0),
            sum(weight for word, weight in weights.items() if word in words[i] or word in titles[i]) / total,
            sum(weight for word, weight in weights.items() if word in titles[i]) / total,
            float(alike[i]),
            float(near[i]),
            found.leads.names.get(passage.id, 0.0),
            float(passage.id in found.leads.asked),
            found.leads.called.get(passage.id, 0.0),
            timely.get(passage.document_id, 0.0),
            math.log1p(len(words[i])) / 5,
        )
        for i, passage in enumerate(passages)
    ]


def _timely(found: Found) -> dict[str, float]:
    """Return how well the date of each dated document meets the time that the question names; nothing if it doesn't."""
    if found.period is None:
        return {}
    if found.period.start or found.period.end:
        off = {id: found.period.days_off(day) for id, day in found.dates.items()}
        return {id: math.exp(-days / WEEK) for id, days in off.items() if days is not None}
    order = sorted((day, id) for id, day in found.dates.items() if day)
    if found.period.prefer == "oldest":
        order.reverse()
    return {id: (rank + 1) / len(order) for rank, (_, id) in enumerate(order)}


def _unit(vector: Vectors) -> Vectors:
    unit: Vectors = vector / max(float(np.linalg.norm(vector)), 1e-9)
    return unit


def _rarity(asked: frozenset[str], texts: Sequence[frozenset[str]]) -> dict[str, float]:
    """Return the weight of each word of the question that a candidate has: the fewer have it, the more."""
    counts = Counter(word for words in texts for word in asked & words)
    return {word: math.log((len(texts) + 1) / (count + 0.5)) for word, count in counts.items()}


@lru_cache(maxsize=4096)
def _stems(text: str) -> frozenset[str]:
    words = {word for word in _WORD.findall(text.casefold()) if word not in STOP_WORDS}
    return frozenset(_stemmer().stemWords(list(words)))


@cache
def _stemmer() -> Stemmer:
    import Stemmer

    return Stemmer.Stemmer("porter")
