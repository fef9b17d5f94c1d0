"""What a store is: its records and its protocol. The lowest layer; it imports nothing of the project but errors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]
"""Shape (n, dimensions), rows of unit length."""


@dataclass(frozen=True, slots=True)
class DocumentRecord:
    """A document as the catalogue keeps it. `id` is a function of collection and uri, so it survives updates."""

    id: str
    collection: str
    uri: str
    title: str
    text: str
    content_hash: str
    media_type: str = "text/plain"
    published_at: str | None = None
    author: str | None = None
    pages: tuple[tuple[int, int], ...] = ()
    size: int = 0
    """Bytes of the source file."""
    modified: float = 0.0
    """The source file's mtime (seconds since the epoch), to tell an unchanged file without reading it."""
    pipeline: str = ""
    """Fingerprint of the loading, cleaning and chunking that made the passages: another one means: read again."""
    added_at: str = ""
    places: tuple[tuple[int, int, str], ...] = ()
    """(start, end, label) of named parts of the text: slides, rows of a sheet, chapters."""
    language: str = ""
    """ISO 639-1 code, or "" where it isn't known: by it words are brought to their stems."""


@dataclass(frozen=True, slots=True)
class PassageRecord:
    """A passage as the catalogue keeps it; `sentences` are (start, end) spans in the document's text."""

    id: str
    document_id: str
    ordinal: int
    start: int
    end: int
    text: str
    sentences: tuple[tuple[int, int], ...]
    page: int | None = None
    heading: str = ""
    signature: bytes = b""
    """MinHash signature (see rag.clean), or empty for a passage too short to compare."""
    bands: tuple[bytes, ...] = ()
    """Locality-sensitive keys of the signature: passages that share one are near-duplicate candidates."""
    vector_key: str = ""
    """sha256 (hex) of the exact text that was embedded (passage with its context): the key of the vector cache."""


@dataclass(frozen=True, slots=True)
class DocumentSummary:
    """A row of the list of documents: everything but the text."""

    id: str
    collection: str
    uri: str
    title: str
    content_hash: str
    media_type: str
    published_at: str | None
    author: str | None
    size: int
    modified: float
    pipeline: str
    added_at: str
    passages: int
    characters: int
    language: str = ""


@dataclass(frozen=True, slots=True)
class CollectionInfo:
    """A named set of documents that are searched together, and the embedder it was built with."""

    name: str
    embedding: str
    """Fingerprint of the embedding model (see rag.embed)."""
    dimensions: int
    documents: int
    passages: int


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage that a search found. `score`: higher is better; cosine for dense, -bm25 for lexical."""

    passage_id: str
    score: float


@dataclass(frozen=True, slots=True)
class Finding:
    """One way in which catalogue and index differ, or a file that can't be read, and the command that mends it."""

    kind: str
    """"missing", "extra", "wrong_vector", "unreadable_index", "other_model", "pending", "damaged_catalog", "orphan"."""
    collection: str
    count: int
    detail: str
    mend: str


@dataclass(frozen=True, slots=True)
class FailureRecord:
    """A file, or one within a file, that could not be read, and how often that was tried."""

    collection: str
    uri: str
    reason: str
    attempts: int
    """Times it was tried as it is."""
    deaths: int
    """Times it ended the process that read it."""
    content_hash: str
    """sha256 (hex) of the content that did; else ""."""
    size: int
    modified: float
    """The file's size and mtime when it was tried: with others it is another file."""
    limits: str
    """Mark of the limits and passwords with which it was tried."""
    first_at: str
    last_at: str


class Store(Protocol):
    """Documents, passages and vectors of many collections; the catalogue is the truth, the index follows it."""

    def put(self, document: DocumentRecord, passages: Sequence[PassageRecord], vectors: Vectors) -> None:
        """Add the document or replace its earlier version, as one transaction; on any error nothing changes."""
        ...

    def put_all(self, documents: Sequence[tuple[DocumentRecord, Sequence[PassageRecord], Vectors]]) -> None:
        """Do what `put` does for several documents of one collection, as one transaction."""
        ...

    def move(self, document_id: str, uri: str, title: str, size: int, modified: float) -> None:
        """Give a document another uri and title, and the size and mtime of its file; its passages stay."""
        ...

    def remove(self, document_ids: Sequence[str]) -> int:
        """Remove documents with their passages; return how many there were."""
        ...

    def failures(self, collection: str | None = None) -> list[FailureRecord]:
        """List what could not be read, by uri, of one collection or of all."""
        ...

    def note_failures(self, found: Sequence[FailureRecord]) -> None:
        """Keep failures; one of the same file as it was adds to the attempts and deaths that are known."""
        ...

    def forget_failures(self, collection: str, uris: Sequence[str]) -> None:
        """Forget failures; unknown ones are no error."""
        ...

    def claim(self) -> None:
        """Become the one who writes, or fail at once with what a write would: for before a long preparation."""
        ...

    def release(self) -> None:
        """Take a claim back, so that others may write."""
        ...

    def ensure_collection(self, name: str, embedding: str, dimensions: int) -> CollectionInfo:
        """Create the collection or check its embedder's fingerprint; raise EmbeddingMismatchError on another."""
        ...

    def drop_collection(self, name: str) -> None:
        """Remove a collection with all its documents; nothing happens if there is none."""
        ...

    def collections(self) -> list[CollectionInfo]:
        """List the collections by name."""
        ...

    def revision(self, collection: str) -> int | None:
        """Return a number that changes with every write to the collection, by any process; None if there is none."""
        ...

    def documents(self, collection: str | None = None) -> list[DocumentSummary]:
        """List documents by uri, of one collection or of all."""
        ...

    def document(self, document_id: str) -> DocumentRecord | None:
        """Return one document with its text."""
        ...

    def passages(self, passage_ids: Sequence[str]) -> list[PassageRecord]:
        """Return these passages in the order asked for; unknown ids are left out."""
        ...

    def passages_of(self, document_ids: Sequence[str]) -> list[PassageRecord]:
        """Return all passages of these documents, by document (in the order asked for) and ordinal."""
        ...

    def dense(self, collection: str, vector: Vectors, k: int, document_ids: Sequence[str] | None = None) -> list[Hit]:
        """Return the k nearest passages by cosine; `vector` has shape (dimensions,)."""
        ...

    def lexical(self, collection: str, query: str, k: int, document_ids: Sequence[str] | None = None) -> list[Hit]:
        """Return the k best passages by BM25 over words of `query`, any of which may match."""
        ...

    def near_duplicates(self, passage_ids: Sequence[str]) -> Mapping[str, list[PassageRecord]]:
        """Return for each passage the others of its collection that share a band key (candidates to compare)."""
        ...

    def vectors(self, passage_ids: Sequence[str]) -> Vectors:
        """Return the stored vectors of these passages, shape (n, dimensions), in the order asked for.

        Raises:
            PassageGoneError: one of them is not there.
        """
        ...

    def cached_vectors(self, embedding: str, vector_keys: Sequence[str]) -> dict[str, Vectors]:
        """Return vectors already computed by this embedder for these keys (PassageRecord.vector_key)."""
        ...

    def close(self) -> None:
        """Release the folder; the store can't be used afterwards."""
        ...
