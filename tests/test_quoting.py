"""Answers made of quotes: where they lead in other documents, how lists go on."""

from __future__ import annotations

from typing import Any

import pytest

from rag.answer import respond
from rag.draft import Draft
from rag.fitted import fitted
from rag.quoting import completed, of_list, quote
from rag.types import Answer, Done, Evidence
from tests.test_answer import FakeWriter, task


@pytest.fixture(autouse=True)
def share(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hold the share from which others are quoted, too, whatever the last fit said."""
    monkeypatch.setitem(fitted("relevance_whole").thresholds, "share", 0.6)


def evidence(*rows: tuple[str, str, float]) -> tuple[Evidence, ...]:
    """Of a document, a text and how likely each."""
    return tuple(Evidence(name, f"{name}-p", 0, len(text), text, score, title=name) for name, text, score in rows)


def answer(*rows: tuple[str, str, float], asked: str, **changes: Any) -> Answer:
    found = task(
        **{"evidence": evidence(*rows), "situation": "whole", "question": asked, "standalone": asked} | changes
    )
    *_, done = respond(found, None)
    assert isinstance(done, Done)
    return done.answer


WHERE = "Where was the director of Stagecoach born?"
FILM = ("Stagecoach (1939 film)", "Stagecoach is a film by the director John Ford.", 0.6)
FORD = ("John Ford", "He was born in Cape Elizabeth.", 0.1)


@pytest.mark.parametrize("situation", ["pool", "whole"])
def test_a_quote_leads_to_the_document_that_it_names(situation: str) -> None:
    given = answer(FILM, FORD, asked=WHERE, situation=situation)
    assert [citation.quote for citation in given.citations] == [FILM[1], FORD[1]]


def test_a_quote_leads_to_a_document_that_names_its_own() -> None:
    asked = "Which film did the man who was born in Cape Elizabeth make with John Wayne?"
    born = ("John Ford", "He was born in Cape Elizabeth.", 0.6)
    film = ("Stagecoach (1939 film)", "John Ford made it with John Wayne.", 0.1)
    assert film[1] in answer(born, film, asked=asked, situation="pool").text


@pytest.mark.parametrize(
    ("why", "row", "asked"),
    [
        ("far less likely", (*FORD[:2], 0.01), "Where was the maker of Stagecoach born?"),
        ("its document is not named", ("Howard Hawks", *FORD[1:]), WHERE),
        ("nothing that is asked for is left", FORD, "Which director made Stagecoach?"),
        ("without a word that the quote lacks", ("John Ford", "He was a man of few words.", 0.1), WHERE),
        ("the question names the document, too", FORD, "Where was John Ford, the director of Stagecoach, born?"),
    ],
)
def test_a_quote_leads_nowhere_else(why: str, row: tuple[str, str, float], asked: str) -> None:
    assert [citation.quote for citation in answer(FILM, row, asked=asked, situation="pool").citations] == [FILM[1]], why


def test_whom_a_quote_names_beside_a_word_of_the_question_is_told_of_however_unlikely() -> None:
    """ "A film by the director John Ford": it is him who was asked about."""
    italian = ("John Ford", "Ford was of an Irish family from Galway.", 0.001)
    given = answer(FILM, italian, asked="What nationality is the director of Stagecoach?", situation="pool")
    assert [citation.quote for citation in given.citations] == [FILM[1], italian[1]]


def test_a_model_that_names_the_other_document_is_completed_by_it() -> None:
    found = task(evidence=evidence(FILM, FORD), question=WHERE, standalone=WHERE)
    *_, done = respond(found, FakeWriter([FILM[1]]))  # type: ignore[arg-type]
    assert isinstance(done, Done)
    assert FORD[1] in done.answer.text


def test_a_list_goes_on_with_the_list_of_a_quote_that_was_just_added() -> None:
    xi = "Xi might travel to San Francisco in November."
    two = "Janet Yellen and Gina Raimondo might visit China."
    three = "The list of those who may come has Janet Yellen, Gina Raimondo and John Kerry."
    other = "Kurt Campbell may speak with Wang Yi on Monday."
    asked = "Who might visit after Blinken?"
    rows = (("a", two, 0.5), ("b", three, 0.2), ("c", xi, 0.15), ("d", other, 0.12))
    found = task(evidence=evidence(*rows), situation="whole", question=asked, standalone=asked)
    draft = Draft(found.evidence)
    list(quote(draft, 2))
    list(completed(found, draft, picked=True))
    assert [found.evidence[index].text for index in draft.citations] == [xi, two, three]


def test_a_shared_surname_is_no_list_that_goes_on() -> None:
    two, other = "Ann Lee and Bob Lee may come.", "They may tell Carl Lee to leave."
    asked = "Who might come to the party?"
    rows = (("a", two, 0.9), ("b", other, 0.2))
    found = task(evidence=evidence(*rows), situation="whole", question=asked, standalone=asked)
    draft = Draft(found.evidence)
    list(quote(draft, 0))
    assert not list(completed(found, draft, picked=True))


ROOMS = ("Hall | First | 131", "Office | First | 41", "Library | Ground | 212", "Archive | First | 19")


def rooms(heading: str = "Rooms by floor") -> tuple[Evidence, ...]:
    places = [sum(len(row) + 1 for row in ROOMS[:at]) for at in range(len(ROOMS))]
    return tuple(
        Evidence("plan", "p", at, at + len(row), row, 0.8 - at / 1000, title="Plan", heading=heading)
        for at, row in zip(places, ROOMS, strict=True)
    )


def test_all_rows_that_have_what_the_question_names_in_a_cell_are_the_answer() -> None:
    given = answer(asked="Which rooms are on the first floor?", evidence=rooms())
    assert [citation.quote for citation in given.citations] == [ROOMS[0], ROOMS[1], ROOMS[3]]


def test_the_head_of_a_column_in_a_cell_is_no_part_of_what_it_has() -> None:
    rows = (
        "Boat: Heron | Condition: good",
        "Boat: Otter | Condition: needs repair",
        "Boat: Swan | Condition: needs repair",
    )
    fleet = tuple(
        Evidence("boats", "p", 100 * at, 100 * at + len(row), row, 0.8 - at / 1000, title="Boats", heading="Boats")
        for at, row in reversed(list(enumerate(rows)))
    )
    asked = "Which boats need repair?"
    found = of_list(task(evidence=fleet, situation="whole", question=asked, standalone=asked))
    assert [fleet[index].text for index in found] == [rows[1], rows[2]]


@pytest.mark.parametrize(
    ("why", "asked", "heading"),
    [
        ("the table doesn't tell of sinks", "Which rooms on the first floor have a copper sink?", "Rooms by floor"),
        ("the table doesn't say what its rows are", "Which rooms are on the first floor?", ""),
        ("a number is asked for", "How large is the first floor?", "Rooms by floor"),
        ("the others are asked for", "Which rooms are not on the first floor?", "Rooms by floor"),
        ("those beyond are asked for", "Which rooms are above the first floor?", "Rooms by floor"),
        ("the greatest is asked for", "Which rooms on the first floor are largest?", "Rooms by floor"),
    ],
)
def test_rows_of_a_table_that_has_little_of_the_question_are_no_list(why: str, asked: str, heading: str) -> None:
    assert of_list(task(evidence=rooms(heading), situation="whole", question=asked, standalone=asked)) == [], why


def plants() -> tuple[Evidence, ...]:
    rows = (
        "Plant: Rue | Light: full sun",
        "Plant: Fern | Light: shade",
        "Plant: Sage | Light: sun",
        "Plant: Ivy | Light: no sun",
    )
    return tuple(
        Evidence("plants", "p", 50 * at, 50 * at + len(row), row, 0.9 - at / 10, title="plants")
        for at, row in enumerate(rows)
    )


def test_rows_that_have_the_word_within_a_cell_are_the_answer_and_none_that_denies_it() -> None:
    given = answer(asked="Which plants need sun?", evidence=plants())
    assert [citation.quote for citation in given.citations] == [plants()[0].text, plants()[2].text]


def test_where_no_row_is_within_the_bound_the_refusal_names_the_nearest() -> None:
    rows = ("Room: Elm | Price: €85", "Room: Ash | Price: €62")
    there = tuple(
        Evidence("rooms", "p", 50 * at, 50 * at + len(row), row, 0.9, title="rooms") for at, row in enumerate(rows)
    )
    given = answer(asked="Which rooms cost less than €50?", evidence=there)
    assert given.status == "not_found"
    assert "“Room: Ash | Price: €62”, not “less than €50”" in given.text


def test_what_begins_is_no_refusal_where_the_same_document_says_when_it_is_finished() -> None:
    begins = ("Roof", "The roof work begins on Monday 8 April.", 0.6)
    ends = ("Roof", "He thinks he will be finished by 26 April.", 0.3)
    asked = "When will the roof be finished?"
    assert [citation.quote for citation in answer(begins, ends, asked=asked).citations] == [ends[1]]
    assert answer(begins, asked=asked).status == "not_found"
    other = ("Roof", "The Mill Street hall will be finished by 26 April.", 0.3)
    assert answer(begins, other, asked=asked).status == "not_found"
