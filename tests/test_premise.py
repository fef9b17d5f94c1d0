"""A quote that says of another thing what was asked is no answer, and one that says it in other words is."""

from __future__ import annotations

import pytest

from rag.premise import instead, otherwise
from rag.types import Evidence


def evidence(text: str) -> Evidence:
    return Evidence("a", "p", 0, len(text), text, 0.9)


@pytest.mark.parametrize(
    ("question", "quote", "changed"),
    [
        ("What park covers an area of 74 ha?", "The old park covers the area of 76 ha.", ("74", "76")),
        (
            "What is the basic unit of local division in Warsaw?",
            "The basic unit of local division in Poland is a gmina.",
            ("Warsaw", "Poland"),
        ),
        (
            "What are cells in contact with the internal environment called?",
            "Dendritic cells are in contact with the external environment.",
            ("internal", "external"),
        ),
        ("The second item on Mondays is what?", "The first item on Mondays is a prayer.", ("second", "first")),
        ("Which rebellions are common in parliament?", "In parliament such rebellions are rare.", ("common", "rare")),
    ],
)
def test_what_a_quote_has_in_place_of_what_was_asked_is_found(
    question: str, quote: str, changed: tuple[str, str]
) -> None:
    assert otherwise(question, evidence(quote)) == changed


@pytest.mark.parametrize(
    ("question", "quote"),
    [
        ("What is the unit of division in Poland?", "The unit of division in Poland is a gmina."),
        ("What is not allowed at the boathouse?", "No glass bottles: the boathouse forbids them."),
        ("Who came to Beijing?", "After long talks Antony Blinken came to Beijing on June 18."),
        ("What year was the robot released?", "The robot was released, and sold well in its first months."),  # a unit
        ("How much of the gas do stations of the AAA have?", "American stations have no gas at all."),  # spelt out
        ("Does the park cover 74 ha?", "The park covers 76 ha."),  # it answers: no
        ("When did Antony Blinken arrive in Beijing?", "Secretary Blinken arrived in Beijing on June 18."),
        ("When did Barack Obama speak in Ghent?", "President Obama spoke in Ghent on June 18."),
        ("How much did the plan cost in 2019?", "In all, the plan did cost 30 crowns."),
        ("", "The park covers 76 ha."),
        ("What is it?", ""),
    ],
)
def test_what_says_it_in_other_words_is_not_taken_for_another_thing(question: str, quote: str) -> None:
    assert otherwise(question, evidence(quote)) is None


@pytest.mark.parametrize(
    ("said", "asked", "swapped"),
    [
        ("Mazda opened plants in Ohio.", "What did Mazda open in Ohio?", ("Mazda", "Honda")),
        ("Honda opened plants in Utah.", "What did Honda open?", None),  # not asked for: any check refuses it
        ("Honda opened plants in Ohio.", "What did Honda open in Ohio?", None),
        ("HMC opened plants in Ohio.", "What did HMC open in Ohio?", None),  # may be short for it
        ("Soichiro Honda opened plants in Ohio.", "What did Soichiro Honda open in Ohio?", None),
        ("Mazda sells cars.", "What did Mazda open in Ohio?", None),  # runs along nothing
        ("", "What did Mazda open?", None),
    ],
)
def test_a_name_of_the_question_that_a_model_put_in_place_of_another_is_found(
    said: str, asked: str, swapped: tuple[str, str] | None
) -> None:
    assert instead(said, [evidence("Honda opened plants in Ohio.")], asked) == swapped
