"""`doctor` finds every way in which catalogue and index differ; `rebuild` makes the index anew from the catalogue."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from sqlite3 import Connection

import numpy as np

from vectorstore import catalog, follow, lexical
from vectorstore.catalog import Row
from vectorstore.chroma import ChromaIndex, remove_folder
from vectorstore.errors import StoreError, StoreUnreadableError
from vectorstore.local import LocalStore
from vectorstore.marks import WHOLE, mark, pending
from vectorstore.passages import vectors as stored_vectors
from vectorstore.store import Finding, Vectors

REBUILD = "rag rebuild"
_RESTORE = "put back a copy of the home folder, or move it away and ingest the documents again"
_INGEST = "rag ingest"
_SAME = 1e-3
"""Largest difference of a component between a stored vector and the index's; both are float32."""
_PROBES = 50
_FEWEST_FOUND = 0.8
"""Of the probed vectors; HNSW misses a few per cent even when all is well."""

RowsDone = Callable[[int, int], None]


def doctor(store: LocalStore) -> list[Finding]:
    """Compare catalogue, word index and Chroma index; an empty list means they agree. Changes nothing.

    Raises:
        StoreBusyError: another process owns the embedded index, which then can't be read.
        IndexUnavailableError: the Chroma server does not answer.
    """
    try:
        with store.database.writing() as connection:  # FTS5 checks itself by an INSERT; nothing is written
            found = [*_catalog_faults(connection), *_pending(connection)]
            collections = catalog.rows_of_collections(connection)
    except StoreUnreadableError as error:
        return [Finding("damaged_catalog", "", 1, str(error), _RESTORE)]
    with store.owning():
        if not collections and store.chroma_url is None and not store.index_folder.exists():
            return found
        try:
            return [*found, *_index_faults(store, store.open_index(), collections)]
        except StoreUnreadableError as error:
            store.close_index()
            return [*found, Finding("unreadable_index", "", 1, str(error), REBUILD)]


def rebuild(
    store: LocalStore, collection: str | None = None, progress: Callable[[int, int], None] | None = None
) -> int:
    """Make word and Chroma index anew, of one collection or all; nothing is embedded. Return the passages indexed.

    Whatever is in the embedded index's folder is deleted. `progress` gets passages done and their total. Killed
    half-way, the next write or rebuild goes on.

    Raises:
        StoreError: there is no such collection, or the folder can't be deleted or written.
    """
    with store.owning():
        with store.database.writing() as connection:
            collections = _named(connection, collection)
            for row in collections:
                lexical.rebuild(connection, row.number)
                mark(connection, row.name, [WHOLE])
            marks = {name: ids for name, ids in pending(connection).items() if collection in {None, name}}
            total = sum(info.passages for info in catalog.collections(connection) if info.name in marks)
        index = _emptied(store) if collection is None else store.open_index()
        with store.database.writing() as connection:
            return follow.bring_in_line(
                connection, index, marks, None if progress is None else lambda done: progress(done, total)
            )


def _named(connection: Connection, collection: str | None) -> list[Row]:
    rows = catalog.rows_of_collections(connection)
    if collection is None:
        return rows
    named = [row for row in rows if row.name == collection]
    if not named:
        raise StoreError(f"There is no collection {collection!r}; `rag documents list` shows the ones there are.")
    return named


def _emptied(store: LocalStore) -> ChromaIndex:
    if store.chroma_url is None:
        store.close_index()
        remove_folder(store.index_folder)
        return store.open_index()
    index = store.open_index()
    for there in index.collections():
        index.drop(there.name)
    return index


def _catalog_faults(connection: Connection) -> Iterator[Finding]:
    for pragma in ("integrity_check", "foreign_key_check"):
        faults = [row for row in connection.execute(f"PRAGMA {pragma}") if row != ("ok",)]
        if faults:
            yield Finding("damaged_catalog", "", len(faults), f"{pragma}: {faults[0]}", _RESTORE)
    for row in catalog.rows_of_collections(connection):
        fault = lexical.fault(connection, row.number)
        if fault:
            yield Finding("damaged_catalog", row.name, 1, f"The word index differs from the passages: {fault}", REBUILD)
        orphans = _without_vector(connection, row)
        if orphans:
            yield Finding("orphan", row.name, orphans, "Passages without a vector.", f"{_INGEST} these documents again")


def _without_vector(connection: Connection, row: Row) -> int:
    (count,) = connection.execute(
        "SELECT count(*) FROM passages WHERE collection = ? AND NOT EXISTS (SELECT 1 FROM vectors WHERE embedding = ? "
        "AND vectors.vector_key = passages.vector_key AND length(vector) = ?)",
        (row.number, row.embedding, 4 * row.dimensions),
    ).fetchone()
    return int(count)


def _pending(connection: Connection) -> list[Finding]:
    detail = "An earlier write was cut off before the index followed; the next write finishes it."
    return [
        Finding("pending", name, len(passage_ids), detail, REBUILD) for name, passage_ids in pending(connection).items()
    ]


def _index_faults(store: LocalStore, index: ChromaIndex, collections: list[Row]) -> list[Finding]:
    found: list[Finding] = []
    for row in collections:
        with store.database.reading() as connection:
            found += _collection_faults(connection, index, row)
    known = {row.name for row in collections}
    for there in index.collections():
        if there.name not in known:
            detail = "The index has a collection that the catalogue does not have."
            found.append(Finding("extra", there.name, 1, detail, REBUILD))
    return found


def _collection_faults(connection: Connection, index: ChromaIndex, row: Row) -> Iterator[Finding]:
    wanted = set(follow.passages_with_vectors(connection, row))
    embedding = index.embedding(row.name)
    if embedding is not None and embedding != row.embedding:
        detail = f"The index was made with {embedding}, the catalogue with {row.embedding}."
        yield Finding("other_model", row.name, len(wanted), detail, REBUILD)
        return
    seen: set[str] = set()
    wrong = extra = 0
    for ids, vectors in index.rows(row.name):
        seen.update(ids)
        extra += sum(passage_id not in wanted for passage_id in ids)
        wrong += _wrong(connection, ids, vectors)
    for kind, count, detail in (
        ("missing", len(wanted - seen), "Passages that are not in the index."),
        ("extra", extra, "Rows of the index that are no passages."),
        ("wrong_vector", wrong, "Vectors of the index that are not the passage's."),
    ):
        if count:
            yield Finding(kind, row.name, count, detail, REBUILD)
    if not wrong:
        yield from _unfindable(connection, index, row, sorted(wanted & seen))


def _wrong(connection: Connection, ids: list[str], vectors: Vectors) -> int:
    stored = stored_vectors(connection, ids)
    return sum(
        passage_id in stored
        and (stored[passage_id].shape != vector.shape or float(np.abs(stored[passage_id] - vector).max()) > _SAME)
        for passage_id, vector in zip(ids, vectors, strict=True)
    )


def _unfindable(connection: Connection, index: ChromaIndex, row: Row, ids: list[str]) -> Iterator[Finding]:
    """Search for some vectors by themselves: an index can have every row and yet not find them."""
    probes = stored_vectors(connection, ids[:: max(1, len(ids) // _PROBES)][:_PROBES])
    best = [index.query(row.name, vector, 1) for vector in probes.values()]
    found = sum(bool(hits) and hits[0].score > 1 - _SAME for hits in best)
    if found < _FEWEST_FOUND * len(probes):
        detail = f"Of {len(probes)} vectors searched for by themselves the index finds {found}."
        yield Finding("unreadable_index", row.name, len(probes) - found, detail, REBUILD)
