"""Word search: no question is ever an expression, and what is ranked is this collection alone."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from store_samples import DIMENSIONS, MODEL, document, put, vectors

from vectorstore import lexical
from vectorstore.local import LocalStore, open_store


def ids(store: LocalStore, query: str, collection: str = "notes", **options: object) -> list[str]:
    return [hit.passage_id for hit in store.lexical(collection, query, 10, **options)]  # type: ignore[arg-type]


def test_any_word_may_match_in_any_of_its_forms(store: LocalStore) -> None:
    put(store, "Officials are visiting Beijing", "The café opened", "Nothing here")
    assert ids(store, "who visits the cafe?") == ["notes:a.txt#1", "notes:a.txt#0"]


def test_a_better_match_scores_higher(store: LocalStore) -> None:
    put(store, "apples and pears", "apples", "plums", "cherries", "grapes", "figs")
    best, second = store.lexical("notes", "apples pears", 10)
    assert best.passage_id == "notes:a.txt#0" and best.score > second.score > 0
    assert len(store.lexical("notes", "apples pears", 1)) == 1
    assert store.lexical("notes", "apples", 0) == []


def test_stop_words_count_only_if_there_is_nothing_else(store: LocalStore) -> None:
    put(store, "to be or not to be", "a fish", "fishing for compliments")
    assert ids(store, "what is the fish") == ["notes:a.txt#1", "notes:a.txt#2"]
    assert ids(store, "to be") == ["notes:a.txt#0"]


@pytest.mark.parametrize(
    "query",
    [
        'apples AND "pears', "apples NOT", "NEAR(apples, 2)", "apples*", "^apples", "text : apples", "{text}:apples",
        "apples + OR", "(apples", "apples\x00", "apples'; DROP TABLE passages; --", "🍎 apples", "-apples",
        "apples " * 30_000, " ".join(f"apples{n}" for n in range(20_000)) + " x", "apples" + "\ud800",
    ],
)  # fmt: skip
def test_syntax_in_a_question_is_only_words(store: LocalStore, query: str) -> None:
    put(store, "apples")
    found = ids(store, query)
    assert found == ([] if "apples0" in query else ["notes:a.txt#0"])
    assert len(store.documents()) == 1


@pytest.mark.parametrize("query", ["", "   ", "?!…", "🍎", "* \" '"])
def test_a_question_without_words_finds_nothing(store: LocalStore, query: str) -> None:
    put(store, "apples")
    assert store.lexical("notes", query, 10) == []


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(alphabet=st.characters(codec="utf-8")), query=st.text())
def test_no_text_and_no_question_raises(store: LocalStore, text: str, query: str) -> None:
    put(store, text or "x", "fixed words")
    store.lexical("notes", query, 5)
    assert "notes:a.txt#1" in ids(store, f"{query[:100]} fixed")


def test_only_these_documents_are_searched(store: LocalStore) -> None:
    for name in ("a", "b", "c"):
        put(store, f"apples {name}", uri=name)
    assert ids(store, "apples", document_ids=["notes:c", "notes:a", "nobody"]) == ["notes:a#0", "notes:c#0"]
    assert ids(store, "apples", document_ids=[]) == []
    assert len(ids(store, "apples", document_ids=["notes:b", *map(str, range(50_000))])) == 1


def test_scores_do_not_depend_on_other_collections(store: LocalStore, home: Path) -> None:
    put(store, "apples", "pears", "apples plums")
    alone = store.lexical("notes", "apples plums", 10)
    for number in range(20):
        put(store, "apples apples plums", uri=str(number), collection="other")
    assert store.lexical("notes", "apples plums", 10) == alone


def say(store: LocalStore, language: str, *texts: str) -> None:
    record, passages = document(*texts)
    store.ensure_collection("notes", MODEL, DIMENSIONS)
    store.put(replace(record, language=language), passages, vectors(passages))


@pytest.mark.parametrize(
    ("language", "text", "query"),
    [
        ("zh", "图书馆九点开门。", "图书馆"),
        ("zh", "他有一只猫。", "猫"),
        ("ja", "合唱団は木曜日に練習します。", "合唱団の練習"),
        ("th", "แมวกำลังนอนหลับบนเสื่อ", "แมว"),
        ("ar", "تفتح المكتبة في التاسعة.", "مكتبة"),
        ("ar", "رفع المجلس الرسوم", "رَفَعَ"),
        ("hi", "घाटी के किसान सेब उगाते हैं।", "किसानों"),
        ("de", "Zwei Brücken wurden repariert.", "Brücke"),
        ("de", "Zwei Häuser", "Haus"),
        ("fr", "Les chevaux sont là.", "cheval"),
        ("es", "Dos canciones", "canción"),
        ("", "Das Café\u0301 hat offen", "cafe"),
        ("en", "Nine ﬁles in 北京", "files"),
    ],
)
def test_words_are_found_in_any_script_and_by_their_stem(
    store: LocalStore, language: str, text: str, query: str
) -> None:
    say(store, language, text, "zzz")
    assert ids(store, query) == ["notes:a.txt#0"]


def test_a_vowel_sign_does_not_part_a_word(store: LocalStore) -> None:
    say(store, "hi", "बिल्ली", "बालक")
    assert ids(store, "बिल्ली") == ["notes:a.txt#0"]


def test_what_was_indexed_by_stems_can_be_removed_and_checked(store: LocalStore) -> None:
    say(store, "de", "Zwei Häuser in 北京", "Brücken")
    store.put(*(lambda found: (found[0], found[1], vectors(found[1])))(document("apples", uri="b.txt")))
    store.remove(["notes:a.txt"])
    assert ids(store, "Häuser 北京") == [] and ids(store, "apples") == ["notes:b.txt#0"]
    with store.database.writing() as connection:
        assert lexical.fault(connection, 1) == ""


def test_a_word_index_of_other_rules_is_made_anew_when_the_store_is_opened(home: Path, store: LocalStore) -> None:
    say(store, "de", "Zwei Häuser")
    with store.database.writing() as connection:
        connection.execute("DROP TABLE words_1")
        connection.execute("CREATE VIRTUAL TABLE words_1 USING fts5 (text)")
        connection.execute("UPDATE meta SET value = '0' WHERE key = 'words'")
    store.close()
    with open_store(home) as again:
        assert ids(again, "Haus") == ["notes:a.txt#0"]
