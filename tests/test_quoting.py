"""Answers made of quotes where documents are about several of one name."""

from __future__ import annotations

from typing import Any

import pytest

from rag.answer import respond
from rag.types import Answer, Done, Evidence
from tests.test_answer import FakeWriter, task

ASKED = "When was Bert Smith born?"
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
    given = answer(("a", FIRST, 0.8), ("b", other, 0.3))
    assert [citation.quote for citation in given.citations] == [FIRST, other]


def test_where_a_model_answers_for_one_of_that_name_the_others_answer_too() -> None:
    other = "Bert Smith, a bowler, was born in Leeds in 1926."
    found = task(
        evidence=evidence(("a", FIRST, 0.8), ("b", other, 0.3)), situation="whole", question=ASKED, standalone=ASKED
    )
    *_, done = respond(found, FakeWriter([FIRST]))  # type: ignore[arg-type]
    assert isinstance(done, Done)
    assert [citation.quote for citation in done.answer.citations] == [FIRST, other]


@pytest.mark.parametrize(
    ("why", "row", "changes"),
    [
        ("far less likely", ("b", "Bert Smith, a bowler, was born in 1926.", 0.01), {}),
        ("of another name", ("b", "Ada Smith was born in 1926.", 0.3), {}),
        ("without a time", ("b", "Bert Smith was born in a village near Leeds.", 0.3), {}),
        ("nothing new", ("b", "Bert Smith was born in March of 1892.", 0.3), {}),
        ("of the same document", ("a", "Bert Smith, a bowler, was born in 1926.", 0.3), {}),
        ("one of many documents", ("b", "Bert Smith, a bowler, was born in 1926.", 0.3), {"situation": "pool"}),
    ],
)
def test_what_does_not_answer_for_a_namesake_is_left_out(
    why: str, row: tuple[str, str, float], changes: dict[str, Any]
) -> None:
    assert [citation.quote for citation in answer(("a", FIRST, 0.8), row, **changes).citations] == [FIRST], why


def test_the_title_may_name_whom_the_sentence_calls_he() -> None:
    he = "He was born in Leeds in 1926."
    assert he in answer(("a", FIRST, 0.8), ("Bert Smith (bowler)", he, 0.3)).text


def test_of_many_namesakes_four_answer() -> None:
    many = [(f"b{year}", f"Bert Smith, a bowler, was born in {year}.", 0.3) for year in range(1901, 1909)]
    assert len(answer(("a", FIRST, 0.8), *many).citations) == 4
