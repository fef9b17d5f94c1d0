"""What goes into the store comes out as it was; what would let a quote be invented does not go in."""

from __future__ import annotations

import stat
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from store_fixtures import Opens
from store_samples import DIMENSIONS, MODEL, document, put, vector, vectors

from vectorstore.check import doctor
from vectorstore.errors import EmbeddingMismatchError, PassageGoneError, StoreError
from vectorstore.local import LocalStore, open_store
from vectorstore.store import FailureRecord, PassageRecord, Vectors


def test_a_document_and_its_passages_come_back_as_they_were_put(store: LocalStore, opened: Opens) -> None:
    store.ensure_collection("notes", MODEL, DIMENSIONS)
    record, passages = document("Ölpreis 🛢 steigt", "second passage", bands=(b"\x00z", b"a"))
    store.put(record, passages, vectors(passages))
    store.close()

    again = opened()
    assert again.document(record.id) == record
    assert again.passages_of([record.id]) == passages
    assert again.passages([passages[1].id, "nobody", passages[0].id]) == [passages[1], passages[0]]
    assert np.array_equal(again.vectors([p.id for p in reversed(passages)]), vectors(passages)[::-1])
    assert again.document("nobody") is None
    with pytest.raises(PassageGoneError):
        again.vectors(["nobody"])


def test_the_list_of_documents_tells_all_but_the_text(store: LocalStore) -> None:
    put(store, "one", "two", uri="b.txt")
    put(store, "three", uri="a.txt")
    put(store, "four", uri="c.txt", collection="other")

    first, second = store.documents("notes")
    assert (first.uri, first.passages, first.characters) == ("a.txt", 1, 5)
    assert (second.uri, second.passages, second.modified) == ("b.txt", 2, 1234.5)
    assert [summary.collection for summary in store.documents()] == ["notes", "notes", "other"]
    assert [(c.name, c.documents, c.passages) for c in store.collections()] == [("notes", 2, 3), ("other", 1, 1)]


def test_an_update_replaces_every_trace_of_the_earlier_version(store: LocalStore) -> None:
    put(store, "apples", "pears", "plums", bands=(b"k",))
    put(store, "cherries", bands=(b"l",))

    assert [p.text for p in store.passages_of(["notes:a.txt"])] == ["cherries"]
    assert store.lexical("notes", "apples pears plums", 10) == []
    assert [hit.passage_id for hit in store.lexical("notes", "cherry", 10)] == ["notes:a.txt#0"]
    assert [hit.passage_id for hit in store.dense("notes", vector("apples"), 10)] == ["notes:a.txt#0"]
    assert store.near_duplicates(["notes:a.txt#0"]) == {"notes:a.txt#0": []}
    assert doctor(store) == []


def test_removing_documents_leaves_the_others(store: LocalStore) -> None:
    first, second = put(store, "apples", uri="a.txt"), put(store, "apples too", uri="b.txt")

    assert store.remove([first, "nobody"]) == 1
    assert store.remove([first]) == 0
    assert [summary.id for summary in store.documents()] == [second]
    assert [hit.passage_id for hit in store.lexical("notes", "apples", 10)] == [f"{second}#0"]
    assert doctor(store) == []


def test_a_document_without_passages_is_kept(store: LocalStore) -> None:
    document_id = put(store)
    assert store.documents()[0].passages == 0
    assert store.remove([document_id]) == 1


def test_a_dropped_collection_is_gone_and_its_name_free(store: LocalStore) -> None:
    put(store, "apples")
    put(store, "apples", collection="other")
    store.drop_collection("notes")
    store.drop_collection("notes")

    assert [c.name for c in store.collections()] == ["other"]
    assert store.lexical("notes", "apples", 5) == [] == store.dense("notes", vector("apples"), 5)
    assert doctor(store) == []
    store.ensure_collection("notes", "another-model", 8)
    assert store.collections()[0].embedding == "another-model"
    assert len(store.lexical("other", "apples", 5)) == 1


def test_text_embedded_once_is_not_embedded_again(store: LocalStore) -> None:
    document_id = put(store, "apples", "pears")
    keys = [passage.vector_key for passage in store.passages_of([document_id])]
    store.remove([document_id])

    cached = store.cached_vectors(MODEL, [*keys, "unknown"])
    assert set(cached) == set(keys)
    assert np.array_equal(cached[keys[0]], vector("apples"))
    assert store.cached_vectors("another-model", keys) == {}


