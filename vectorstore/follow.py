"""Keeping the Chroma index in line with the catalogue.

Before a write, the passages it touches are marked as pending in a commit of their own. The write then changes the
catalogue, brings the index in line and takes the marks away, all before its commit. So whatever fails or is killed
in between, the catalogue is wholly old or wholly new, and marks tell which rows of the index to compare with it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from sqlite3 import Connection

import numpy as np

from vectorstore import catalog
from vectorstore.catalog import Row
from vectorstore.chroma import BATCH, ChromaIndex
from vectorstore.marks import WHOLE, Marks, clear
from vectorstore.passages import LISTED, vector_of


def bring_in_line(
    connection: Connection, index: ChromaIndex, marks: Marks, progress: Callable[[int], None] | None = None
) -> int:
    """Make the marked rows of the index what the catalogue says, and take the marks away; return the rows written.

    Doing it twice does no harm. `progress` gets the number of rows written so far.
    """
    written = 0
    for name, passage_ids in marks.items():
        for count in _follow(connection, index, name, passage_ids):
            written += count
            if progress:
                progress(written)
        clear(connection, name, passage_ids)
    return written


def passages_with_vectors(connection: Connection, collection: Row) -> list[str]:
    """Return the ids of all passages that belong into the index."""
    rows = connection.execute(
        "SELECT id FROM passages JOIN vectors ON vectors.embedding = ? AND vectors.vector_key = passages.vector_key "
        "WHERE collection = ? ORDER BY number",
        (collection.embedding, collection.number),
    )
    return [passage_id for (passage_id,) in rows]


def _follow(connection: Connection, index: ChromaIndex, name: str, passage_ids: Sequence[str]) -> Iterator[int]:
    collection = catalog.row(connection, name)
    if collection is None:
        index.drop(name)
        return
    if WHOLE in passage_ids:
        index.drop(name)
        passage_ids = passages_with_vectors(connection, collection)
    for first in range(0, len(passage_ids), BATCH):
        yield _write(connection, index, collection, passage_ids[first : first + BATCH])


def _write(connection: Connection, index: ChromaIndex, collection: Row, passage_ids: Sequence[str]) -> int:
    rows = connection.execute(
        "SELECT passages.id, documents.id, vector FROM passages "
        "JOIN documents ON documents.number = passages.document "
        "JOIN vectors ON vectors.embedding = ? AND vectors.vector_key = passages.vector_key "
        f"WHERE passages.collection = ? AND passages.id IN {LISTED} ORDER BY passages.number",
        (collection.embedding, collection.number, json.dumps(list(passage_ids))),
    ).fetchall()
    there = {passage_id for passage_id, _, _ in rows}
    gone = [passage_id for passage_id in passage_ids if passage_id not in there]
    if gone:
        index.delete(collection.name, gone)
    if rows:
        ids, documents, blobs = (list(column) for column in zip(*rows, strict=True))
        vectors = np.stack([vector_of(blob) for blob in blobs])
        index.upsert(collection.name, collection.embedding, ids, vectors, documents)
    return len(rows)
