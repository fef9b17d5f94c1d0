"""Collections and documents: functions over a connection with an open transaction."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from sqlite3 import Connection

from vectorstore import lexical, marks
from vectorstore import passages as rows
from vectorstore.errors import EmbeddingMismatchError
from vectorstore.passages import LISTED, pairs
from vectorstore.store import CollectionInfo, DocumentRecord, DocumentSummary, PassageRecord, Vectors

_LANGUAGE = "coalesce((SELECT language FROM languages WHERE document = documents.number), '')"
_SUMMARY = (
    "documents.id, collections.name, uri, title, content_hash, media_type, published_at, author, size, modified, "
    "pipeline, added_at, (SELECT count(*) FROM passages WHERE document = documents.number), characters, "
    f"{_LANGUAGE}"
)


@dataclass(frozen=True, slots=True)
class Row:
    """A collection's row. `revision` changes with every write to it and never comes back."""

    number: int
    name: str
    embedding: str
    dimensions: int
    revision: int


def store_id(connection: Connection) -> str:
    """Return the random name of this catalogue; it keeps two homes apart on one Chroma server."""
    return str(connection.execute("SELECT value FROM meta WHERE key = 'store'").fetchone()[0])


def row(connection: Connection, name: str) -> Row | None:
    """Return a collection's row."""
    found = connection.execute(
        "SELECT number, name, embedding, dimensions, revision FROM collections WHERE name = ?", (name,)
    ).fetchone()
    return Row(*found) if found else None


def rows_of_collections(connection: Connection) -> list[Row]:
    """Return all collections' rows, by name."""
    found = connection.execute("SELECT number, name, embedding, dimensions, revision FROM collections ORDER BY name")
    return [Row(*values) for values in found]


def collections(connection: Connection) -> list[CollectionInfo]:
    """List the collections by name, with the number of their documents and passages."""
    listed = connection.execute(
        "SELECT name, embedding, dimensions, (SELECT count(*) FROM documents WHERE collection = collections.number), "
        "(SELECT count(*) FROM passages WHERE collection = collections.number) FROM collections ORDER BY name"
    )
    return [CollectionInfo(*found) for found in listed]


def collection(connection: Connection, name: str) -> CollectionInfo | None:
    """Return one collection with its counts."""
    return next((info for info in collections(connection) if info.name == name), None)


def suits(found: CollectionInfo, embedding: str, dimensions: int) -> bool:
    """Tell whether the collection is of this embedder; False if it is of another but empty.

    Raises:
        EmbeddingMismatchError: it holds passages of another embedder.
    """
    if (found.embedding, found.dimensions) == (embedding, dimensions):
        return True
    if found.passages == 0:
        return False
    raise EmbeddingMismatchError(
        f"Collection {found.name!r} was embedded with {found.embedding}, but the settings name {embedding}; "
        "set RAG_EMBEDDING back or ingest into another collection (--collection)."
    )


def ensure_collection(connection: Connection, name: str, embedding: str, dimensions: int) -> CollectionInfo:
    """Create the collection, or give an empty one this embedder, or leave one that suits as it is."""
    found = collection(connection, name)
    if found is None:
        number = connection.execute(
            "INSERT INTO collections (name, embedding, dimensions, revision) VALUES (?, ?, ?, 0)",
            (name, embedding, dimensions),
        ).lastrowid
        assert number is not None
        lexical.create(connection, number)
        touch(connection, number)
    elif not suits(found, embedding, dimensions):
        values = (embedding, dimensions, name)
        connection.execute("UPDATE collections SET embedding = ?, dimensions = ? WHERE name = ?", values)
        marks.mark(connection, name, [marks.WHOLE])
    return CollectionInfo(name, embedding, dimensions, found.documents if found else 0, found.passages if found else 0)


def drop_collection(connection: Connection, name: str) -> None:
    """Remove a collection with its documents; its vectors stay, as a cache."""
    found = row(connection, name)
    if found is None:
        return
    lexical.drop(connection, found.number)
    connection.execute("DELETE FROM passages WHERE collection = ?", (found.number,))
    connection.execute("DELETE FROM documents WHERE collection = ?", (found.number,))
    connection.execute("DELETE FROM collections WHERE number = ?", (found.number,))
    connection.execute("DELETE FROM failures WHERE collection = ?", (name,))


