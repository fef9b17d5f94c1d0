"""Whether a question asks for all that there is of something, and whether each of these has a name."""

from __future__ import annotations

import pytest

from rag.understand.several import asks_for_names, asks_for_several, asks_openly


@pytest.mark.parametrize(
    "question",
    [
        "Which shops sell the tickets?",
        "Which firms opposed the plan?",
        "In which towns was it seen?",
        "Which members of the board could resign?",
        "Which of the crew are missing?",
        "What are the reasons for the delay?",
        "what were the main objections to the bridge",
        "What else did they find?",
        "who else was there",
        "who's going to speak at the fair?",
        "Who has been questioned so far?",
        "Who have asked for a refund?",
        "everybody who signed the letter",
    ],
)
def test_several_things_are_asked_for(question: str) -> None:
    assert asks_for_several(question)


@pytest.mark.parametrize(
    "question",
    [
        "Which company makes tyres?",
        "Which bus goes to town?",
        "Which glass is bigger?",
        "Which series won?",
        "Which band was formed first?",
        "On which dates is the fair?",
        "What causes rust?",
        "What are tides?",
        "What were the total expenses?",
        "What are the parts of a flower called?",
        "What is it called, after all the to and fro?",
        "Does anyone else know?",
        "What is the total so far?",
        "Where did he go so far from home?",
        "Which of the two towns would be larger?",
    ],
)
def test_one_thing_is_asked_for(question: str) -> None:
    assert not asks_for_several(question)


@pytest.mark.parametrize(
    ("question", "named"),
    [
        ("Who might come?", True),
        ("Which towns were hit?", True),
        ("which organisations opposed it", True),
        ("Which reasons were given?", False),
        ("What activities are there for groups?", False),
    ],
)
def test_people_and_towns_have_names_and_reasons_have_none(question: str, named: bool) -> None:
    assert asks_for_names(question) == named


def test_what_is_is_no_open_question() -> None:
    assert asks_openly("What do I need?")
    assert not asks_openly("What's the firm going to be called?") and not asks_openly("What is due?")
