"""Documents into the store, batch by batch: only texts that were never embedded are."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from rag.embed import Embedder
from rag.ingest.moves import Moved
from rag.ingest.records import Ready
from rag.types import FileReport, Progress, Step
from vectorstore.store import DocumentSummary, Store, Vectors

BATCH = 64
"""Passages that are embedded at once; documents are stored, each as a whole, when all of theirs are."""


class Writer:
    """Collects what became of the files of one ingestion, and stores it."""

    def __init__(self, store: Store, embedder: Embedder, collection: str, progress: Progress) -> None:
        self._store = store
        self._embedder = embedder
        self._collection = collection
        self._progress = progress
        self._waiting: list[Ready] = []
        self._passages = 0
        self._to_embed = 0
        self._is_claimed = False
        self.embedded = 0
        self.reports: list[FileReport] = []

    def add(self, ready: Ready) -> None:
        """Take a document, and store it when there are enough of them to embed at once."""
        self._waiting.append(ready)
        self._passages += len(ready.texts)
        if self._passages >= BATCH:
            self.flush()

    def flush(self) -> None:
        """Store what was taken."""
        waiting, self._waiting, self._passages = self._waiting, [], 0
        if not waiting:
            return
        # Before the embedding: a process that has to be refused is refused before it works in vain.
        if not self._is_claimed:
            self._store.claim()
            self._is_claimed = True
        self.ensure_collection()
        vectors = self._vectors(waiting)
        self._store.put_all(
            [
                (ready.document, ready.passages, np.stack([vectors[one.vector_key] for one in ready.passages]))
                for ready in waiting
            ]
        )
        self.reports += [ready.outcome for ready in waiting]

    def close(self) -> None:
        """Let other processes write."""
        if self._is_claimed:
            self._is_claimed = False
            self._store.release()

    def move(self, moved: Moved) -> None:
        """Give a document the path that its file has now."""
        self._store.move(moved.before.id, moved.uri, moved.title, moved.size, moved.modified)
        self.reports.append(moved.outcome)

    def remove(self, gone: Sequence[DocumentSummary], why: str) -> None:
        """Remove documents."""
        if gone:
            self._store.remove([summary.id for summary in gone])
            self.reports += [FileReport(one.uri, "removed", why, one.id) for one in gone]

    def ensure_collection(self) -> None:
        """Make the collection, or raise EmbeddingMismatchError where it is of another model."""
        self._store.ensure_collection(self._collection, self._embedder.fingerprint, self._embedder.dimensions)

    def _vectors(self, waiting: Sequence[Ready]) -> dict[str, Vectors]:
        """Return the vector of each passage by its key."""
        texts = {
            passage.vector_key: text
            for ready in waiting
            for passage, text in zip(ready.passages, ready.texts, strict=True)
        }
        vectors = dict(self._store.cached_vectors(self._embedder.fingerprint, list(texts)))
        missing = [key for key in texts if key not in vectors]
        if missing:
            done = self.embedded
            self._to_embed += len(missing)

            def tell(number: int) -> None:
                self._progress(Step("Embedding passages", done + number, self._to_embed, "passages"))

            rows = self._embedder.documents([texts[key] for key in missing], tell)
            vectors.update(zip(missing, rows, strict=True))
            self.embedded += len(missing)
        return vectors
