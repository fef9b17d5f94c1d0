"""Damage to the files of a home, each as a disk or a crash makes it; what was done is returned in a word."""

from __future__ import annotations

import os
import random
import shutil
import signal
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path


def _chroma_file(home: Path, draw: random.Random) -> Path:
    return draw.choice([path for path in sorted((home / "chroma").rglob("*")) if path.is_file()])


def flip(home: Path, draw: random.Random) -> str:
    path = _chroma_file(home, draw)
    data = bytearray(path.read_bytes() or b"\0")
    at = draw.randrange(len(data))
    data[at] ^= 1 << draw.randrange(8)
    path.write_bytes(data)
    return f"({path.name}, byte {at} of {len(data)})"


def truncate(home: Path, draw: random.Random) -> str:
    path = _chroma_file(home, draw)
    size = path.stat().st_size
    os.truncate(path, draw.randrange(max(1, size)))
    return f"({path.name}, {path.stat().st_size} of {size} bytes)"


def delete(home: Path, draw: random.Random) -> str:
    path = _chroma_file(home, draw)
    path.unlink()
    return f"({path.name})"


def drop(home: Path, _: random.Random) -> str:
    shutil.rmtree(home / "chroma")
    return ""


def killed(work: Callable[[], None]) -> None:
    """Run in a process of its own what ends with its death."""
    pid = os.fork()
    if pid == 0:
        os.setsid()
        work()
    os.waitpid(pid, 0)


def hot_log(home: Path, _: random.Random) -> str:
    """Leave the log of a writer that was killed: a committed part and one that was not."""

    def work() -> None:
        connection = sqlite3.connect(home / "catalog.sqlite3", isolation_level=None)
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA wal_autocheckpoint = 0")
        connection.execute("PRAGMA cache_size = 1")
        connection.execute("UPDATE documents SET author = 'kept'")
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("UPDATE documents SET text = 'torn', title = 'torn'")
        connection.execute("DELETE FROM passages")
        os.killpg(os.getpid(), signal.SIGKILL)

    killed(work)
    size = (home / "catalog.sqlite3-wal").stat().st_size
    return f"({size:,} bytes of log)"


def hot_journal(home: Path, _: random.Random) -> str:
    """Leave a rollback journal: the catalogue itself is half overwritten."""
    with closing(sqlite3.connect(home / "catalog.sqlite3", isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = DELETE")

    def work() -> None:
        connection = sqlite3.connect(home / "catalog.sqlite3", isolation_level=None)
        connection.execute("PRAGMA cache_size = 1")
        connection.execute("PRAGMA cache_spill = 1")
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("UPDATE documents SET text = 'torn', title = 'torn'")
        connection.execute("DELETE FROM bands")
        connection.execute("DELETE FROM passages")
        os.killpg(os.getpid(), signal.SIGKILL)

    killed(work)
    return f"({(home / 'catalog.sqlite3-journal').stat().st_size:,} bytes of journal)"


DAMAGES: dict[str, Callable[[Path, random.Random], str]] = {
    "a bit of Chroma's folder flipped": flip,
    "a file of it truncated": truncate,
    "a file of it deleted": delete,
    "all of it deleted": drop,
    "SQLite's log left by a kill": hot_log,
    "SQLite's rollback journal left by a kill": hot_journal,
}
