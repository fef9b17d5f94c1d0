"""Sentences and passages that several documents have: shown once, with all of them.

A name or a number that is another one makes another sentence of it, however much else is the same: of two versions of
a report neither may vanish behind the other.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from rag.relevance import Candidate
from rag.types import Evidence
from rag.words import content, names, numbers
from vectorstore.store import PassageRecord

SAME = 0.8
"""Word overlap (Jaccard) from which two sentences are one with two sources."""
Copy = tuple[str, frozenset[str]]
"""A document that has a near-duplicate of a passage, and the words of that."""


def copies(
    passages: Sequence[PassageRecord], near: Mapping[str, Sequence[PassageRecord]]
) -> dict[str, tuple[Copy, ...]]:
    """Return for each passage the documents that hold a near-duplicate of it, with its words; `near` may hold them."""
    return {
        passage.id: tuple(
            (other.document_id, words)
            for other in near.get(passage.id, ())
            if other.document_id != passage.document_id and _alike(content(passage.text), words := content(other.text))
        )
        for passage in passages
    }


@dataclass(slots=True)
class _Kept:
    """A sentence with the documents that have it."""

    evidence: Evidence
    words: frozenset[str]
    hard: frozenset[str]
    """Its names and numbers."""
    also_in: list[str]

    def is_same(self, words: frozenset[str], hard: frozenset[str]) -> bool:
        """Say whether other words say the same: a name or a number that is another one makes them another sentence."""
        return _alike(self.words, words) and not (self.words ^ words) & (self.hard | hard)


def collapse(scored: Sequence[tuple[Candidate, float]], copied: Mapping[str, Sequence[Copy]]) -> list[Evidence]:
    """Merge sentences that say the same in the same words: the best stands, `also_in` names the other documents."""
    kept: list[_Kept] = []
    for candidate, score in scored:
        found, words = candidate.evidence, content(candidate.text)
        hard = names(candidate.text) | numbers(candidate.text)
        twin = next((entry for entry in kept if entry.is_same(words, hard)), None)
        if twin is None:
            also = [document for document, said in copied.get(found.passage_id, ()) if hard <= said]
            kept.append(_Kept(replace(found, score=score), words, hard, also))
        else:
            twin.also_in.append(found.document_id)
    return [replace(one.evidence, also_in=_others(one)) for one in kept]


def _others(kept: _Kept) -> tuple[str, ...]:
    return tuple(dict.fromkeys(document for document in kept.also_in if document != kept.evidence.document_id))


def _alike(one: frozenset[str], other: frozenset[str]) -> bool:
    return len(one & other) >= SAME * max(1, len(one | other))
