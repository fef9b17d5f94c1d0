"""The store of one machine: SQLite catalogue, word index and Chroma index under one home folder."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from pathlib import Path
from sqlite3 import Connection
from types import TracebackType
from typing import Self

import numpy as np

from vectorstore import catalog, failures, follow, lexical
from vectorstore import passages as rows
from vectorstore.chats import ChatStore
from vectorstore.chroma import ChromaIndex
from vectorstore.database import Database
from vectorstore.dense import Scan
from vectorstore.errors import PassageGoneError, StoreWriteError
from vectorstore.lock import OwnerLock
from vectorstore.marks import WHOLE, Marks, mark, pending
from vectorstore.sound import fitting, refuse_unsound
from vectorstore.store import (
    CollectionInfo,
    DocumentRecord,
    DocumentSummary,
    FailureRecord,
    Hit,
    PassageRecord,
    Vectors,
)

SCAN_PASSAGES = 5_000
"""Up to so many passages, comparing with each costs less than importing chromadb."""
_FILTER_DOCUMENTS = 1_000
"""Chroma makes an SQL parameter of each id it filters by; beyond this, comparing is faster and has no limit."""
_NO_VECTORS: Vectors = np.empty((0, 0), dtype=np.float32)


def open_store(
    home: Path,
    *,
    chroma_url: str | None = None,
    lock_seconds: float = 10.0,
    scan_passages: int = SCAN_PASSAGES,
) -> LocalStore:
    """Open the store in this folder, making it (readable by its user only) if there is none.

    Any number of processes may read, and they take turns to write: a write makes this process the folder's owner until
    it is done, a `claim` until its `release`. `lock_seconds` is how long a write waits for the others; collections of
    up to `scan_passages` passages are searched without the index.

    Raises:
        StoreUnreadableError: the catalogue is damaged or of a newer version.
        StoreWriteError: the folder can't be made or written.
    """
    try:
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise StoreWriteError(
            f"The store's folder {home} cannot be made ({error.strerror}); set RAG_HOME to another."
        ) from error
    return LocalStore(home, chroma_url, lock_seconds, scan_passages)


class LocalStore:
    """The Store protocol on this machine. Any number of threads may use one; writes queue.

    Only searching large collections and writing need Chroma; it is opened at the first of them.
    """

    def __init__(
        self, home: Path, chroma_url: str | None, lock_seconds: float, scan_passages: int = SCAN_PASSAGES
    ) -> None:
        self.home = home
        self.chroma_url = chroma_url
        self._scan_passages = scan_passages
        self.database = Database(home / "catalog.sqlite3", lock_seconds)
        self.chats = ChatStore(self.database)
        self._lock = OwnerLock(home, lock_seconds)
        self._scan = Scan()
        self._index: ChromaIndex | None = None
        self._owners = 0
        """Writes that are going on and claims that were not released, under the lock's mutex."""

    @property
    def index_folder(self) -> Path:
        """Where the embedded index is."""
        return self.home / "chroma"

    def put(self, document: DocumentRecord, passages: Sequence[PassageRecord], vectors: Vectors) -> None:
        """Add the document or replace its earlier version, as one transaction; on any error nothing changes.

        Raises:
            ValueError: a span is outside its document or passage, an id is used twice, a vector is not of unit
                length, or the collection or document does not fit.
            StoreError: it could not be written; which one says why.
        """
        self.put_all([(document, passages, vectors)])

    def put_all(self, documents: Sequence[tuple[DocumentRecord, Sequence[PassageRecord], Vectors]]) -> None:
        """Do what `put` does for several documents of one collection, as one transaction. Errors as there."""
        if len({document.collection for document, _, _ in documents}) > 1:
            raise ValueError("The documents are of more than one collection.")
        if len({document.id for document, _, _ in documents}) < len(documents):
            raise ValueError("Two of the documents have the same id.")
        for document, passages, vectors in documents:
            refuse_unsound(document, passages, vectors)
        if not documents:
            return
        with self.writing() as index:
            ids = [document.id for document, _, _ in documents]
            with self.database.reading() as connection:
                into = [fitting(connection, *one) for one in documents].pop()
                old = catalog.passages_by_collection(connection, ids).get(into.name, [])
            new = [passage.id for _, passages, _ in documents for passage in passages]
            marks = {into.name: list(dict.fromkeys([*old, *new]))}
            with self._changing(index, marks) as connection:
                catalog.delete_documents(connection, ids)
                for document, passages, vectors in documents:
                    catalog.insert_document(connection, into, document, passages, vectors)

    def move(self, document_id: str, uri: str, title: str, size: int, modified: float) -> None:
        """Give a document another uri and title, and the size and mtime of its file; its passages stay."""
        with self.database.writing() as connection:
            catalog.move(connection, document_id, uri, title, size, modified)

    def failures(self, collection: str | None = None) -> list[FailureRecord]:
        """List what could not be read, by uri, of one collection or of all."""
        with self.database.reading() as connection:
            return failures.failures(connection, collection)

    def note_failures(self, found: Sequence[FailureRecord]) -> None:
        """Keep failures; one of the same file as it was adds to the attempts and deaths that are known."""
        with self.database.writing() as connection:
            failures.note(connection, found)

    def forget_failures(self, collection: str, uris: Sequence[str]) -> None:
        """Forget failures; unknown ones are no error."""
        with self.database.writing() as connection:
            failures.forget(connection, collection, uris)

    def remove(self, document_ids: Sequence[str]) -> int:
        """Remove documents with their passages; return how many there were."""
        with self.database.reading() as connection:
            if not catalog.passages_by_collection(connection, document_ids):
                return 0
        with self.writing() as index:
            with self.database.reading() as connection:
                marks = catalog.passages_by_collection(connection, document_ids)
            with self._changing(index, marks) as connection:
                return catalog.delete_documents(connection, document_ids)

    def claim(self) -> None:
        """Become the folder's owner until `release`, before long work; with a server there is nothing to own.

        Raises:
            StoreBusyError: another process is; names it.
            StoreWriteError: the folder can't be written.
        """
        if self.chroma_url is None:
            with self._lock.mutex:
                self._lock.acquire()
                self._owners += 1

    def release(self) -> None:
        """Take a claim back; other processes may write once nobody of this store does."""
        if self.chroma_url is None:
            with self._lock.mutex:
                self._let_go()

    def ensure_collection(self, name: str, embedding: str, dimensions: int) -> CollectionInfo:
        """Create the collection or check its embedder; an empty one takes the new embedder.

        Raises:
            EmbeddingMismatchError: it holds passages of another embedder.
        """
        with self.database.reading() as connection:
            found = catalog.collection(connection, name)
        if found is None or not catalog.suits(found, embedding, dimensions):
            with self.database.writing() as connection:
                found = catalog.ensure_collection(connection, name, embedding, dimensions)
        return found

    def drop_collection(self, name: str) -> None:
        """Remove a collection with all its documents; nothing happens if there is none."""
        with self.database.reading() as connection:
            if catalog.row(connection, name) is None:
                return
        with self.writing() as index, self._changing(index, {name: [WHOLE]}) as connection:
            catalog.drop_collection(connection, name)

    def collections(self) -> list[CollectionInfo]:
        """List the collections by name."""
        with self.database.reading() as connection:
            return catalog.collections(connection)

    def documents(self, collection: str | None = None) -> list[DocumentSummary]:
        """List documents by uri, of one collection or of all."""
        with self.database.reading() as connection:
            return catalog.documents(connection, collection)

    def document(self, document_id: str) -> DocumentRecord | None:
        """Return one document with its text."""
        with self.database.reading() as connection:
            return catalog.document(connection, document_id)

    def passages(self, passage_ids: Sequence[str]) -> list[PassageRecord]:
        """Return these passages in the order asked for; unknown ids are left out."""
        with self.database.reading() as connection:
            return rows.by_id(connection, passage_ids)

    def passages_of(self, document_ids: Sequence[str]) -> list[PassageRecord]:
        """Return all passages of these documents, by document (in the order asked for) and ordinal."""
        with self.database.reading() as connection:
            return rows.of_documents(connection, document_ids)

    def dense(self, collection: str, vector: Vectors, k: int, document_ids: Sequence[str] | None = None) -> list[Hit]:
        """Return the k nearest passages by cosine; `vector` has shape (dimensions,).

        Exact in small collections and where this process doesn't own the index just now; else as near as HNSW gets.

        Raises:
            ValueError: the vector has another length than the collection's.
            IndexUnavailableError: the collection is large and the Chroma server does not answer.
        """
        with self.database.reading() as connection:
            found = catalog.row(connection, collection)
            if found is None or k <= 0 or (document_ids is not None and not document_ids):
                return []
            if vector.shape != (found.dimensions,):
                raise ValueError(f"Collection {collection!r} has {found.dimensions} dimensions, not {vector.shape}.")
            index = self._index_for(connection, found, document_ids)
            with index.held() if index else nullcontext(False) as is_open:
                if index is None or not is_open:
                    return self._scan.search(connection, found, vector, k, document_ids)
                hits = index.query(collection, vector, k, document_ids)
            # The catalogue is the truth: what only the index knows is not there.
            known = rows.known(connection, found.number, [hit.passage_id for hit in hits])
            return [hit for hit in hits if hit.passage_id in known]

    def lexical(self, collection: str, query: str, k: int, document_ids: Sequence[str] | None = None) -> list[Hit]:
        """Return the k best passages by BM25 over words of `query`, any of which may match."""
        with self.database.reading() as connection:
            found = catalog.row(connection, collection)
            return lexical.search(connection, found.number, query, k, document_ids) if found else []

    def near_duplicates(self, passage_ids: Sequence[str]) -> Mapping[str, list[PassageRecord]]:
        """Return for each passage the others of its collection that share a band key (candidates to compare)."""
        with self.database.reading() as connection:
            return rows.near_duplicates(connection, passage_ids)

    def vectors(self, passage_ids: Sequence[str]) -> Vectors:
        """Return the stored vectors of these passages, shape (n, dimensions), in the order asked for.

        Raises:
            PassageGoneError: one of them is not there.
        """
        with self.database.reading() as connection:
            found = rows.vectors(connection, passage_ids)
        if found.keys() != set(passage_ids):
            raise PassageGoneError("A passage was removed or replaced while it was read; ask again.")
        return np.stack([found[passage_id] for passage_id in passage_ids]) if passage_ids else _NO_VECTORS

    def cached_vectors(self, embedding: str, vector_keys: Sequence[str]) -> dict[str, Vectors]:
        """Return vectors already computed by this embedder for these keys, each of shape (dimensions,)."""
        with self.database.reading() as connection:
            return rows.cached_vectors(connection, embedding, vector_keys)

    def revision(self, collection: str) -> int | None:
        """Return a number that changes with every write to the collection, by any process; None if there is none."""
        with self.database.reading() as connection:
            found = catalog.row(connection, collection)
            return found.revision if found else None

    def close(self) -> None:
        """Release the folder; the store can't be used afterwards. Closing twice does no harm."""
        with self._lock.mutex:
            self.close_index()
            self.database.close()
            self._owners = 0
            self._lock.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @contextmanager
    def owning(self) -> Iterator[None]:
        """Be the one who writes, until the end: one thread of one process."""
        with self._lock.mutex:
            self._lock.acquire()
            self._owners += 1
            try:
                yield
            finally:
                self._let_go()

    @contextmanager
    def writing(self) -> Iterator[ChromaIndex]:
        """Be the one who writes, with the index open and whatever an earlier write left undone done."""
        with self.owning():
            index = self.open_index()
            with self.database.reading() as connection:
                marks = pending(connection)
            if marks:
                with self.database.writing() as connection:
                    follow.bring_in_line(connection, index, marks)
            yield index

    def open_index(self) -> ChromaIndex:
        """Return the Chroma index, opening it if need be; an embedded one only while `owning`."""
        with self._lock.mutex:
            if self._index is None:
                with self.database.reading() as connection:
                    name = catalog.store_id(connection)
                self._index = ChromaIndex(self.chroma_url or self.index_folder, name)
            return self._index

    def close_index(self) -> None:
        """Let go of the Chroma index; the next use opens it again."""
        with self._lock.mutex:
            index, self._index = self._index, None
            if index is not None:
                index.close()

    def _let_go(self) -> None:
        """Count one owner less; after the last one others may write.

        An embedded index is closed before: what was open while another process wrote would be stale, and spoil what it
        wrote. Opening it again costs some hundredths of a second.
        """
        self._owners = max(0, self._owners - 1)
        if self._owners:
            return
        try:
            if self.chroma_url is None:
                self.close_index()
        finally:
            self._lock.release()

    @contextmanager
    def _changing(self, index: ChromaIndex, marks: Marks) -> Iterator[Connection]:
        """A write transaction whose marked passages the index follows before it commits."""
        with self.database.writing() as connection:
            for collection, passage_ids in marks.items():
                mark(connection, collection, passage_ids)
        with self.database.writing() as connection:
            yield connection
            follow.bring_in_line(connection, index, marks)

    def _index_for(
        self, connection: Connection, collection: catalog.Row, document_ids: Sequence[str] | None
    ) -> ChromaIndex | None:
        """Return the index if a search should use it, None where comparing with every vector is right."""
        if self.chroma_url is None and self._index is None:  # not ours to open
            return None
        if document_ids is not None and len(document_ids) > _FILTER_DOCUMENTS:
            return None
        if rows.count(connection, collection.number) <= self._scan_passages:
            return None
        return self._index if self.chroma_url is None else self.open_index()
