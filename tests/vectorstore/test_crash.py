"""Whatever fails or is killed between catalogue and index, nothing is lost, half-written or doubled."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from store_fixtures import Opens
from store_samples import DIMENSIONS, MODEL, document, put, vector, vectors

from vectorstore.check import doctor
from vectorstore.chroma import ChromaIndex
from vectorstore.errors import StoreUnreadableError
from vectorstore.local import LocalStore

KILLED = '''
import os, signal, sys
sys.path.insert(0, sys.argv[2])
from pathlib import Path
from store_samples import put
from vectorstore.chroma import ChromaIndex
from vectorstore.local import LocalStore, open_store

class Deadly(LocalStore):
    """Is killed right after the index has been written, before the catalogue commits."""

    def open_index(self):
        index = super().open_index()
        def upsert(*args):
            ChromaIndex.upsert(index, *args)
            os.kill(os.getpid(), signal.SIGKILL)
        index.upsert = upsert
        return index

store = open_store(Path(sys.argv[1]))
put(store, "as it was", "and second")
store.close()
put(Deadly(Path(sys.argv[1]), None, 1), "new words", "more", "and more")
'''


class Torn(ChromaIndex):
    """Writes, then fails: as a full disk or a fault half-way would."""

    def upsert(self, *args: object) -> None:
        super().upsert(*args)  # type: ignore[arg-type]
        raise StoreUnreadableError("torn")


class TornStore(LocalStore):
    def open_index(self) -> ChromaIndex:
        index = super().open_index()
        index.__class__ = Torn
        return index


def test_an_index_that_fails_leaves_the_document_as_it_was(store: LocalStore, home: Path, opened: Opens) -> None:
    put(store, "as it was", "and second")
    before = store.revision("notes")
    store.close()

    torn = TornStore(home, None, 1)
    with pytest.raises(StoreUnreadableError, match="torn"):
        put(torn, "new words")
    assert [p.text for p in torn.passages_of(["notes:a.txt"])] == ["as it was", "and second"]
    assert torn.revision("notes") == before
    torn.close()

    again = opened()
    assert {finding.kind for finding in doctor(again)} >= {"pending"}
    put(again, "another", uri="b.txt")  # the next write finishes what was cut off
    assert doctor(again) == []
    assert again.lexical("notes", "new words", 5) == []


def test_a_process_killed_between_index_and_catalogue_loses_nothing(home: Path, opened: Opens) -> None:
    command = [sys.executable, "-c", KILLED, str(home), str(Path(__file__).parent)]
    assert subprocess.run(command, env={**os.environ, "PYTHONPATH": os.getcwd()}).returncode == -signal.SIGKILL

    again = opened()
    assert [p.text for p in again.passages_of(["notes:a.txt"])] == ["as it was", "and second"]
    assert {finding.kind for finding in doctor(again)} == {"pending", "extra", "wrong_vector"}
    assert put(again, "new words", "more", "and more") == "notes:a.txt"
    assert doctor(again) == []
    assert [hit.passage_id for hit in again.dense("notes", vector("new words"), 1)] == ["notes:a.txt#0"]


def test_an_interrupt_changes_nothing(store: LocalStore) -> None:
    put(store, "as it was")
    record, passages = document("new")

    class Interrupted(list):
        def __iter__(self):
            yield passages[0]
            if sys._getframe(1).f_code.co_name == "insert_document":
                raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        store.put(record, Interrupted(passages), vectors(passages))
    assert [p.text for p in store.passages_of([record.id])] == ["as it was"]
    store.ensure_collection("notes", MODEL, DIMENSIONS)
    put(store, "later", uri="b.txt")
    assert doctor(store) == []
