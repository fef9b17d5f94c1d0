"""Retrieval over a real store: fusion, what is read, near-duplicates, the budget, a store that changes meanwhile."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.budget import estimate, within
from rag.errors import StoreBusyError
from rag.retrieve import TRIES, WHOLE, Found, Retriever
from rag.search import Listings, fuse
from rag.types import Evidence
from tests.fakes.embedder import WordEmbedder
from tests.fakes.library import QUESTION, RAIMONDO, ROOMS, ROOMS_QUESTION, VISITS, YELLEN, library, write
from vectorstore.local import LocalStore, open_store
from vectorstore.store import DocumentRecord, PassageRecord

RANKINGS = st.lists(st.lists(st.sampled_from("abcdefg"), max_size=8), max_size=4)


@pytest.fixture
def store(home: Path, tmp_path: Path) -> Iterator[LocalStore]:
    """The three documents of the library, and a copy of one with another end."""
    with library(tmp_path / "docs") as engine:
        copy = VISITS.replace("The hotel in Beijing has 400 rooms.", "The dinner in Shanghai lasted two hours.")
        engine.ingest([write(tmp_path / "more", {"copy.txt": copy})])
    with open_store(home) as opened:
        yield opened


def search(store: Any, question: str = QUESTION, **options: Any) -> Found:
    return Retriever(store, WordEmbedder()).search(question, "default", **options)


@given(RANKINGS)
def test_fusion_is_a_ranking_of_all_that_was_found(rankings: list[list[str]]) -> None:
    hits = fuse(rankings)
    assert {hit.passage_id for hit in hits} == {item for ranking in rankings for item in ranking}
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)
    assert len({hit.passage_id for hit in hits}) == len(hits)


@given(RANKINGS, st.sampled_from("abcdefg"))
def test_what_is_first_everywhere_is_first(rankings: list[list[str]], best: str) -> None:
    ranked = [[best, *(item for item in ranking if item != best)] for ranking in [*rankings, []]]
    assert fuse(ranked)[0].passage_id == best


def test_fusion_is_that_of_the_paper() -> None:
    hits = {hit.passage_id: hit.score for hit in fuse([["a", "b", "a"], ["b"]])}
    assert hits == pytest.approx({"a": 1 / 61, "b": 1 / 62 + 1 / 61})


def test_evidence_is_exact_and_best_first(store: LocalStore) -> None:
    found = search(store)
    assert {found.evidence[0].text, found.evidence[1].text} == {YELLEN, RAIMONDO}
    scores = [item.score for item in found.evidence]
    assert scores == sorted(scores, reverse=True) and 0 < found.answerable < 1
    for item in found.evidence:
        document = store.document(item.document_id)
        assert document is not None and document.text[item.start : item.end] == item.text
        assert (item.title, item.uri) == (document.title, document.uri)
        assert item.place == f"line {document.text[: item.start].count(chr(10)) + 1}"


def test_a_sentence_of_two_documents_is_one_that_names_both(store: LocalStore) -> None:
    found = search(store)
    assert [item.text for item in found.evidence].count(YELLEN) == 1
    item = next(item for item in found.evidence if item.text == YELLEN)
    assert len(item.also_in) == 1 and item.document_id not in item.also_in


def test_a_copy_with_another_number_is_another_sentence(tmp_path: Path) -> None:
    with library(tmp_path / "docs") as engine:
        altered = VISITS.replace("400 rooms", "350 rooms")
        copies = {"again.txt": f"Again\n\n{VISITS}", "copy.txt": f"A copy\n\n{VISITS}", "altered.txt": altered}
        engine.ingest([write(tmp_path / "more", copies)])
        answer = engine.ask(ROOMS_QUESTION)
    rooms = {item.text: item.also_in for item in answer.evidence if "rooms" in item.text}
    assert {text: len(also) for text, also in rooms.items()} == {ROOMS: 2, ROOMS.replace("400", "350"): 0}
    assert {(side.value, side.documents) for side in answer.conflicts[0].sides} == {("400 rooms", 3), ("350 rooms", 1)}


@pytest.mark.parametrize(
    ("names", "cited"),
    [
        # What was added last is found first, and files are added by their paths.
        (("Plan.txt", "Plan_copy.txt", "Kopie von Plan.txt"), "Plan.txt"),
        (("Handbook.txt", "Kopie von Handbook.txt"), "Handbook.txt"),
        (("a.txt", "b (1).txt"), "a.txt"),
        (("Handbook (copy).txt", "Handbook.txt"), "Handbook.txt"),
    ],
)
def test_of_copies_the_original_is_cited_and_the_others_are_named(
    names: tuple[str, ...], cited: str, tmp_path: Path
) -> None:
    with library(tmp_path / "docs") as engine:
        engine.ingest([write(tmp_path / "more", dict.fromkeys(names, f"Rules\n\n{VISITS}"))], collection="copies")
        (quote,) = [one for one in engine.ask(ROOMS_QUESTION, collection="copies").citations if "rooms" in one.quote]
        others = {document.id: Path(document.uri).name for document in engine.documents.list("copies")}
    assert Path(quote.uri).name == cited
    assert {others[other] for other in quote.also_in} == {*names} - {cited}


def test_a_copy_that_was_saved_again_makes_way_for_the_original_where_they_say_the_same(tmp_path: Path) -> None:
    texts = {"Rules_copy.txt": f"Rules\n\n{VISITS}", "Rules.txt": f"\ufeffRules\n\n{VISITS}"}
    with library(tmp_path / "docs") as engine:
        engine.ingest([write(tmp_path / "more", texts)], collection="copies")
        assert len({one.content_hash for one in engine.documents.list("copies")}) == 2
        answer = engine.ask(ROOMS_QUESTION, collection="copies")
    assert {Path(one.uri).name for one in answer.citations} == {"Rules.txt"}


def test_what_is_not_there_is_named(store: LocalStore) -> None:
    found = search(store, "Who is the prime minister of Canada?")
    assert {"prime", "minister", "Canada"} <= set(found.missing)
    assert found.answerable < search(store).answerable


def test_a_small_collection_is_read_whole_whatever_is_asked(store: LocalStore) -> None:
    assert search(store, "xyzzy").passages == sum(d.passages for d in store.documents("default"))


BOILER = {
    "a.md": "---\ntitle: Report A\ndate: 2023-02-01\n---\n\nThe boiler pressure is 2 bar.\n",
    "b.md": "---\ntitle: Report B\ndate: 2024-06-01\n---\n\nThe boiler pressure is 5 bar.\n",
    "c.txt": "Boiler room\n\nThe boiler pressure is shown on the dial.\n",
}


@pytest.mark.parametrize(
    ("asked", "left_out"),
    [
        ("What do reports published before May 2023 say about boiler pressure?", {"The boiler pressure is 5 bar."}),
        ("What do reports published since May 2024 say about boiler pressure?", {"The boiler pressure is 2 bar."}),
        ("What is the boiler pressure?", set()),
        ("What was the boiler pressure before May 2023?", set()),
    ],
)
def test_documents_of_another_time_are_left_out_of_a_small_collection(
    home: Path, tmp_path: Path, asked: str, left_out: set[str]
) -> None:
    with library(tmp_path / "docs") as engine:
        engine.ingest([write(tmp_path / "more", BOILER)])
    with open_store(home) as store:
        found = {item.text for item in search(store, asked).evidence}
    said = {body.strip().rpartition("\n")[2] for body in BOILER.values()}
    assert said - found == left_out


def test_a_document_named_twice_does_not_make_a_collection_large(store: LocalStore) -> None:
    ids = [document.id for document in store.documents("default")]
    assert search(store, document_ids=ids * WHOLE).situation == "whole"


def test_of_a_large_collection_the_best_passages_are_read(store: LocalStore) -> None:
    add(store, [f"Paragraph {n} is about number {n}." for n in range(WHOLE + 1)])
    found = Retriever(store, WordEmbedder(), passages=2).search(QUESTION, "default")
    assert found.passages == 4 and YELLEN in [item.text for item in found.evidence[:2]]


def test_only_the_documents_named_are_read(store: LocalStore) -> None:
    ids = [document.id for document in store.documents("default")]
    assert {item.document_id for item in search(store, document_ids=ids[:1]).evidence} == set(ids[:1])
    assert search(store, document_ids=[]) == search(store, document_ids=["nonsense"])
    assert search(store, document_ids=[]).evidence == ()


def add(store: LocalStore, sentences: Sequence[str], document_id: str = "many", title: str = "") -> None:
    """Add a document with a passage a sentence, past ingestion."""
    text = "\n".join(sentences)
    passages, start = [], 0
    for ordinal, sentence in enumerate(sentences):
        end = start + len(sentence)
        key = f"{document_id}{ordinal}{sentence}"
        passages.append(PassageRecord(key, document_id, ordinal, start, end, sentence, ((start, end),), vector_key=key))
        start = end + 1
    record = DocumentRecord(document_id, "default", f"/{document_id}.txt", title or document_id, text, str(hash(text)))
    store.put(record, passages, WordEmbedder().documents(sentences))


class Changing:
    """The store, in which `change` happens at a call of `moment`, as if by another process."""

    def __init__(self, store: LocalStore, moment: str, change: Any, times: int = 1) -> None:
        self._store, self._moment, self._change, self._left = store, moment, change, times

    def __getattr__(self, name: str) -> Any:
        if name == self._moment and self._left:
            self._left -= 1
            self._change()
        return getattr(self._store, name)


@pytest.mark.parametrize("moment", ["passages_of", "document", "passages", "vectors", "near_duplicates"])
def test_a_document_removed_in_the_midst_of_a_search_is_left_out(store: LocalStore, moment: str) -> None:
    gone = search(store).evidence[0]
    found = search(Changing(store, moment, lambda: store.remove([gone.document_id])))
    # Removed after all was read, it is evidence of the moment of reading.
    if moment != "near_duplicates":
        assert gone.document_id not in {item.document_id for item in found.evidence}
    assert YELLEN in [item.text for item in found.evidence]


@pytest.mark.parametrize("moment", ["document", "passages", "vectors"])
def test_a_document_replaced_in_the_midst_is_never_quoted_at_the_wrong_place(store: LocalStore, moment: str) -> None:
    add(store, [YELLEN, RAIMONDO], "news")
    found = search(Changing(store, moment, lambda: add(store, ["A new first line.", RAIMONDO], "news")))
    for item in found.evidence:
        document = store.document(item.document_id)
        assert document is not None and document.text[item.start : item.end] == item.text
    assert "A new first line." in [item.text for item in found.evidence]


def test_a_collection_that_never_rests_is_an_error(store: LocalStore) -> None:
    versions = iter(range(1000))

    def change() -> None:
        add(store, [f"Version {next(versions)} of the news."], "news")

    change()
    with pytest.raises(StoreBusyError, match="'default' is being changed"):
        search(Changing(store, "passages", change, times=TRIES * 8))


class Broken:
    """A reranker with a fault of its own."""

    def __init__(self) -> None:
        self.asked = 0

    def scores(self, question: str, texts: Sequence[str]) -> list[float]:
        self.asked += 1
        raise KeyError("weights")


def test_a_fault_of_a_model_is_not_taken_for_a_collection_that_never_rests(store: LocalStore) -> None:
    broken = Broken()
    with pytest.raises(KeyError, match="weights"):
        Retriever(store, WordEmbedder(), reranker=broken).search(QUESTION, "default")
    assert broken.asked == 1


def test_where_the_first_hits_are_removed_in_the_midst_the_others_are_found(store: LocalStore) -> None:
    ids = [document.id for document in store.documents("default")]
    add(store, ["The harbour was dredged in spring."], "harbour")
    found = search(Changing(store, "lexical", lambda: store.remove(ids)))
    assert [item.document_id for item in found.evidence] == ["harbour"]


@pytest.mark.parametrize("moment", ["dense", "lexical", "passages", "vectors", "passages_of"])
def test_all_documents_removed_is_nothing_found(store: LocalStore, moment: str) -> None:
    ids = [document.id for document in store.documents("default")]
    assert search(Changing(store, moment, lambda: store.remove(ids))) == Found((), 0.0, (), 0)


ITEM = Evidence("d", "p", 0, 0, "", 0.0)


@given(st.lists(st.integers(0, 400), max_size=10), st.integers(0, 300))
def test_evidence_stays_within_its_budget(lengths: list[int], budget: int) -> None:
    evidence = [replace(ITEM, text="x" * length, start=place) for place, length in enumerate(lengths)]
    taken = within(evidence, budget)
    assert [item.start for item in taken] == sorted(item.start for item in taken)
    assert taken[:1] == tuple(evidence[:1])
    assert len(taken) <= 1 or sum(estimate(item.text) for item in taken) <= budget


def test_letters_beyond_latin_cost_a_token_each() -> None:
    assert (estimate("abcd" * 10), estimate("北京" * 10), estimate("")) == (11, 21, 1)


class Backwards:
    """A reranker that prefers what names Raimondo."""

    def __init__(self) -> None:
        self.read: list[str] = []

    def scores(self, question: str, texts: Sequence[str]) -> list[float]:
        self.read = list(texts)
        return [float("Raimondo" in text) for text in texts]


def test_a_reranker_orders_the_first_passages_and_loses_none(store: LocalStore) -> None:
    plain, reranker = Retriever(store, WordEmbedder()), Backwards()
    again = Retriever(store, WordEmbedder(), reranker=reranker)
    wordings = {QUESTION: plain.embedder.query(QUESTION)}
    before, after = plain.ranked(wordings, "default"), again.ranked(wordings, "default")
    assert {passage.id for passage, _ in before} == {passage.id for passage, _ in after}
    assert [chance for _, chance in after] == sorted((chance for _, chance in before), reverse=True)
    named = ["Raimondo" in passage.text for passage, _ in after]
    assert any(named) and named == sorted(named, reverse=True) and len(reranker.read) == len(before)


@pytest.mark.parametrize(("each", "documents", "leads"), [(1, 20, True), (1, 21, False), (7, 3, False), (21, 1, False)])
def test_a_title_of_many_passages_leads_nowhere(store: LocalStore, each: int, documents: int, leads: bool) -> None:
    for number in range(documents):
        add(store, [f"Week {number}, bug {bug}." for bug in range(each)], f"report{number}", "Weekly Report")
    assert ("weekly report" in Listings().of(store, "default").called) == leads


def test_a_question_that_is_one_long_name_is_searched_in_time(tmp_path: Path) -> None:
    with library(tmp_path / "docs") as engine:
        began = time.thread_time()
        assert engine.search("U.S. " * 1600)
        assert time.thread_time() - began < 10, "and not minutes"
