"""The Chroma index: embedded in a folder, or on a server. The only file that imports chromadb.

It holds one row a passage (id, vector, document id) and nothing else: everything in it can be made again from
the catalogue.
"""

from __future__ import annotations

import hashlib
import re
import shutil
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import numpy as np

from vectorstore.errors import IndexUnavailableError, StoreError, StoreUnreadableError, StoreWriteError
from vectorstore.store import Hit, Vectors

if TYPE_CHECKING:
    import httpx
    from chromadb.api import ClientAPI
    from chromadb.api.models.Collection import Collection

BATCH = 500
"""Rows a call: Chroma's own limit is 5461, its advice 50 to 500."""
_CONNECT_SECONDS = 5.0
_SERVER_SECONDS = 120.0
_ROOM = 1_000_000
"""Bytes below which a disk is full: an index writes at least that."""
_NO_ROOM = ("disk is full", "no space left", "file too large", "disk i/o error")
_NOT_OURS = ("readonly", "read-only", "permission denied")


@dataclass(frozen=True, slots=True)
class IndexedCollection:
    """A collection as Chroma has it; `name` and `embedding` are what the catalogue called it when it was made."""

    name: str
    embedding: str


class ChromaIndex:
    """Vectors by collection in Chroma. Safe for several threads; a folder must have one process only."""

    def __init__(self, place: Path | str, store: str) -> None:
        """`place` is a folder or a server's address; `store` keeps several catalogues apart on one server.

        Raises:
            IndexUnavailableError: nothing that is a Chroma server answers at the address.
            StoreUnreadableError: the folder is not a readable index.
            StoreWriteError: the folder can't be written.
        """
        self.place = place
        self._store = store
        self._searches, self._is_closed, self._change = 0, False, threading.Condition()
        with self._explained():
            self._client = _server(place) if isinstance(place, str) else _embedded(place)

    def embedding(self, name: str) -> str | None:
        """Return the embedder's fingerprint that the index of this collection was made with; None if there is none."""
        with self._explained():
            collection = self._find(name)
            return None if collection is None else str((collection.metadata or {}).get("embedding", ""))

    def upsert(self, name: str, embedding: str, ids: list[str], vectors: Vectors, documents: list[str]) -> None:
        """Add or replace rows, at most BATCH; makes the collection if there is none."""
        with self._explained():
            collection = self._find(name) or self._client.create_collection(
                self._chroma_name(name),
                configuration={"hnsw": {"space": "cosine"}},
                # Vectors are always given: Chroma would fetch a model of its own otherwise.
                embedding_function=None,
                metadata={"embedding": embedding, "collection": name, "store": self._store},
            )
            rows: Any = [{"document_id": document} for document in documents]
            collection.upsert(ids=ids, embeddings=vectors, metadatas=rows)

    def delete(self, name: str, ids: list[str]) -> None:
        """Delete rows; unknown ones are no error."""
        with self._explained():
            collection = self._find(name)
            for first in range(0, len(ids) if collection else 0, BATCH):
                assert collection is not None
                collection.delete(ids=ids[first : first + BATCH])

    def drop(self, name: str) -> None:
        """Delete a collection; nothing happens if there is none."""
        with self._explained():
            if self._find(name) is not None:
                self._client.delete_collection(self._chroma_name(name))

    def query(self, name: str, vector: Vectors, k: int, document_ids: Sequence[str] | None = None) -> list[Hit]:
        """Return the k nearest rows by cosine, of these documents only if they are given.

        Raises:
            StoreUnreadableError: the collection is not in the index.
        """
        with self._explained():
            collection = self._find(name)
            if collection is None:
                raise StoreUnreadableError(f"The index has no collection {name!r}; `rag rebuild` makes it anew.")
            where: Any = None if document_ids is None else {"document_id": {"$in": list(document_ids)}}
            found = collection.query(
                query_embeddings=vector.reshape(1, -1), n_results=k, where=where, include=["distances"]
            )
            distances = found["distances"] or [[]]
            return [Hit(i, 1.0 - float(d)) for i, d in zip(found["ids"][0], distances[0], strict=True)]

    @contextmanager
    def held(self) -> Iterator[bool]:
        """Keep the index from being closed until the end; False where it was closed before."""
        with self._change:
            is_open = not self._is_closed
            self._searches += is_open
        try:
            yield is_open
        finally:
            with self._change:
                self._searches -= is_open
                self._change.notify_all()

    def rows(self, name: str) -> Iterator[tuple[list[str], Vectors]]:
        """Read the whole collection in batches, for comparison with the catalogue."""
        with self._explained():
            collection = self._find(name)
            for first in range(0, collection.count() if collection else 0, BATCH):
                assert collection is not None
                page = collection.get(limit=BATCH, offset=first, include=["embeddings"])
                yield page["ids"], np.asarray(page["embeddings"], dtype=np.float32)

    def collections(self) -> list[IndexedCollection]:
        """List the collections of this catalogue; in a folder of its own, whatever else is there too."""
        found: list[IndexedCollection] = []
        with self._explained():
            while page := self._client.list_collections(limit=100, offset=len(found)):
                found += [self._described(collection) for collection in page]
        return [collection for collection in found if collection.name]

    def close(self) -> None:
        """Release the folder or the connections, once those who hold it are done."""
        with self._change:
            self._is_closed = True
            self._change.wait_for(lambda: not self._searches)
        if isinstance(self.place, str):
            for session in _sessions(self._client):  # Chroma leaves its connections open
                session.close()
        self._client.close()

    def _described(self, collection: Collection) -> IndexedCollection:
        about = collection.metadata or {}
        foreign = about.get("store") != self._store
        if foreign and isinstance(self.place, str):
            return IndexedCollection("", "")
        name = collection.name if foreign else str(about.get("collection", collection.name))
        return IndexedCollection(name, str(about.get("embedding", "")))

    def _find(self, name: str) -> Collection | None:
        from chromadb.errors import NotFoundError

        try:
            return self._client.get_collection(self._chroma_name(name), embedding_function=None)
        except NotFoundError:
            return None

    def _chroma_name(self, name: str) -> str:
        """Chroma allows 3 to 512 of [a-zA-Z0-9._-]; ours may be anything."""
        readable = re.sub(r"[^a-zA-Z0-9]+", "-", name).strip("-")[:40] or "c"
        return f"{readable}-{hashlib.sha256(f'{self._store}/{name}'.encode()).hexdigest()[:24]}"

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except StoreError:
            raise
        except Exception as error:
            raise _sentence(self.place, error) from error
        except BaseException as error:
            # What the Rust bindings raise on a panic is not an Exception.
            if type(error).__name__ != "PanicException":
                raise
            raise _sentence(self.place, error) from error


