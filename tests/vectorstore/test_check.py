"""`doctor` finds each way in which catalogue and index can differ, and `rebuild` mends it without embedding."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from store_fixtures import Opens
from store_samples import DIMENSIONS, MODEL, put, vector

from vectorstore.check import doctor, rebuild
from vectorstore.errors import StoreError, StoreUnreadableError
from vectorstore.local import LocalStore, open_store


def missing(store: LocalStore) -> None:
    store.open_index().delete("notes", ["notes:a.txt#0", "notes:a.txt#1"])


def all_missing(store: LocalStore) -> None:
    store.open_index().drop("notes")


def extra(store: LocalStore) -> None:
    store.open_index().upsert("notes", MODEL, ["ghost"], vector("ghost")[None], ["notes:gone"])


def extra_collection(store: LocalStore) -> None:
    store.open_index().upsert("ghosts", MODEL, ["ghost"], vector("ghost")[None], ["notes:gone"])


def wrong_vector(store: LocalStore) -> None:
    store.open_index().upsert("notes", MODEL, ["notes:a.txt#1"], vector("something else")[None], ["notes:a.txt"])


def other_model(store: LocalStore) -> None:
    store.open_index().drop("notes")
    store.open_index().upsert("notes", "other", ["notes:a.txt#1"], vector("apples")[None], ["notes:a.txt"])


def folder_is_a_file(store: LocalStore) -> None:
    store.close_index()
    shutil.rmtree(store.index_folder)
    store.index_folder.write_text("not a folder")


def folder_is_gone(store: LocalStore) -> None:
    store.close_index()
    shutil.rmtree(store.index_folder)


def index_is_garbage(store: LocalStore) -> None:
    store.close_index()
    with (store.index_folder / "chroma.sqlite3").open("r+b") as file:
        file.write(b"garbage" * 1000)


def word_index_differs(store: LocalStore) -> None:
    with store.database.writing() as connection:
        connection.execute("UPDATE passages SET text = 'changed' WHERE id = 'notes:a.txt#0'")


FAULTS: list[tuple[Callable[[LocalStore], None], str, int]] = [
    (missing, "missing", 2),
    (all_missing, "missing", 3),
    (extra, "extra", 1),
    (extra_collection, "extra", 1),
    (wrong_vector, "wrong_vector", 1),
    (other_model, "other_model", 3),
    (folder_is_a_file, "unreadable_index", 1),
    (folder_is_gone, "missing", 3),
    (index_is_garbage, "unreadable_index", 1),
    (word_index_differs, "damaged_catalog", 1),
]


@pytest.mark.parametrize(("harm", "kind", "count"), FAULTS, ids=lambda value: getattr(value, "__name__", str(value)))
def test_each_difference_is_found_and_mended(
    store: LocalStore, harm: Callable[[LocalStore], None], kind: str, count: int
) -> None:
    put(store, "apples", "pears", "plums")
    put(store, "apples", collection="other")
    assert doctor(store) == []

    harm(store)
    found = [finding for finding in doctor(store) if finding.collection != "other"]
    assert [(finding.kind, finding.count, finding.mend) for finding in found] == [(kind, count, "rag rebuild")]
    assert found == [finding for finding in doctor(store) if finding.collection != "other"]  # it changes nothing

    assert rebuild(store) == 4
    assert doctor(store) == []
    put(store, "cherries", uri="b.txt")
    assert doctor(store) == []


def test_one_collection_can_be_rebuilt_alone(store: LocalStore) -> None:
    put(store, "apples", "pears")
    put(store, "apples", collection="other")
    for name in ("notes", "other"):
        store.open_index().drop(name)

    steps: list[tuple[int, int]] = []
    assert rebuild(store, "notes", lambda done, total: steps.append((done, total))) == 2
    assert steps == [(2, 2)]
    assert [(finding.kind, finding.collection) for finding in doctor(store)] == [("missing", "other")]
    with pytest.raises(StoreError, match="no collection 'nowhere'"):
        rebuild(store, "nowhere")


def test_a_rebuild_that_is_cut_off_is_finished_by_the_next_write(store: LocalStore) -> None:
    put(store, "apples", "pears")

    def interrupt(done: int, total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        rebuild(store, progress=interrupt)
    assert "pending" in {finding.kind for finding in doctor(store)}
    put(store, "plums", uri="b.txt")
    assert doctor(store) == []


def test_a_passage_without_its_vector_is_found(store: LocalStore) -> None:
    put(store, "apples", "pears")
    with store.database.writing() as connection:
        connection.execute("DELETE FROM vectors WHERE vector_key = (SELECT min(vector_key) FROM passages)")
    orphan = doctor(store)[0]
    assert (orphan.kind, orphan.count, orphan.collection) == ("orphan", 1, "notes") and "rag ingest" in orphan.mend


def test_vectors_that_no_passage_uses_are_no_fault(store: LocalStore) -> None:
    put(store, "apples")
    store.remove(["notes:a.txt"])
    assert store.cached_vectors(MODEL, []) == {} and doctor(store) == []


def test_a_damaged_catalogue_is_found(store: LocalStore, opened: Opens) -> None:
    for number in range(30):
        put(store, *(f"apples {number} {n}" * 20 for n in range(10)), uri=str(number))
    store.close()
    with store.database.path.open("r+b") as file:
        size = file.seek(0, 2)
        file.seek(size // 2)
        file.write(b"\xff" * (size // 4))
    findings = doctor(opened())
    assert findings[0].kind == "damaged_catalog" and "ingest the documents again" in findings[0].mend


def test_a_lost_row_of_another_table_is_found(store: LocalStore) -> None:
    put(store, "apples")
    store.close()
    with closing(sqlite3.connect(store.database.path)) as connection:
        connection.execute("DELETE FROM documents")
        connection.commit()
    with open_store(store.home) as again:
        assert "foreign_key_check" in doctor(again)[0].detail


def test_an_empty_store_is_well_and_stays_empty(store: LocalStore) -> None:
    assert doctor(store) == []
    assert not store.index_folder.exists()
    assert rebuild(store) == 0
    store.ensure_collection("notes", MODEL, DIMENSIONS)
    assert doctor(store) == []


def test_writing_to_an_unreadable_index_says_what_mends_it(store: LocalStore, home: Path, opened: Opens) -> None:
    put(store, "apples")
    index_is_garbage(store)
    with pytest.raises(StoreUnreadableError, match="`rag rebuild`"):
        put(store, "pears")
    assert [p.text for p in store.passages_of(["notes:a.txt"])] == ["apples"]
    assert len(store.dense("notes", vector("apples"), 5)) == 1  # small: searched without the index


def test_an_index_whose_catalogue_was_deleted_is_found_and_mended(store: LocalStore, opened: Opens) -> None:
    put(store, "apples")
    store.close()
    store.database.path.unlink()

    fresh = opened()
    put(fresh, "pears")
    assert [finding.kind for finding in doctor(fresh)] == ["extra"]
    assert rebuild(fresh) == 1
    assert doctor(fresh) == []


def test_a_collection_that_the_index_has_lost_is_an_error_not_an_empty_answer(opened: Opens) -> None:
    store = opened(scan=0)
    put(store, "apples")
    all_missing(store)
    with pytest.raises(StoreUnreadableError, match=r"no collection 'notes'; `rag rebuild`"):
        store.dense("notes", vector("apples"), 1)


def test_what_only_the_index_knows_is_never_found(opened: Opens) -> None:
    store = opened(scan=0)
    put(store, "apples")
    extra(store)
    assert [hit.passage_id for hit in store.dense("notes", vector("ghost"), 5)] == ["notes:a.txt#0"]
