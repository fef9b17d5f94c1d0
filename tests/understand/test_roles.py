"""A role stands for its bearer where documents agree on who that is, and for nobody anywhere else."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from rag.understand.roles import with_names

TEXTS = (
    "US Secretary of State Antony Blinken lands in Beijing. Blinken will meet Xi. Blinken stays two days.",
    "U.S. Secretary of State Blinken Engages in Talks. The visit of Chinese President Xi Jinping follows.",
    "It prepares a trip of Commerce Secretary Gina Raimondo. While she waits, President Joe Biden speaks.",
    "The list has commerce secretary Gina M. Raimondo and the foreign minister, Qin Gang, too.",
    "Former Treasury Secretary Ann Lee met Treasury Secretary Bo Ray and, later, Treasury Secretary Bo Ray's wife.",
)


def having(words: Sequence[str]) -> list[str]:
    return [text for text in TEXTS if any(word.lower() in text.lower() for word in words)]


@pytest.mark.parametrize(
    ("question", "meant"),
    [
        ("When will the Secretary of State be in China?", "When will Blinken be in China?"),
        ("what does the US secretary of state hope for?", "what does Blinken hope for?"),
        ("Might the Commerce Secretary come?", "Might Gina Raimondo come?"),
        ("Does the treasury secretary fly?", "Does Bo Ray fly?"),  # not the former one
    ],
)
def test_a_role_is_understood_as_the_name_that_documents_give_it(question: str, meant: str) -> None:
    assert with_names(question, having) == meant


@pytest.mark.parametrize(
    "question",
    [
        "What did the president say?",  # two of them
        "What did the foreign minister say?",  # named only once
        "Where is the king?",  # named never
        "Who is the Secretary of State?",
        "Who was the secretary of state then?",
        "What is the name of the Secretary of State?",
        "Who was the last secretary of state to visit China?",
        "Did the deputy secretary of state come?",
        "When does the Secretary of State Antony Blinken come?",
        "Is there any secretary of state?",
    ],
)
def test_a_role_that_is_asked_for_or_could_be_anybody_s_stays(question: str) -> None:
    assert with_names(question, having) == question


def test_a_document_of_nothing_but_roles_takes_no_time() -> None:
    endless = "secretary of state " * 5000
    assert with_names("When does the secretary of state fly?", lambda words: [endless]) == (
        "When does the secretary of state fly?"
    )


def test_a_question_of_nothing_but_roles_is_looked_up_a_few_times() -> None:
    asked: list[Sequence[str]] = []

    def counted(words: Sequence[str]) -> list[str]:
        asked.append(words)
        return []

    with_names("Does the king see the king? " * 200, counted)
    assert 0 < len(asked) < 10
