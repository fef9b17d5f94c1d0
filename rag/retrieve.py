"""Question -> evidence: dense and lexical search, rank fusion, neighbours, and the sentences worth reading.

Passages are found by cosine and by BM25 and fused by rank (reciprocal rank fusion: Cormack, Clarke, Büttcher,
SIGIR 2009). A small collection is not searched but read whole: every passage is a candidate. Then each sentence of
the candidates gets a probability that it answers (a logistic regression over cheap features, fitted on labelled
questions), near-duplicates collapse into one that lists the others, and the best go in until the budget is full.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from rag.errors import StoreBusyError
from rag.fitted import fitted
from rag.relevance import Candidate, Question, Situation, features, fits, outlook, people
from rag.types import Evidence
from rag.words import content
from vectorstore.store import DocumentRecord, Hit, PassageRecord, Store, Vectors

if TYPE_CHECKING:
    from rag.embed import Embedder

RRF_K = 60
"""The constant of reciprocal rank fusion; 60 in the paper and everywhere since."""
POOL = 50
"""Hits taken from each search before fusion."""
TRIES = 3
"""Searches begun anew because another process changed what was found."""
WHOLE = 60
"""A collection of at most so many passages is read whole."""
REMEMBERED = 20_000
"""Sentence vectors kept in memory: 30 MB at 384 dimensions."""
SAME = 0.8
"""Word overlap (Jaccard) from which two sentences are one with two sources."""


@dataclass(frozen=True, slots=True)
class Found:
    """What a search gives the answer: evidence, best first, and how likely it holds the answer at all."""

    evidence: tuple[Evidence, ...]
    answerable: float
    missing: tuple[str, ...]
    """Words of the question that stand nowhere in what was found."""
    passages: int
    """Passages that were read."""
    situation: Situation = "pool"

    def within(self, tokens: int) -> tuple[Evidence, ...]:
        """Return what of the evidence a budget of `tokens` has room for."""
        return within(self.evidence, tokens)


class SentenceVectors:
    """The vectors of the sentences read last: the next question over the same documents embeds only itself."""

    def __init__(self, most: int = REMEMBERED) -> None:
        self._rows: OrderedDict[str, Vectors] = OrderedDict()
        self._most = most
        self._lock = threading.Lock()

    def of(self, texts: Sequence[str], embedder: Embedder) -> Vectors:
        """Return one row a text, embedding only the texts that are not remembered."""
        with self._lock:
            known = {text: self._rows[text] for text in texts if text in self._rows}
        new = [text for text in dict.fromkeys(texts) if text not in known]
        if new:
            known |= dict(zip(new, embedder.documents(new), strict=True))
        with self._lock:
            for text in texts:
                self._rows[text] = known[text]
                self._rows.move_to_end(text)
            while len(self._rows) > self._most:
                self._rows.popitem(last=False)
        return np.stack([known[text] for text in texts])


@dataclass(frozen=True, slots=True)
class Retriever:
    """Searches one store with one embedder; remembers sentences, never questions."""

    store: Store
    embedder: Embedder
    passages: int = 8
    remembered: SentenceVectors = field(default_factory=SentenceVectors)

    def search(self, question: str, collection: str, document_ids: Sequence[str] | None = None) -> Found:
        """Return the sentences that may answer, best first; `document_ids` restricts the search to these.

        Raises:
            StoreBusyError: another process kept changing the very documents that were found.
        """
        vector = self.embedder.query(question)
        changed: KeyError | None = None
        for _ in range(TRIES):
            try:
                return self._search(question, vector, collection, document_ids)
            except KeyError as error:  # a passage was removed or replaced since it was found
                changed = error
        raise StoreBusyError(
            f"Collection {collection!r} is being changed all the time; ask again when that is done."
        ) from changed

    def _search(self, question: str, vector: Vectors, collection: str, document_ids: Sequence[str] | None) -> Found:
        passages, situation = self.candidates(question, vector, collection, document_ids)
        candidates = self.sentences(passages)
        # Offsets of one version must not be used in the text of another.
        if self.store.passages([passage.id for passage in passages]) != passages:
            raise KeyError(collection)
        if not candidates:
            return Found((), 0.0, (), len(passages))
        asked = Question.of(question, [candidate.text for candidate in candidates])
        scored = self.score(asked, vector, candidates, passages, situation)
        chance, missing = outlook(asked, [candidate for candidate, _ in scored], situation)
        known = people([candidate.text for candidate in candidates])
        fitting = [(replace(c, evidence=replace(c.evidence, fits=fits(asked, c, known))), score) for c, score in scored]
        evidence = tuple(_collapse(fitting, self._copies(passages)))
        return Found(evidence, chance, missing, len(passages), situation)

    def fuse(
        self, question: str, vector: Vectors, collection: str, document_ids: Sequence[str] | None = None
    ) -> list[Hit]:
        """Return passages by reciprocal rank fusion of the dense and the lexical search, best first."""
        dense = self.store.dense(collection, vector, POOL, document_ids)
        lexical = self.store.lexical(collection, question, POOL, document_ids)
        return fuse([[hit.passage_id for hit in hits] for hits in (dense, lexical)])

    def fused(self, question: str, collection: str, document_ids: Sequence[str] | None = None) -> list[PassageRecord]:
        """Return the passages as the fused searches order them, before any sentence is ranked: for measuring that."""
        hits = self.fuse(question, self.embedder.query(question), collection, document_ids)
        return self.store.passages([hit.passage_id for hit in hits])

    def candidates(
        self, question: str, vector: Vectors, collection: str, document_ids: Sequence[str] | None = None
    ) -> tuple[list[PassageRecord], Situation]:
        """Return the passages to read: the whole of what is small, else the best of the fused searches."""
        hits = self.fuse(question, vector, collection, document_ids)
        wanted = None if document_ids is None else set(document_ids)
        documents = [d for d in self.store.documents(collection) if wanted is None or d.id in wanted]
        if sum(document.passages for document in documents) <= WHOLE:
            ranked = {hit.passage_id: rank for rank, hit in enumerate(hits)}
            whole = self.store.passages_of([document.id for document in documents])
            return sorted(whole, key=lambda passage: ranked.get(passage.id, len(ranked))), "whole"
        return self.store.passages([hit.passage_id for hit in hits[: self.passages * 2]]), "pool"

    def sentences(self, passages: Sequence[PassageRecord]) -> list[Candidate]:
        """Return the sentences of passages (best passage first), with exact spans and what stands around them."""
        documents: dict[str, DocumentRecord] = {}
        for document_id in dict.fromkeys(passage.document_id for passage in passages):
            record = self.store.document(document_id)
            if record is not None:
                documents[document_id] = record
        found: list[Candidate] = []
        for rank, passage in enumerate(passages):
            document = documents.get(passage.document_id)
            if document is None:  # removed by another process since the search
                continue
            texts = [document.text[start:end] for start, end in passage.sentences]
            around = tuple(texts)
            for place, (start, end) in enumerate(passage.sentences):
                evidence = Evidence(
                    document.id,
                    passage.id,
                    start,
                    end,
                    texts[place],
                    0.0,
                    document.title,
                    document.uri,
                    document.published_at,
                    passage.page,
                    f"p. {passage.page}" if passage.page else f"line {document.text.count(chr(10), 0, start) + 1}",
                )
                found.append(Candidate(evidence, rank, place, around))
        return found

    def score(
        self,
        asked: Question,
        vector: Vectors,
        candidates: Sequence[Candidate],
        passages: Sequence[PassageRecord],
        situation: Situation,
    ) -> list[tuple[Candidate, float]]:
        """Return candidates with their probability, best first."""
        rows = self.remembered.of([candidate.text for candidate in candidates], self.embedder)
        mean = rows.mean(axis=0)
        centred = _cosines(rows - mean, vector - mean)
        whole = _cosines(self.store.vectors([passage.id for passage in passages]) - mean, vector - mean)
        of_passage = dict(zip((passage.id for passage in passages), whole, strict=True))
        relevance = fitted(f"relevance_{situation}")

        def beside(i: int, step: int) -> float:
            j = i + step
            there = 0 <= j < len(candidates) and candidates[j].passage is candidates[i].passage
            return float(centred[j]) if there else 0.0

        seen = [
            replace(
                candidate,
                cosine=float(rows[i] @ vector),
                centred=float(centred[i]),
                passage_centred=float(of_passage[candidate.evidence.passage_id]),
                before_centred=beside(i, -1),
                after_centred=beside(i, +1),
            )
            for i, candidate in enumerate(candidates)
        ]
        scored = [(candidate, relevance(features(asked, candidate))) for candidate in seen]
        return sorted(scored, key=lambda pair: -pair[1])

    def _copies(self, passages: Sequence[PassageRecord]) -> dict[str, tuple[str, ...]]:
        """Return for each passage the documents that hold a near-duplicate of it."""
        near = self.store.near_duplicates([passage.id for passage in passages])
        return {
            passage.id: tuple(
                dict.fromkeys(
                    other.document_id
                    for other in near.get(passage.id, ())
                    if other.document_id != passage.document_id and _alike(content(passage.text), content(other.text))
                )
            )
            for passage in passages
        }


def _cosines(rows: Vectors, vector: Vectors) -> Vectors:
    lengths = np.linalg.norm(rows, axis=1) * np.linalg.norm(vector)
    cosines: Vectors = rows @ vector / np.maximum(lengths, 1e-9)
    return cosines


def fuse(rankings: Iterable[Sequence[str]], k: int = RRF_K) -> list[Hit]:
    """Return reciprocal rank fusion: each id scores the sum of 1 / (k + rank), ranks from 1; ties by id.

    An id that stands twice in one ranking counts once, at its best rank. Source: Cormack et al., SIGIR 2009.
    """
    scores: dict[str, float] = {}
    for ranking in rankings:
        for rank, item in enumerate(dict.fromkeys(ranking), start=1):
            scores[item] = scores.get(item, 0.0) + 1 / (k + rank)
    return [Hit(item, score) for item, score in sorted(scores.items(), key=lambda pair: (-pair[1], pair[0]))]


def _alike(one: frozenset[str], other: frozenset[str]) -> bool:
    return len(one & other) >= SAME * max(1, len(one | other))


def _collapse(scored: Sequence[tuple[Candidate, float]], copies: dict[str, tuple[str, ...]]) -> list[Evidence]:
    """Merge sentences that say the same in the same words: the best stands, `also_in` names the other documents."""
    kept: list[tuple[Evidence, frozenset[str], list[str]]] = []
    for candidate, score in scored:
        words = content(candidate.text)
        twin = next((entry for entry in kept if _alike(words, entry[1])), None)
        if twin is None:
            also = list(copies.get(candidate.evidence.passage_id, ()))
            kept.append((replace(candidate.evidence, score=score), words, also))
        elif candidate.evidence.document_id != twin[0].document_id:
            twin[2].append(candidate.evidence.document_id)
    return [
        replace(evidence, also_in=tuple(dict.fromkeys(d for d in also if d != evidence.document_id)))
        for evidence, _, also in kept
    ]


def within(evidence: Sequence[Evidence], budget: int) -> tuple[Evidence, ...]:
    """Return the best of the evidence that fit in `budget` tokens; the first is taken whatever it costs."""
    taken: list[Evidence] = []
    left = budget
    for item in evidence:
        cost = estimate(item.text)
        if taken and cost > left:
            continue
        taken.append(item)
        left -= cost
    return tuple(taken)


def fitting_first(evidence: Sequence[Evidence]) -> list[Evidence]:
    """Return the evidence with what can answer by itself before the rest: for a list, each such sentence counts."""
    return sorted(evidence, key=lambda item: not item.fits)


def estimate(text: str) -> int:
    """Return about how many tokens a text is for a language model: a quarter of its letters, each one beyond Latin."""
    beyond = sum(character > "\u024f" for character in text)
    return beyond + (len(text) - beyond) // 4 + 1
