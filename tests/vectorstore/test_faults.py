"""Damaged files of the index, logs that a kill left behind, a disk that is full: what is lost, and what mends it."""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from store_fixtures import Opens
from store_samples import put, vector

from vectorstore.check import doctor, rebuild
from vectorstore.errors import StoreWriteError
from vectorstore.local import LocalStore, open_store

HERE = Path(__file__).parent


def filled(home: Path) -> list[str]:
    """Fill a store and close it; return the texts of its passages."""
    with open_store(home) as store:
        for number in range(12):
            put(store, *(f"words {number} {part} of a text" for part in range(5)), uri=f"{number:02d}.txt")
        return texts(store)


def texts(store: LocalStore) -> list[str]:
    ids = [document.id for document in store.documents("notes")]
    return [passage.text for passage in store.passages_of(ids)]


def flipped(at: float) -> Callable[[Path], None]:
    def change(path: Path) -> None:
        data = bytearray(path.read_bytes())
        data[int(at * (len(data) - 1))] ^= 0xFF
        path.write_bytes(data)

    return change


def cut(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


def emptied(path: Path) -> None:
    os.truncate(path, 0)


@pytest.mark.parametrize("name", ["chroma.sqlite3", "data_level0.bin", "header.bin", "length.bin"])
@pytest.mark.parametrize(
    "change", [flipped(0.01), flipped(0.5), cut, emptied, Path.unlink], ids=["early", "half", "cut", "empty", "gone"]
)
def test_a_damaged_index_loses_nothing_and_is_mended(
    home: Path, opened: Opens, name: str, change: Callable[[Path], None]
) -> None:
    before = filled(home)
    damaged = list((home / "chroma").rglob(name))
    assert damaged, f"this version of Chroma has no {name}: damage what it has instead"
    for path in damaged:
        change(path)

    store = opened()
    assert texts(store) == before, "documents are read without the index"
    assert [hit.passage_id for hit in store.lexical("notes", "words 7 3", 1)] == ["notes:07.txt#3"]
    assert [hit.passage_id for hit in store.dense("notes", vector("words 7 3 of a text"), 1)] == ["notes:07.txt#3"]
    for finding in doctor(store):
        assert finding.mend == "rag rebuild", finding
    assert rebuild(store) == 60
    assert doctor(store) == [] and texts(store) == before
    put(store, "there is more", uri="more.txt")
    assert doctor(store) == []


def test_an_index_that_is_gone_is_missed_and_made_anew(home: Path, opened: Opens) -> None:
    before = filled(home)
    shutil.rmtree(home / "chroma")
    store = opened()
    (finding,) = doctor(store)
    assert (finding.kind, finding.count, finding.mend) == ("missing", 60, "rag rebuild")
    assert rebuild(store) == 60 and doctor(store) == [] and texts(store) == before


def killed(work: str, home: Path) -> None:
    """Run statements on the catalogue in a process that is killed at their end, with its transaction open."""
    code = f"""
import os, signal, sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("PRAGMA cache_size = 1")
{work}
os.kill(os.getpid(), signal.SIGKILL)
"""
    done = subprocess.run([sys.executable, "-c", code, str(home / "catalog.sqlite3")], capture_output=True, text=True)
    assert done.returncode == -signal.SIGKILL, done.stderr


TORN = """
connection.execute("BEGIN IMMEDIATE")
connection.execute("UPDATE documents SET text = 'torn', title = 'torn'")
connection.execute("DELETE FROM bands")
connection.execute("DELETE FROM passages")
"""


def test_a_log_that_a_kill_left_keeps_what_was_committed_and_nothing_else(home: Path, opened: Opens) -> None:
    before = filled(home)
    committed = 'connection.execute("PRAGMA wal_autocheckpoint = 0")\n'
    committed += "connection.execute(\"UPDATE documents SET author = 'Kept'\")\n"
    killed(committed + TORN, home)
    assert (home / "catalog.sqlite3-wal").stat().st_size > 0
    store = opened()
    assert texts(store) == before and doctor(store) == []
    document = store.document("notes:03.txt")
    assert document is not None and (document.author, document.title) == ("Kept", "Title of 03.txt")


def test_a_hot_journal_is_rolled_back(home: Path, opened: Opens) -> None:
    before = filled(home)
    with closing(sqlite3.connect(home / "catalog.sqlite3", isolation_level=None)) as connection:
        assert connection.execute("PRAGMA journal_mode = DELETE").fetchone() == ("delete",)
    killed(TORN, home)
    assert (home / "catalog.sqlite3-journal").stat().st_size > 0
    store = opened()
    assert texts(store) == before and doctor(store) == []
    put(store, "and on", uri="on.txt")
    assert doctor(store) == []


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 4 MB."""
    if os.geteuid() != 0 or not sys.platform.startswith("linux"):
        pytest.skip("mounting a small disk needs root on Linux; test_disk.py does without")
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(disk)], capture_output=True)
    if mounted.returncode:
        pytest.skip("this container may not mount; test_disk.py does without")
    yield disk
    subprocess.run(["umount", str(disk)], check=True)


def test_a_disk_that_fills_up_leaves_a_store_that_can_be_read_and_goes_on(small_disk: Path) -> None:
    done = 0
    with open_store(small_disk / "home") as store:
        with pytest.raises(StoreWriteError, match=r"could not be written .*free some disk space"):
            while done < 1000:
                put(store, *(f"words {done} {n} " * 40 for n in range(10)), uri=f"{done:03d}.txt")
                done += 1
        assert 0 < done < 1000
        assert len(store.documents("notes")) == done, "while it is full"
        assert len(texts(store)) == 10 * done
        assert store.lexical("notes", "words 0 3", 1) and store.dense("notes", vector("x"), 3)
    subprocess.run(["mount", "-o", "remount,size=64m", str(small_disk)], check=True)
    with open_store(small_disk / "home") as store:
        put(store, "there is room again", uri="again.txt")
        assert len(store.documents("notes")) == done + 1
        assert doctor(store) == []


def test_a_full_disk_can_be_opened_and_read(small_disk: Path) -> None:
    subprocess.run(["mount", "-o", "remount,size=64m", str(small_disk)], check=True)
    before = filled(small_disk / "home")
    with pytest.raises(OSError, match="No space left"), (small_disk / "filler").open("wb", buffering=0) as filler:
        while True:
            filler.write(b"\0" * 4096)
    with open_store(small_disk / "home") as store:
        assert texts(store) == before
        assert len(store.lexical("notes", "words", 99)) == 60
