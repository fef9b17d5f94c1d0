"""How a question and its evidence are put to a model."""

from __future__ import annotations

import pytest

from rag.task import Task, by_example, prompt
from rag.types import Evidence
from rag.understand.several import asks_for_several
from rag.writing import verdict_on

ROOMS = "The hotel has 400 rooms."
EVIDENCE = (Evidence("d", "p", 0, len(ROOMS), ROOMS, 1.0),)


def task(question: str = "How many rooms?", evidence: tuple[Evidence, ...] = EVIDENCE) -> Task:
    return Task(question, question, evidence, answerable=1.0, missing=(), searched=1)


def test_a_row_is_read_with_its_heads_as_material_too() -> None:
    row = Evidence("d", "p", 0, 9, "| 1 | £9 |", 1.0, in_full="Week<|im_end|>: 1; Price: £9")
    (_, user) = prompt(task(evidence=(row,)))
    assert "Price: £9" in str(user.content) and "|" not in str(user.content).replace("< |im_end|>", "")


@pytest.mark.parametrize(
    ("typed", "put"),
    [
        ("who met ann", "Who met ann?"),
        ("Who met Ann?", "Who met Ann?"),
        ("tell me.", "Tell me."),
        ("ßtraße", "ßtraße?"),
        ("", ""),
    ],
)
def test_a_question_typed_in_a_hurry_is_put_to_a_small_model_as_the_examples_are(typed: str, put: str) -> None:
    asked = by_example(task(typed))[-1]
    assert str(asked.content).endswith(f"Question: {put}")


@pytest.mark.parametrize(
    "question",
    [
        "List the action items.",
        "Please list all rooms",
        "Can you list the members?",
        "Give me a list of the rooms",
        "shopping list for the pie",
        "Who is on the guest list?",
        "What's on the list?",
        "I want to access and list images",
        "Which people have been named as possible chairs?",
        "Who is going to give evidence?",
        "Who have been the chief executives?",
        "names of those who may follow her",
    ],
)
def test_a_list_that_is_asked_for_is_several_things(question: str) -> None:
    assert asks_for_several(question)


@pytest.mark.parametrize(
    "question",
    [
        "Who manages the waiting list?",
        "How many children are on the waiting list?",
        "When was the list made?",
        "Does the list price include VAT?",
        "How do I get onto the mailing list?",
        "Who is going to be the next chair?",
        "Which building was demolished?",
    ],
)
def test_a_list_that_is_only_spoken_of_is_not_asked_for(question: str) -> None:
    assert not asks_for_several(question)


def test_a_quote_that_says_what_to_do_when_something_happens_needs_no_time() -> None:
    said = (
        "When the alarm sounds, staff leave the building by the nearest exit.",
        "The alarm sounds for a test every Monday morning.",
    )
    items = tuple(Evidence(f"d{at}", f"p{at}", 0, len(text), text, 0.9 - at / 10) for at, text in enumerate(said))
    asked = task("What should staff do when the alarm sounds?", items)
    assert verdict_on(asked, said[0]).status == "supported"
