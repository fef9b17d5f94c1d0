"""Question -> passages, best first: dense and lexical search, and what their first hits lead to.

Both searches are fused by rank (reciprocal rank fusion: Cormack, Clarke, Büttcher, SIGIR 2009). The first hits lead
further, for what a question does not name: to passages near both the question and the hit, to those that have the
hit's names, and to the documents that are called by these names (a second hop, as in multi-hop retrieval: Yang et al.,
HotpotQA, EMNLP 2018). All of them are then ranked by what each search said of them (rag.ranking).
"""

from __future__ import annotations

import re
import threading
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date

import numpy as np

from rag.fitted import fitted
from rag.originals import originals
from rag.ranking import FEATURES, Found, Leads, features
from rag.understand.period import Period, period
from vectorstore.store import DocumentSummary, Hit, PassageRecord, Store, Vectors

RRF_K = 60
"""The constant of reciprocal rank fusion; 60 in the paper and everywhere since."""
POOL = 50
"""Hits taken from each search."""
FIRST = 3
"""First hits that are followed further."""
LED = 8
"""Passages taken from each way that leads on from one."""
SHARED_TITLE = 20
"""A title that more passages have leads nowhere: it is that of a long document, or of every "Weekly report"."""
LISTINGS_KEPT = 8

_NAME = re.compile(r"[A-Z][\w'’.-]+(?:\s+(?:(?:of|the|de|da|di|von|van|and|&)\s+)?(?:[A-Z][\w'’.-]+|\d+))*")
_SHORTEST_NAME = 4
_ASIDE = re.compile(r"\s*\([^()]*\)")


def fuse(rankings: Iterable[Sequence[str]], k: int = RRF_K) -> list[Hit]:
    """Return reciprocal rank fusion: each id scores the sum of 1 / (k + rank), ranks from 1; ties by id.

    An id that stands twice in one ranking counts once, at its best rank. Source: Cormack et al., SIGIR 2009.
    """
    scores: dict[str, float] = {}
    for ranking in rankings:
        for rank, item in enumerate(dict.fromkeys(ranking), start=1):
            scores[item] = scores.get(item, 0.0) + 1 / (k + rank)
    return [Hit(item, score) for item, score in sorted(scores.items(), key=lambda pair: (-pair[1], pair[0]))]


def names_in(text: str) -> list[str]:
    """Return what is written like a name, in order: "Antony Blinken", "House of Commons"."""
    return list(dict.fromkeys(found for found in _NAME.findall(text) if len(found) >= _SHORTEST_NAME))


def plain_title(title: str) -> str:
    """Return a title as it is compared: without what stands in brackets, letters and digits in lower case."""
    return " ".join(re.findall(r"\w+", _ASIDE.sub(" ", title).casefold()))


def _parts_of(name: str, longest: int) -> Iterator[str]:
    """Yield a name and every run of two to `longest` of its words, as titles are compared."""
    words = plain_title(name).split()
    yield " ".join(words)
    for first in range(len(words)):
        for last in range(first + 2, min(first + longest, len(words)) + 1):
            yield " ".join(words[first:last])


@dataclass(frozen=True, slots=True)
class Listing:
    """The documents of a collection: their ids by plain title; by id their titles, passages, dates, originals."""

    revision: int | None
    titles: dict[str, str]
    called: dict[str, list[str]]
    passages: dict[str, int]
    dates: dict[str, str | None]
    originals: dict[str, str]
    longest: int
    """Words of the longest of the titles: no longer run of words in a name can be one."""


class Listings:
    """Listings of the last collections, read anew when a collection has changed."""

    def __init__(self) -> None:
        self._known: dict[str, Listing] = {}
        self._lock = threading.Lock()

    def of(self, store: Store, collection: str) -> Listing:
        """Return the listing of a collection as it is now."""
        revision = store.revision(collection)
        with self._lock:
            known = self._known.get(collection)
            if known is None or known.revision != revision:
                known = self._known[collection] = _listed(store, collection, revision)
                while len(self._known) > LISTINGS_KEPT:
                    del self._known[next(iter(self._known))]
            return known


def _listed(store: Store, collection: str, revision: int | None) -> Listing:
    documents = store.documents(collection)
    short: dict[str, list[DocumentSummary]] = defaultdict(list)
    for document in documents:
        if document.passages <= SHARED_TITLE and (name := plain_title(document.title)):
            short[name].append(document)
    called = {
        name: [document.id for document in of_one]
        for name, of_one in short.items()
        if sum(document.passages for document in of_one) <= SHARED_TITLE
    }
    return Listing(
        revision,
        {document.id: document.title for document in documents},
        called,
        {document.id: document.passages for document in documents},
        {document.id: document.published_at for document in documents},
        originals(documents),
        max((len(name.split()) for name in called), default=0),
    )


def _of_period(passages: Sequence[PassageRecord], asked_of: Period | None, listing: Listing) -> list[PassageRecord]:
    """Leave out documents of another time where the question says when they were written ("reports since May")."""
    if asked_of is None or not asked_of.strict:
        return list(passages)
    within = [passage for passage in passages if asked_of.holds(listing.dates.get(passage.document_id))]
    return within or list(passages)


