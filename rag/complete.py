"""The rest of a document of which a search found a part, where the question compares its rows with one another.

A search finds the passages of a long table that have most of the question's words. The cheapest of all rows may stand
in another one, so for such a question the documents that were found first are read whole.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rag.understand.comparing import comparison_of
from vectorstore.store import PassageRecord, Store

FIRST = 3
"""Passages whose documents are read whole."""
LONGEST = 60
"""Passages of a document that is: more would take seconds."""

Ranked = list[tuple[PassageRecord, float]]


def completed(store: Store, question: str, ranked: Ranked, lengths: Mapping[str, int]) -> Ranked:
    """Return passages with their chances, and for a comparison with them the rest of the first documents.

    Args:
        store: what they are stored in.
        question: what is asked.
        ranked: the passages that were found, best first.
        lengths: how many passages each document has.
    """
    if comparison_of(question) is None:
        return ranked
    first = dict.fromkeys(passage.document_id for passage, _ in ranked[:FIRST])
    short = [document for document in first if lengths.get(document, 0) <= LONGEST]
    there = {passage.id for passage, _ in ranked}
    return [*ranked, *((passage, 0.0) for passage in store.passages_of(short) if passage.id not in there)]


def read_whole(passages: Sequence[PassageRecord], texts: Mapping[str, str]) -> frozenset[str]:
    """Return the ids of the documents of which nothing is missing among these passages; `texts` are theirs by id."""
    by_document: dict[str, list[PassageRecord]] = {}
    for passage in passages:
        by_document.setdefault(passage.document_id, []).append(passage)
    return frozenset(
        document
        for document, own in by_document.items()
        if {passage.ordinal for passage in own} == set(range(len(own)))
        and not texts.get(document, "")[max(passage.end for passage in own) :].strip()
    )
