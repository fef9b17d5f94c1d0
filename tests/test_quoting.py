"""Answers made of quotes where documents are about several of one name."""

from __future__ import annotations

from typing import Any

import pytest

from rag.answer import respond
from rag.draft import Draft
from rag.fitted import fitted
from rag.quoting import completed, quote
from rag.types import Answer, Done, Evidence
from tests.test_answer import FakeWriter, task

ASKED = "When was Bert Smith born?"
NEAR = 0.3
"""A chance that is near enough to that of the first for a namesake, and not for any other quote."""


@pytest.fixture(autouse=True)
def shares(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hold the fitted shares at values that tell the two apart, whatever the last fit said."""
    thresholds = fitted("relevance_whole").thresholds
    monkeypatch.setitem(thresholds, "share", 0.6)
    monkeypatch.setitem(thresholds, "share_of_namesake", 0.02)
    monkeypatch.setitem(thresholds, "share_of_mention", 0.2)


FIRST = "Bert Smith was born on 7 March 1892."


def evidence(*rows: tuple[str, str, float]) -> tuple[Evidence, ...]:
    """Of a document, a text and how likely each."""
    return tuple(Evidence(name, f"{name}-p", 0, len(text), text, score, title=name) for name, text, score in rows)


def answer(*rows: tuple[str, str, float], asked: str = ASKED, **changes: Any) -> Answer:
    found = task(
        **{"evidence": evidence(*rows), "situation": "whole", "question": asked, "standalone": asked} | changes
    )
    *_, done = respond(found, None)
    assert isinstance(done, Done)
    return done.answer


def test_each_document_about_one_of_that_name_answers() -> None:
    other = "Bert Smith, a bowler, was born in Leeds in 1926."
    given = answer(("a", FIRST, 0.8), ("b", other, NEAR))
    assert [citation.quote for citation in given.citations] == [FIRST, other]


def test_where_a_model_answers_for_one_of_that_name_the_others_answer_too() -> None:
    other = "Bert Smith, a bowler, was born in Leeds in 1926."
    found = task(
        evidence=evidence(("a", FIRST, 0.8), ("b", other, NEAR)), situation="whole", question=ASKED, standalone=ASKED
    )
    *_, done = respond(found, FakeWriter([FIRST]))  # type: ignore[arg-type]
    assert isinstance(done, Done)
    assert [citation.quote for citation in done.answer.citations] == [FIRST, other]


@pytest.mark.parametrize(
    ("why", "row", "changes"),
    [
        ("far less likely", ("b", "Bert Smith, a bowler, was born in 1926.", 0.01), {}),
        ("of another name", ("b", "Ada Smith was born in 1926.", NEAR), {}),
        ("without a time", ("b", "Bert Smith was born in a village near Leeds.", NEAR), {}),
        ("nothing new", ("b", "Bert Smith was born in March of 1892.", NEAR), {}),
        ("of the same document", ("a", "Bert Smith, a bowler, was born in 1926.", NEAR), {}),
        (
            "asked for yes or no",
            ("b", "Bert Smith was born in 1926.", NEAR),
            {"asked": "Was Bert Smith born when his sister was?"},
        ),
        ("of a document about him and others", ("Bert Smith and Ada Jones", "He was born in 1926.", NEAR), {}),
        ("of a document about what is his", ("Bert Smith’s brother", "He was born in 1926.", NEAR), {}),
        ("of a document that only names him", ("A walk with Bert Smith", "He was born in 1926.", NEAR), {}),
        ("of a paper about his bill", ("Bert Smith invoice", "It was sent in 1926.", NEAR), {}),
        ("one of many documents", ("b", "Bert Smith, a bowler, was born in 1926.", 0.3), {"situation": "pool"}),
    ],
)
def test_what_does_not_answer_for_a_namesake_is_left_out(
    why: str, row: tuple[str, str, float], changes: dict[str, Any]
) -> None:
    assert [citation.quote for citation in answer(("a", FIRST, 0.8), row, **changes).citations] == [FIRST], why


@pytest.mark.parametrize(
    "title", ["Bert Smith", "Bert Smith (bowler)", "Bert Smith is an English bowler who…", "Bert Smith, a bowler from…"]
)
def test_the_title_may_name_whom_the_sentence_calls_he(title: str) -> None:
    he = "He was born in Leeds in 1926."
    assert he in answer(("a", FIRST, 0.8), (title, he, NEAR)).text


def test_where_documents_are_called_alike_unlikely_sentences_answer_too() -> None:
    faint = ("Bert Smith, a bowler, was born in Leeds in 1926.", 0.05)
    called = answer(("Bert Smith (poet)", FIRST, 0.8), ("Bert Smith is an English bowler…", *faint))
    mentioned = answer(("Poets of Leeds", FIRST, 0.8), ("Bowlers of Leeds", *faint))
    assert [len(given.citations) for given in (called, mentioned)] == [2, 1]


def test_of_many_namesakes_four_answer() -> None:
    many = [(f"b{year}", f"Bert Smith, a bowler, was born in {year}.", NEAR) for year in range(1901, 1909)]
    assert len(answer(("a", FIRST, 0.8), *many).citations) == 4


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


def test_a_polite_question_is_not_one_for_yes_or_no() -> None:
    asked = "Can you tell me when Bert Smith was born?"
    assert len(answer(("a", FIRST, 0.8), ("b", "Bert Smith was born in 1926.", NEAR), asked=asked).citations) == 2


def test_a_question_that_names_nothing_has_no_namesakes() -> None:
    rows = (("a", "He left in 1926.", 0.8), ("b", "The shop was shut in 1950.", NEAR))
    assert len(answer(*rows, asked="When was it?").citations) == 1


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
