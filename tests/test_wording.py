"""A word of the question that no document has is not held against an answer where the documents say it otherwise."""

from __future__ import annotations

import pytest

from rag.relevance import Question
from rag.understand.wording import said_otherwise
from rag.words import content, weigh


@pytest.mark.parametrize(
    ("question", "text", "gone", "instead"),
    [
        ("Who is the director of Duo?", "Duo was directed by Mahesh Bhatt.", "director", "directed"),
        ("Who is the founder of Acme?", "Acme was founded by Ann Lee.", "founder", "founded"),
        ("Who created Iconoclast?", "The creator of Iconoclast is Ann Lee.", "created", "creator"),
        ("What is Jon Hill's profession?", "Jon Hill is an American chef.", "profession", ""),
        (
            "Is the AAA there?",
            "The American Automobile Association is there.",
            "AAA",
            "American Automobile Association",
        ),
    ],
)
def test_what_is_said_otherwise_is_looked_for_as_it_is_said(question: str, text: str, gone: str, instead: str) -> None:
    asked = Question.of(question, [text])
    assert not content(gone) & asked.weights.keys()
    assert content(instead) <= asked.weights.keys()


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("What is the height of the tower?", "The tower is white."),  # a height is a number that nobody gives
        ("Who is the director of Duo?", "Duo is a film of the year 1979."),
        ("What is Jon Hill's profession?", "His profession is that of a chef."),  # it is there
        ("How much corn was grown?", "It was grown in the corner."),  # nobody corns
        ("Who is the master?", "The mast broke."),
        ("What is the factor?", "It is a fact that it was facted."),  # not asked for a person
    ],
)
def test_a_word_that_nothing_stands_for_is_looked_for(question: str, text: str) -> None:
    assert said_otherwise(question, weigh([text]).keys(), [text]) == {}
