"""Small documents for the store's tests; the same words always get the same vector."""

from __future__ import annotations

import hashlib

import numpy as np

from vectorstore.local import LocalStore
from vectorstore.store import DocumentRecord, PassageRecord, Vectors

MODEL = "fake-model@1"
DIMENSIONS = 16


def vector(text: str, dimensions: int = DIMENSIONS) -> Vectors:
    seed = int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")
    row = np.random.default_rng(seed).normal(size=dimensions).astype(np.float32)
    return row / np.linalg.norm(row)


def vectors(passages: list[PassageRecord]) -> Vectors:
    rows = [vector(passage.text) for passage in passages]
    return np.stack(rows) if rows else np.empty((0, DIMENSIONS), dtype=np.float32)


def document(
    *texts: str, uri: str = "a.txt", collection: str = "notes", bands: tuple[bytes, ...] = ()
) -> tuple[DocumentRecord, list[PassageRecord]]:
    """A document with one passage, and one sentence in it, for each text."""
    document_id = f"{collection}:{uri}"
    passages, at = [], 0
    for ordinal, text in enumerate(texts):
        passages.append(
            PassageRecord(
                id=f"{document_id}#{ordinal}",
                document_id=document_id,
                ordinal=ordinal,
                start=at,
                end=at + len(text),
                text=text,
                sentences=((at, at + len(text)),),
                page=1,
                heading="Heading",
                signature=text.encode()[:8],
                bands=bands,
                vector_key=hashlib.sha256(text.encode()).hexdigest(),
            )
        )
        at += len(text) + 1
    record = DocumentRecord(
        id=document_id,
        collection=collection,
        uri=uri,
        title=f"Title of {uri}",
        text="\n".join(texts),
        content_hash=hashlib.sha256("\n".join(texts).encode()).hexdigest(),
        published_at="2023-06-18",
        author="An Author",
        pages=((0, len("\n".join(texts))),),
        size=len("\n".join(texts).encode()),
        modified=1234.5,
        pipeline="p1",
        added_at="2026-11-21T21:00:00Z",
    )
    return record, passages


def put(
    store: LocalStore, *texts: str, uri: str = "a.txt", collection: str = "notes", bands: tuple[bytes, ...] = ()
) -> str:
    """Put a document of these passages, making its collection; return its id."""
    store.ensure_collection(collection, MODEL, DIMENSIONS)
    record, passages = document(*texts, uri=uri, collection=collection, bands=bands)
    store.put(record, passages, vectors(passages))
    return record.id
