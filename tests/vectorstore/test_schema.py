"""A catalogue of an older version is brought up to date on opening; one of a newer version is left alone."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from sqlite3 import Connection
from threading import Thread

import pytest
from store_samples import put

from vectorstore.database import Database
from vectorstore.errors import StoreUnreadableError
from vectorstore.local import LocalStore, open_store
from vectorstore.schema import MIGRATIONS, version


def add_colour(connection: Connection) -> None:
    connection.execute("ALTER TABLE documents ADD COLUMN colour TEXT NOT NULL DEFAULT 'red'")


def fail_half_way(connection: Connection) -> None:
    connection.execute("CREATE TABLE half (x)")
    raise RuntimeError("no")


def test_steps_that_are_new_are_applied_once_and_keep_the_data(store: LocalStore) -> None:
    put(store, "apples")
    store.close()
    for _ in range(2):
        database = Database(store.database.path, 1, (*MIGRATIONS, add_colour))
        with database.reading() as connection:
            assert version(connection) == len(MIGRATIONS) + 1
            assert connection.execute("SELECT id, colour FROM documents").fetchall() == [("notes:a.txt", "red")]
        database.close()


def test_a_step_that_fails_leaves_the_version_before(store: LocalStore, home: Path) -> None:
    put(store, "apples")
    store.close()
    with pytest.raises(RuntimeError, match="no"):
        Database(store.database.path, 1, (*MIGRATIONS, add_colour, fail_half_way))
    with closing(sqlite3.connect(store.database.path)) as connection:
        assert version(connection) == len(MIGRATIONS) + 1
        assert connection.execute("SELECT name FROM sqlite_master WHERE name = 'half'").fetchall() == []


def test_a_newer_version_is_refused_and_unchanged(store: LocalStore, home: Path) -> None:
    store.close()
    with closing(sqlite3.connect(store.database.path)) as connection:
        connection.execute("PRAGMA user_version = 99")
    with pytest.raises(StoreUnreadableError, match=r"newer version.*schema 99.*upgrade"):
        open_store(home)
    with closing(sqlite3.connect(store.database.path)) as connection:
        assert version(connection) == 99


def test_many_may_open_a_new_home_at_once(tmp_path: Path) -> None:
    errors: list[Exception] = []

    def work() -> None:
        try:
            with open_store(tmp_path / "fresh") as store:
                store.documents()
        except Exception as error:
            errors.append(error)

    threads = [Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []


def test_what_is_no_catalogue_is_named(home: Path) -> None:
    (home / "catalog.sqlite3").write_text("this is a letter to my aunt\n" * 100)
    with pytest.raises(StoreUnreadableError, match=r"catalog\.sqlite3 is damaged .* `rag doctor`"):
        open_store(home)
