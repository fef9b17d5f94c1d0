"""Vector search: exact by comparison, near enough by Chroma, and the same documents either way."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from store_fixtures import Opens
from store_samples import put, vector

from vectorstore.dense import best
from vectorstore.local import LocalStore


@given(st.lists(st.integers(-5, 5), min_size=1), st.integers(1, 20))
def test_the_best_come_first_and_ties_stay_in_order(scores: list[int], k: int) -> None:
    expected = sorted(range(len(scores)), key=lambda place: -scores[place])[:k]
    assert best(np.array(scores, dtype=np.float32), k).tolist() == expected


@pytest.fixture(params=[5000, 0], ids=["by comparison", "by Chroma"])
def searched(request: pytest.FixtureRequest, opened: Opens) -> LocalStore:
    store = opened(scan=request.param)
    for number in range(12):
        put(store, f"apples {number}", f"pears {number}", uri=f"{number}")
    return store


def test_the_nearest_come_first_with_their_cosine(searched: LocalStore) -> None:
    question = vector("apples 3") + 0.1 * vector("pears 5")
    question /= np.linalg.norm(question)
    hits = searched.dense("notes", question, 5)
    assert len(hits) == 5 and hits[0].passage_id == "notes:3#0"
    texts = {p.id: p.text for p in searched.passages([hit.passage_id for hit in hits])}
    assert [hit.score for hit in hits] == pytest.approx([float(vector(texts[h.passage_id]) @ question) for h in hits])
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)


def test_only_these_documents_are_searched(searched: LocalStore) -> None:
    hits = searched.dense("notes", vector("apples 3"), 10, ["notes:5", "notes:7", "nobody"])
    assert {hit.passage_id for hit in hits} == {"notes:5#0", "notes:5#1", "notes:7#0", "notes:7#1"}
    assert searched.dense("notes", vector("apples 3"), 10, []) == []
    many = ["notes:3", *(f"nobody {number}" for number in range(40_000))]
    assert len(searched.dense("notes", vector("apples 3"), 10, many)) == 2


def test_asking_for_more_than_there_is_gives_all(searched: LocalStore) -> None:
    assert len(searched.dense("notes", vector("x"), 1000)) == 24
    assert searched.dense("notes", vector("x"), 0) == []
    assert searched.dense("nowhere", vector("x"), 5) == []


def test_a_vector_of_another_length_is_refused(searched: LocalStore) -> None:
    with pytest.raises(ValueError, match="16 dimensions"):
        searched.dense("notes", vector("x", 17), 5)


def test_a_write_is_seen_at_once(searched: LocalStore) -> None:
    assert searched.dense("notes", vector("new"), 1)[0].score < 0.99
    put(searched, "new", uri="3")
    assert [hit.passage_id for hit in searched.dense("notes", vector("new"), 1)] == ["notes:3#0"]
    assert "notes:3#1" not in {hit.passage_id for hit in searched.dense("notes", vector("pears 3"), 1000)}
    searched.remove(["notes:3"])
    assert searched.dense("notes", vector("new"), 1)[0].score < 0.99


def test_many_collections_do_not_mix(store: LocalStore) -> None:
    for number in range(8):
        put(store, f"apples {number}", collection=f"c{number}")
    for number in [*range(8), *range(8)]:
        assert [h.passage_id for h in store.dense(f"c{number}", vector("x"), 5)] == [f"c{number}:a.txt#0"]
