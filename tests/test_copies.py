"""What several documents have: only what says the same is one sentence with all of them."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.copies import collapse, copies, said
from rag.relevance import Candidate
from rag.types import Evidence
from vectorstore.store import PassageRecord

TURNED = [
    ("Dogs are allowed in the building.", "Dogs are not allowed in the building."),
    ("Staff may work from home on Fridays.", "Staff may not work from home on Fridays."),
    ("Guests can park in the yard.", "Guests can't park in the yard."),
    ("The flight to Oslo leaves from gate B12.", "The flight to Oslo leaves from gate C12."),
    ("Vitamin C prevents scurvy.", "Vitamin D prevents scurvy."),
    ("The deposit is paid before the move.", "The deposit is paid after the move."),
    ("The meeting starts at 3 pm on Monday.", "The meeting starts at 3 am on Monday."),
    ("The grant was £5m in May.", "The grant was £5k in May."),
    ("The grant was £5 in May.", "The grant was $5 in May."),
    ("The cat chased the dog.", "The dog chased the cat."),
    ("The pump weighs 5.2 kg.", "The pump weighs 52 kg."),
    ("The pump weighs 5 kg.", "The pump weighs 5 lb."),
    ("It was -5 degrees at night.", "It was 5 degrees at night."),
    ("The result is (500) pounds.", "The result is 500 pounds."),
    ("More than 50 guests came.", "Less than 50 guests came."),
    ("Values > 5 are high.", "Values < 5 are high."),
    ("Few members voted for it.", "A few members voted for it."),
    ("The shop opened at nine.", "The shop opens at nine."),
    ("He is now here.", "He is nowhere."),
    ("Dogs are allowed here.", "Dogs are allowed here?"),
    ("The report was written by Ann Lee.", "The report was written by Ann Leigh."),
    ("यह किताब है।", "यह काताब है।"),
]


def candidate(text: str, document: str, passage: str = "") -> Candidate:
    evidence = Evidence(document, passage or f"p{document}", 0, len(text), text, 0.9, "Policy")
    return Candidate(evidence, 0, 0, (text,))


def passage(number: str, document: str, *sentences: str) -> PassageRecord:
    spans, start = [], 0
    for sentence in sentences:
        spans.append((start, start + len(sentence)))
        start += len(sentence) + 1
    return PassageRecord(number, document, 0, 0, start - 1, " ".join(sentences), tuple(spans))


def merged(one: str, other: str) -> Sequence[tuple[str, tuple[str, ...]]]:
    found = collapse([(candidate(one, "A"), 0.9), (candidate(other, "B"), 0.8)], {})
    return [(item.document_id, item.also_in) for item in found]


@pytest.mark.parametrize(("one", "other"), TURNED)
def test_a_sentence_that_says_otherwise_is_never_credited_to_both(one: str, other: str) -> None:
    assert merged(one, other) == [("A", ()), ("B", ())]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Dogs are allowed in the building.", "DOGS ARE ALLOWED IN THE BUILDING"),
        ("He said “no dogs”, didn’t he?", "He said 'no dogs' , didn't he ?"),
        ("The long-distance train stops here.", "The long distance\ntrain stops here"),
        ("The build\u00ading is open.", "The building is open."),
        ("The build-\ning is open.", "The building is open."),
        ("Finance is on floor 3.", "\ufb01nance is on floor 3."),
        ("The *new* rate is 5%, or [more](https://example.org).", "The new rate is 5 %, or more."),
        ("The U.S. delegation left at 5 p.m.", "The US delegation left at 5 pm."),
        ("René Lefèvre leads it.", unicodedata.normalize("NFD", "René Lefèvre leads it.")),
        ("会議は\n三時です。", "会議は三時です"),
    ],
)
def test_another_way_to_write_the_same_down_is_one_sentence_of_both(one: str, other: str) -> None:
    assert merged(one, other) == [("A", ("B",))]


@given(st.text(max_size=80))
def test_what_a_sentence_says_is_the_same_for_its_copy_in_capitals_or_quotes(text: str) -> None:
    assert said(f"“{text}”") == said(f'"{text}"')


def test_the_same_sentence_twice_in_a_document_is_no_other_source() -> None:
    found = collapse([(candidate("It rains.", "A"), 0.9), (candidate("It rains!", "A"), 0.8)], {})
    assert [(item.text, item.also_in) for item in found] == [("It rains.", ())]


@pytest.mark.parametrize(("one", "other"), TURNED)
def test_a_passage_that_says_otherwise_in_one_sentence_is_no_source_of_that_one(one: str, other: str) -> None:
    bins = "The bins are emptied on Monday."
    mine, theirs = passage("1", "A", one, bins), passage("2", "B", other, bins)
    scored = [(candidate(text, "A", "1"), 0.9) for text in (one, bins)]
    found = {item.text: item.also_in for item in collapse(scored, copies([mine], {"1": [theirs]}))}
    assert found == {one: (), bins: ("B",)}


def test_a_copy_among_lines_without_a_full_stop_is_found() -> None:
    lines = ("Opening hours", "Monday 9 to 5", "Tuesday 9 to 6", "Dogs are allowed in the building.")
    mine, theirs = passage("1", "A", *lines), passage("2", "B", *lines)
    scored = [(candidate(text, "A", "1"), 0.9) for text in lines]
    assert [item.also_in for item in collapse(scored, copies([mine], {"1": [theirs]}))] == [("B",)] * len(lines)


def test_a_copy_is_found_where_mending_has_changed_the_length_of_its_text() -> None:
    raw = ("Dogs are allowed in the [building](https://example.org).", "The bins are emptied on Monday.")
    spans = passage("2", "B", *raw)
    theirs = PassageRecord("2", "B", 0, 0, spans.end, f"Dogs are allowed in the building. {raw[1]}", spans.sentences)
    scored = [(candidate(text, "A", "1"), 0.9) for text in ("Dogs are allowed in the building.", raw[1])]
    mine = passage("1", "A", *(item.text for item, _ in scored))
    assert [item.also_in for item in collapse(scored, copies([mine], {"1": [theirs]}))] == [("B",), ("B",)]


def test_a_document_that_is_not_asked_is_no_source() -> None:
    mine, theirs = passage("1", "A", "It rains in Oslo."), passage("2", "B", "It rains in Oslo.")
    near = {"1": [theirs, passage("3", "C", "It rains in Oslo.")]}
    found = collapse([(candidate("It rains in Oslo.", "A", "1"), 0.9)], copies([mine], near, ["A", "C"]))
    assert [item.also_in for item in found] == [("C",)]
