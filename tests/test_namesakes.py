"""Answers of further documents: several may be called by the name that was asked for."""

from __future__ import annotations

from typing import Any

import pytest

from rag.answer import respond
from rag.fitted import fitted
from rag.namesakes import MOST_QUOTED, NAMESAKES, begins_with, candidates
from rag.types import Answer, Done
from tests.test_answer import FakeWriter, task
from tests.test_quoting import evidence

ASKED = "When was Bert Smith born?"
FIRST = "Bert Smith was born on 7 March 1892."
OTHER = "Bert Smith, a bowler, was born in Leeds in 1926."
NEAR = 0.3


@pytest.fixture(autouse=True)
def only_the_first(monkeypatch: pytest.MonkeyPatch) -> None:
    """No second quote comes by its own likelihood."""
    monkeypatch.setitem(fitted("relevance_whole").thresholds, "share", 0.6)


def of(*rows: tuple[str, str, float], asked: str = ASKED, **changes: Any) -> Any:
    return task(**{"evidence": evidence(*rows), "situation": "whole", "question": asked, "standalone": asked} | changes)


def answer(*rows: tuple[str, str, float], **changes: Any) -> Answer:
    *_, done = respond(of(*rows, **changes), None)
    assert isinstance(done, Done)
    return done.answer


def test_each_document_about_one_of_that_name_answers() -> None:
    given = answer(("Bert Smith (poet)", FIRST, 0.8), ("Bert Smith (bowler)", OTHER, NEAR))
    assert [citation.quote for citation in given.citations] == [FIRST, OTHER]


def test_where_a_model_answers_for_one_of_that_name_the_others_answer_too() -> None:
    found = of(("Bert Smith (poet)", FIRST, 0.8), ("Bert Smith (bowler)", OTHER, NEAR))
    *_, done = respond(found, FakeWriter([FIRST]))  # type: ignore[arg-type]
    assert isinstance(done, Done)
    assert [citation.quote for citation in done.answer.citations] == [FIRST, OTHER]


@pytest.mark.parametrize(
    ("why", "row", "changes"),
    [
        ("of another name", ("b", "Ada Smith was born in 1926.", NEAR), {}),
        ("without a time", ("b", "Bert Smith was born in a village near Leeds.", NEAR), {}),
        ("nothing new", ("b", "Bert Smith was born in March of 1892.", NEAR), {}),
        ("of the same document", ("a", OTHER, NEAR), {}),
        ("asked for yes or no", ("b", OTHER, NEAR), {"asked": "Was Bert Smith born when his sister was?"}),
        ("asked for no name", ("b", OTHER, NEAR), {"asked": "When was he born?"}),
        ("asked for all", ("b", OTHER, NEAR), {"asked": "List all the dates of birth of Bert Smith."}),
        ("one of many documents", ("b", OTHER, NEAR), {"situation": "pool"}),
    ],
)
def test_what_can_not_answer_for_a_namesake_is_left_out(
    why: str, row: tuple[str, str, float], changes: dict[str, Any]
) -> None:
    assert not candidates(of(("a", FIRST, 0.8), row, **changes), [0]), why


def test_the_title_may_name_whom_the_sentence_calls_he() -> None:
    he = "He was born in Leeds in 1926."
    (found,) = candidates(of(("a", FIRST, 0.8), ("Bert Smith (bowler)", he, NEAR)), [0])
    assert (found[0], dict(zip(NAMESAKES, found[1], strict=True))["titled"]) == (1, 1.0)


def test_each_document_answers_by_its_likeliest_sentence_that_holds_what_was_asked() -> None:
    rows = (("b", "Bert Smith bowled for Leeds.", 0.5), ("b", OTHER, NEAR), ("b", "Bert Smith was born in 1927.", 0.2))
    assert [index for index, _ in candidates(of(("a", FIRST, 0.8), *rows), [0])] == [2]


def test_a_sentence_worded_as_the_first_quote_is_likelier_to_answer() -> None:
    first = "Bert Smith was born on 7 March 1892, the son of a miner and a nurse."
    rows = (
        ("b", "Bert Smith was born in 1926, the son of a miner.", NEAR),
        ("c", "Bert Smith, born under a lucky star in 1950, sang.", NEAR),
    )
    (one, alike), (other, apart) = candidates(of(("a", first, 0.8), *rows), [0])
    assert (one, other) == (1, 2)
    assert fitted("namesakes")(alike) > fitted("namesakes")(apart)


def test_a_note_that_only_mentions_the_name_does_not_answer() -> None:
    asked = "How much did Acme Roofing charge for the mill?"
    rows = (
        ("a", "Acme Roofing charged £4,200 for the mill.", 0.8),
        ("b", "Acme Roofing offers to fix the gutter for £95.", 0.5),
        ("c", "The bill of Acme Roofing for £310 was late.", 0.5),
    )
    assert [index for index, _ in candidates(of(*rows, asked=asked), [0])] == []


def test_where_no_kind_of_thing_is_asked_for_there_are_no_namesakes() -> None:
    rows = (
        ("Bert Smith (poet)", "Bert Smith drives a blue van.", 0.8),
        ("Bert Smith (bowler)", "Bert Smith drives a red van.", 0.5),
    )
    assert candidates(of(*rows, asked="What colour is the van of Bert Smith?"), [0]) == []


def test_of_many_namesakes_only_some_answer() -> None:
    many = [(f"Bert Smith ({year})", f"Bert Smith, a bowler, was born in {year}.", NEAR) for year in range(1901, 1912)]
    assert len(answer(("Bert Smith (poet)", FIRST, 0.8), *many).citations) == MOST_QUOTED


def test_a_polite_question_is_not_one_for_yes_or_no() -> None:
    asked = "Can you tell me when Bert Smith was born?"
    assert candidates(of(("a", FIRST, 0.8), ("b", OTHER, NEAR), asked=asked), [0])


@pytest.mark.parametrize(
    ("title", "is_called_so"),
    [
        ("Bert Smith", True),
        ("Bert Smith (bowler)", True),
        ("Bert Smith is an English bowler who…", True),
        ("Bert Smith, a bowler from…", True),
        ("Bert Smith and Ada Jones", False),
        ("Bert Smith’s brother", False),
        ("A walk with Bert Smith", False),
        ("Bert Smith invoice", False),
    ],
)
def test_a_document_is_called_by_a_name_that_stands_alone_at_its_head(title: str, is_called_so: bool) -> None:
    assert begins_with(title, frozenset({"bert", "smith"})) is is_called_so
