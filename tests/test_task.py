"""How a question and its evidence are put to a model."""

from __future__ import annotations

import pytest

from rag.task import Task, by_example, prompt
from rag.types import Evidence

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