def passages_by_collection(connection: Connection, document_ids: Sequence[str]) -> dict[str, list[str]]:
    """Return the ids of these documents' passages by collection; a document without passages counts too."""
    found: dict[str, list[str]] = {}
    for name, passage_id in connection.execute(
        "SELECT collections.name, passages.id FROM documents "
        "JOIN collections ON collections.number = documents.collection "
        f"LEFT JOIN passages ON passages.document = documents.number WHERE documents.id IN {LISTED}",
        (json.dumps(list(document_ids)),),
    ):
        found.setdefault(name, []).extend([passage_id] if passage_id else [])
    return found


def touch(connection: Connection, collection_number: int) -> None:
    """Give the collection a new revision."""
    connection.execute("UPDATE meta SET value = value + 1 WHERE key = 'revision'")
    connection.execute(
        "UPDATE collections SET revision = (SELECT CAST(value AS INTEGER) FROM meta WHERE key = 'revision') "
        "WHERE number = ?",
        (collection_number,),
    )


def delete_documents(connection: Connection, document_ids: Sequence[str]) -> int:
    """Delete documents with passages, bands and words; return how many there were."""
    found = connection.execute(
        f"SELECT number, collection FROM documents WHERE id IN {LISTED}", (json.dumps(list(document_ids)),)
    ).fetchall()
    for number, of_collection in found:
        lexical.remove(connection, of_collection, number)
        connection.execute("DELETE FROM passages WHERE document = ?", (number,))
        connection.execute("DELETE FROM documents WHERE number = ?", (number,))
    for of_collection in {of_collection for _, of_collection in found}:
        touch(connection, of_collection)
    return len(found)


def insert_document(
    connection: Connection, into: Row, document: DocumentRecord, passages: Sequence[PassageRecord], vectors: Vectors
) -> None:
    """Insert a document that is not there; a vector that is there already is kept."""
    number = connection.execute(
        "INSERT INTO documents (id, collection, uri, title, content_hash, media_type, published_at, author, pages, "
        "size, modified, pipeline, added_at, characters, text, places) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
        (
            *(document.id, into.number, document.uri, document.title, document.content_hash, document.media_type),
            *(document.published_at, document.author, json.dumps(document.pages), document.size, document.modified),
            *(document.pipeline, document.added_at, len(document.text), document.text),
            json.dumps(document.places, ensure_ascii=False),
        ),
    ).lastrowid
    assert number is not None
    if document.language:
        connection.execute("INSERT INTO languages VALUES (?, ?, ?)", (number, into.number, document.language))
    for passage in passages:
        rows.insert(connection, into.number, number, passage)
    lexical.add(connection, into.number, number)
    rows.store_vectors(connection, into.embedding, passages, vectors)
    touch(connection, into.number)


def move(connection: Connection, document_id: str, uri: str, title: str, size: int, modified: float) -> None:
    """Give a document another uri, title, size and mtime; nothing happens if it is gone."""
    found = connection.execute("SELECT number, collection FROM documents WHERE id = ?", (document_id,)).fetchall()
    for number, of_collection in found:
        lexical.remove(connection, of_collection, number)  # the title is among a passage's words
        connection.execute(
            "UPDATE documents SET uri = ?, title = ?, size = ?, modified = ? WHERE number = ?",
            (uri, title, size, modified, number),
        )
        lexical.add(connection, of_collection, number)
        touch(connection, of_collection)


def documents(connection: Connection, name: str | None) -> list[DocumentSummary]:
    """List documents by uri, without reading their texts."""
    listed = connection.execute(
        f"SELECT {_SUMMARY} FROM documents JOIN collections ON collections.number = documents.collection "
        "WHERE ?1 IS NULL OR collections.name = ?1 ORDER BY uri, collections.name",
        (name,),
    )
    return [DocumentSummary(*found) for found in listed]


def document(connection: Connection, document_id: str) -> DocumentRecord | None:
    """Return one document with its text."""
    found = connection.execute(
        "SELECT documents.id, collections.name, uri, title, text, content_hash, media_type, published_at, author, "
        f"pages, size, modified, pipeline, added_at, places, {_LANGUAGE} FROM documents "
        "JOIN collections ON collections.number = documents.collection WHERE documents.id = ?",
        (document_id,),
    ).fetchone()
    if found is None:
        return None
    places = tuple((start, end, label) for start, end, label in json.loads(found[14]))
    values = (*found[:9], pairs(found[9]), *found[10:14], places, found[15])
    return DocumentRecord(*values)
