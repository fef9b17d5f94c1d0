"""Question -> evidence: dense and lexical search, rank fusion, neighbours, and the sentences worth reading.

Passages are found by cosine, by BM25 and by what the first hits lead to, and ranked (rag.search), by a cross-encoder,
too, where the settings name one. A small collection is read whole: every passage is a candidate. Then each sentence of
the candidates gets a probability that it answers (a logistic regression over cheap features, fitted on labelled
questions), what several documents say is there once and lists the others, and the best go in until the budget is full.
"""

from __future__ import annotations

import os
import threading
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from rag.announced import listed
from rag.budget import within
from rag.columns import in_full, is_head
from rag.complete import completed, read_whole
from rag.copies import collapse, copies
from rag.entries import lined
from rag.errors import PassageGoneError, StoreBusyError
from rag.fitted import fitted
from rag.mend import letters
from rag.places import place_of
from rag.rankings import Ranking, best_of, either_of, mean_of, read_beside
from rag.relevance import Candidate, Question, Situation, features, fits, outlook
from rag.search import Listings, PassageSearch, fuse
from rag.types import Evidence
from rag.understand.casing import cased
from rag.understand.people import people
from rag.understand.roles import role_wordings
from rag.understand.spelling import respelt
from vectorstore.store import DocumentRecord, PassageRecord, Store, Vectors

if TYPE_CHECKING:
    from rag.cross import Reranker
    from rag.embed import Embedder

