"""What a passage is ranked by, once it was found: what each search said of it, as numbers."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from rag.understand.period import Period
from vectorstore.lexical import STOP_WORDS
from vectorstore.store import Hit, PassageRecord, Vectors

if TYPE_CHECKING:
    from Stemmer import Stemmer

FEATURES = (
    "cosine", "bm25", "dense_rank", "lexical_rank", "fused_rank", "rank_of_document", "covered", "covered_at_once",
    "covered_title", "pairs", "alike", "near_first", "names_of_first", "asked_by_title", "called_in_first", "timely",
    "opens", "length",
)  # fmt: skip
"""What is known of a passage, each as standard deviations above the mean of the question's candidates: what a cosine or
a share is worth differs from question to question and from collection to collection, where it stands among the others
doesn't (z-score normalisation, as for score fusion: Wu, Crestani, Bi, AIRS 2006).

cosine: to the question; bm25: as a share of the best one's; dense_rank, lexical_rank, fused_rank: reciprocal ranks;
rank_of_document: the best fused rank of its document's passages; covered, covered_at_once, covered_title: which share
of the question's words it, the best of its sentences, and its title have, weighted by rarity among the candidates;
pairs: how many neighbours of the question are neighbours in one of its sentences; alike: its cosine to question and
first hits (relevance feedback: Rocchio, 1971); near_first: to the question and one first hit; names_of_first: its BM25
for the names of a first hit, as a share; asked_by_title, called_in_first: its document is called by a name of the
question, or of a first hit; timely: how near its document's date is to the time that the question names, or how new it
is where it asks for the newest; opens: it is the first of its document; length: the logarithm of how many different
words it has."""
WEEK = 7.0
"""Days outside of the time asked for after which a document counts a third."""
FADES = 60
"""Ranks count as 60 / (60 + rank): the constant of reciprocal rank fusion."""
FEEDBACK = 0.5
"""What the mean of the first hits counts for beside the question."""

_STILL = 1e-6
"""Keeps what is the same for all candidates at nothing."""
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
    fused: Sequence[Hit]
    leads: Leads
    titles: Mapping[str, str]
    dates: Mapping[str, str | None] = field(default_factory=dict)
    """By document id, as its document states it."""
    period: Period | None = None


def features(found: Found, passages: Sequence[PassageRecord], vectors: Vectors) -> Vectors:
    """Return a row a passage, in the order of FEATURES; `vectors` are theirs, shape (passages, dimensions)."""
    known = _of_searches(found, passages) | _of_words(found, passages) | _of_leads(found, passages, vectors)
    timely = _timely(found)
    known["timely"] = [timely.get(passage.document_id, 0.0) for passage in passages]
    known["opens"] = [float(passage.ordinal == 0) for passage in passages]
    # Double precision: in single, the spread of what is the same for all is no longer nothing.
    rows = np.array([known[name] for name in FEATURES], dtype=np.float64).T
    standard: Vectors = ((rows - rows.mean(axis=0)) / (rows.std(axis=0) + _STILL)).astype(np.float32)
    return standard


def _of_searches(found: Found, passages: Sequence[PassageRecord]) -> dict[str, Sequence[float]]:
    top = max((hit.score for hit in found.lexical), default=0.0)
    bm25 = {hit.passage_id: hit.score / max(top, 1e-9) for hit in found.lexical}
    fused = _reciprocal(found.fused)
    best: dict[str, float] = {}
    for passage in passages:
        best[passage.document_id] = max(best.get(passage.document_id, 0.0), fused.get(passage.id, 0.0))
    by_passage = {
        "bm25": bm25,
        "dense_rank": _reciprocal(found.dense),
        "lexical_rank": _reciprocal(found.lexical),
        "fused_rank": fused,
    }
    ranks: dict[str, Sequence[float]] = {
        name: [known.get(passage.id, 0.0) for passage in passages] for name, known in by_passage.items()
    }
    return ranks | {"rank_of_document": [best[passage.document_id] for passage in passages]}


def _reciprocal(hits: Sequence[Hit]) -> dict[str, float]:
    return {hit.passage_id: FADES / (FADES + rank) for rank, hit in enumerate(hits, start=1)}


def _of_words(found: Found, passages: Sequence[PassageRecord]) -> dict[str, Sequence[float]]:
    runs = [[_stems(sentence) for sentence in _sentences(passage)] for passage in passages]
    words = [frozenset(word for run in of_one for word in run) for of_one in runs]
    titles = [frozenset(_stems(found.titles.get(passage.document_id, ""))) for passage in passages]
    asked = _stems(found.question)
    weights = _rarity(frozenset(asked), words)
    pairs = set(pairwise(asked))
    total = sum(weights.values()) or 1.0

    def share(there: Collection[str]) -> float:
        return sum(weight for word, weight in weights.items() if word in there) / total

    return {
        "covered": [share(there | title) for there, title in zip(words, titles, strict=True)],
        "covered_at_once": [max(map(share, of_one), default=0.0) for of_one in runs],
        "covered_title": [share(title) for title in titles],
        "pairs": [len(pairs & {pair for run in of_one for pair in pairwise(run)}) for of_one in runs],
        "length": [math.log1p(len(there)) for there in words],
    }


def _of_leads(found: Found, passages: Sequence[PassageRecord], vectors: Vectors) -> dict[str, Sequence[float]]:
    first = found.leads.first
    nearest: Vectors = np.max([vectors @ _unit(found.vector + row) for row in first], axis=0)
    return {
        "cosine": list(vectors @ found.vector),
        "alike": list(vectors @ _unit(found.vector + FEEDBACK * first.mean(axis=0))),
        "near_first": list(nearest),
        "names_of_first": [found.leads.names.get(passage.id, 0.0) for passage in passages],
        "asked_by_title": [float(passage.id in found.leads.asked) for passage in passages],
        "called_in_first": [found.leads.called.get(passage.id, 0.0) for passage in passages],
    }


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


def _sentences(passage: PassageRecord) -> Iterator[str]:
    """Yield the sentences of a passage: its text is they, with a space between them."""
    at = 0
    for start, end in passage.sentences:
        yield passage.text[at : at + end - start]
        at += end - start + 1


@lru_cache(maxsize=16_384)
def _stems(text: str) -> tuple[str, ...]:
    words = [word for word in _WORD.findall(text.casefold()) if word not in STOP_WORDS]
    return tuple(_stemmer().stemWords(words))


@cache
def _stemmer() -> Stemmer:
    import Stemmer

    return Stemmer.Stemmer("porter")