@dataclass(frozen=True, slots=True)
class PassageSearch:
    """Searches one store by one embedder's vectors."""

    store: Store
    listings: Listings = field(default_factory=Listings)
    today: Callable[[], date] = date.today
    """What "last week" counts back from."""

    def fused(self, question: str, vector: Vectors, collection: str, only: Sequence[str] | None = None) -> list[Hit]:
        """Return passages by plain reciprocal rank fusion of the two searches: where all begins."""
        return fuse([[hit.passage_id for hit in hits] for hits in self._both(question, vector, collection, only)])

    def ranked(
        self, question: str, vector: Vectors, collection: str, only: Sequence[str] | None = None
    ) -> list[tuple[PassageRecord, float]]:
        """Return passages with their probability of holding evidence, best first.

        `only` restricts the search to documents with these ids. A passage that another process removed since it was
        found is left out.
        """
        passages, rows = self.candidates(question, vector, collection, only)
        rank = fitted("passages")
        scored = [(passage, rank(row)) for passage, row in zip(passages, rows, strict=True)]
        return sorted(scored, key=lambda pair: (-pair[1], pair[0].id))

    def candidates(
        self, question: str, vector: Vectors, collection: str, only: Sequence[str] | None = None
    ) -> tuple[list[PassageRecord], Vectors]:
        """Return the passages that are ranked, in no order, and a row each of what it is ranked by.

        The rows have the shape (passages, rag.ranking.FEATURES).
        """
        dense, lexical = self._both(question, vector, collection, only)
        fused = fuse([[hit.passage_id for hit in hits] for hits in (dense, lexical)])
        if not fused:
            return [], np.empty((0, len(FEATURES)), dtype=np.float32)
        listing = self.listings.of(self.store, collection)
        leads = self._leads(question, vector, fused[:FIRST], collection, only, listing)
        ids = dict.fromkeys(hit.passage_id for hit in (*dense, *lexical))
        ids |= dict.fromkeys((*leads.near, *leads.names, *leads.called, *leads.asked))
        asked_of = period(question, self.today())
        passages = _of_period(self.store.passages(list(ids)), asked_of, listing)
        if not passages:  # removed by another process since they were found
            return [], np.empty((0, len(FEATURES)), dtype=np.float32)
        dates = {passage.document_id: listing.dates.get(passage.document_id) for passage in passages}
        found = Found(question, vector, dense, lexical, fused, leads, listing.titles, dates, asked_of)
        return passages, features(found, passages, self.store.vectors([passage.id for passage in passages]))

    def in_time(
        self, questions: Iterable[str], passages: Sequence[PassageRecord], collection: str
    ) -> list[PassageRecord]:
        """Return the passages, in their order, that not every question rules out by when they were written."""
        listing = self.listings.of(self.store, collection)
        periods = [period(question, self.today()) for question in questions]
        left = {passage.id for asked_of in periods for passage in _of_period(passages, asked_of, listing)}
        return [passage for passage in passages if passage.id in left]

    def _both(
        self, question: str, vector: Vectors, collection: str, only: Sequence[str] | None
    ) -> tuple[list[Hit], list[Hit]]:
        return (
            self.store.dense(collection, vector, POOL, only),
            self.store.lexical(collection, question, POOL, only),
        )

    def _leads(
        self,
        question: str,
        vector: Vectors,
        first: Sequence[Hit],
        collection: str,
        only: Sequence[str] | None,
        listing: Listing,
    ) -> Leads:
        heads = self.store.passages([hit.passage_id for hit in first])
        if not heads:  # another process has just removed them: nothing leads further than the question
            return Leads(vector[np.newaxis])
        leads = Leads(self.store.vectors([passage.id for passage in heads]))
        worth = {hit.passage_id: hit.score / first[0].score for hit in first}
        asked = {word for name in names_in(question) for word in plain_title(name).split()}
        for passage, row in zip(heads, leads.first, strict=True):
            both = vector + row
            near = self.store.dense(collection, both / np.linalg.norm(both), LED, only)
            leads.near |= dict.fromkeys(hit.passage_id for hit in near)
            names = names_in(f"{listing.titles.get(passage.document_id, '')}. {passage.text}")
            self._follow_names(leads, passage, worth[passage.id], names, asked, question, collection, only)
            for called in self._called(names, listing, only, passage.document_id):
                leads.called[called] = max(leads.called.get(called, 0.0), worth[passage.id])
        leads.asked |= dict.fromkeys(self._called(names_in(question), listing, only, ""))
        return leads

    def _follow_names(
        self,
        leads: Leads,
        passage: PassageRecord,
        worth: float,
        names: Sequence[str],
        asked: set[str],
        question: str,
        collection: str,
        only: Sequence[str] | None,
    ) -> None:
        """Search for the names of a hit that the question doesn't have."""
        known = set(plain_title(question).split()) | asked
        new = [word for name in names for word in plain_title(name).split() if word not in known and len(word) > 2]
        hits = self.store.lexical(collection, " ".join(dict.fromkeys(new)), LED + 1, only) if new else []
        others = [hit for hit in hits if hit.passage_id != passage.id]
        for hit in others[:LED]:
            share = worth * hit.score / max(others[0].score, 1e-9)
            leads.names[hit.passage_id] = max(leads.names.get(hit.passage_id, 0.0), share)

    def _called(self, names: Sequence[str], listing: Listing, only: Sequence[str] | None, but: str) -> list[str]:
        """Return the passages of the documents that are called by one of the names."""
        allowed = None if only is None else set(only)
        wanted = dict.fromkeys(
            document
            for name in names
            for part in _parts_of(name, listing.longest)
            for document in listing.called.get(part, ())
            if document != but and (allowed is None or document in allowed)
        )
        return [passage.id for passage in self.store.passages_of(list(wanted))] if wanted else []