TRIES = 3
"""Searches begun anew because another process changed what was found."""
WHOLE = 60
"""A collection of at most so many passages is read whole."""
READ_FOR_A_WORD = 50
"""Passages read to see how the documents write a word that nobody knows."""
REREAD = 30
"""Passages that a reranker reads."""
REMEMBERED = 20_000
"""Sentence vectors kept in memory: 30 MB at 384 dimensions."""


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
    answered: tuple[str, ...] = ()
    """Of a question that asks several things, those that what was found may answer."""
    unanswered: tuple[str, ...] = ()
    """Those of them that nothing is near; none where nothing is near any."""

    def asks(self, question: str) -> str:
        """Return what a model is to be asked: of two things that a question asks the one that may be answered."""
        return self.answered[0] if self.unanswered and len(self.answered) == 1 else question

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
    reranker: Reranker | None = None
    reader: Reranker | None = None
    remembered: SentenceVectors = field(default_factory=SentenceVectors)
    listings: Listings = field(default_factory=Listings)
    turn: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(max(2, os.cpu_count() or 2)))
    """Of those who search at once: more than there are cores only get into each other's way."""

    @property
    def searching(self) -> PassageSearch:
        """The search for passages of the same store."""
        return PassageSearch(self.store, self.listings)

    def search(
        self,
        question: str,
        collection: str,
        document_ids: Sequence[str] | None = None,
        *,
        also: Sequence[str] = (),
        parts: Sequence[str] = (),
        as_asked: str = "",
        otherwise: str = "",
    ) -> Found:
        """Return the sentences that may answer, best first; `document_ids` restricts the search to these.

        `also` are other wordings of the question: passages are searched by each, and the rankings fused. `parts` are
        questions that it is made of: a sentence is worth what it is worth to the one that it answers best. `as_asked`
        are the words of a follow-up alone where `question` is a guess at what it means: a sentence is then worth the
        mean of what it is to both, for what was asked counts, and that alone may say too little. `otherwise` is
        `question` in other words: a sentence is worth what it is worth to the better of both.

        Raises:
            StoreBusyError: another process kept changing the very documents that were found.
        """
        parts = (as_asked,) if as_asked else parts if len(parts) > 1 else ()
        asked = list(dict.fromkeys((question, *parts)))
        searched = list(dict.fromkeys((question, *also, *parts, *filter(None, (otherwise,)))))
        changed: PassageGoneError | None = None
        with self.turn:
            vectors = {wording: self.embedder.query(wording) for wording in searched}
            for _ in range(TRIES):
                try:
                    return self._search(vectors, asked, collection, document_ids, bool(as_asked), otherwise)
                except PassageGoneError as error:
                    changed = error
        raise StoreBusyError(
            f"Collection {collection!r} is being changed all the time; ask again when that is done."
        ) from changed

    def in_their_words(
        self, question: str, collection: str, document_ids: Sequence[str] | None = None
    ) -> tuple[str, ...]:
        """Return a question as its documents would put it: what is misspelt as they write it, roles with their names.

        That is what is best searched for; with it comes, if there is one, the other wording of its roles.
        `document_ids` restricts what is looked at to these.
        """

        def there(word: str) -> bool:
            return bool(self.store.lexical(collection, word, 1, document_ids))

        def common(word: str) -> bool:
            return self.embedder.count(word) <= 1

        having = partial(self._having, collection, document_ids)
        return role_wordings(respelt(question, there, common, having), having)

    def in_their_capitals(self, question: str, collection: str, document_ids: Sequence[str] | None = None) -> str:
        """Return a question typed without capitals with those that its documents write; see rag.understand.casing."""
        return cased(question, partial(self._having, collection, document_ids))

    def _having(self, collection: str, document_ids: Sequence[str] | None, words: Sequence[str]) -> list[str]:
        """Return what passages have of any of some words, one text a document."""
        hits = self.store.lexical(collection, " ".join(words), READ_FOR_A_WORD, document_ids)
        texts: dict[str, list[str]] = {}
        for passage in self.store.passages([hit.passage_id for hit in hits]):
            texts.setdefault(passage.document_id, []).append(passage.text)
        return ["\n".join(of_one) for of_one in texts.values()]

    def _search(
        self,
        wordings: Mapping[str, Vectors],
        questions: Sequence[str],
        collection: str,
        document_ids: Sequence[str] | None,
        in_two_wordings: bool,
        otherwise: str,
    ) -> Found:
        ranked, situation = self.candidates(wordings, collection, document_ids)
        passages = [passage for passage, _ in ranked]
        candidates = self.sentences(passages, [chance for _, chance in ranked])
        # Offsets of one version must not be used in the text of another.
        if self.store.passages([passage.id for passage in passages]) != passages:
            raise PassageGoneError("A passage was removed or replaced while its document was read; ask again.")
        if not candidates:
            return Found((), 0.0, (), len(passages))
        texts = [candidate.text for candidate in candidates]
        asked = [Question.of(question, texts) for question in (*questions, *filter(None, (otherwise,)))]
        rankings = [self.score(one, wordings[one.text], candidates, passages, situation) for one in asked]
        if otherwise:
            rankings = [either_of([rankings[0], rankings[-1]]), *rankings[1:-1]]
        ranking = mean_of(rankings) if in_two_wordings else best_of(rankings, asked[: len(rankings)])
        scored = listed(asked[0], ranking, partial(self.nearness, wordings[asked[0].text]))
        ordered = [candidate for candidate, _ in scored]
        chance, missing = outlook(asked[0], ordered, situation)
        if any(candidate.evidence.listed for candidate in ordered[:1]):  # its entries have few of the question's words
            chance = max(chance, outlook(asked[0], [candidate for candidate, _ in ranking], situation)[0])
        parts = {} if in_two_wordings else _outlooks(asked[1 : len(questions)], rankings[1:], situation)
        near_enough = fitted(f"answerable_{situation}").thresholds["lenient"]
        answered = tuple(part for part, likely in parts.items() if likely >= near_enough)
        unanswered = tuple(part for part in parts if answered and part not in answered)
        chance = max(chance, *parts.values()) if answered else chance
        if in_two_wordings:  # what a follow-up misses is said in its own words, not in those of the question before
            missing = outlook(asked[len(questions) - 1], ordered, situation)[1]
        known = people(texts)
        fitting = [
            (replace(c, evidence=replace(c.evidence, fits=any(fits(one, c, known) for one in asked))), score)
            for c, score in scored
        ]
        near = self.store.near_duplicates([passage.id for passage in passages])
        originals = self.searching.listings.of(self.store, collection).originals
        evidence = tuple(collapse(fitting, copies(passages, near, document_ids), originals))
        return Found(evidence, chance, missing, len(passages), situation, answered, unanswered)

    def ranked(
        self, wordings: Mapping[str, Vectors], collection: str, document_ids: Sequence[str] | None = None
    ) -> list[tuple[PassageRecord, float]]:
        """Return passages with their probability of holding evidence, best first.

        `wordings` are the question and its other wordings, each with its vector; the rankings of several are fused.
        """
        rankings = [
            self.searching.ranked(wording, vector, collection, document_ids) for wording, vector in wordings.items()
        ]
        if len(rankings) == 1:
            return self._reread(rankings[0], next(iter(wordings)))
        found = {passage.id: passage for ranking in rankings for passage, _ in ranking}
        chances: dict[str, float] = {}
        for passage, chance in (pair for ranking in rankings for pair in ranking):
            chances[passage.id] = max(chance, chances.get(passage.id, 0.0))
        order = fuse([[passage.id for passage, _ in ranking] for ranking in rankings])
        fused = [(found[hit.passage_id], chances[hit.passage_id]) for hit in order]
        return self._reread(fused, next(iter(wordings)))

    def _reread(self, ranking: list[tuple[PassageRecord, float]], question: str) -> list[tuple[PassageRecord, float]]:
        """Put the first passages in the reranker's order, if there is one; the chances stay those of the ranks."""
        if self.reranker is None:
            return ranking
        first = ranking[:REREAD]
        scores = self.reranker.scores(question, [passage.text for passage, _ in first])
        order = sorted(range(len(first)), key=lambda at: -scores[at])
        chances = sorted((chance for _, chance in first), reverse=True)
        return [(first[at][0], chance) for at, chance in zip(order, chances, strict=True)] + ranking[REREAD:]

    def fused(self, question: str, collection: str, document_ids: Sequence[str] | None = None) -> list[PassageRecord]:
        """Return the passages as plain reciprocal rank fusion orders them: the baseline to measure against."""
        hits = self.searching.fused(question, self.embedder.query(question), collection, document_ids)
        return self.store.passages([hit.passage_id for hit in hits])

    def candidates(
        self, wordings: Mapping[str, Vectors], collection: str, document_ids: Sequence[str] | None = None
    ) -> tuple[list[tuple[PassageRecord, float]], Situation]:
        """Return the passages to read, best first: the best with their probability, or all of what is small with 0."""
        ranked = self.ranked(wordings, collection, document_ids)
        listing = self.searching.listings.of(self.store, collection)
        ids = [d for d in dict.fromkeys(document_ids or ()) if d in listing.passages]
        ids = list(listing.passages) if document_ids is None else ids
        if sum(listing.passages[document] for document in ids) > WHOLE:
            best = ranked[: self.passages * 2]
            return completed(self.store, next(iter(wordings)), best, listing.passages), "pool"
        there = {passage.id for passage, _ in ranked}
        others = [passage for passage in self.store.passages_of(ids) if passage.id not in there]
        whole = self.searching.in_time(wordings, [*(passage for passage, _ in ranked), *others], collection)
        # Where everything is about one thing, a passage that has more of the question's words is no likelier to answer.
        return [(passage, 0.0) for passage in whole], "whole"

    def sentences(self, passages: Sequence[PassageRecord], chances: Sequence[float] = ()) -> list[Candidate]:
        """Return the sentences of passages (best passage first), with exact spans and what stands around them.

        `chances` are the passages' probabilities of holding evidence.
        """
        documents: dict[str, DocumentRecord] = {}
        for document_id in dict.fromkeys(passage.document_id for passage in passages):
            record = self.store.document(document_id)
            if record is not None:
                documents[document_id] = record
        whole = read_whole(passages, {document.id: document.text for document in documents.values()})
        found: list[Candidate] = []
        for rank, passage in enumerate(passages):
            document = documents.get(passage.document_id)
            if document is None:  # removed by another process since the search
                continue
            texts = [document.text[start:end] for start, end in passage.sentences]
            around = tuple(texts)
            lines = lined(document.text, passage.sentences, passage.heading)
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
                    place_of(document, passage, start),
                    heading=lines[place].heading,
                    in_full=in_full(document.text, start, end),
                    in_part=document.id not in whole,
                )
                chance = chances[rank] if chances else 0.0
                entry = lines[place].entry and not is_head(document.text, start, end)
                author = document.author or ""
                found.append(
                    Candidate(
                        evidence,
                        rank,
                        place,
                        around,
                        chance=chance,
                        entry=entry,
                        section=lines[place].section,
                        author=author,
                    )
                )
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
        relevance = fitted(f"relevance_{situation}")
        seen = self.compared(vector, candidates, passages)
        scored = [(candidate, relevance(features(asked, candidate))) for candidate in seen]
        ranking = sorted(scored, key=lambda pair: -pair[1])
        return ranking if self.reader is None else read_beside(asked.text, ranking, self.reader, situation)

    def nearness(self, vector: Vectors, texts: Sequence[str]) -> list[float]:
        """Return the cosines of texts to a question's vector."""
        rows = self.remembered.of([letters(text) for text in texts], self.embedder)
        return [float(cosine) for cosine in _cosines(rows, vector)]

    def compared(
        self, vector: Vectors, candidates: Sequence[Candidate], passages: Sequence[PassageRecord]
    ) -> list[Candidate]:
        """Return candidates with their cosines to a question's vector, in their order."""
        rows = self.remembered.of([letters(candidate.text) for candidate in candidates], self.embedder)
        mean = rows.mean(axis=0)
        centred = _cosines(rows - mean, vector - mean)
        whole = _cosines(self.store.vectors([passage.id for passage in passages]) - mean, vector - mean)
        of_passage = dict(zip((passage.id for passage in passages), whole, strict=True))

        def beside(i: int, step: int) -> float:
            j = i + step
            there = 0 <= j < len(candidates) and candidates[j].passage is candidates[i].passage
            return float(centred[j]) if there else 0.0

        return [
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


def _outlooks(parts: Sequence[Question], rankings: Sequence[Ranking], situation: Situation) -> dict[str, float]:
    """Return for each of several things that a question asks how likely it is answered, by its own ranking."""
    each = zip(parts, rankings, strict=True)
    return {part.text: outlook(part, [candidate for candidate, _ in ranking], situation)[0] for part, ranking in each}


def _cosines(rows: Vectors, vector: Vectors) -> Vectors:
    lengths = np.linalg.norm(rows, axis=1) * np.linalg.norm(vector)
    cosines: Vectors = rows @ vector / np.maximum(lengths, 1e-9)
    return cosines
