"""A disagreement is shown when two documents give one thing two values, and not when they don't."""

from __future__ import annotations

from dataclasses import replace

import pytest

from rag.answer import respond
from rag.conflicts import disagreement
from rag.task import Task
from rag.types import Done, Evidence

WHEN = "On which dates is Blinken in China?"
EARLY = "Blinken holds meetings in China on June 18-19."
LONG = "Blinken visits China from June 16 to 21."


def task(question: str, *texts: str, documents: str = "abcdefg", dates: tuple[str | None, ...] = ()) -> Task:
    evidence = tuple(
        Evidence(documents[i], f"p{i}", 0, len(text), text, 0.9 - i / 100, published_at=dates[i] if dates else None)
        for i, text in enumerate(texts)
    )
    return Task(question, question, evidence, answerable=0.99, missing=(), searched=len(texts), situation="whole")


def values(found: Task) -> list[str]:
    conflict = disagreement(found)
    return [value for value, _ in conflict.sides] if conflict else []


@pytest.mark.parametrize(
    ("question", "texts", "expected"),
    [
        (WHEN, (EARLY, LONG), ["June 18-19", "June 16 to 21"]),
        (
            "When is Blinken in China?",
            (EARLY, "Blinken is in China from 16 to 21 June."),
            ["June 18-19", "16 to 21 June"],
        ),
        (
            "How many rooms has the Ritz?",
            ("The Ritz has 400 rooms.", "The Ritz has 350 rooms."),
            ["400 rooms", "350 rooms"],
        ),
    ],
)
def test_two_values_of_two_documents_are_two_sides(question: str, texts: tuple[str, ...], expected: list[str]) -> None:
    assert values(task(question, *texts)) == expected


@pytest.mark.parametrize(
    ("question", "texts"),
    [
        (WHEN, (EARLY, "Blinken meets Xi in China on June 18–19.")),  # the same days in another dash
        (WHEN, (EARLY, "Blinken is in China in June.")),  # less exact, but no other day
        (WHEN, (EARLY, "Macron visits Chile on July 4.")),  # about somebody else
        (WHEN, (EARLY, "Blinken was in China on May 3 and on June 18.")),  # which of the two is not clear
        ("Who is in China?", (EARLY, LONG)),  # no question of days
        ("How many rooms has the Ritz?", ("The Ritz has 400 rooms.", "The Ritz was built in 1906.")),  # a year
        ("How many rooms has the Ritz?", ("The Ritz has 400 rooms.", "The Ritz has four hundred rooms on 5 floors.")),
    ],
)
def test_what_can_stand_together_is_no_conflict(question: str, texts: tuple[str, ...]) -> None:
    assert len(values(task(question, *texts))) < 2


def test_two_values_of_one_document_are_no_conflict() -> None:
    assert values(task(WHEN, EARLY, LONG, documents="aa")) == []


def test_a_sentence_that_cannot_answer_is_no_side() -> None:
    found = task(WHEN, EARLY, LONG)
    other = replace(found, evidence=(found.evidence[0], replace(found.evidence[1], fits=False)))
    assert values(other) == []


def test_the_answer_quotes_both_sides_and_the_newer_stands_first() -> None:
    *_, done = respond(task(WHEN, EARLY, LONG, dates=("2023-06-14", "2023-06-16")), None)
    assert isinstance(done, Done)
    (conflict,) = done.answer.conflicts
    assert [(side.value, side.published_at) for side in conflict.sides] == [
        ("June 16 to 21", "2023-06-16"),
        ("June 18-19", "2023-06-14"),
    ]
    quoted = {citation.number: citation.quote for citation in done.answer.citations}
    assert [quoted[number] for side in conflict.sides for number in side.citations] == [LONG, EARLY]


def test_a_refusal_shows_no_conflict() -> None:
    *_, done = respond(replace(task(WHEN, EARLY, LONG), answerable=0.0), None)
    assert isinstance(done, Done) and done.answer.status == "not_found" and done.answer.conflicts == ()


def test_among_few_sentences_one_that_says_all_that_was_asked_is_a_side_however_unlikely() -> None:
    asked = task(
        "On which dates is the inner harbour closed?",
        *(
            "The inner harbour is closed on June 18-19, while it is dredged.",
            "The inner harbour is closed for dredging from June 16 to 21.",
        ),
    )
    first, second = asked.evidence
    unlikely = replace(asked, evidence=(replace(first, score=0.025), replace(second, score=0.001)))
    assert values(unlikely) == ["June 18-19", "June 16 to 21"]
    elsewhere = replace(second, text="The outer harbour is closed from June 16 to 21.", score=0.001)
    assert values(replace(unlikely, evidence=(unlikely.evidence[0], elsewhere))) == []
