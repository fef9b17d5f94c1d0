"""A copy of the catalogue while others write to it, and putting one in its place as a single transaction.

The index is not copied: it is made anew from the catalogue.
"""

from __future__ import annotations

import sqlite3
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from vectorstore import catalog
from vectorstore.check import doctor, rebuild
from vectorstore.database import Database, explained
from vectorstore.errors import StoreError, StoreUnreadableError
from vectorstore.local import LocalStore
from vectorstore.marks import WHOLE, mark
from vectorstore.schema import MIGRATIONS, version

_PAGES = 2_000
"""Pages that are copied between two calls of `progress`: 8 MB."""

PagesDone = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Contents:
    """What a catalogue holds."""

    documents: int
    passages: int
    chats: int
    schema: int


def snapshot(catalogue: Path, target: Path, progress: PagesDone | None = None) -> Contents:
    """Copy a catalogue as it is at one moment into a new file, and check the copy; writers needn't wait.

    `progress` gets pages done and their total.

    Raises:
        StoreError: it can't be read or is damaged, or there is no room for the copy.
    """
    with explained(catalogue), closing(_opened(catalogue)) as source:
        # Within a transaction, so that a writer can't make the copy begin anew.
        source.execute("BEGIN")
        source.execute("SELECT count(*) FROM sqlite_schema").fetchone()
        _copy(source, target, progress)
    return contents(target)


def contents(catalogue: Path) -> Contents:
    """Check a catalogue that nobody else uses, and say what it holds.

    Raises:
        StoreUnreadableError: it is damaged, or of a newer version.
    """
    with explained(catalogue), closing(_opened(catalogue)) as connection:
        schema = version(connection)
        if schema > len(MIGRATIONS):
            raise StoreUnreadableError(
                f"{catalogue.name} was written by a newer version of this program (schema {schema}, this one knows "
                f"{len(MIGRATIONS)}); upgrade with `pip install --upgrade footnote-rag`."
            )
        for pragma in ("integrity_check", "foreign_key_check"):
            faults = [row for row in connection.execute(f"PRAGMA {pragma}") if row != ("ok",)]
            if faults:
                raise StoreUnreadableError(f"{catalogue.name} is damaged ({pragma}: {faults[0][0]}).")
        tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")}

        def count(table: str) -> int:
            found = connection.execute(f"SELECT count(*) FROM {table}") if table in tables else None
            return int(found.fetchone()[0]) if found else 0

        return Contents(count("documents"), count("passages"), count("chats"), schema)


def prepare(catalogue: Path, moved: Mapping[str, str]) -> None:
    """Bring a copy to today's version, and let documents whose path begins with a key of `moved` begin with its value.

    Raises:
        StoreError: it can't be written.
    """
    database = Database(catalogue, 0.0)
    try:
        with database.writing() as connection:
            for old, new in moved.items():
                for table in ("documents", "failures"):
                    connection.execute(
                        f"UPDATE {table} SET uri = ? || substr(uri, ?) WHERE substr(uri, 1, ?) = ?",
                        (new, len(old) + 1, len(old), old),
                    )
    finally:
        database.close()
    with explained(catalogue), closing(_opened(catalogue)) as connection:
        connection.execute("PRAGMA journal_mode = DELETE")  # one file again


def put_in_place(
    store: LocalStore, copy: Path, keep: Path, progress: Callable[[int, int], None] | None = None
) -> Contents:
    """Put a copy in the place of the store's catalogue and make the index anew; what was there stays until it is right.

    The catalogue changes in one transaction: whoever reads sees all of the old one or all of the new one, also after
    a crash. Processes that have it open go on with the new one. If the store is not in order afterwards, what was there
    comes back from `keep`, a file that is made for this and removed at the end.

    Args:
        store: nobody else may be writing to it.
        copy: is changed: it takes the store's own name, and revisions that never were.
        keep: where to keep what was there.
        progress: gets passages indexed and their total.

    Raises:
        StoreBusyError: another process writes.
        StoreError: it failed; the catalogue is what it was.
    """
    with store.owning():
        snapshot(store.database.path, keep)
        _adapt(copy, keep)
        _replace(store, copy)
        try:
            rebuild(store, None, progress)
            # Passages without a vector were so when the copy was made: no reason to refuse the rest of it.
            findings = [finding for finding in doctor(store) if finding.kind != "orphan"]
            if findings:
                raise StoreError(
                    f"What was restored is not in order ({findings[0].detail}); the store is what it was before."
                )
        except BaseException:
            _adapt(keep, copy)
            _replace(store, keep)
            raise
        keep.unlink()
    return held(store)


def held(store: LocalStore) -> Contents:
    """Say what a store holds."""
    with store.database.reading() as connection:
        infos = catalog.collections(connection)
        chats = int(connection.execute("SELECT count(*) FROM chats").fetchone()[0])
        return Contents(sum(i.documents for i in infos), sum(i.passages for i in infos), chats, version(connection))


def _replace(store: LocalStore, copy: Path) -> None:
    """Overwrite the catalogue with the pages of a copy."""
    store.close_index()
    with explained(copy), closing(_opened(copy)) as source, store.database.replacing() as target:
        source.backup(target, pages=-1)


def _adapt(copy: Path, home: Path) -> None:
    """Give a catalogue the name of the one it replaces, revisions that are new to both, and marks for the index.

    The name keeps homes apart on a shared Chroma server; caches of running processes go by revisions.
    """
    with explained(home), closing(_opened(home)) as connection:
        name = catalog.store_id(connection) if _is_made(connection) else uuid.uuid4().hex
        known = {row.name for row in catalog.rows_of_collections(connection)} if _is_made(connection) else set()
        revision = _revision(connection) if _is_made(connection) else 0
    with explained(copy), closing(_opened(copy)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        latest = max(revision, _revision(connection)) + 1
        connection.execute("UPDATE meta SET value = ? WHERE key = 'store'", (name,))
        connection.execute("UPDATE meta SET value = ? WHERE key = 'revision'", (str(latest),))
        for row in catalog.rows_of_collections(connection):
            catalog.touch(connection, row.number)
            known.add(row.name)
        for collection in sorted(known):
            mark(connection, collection, [WHOLE])
        connection.execute("COMMIT")


def _is_made(connection: sqlite3.Connection) -> bool:
    return version(connection) > 0


def _revision(connection: sqlite3.Connection) -> int:
    return int(connection.execute("SELECT value FROM meta WHERE key = 'revision'").fetchone()[0])


def _copy(source: sqlite3.Connection, target: Path, progress: PagesDone | None) -> None:
    def told(_status: int, left: int, total: int) -> None:
        if progress:
            progress(total - left, total)

    with _new_file(target), explained(target), closing(_opened(target)) as made:
        source.backup(made, pages=_PAGES, progress=told)
        made.execute("PRAGMA journal_mode = DELETE")  # one file, whole in itself


@contextmanager
def _new_file(path: Path) -> Iterator[None]:
    """Make a file that only its owner can read; nothing of it stays behind if the block fails."""
    path.unlink(missing_ok=True)
    try:
        path.touch(mode=0o600)
        yield
    except BaseException:
        for name in (path.name, f"{path.name}-wal", f"{path.name}-shm", f"{path.name}-journal"):
            path.with_name(name).unlink(missing_ok=True)
        raise


def _opened(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(path, timeout=30.0, isolation_level=None)
