"""What is measured: something that finds places in documents and answers questions from them."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Protocol

from rag.seeking import Scope
from rag.types import Answer, Evidence, Turn
from vectorstore.store import PassageRecord

if TYPE_CHECKING:
    from rag.engine import Engine

BUDGETS = (250, 500, 1000, 2000)
"""Tokens of evidence at which is measured whether the gold quotes are among it."""


@dataclass(frozen=True, slots=True)
class Place:
    """Characters `start` to `end` of a document in the store; `text` is what stands there, white space aside."""

    document_id: str
    start: int
    end: int
    text: str
    also_in: tuple[str, ...] = ()
    """Documents that say the same in the same words."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What a search found, at each of its stages."""

    passages: tuple[Place, ...]
    """The passages as the search ranks them, best first."""
    fused: tuple[Place, ...] = ()
    """The passages by plain reciprocal rank fusion of both searches, where that is not their order anyway."""
    within: tuple[tuple[int, tuple[Place, ...]], ...] = ()
    """For each of BUDGETS the sentences that a model with so many tokens of evidence reads."""
    nearest: tuple[Evidence, ...] = ()
    chance: float | None = None
    """How likely the documents answer the question, from 0 to 1, where the system has an opinion of that."""
    seconds: float = 0.0
    """Of the search as a question needs it."""
    understood: str = ""
    """The question as it was searched for, where that is known to be another one."""


class Subject(Protocol):
    """Anything that can be measured with question sets."""

    name: str
    counts_tokens: bool
    """Whether the usage in its answers is what its model said, and not merely unknown."""

    def find(self, question: str, document_ids: Sequence[str] | None, history: Sequence[Turn] = ()) -> Finding:
        """Search for a question after what was said, without writing an answer."""
        ...

    def answer(self, question: str, history: Sequence[Turn], document_ids: Sequence[str] | None) -> Answer:
        """Answer a question."""
        ...

    def text(self, document_id: str) -> str:
        """Return the text of a document, in which places are offsets."""
        ...


class EngineSubject:
    """The product itself."""

    def __init__(self, engine: Engine, collection: str) -> None:
        self.engine = engine
        self.collection = collection
        self.name = engine.settings.llm
        self.counts_tokens = True

    def find(self, question: str, document_ids: Sequence[str] | None, history: Sequence[Turn] = ()) -> Finding:
        """Search as `ask` does, and once more for the order of the passages and for that of plain fusion."""
        # All searches are of the same wordings: their vectors are most of what the others would cost.
        retriever = self.engine.retriever()
        retriever = replace(retriever, embedder=_Once(retriever.embedder))
        scope = Scope(retriever, self.collection, document_ids)
        sought = scope.sought(question, history, self.engine.writer)  # a model may be asked: that is no search
        began = time.perf_counter()
        found = scope.found(sought)
        seconds = time.perf_counter() - began
        wordings = filter(None, (sought.whole, *sought.heard.wordings, sought.alone))
        vectors = {text: retriever.embedder.query(text) for text in wordings}
        copies = {evidence.passage_id: evidence.also_in for evidence in reversed(found.evidence)}
        return Finding(
            passages=tuple(
                _passage(passage, copies.get(passage.id, ()))
                for passage, _ in retriever.ranked(vectors, self.collection, document_ids)
            ),
            fused=tuple(_passage(p, ()) for p in retriever.fused(sought.whole, self.collection, document_ids)),
            within=tuple((tokens, tuple(map(_place, found.within(tokens)))) for tokens in BUDGETS),
            nearest=found.evidence[:5],
            chance=found.answerable,
            seconds=seconds,
            understood=sought.whole,
        )

    def answer(self, question: str, history: Sequence[Turn], document_ids: Sequence[str] | None) -> Answer:
        """Ask."""
        return self.engine.ask(question, collection=self.collection, document_ids=document_ids, history=history)

    def text(self, document_id: str) -> str:
        """Return the text that quotes are copied from."""
        return self.engine.documents.get(document_id).text


class _Once:
    """An embedder that makes the vector of a question once; it lives as long as one `find`."""

    def __init__(self, embedder: Any) -> None:
        self._embedder = embedder
        self._known: dict[str, Any] = {}

    def query(self, text: str) -> Any:
        if text not in self._known:
            self._known[text] = self._embedder.query(text)
        return self._known[text]

    def __getattr__(self, name: str) -> Any:
        return getattr(self._embedder, name)


def _place(evidence: Evidence) -> Place:
    return Place(evidence.document_id, evidence.start, evidence.end, evidence.text, evidence.also_in)


def _passage(passage: PassageRecord, also_in: tuple[str, ...]) -> Place:
    return Place(passage.document_id, passage.start, passage.end, passage.text, also_in)