def test_near_duplicates_are_found_within_the_collection_only(store: LocalStore) -> None:
    put(store, "one", uri="a.txt", bands=(b"x", b"y"))
    put(store, "two", uri="b.txt", bands=(b"y", b"x"))
    put(store, "three", uri="c.txt", bands=(b"z",))
    put(store, "four", uri="d.txt", collection="other", bands=(b"x",))

    found = store.near_duplicates(["notes:a.txt#0", "notes:c.txt#0", "nobody"])
    assert {one: [p.id for p in others] for one, others in found.items()} == {
        "notes:a.txt#0": ["notes:b.txt#0"],
        "notes:c.txt#0": [],
        "nobody": [],
    }


def _with(passage: PassageRecord, **changes: object) -> PassageRecord:
    return replace(passage, **changes)


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"sentences": ((0, 7),)}, "sentence 0 to 7"),
        ({"sentences": ((-1, 3),)}, "sentence -1 to 3"),
        ({"sentences": ((3, 3),)}, "sentence 3 to 3"),
        ({"sentences": ((4, 2),)}, "sentence 4 to 2"),
        ({"end": 100, "sentences": ()}, "passage 0 to 100"),
        ({"document_id": "notes:other"}, "names document"),
        ({"ordinal": 1}, "same ordinal"),
        ({"id": "notes:a.txt#1"}, "same id"),
        ({"vector_key": ""}, "no vector_key"),
        ({"text": "half \ud800"}, "surrogate"),
    ],
)
def test_an_unsound_passage_is_refused_and_changes_nothing(
    store: LocalStore, changes: dict[str, object], complaint: str
) -> None:
    put(store, "as it was")
    before = store.revision("notes")
    record, (first, second) = document("apples", "pears")
    with pytest.raises(ValueError, match=complaint):
        store.put(record, [_with(first, **changes), second], vectors([first, second]))
    assert [p.text for p in store.passages_of([record.id])] == ["as it was"]
    assert store.revision("notes") == before


@pytest.mark.parametrize(
    ("rows", "complaint"),
    [
        (np.zeros((1, DIMENSIONS), dtype=np.float32), "unit length"),
        (np.full((1, DIMENSIONS), np.nan, dtype=np.float32), "unit length"),
        (np.eye(1, DIMENSIONS + 1, dtype=np.float32), "dimensions"),
        (np.eye(2, DIMENSIONS, dtype=np.float32), "vectors of shape"),
    ],
)
def test_a_vector_that_cannot_be_right_is_refused(store: LocalStore, rows: Vectors, complaint: str) -> None:
    store.ensure_collection("notes", MODEL, DIMENSIONS)
    record, passages = document("apples")
    with pytest.raises(ValueError, match=complaint):
        store.put(record, passages, rows)
    assert store.documents() == []


def test_ids_of_something_else_are_refused(store: LocalStore) -> None:
    put(store, "apples")
    record, passages = document("pears", uri="b.txt")
    stolen = [_with(passages[0], id="notes:a.txt#0")]
    with pytest.raises(ValueError, match="belongs to another document"):
        store.put(record, stolen, vectors(stolen))
    store.ensure_collection("other", MODEL, DIMENSIONS)
    record, passages = document("apples")
    with pytest.raises(ValueError, match="in another collection"):
        store.put(replace(record, collection="other"), passages, vectors(passages))
    with pytest.raises(ValueError, match="no collection 'nowhere'"):
        store.put(replace(record, collection="nowhere"), passages, vectors(passages))


def test_another_embedder_is_refused_where_passages_are(store: LocalStore) -> None:
    assert store.ensure_collection("notes", "old", 8).embedding == "old"
    assert store.ensure_collection("notes", MODEL, DIMENSIONS).embedding == MODEL  # empty: nothing to mismatch
    put(store, "apples")
    with pytest.raises(EmbeddingMismatchError, match=f"'notes' was embedded with {MODEL}, but the settings name new"):
        store.ensure_collection("notes", "new", DIMENSIONS)
    assert store.ensure_collection("notes", MODEL, DIMENSIONS).passages == 1
    assert doctor(store) == []


