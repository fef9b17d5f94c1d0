"""Passages, their near-duplicate keys and their vectors: functions over a connection with an open transaction."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Sequence
from sqlite3 import Connection
from typing import Any

import numpy as np

from vectorstore.store import PassageRecord, Vectors

# One parameter for a list of any length; SQLite allows only so many `?`.
LISTED = "(SELECT value FROM json_each(?))"
_PASSAGE = (
    'passages.number, passages.id, documents.id, ordinal, passages."start", passages."end", passages.text, '
    "sentences, page, heading, signature, vector_key"
)
_OF_DOCUMENT = "JOIN documents ON documents.number = passages.document"


def insert(connection: Connection, collection: int, document: int, passage: PassageRecord) -> None:
    """Insert a passage with its bands; its words and its vector are the caller's."""
    number = connection.execute(
        'INSERT INTO passages (id, document, collection, ordinal, "start", "end", page, heading, sentences, signature, '
        "vector_key, text) VALUES (?,?,?,?,?,?,?,?,?,?,?,?)",
        (
            *(passage.id, document, collection, passage.ordinal, passage.start, passage.end, passage.page),
            *(passage.heading, json.dumps(passage.sentences), passage.signature, passage.vector_key, passage.text),
        ),
    ).lastrowid
    connection.executemany(
        "INSERT INTO bands VALUES (?, ?, ?)", ((number, place, key) for place, key in enumerate(passage.bands))
    )


def store_vectors(connection: Connection, embedding: str, passages: Sequence[PassageRecord], vectors: Vectors) -> None:
    """Keep the vectors under their keys; one that is there already stays, for the same text has the same vector."""
    connection.executemany(
        "INSERT OR IGNORE INTO vectors VALUES (?, ?, ?)",
        (
            (embedding, passage.vector_key, np.ascontiguousarray(vector, dtype="<f4").tobytes())
            for passage, vector in zip(passages, vectors, strict=True)
        ),
    )


def by_id(connection: Connection, passage_ids: Sequence[str]) -> list[PassageRecord]:
    """Return passages in the order asked for, without the unknown ones."""
    rows = connection.execute(
        f"SELECT {_PASSAGE} FROM passages {_OF_DOCUMENT} WHERE passages.id IN {LISTED}",
        (json.dumps(list(passage_ids)),),
    ).fetchall()
    found = {passage.id: passage for passage in _records(connection, rows)}
    return [found[passage_id] for passage_id in passage_ids if passage_id in found]


def of_documents(connection: Connection, document_ids: Sequence[str]) -> list[PassageRecord]:
    """Return all passages of these documents, by document in the order asked for, and ordinal."""
    rows = connection.execute(
        f"SELECT {_PASSAGE} FROM passages {_OF_DOCUMENT} WHERE documents.id IN {LISTED} ORDER BY ordinal",
        (json.dumps(list(document_ids)),),
    ).fetchall()
    by_document = defaultdict(list)
    for passage in _records(connection, rows):
        by_document[passage.document_id].append(passage)
    return [passage for document_id in dict.fromkeys(document_ids) for passage in by_document[document_id]]


def known(connection: Connection, collection: int, passage_ids: Sequence[str]) -> set[str]:
    """Return those of the ids that are passages of this collection."""
    found = connection.execute(
        f"SELECT id FROM passages WHERE collection = ? AND id IN {LISTED}", (collection, json.dumps(list(passage_ids)))
    )
    return {passage_id for (passage_id,) in found}


def count(connection: Connection, collection: int) -> int:
    """Return how many passages a collection has."""
    found = connection.execute("SELECT count(*) FROM passages WHERE collection = ?", (collection,))
    return int(found.fetchone()[0])


def near_duplicates(connection: Connection, passage_ids: Sequence[str]) -> dict[str, list[PassageRecord]]:
    """Return for each passage the others of its collection that share a band key, in the order they were added."""
    rows = connection.execute(
        "SELECT DISTINCT one.id, other.id FROM passages one JOIN bands mine ON mine.passage = one.number "
        "JOIN bands theirs ON theirs.key = mine.key AND theirs.passage <> mine.passage "
        "JOIN passages other ON other.number = theirs.passage AND other.collection = one.collection "
        f"WHERE one.id IN {LISTED} ORDER BY other.number",
        (json.dumps(list(passage_ids)),),
    ).fetchall()
    records = {passage.id: passage for passage in by_id(connection, list({other for _, other in rows}))}
    found: dict[str, list[PassageRecord]] = {passage_id: [] for passage_id in passage_ids}
    for one, other in rows:
        found[one].append(records[other])
    return found


def vectors(connection: Connection, passage_ids: Sequence[str]) -> dict[str, Vectors]:
    """Return the vectors of these passages by id, without the unknown ones."""
    rows = connection.execute(
        "SELECT passages.id, vector FROM passages JOIN collections ON collections.number = passages.collection "
        "JOIN vectors ON vectors.embedding = collections.embedding AND vectors.vector_key = passages.vector_key "
        f"WHERE passages.id IN {LISTED}",
        (json.dumps(list(passage_ids)),),
    )
    return {passage_id: vector_of(blob) for passage_id, blob in rows}


def cached_vectors(connection: Connection, embedding: str, vector_keys: Sequence[str]) -> dict[str, Vectors]:
    """Return the vectors that this embedder has made for these keys."""
    rows = connection.execute(
        f"SELECT vector_key, vector FROM vectors WHERE embedding = ? AND vector_key IN {LISTED}",
        (embedding, json.dumps(list(vector_keys))),
    )
    return {key: vector_of(blob) for key, blob in rows}


def vector_of(blob: bytes) -> Vectors:
    """Read a vector as it is kept: little-endian float32."""
    return np.frombuffer(blob, dtype="<f4").astype(np.float32)


def pairs(text: str) -> tuple[tuple[int, int], ...]:
    """Read spans as they are kept: JSON."""
    return tuple((start, end) for start, end in json.loads(text))


def _records(connection: Connection, rows: Sequence[tuple[Any, ...]]) -> list[PassageRecord]:
    bands: dict[int, list[bytes]] = defaultdict(list)
    numbers = json.dumps([found[0] for found in rows])
    for number, key in connection.execute(
        f"SELECT passage, key FROM bands WHERE passage IN {LISTED} ORDER BY passage, place", (numbers,)
    ):
        bands[number].append(key)
    return [_record(found, tuple(bands[found[0]])) for found in rows]


def _record(found: Sequence[Any], bands: tuple[bytes, ...]) -> PassageRecord:
    _, passage_id, document_id, ordinal, start, end, text, sentences, page, heading, signature, key = found
    return PassageRecord(
        *(passage_id, document_id, ordinal, start, end, text, pairs(sentences), page, heading, signature),
        bands=bands,
        vector_key=key,
    )
