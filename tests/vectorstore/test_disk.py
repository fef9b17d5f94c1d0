"""A disk that is full or may not be written: one sentence, and the store as it was."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from store_fixtures import Opens
from store_samples import put

from vectorstore.check import doctor
from vectorstore.errors import StoreWriteError
from vectorstore.local import LocalStore, open_store

NOBODY = 65534
FILL = """
import resource, sys
sys.path.insert(0, sys.argv[2])
from pathlib import Path
from store_samples import put
from vectorstore.errors import StoreWriteError
from vectorstore.local import open_store

store = open_store(Path(sys.argv[1]))
put(store, "first", uri="first")
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[3]), int(sys.argv[3])))
done = 1
try:
    while True:
        put(store, *(f"words {done} {n} " * 50 for n in range(20)), uri=str(done))
        done += 1
except StoreWriteError as error:
    print(done, error)
"""


@pytest.mark.parametrize("limit", [200_000, 600_000, 2_000_000])
def test_a_full_disk_loses_nothing(home: Path, opened: Opens, limit: int) -> None:
    command = [sys.executable, "-c", FILL, str(home), str(Path(__file__).parent), str(limit)]
    run = subprocess.run(command, env={**os.environ, "PYTHONPATH": os.getcwd()}, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    done, sentence = run.stdout.split(" ", 1)
    assert "could not be written" in sentence and "free some disk space" in sentence

    store = opened()
    assert len(store.documents()) == int(done)
    put(store, "there is room again", uri="again")
    assert doctor(store) == []


def test_a_catalogue_that_cannot_grow_says_so(store: LocalStore) -> None:
    put(store, "as it was")
    with store.database.reading() as connection:  # the pool lends the same connection to the next writer
        (pages,) = connection.execute("PRAGMA page_count").fetchone()
        connection.execute(f"PRAGMA max_page_count = {pages + 2}")
    with pytest.raises(StoreWriteError, match=r"catalog\.sqlite3 could not be written .*full.*free some disk space"):
        put(store, "x" * 200_000)
    assert [p.text for p in store.passages_of(["notes:a.txt"])] == ["as it was"]


@contextmanager
def _unprivileged(folder: Path) -> Iterator[None]:
    """Root may write anywhere; be somebody who may not."""
    if os.geteuid() != 0:
        yield
        return
    for path in (folder, *folder.rglob("*")):
        os.chown(path, NOBODY, NOBODY)
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)


def test_a_folder_that_may_not_be_written_is_named() -> None:
    # Not under pytest's own folder, which only its user may enter.
    with tempfile.TemporaryDirectory() as name:
        home = Path(name) / "home"
        with open_store(home) as store:
            put(store, "as it was")
        home.chmod(0o555)
        with _unprivileged(Path(name)):
            with pytest.raises(StoreWriteError, match=f"{home}.*RAG_HOME"), open_store(home) as store:
                put(store, "new")
            with pytest.raises(StoreWriteError, match=f"{home / 'deeper'} cannot be made .*RAG_HOME"):
                open_store(home / "deeper")
            home.chmod(0o755)
        with open_store(home) as store:
            assert [p.text for p in store.passages_of(["notes:a.txt"])] == ["as it was"]


def test_a_home_that_is_a_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("")
    with pytest.raises(StoreWriteError, match=r"home cannot be made \(File exists\); set RAG_HOME"):
        open_store(tmp_path / "home")