def test_the_revision_changes_with_every_write_of_any_store(store: LocalStore, opened: Opens) -> None:
    seen = []
    for action in (
        lambda: put(store, "one"),
        lambda: put(opened(), "one"),
        lambda: store.remove(["notes:a.txt"]),
        lambda: (store.drop_collection("notes"), put(store, "one")),
    ):
        action()
        seen.append(store.revision("notes"))
    assert len(set(seen)) == len(seen) and None not in seen
    assert store.revision("nowhere") is None


def test_a_new_home_is_for_its_user_only(store: LocalStore, tmp_path: Path) -> None:
    with open_store(tmp_path / "deep" / "home") as fresh:
        assert stat.S_IMODE(fresh.home.stat().st_mode) == 0o700


def test_a_closed_store_says_so(store: LocalStore) -> None:
    put(store, "apples")
    store.close()
    store.close()
    with pytest.raises(StoreError, match="was closed"):
        store.documents()


def test_threads_write_and_read_at_once(store: LocalStore) -> None:
    store.ensure_collection("notes", MODEL, DIMENSIONS)

    def work(number: int) -> int:
        put(store, f"fruit{number} apples", uri=f"{number}.txt")
        found = store.dense("notes", vector(f"fruit{number} apples"), 1)
        assert found[0].passage_id == f"notes:{number}.txt#0"
        assert len(store.lexical("notes", f"fruit{number}", 5)) == 1
        return len(store.documents())

    with ThreadPoolExecutor(8) as threads:
        assert max(threads.map(work, range(24))) == 24
    assert doctor(store) == []


def test_documents_that_go_in_together_go_in_whole_or_not_at_all(store: LocalStore) -> None:
    put(store, "as it was", uri="a.txt")
    first, second = document("new words", uri="a.txt"), document("second", uri="b.txt")
    broken = [replace(second[1][0], end=999)]
    with pytest.raises(ValueError, match="is not within"):
        store.put_all([(*first, vectors(first[1])), (second[0], broken, vectors(broken))])
    assert [p.text for p in store.passages_of(["notes:a.txt", "notes:b.txt"])] == ["as it was"]
    store.put_all([(*first, vectors(first[1])), (*second, vectors(second[1]))])
    assert [p.text for p in store.passages_of(["notes:a.txt", "notes:b.txt"])] == ["new words", "second"]
    assert doctor(store) == []
    with pytest.raises(ValueError, match="same id"):
        store.put_all([(*first, vectors(first[1]))] * 2)
    other, passages = document("third", collection="other")
    with pytest.raises(ValueError, match="more than one collection"):
        store.put_all([(*first, vectors(first[1])), (other, passages, vectors(passages))])
    store.put_all([])


def test_a_moved_document_keeps_all_but_its_path_and_title(store: LocalStore) -> None:
    put(store, "one", "two")
    before, revision = store.passages_of(["notes:a.txt"]), store.revision("notes")
    store.move("notes:a.txt", "sub/b.txt", "b", 7, 99.5)
    (listed,) = store.documents("notes")
    assert (listed.id, listed.uri, listed.title, listed.size) == ("notes:a.txt", "sub/b.txt", "b", 7)
    assert listed.modified == 99.5 and store.passages_of([listed.id]) == before
    assert store.revision("notes") != revision and doctor(store) == []
    store.move("nobody", "x", "x", 0, 0.0)


def test_failures_go_with_their_collection(store: LocalStore) -> None:
    put(store, "one")
    failure = FailureRecord("notes", "a.pdf", "broken", 1, 1, "hash", 5, 1.0, "limits", "then", "then")
    store.note_failures([failure, replace(failure, collection="other")])
    store.note_failures([replace(failure, deaths=0, content_hash="", reason="still", last_at="now")])
    (found,) = store.failures("notes")
    assert found == replace(failure, attempts=2, reason="still", last_at="now")
    store.note_failures([replace(failure, size=6, first_at="now", last_at="now")])
    assert store.failures("notes")[0].attempts == 1
    store.drop_collection("notes")
    assert [one.collection for one in store.failures()] == ["other"]
    store.forget_failures("other", ["a.pdf", "unknown"])
    assert store.failures() == []