def remove_folder(folder: Path) -> None:
    """Delete an embedded index, whatever is at its path; its clients have to be closed."""
    try:
        if folder.is_dir() and not folder.is_symlink():
            shutil.rmtree(folder)
        else:
            folder.unlink(missing_ok=True)
    except OSError as error:
        raise StoreWriteError(f"{folder} could not be deleted ({error.strerror}); delete it by hand.") from error


def _embedded(folder: Path) -> ClientAPI:
    import chromadb
    from chromadb.api.shared_system_client import SharedSystemClient
    from chromadb.config import Settings

    try:
        return chromadb.PersistentClient(folder, settings=Settings(anonymized_telemetry=False))
    except BaseException:
        # Chroma keeps a client that failed to start, and would hand it out again once the folder is mended.
        if SharedSystemClient._identifier_to_refcount.get(str(folder), 0) == 0:
            SharedSystemClient._identifier_to_system.pop(str(folder), None)
        raise


def _server(url: str) -> ClientAPI:
    import chromadb
    import httpx
    from chromadb.config import Settings

    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.path.strip("/") or parts.username:
        raise IndexUnavailableError(f"{url!r} is not an address like http://localhost:8000; correct RAG_CHROMA_URL.")
    answer = httpx.get(f"{url.rstrip('/')}/api/v2/heartbeat", timeout=_CONNECT_SECONDS)
    if "nanosecond heartbeat" not in answer.text:
        raise IndexUnavailableError(f"What answers at {url} is not a Chroma server; correct RAG_CHROMA_URL.")
    https = parts.scheme == "https"
    client = chromadb.HttpClient(
        host=parts.hostname,
        port=parts.port or (443 if https else 80),
        ssl=https,
        settings=Settings(anonymized_telemetry=False),
    )
    # Chroma sets no timeout at all: a server that stalls would stall us for good.
    for session in _sessions(client):
        session.timeout = httpx.Timeout(_SERVER_SECONDS, connect=_CONNECT_SECONDS)
    return client


def _sessions(client: ClientAPI) -> list[httpx.Client]:
    """Return the two connection pools of a server's client, which Chroma has no public name for."""
    return [client._server._session, client._admin_client._server._session]


def _is_full(place: Path) -> bool:
    try:
        return shutil.disk_usage(place).free < _ROOM
    except OSError:
        return False


def _sentence(place: Path | str, error: BaseException) -> StoreError:
    reason = " ".join(str(error).split())[:200] or type(error).__name__
    if isinstance(place, str):
        return IndexUnavailableError(
            f"The Chroma server at {place} does not answer as it should ({reason}); start it or correct "
            "RAG_CHROMA_URL. Documents are unchanged."
        )
    # Chroma doesn't always say so: what fails may be the work that it put off.
    if any(words in reason.lower() for words in _NO_ROOM) or _is_full(place):
        return StoreWriteError(f"{place} could not be written ({reason}); free some disk space.")
    if any(words in reason.lower() for words in _NOT_OURS):
        return StoreWriteError(f"{place} cannot be written ({reason}); make it writable or set RAG_HOME.")
    return StoreUnreadableError(
        f"The index {place} is unreadable ({reason}); `rag rebuild` makes it anew from the catalogue."
    )
