"""Connections to the catalogue's SQLite file, and its errors as sentences of ours."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from vectorstore import lexical
from vectorstore.errors import StoreBusyError, StoreError, StoreUnreadableError, StoreWriteError
from vectorstore.schema import MIGRATIONS, Migration, migrate

_BUSY = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}
_AGAIN_SECONDS = 0.02
_FULL = {sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR}
_CLOSED_TO_US = {sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM}
_DAMAGED = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}


class Database:
    """A pool of connections to one file; any number of threads may read and write at once.

    A connection is lent for one transaction and comes back, so there are never more than threads at work.
    Writers of this and other processes queue on SQLite's own lock for up to `busy_seconds`.
    """

    def __init__(self, path: Path, busy_seconds: float, migrations: Sequence[Migration] = MIGRATIONS) -> None:
        self.path = path
        self._busy_seconds = busy_seconds
        self._guard = threading.Lock()
        self._idle: list[sqlite3.Connection] = []
        self._closed = False
        with explained(path), self._lent(for_reading=True) as connection:
            migrate(connection, path, migrations)
            current = lexical.is_current(connection)
        if not current:
            with self.writing() as connection:
                lexical.renew(connection)

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """Lend a connection for reading: everything read through it is of one moment."""
        with explained(self.path), self._lent(for_reading=True) as connection:
            connection.execute("BEGIN")
            try:
                yield connection
            finally:
                connection.rollback()

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """Lend a connection inside a write transaction: committed at the end, rolled back on any exception."""
        with explained(self.path), self._lent() as connection:
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
                connection.execute("COMMIT")
            finally:
                connection.rollback()  # does nothing after the commit

    @contextmanager
    def replacing(self) -> Iterator[sqlite3.Connection]:
        """Lend a connection outside any transaction, as the target of SQLite's backup, which makes one of its own."""
        with explained(self.path), self._lent() as connection:
            yield connection

    def close(self) -> None:
        """Close the connections; one that is lent closes when it comes back."""
        with self._guard:
            self._closed = True
            idle, self._idle = self._idle, []
        for connection in idle:
            connection.close()

    @contextmanager
    def _lent(self, *, for_reading: bool = False) -> Iterator[sqlite3.Connection]:
        keep = True
        with self._guard:
            if self._closed:
                raise StoreError(f"The store {self.path.parent} was closed; open it again.")
            connection = self._idle.pop() if self._idle else None
        try:
            connection = connection or self._connect()
        except sqlite3.OperationalError:
            # A full disk, or a folder that may only be read: SQLite can't make the files that it shares a log by.
            if not for_reading or not self._is_at_rest():
                raise
            connection, keep = self._connect_at_rest(), False  # for once: there may be room by the next time
        try:
            yield connection
        finally:
            with self._guard:
                keep = keep and not self._closed
                if keep:
                    self._idle.append(connection)
            if not keep:
                connection.close()

    def _is_at_rest(self) -> bool:
        """Say whether the file is all there is: nobody has it open to write, nor was killed before its log was in."""
        log = self.path.with_name(f"{self.path.name}-wal")
        return self.path.is_file() and self.path.stat().st_size > 0 and not (log.exists() and log.stat().st_size)

    def _connect_at_rest(self) -> sqlite3.Connection:
        uri = f"{self.path.absolute().as_uri()}?mode=ro&immutable=1"
        return sqlite3.connect(uri, uri=True, isolation_level=None, check_same_thread=False)

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(
            self.path, timeout=self._busy_seconds, isolation_level=None, check_same_thread=False
        )
        try:
            _share_a_log(connection, self._busy_seconds)
            connection.execute("PRAGMA foreign_keys = ON")
            # FULL: what ingest reported as done survives a power cut, not only a kill.
            connection.execute("PRAGMA synchronous = FULL")
            lexical.teach(connection)
        except BaseException:
            connection.close()
            raise
        return connection


def _share_a_log(connection: sqlite3.Connection, seconds: float) -> None:
    """Switch to the log that readers and a writer share; where many open a new file at once SQLite doesn't wait."""
    until = time.monotonic() + seconds
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as error:
            if getattr(error, "sqlite_errorcode", 0) & 0xFF not in _BUSY or time.monotonic() >= until:
                raise
        time.sleep(_AGAIN_SECONDS)


@contextmanager
def explained(path: Path) -> Iterator[None]:
    """Turn SQLite's errors about the file into sentences; errors of the program itself pass unchanged."""
    try:
        yield
    except sqlite3.DatabaseError as error:
        # Extended codes keep the primary one in the low byte.
        sentence = _sentence(path, error, getattr(error, "sqlite_errorcode", 0) & 0xFF)
        if sentence is None:
            raise
        raise sentence from error


def _sentence(path: Path, error: sqlite3.DatabaseError, code: int) -> StoreError | None:
    if code in _BUSY:
        return StoreBusyError(f"Another process is writing to {path.parent}; wait for it or stop it, then try again.")
    if code in _FULL:
        return StoreWriteError(
            f"{path} could not be written ({error}); free some disk space. What was there before is unchanged."
        )
    if code in _CLOSED_TO_US:
        return StoreWriteError(f"{path} cannot be written ({error}); make the folder writable or set RAG_HOME.")
    if code in _DAMAGED:
        return StoreUnreadableError(
            f"{path} is damaged ({error}); `rag doctor` says how far. Put back a copy, "
            "or move it away and ingest the documents again."
        )
    return None
