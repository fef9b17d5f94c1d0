"""One process writes at a time, and the one that has to wait is told for whom; readers never wait."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from store_fixtures import Opens
from store_samples import put, vector

from vectorstore.check import doctor
from vectorstore.errors import StoreBusyError, StoreWriteError
from vectorstore.local import LocalStore
from vectorstore.lock import OwnerLock

WRITER = """
import sys
sys.path.insert(0, sys.argv[2])
from pathlib import Path
from store_samples import put
from vectorstore.local import open_store

store = open_store(Path(sys.argv[1]))
store.claim()
put(store, "written by another process", uri="other.txt")
print("ready", flush=True)
sys.stdin.read()
store.close()
"""

BY_TURNS = """
import sys
sys.path.insert(0, sys.argv[2])
from pathlib import Path
from store_samples import put
from vectorstore.local import open_store

store = open_store(Path(sys.argv[1]), lock_seconds=60, scan_passages=0)
print("ready", flush=True)
for line in sys.stdin:
    put(store, *(f"{line.strip()} of another process, part {part}" for part in range(5)), uri=f"other {line.strip()}")
    print("done", flush=True)
"""


@pytest.fixture
def writer(home: Path, tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process that has written and holds the folder until its input ends."""
    with _started(WRITER, home, tmp_path) as process:
        yield process


