"""Words: SQLite FTS5 over the passages, one table a collection, kept in the catalogue's own transactions.

One table a collection, because BM25 weighs a word by how rare it is: a collection's ranking must not change
with what is put into another.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from sqlite3 import Connection, DatabaseError

from vectorstore.forms import indexed, looked_for, version
from vectorstore.store import Hit

_MOST_WORDS = 256
"""A question of 100,000 characters is searched by its first so many different words."""
_LONGEST_WORD = 200
_FUNCTION_WORDS = """
    a about an and are as at be been but by can could did do does for from had has have he her his how i if in into is
    it its me my of on or our she should so than that the their them then there these they this those to was we were
    what when where which who whom whose why will with would you your
"""
STOP_WORDS = frozenset(_FUNCTION_WORDS.split())
"""English words that stand in almost every passage; dropped from a query that has others."""


_TOKENIZER = "porter unicode61 remove_diacritics 2 categories ''L* N* Co Mn Mc''"
"""Vowel signs are part of a word: without them each Hindi consonant would be one."""
_FORM = (
    "word_forms((SELECT title FROM documents WHERE number = passages.document) || char(10) || text, "
    "(SELECT language FROM languages WHERE document = passages.document))"
)
"""A passage is found by its document's title, too: it often has the name that the passage itself takes for granted."""


def teach(connection: Connection) -> None:
    """Give a connection the function by which the word indexes' texts are made; without it they can't be read."""
    connection.create_function("word_forms", 2, indexed, deterministic=True)
    connection.execute("PRAGMA trusted_schema = ON")  # the function stands in views of ours


def create(connection: Connection, collection: int) -> None:
    """Create the empty word index of a collection."""
    connection.execute(
        f"CREATE VIEW words_{collection:d}_source AS SELECT number, {_FORM} AS text FROM passages "
        f"WHERE collection = {collection:d}"
    )
    connection.execute(
        f"CREATE VIRTUAL TABLE words_{collection:d} USING fts5 (text, content = 'words_{collection:d}_source', "
        f"content_rowid = 'number', tokenize = '{_TOKENIZER}')"
    )


def renew(connection: Connection) -> None:
    """Make all word indexes anew, unless they are what today's rules and stemmers give; needs a write transaction."""
    if is_current(connection):
        return
    for (collection,) in connection.execute("SELECT number FROM collections").fetchall():
        rebuild(connection, collection)
    connection.execute("INSERT OR REPLACE INTO meta VALUES ('words', ?)", (version(),))


def is_current(connection: Connection) -> bool:
    """Say whether the word indexes were made by today's rules and stemmers."""
    found = connection.execute("SELECT value FROM meta WHERE key = 'words'").fetchone()
    return found is not None and found[0] == version()


def drop(connection: Connection, collection: int) -> None:
    """Remove a collection's word index."""
    connection.execute(f"DROP TABLE IF EXISTS words_{collection:d}")
    connection.execute(f"DROP VIEW IF EXISTS words_{collection:d}_source")


def add(connection: Connection, collection: int, document: int) -> None:
    """Index the words of a document's passages; call it after they are inserted."""
    connection.execute(
        f"INSERT INTO words_{collection:d} (rowid, text) SELECT number, {_FORM} FROM passages WHERE document = ?",
        (document,),
    )


def remove(connection: Connection, collection: int, document: int) -> None:
    """Forget the words of a document's passages; call it before they are deleted, for FTS5 needs their text."""
    connection.execute(
        f"INSERT INTO words_{collection:d} (words_{collection:d}, rowid, text) "
        f"SELECT 'delete', number, {_FORM} FROM passages WHERE document = ?",
        (document,),
    )


def rebuild(connection: Connection, collection: int) -> None:
    """Make the word index anew from the passages, whatever state it is in."""
    drop(connection, collection)
    create(connection, collection)
    connection.execute(f"INSERT INTO words_{collection:d} (words_{collection:d}) VALUES ('rebuild')")


def fault(connection: Connection, collection: int) -> str:
    """Return how the word index differs from the passages, or "" if it doesn't; needs a write transaction."""
    try:
        connection.execute(
            f"INSERT INTO words_{collection:d} (words_{collection:d}, rank) VALUES ('integrity-check', 1)"
        )
    except DatabaseError as error:
        return str(error)
    return ""


def expression(query: str, languages: Sequence[str] = ()) -> str:
    """Return the FTS5 expression that finds any word of `query`, or "" if it has none.

    Each word is quoted, so nothing in a question is ever an operator. `languages` are those of the texts.
    """
    found = {word: forms for word, forms in looked_for(query, languages) if len(word) <= _LONGEST_WORD}
    telling = [word for word in found if word not in STOP_WORDS] or list(found)
    forms = dict.fromkeys(form for word in telling[:_MOST_WORDS] for form in found[word])
    return " OR ".join(f'"{form[:-1]}"*' if form.endswith("*") else f'"{form}"' for form in forms if form)


def languages_of(connection: Connection, collection: int) -> list[str]:
    """Return the languages of a collection's documents, as far as they are known."""
    found = connection.execute(
        "SELECT DISTINCT language FROM languages WHERE collection = ? ORDER BY language", (collection,)
    )
    return [language for (language,) in found]


def search(
    connection: Connection, collection: int, query: str, k: int, document_ids: Sequence[str] | None = None
) -> list[Hit]:
    """Return the k best passages by BM25, best first; ties in the order they were added."""
    words = expression(query, languages_of(connection, collection)) if k > 0 else ""
    if not words:
        return []
    table = f"words_{collection:d}"
    only, values = "", [words]
    if document_ids is not None:
        only = "AND passages.document IN (SELECT number FROM documents WHERE id IN (SELECT value FROM json_each(?)))"
        values.append(json.dumps(list(document_ids)))
    rows = connection.execute(
        f"SELECT passages.id, -bm25({table}) FROM {table} JOIN passages ON passages.number = {table}.rowid "
        f"WHERE {table} MATCH ? {only} ORDER BY bm25({table}), passages.number LIMIT ?",
        (*values, k),
    )
    return [Hit(passage_id, score) for passage_id, score in rows]
