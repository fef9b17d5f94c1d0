"""A document as the store keeps it: its passages, what of each is embedded, and ids that survive updates and moves."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from rag.chunk import chunk
from rag.clean import kept, signature
from rag.embed import Embedder
from rag.errors import DocumentError
from rag.load.titles import readable_name, says_something
from rag.types import Document, FileReport, Passage
from vectorstore.store import DocumentRecord, DocumentSummary, PassageRecord

PIPELINE = "10"
"""Version of loading, cleaning and chunking: raise it when they make other passages of the same file, and every
document is read again at its next ingestion."""
PASSAGE_TOKENS = 200
CONTEXT_TOKENS = 50
"""Tokens of what the embedder reads that are left to title, date, heading and its own special tokens."""
SPECIAL_TOKENS = 2


@dataclass(frozen=True, slots=True)
class Ready:
    """A document with its passages, waiting for those vectors that are not known yet."""

    document: DocumentRecord
    passages: tuple[PassageRecord, ...]
    texts: tuple[str, ...]
    outcome: FileReport


class Recorder:
    """Makes records of documents for one collection; any number of threads may use it.

    Args:
        taken: the uri of each document of the collection by its id. One that was moved has the id of its first uri.
    """

    def __init__(self, collection: str, embedder: Embedder, taken: Mapping[str, str]) -> None:
        self._collection = collection
        self._embedder = embedder
        self._taken = taken
        self._passage_tokens = min(PASSAGE_TOKENS, max(16, embedder.max_tokens - CONTEXT_TOKENS))
        self.pipeline = f"{PIPELINE}/{self._passage_tokens}/{embedder.max_tokens}"

    def ready(self, document: Document, size: int, modified: float, before: DocumentSummary | None) -> Ready:
        """Return the document as it will be stored.

        Raises:
            DocumentError: nothing of it can be asked about.
        """
        passages = chunk(document, kept(document.text), self._embedder.count, max_tokens=self._passage_tokens)
        if not passages:
            raise DocumentError(f"{Path(document.uri).name}: has no text to ask about.")
        texts = tuple(self._context(document, passage) for passage in passages)
        record = DocumentRecord(
            id=before.id if before else self._free_id(document.uri),
            collection=self._collection,
            uri=document.uri,
            title=document.title,
            text=document.text,
            content_hash=document.content_hash,
            media_type=document.media_type,
            published_at=document.published_at,
            author=document.author,
            pages=tuple((page.start, page.end) for page in document.pages),
            size=size,
            modified=modified,
            pipeline=self.pipeline,
            added_at=datetime.now(UTC).isoformat(timespec="seconds"),
            places=tuple((place.start, place.end, place.label) for place in document.places),
            language=document.language,
        )
        rows = tuple(_row(record, passage, text) for passage, text in zip(passages, texts, strict=True))
        said = f"{document.note[0].upper()}{document.note[1:]}." if document.note else ""
        outcome = FileReport(document.uri, "updated" if before else "added", said, record.id, len(rows))
        return Ready(record, rows, texts, outcome)

    def _free_id(self, uri: str) -> str:
        document_id, number = _hex(16, self._collection, uri), 1
        while self._taken.get(document_id, uri) != uri:  # by a document that was here before it was moved
            number += 1
            document_id = _hex(16, self._collection, uri, str(number))
        return document_id

    def _context(self, document: Document, passage: Passage) -> str:
        """Return what is embedded for a passage: where it stands, then its text, within what the embedder reads."""
        room = self._embedder.max_tokens - SPECIAL_TOKENS
        words = _where(document, passage).split()
        while words:
            text = f"{' '.join(words)}\n{passage.text}"
            if self._embedder.count(text) <= room:
                return text
            words = words[: len(words) // 2]
        return passage.text


def _row(document: DocumentRecord, passage: Passage, embedded: str) -> PassageRecord:
    mark, bands = signature(passage.text)
    return PassageRecord(
        id=_hex(24, document.id, document.content_hash, str(passage.start), str(passage.end)),
        document_id=document.id,
        ordinal=passage.ordinal,
        start=passage.start,
        end=passage.end,
        text=passage.text,
        sentences=tuple((span.start, span.end) for span in passage.sentences),
        page=passage.page,
        heading=passage.heading,
        signature=mark,
        bands=bands,
        vector_key=_hex(64, embedded),
    )


def _where(document: Document, passage: Passage) -> str:
    """Return title, date and heading on one line, each only where the passage doesn't begin with it anyway."""
    named = document.title == readable_name(Path(document.uri))
    title = "" if named and not says_something(document.title) else document.title
    parts = []
    if title and not passage.text.startswith(title.removesuffix("…")):
        parts.append(title)
    if document.published_at:
        parts.append(f"({document.published_at})")
    if passage.heading not in {"", title} and not passage.text.startswith(passage.heading):
        parts.append(f"– {passage.heading}" if parts else passage.heading)
    return " ".join(parts)


def _hex(length: int, *parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:length]