@pytest.fixture
def other(home: Path, tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process that stays open and writes a document of five passages for each line that it is sent."""
    with _started(BY_TURNS, home, tmp_path) as process:
        yield process


@contextmanager
def _started(code: str, home: Path, folder: Path) -> Iterator[subprocess.Popen[str]]:
    script = folder / "ingesting.py"
    script.write_text(code)
    process = subprocess.Popen(
        [sys.executable, str(script), str(home), str(Path(__file__).parent)],
        env={**os.environ, "PYTHONPATH": os.getcwd()},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None and process.stdout.readline() == "ready\n"
    with process:
        yield process
        process.kill()


def send(other: subprocess.Popen[str], line: str) -> None:
    assert other.stdin is not None
    other.stdin.write(f"{line}\n")
    other.stdin.flush()


def answered(other: subprocess.Popen[str]) -> bool:
    assert other.stdout is not None
    return other.stdout.readline() == "done\n"


def test_a_second_writer_is_told_who_the_first_is(writer: subprocess.Popen[str], store: LocalStore) -> None:
    with pytest.raises(StoreBusyError, match=rf"`ingesting\.py .*` \(pid {writer.pid}, since \d\d:\d\d\) is writing"):
        put(store, "mine")
    assert [summary.uri for summary in store.documents()] == ["other.txt"]
    with pytest.raises(StoreBusyError):
        doctor(store)


def test_a_reader_reads_while_another_process_owns_the_folder(writer: subprocess.Popen[str], opened: Opens) -> None:
    for scan in (5000, 0):
        store = opened(scan=scan)
        assert store.dense("notes", vector("written by another process"), 1)[0].score > 0.99
        assert len(store.lexical("notes", "another process", 5)) == 1


def test_a_writer_that_ends_makes_room(writer: subprocess.Popen[str], opened: Opens) -> None:
    store = opened(lock_seconds=30)
    assert writer.stdin is not None
    writer.stdin.close()
    put(store, "mine")
    assert len(store.documents()) == 2 and doctor(store) == []


def test_a_writer_that_is_killed_makes_room(writer: subprocess.Popen[str], opened: Opens) -> None:
    writer.kill()
    writer.wait()
    store = opened(lock_seconds=30)
    put(store, "mine")
    assert len(store.documents()) == 2 and doctor(store) == []
    store.claim()
    assert json.loads((store.home / "owner.json").read_text())["pid"] == os.getpid()


@pytest.mark.parametrize("sidecar", ["{", "[]", '{"pid": 999999999, "command": "rag", "since": 0}', None])
def test_a_note_that_cannot_be_believed_names_nobody(
    writer: subprocess.Popen[str], home: Path, sidecar: str | None
) -> None:
    (home / "owner.json").unlink()
    if sidecar is not None:
        (home / "owner.json").write_text(sidecar)
    with pytest.raises(StoreBusyError, match=r"^Another process is writing to"):
        OwnerLock(home, 0.1).acquire()


def test_two_stores_of_one_process_share_the_folder(store: LocalStore, opened: Opens) -> None:
    second = opened()
    put(store, "one", uri="a.txt")
    put(second, "two", uri="b.txt")
    store.close()
    put(second, "three", uri="c.txt")
    assert len(second.documents()) == 3 and doctor(second) == []
    second.close()
    assert not (second.home / "owner.json").exists()


def test_a_store_that_has_written_lets_others_write_and_sees_what_they_wrote(
    other: subprocess.Popen[str], opened: Opens
) -> None:
    store = opened(scan=0)
    for number in range(3):
        put(store, f"mine {number}", uri=f"mine {number}")
        assert not (store.home / "owner.json").exists()
        send(other, str(number))
        assert answered(other)
        text = f"{number} of another process, part 3"
        assert store.dense("notes", vector(text), 1)[0].score > 0.99
        assert len(store.documents()) == 2 * (number + 1)
    assert doctor(store) == []


def test_two_processes_that_write_at_the_same_time_lose_nothing(other: subprocess.Popen[str], opened: Opens) -> None:
    store = opened(scan=0, lock_seconds=60)
    for number in range(10):
        send(other, str(number))
    for number in range(10):
        put(store, *(f"{number} of mine, part {part}" for part in range(5)), uri=f"mine {number}")
    assert all(answered(other) for _ in range(10))
    assert len(store.documents()) == 20 and doctor(store) == []


def test_a_claim_keeps_others_out_between_writes_until_it_is_released(
    other: subprocess.Popen[str], opened: Opens
) -> None:
    store = opened()
    store.claim()
    send(other, "waiting")
    put(store, "one", uri="a.txt")
    put(store, "two", uri="b.txt")
    time.sleep(0.3)
    assert [summary.uri for summary in store.documents()] == ["a.txt", "b.txt"]
    store.release()
    assert answered(other) and len(store.documents()) == 3
    store.release()  # one that was never made: nothing happens
    put(store, "three", uri="c.txt")
    assert doctor(store) == []


def test_an_index_that_is_searched_is_closed_only_afterwards(opened: Opens) -> None:
    store = opened(scan=0)
    store.claim()
    put(store, "what is sought")
    index = store.open_index()
    with index.held() as is_open:
        closing = threading.Thread(target=store.release)
        closing.start()
        time.sleep(0.2)
        assert is_open and closing.is_alive()
        assert index.query("notes", vector("what is sought"), 1)[0].score > 0.99
    closing.join(10)
    with index.held() as is_open:
        assert not is_open and not closing.is_alive()
    assert store.dense("notes", vector("what is sought"), 1)[0].score > 0.99


def test_a_catalogue_that_another_program_holds_is_busy_not_broken(store: LocalStore) -> None:
    put(store, "as it was")
    with closing(sqlite3.connect(store.database.path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreBusyError, match="Another process is writing"):
            put(store, "mine")
        assert len(store.documents()) == 1
    put(store, "mine")
    assert doctor(store) == []


def test_a_lock_that_cannot_be_made_names_the_folder(home: Path) -> None:
    (home / "owner.lock").mkdir()
    with pytest.raises(StoreWriteError, match=f"{home} cannot be written"):
        OwnerLock(home, 0.1).acquire()


def test_a_note_that_cannot_be_written_lets_the_lock_go(home: Path) -> None:
    (home / "owner.json").mkdir()
    lock = OwnerLock(home, 0.1)
    with pytest.raises(StoreWriteError, match=f"{home} cannot be written"):
        lock.acquire()
    (home / "owner.json").rmdir()
    lock.acquire()
    lock.release()


def test_a_program_started_as_a_module_is_named_by_it(
    home: Path, opened: Opens, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "argv", ["/somewhere/rag/__main__.py", "ingest", "my notes"])
    with opened() as store:
        store.claim()
        assert json.loads((home / "owner.json").read_text())["command"] == "rag ingest 'my notes'"
