"""The catalogue's tables, as an ordered list of migrations; the last one's number is `PRAGMA user_version`."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from pathlib import Path
from sqlite3 import Connection

from vectorstore.errors import StoreUnreadableError

Migration = Callable[[Connection], None]

_VERSION_1 = (
    "CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID",
    # AUTOINCREMENT: a number names the FTS tables and keys caches, so a dropped collection's is never reused.
    """CREATE TABLE collections (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        name TEXT NOT NULL UNIQUE,
        embedding TEXT NOT NULL,
        dimensions INTEGER NOT NULL CHECK (dimensions > 0),
        revision INTEGER NOT NULL)""",
    # The text comes last: SQLite then lists documents without reading its pages.
    """CREATE TABLE documents (
        number INTEGER PRIMARY KEY,
        id TEXT NOT NULL UNIQUE,
        collection INTEGER NOT NULL REFERENCES collections (number),
        uri TEXT NOT NULL,
        title TEXT NOT NULL,
        content_hash TEXT NOT NULL,
        media_type TEXT NOT NULL,
        published_at TEXT,
        author TEXT,
        pages TEXT NOT NULL,
        size INTEGER NOT NULL,
        modified REAL NOT NULL,
        pipeline TEXT NOT NULL,
        added_at TEXT NOT NULL,
        characters INTEGER NOT NULL,
        text TEXT NOT NULL)""",
    "CREATE INDEX documents_by_uri ON documents (collection, uri)",
    """CREATE TABLE passages (
        number INTEGER PRIMARY KEY,
        id TEXT NOT NULL UNIQUE,
        document INTEGER NOT NULL REFERENCES documents (number),
        collection INTEGER NOT NULL REFERENCES collections (number),
        ordinal INTEGER NOT NULL,
        "start" INTEGER NOT NULL,
        "end" INTEGER NOT NULL,
        page INTEGER,
        heading TEXT NOT NULL,
        sentences TEXT NOT NULL,
        signature BLOB NOT NULL,
        vector_key TEXT NOT NULL,
        text TEXT NOT NULL,
        UNIQUE (document, ordinal))""",
    "CREATE INDEX passages_by_collection ON passages (collection)",
    """CREATE TABLE bands (
        passage INTEGER NOT NULL REFERENCES passages (number) ON DELETE CASCADE,
        place INTEGER NOT NULL,
        key BLOB NOT NULL,
        PRIMARY KEY (passage, place)) WITHOUT ROWID""",
    "CREATE INDEX bands_by_key ON bands (key, passage)",
    """CREATE TABLE vectors (
        embedding TEXT NOT NULL,
        vector_key TEXT NOT NULL,
        vector BLOB NOT NULL,
        PRIMARY KEY (embedding, vector_key))""",
    # Passages whose rows in Chroma may differ from the catalogue; '' stands for the whole collection.
    """CREATE TABLE pending (
        collection TEXT NOT NULL,
        passage_id TEXT NOT NULL,
        PRIMARY KEY (collection, passage_id)) WITHOUT ROWID""",
)


def _version_1(connection: Connection) -> None:
    for statement in _VERSION_1:
        connection.execute(statement)
    rows = [("store", uuid.uuid4().hex), ("revision", "0")]
    connection.executemany("INSERT INTO meta VALUES (?, ?)", rows)


_CHATS = (
    """CREATE TABLE chats (
        number INTEGER PRIMARY KEY,
        id TEXT NOT NULL UNIQUE,
        owner TEXT NOT NULL,
        title TEXT NOT NULL,
        collection TEXT NOT NULL,
        created_at TEXT NOT NULL,
        updated_at TEXT NOT NULL)""",
    "CREATE INDEX chats_by_owner ON chats (owner, updated_at)",
    # One turn: a question and, once there is one, its answer as JSON. `sources` are the content hashes of the documents
    # it cites, by id, so that a change of a document shows. No reference to documents: a chat outlives them.
    """CREATE TABLE turns (
        number INTEGER PRIMARY KEY,
        id TEXT NOT NULL UNIQUE,
        chat INTEGER NOT NULL REFERENCES chats (number) ON DELETE CASCADE,
        question TEXT NOT NULL,
        state TEXT NOT NULL,
        answer TEXT NOT NULL,
        sources TEXT NOT NULL,
        verdict TEXT,
        reason TEXT NOT NULL DEFAULT '',
        created_at TEXT NOT NULL)""",
    "CREATE INDEX turns_by_chat ON turns (chat)",
)


def _chats(connection: Connection) -> None:
    for statement in _CHATS:
        connection.execute(statement)


def _places(connection: Connection) -> None:
    """Give documents named places. They stand behind the text; only who reads a text reads them, too."""
    connection.execute("ALTER TABLE documents ADD COLUMN places TEXT NOT NULL DEFAULT '[]'")


_LANGUAGES = (
    # A table of its own: as a column it would stand behind the text, and each listing would read through that.
    """CREATE TABLE languages (
        document INTEGER PRIMARY KEY REFERENCES documents (number) ON DELETE CASCADE,
        collection INTEGER NOT NULL,
        language TEXT NOT NULL)""",
    "CREATE INDEX languages_by_collection ON languages (collection, language)",
)


def _languages(connection: Connection) -> None:
    """Give documents a language. That of those which are there stays unknown until they are read again."""
    for statement in _LANGUAGES:
        connection.execute(statement)


def _failures(connection: Connection) -> None:
    """Remember what could not be read. By the collection's name, for there may be no collection yet."""
    connection.execute(
        """CREATE TABLE failures (
            collection TEXT NOT NULL,
            uri TEXT NOT NULL,
            reason TEXT NOT NULL,
            attempts INTEGER NOT NULL,
            deaths INTEGER NOT NULL,
            content_hash TEXT NOT NULL,
            size INTEGER NOT NULL,
            modified REAL NOT NULL,
            limits TEXT NOT NULL,
            first_at TEXT NOT NULL,
            last_at TEXT NOT NULL,
            PRIMARY KEY (collection, uri)) WITHOUT ROWID"""
    )


MIGRATIONS: tuple[Migration, ...] = (_version_1, _chats, _places, _languages, _failures)
"""Never change one that was released: append."""


def version(connection: Connection) -> int:
    """Return how many migrations this catalogue has had."""
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def migrate(connection: Connection, path: Path, migrations: Sequence[Migration] = MIGRATIONS) -> None:
    """Bring the catalogue to the newest version, each step in a transaction of its own.

    Raises:
        StoreUnreadableError: a newer program wrote it; nothing was changed.
    """
    known = len(migrations)
    while (found := version(connection)) != known:
        if found > known:
            raise StoreUnreadableError(
                f"{path} was written by a newer version of this program (schema {found}, this one knows {known}); "
                "upgrade with `pip install --upgrade footnote-rag`."
            )
        _step(connection, migrations)


def _step(connection: Connection, migrations: Sequence[Migration]) -> None:
    connection.execute("BEGIN IMMEDIATE")
    try:
        found = version(connection)  # again: another process may have been faster
        if found < len(migrations):
            migrations[found](connection)
            connection.execute(f"PRAGMA user_version = {found + 1}")
        connection.execute("COMMIT")
    except BaseException:
        connection.rollback()
        raise
