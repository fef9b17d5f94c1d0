"""A list answers a question whose heading says it in other words: "Please bring" for "What do I need to pack?"."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from rag.announced import listed
from rag.entries import lined
from rag.fitted import fitted
from rag.headed import HEADED, listings
from rag.relevance import Candidate, Question
from tests.test_entries import candidates, spans

LETTER = """# Camp

The camp is in May.

Please bring

- boots and a coat
- a torch

The school pays for

- the bus
- the meals
"""
BROUGHT = ["boots and a coat", "a torch"]


def chosen(question: str, near: str, text: str = LETTER) -> list[str]:
    """Return the entries that are lifted where the list under `near` is the nearest by meaning."""
    found = candidates(text, "Camp")
    asked = Question.of(question, [candidate.text for candidate in found])

    def cosines(texts: Sequence[str]) -> list[float]:
        return [0.9 if near in one else 0.1 for one in texts]

    scored = [(candidate, 0.1) for candidate in found]
    return [candidate.text for candidate, _ in listed(asked, scored, cosines) if candidate.evidence.listed]


def test_the_list_that_is_nearest_by_meaning_is_the_answer() -> None:
    assert chosen("What do the children need to bring to camp?", "Please bring") == BROUGHT


def test_a_list_that_is_nearer_to_another_question_is_none() -> None:
    assert chosen("What do the children need to bring to camp?", "nothing") == []


@pytest.mark.parametrize("question", ["When is the camp?", "What is the camp?", "Who brings the bus?"])
def test_a_question_for_one_thing_gets_no_list(question: str) -> None:
    assert chosen(question, "Please bring") == []


def test_what_has_names_is_not_under_a_heading_without_any() -> None:
    assert chosen("Which towns bring children to camp?", "Please bring") == []


def test_rows_and_records_say_something_without_a_heading() -> None:
    records = "# Camp\n\nTo bring\n\nWeight: 5 kg\nLength: 10 m\n"
    assert chosen("What do I need to bring to camp?", "To bring", records) == []


def test_the_fitted_weights_are_those_of_these_numbers() -> None:
    assert fitted("headed").features == HEADED
    found: list[Candidate] = candidates(LETTER, "Camp")
    asked = Question.of("What do I bring?", [candidate.text for candidate in found])
    lists = listings(asked, [(candidate, 0.1) for candidate in found], lambda texts: [0.5] * len(texts))
    assert [len(one.features) for one in lists] == [len(HEADED)] * 2


def test_a_list_that_goes_on_in_another_passage_keeps_its_heading() -> None:
    begins = LETTER.index("a torch")
    rest = [span for span in spans(LETTER) if begins <= span[0] < LETTER.index("The school")]
    assert [line.heading for line in lined(LETTER, rest)] == ["Please bring"]


def test_what_an_item_goes_on_with_in_the_next_line_is_no_heading() -> None:
    text = "Please bring\n\n- boots\n  one pair\n- a torch\n- a coat\n"
    rest = [span for span in spans(text) if span[0] >= text.index("a torch")]
    assert {line.heading for line in lined(text, rest)} == {"Please bring"}
