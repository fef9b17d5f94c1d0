"""What a store refuses to take: a document whose passages could let a quote be invented, or be found wrongly."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from sqlite3 import Connection

import numpy as np

from vectorstore import catalog
from vectorstore.catalog import Row
from vectorstore.passages import LISTED
from vectorstore.store import DocumentRecord, PassageRecord, Vectors

_UNIT_TOLERANCE = 1e-2


def refuse_unsound(document: DocumentRecord, passages: Sequence[PassageRecord], vectors: Vectors) -> None:
    """Check what can be checked without the catalogue.

    Raises:
        ValueError: a span lies outside its document or passage, an id or ordinal is used twice, a passage is of
            another document or has no vector key, a text can't be stored as UTF-8, or a vector is not of unit length.
    """
    if not document.id:
        raise ValueError(f"The document {document.uri!r} has no id.")
    _refuse_broken_text(document.id, _texts(document, passages))
    _refuse_outside(document.id, "page", document.pages, 0, len(document.text))
    places = [(start, end) for start, end, _ in document.places]
    _refuse_outside(document.id, "place", places, 0, len(document.text))
    for passage in passages:
        _refuse_passage(document, passage)
    for what, values in (("id", [p.id for p in passages]), ("ordinal", [p.ordinal for p in passages])):
        if len(set(values)) != len(values):
            raise ValueError(f"Two passages of document {document.id!r} have the same {what}.")
    _refuse_vectors(document.id, len(passages), vectors)


def fitting(
    connection: Connection, document: DocumentRecord, passages: Sequence[PassageRecord], vectors: Vectors
) -> Row:
    """Return the collection that the document goes into.

    Raises:
        ValueError: there is no such collection, its vectors have another length, or an id belongs to something else.
    """
    into = catalog.row(connection, document.collection)
    if into is None:
        raise ValueError(f"There is no collection {document.collection!r}; call ensure_collection first.")
    if len(passages) and vectors.shape[1] != into.dimensions:
        raise ValueError(
            f"Collection {into.name!r} has vectors of {into.dimensions} dimensions, these have {vectors.shape[1]}."
        )
    elsewhere = connection.execute(
        "SELECT 1 FROM documents WHERE id = ? AND collection <> ?", (document.id, into.number)
    ).fetchone()
    if elsewhere:
        raise ValueError(f"Document {document.id!r} is in another collection; ids are of one collection and uri.")
    taken = connection.execute(
        "SELECT passages.id FROM passages JOIN documents ON documents.number = passages.document "
        f"WHERE passages.id IN {LISTED} AND documents.id <> ?",
        (json.dumps([passage.id for passage in passages]), document.id),
    ).fetchone()
    if taken:
        raise ValueError(f"Passage {taken[0]!r} belongs to another document.")
    return into


def _refuse_passage(document: DocumentRecord, passage: PassageRecord) -> None:
    if not passage.id or passage.document_id != document.id:
        raise ValueError(f"Passage {passage.id!r} names document {passage.document_id!r}, not {document.id!r}.")
    if not passage.vector_key:
        raise ValueError(f"Passage {passage.id!r} has no vector_key.")
    _refuse_outside(passage.id, "passage", [(passage.start, passage.end)], 0, len(document.text))
    _refuse_outside(passage.id, "sentence", passage.sentences, passage.start, passage.end)


def _texts(document: DocumentRecord, passages: Sequence[PassageRecord]) -> Iterable[str]:
    yield from (document.text, document.uri, document.title)
    yield from (passage.text for passage in passages)
    yield from (label for _, _, label in document.places)


def _refuse_outside(of: str, what: str, spans: Iterable[tuple[int, int]], first: int, last: int) -> None:
    for start, end in spans:
        if not first <= start <= end <= last or (start == end and what == "sentence"):
            raise ValueError(f"{of!r}: {what} {start} to {end} is not within {first} to {last}.")


def _refuse_broken_text(of: str, texts: Iterable[str]) -> None:
    for text in texts:
        try:
            text.encode()
        except UnicodeEncodeError as error:
            raise ValueError(f"{of!r}: a text has half a surrogate pair at {error.start}.") from error


def _refuse_vectors(of: str, count: int, vectors: Vectors) -> None:
    if len(vectors) != count or (count and vectors.ndim != 2):
        raise ValueError(f"Document {of!r} has {count} passages, but vectors of shape {vectors.shape}.")
    if count and not np.allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=_UNIT_TOLERANCE):
        raise ValueError(f"Document {of!r} has a vector that is not of unit length.")
